"""Keras as fast as its own settings make it.

Training: a cached `tf.data` pipeline of batches, and the faster of `jit_compile` on and off with
`steps_per_execution` of 32 and of a whole epoch. Predicting: the fastest of `predict` with large
batches and of compiled calls.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import tensorflow as tf
from cases import Case
from data import Data, frame_of, new_rows
from sides.keras_networks import FreshWeights, features, loss_name, network, predict
from turns import Prepared, many_calls, seconds

MOST_EPOCHS_TRIED = 5
PREDICT_BATCHES = (1_024, 2_048, 4_096, 8_192, 16_384)


def training(case: Case) -> Prepared:
    """Seconds per epoch of `fit` from fresh weights, with the settings that were fastest."""
    rows = case.make()
    data = batches(case, rows)
    model, fresh, note = fastest(case, rows, data)

    def turn() -> tuple[float, float]:
        fresh.put_back()
        spent = seconds(lambda: model.fit(data, epochs=case.epochs, verbose=0))
        return spent / case.epochs, rows.loss(predict(model, rows))

    return Prepared(turn, note)


def anew(case: Case, *, jit_compile: bool | None = None) -> Prepared:
    """Seconds of building, compiling and fitting; None takes the faster of jit on and off."""
    rows = case.make()

    def attempt(*, jit: bool) -> tuple[float, keras.Model]:
        keras.utils.clear_session()
        made: list[keras.Model] = []

        def work() -> None:
            made.append(compiled(case, rows, jit_compile=jit, steps=steps(case, rows)))
            made[0].fit(batches(case, rows), epochs=case.epochs, verbose=0)

        return seconds(work), made[0]

    if jit_compile is None:
        spent_by = {jit: [attempt(jit=jit)[0] for _ in range(2)][1] for jit in (True, False)}
        jit_compile = min(spent_by, key=spent_by.__getitem__)

    def turn() -> tuple[float, float]:
        spent, model = attempt(jit=jit_compile)
        return spent, rows.loss(predict(model, rows))

    return Prepared(turn, f"jit_compile={jit_compile}")


def predicting(case: Case) -> Prepared:
    """Seconds of the fastest way to predict."""
    rows = case.make()
    model = compiled(case, rows, jit_compile=False, steps=1)  # `predict` heeds them too
    model.fit(batches(case, rows), epochs=1, verbose=0)
    new = new_rows(case.n_new, rows.X.shape[1])
    frame = frame_of(new)
    array = frame.to_numpy if case.pandas else lambda: new
    ways = {name: _on(way, array) for name, way in _ways(model).items()}
    tried = {name: min([seconds(way) for _ in range(4)][1:]) for name, way in ways.items()}
    name = min(tried, key=tried.__getitem__)
    return many_calls(ways[name], name)


def batches(case: Case, rows: Data) -> tf.data.Dataset:
    """Rows shuffled once into batches that are kept, and batches shuffled every epoch."""
    data = tf.data.Dataset.from_tensor_slices((features(rows), rows.y))
    data = data.shuffle(len(rows), seed=1, reshuffle_each_iteration=False).batch(case.batch)
    return data.cache().shuffle(steps(case, rows)).prefetch(tf.data.AUTOTUNE)


def steps(case: Case, rows: Data) -> int:
    """Batches of an epoch."""
    return -(-len(rows) // case.batch)


def compiled(case: Case, rows: Data, *, jit_compile: bool, steps: int) -> keras.Model:
    """The case's network with Adam and these settings."""
    model = network(case, rows)
    model.compile("adam", loss_name(rows), jit_compile=jit_compile, steps_per_execution=steps)
    return model


def fastest(
    case: Case, rows: Data, data: tf.data.Dataset
) -> tuple[keras.Model, FreshWeights, str]:
    """The model whose fits were fastest, its fresh weights, and its settings in words."""
    epochs = min(case.epochs, MOST_EPOCHS_TRIED)
    best: tuple[float, Any, Any, str] | None = None
    for jit, size in itertools.product((False, True), sorted({32, steps(case, rows)})):
        words = f"jit_compile={jit}, steps_per_execution={size}"
        model = compiled(case, rows, jit_compile=jit, steps=size)
        fresh = FreshWeights(model)
        try:
            model.fit(data, epochs=1, verbose=0)
        except tf.errors.OpError:
            continue  # XLA does not take every layer: these settings are not to be had
        fit = partial(model.fit, data, epochs=epochs, verbose=0)
        spent = min(seconds(fit) for _ in range(2))
        if best is None or spent < best[0]:
            best = (spent, model, fresh, words)
    if best is None:
        raise RuntimeError(f"Keras trained {case.name!r} with none of the settings tried.")
    return best[1:]


def _ways(model: keras.Model) -> dict[str, Callable[[Any], Any]]:
    """Name → a way to predict for an array."""
    ways: dict[str, Callable[[Any], Any]] = {
        f"predict with batch_size={size}": lambda array, size=size: model.predict(
            array, batch_size=size, verbose=0
        )
        for size in PREDICT_BATCHES
    }
    for jit in (False, True):
        call = tf.function(lambda x: model(x, training=False), jit_compile=jit)
        ways[f"compiled call with jit_compile={jit}"] = lambda array, call=call: call(
            tf.convert_to_tensor(array)
        ).numpy()
    return ways


def _on(way: Callable[[Any], Any], array: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: way(array())
