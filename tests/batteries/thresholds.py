"""A classifier that notes its trainings and is told its probabilities, and data for models with a
threshold."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer

import mlj_keras as mlj
from mlj_keras.models import FitOutcome, Traits
from mlj_keras.models.interface import PartialFit
from tests.batteries.counting import TRAINED

LEVELS = ["no", "yes"]
P = np.array([0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0])
X = P[:, None]
Y = mlj.coerce(
    pd.Series(["no", "no", "yes", "no", "no", "yes", "no", "yes", "yes", "yes"]),
    mlj.OrderedFactor,
    levels=LEVELS,
)


class Scores(mlj.Probabilistic):
    """Its only column is the probability of the positive class; notes each training, and how many
    rows it sees. Each entry of STOPS is an epoch after which Ctrl-C comes, once."""

    traits: ClassVar[Traits] = Traits(
        prediction_type="probabilistic",
        target_scitype=mlj.Vector[mlj.Finite],
        supports_weights=True,
        supports_class_weights=True,
        supports_training_losses=True,
        iteration_parameter="epochs",
    )

    epochs: int = 1
    times: float = 1.0
    gives: str = "a vector"
    rng: int | None = 3

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        return self._learn("fit", 0, y, w)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, *w: Any
    ) -> FitOutcome:
        if self.replace({"epochs": old_model.epochs}) != old_model:
            return self.fit(verbosity, X, y, *w)
        what = "update" if outcome.cache == old_model.epochs else "update without cache"
        return self._learn(what, old_model.epochs, y, *w)

    def _learn(self, what: str, begun: int, y: Any, w: Any = None) -> FitOutcome:
        done = min(self.epochs, STOPS.pop()) if STOPS else self.epochs
        TRAINED.append(f"{what} {done - begun} on {len(y)}")
        learned = {"levels": mlj.levels(y), "epochs": done, "w": w}
        outcome = FitOutcome(learned, done, {"losses": list(range(done)), "epochs": done})
        if done < self.epochs:
            raise PartialFit(outcome, self.replace({"epochs": done}), KeyboardInterrupt("stop"))
        return outcome

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        p = self.times * np.asarray(Xnew)[:, 0]
        negative, positive = fitresult["levels"]
        if self.gives == "labels":
            return np.where(p > 0.5, positive, negative)
        if self.gives == "counts":
            rows = np.column_stack([3 * (1 - p), 3 * p])
            return mlj.UnivariateFinite([negative, positive], rows)
        rows = np.column_stack([p, 1 - p])  # in an order of its own
        vector = mlj.UnivariateFinite([positive, negative], rows)
        return list(vector) if self.gives == "a list" else vector

    def training_losses(self, report: dict[str, Any]) -> Any:
        return report["losses"]


STOPS: list[int] = []


def fitted(model: Any, *data: Any, **options: Any) -> Any:
    return mlj.fit(mlj.machine(model, *(data or (X, Y))), verbosity=-1, **options)


def positive(mach: Any, *new: Any) -> list[bool]:
    return [label == "yes" for label in mlj.predict(mach, *new)]


def cancer(n: int = 150) -> Any:
    """Seven columns of the breast cancer data, standardised, and a target of two classes."""
    bunch = load_breast_cancer(as_frame=True)
    frame = bunch.data.iloc[:n, :7]
    y = mlj.coerce(bunch.target.iloc[:n].map({0: "malignant", 1: "benign"}), mlj.OrderedFactor)
    return (frame - frame.mean()) / frame.std(), mlj.set_levels(y, ["benign", "malignant"])


def net(**changes: Any) -> Any:
    given = {"builder": mlj.MLP(hidden=(4,)), "epochs": 4, "batch_size": 16, "rng": 1}
    return mlj.NeuralNetworkBinaryClassifier(**given | changes)


def logistic() -> Any:
    return mlj.load("LogisticRegression")()
