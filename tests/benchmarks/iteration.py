"""What iteration under five controls adds to training the same epochs at once.

`rows` is a part of growth.py.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
from report import Row

import mlj_keras as mlj

N_TURNS = 7
N_EPOCHS = 100
N_ROWS = 2_000


def rows() -> list[Row]:
    """100 iterations with five controls against a plain fit of 100 epochs on the same rows, in
    turns; the loss is taken on the 600 rows that are held out."""
    rng = np.random.default_rng(0)
    X = rng.normal(size=(N_ROWS, 10)).astype("float32")
    y = X @ rng.normal(size=10)
    net = mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=(64, 64)), batch_size=32, epochs=N_EPOCHS, rng=1
    )
    n_train = round(0.7 * N_ROWS)
    criteria = [mlj.Patience(999), mlj.GL(1e9), mlj.PQ(1e9), mlj.InvalidValue()]
    iterated = mlj.IteratedModel(
        net,
        controls=[mlj.Step(1), *criteria, mlj.NumberLimit(N_EPOCHS)],
        resampling=[(range(n_train), range(n_train, N_ROWS))],
        measure=mlj.rms,
    )
    spent: dict[str, list[float]] = {"plain": [], "iterated": []}
    for turn in range(N_TURNS + 1):
        for name, model, n in (("plain", net, n_train), ("iterated", iterated, N_ROWS)):
            seconds = seconds_of(model, X[:n], y[:n])
            if turn:  # the first compiles
                spent[name].append(seconds)
    plain, more = (statistics.median(times) for times in spent.values())
    extra = more - plain
    return [
        Row(f"fit of {N_EPOCHS} epochs, 64-64 on {n_train:,}×10", plain, "s"),
        Row(f"{N_EPOCHS} iterations with 5 controls and a held-out loss", more, "s"),
        Row("iterated less plain", extra, "s", "< 0.2", extra < 0.2),
    ]


def seconds_of(model: Any, X: Any, y: Any) -> float:
    """How long a fit from the start takes."""
    mach = mlj.machine(model, X, y)
    began = time.perf_counter()
    mlj.fit(mach, verbosity=0)
    return time.perf_counter() - began
