"""The same seed gives the same bytes, in one fit or several, in one process or two, and leaves no
global generator changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import mlj_keras as mlj
from tests.batteries.oracles import digest_of, factor, fitted, numbers
from tests.batteries.processes import lines_of

N_ROWS = 13  # three batches of four, and one of a single row
X = numbers(N_ROWS, 3)
Y = numbers(N_ROWS, 1, seed=1)[:, 0]
FRAME = pd.DataFrame({"left": X[:, 0], "kind": factor(N_ROWS, 4), "right": X[:, 1]})
PIXELS = np.random.default_rng(0).uniform(size=(N_ROWS, 5, 5)).astype("float32")

RANDOM = mlj.Short(n_hidden=4)  # dropout 0.5
RANDOM_IMAGES = mlj.ImageCNN(blocks=((2, 1),), dense=(4,), dropout=0.5)


def tabular(container: Any, **given: Any) -> Callable[..., Any]:
    return lambda **more: container(
        **{"builder": RANDOM, "batch_size": 4, "rng": 3, **given, **more}
    )


def of_images(container: Any) -> Callable[..., Any]:
    return lambda **more: container(
        **{"builder": RANDOM_IMAGES, "batch_size": 4, "rng": 3, **more}
    )


CONTAINERS: dict[str, tuple[Callable[..., Any], tuple[Any, Any]]] = {
    "NeuralNetworkRegressor": (tabular(mlj.NeuralNetworkRegressor), (X, Y)),
    "MultitargetNeuralNetworkRegressor": (
        tabular(mlj.MultitargetNeuralNetworkRegressor),
        (X, numbers(N_ROWS, 2, seed=2)),
    ),
    "NeuralNetworkClassifier": (tabular(mlj.NeuralNetworkClassifier), (FRAME, factor(N_ROWS, 3))),
    "NeuralNetworkBinaryClassifier": (
        tabular(mlj.NeuralNetworkBinaryClassifier),
        (X, factor(N_ROWS, 2)),
    ),
    "ImageClassifier": (of_images(mlj.ImageClassifier), (PIXELS, factor(N_ROWS, 3))),
    "ImageRegressor": (of_images(mlj.ImageRegressor), (PIXELS, Y)),
    "EntityEmbedder": (
        lambda **more: mlj.EntityEmbedder(tabular(mlj.NeuralNetworkClassifier)(**more)),
        (FRAME, factor(N_ROWS, 3)),
    ),
}


@pytest.mark.parametrize("name", CONTAINERS)
def test_ten_epochs_are_ten_epochs_in_one_fit_or_several(name: str) -> None:
    make, data = CONTAINERS[name]
    digests = {stages: digest_of(make(), data, stages) for stages in ((10,), (5, 5), (3, 3, 4))}
    assert len(set(digests.values())) == 1, digests
    assert digest_of(make(rng=4), data, (10,)) not in digests.values()


class Normalised(mlj.Builder):
    """Batch normalisation and dropout."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        hidden = keras.layers.BatchNormalization()(keras.layers.Dense(4)(inputs))
        return keras.layers.Dense(n_out)(keras.layers.Dropout(0.5)(hidden))


VARIANTS: dict[str, Callable[[], dict[str, Any]]] = {
    "the graph path": lambda: {"jit_compile": False},
    "moving averages": lambda: {
        "optimiser": mlj.Adam(0.01, use_ema=True, ema_overwrite_frequency=7)
    },
    "batch normalisation and unseeded dropout": lambda: {"builder": Normalised()},
    "a schedule": lambda: {
        "optimiser": mlj.SGD(keras.optimizers.schedules.CosineDecay(0.1, 30), momentum=0.9)
    },
    "a penalty": lambda: {"lambda_": 0.1, "alpha": 0.5},
    "no shuffling": lambda: {"shuffle": False},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_ten_epochs_are_ten_epochs_with(variant: str) -> None:
    make = tabular(mlj.NeuralNetworkRegressor, **VARIANTS[variant]())
    digests = {stages: digest_of(make(), (X, Y), stages) for stages in ((10,), (5, 5), (3, 3, 4))}
    assert len(set(digests.values())) == 1, digests
    assert digest_of(make(rng=4), (X, Y), (10,)) not in digests.values()


def test_dropout_and_the_order_of_rows_come_from_the_seed_and_go_on_from_epoch_to_epoch() -> None:
    make = tabular(mlj.NeuralNetworkRegressor, optimiser=mlj.SGD(1e-30))  # the weights stay
    shuffled = mlj.training_losses(fitted(make(epochs=6), X, Y))
    assert len(set(shuffled)) == 6, "each epoch has masks and an order of its own"
    still = fitted(make(epochs=6, builder=mlj.Short(n_hidden=4, dropout=0.0), shuffle=False), X, Y)
    np.testing.assert_allclose(mlj.training_losses(still), mlj.training_losses(still)[0])


def test_a_machine_without_a_seed_reports_the_one_that_makes_its_bytes_again() -> None:
    make = tabular(mlj.NeuralNetworkRegressor)
    first, second = (fitted(make(rng=None, epochs=2), X, Y) for _ in range(2))
    assert mlj.snapshot(first).digest() != mlj.snapshot(second).digest()
    seed = mlj.report(first).rng
    again = fitted(make(rng=seed, epochs=2), X, Y)
    assert mlj.snapshot(again).digest() == mlj.snapshot(first).digest()


SCRIPT = """
import mlj_keras as mlj
from tests.conformance.test_reproducibility import CONTAINERS, digest_of
for name in ("NeuralNetworkClassifier", "ImageRegressor"):
    make, data = CONTAINERS[name]
    print("digest", name, digest_of(make(), data, (3,)))
"""


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    theirs = dict(line.split()[1:] for line in lines_of(SCRIPT) if line.startswith("digest "))
    assert len(theirs) == 2
    for name, digest in theirs.items():
        make, data = CONTAINERS[name]
        # Other programs have run here before, and Keras' counters of layers differ.
        assert digest_of(make(), data, (3,)) == digest, name


def global_generators() -> dict[str, Any]:
    """The states of every global generator of Python, NumPy, Keras and TensorFlow."""
    from keras.src.random.seed_generator import global_seed_generator
    from tensorflow.python.eager import context

    return {
        # Keras' first: making it, at its first use, draws from Python's.
        "keras": global_seed_generator().state.numpy().tolist(),
        "python": random.getstate(),
        "numpy": str(np.random.get_state(legacy=False)),
        "tensorflow": tf.random.get_global_generator().state.numpy().tolist(),
        "tensorflow seed": context.global_seed(),
    }


@pytest.mark.parametrize("name", CONTAINERS)
def test_fit_and_predict_leave_every_global_generator_as_it_was(name: str) -> None:
    make, data = CONTAINERS[name]
    before = global_generators()
    # A rate of its own structure: the network and the program are made here, too.
    mach = fitted(make(epochs=2, optimiser=mlj.Nadam()), *data)
    (mlj.transform if name == "EntityEmbedder" else mlj.predict)(mach, data[0])
    mlj.fitted_params(mach)
    assert global_generators() == before


def test_the_guard_over_global_generators_sees_a_draw_from_each() -> None:
    draws: dict[str, Callable[[], Any]] = {
        "keras": lambda: keras.random.uniform((1,)),
        "python": random.random,
        "numpy": np.random.random,
        "tensorflow": lambda: tf.random.get_global_generator().uniform((1,)),
    }
    for name, draw in draws.items():
        before = global_generators()
        draw()
        changed = {key for key, state in global_generators().items() if state != before[key]}
        assert changed == {name}
