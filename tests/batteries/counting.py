"""Models that note each training, so that what is retrained can be counted."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import mlj_keras as mlj
from mlj_keras.models import FitOutcome, Traits
from mlj_keras.models.interface import PartialFit

TRAINED: list[str] = []  # what was done, in order; tests empty it


def trained() -> list[str]:
    """What was done since it was asked last."""
    done = list(TRAINED)
    TRAINED.clear()
    return done


class Shift(mlj.Unsupervised):
    """Subtracts the mean of all numbers, and `by`."""

    by: float = 0.0
    name: str = "shift"

    def fit(self, verbosity: int, X: Any) -> float:
        TRAINED.append(f"fit {self.name}")
        return float(np.mean(X))

    def update(self, verbosity: int, outcome: Any, old_model: Any, X: Any, *y: Any) -> float:
        TRAINED.append(f"update {self.name}")
        return float(np.mean(X))

    def transform(self, fitresult: float, Xnew: Any) -> np.ndarray:
        return np.asarray(Xnew) - fitresult - self.by

    def inverse_transform(self, fitresult: float, Xnew: Any) -> np.ndarray:
        return np.asarray(Xnew) + fitresult + self.by


class Mean(mlj.Deterministic):
    """Predicts the weighted mean of the target and the mean of the rows it was trained on; trains
    onward when epochs are raised."""

    traits: ClassVar[Traits] = Traits(
        prediction_type="deterministic",
        supports_weights=True,
        supports_training_losses=True,
        iteration_parameter="epochs",
    )

    epochs: int = 1
    bias: float = 0.0
    stops_at: int = -1  # an epoch at which training is interrupted
    name: str = "mean"

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        TRAINED.append(f"fit {self.name} {self.epochs}")
        return self._learn(0, X, y, w)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, *w: Any
    ) -> FitOutcome:
        if self.replace({"epochs": old_model.epochs, "stops_at": -1}) != old_model.replace(
            {"stops_at": -1}
        ):
            return self.fit(verbosity, X, y, *w)
        TRAINED.append(f"update {self.name} {self.epochs - old_model.epochs}")
        return self._learn(old_model.epochs, X, y, *w)

    def _learn(self, begun: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        mean = float(np.average(y, weights=w)) + self.bias
        found = {"mean": mean, "level": float(np.mean(X))}
        done = min(self.epochs, self.stops_at) if self.stops_at >= 0 else self.epochs
        outcome = FitOutcome(found, np.asarray(X), {"epochs": done, "losses": list(range(done))})
        if begun <= self.stops_at < self.epochs:
            raise PartialFit(outcome, self.replace({"epochs": done}), KeyboardInterrupt("stop"))
        return outcome

    def training_losses(self, report: dict[str, Any]) -> Any:
        return report["losses"]

    def predict(self, fitresult: dict[str, float], Xnew: Any) -> np.ndarray:
        return np.asarray(Xnew).mean(axis=1) - fitresult["level"] + fitresult["mean"]


X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 9.0], [0.0, 8.0]])
Y = np.array([1.0, 2.0, 3.0, 6.0])
