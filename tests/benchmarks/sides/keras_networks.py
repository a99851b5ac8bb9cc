"""The networks of the cases in Keras, and how a compiled one is put back to fresh weights."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from cases import Case, Convolutional, Dense, Recurrent
from data import Data


def network(case: Case, rows: Data) -> keras.Model:
    """The case's network, not compiled."""
    if isinstance(case.network, Convolutional):
        return _convolutional(case.network, rows)
    if isinstance(case.network, Recurrent):
        layers = [keras.layers.LSTM(case.network.units), keras.layers.Dense(1)]
        return keras.Sequential([keras.Input(rows.X.shape[1:]), *layers])
    assert isinstance(case.network, Dense)
    return _dense(case.network, rows)


def loss_name(rows: Data) -> str:
    """The loss of the case."""
    return "sparse_categorical_crossentropy" if rows.classes else "mean_squared_error"


def features(rows: Data) -> Any:
    """What the network takes: X, or X and the codes of factors."""
    return rows.X if rows.codes is None else (rows.X, rows.codes)


def predict(model: keras.Model, rows: Data) -> np.ndarray:
    """Outputs for the training rows, in large batches."""
    return model.predict(features(rows), batch_size=4_096, verbose=0)


class FreshWeights:
    """The weights of a compiled model and the variables of its optimiser as they are now."""

    def __init__(self, model: keras.Model) -> None:
        model.optimizer.build(model.trainable_variables)
        self.variables = [*model.weights, *model.optimizer.variables]
        self.values = [np.array(variable) for variable in self.variables]

    def put_back(self) -> None:
        """Start again from there, without compiling anew."""
        for variable, value in zip(self.variables, self.values, strict=True):
            variable.assign(value)


def _dense(description: Dense, rows: Data) -> keras.Model:
    numbers = keras.Input((rows.X.shape[1],))
    inputs, outputs = numbers, numbers
    if rows.levels:
        codes = keras.Input((len(rows.levels),), dtype="int32")
        inputs = (numbers, codes)
        pairs = enumerate(zip(rows.levels, rows.widths, strict=True))
        tables = [
            keras.layers.Embedding(n_levels, width, embeddings_initializer="glorot_uniform")(
                codes[:, position]
            )
            for position, (n_levels, width) in pairs
        ]
        outputs = keras.layers.Concatenate()([numbers, *tables])
    for n_units in description.hidden:
        outputs = keras.layers.Dense(n_units, activation="relu")(outputs)
    return keras.Model(inputs, keras.layers.Dense(1)(outputs))


def _convolutional(description: Convolutional, rows: Data) -> keras.Model:
    layers: list[keras.layers.Layer] = []
    for n_filters in description.filters:
        layers.append(keras.layers.Conv2D(n_filters, 3, activation="relu"))
        layers.append(keras.layers.MaxPooling2D(2))
    n_classes = int(rows.y.max()) + 1
    layers += [keras.layers.Flatten(), keras.layers.Dense(n_classes, activation="softmax")]
    return keras.Sequential([keras.Input(rows.X.shape[1:]), *layers])
