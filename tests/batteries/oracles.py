"""Independent answers to compare training with: an eager loop in plain Keras, and small data.

Knows the public face and Keras; of the engine only how to get at one of its programs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.builders.entity_embedding import TabularInputs
from mlj_keras.engine.distribution import Place
from mlj_keras.engine.program import NetworkSpec, Program, ProgramSpec, network_for, program_for


def numbers(n_rows: int, n_columns: int, seed: int = 0) -> np.ndarray:
    """Standard normal float32 numbers (n_rows, n_columns)."""
    return np.random.default_rng(seed).normal(size=(n_rows, n_columns)).astype("float32")


def factor(n_rows: int, n_levels: int = 3, seed: int = 0) -> pd.Series:
    """A column of Multiclass in which every one of the first levels of "abc..." occurs."""
    codes: Any = np.arange(n_rows) % n_levels
    np.random.default_rng(seed).shuffle(codes)
    return pd.Series(
        pd.Categorical.from_codes(codes, pd.Index([*"abcdefgh"[:n_levels]])), name="kind"
    )


def one_hot(column: pd.Series) -> np.ndarray:
    """The codes of a column as rows of zeros and a one, float32 (n_rows, n_levels)."""
    return np.eye(len(column.cat.categories), dtype="float32")[column.cat.codes.to_numpy()]


CPU = Place("/CPU:0")
TANH = mlj.MLP(hidden=(5,), activation="tanh")
N_ROWS, BATCH_SIZE, EPOCHS = 11, 4, 3
WEIGHTS = np.linspace(0.0, 2.5, N_ROWS).astype("float32")
PATHS = (True, False)  # jit_compile
X11, Y11 = numbers(11, 3), numbers(11, 1, seed=1)[:, 0]  # two batches of four, and one of three


def regressor(**given: Any) -> Any:
    """A small regressor in which nothing is random but its first weights."""
    return model_of(mlj.NeuralNetworkRegressor, **given)


def fitted(model: Any, *data: Any) -> mlj.Machine:
    """A machine of these data, trained in silence."""
    return mlj.fit(mlj.machine(model, *data), verbosity=0)


def train_eagerly(
    forward: Callable[..., Any],
    variables: Sequence[Any],
    optimizer: Any,
    loss: Callable[..., Any],
    inputs: Sequence[np.ndarray],
    y: np.ndarray,
    *,
    epochs: int,
    batch_size: int,
    weights: np.ndarray | None = None,
    penalty: Callable[[Sequence[Any]], Any] | None = None,
) -> list[float]:
    """Train in the order of the rows, one true batch after another, and keep the epochs' losses.

    Args: forward: inputs of a batch → outputs · variables: Keras variables, changed in place ·
        loss: a Keras loss object, (y, outputs, sample_weight) → the mean over the rows of the
        batch · penalty: variables → what a whole epoch adds to the objective.
    Returns: the unweighted mean of the batch losses of each epoch.
    """
    starts = range(0, len(y), batch_size)
    history = []
    for _ in range(epochs):
        losses = []
        for first in starts:
            rows = slice(first, first + batch_size)
            factors = None if weights is None else weights[rows]
            with tf.GradientTape() as tape:
                value = loss(y[rows], forward(*(part[rows] for part in inputs)), factors)
                objective = value
                if penalty is not None:
                    objective = value + penalty(variables) / len(starts)
            gradients = tape.gradient(objective, [variable.value for variable in variables])
            optimizer.apply(gradients, variables)
            losses.append(float(value))
        history.append(float(np.mean(losses)))
    return history


def train_from_the_start(
    model: Any, X: Any, y: Any, w: Any = None, *, epochs: int = 3
) -> tuple[mlj.Machine, list[np.ndarray]]:
    """A machine trained for `epochs`, and the weights that its Keras network had before."""
    data = (X, y) if w is None else (X, y, w)
    model.epochs = 0
    mach = mlj.fit(mlj.machine(model, *data), verbosity=0)
    start = weights_of(mach)
    model.epochs = epochs
    return mlj.fit(mach, verbosity=0), start


def weights_of(mach: mlj.Machine) -> list[np.ndarray]:
    """The weights of the Keras network of a machine, in Keras' order."""
    weights: list[np.ndarray] = mlj.fitted_params(mach).network.get_weights()
    return weights


