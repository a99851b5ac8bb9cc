"""Each loss against an eager loop of plain Keras with the Keras loss that it should act as.

Rows are weighted, the last batch is smaller than the others, and both paths are trained.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from tests.batteries.oracles import (
    N_ROWS,
    TANH,
    WEIGHTS,
    check_both_paths,
    dense_network,
    factor,
    model_of,
    numbers,
    one_hot,
)


@dataclasses.dataclass(frozen=True)
class LossCase:
    """A loss as users give it to a container, and the Keras loss that it should act as."""

    container: Any
    ours: Any
    theirs: Any
    activation: str
    codes: bool = False


def absolute_to_the_power(y_true: Any, y_pred: Any) -> Any:
    return tf.reduce_mean(tf.abs(y_true - y_pred) ** 1.5, axis=-1)


class AbsoluteToThePower(keras.losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return absolute_to_the_power(y_true, y_pred)


LOSSES = keras.losses
REGRESSOR, CLASSIFIER = mlj.NeuralNetworkRegressor, mlj.NeuralNetworkClassifier
BINARY = mlj.NeuralNetworkBinaryClassifier
SMOOTH = LOSSES.CategoricalCrossentropy(label_smoothing=0.2)

CASES = {
    "mse": LossCase(REGRESSOR, "mse", LOSSES.MeanSquaredError(), "linear"),
    "mae": LossCase(REGRESSOR, "mae", LOSSES.MeanAbsoluteError(), "linear"),
    "huber": LossCase(REGRESSOR, "huber", LOSSES.Huber(), "linear"),
    "Huber object": LossCase(REGRESSOR, LOSSES.Huber(0.3), LOSSES.Huber(0.3), "linear"),
    "another delta": LossCase(REGRESSOR, LOSSES.Huber(0.1), LOSSES.Huber(0.1), "linear"),
    "mape": LossCase(REGRESSOR, "mape", LOSSES.MeanAbsolutePercentageError(), "linear"),
    "log_cosh": LossCase(REGRESSOR, "log_cosh", LOSSES.LogCosh(), "linear"),
    "poisson": LossCase(REGRESSOR, "poisson", LOSSES.Poisson(), "softplus"),
    "function": LossCase(REGRESSOR, absolute_to_the_power, AbsoluteToThePower(), "linear"),
    "own class": LossCase(REGRESSOR, AbsoluteToThePower(), AbsoluteToThePower(), "linear"),
    "categorical_crossentropy": LossCase(
        CLASSIFIER, "categorical_crossentropy", LOSSES.CategoricalCrossentropy(), "softmax"
    ),
    "sparse_categorical_crossentropy": LossCase(
        CLASSIFIER,
        "sparse_categorical_crossentropy",
        LOSSES.SparseCategoricalCrossentropy(),
        "softmax",
        codes=True,
    ),
    "sparse function": LossCase(
        CLASSIFIER,
        LOSSES.sparse_categorical_crossentropy,
        LOSSES.SparseCategoricalCrossentropy(),
        "softmax",
        codes=True,
    ),
    "sparse from logits": LossCase(
        CLASSIFIER,
        LOSSES.SparseCategoricalCrossentropy(from_logits=True),
        LOSSES.SparseCategoricalCrossentropy(from_logits=True),
        "linear",
        codes=True,
    ),
    "label smoothing": LossCase(CLASSIFIER, SMOOTH, SMOOTH, "softmax"),
    "categorical from logits": LossCase(
        CLASSIFIER,
        LOSSES.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        LOSSES.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
        "linear",
    ),
    "categorical_focal_crossentropy": LossCase(
        CLASSIFIER,
        "categorical_focal_crossentropy",
        LOSSES.CategoricalFocalCrossentropy(),
        "softmax",
    ),
    "kl_divergence": LossCase(CLASSIFIER, "kl_divergence", LOSSES.KLDivergence(), "softmax"),
    "categorical_hinge": LossCase(
        CLASSIFIER, "categorical_hinge", LOSSES.CategoricalHinge(), "softmax"
    ),
    "binary_crossentropy": LossCase(
        BINARY, "binary_crossentropy", LOSSES.BinaryCrossentropy(), "sigmoid"
    ),
    "binary from logits": LossCase(
        BINARY,
        LOSSES.BinaryCrossentropy(from_logits=True),
        LOSSES.BinaryCrossentropy(from_logits=True),
        "linear",
    ),
    "binary label smoothing": LossCase(
        BINARY,
        LOSSES.BinaryCrossentropy(label_smoothing=0.1),
        LOSSES.BinaryCrossentropy(label_smoothing=0.1),
        "sigmoid",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_each_loss_trains_as_the_keras_loss_does(name: str) -> None:
    case = CASES[name]
    X = numbers(N_ROWS, 3)
    builder: Any = TANH
    if case.container is mlj.NeuralNetworkRegressor:
        y: Any = np.random.default_rng(1).uniform(1, 2, N_ROWS).astype("float32")
        truth, n_out = y[:, None], 1
        if case.activation == "softplus":
            builder = mlj.builder_from(positive_network)
    elif case.container is mlj.NeuralNetworkClassifier:
        y = factor(N_ROWS, 3)
        truth, n_out = y.cat.codes.to_numpy() if case.codes else one_hot(y), 3
    else:
        y = factor(N_ROWS, 2)
        truth, n_out = y.cat.codes.to_numpy()[:, None].astype("float32"), 1
    rate = 0.001 if name == "mape" else 0.1  # gradients of mape are a hundred times as large
    check_both_paths(
        lambda jit: model_of(
            case.container,
            loss=case.ours,
            builder=builder,
            optimiser=mlj.SGD(rate, momentum=0.9),
            jit_compile=jit,
        ),
        (X, y),
        lambda: dense_network(n_out, case.activation),
        lambda: keras.optimizers.SGD(rate, momentum=0.9),
        case.theirs,
        truth,
        weights=WEIGHTS,
    )


def positive_network(inputs: Any, n_out: int) -> Any:
    hidden = keras.layers.Dense(5, activation="tanh")(inputs)
    return keras.layers.Dense(n_out, activation="softplus")(hidden)
