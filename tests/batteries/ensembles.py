"""Models that note what an ensemble trains them on, and can be cut off at any of its members."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

import mlj_keras as mlj
from mlj_keras.models import FitOutcome, Traits, param
from mlj_keras.models.interface import PartialFit

N_ROWS = 20
X = np.arange(2.0 * N_ROWS).reshape(N_ROWS, 2)  # the first column tells the row: 0, 2, 4, ...
Y = X[:, 0] / 2
IRIS, SPECIES = mlj.load_iris()


class Noted(mlj.Deterministic):
    """Predicts the weighted mean of its target and `bias`. `seen` has, for each training, what was
    done, the rows, the weights and the seed; the `stops_at`-th of them raises `error`."""

    traits: ClassVar[Traits] = Traits(
        prediction_type="deterministic", supports_weights=True, iteration_parameter="epochs"
    )
    seen: ClassVar[list[tuple[str, list[int], Any, Any]]] = []
    stops_at: ClassVar[int] = 0
    error: ClassVar[BaseException] = KeyboardInterrupt("stop")

    epochs: int = param(1, kind=int, ge=0)
    bias: float = param(0.0, kind=float)
    rng: int | None = param(None)

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        return self._learned("fit", 0, X, y, w)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, *w: Any
    ) -> FitOutcome:
        if self.bias != old_model.bias or self.epochs < old_model.epochs:
            return self.fit(verbosity, X, y, *w)
        return self._learned("update", old_model.epochs, X, y, *w)

    def _learned(self, what: str, begun: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        rows = [round(value / 2) for value in np.asarray(X)[:, 0]]
        weights = None if w is None else np.asarray(w).tolist()
        Noted.seen.append((what, rows, weights, self.rng))
        mean = float(np.average(y, weights=w))
        found = FitOutcome(mean + self.bias, "cache", {"epochs": self.epochs, "begun": begun})
        if len(Noted.seen) == Noted.stops_at:
            if isinstance(Noted.error, PartialFit):
                raise PartialFit(found, self, Noted.error.cause)
            raise Noted.error
        return found

    def predict(self, fitresult: float, Xnew: Any) -> np.ndarray:
        return np.full(len(Xnew), fitresult)

    def feature_importances(self, fitresult: float, report: Any) -> Any:
        return [("first", fitresult), ("second", 1.0)]


class OneByOne(Noted):
    """The same, asked whether several train together."""

    def train_together(self, *args: Any) -> None:
        """No."""


class InTurn(mlj.Deterministic):
    """Predicts one of `values`, the next at each training."""

    count: ClassVar[list[int]] = []
    values: tuple[Any, ...] = ()

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        InTurn.count.append(len(X))
        return self.values[(len(InTurn.count) - 1) % len(self.values)]

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        return np.array([fitresult] * len(Xnew))


def seen() -> list[tuple[str, list[int], Any, Any]]:
    """What was trained since it was asked last; nothing is cut off from here on."""
    done = list(Noted.seen)
    Noted.seen.clear()
    Noted.stops_at = 0
    InTurn.count.clear()
    return done


def stop_at(k: int, error: BaseException | None = None) -> None:
    """The k-th training from here on raises the error, by default a KeyboardInterrupt."""
    seen()
    Noted.stops_at = k
    Noted.error = KeyboardInterrupt("stop") if error is None else error


def ensemble(model: Any = None, **changes: Any) -> Any:
    """A small ensemble."""
    given: dict[str, Any] = {"n": 3, "rng": 1}
    return mlj.EnsembleModel(Noted() if model is None else model, **given | changes)


def net(**changes: Any) -> Any:
    """A small classifier of irises."""
    given = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 32, "rng": 1}
    return mlj.NeuralNetworkClassifier(**given | changes)


def tree(**changes: Any) -> Any:
    """A small tree of scikit-learn."""
    return mlj.load("DecisionTreeClassifier", package="scikit-learn")(max_depth=2, **changes)


def fitted(model: Any, *data: Any) -> Any:
    """Its machine, trained."""
    return mlj.fit(mlj.machine(model, *(data or (X, Y))), verbosity=0)


def numbers(mach: Any, Xnew: Any = None) -> np.ndarray:
    """What it predicts, as an array: numbers, or probabilities."""
    found = mlj.predict(mach, Xnew)
    return np.asarray(found.to_numpy() if hasattr(found, "to_numpy") else found)
