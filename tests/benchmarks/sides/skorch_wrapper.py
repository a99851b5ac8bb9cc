"""skorch: PyTorch behind scikit-learn's interface."""

from __future__ import annotations

from typing import Any

import torch
from cases import Case
from data import Data, frame_of, new_rows
from sides.torch_networks import network
from skorch import NeuralNetRegressor
from turns import Prepared, many_calls, seconds


def training(case: Case) -> Prepared:
    """Seconds per epoch from fresh weights."""
    rows = case.make()
    y = rows.y[:, None]
    net = regressor(case, rows, epochs=case.epochs)
    net.fit(rows.X, y)

    def turn() -> tuple[float, float]:
        net.initialize()  # fresh weights
        spent = seconds(lambda: net.partial_fit(rows.X, y))
        return spent / case.epochs, rows.loss(net.predict(rows.X))

    return Prepared(turn)


def predicting(case: Case) -> Prepared:
    """Seconds of `predict`."""
    rows = case.make()
    net = regressor(case, rows, epochs=1).fit(rows.X, rows.y[:, None])
    new = new_rows(case.n_new, rows.X.shape[1])
    if case.pandas:
        frame = frame_of(new)
        return many_calls(lambda: net.predict(frame.to_numpy()))
    return many_calls(lambda: net.predict(new))


def regressor(case: Case, rows: Data, *, epochs: int) -> Any:
    """The case's network with Adam, without a validation split."""
    return NeuralNetRegressor(
        lambda: network(case, rows),
        max_epochs=epochs,
        batch_size=case.batch,
        lr=1e-3,
        optimizer=torch.optim.Adam,
        train_split=None,
        verbose=0,
        iterator_train__shuffle=True,
    )
