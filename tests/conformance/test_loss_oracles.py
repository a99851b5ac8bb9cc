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


def _cases() -> dict[str, LossCase]:
    losses = keras.losses
    regressor, classifier = mlj.NeuralNetworkRegressor, mlj.NeuralNetworkClassifier
    binary = mlj.NeuralNetworkBinaryClassifier
    smooth = losses.CategoricalCrossentropy(label_smoothing=0.2)
    return {
        "mse": LossCase(regressor, "mse", losses.MeanSquaredError(), "linear"),
        "mae": LossCase(regressor, "mae", losses.MeanAbsoluteError(), "linear"),
        "huber": LossCase(regressor, "huber", losses.Huber(), "linear"),
        "Huber object": LossCase(regressor, losses.Huber(0.3), losses.Huber(0.3), "linear"),
        "another delta": LossCase(regressor, losses.Huber(0.1), losses.Huber(0.1), "linear"),
        "mape": LossCase(regressor, "mape", losses.MeanAbsolutePercentageError(), "linear"),
        "log_cosh": LossCase(regressor, "log_cosh", losses.LogCosh(), "linear"),
        "poisson": LossCase(regressor, "poisson", losses.Poisson(), "softplus"),
        "function": LossCase(regressor, absolute_to_the_power, AbsoluteToThePower(), "linear"),
        "own class": LossCase(regressor, AbsoluteToThePower(), AbsoluteToThePower(), "linear"),
        "categorical_crossentropy": LossCase(
            classifier, "categorical_crossentropy", losses.CategoricalCrossentropy(), "softmax"
        ),
        "sparse_categorical_crossentropy": LossCase(
            classifier,
            "sparse_categorical_crossentropy",
            losses.SparseCategoricalCrossentropy(),
            "softmax",
            codes=True,
        ),
        "sparse function": LossCase(
            classifier,
            losses.sparse_categorical_crossentropy,
            losses.SparseCategoricalCrossentropy(),
            "softmax",
            codes=True,
        ),
        "sparse from logits": LossCase(
            classifier,
            losses.SparseCategoricalCrossentropy(from_logits=True),
            losses.SparseCategoricalCrossentropy(from_logits=True),
            "linear",
            codes=True,
        ),
        "label smoothing": LossCase(classifier, smooth, smooth, "softmax"),
        "categorical from logits": LossCase(
            classifier,
            losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
            losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1),
            "linear",
        ),
        "categorical_focal_crossentropy": LossCase(
            classifier,
            "categorical_focal_crossentropy",
            losses.CategoricalFocalCrossentropy(),
            "softmax",
        ),
        "kl_divergence": LossCase(classifier, "kl_divergence", losses.KLDivergence(), "softmax"),
        "categorical_hinge": LossCase(
            classifier, "categorical_hinge", losses.CategoricalHinge(), "softmax"
        ),
        "binary_crossentropy": LossCase(
            binary, "binary_crossentropy", losses.BinaryCrossentropy(), "sigmoid"
        ),
        "binary from logits": LossCase(
            binary,
            losses.BinaryCrossentropy(from_logits=True),
            losses.BinaryCrossentropy(from_logits=True),
            "linear",
        ),
        "binary label smoothing": LossCase(
            binary,
            losses.BinaryCrossentropy(label_smoothing=0.1),
            losses.BinaryCrossentropy(label_smoothing=0.1),
            "sigmoid",
        ),
    }


CASES = _cases()


@pytest.mark.parametrize("name", CASES)
def test_each_loss_trains_as_the_keras_loss_does(name: str) -> None:
    case = CASES[name]
    X = numbers(N_ROWS, 3)
    builder = TANH
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