def digest_of(model: Any, data: Sequence[Any], stages: Sequence[int]) -> str:
    """The digest of a fresh machine after fits with the epochs raised by each of `stages`."""
    total = 0
    path = "model.epochs" if isinstance(model, mlj.EntityEmbedder) else "epochs"
    mach = mlj.machine(model, *data)
    for stage in stages:
        total += stage
        model.set(path, total)
        mlj.fit(mach, verbosity=0)
    digest: str = mlj.snapshot(mach).digest()
    return digest


def assert_close(ours: Sequence[Any], theirs: Sequence[Any], tolerance: float = 1e-5) -> None:
    """Two lists of arrays have the same shapes, and values that differ by less than this."""
    assert [np.shape(array) for array in ours] == [np.shape(array) for array in theirs]
    for position, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        np.testing.assert_allclose(
            one, other, rtol=0, atol=tolerance, err_msg=f"array {position} differs"
        )


def dense_network(n_out: int, activation: str = "linear") -> Any:
    """Three inputs, five tanh units, and the outputs: the Keras network of TANH."""
    return keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(5, activation="tanh"),
            keras.layers.Dense(n_out, activation=activation),
        ]
    )


def model_of(container: Any, **given: Any) -> Any:
    """A container with settings that leave nothing to chance but the first weights."""
    settings = {
        "builder": TANH,
        "optimiser": mlj.SGD(0.1, momentum=0.9),
        "batch_size": BATCH_SIZE,
        "rng": 3,
        "shuffle": False,
        **given,
    }
    if not issubclass(container, mlj.ImageClassifier):
        settings["standardise"] = False
    return container(**settings)


def check_both_paths(
    make_model: Callable[[bool], Any],
    data: tuple[Any, Any],
    network: Callable[[], Any],
    optimizer: Callable[[], Any],
    loss: Any,
    truth: np.ndarray,
    *,
    weights: np.ndarray | None = None,
) -> None:
    """Train ours on each path; compare weights and losses with the oracle's, and each other's."""
    results = []
    for jit_compile in PATHS:
        mach, start = train_from_the_start(make_model(jit_compile), *data, weights, epochs=EPOCHS)
        theirs = network()
        theirs.set_weights(start)
        history = train_eagerly(
            lambda *inputs, net=theirs: net(*inputs, training=True),
            theirs.trainable_variables,
            optimizer(),
            loss,
            (np.asarray(data[0], dtype="float32"),),
            truth,
            epochs=EPOCHS,
            batch_size=BATCH_SIZE,
            weights=weights,
        )
        assert mlj.report(mach).path == ("xla" if jit_compile else "graph")
        assert_close(weights_of(mach), theirs.get_weights())
        assert_close(mlj.training_losses(mach), history)
        moved = max(np.abs(w - s).max() for w, s in zip(weights_of(mach), start, strict=True))
        assert moved > 1e-3, "a loop that trains nothing would agree, too"
        results.append(weights_of(mach))
    assert_close(results[0], results[1])


def program_of(
    builder: Any = TANH,
    *,
    n_in: int = 3,
    n_out: int = 1,
    loss: Any = "mse",
    kind: Any = "numbers",
    finaliser: Any = None,
    optimiser: Any = None,
    batch_size: int = BATCH_SIZE,
    penalised: bool = False,
    jit_compile: Any = True,
    precision: str = "float32",
) -> Program:
    """The engine's program of a network of numbers, without a model or a machine."""
    spec = NetworkSpec(builder, TabularInputs((None,) * n_in), n_out, finaliser, CPU, precision)
    optimiser = mlj.SGD(0.1, momentum=0.9) if optimiser is None else optimiser
    wanted = ProgramSpec(loss, kind, optimiser, batch_size, penalised, jit_compile)
    return program_for(network_for(spec), wanted)
