"""A model that notes on which columns it is trained, and says how important they are, and data for
models that choose features."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras.models import FitOutcome, Traits
from mlj_keras.models.interface import PartialFit
from tests.batteries.counting import TRAINED

RNG = np.random.default_rng(5)
NAMES = list("abcdefghij")
X = pd.DataFrame(RNG.normal(size=(12, 10)), columns=NAMES)
Y = pd.Series(RNG.normal(size=12))
ORDER = "jbhdfcegai"  # from the most to the least important


class Ranked(mlj.Deterministic):
    """Predicts the weighted mean of the target plus the sum of the columns; the importance of a
    column is its place in `order`, from the end, and negative for every second. Notes on which
    columns it is trained."""

    traits: ClassVar[Traits] = Traits(
        prediction_type="deterministic",
        supports_weights=True,
        supports_training_losses=True,
        reports_feature_importances=True,
        iteration_parameter="epochs",
    )

    order: str = ORDER
    epochs: int = 1
    stops: bool = False

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        names = list(mlj.schema(X).names)
        TRAINED.append("".join(names))
        outcome = FitOutcome(float(np.average(y, weights=w)), None, {"names": names})
        if self.stops:
            raise PartialFit(outcome, self, KeyboardInterrupt("stop"))
        return outcome

    def predict(self, fitresult: float, Xnew: Any) -> np.ndarray:
        return fitresult + np.asarray(Xnew).sum(axis=1)

    def feature_importances(self, fitresult: Any, report: dict[str, Any]) -> Any:
        places = {name: len(self.order) - i for i, name in enumerate(self.order)}
        names = reversed(report["names"])
        return [(n, places[n] * (-1) ** places[n]) for n in names if n in places]

    def training_losses(self, report: dict[str, Any]) -> Any:
        return [len(report["names"])]


class Silent(Ranked):
    """Reports no importances."""

    traits: ClassVar[Traits] = Traits(prediction_type="deterministic")


class Deaf(Ranked):
    """Says that it reports importances, and gives what it is told."""

    gives: Any = None

    def feature_importances(self, fitresult: Any, report: dict[str, Any]) -> Any:
        return self.gives


def eliminating(model: Any = None, **given: Any) -> Any:
    return mlj.RecursiveFeatureElimination(Ranked() if model is None else model, **given)


def fitted(model: Any, *data: Any, **options: Any) -> Any:
    return mlj.fit(mlj.machine(model, *(data or (X, Y))), verbosity=-1, **options)


def diabetes() -> Any:
    frame, y = mlj.load_diabetes()
    frame = frame.drop(columns="sex").iloc[:120]
    return (frame - frame.mean()) / frame.std(), y.iloc[:120]


def linear() -> Any:
    return mlj.load("LinearRegression")()


def shuffled(mach: Any) -> list[tuple[str, float]]:
    """How much the error grows when a column is turned round."""
    X, y = (source() for source in mach.args)
    own = mlj.rms(mlj.predict(mach, X), y)
    found = []
    for j, name in enumerate(mlj.schema(X).names):
        new = X.copy()
        if isinstance(X, np.ndarray):
            new[:, j] = new[::-1, j]
        else:
            new[name] = new[name].to_numpy()[::-1]
        found.append((name, float(mlj.rms(mlj.predict(mach, new), y) - own)))
    return found
