"""What a pipeline adds to the machines that it is made of, called one after another.

`rows` is a part of growth.py.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from report import Row
from turns import many_calls

import mlj_keras as mlj

N_TURNS = 9
MANY = 100_000


def rows() -> list[Row]:
    """predict of one row and of many, by a pipeline and by its parts, in turns."""
    whole, parts = trained()
    found = []
    for n_rows in (1, MANY):
        X = table(n_rows, seed=n_rows)
        np.testing.assert_array_equal(whole(X), parts(X))
        spent = in_turns(lambda X=X: whole(X), lambda X=X: parts(X))  # type: ignore[misc]  # bound now
        name = f"predict of {n_rows:,} row{'s' if n_rows > 1 else ''}"
        found += [
            Row(f"{name}, Standardizer | OneHotEncoder | network", 1e3 * spent[0], "ms"),
            Row(f"{name}, its parts one after another", 1e3 * spent[1], "ms"),
        ]
        if n_rows == 1:
            extra = 1e3 * (spent[0] - spent[1])
            found.append(Row(f"{name}: pipeline less parts", extra, "ms", "< 2", extra < 2))
        else:
            ratio = spent[0] / spent[1]
            found.append(
                Row(f"{name}: pipeline against parts", ratio, "×", "≤ 1.05", ratio <= 1.05)
            )
    return found


def table(n_rows: int, seed: int) -> pd.DataFrame:
    """Ten columns of numbers and two factors."""
    rng = np.random.default_rng(seed)
    numbers = {f"x{j}": rng.normal(size=n_rows) for j in range(10)}
    factors = {
        name: pd.Categorical.from_codes(rng.integers(0, 5, n_rows), list("abcde"))
        for name in ("c", "d")
    }
    return pd.DataFrame({**numbers, **factors})


def trained() -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """predict of a trained pipeline, and that of machines like its parts."""
    X = table(2_000, seed=0)
    y = pd.Series(X["x0"] + (X["c"] == "a"))
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(64, 64)), epochs=2, rng=1)
    pipe = mlj.Standardizer() | mlj.OneHotEncoder() | net
    whole = mlj.fit(mlj.machine(pipe, X, y), verbosity=0)
    scale = mlj.fit(mlj.machine(mlj.Standardizer(), X), verbosity=0)
    hot = mlj.fit(mlj.machine(mlj.OneHotEncoder(), scale.transform()), verbosity=0)
    last = mlj.fit(mlj.machine(net, hot.transform(), y), verbosity=0)
    return whole.predict, lambda X: last.predict(hot.transform(scale.transform(X)))


def in_turns(*calls: Callable[[], Any]) -> list[float]:
    """The median seconds of each call, taken in turns."""
    prepared = [many_calls(call) for call in calls]
    spent: list[list[float]] = [[] for _ in calls]
    for _ in range(N_TURNS):
        for times, each in zip(spent, prepared, strict=True):
            times.append(each.turn()[0])
    return [statistics.median(times) for times in spent]
