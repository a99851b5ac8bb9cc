"""Iris with few of one class, and a model that notes what it is trained on after balancing."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras.models import Traits

IRIS, SPECIES = mlj.load_iris()
FEW = range(30, 130)  # 20 setosa, 50 versicolor, 30 virginica
X, Y = IRIS.iloc[list(FEW)], SPECIES.iloc[list(FEW)]
SEEN: list[tuple[Any, ...]] = []  # what Recorder was trained on, in order; tests empty it


class Recorder(mlj.Deterministic):
    """Notes what it is trained on and what it predicts for; predicts the first label."""

    traits: ClassVar[Traits] = Traits(
        prediction_type="deterministic",
        supports_weights=True,
        supports_class_weights=True,
        iteration_parameter="epochs",
    )

    epochs: int = 1
    rng: int | None = 1

    def fit(self, verbosity: int, X: Any, y: Any, *w: Any) -> Any:
        SEEN.append(("fit", X, y, *w))
        return list(y)[0]

    def update(self, verbosity: int, outcome: Any, old_model: Any, *data: Any) -> Any:
        SEEN.append(("update", *data))
        return outcome.fitresult

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        SEEN.append(("predict", Xnew))
        return pd.Categorical([fitresult] * len(Xnew), categories=SPECIES.cat.categories)


def seen() -> list[tuple[Any, ...]]:
    """What Recorder was given since it was asked last."""
    given = list(SEEN)
    SEEN.clear()
    return given


def net(**changes: Any) -> Any:
    given = {"builder": mlj.Linear(), "epochs": 3, "batch_size": 16, "rng": 1}
    return mlj.NeuralNetworkClassifier(**given | changes)


def fitted(model: Any, *data: Any, **options: Any) -> Any:
    return mlj.fit(mlj.machine(model, *data), verbosity=0, **options)


def weights(mach: Any) -> dict[str, list[float]]:
    """All numbers of a network, by name."""
    return {name: each.tolist() for name, each in mlj.snapshot(mach).arrays.items()}


def trained_on(*balancers: Any, data: tuple[Any, ...] = (X, Y)) -> tuple[Any, ...]:
    """What a model is trained on after these balancers."""
    named = {f"b{k}": each for k, each in enumerate(balancers)}
    seen()
    fitted(mlj.BalancedModel(Recorder(), **named), *data)
    return seen()[0][1:]


MIXED = pd.DataFrame(
    {
        "size": X.sepal_length,
        "visits": (10 * X.petal_width).astype(int),
        "big": X.sepal_width > 3,
        "colour": pd.Categorical(
            np.where(X.petal_length > 4, "red", "blue"), ["red", "blue", "x"]
        ),
        "grade": pd.Categorical.from_codes(np.arange(100) % 3, ["c", "b", "a"], ordered=True),
        "flag": pd.Categorical(X.sepal_length > 6, [True, False]),
    }
)


def identity(frame: Any, y: Any) -> tuple[Any, Any]:
    """Balances nothing."""
    return frame, y
