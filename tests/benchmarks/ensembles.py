"""An ensemble of networks that train together, against as many fits of their own.

`rows` is a part of growth.py.
"""

from __future__ import annotations

import statistics
from typing import Any

import numpy as np
from report import Row
from turns import seconds

import mlj_keras as mlj

N_TURNS = 9
N_MEMBERS = 10


def rows() -> list[Row]:
    """Fits of ten members of MLP 64-64 on 2,000 rows of 10 numbers, in turns, all compiled."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2_000, 10)).astype(np.float32)
    y = X @ rng.normal(size=10) + rng.normal(size=2_000)
    found = []
    for epochs in (10, 50):
        spent: list[list[float]] = [[], []]
        for turn in range(-1, N_TURNS):  # the first compiles
            times = [
                seconds(lambda e=epochs, s=turn: together(X, y, e, s)),  # type: ignore[misc]  # bound now
                seconds(lambda e=epochs, s=turn: separate(X, y, e, s)),  # type: ignore[misc]  # as above
            ]
            for kept, each in zip(spent, times if turn >= 0 else (), strict=turn >= 0):
                kept.append(each)
        name = f"{N_MEMBERS} networks 64-64, {epochs} epochs of 2,000 rows"
        found += [
            Row(f"{name}, an ensemble", statistics.median(spent[0]), "s"),
            Row(f"{name}, as many fits", statistics.median(spent[1]), "s"),
        ]
        ratio = statistics.median(a / b for a, b in zip(*spent, strict=True))
        found.append(Row(f"{name}: ensemble against fits", ratio, "×", "≤ 0.7", ratio <= 0.7))
    return found


def net(epochs: int, seed: int | None = None) -> Any:
    """The network that is trained ten times."""
    return mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(64, 64)), epochs=epochs, rng=seed)


def together(X: np.ndarray, y: np.ndarray, epochs: int, seed: int) -> None:
    """One fit of an ensemble, whose members see all rows, as those of `separate` do."""
    model = mlj.EnsembleModel(net(epochs), n=N_MEMBERS, bagging_fraction=1.0, rng=seed + 1)
    mlj.fit(mlj.machine(model, X, y), verbosity=0)


def separate(X: np.ndarray, y: np.ndarray, epochs: int, seed: int) -> None:
    """Ten fits."""
    for member in range(N_MEMBERS):
        model = net(epochs, N_MEMBERS * (seed + 1) + member)
        mlj.fit(mlj.machine(model, X, y), verbosity=0)
