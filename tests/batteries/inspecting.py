"""Small tables, and machines whose predictions are known, that inspection is tried on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

import mlj_keras as mlj

N = 60
RNG = np.random.default_rng(8)
MATRIX = RNG.normal(size=(N, 3))
FRAME = pd.DataFrame(MATRIX, columns=["a", "b", "c"], index=range(100, 100 + N))
NUMBERS = pd.Series(np.sin(2 * MATRIX[:, 0]) + MATRIX[:, 1] ** 2, FRAME.index, name="price")
MIXED = FRAME.assign(
    visits=np.arange(N) % 7,
    paid=np.arange(N) % 3 == 0,
    colour=pd.Categorical(["red", "green"] * (N // 2), categories=["red", "green", "blue"]),
    grade=pd.Categorical(
        ["low", "high", "mid"] * (N // 3), categories=["low", "mid", "high"], ordered=True
    ),
    word=["x", "y"] * (N // 2),
)
CLASSES = pd.Series(
    pd.Categorical.from_codes(np.digitize(MATRIX[:, 0], [-0.5, 0.5]), ["no", "maybe", "yes"]),
    FRAME.index,
)
TWO = pd.Series(pd.Categorical(np.where(MATRIX[:, 0] > 0, "in", "out")), FRAME.index)
LinearRegression = mlj.load("LinearRegression", package="scikit-learn")


def trained(model: Any, X: Any = FRAME, y: Any = NUMBERS) -> Any:
    """A trained machine."""
    return mlj.machine(model, X, y, scitype_check_level=0).fit(verbosity=0)


def forest(kind: str) -> Any:
    """A small forest of scikit-learn."""
    name = f"RandomForest{kind}"
    return mlj.load(name, package="scikit-learn")(n_estimators=10, random_state=0)


class Sums(mlj.Deterministic):
    """Predicts a function of the user's own table."""

    rule: Any = None

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        """Nothing to learn; what is asked is noted."""
        return []

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        """What the rule says of the table."""
        fitresult.append(Xnew)
        return type(self).rule(Xnew)


class OfA(Sums):
    """Three times a."""

    rule = staticmethod(lambda X: 3 * np.asarray(X["a"]))


class Visited(Sums):
    """Visits, and ten for the colour green."""

    rule = staticmethod(
        lambda X: np.asarray(X["visits"], float) + 10.0 * (np.asarray(X["colour"]) == "green")
    )
