"""Our side: `fit` and `predict` of a machine.

Training starts from fresh weights that are put back outside the clock, as on the other sides: a
fit of 0 epochs draws them, and what is timed is the warm restart that follows.
"""

from __future__ import annotations

import itertools
from typing import Any

import keras
import numpy as np
import pandas as pd
from cases import Case, Convolutional, Dense, Recurrent
from data import Data, frame_of, new_rows
from turns import Prepared, many_calls, seconds

import mlj_keras as mlj


def training(case: Case) -> Prepared:
    """Seconds per epoch of a fit from fresh weights; the program is compiled before."""
    rows = case.make()
    mach = bound(case, rows)
    put_back(mach)
    train(mach, case.epochs)

    def turn() -> tuple[float, float]:
        put_back(mach)
        spent = seconds(lambda: train(mach, case.epochs))
        return spent / case.epochs, rows.loss(prediction(mach, case, rows))

    return Prepared(turn, f"path {mlj.report(mach).path}")


def anew(case: Case) -> Prepared:
    """Seconds of a new model and machine, with new weights, and its fit."""
    rows = case.make()
    seeds = itertools.count(1)

    def turn() -> tuple[float, float]:
        made: list[mlj.Machine] = []
        spent = seconds(lambda: made.append(bound(case, rows, next(seeds)).fit(verbosity=0)))
        return spent, rows.loss(prediction(made[0], case, rows))

    return Prepared(turn)


def predicting(case: Case) -> Prepared:
    """Seconds of a prediction for new rows, as the user has them."""
    rows = case.make()
    table, column = (frame_of, pd.Series) if case.pandas else (np.asarray, np.asarray)
    mach = mlj.machine(model(case, rows), table(rows.X), column(rows.y)).fit(verbosity=0)
    new = table(new_rows(case.n_new, rows.X.shape[1]))
    return many_calls(lambda: mach.predict(new))


def put_back(mach: mlj.Machine) -> None:
    """Fresh weights, not trained yet."""
    mach.model.epochs = 0
    mach.fit(verbosity=0, force=True)


def train(mach: mlj.Machine, epochs: int) -> None:
    """Train fresh weights: a warm restart."""
    mach.model.epochs = epochs
    mach.fit(verbosity=0)


def bound(case: Case, rows: Data, rng: int = 1) -> mlj.Machine:
    """A new machine of a new model."""
    return mlj.machine(model(case, rows, rng), features(case, rows), target(rows))


def model(case: Case, rows: Data, rng: int = 1) -> mlj.Model:
    """The container of the case's network, without standardising."""
    shared = {"batch_size": case.batch, "epochs": case.epochs, "optimiser": mlj.Adam(), "rng": rng}
    if isinstance(case.network, Convolutional):
        builder = mlj.builder_from(convolutions, filters=case.network.filters)
        return mlj.ImageClassifier(builder=builder, **shared)
    if isinstance(case.network, Recurrent):
        steps, n_features = rows.X.shape[1:]
        builder = mlj.builder_from(
            lstm, steps=steps, n_features=n_features, units=case.network.units
        )
        return mlj.NeuralNetworkRegressor(builder=builder, standardise=False, **shared)
    assert isinstance(case.network, Dense)
    dims = {f"factor{position}": width for position, width in enumerate(rows.widths)}
    builder = mlj.MLP(hidden=case.network.hidden)
    return mlj.NeuralNetworkRegressor(
        builder=builder, standardise=False, embedding_dims=dims, **shared
    )


def features(case: Case, rows: Data) -> Any:
    """X as a user of ours has it: a frame where there are factors, a matrix for sequences."""
    if rows.levels:
        return rows.frame()
    if isinstance(case.network, Recurrent):
        return rows.X.reshape(len(rows), -1)
    return rows.X


def target(rows: Data) -> Any:
    """y; classes as a categorical column."""
    return pd.Series(pd.Categorical(rows.y)) if rows.classes else rows.y


def prediction(mach: mlj.Machine, case: Case, rows: Data) -> np.ndarray:
    """Numbers (n,) or probabilities (n, K) for the training rows."""
    predicted = mach.predict(features(case, rows))
    return predicted.to_numpy() if rows.classes else np.asarray(predicted)


def lstm(inputs: Any, n_out: int, steps: int, n_features: int, units: int) -> Any:
    """A flat row as a sequence, and an LSTM over it."""
    sequence = keras.layers.Reshape((steps, n_features))(inputs)
    return keras.layers.Dense(n_out)(keras.layers.LSTM(units)(sequence))


def convolutions(inputs: Any, n_out: int, filters: tuple[int, ...]) -> Any:
    """Convolutions with pooling, and the outputs; the container adds the softmax."""
    outputs = inputs
    for n_filters in filters:
        outputs = keras.layers.Conv2D(n_filters, 3, activation="relu")(outputs)
        outputs = keras.layers.MaxPooling2D(2)(outputs)
    return keras.layers.Dense(n_out)(keras.layers.Flatten()(outputs))
