"""Models of stacks that note their trainings, and what a metalearner is to be given, by hand."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras.models import FitOutcome, Traits
from tests.batteries.counting import TRAINED, Mean

IRIS, SPECIES = mlj.load_iris()
TEN = [0, 50, 100, 1, 51, 101, 2, 52, 102, 3]
X10 = IRIS.iloc[TEN].reset_index(drop=True)
Y10 = SPECIES.iloc[TEN].reset_index(drop=True)
LEVELS = ("setosa", "versicolor", "virginica")
W10 = np.arange(1.0, 11.0)


class Shares(mlj.Probabilistic):
    """The probability of a class is the larger the nearer its rows were, and the more weight they
    had; trains onward when epochs are raised."""

    traits: ClassVar[Traits] = Traits(
        prediction_type="probabilistic",
        target_scitype=mlj.Vector[mlj.Finite],
        supports_weights=True,
        supports_training_losses=True,
        iteration_parameter="epochs",
    )

    name: str = "shares"
    width: float = 1.0
    epochs: int = 1

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        TRAINED.append(f"fit {self.name} on {len(y)}")
        return self._learn(X, y, w)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, *w: Any
    ) -> FitOutcome:
        if self.replace({"epochs": old_model.epochs}) != old_model:
            return self.fit(verbosity, X, y, *w)
        TRAINED.append(f"update {self.name} {self.epochs - old_model.epochs} on {len(y)}")
        return self._learn(X, y, *w)

    def _learn(self, X: Any, y: Any, w: Any = None) -> FitOutcome:
        learned = {"levels": mlj.levels(y), "X": np.asarray(X), "y": np.asarray(y), "w": w}
        report = {"epochs": self.epochs, "losses": list(range(self.epochs))}
        return FitOutcome(learned, None, report)

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        X, y, w = fitresult["X"], fitresult["y"], fitresult["w"]
        given = (X, y, np.asarray(Xnew), self.width * self.epochs, fitresult["levels"], w)
        return mlj.UnivariateFinite(list(fitresult["levels"]), shares(*given))

    def training_losses(self, report: dict[str, Any]) -> Any:
        return report["losses"]


def shares(
    X: np.ndarray, y: np.ndarray, Xnew: np.ndarray, width: float, levels: Any, w: Any = None
) -> np.ndarray:
    """The probabilities that Shares predicts, row by row and class by class."""
    weights = np.ones(len(y)) if w is None else np.asarray(w)
    rows = []
    for new in Xnew:
        near = weights * np.exp(-np.sum((X - new) ** 2, axis=1) / width)
        by_class = [1e-3 + near[y == level].sum() for level in levels]
        rows.append(np.array(by_class) / sum(by_class))
    return np.array(rows)


class Judge(Shares):
    """A metalearner that keeps what it was given."""

    name: str = "judge"


class Umpire(Mean):
    """As Judge, of numbers."""

    name: str = "umpire"

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        outcome = super().fit(verbosity, X, y, w)
        given = {"X": np.asarray(X), "y": np.asarray(y), "w": w}
        return FitOutcome({**outcome.fitresult, **given}, outcome.cache, outcome.report)


def given(mach: Any) -> dict[str, Any]:
    """What the metalearner of a stack learned from: X, y, w."""
    return dict(mlj.fitted_params(mach).metalearner.fitresult)


def classes(**changes: Any) -> mlj.Stack:
    """A stack of two counting classifiers."""
    given = {
        "metalearner": Judge(),
        "resampling": mlj.CV(nfolds=2),
        "a": Shares(name="a"),
        "b": Shares(name="b", width=3.0),
    }
    return mlj.Stack(**given | changes)


def numbers(**changes: Any) -> mlj.Stack:
    """A stack of two counting regressors."""
    given = {
        "metalearner": Umpire(),
        "resampling": mlj.CV(nfolds=2),
        "a": Mean(name="a"),
        "b": Mean(name="b", bias=1.0),
    }
    return mlj.Stack(**given | changes)


def fitted(model: Any, *data: Any, **options: Any) -> Any:
    return mlj.fit(mlj.machine(model, *data), verbosity=0, **options)


def learner(name: str, **hyper: Any) -> Any:
    """A model of scikit-learn."""
    return mlj.load(name, package="scikit-learn")(**hyper)


def mixed(n: int = 90) -> tuple[pd.DataFrame, pd.Series]:
    """Rows of iris in an order of their own, so that blocks of rows hold all classes."""
    rows = np.random.default_rng(0).permutation(150)[:n]
    return IRIS.iloc[rows], SPECIES.iloc[rows]


def diabetes(n: int = 120) -> tuple[pd.DataFrame, pd.Series]:
    """Rows of diabetes, without its factor."""
    X, y = mlj.load_diabetes()
    return X.drop(columns="sex").head(n), y.head(n)


def net(**changes: Any) -> Any:
    """A classifier of four units."""
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 16, "rng": 1}
    return mlj.NeuralNetworkClassifier(**values | changes)


def stack(**changes: Any) -> mlj.Stack:
    """A network and a model of scikit-learn, and one more to judge."""
    values = {
        "net": net(),
        "bayes": learner("GaussianNB"),
        "metalearner": learner("LogisticRegression", random_state=1),
        "resampling": mlj.CV(nfolds=2),
    }
    return mlj.Stack(**values | changes)


def predicted(mach: Any, data: Any = IRIS) -> np.ndarray:
    """The probabilities that a machine predicts."""
    return np.asarray(mlj.predict(mach, data).to_numpy())
