"""A machine of every kind of model of the package, with its data, and how it is trained on; and
what a process that loads them from files finds.

Knows machines by their public functions.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras.errors import UnsupportedOperation

OPERATIONS = ("predict", "predict_mode", "transform")
TRUSTED = ("tests.batteries.saving:Scaled", "tests.batteries.saving:Wide")


class Scaled(mlj.NetworkComposite, mlj.Deterministic):
    """A learning network that was made a model."""

    scaler: mlj.Standardizer = mlj.param(factory=mlj.Standardizer)
    model: mlj.Model = mlj.param(positional=True)

    def prefit(self, verbosity: int, Xs: Any, ys: Any) -> Mapping[str, Any]:
        """A scaled model."""
        scaler = mlj.machine(self.scaler, Xs)
        Z = mlj.transform(scaler, Xs)
        return {"predict": mlj.predict(mlj.machine(self.model, Z, ys), Z)}


class Wide(mlj.Builder):
    """A builder of the user's own."""

    n1: int = 5

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """One hidden layer."""
        import keras

        return keras.layers.Dense(n_out)(keras.layers.Dense(self.n1, activation="tanh")(inputs))


@dataclasses.dataclass(frozen=True)
class Case:
    """A model, its data, and hyper-parameters that make it train on."""

    model: Any
    data: tuple[Any, ...]
    changes: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    trusted: tuple[str, ...] = ()


def iris() -> tuple[pd.DataFrame, pd.Series]:
    """60 rows of iris, all classes."""
    X, y = mlj.load_iris()
    rows = np.arange(0, 150, 3)
    return X.iloc[rows].reset_index(drop=True), y.iloc[rows].reset_index(drop=True)


X, Y = iris()
NUMBER = X["petal_width"] + X["sepal_length"] / 10
TWO = pd.Series(pd.Categorical(np.where(Y == "setosa", "yes", "no")), name="two")
FACTORS = X.assign(shape=pd.Categorical(np.where(X["sepal_width"] > 3, "wide", "narrow")))
GONE = FACTORS.assign(sepal_length=X["sepal_length"].where(X["sepal_length"] > 5))
LABELS = pd.DataFrame({"c": pd.Categorical(["a", None, "b"] * 5)})
IMAGES = np.random.default_rng(0).integers(0, 255, size=(24, 6, 6), dtype=np.uint8)
KINDS = pd.Series(pd.Categorical(["a", "b", "c"] * 8))
TIMES = pd.Series(pd.date_range("2020", periods=9))


def net(**changes: Any) -> Any:
    """A classifier with dropout."""
    values = {"builder": mlj.Short(n_hidden=4, dropout=0.2), "epochs": 2, "batch_size": 16}
    return mlj.NeuralNetworkClassifier(**{**values, "rng": 1, **changes})


def regressor(**changes: Any) -> Any:
    """A regressor of four units."""
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 2, "batch_size": 16, "rng": 1}
    return mlj.NeuralNetworkRegressor(**{**values, **changes})


def imager(kind: Any) -> Any:
    """A network of images with one convolution."""
    return kind(builder=mlj.ImageCNN(blocks=((2, 1),), dense=()), epochs=1, batch_size=8, rng=1)


def tuned() -> Case:
    """A search whose seed is drawn, so that it can only be gone on with."""
    model = net()
    space = [mlj.param_range(model, "optimiser.learning_rate", lower=1e-3, upper=1e-1)]
    search = mlj.TunedModel(
        model,
        ranges=space,
        tuning=mlj.RandomSearch(),
        n=2,
        resampling=mlj.Holdout(rng=1),
        measure=mlj.log_loss,
    )
    return Case(search, (X, Y), {"n": 4})


def iterated(model: Any, data: tuple[Any, ...]) -> Case:
    """An iterated model whose rows are held out at random."""
    controls = (mlj.Step(1), mlj.Patience(9), mlj.NumberLimit(2))
    more = (*controls[:2], mlj.NumberLimit(3))
    return Case(mlj.IteratedModel(model, controls=controls), data, {"controls": more})


def balanced() -> Case:
    """Rows of the smaller class are drawn more often."""
    from imblearn.over_sampling import RandomOverSampler

    model = mlj.BalancedModel(regressor_of_two(), over=RandomOverSampler(random_state=1))
    return Case(model, (X, TWO), {"model.epochs": 4})


def regressor_of_two() -> Any:
    """A classifier of two classes."""
    return mlj.NeuralNetworkBinaryClassifier(epochs=2, batch_size=16, rng=1)


def stack() -> Case:
    """Two networks under a third."""
    model = mlj.Stack(
        metalearner=net(), resampling=mlj.CV(nfolds=2, rng=1), one=net(), other=net(rng=2)
    )
    return Case(model, (X, Y), {"metalearner.epochs": 4})


def forest(n: int = 4) -> Any:
    """A forest of scikit-learn that can grow."""
    return mlj.load("RandomForestClassifier")(n_estimators=n, random_state=1, warm_start=True)


MORE = {"epochs": 4}

# The first word is the class; what follows tells cases of one class apart.
CASES: dict[str, Callable[[], Case]] = {
    "BalancedModel": balanced,
    "BinaryThresholdPredictor": lambda: Case(
        mlj.BinaryThresholdPredictor(regressor_of_two(), threshold="auto"),
        (X, TWO),
        {"model.epochs": 4},
    ),
    "CardinalityReducer": lambda: Case(mlj.CardinalityReducer(min_frequency=30), (FACTORS,)),
    "ContinuousEncoder": lambda: Case(mlj.ContinuousEncoder(), (FACTORS,)),
    "ContrastEncoder": lambda: Case(mlj.ContrastEncoder(), (FACTORS,)),
    "EnsembleModel": lambda: Case(mlj.EnsembleModel(net(), n=2, rng=1), (X, Y), {"n": 4}),
    "EnsembleModel of trees": lambda: Case(
        mlj.EnsembleModel(mlj.load("DecisionTreeClassifier")(), n=3, rng=1), (X, Y), {"n": 4}
    ),
    "EntityEmbedder": lambda: Case(
        mlj.EntityEmbedder(regressor()), (FACTORS, NUMBER), {"model.epochs": 4}
    ),
    "FeatureSelector": lambda: Case(mlj.FeatureSelector(features=["shape"]), (FACTORS,)),
    "FillImputer": lambda: Case(mlj.FillImputer(), (GONE,)),
    "Freezable": lambda: Case(mlj.Freezable(net()), (X, Y), {"model.epochs": 4}),
    "FrequencyEncoder": lambda: Case(mlj.FrequencyEncoder(), (FACTORS,)),
    "ImageClassifier": lambda: Case(imager(mlj.ImageClassifier), (IMAGES, KINDS), MORE),
    "ImageRegressor": lambda: Case(imager(mlj.ImageRegressor), (IMAGES, np.arange(24.0)), MORE),
    "InteractionTransformer": lambda: Case(mlj.InteractionTransformer(), (X,)),
    "IteratedModel": lambda: iterated(net(), (X, Y)),
    "IteratedModel of trees": lambda: iterated(forest(), (X, Y)),
    "MissingIndicator": lambda: Case(mlj.MissingIndicator(), (GONE,)),
    "MissingnessEncoder": lambda: Case(mlj.MissingnessEncoder(), (LABELS,)),
    "MultitargetNeuralNetworkRegressor": lambda: Case(
        mlj.MultitargetNeuralNetworkRegressor(epochs=2, rng=1), (X, 2 * X.iloc[:, :2]), MORE
    ),
    "NeuralNetwork": lambda: Case(mlj.NeuralNetwork(epochs=2, rng=1), (FACTORS, Y), MORE),
    "NeuralNetworkBinaryClassifier": lambda: Case(regressor_of_two(), (X, TWO), MORE),
    "NeuralNetworkClassifier": lambda: Case(net(), (FACTORS, Y), MORE),
    "NeuralNetworkClassifier, seed drawn": lambda: Case(net(rng=None), (X, Y), MORE),
    "NeuralNetworkClassifier, averages": lambda: Case(
        net(optimiser=mlj.Adam(use_ema=True), precision="mixed_bfloat16"), (X, Y), MORE
    ),
    "NeuralNetworkRegressor": lambda: Case(
        regressor(optimiser=mlj.SGD(0.01, momentum=0.9)), (X, NUMBER), MORE
    ),
    "NeuralNetworkRegressor, own builder": lambda: Case(
        regressor(builder=Wide(n1=3)), (X, NUMBER), MORE, TRUSTED[1:]
    ),
    "OneHotEncoder": lambda: Case(mlj.OneHotEncoder(), (FACTORS,)),
    "OrdinalEncoder": lambda: Case(mlj.OrdinalEncoder(), (FACTORS,)),
    "Pipeline": lambda: Case(
        mlj.Standardizer() | mlj.OneHotEncoder() | net(),
        (FACTORS, Y),
        {"neural_network_classifier.epochs": 4},
    ),
    "Pipeline around an iterated model": lambda: Case(
        mlj.Pipeline(mlj.Standardizer(), iterated(net(), (X, Y)).model),
        (X, Y),
        {"iterated_model.controls": (mlj.Step(1), mlj.NumberLimit(3))},
    ),
    "RecursiveFeatureElimination": lambda: Case(
        mlj.RecursiveFeatureElimination(forest(), n_features=2), (X, Y), {"n_features": 3}
    ),
    "Scaled": lambda: Case(Scaled(regressor()), (X, NUMBER), {"model.epochs": 4}, TRUSTED[:1]),
    "Stack": stack,
    "Standardizer": lambda: Case(mlj.Standardizer(), (X,)),
    "TargetEncoder": lambda: Case(mlj.TargetEncoder(), (FACTORS, Y)),
    "TransformedTargetModel": lambda: Case(
        mlj.TransformedTargetModel(regressor(), transformer=mlj.UnivariateBoxCoxTransformer()),
        (X, NUMBER),
        {"model.epochs": 4},
    ),
    "TunedModel": tuned,
    "UnivariateBoxCoxTransformer": lambda: Case(mlj.UnivariateBoxCoxTransformer(), (NUMBER,)),
    "UnivariateDiscretizer": lambda: Case(mlj.UnivariateDiscretizer(), (NUMBER,)),
    "UnivariateTimeTypeToContinuous": lambda: Case(mlj.UnivariateTimeTypeToContinuous(), (TIMES,)),
}


def given(mach: Any, data: Any) -> dict[str, str]:
    """SHA-256 of what a machine gives for data, by operation."""
    found = {}
    for name in OPERATIONS:
        with contextlib.suppress(UnsupportedOperation):
            found[name] = _digest(getattr(mlj, name)(mach, data))
    return found


def _digest(value: Any) -> str:
    array = np.asarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
    whole = array.tobytes() if array.dtype != object else repr(array.tolist()).encode()
    return hashlib.sha256(whole + str(array.shape).encode()).hexdigest()


def trained_on(mach: Any, changes: Mapping[str, Any]) -> dict[str, str]:
    """What a machine gives once it has been trained with changed hyper-parameters."""
    for path, value in changes.items():
        mach.model.set(path, value)
    mlj.fit(mach, verbosity=0)
    return given(mach, mach.args[0].data)


def main(folder: str) -> None:
    """Load every machine in the folder, use it and train it on; print what was found as JSON."""
    mlj.disable_default_handler()
    found = {}
    for number, (name, make) in enumerate(CASES.items()):
        case, path = make(), Path(folder) / f"{number}.mlj"
        mach = mlj.load_machine(path, trusted=case.trusted)
        bound = mlj.load_machine(path, *case.data, trusted=case.trusted)
        state = bound.state
        mlj.fit(bound, verbosity=0)
        found[name] = {
            "given": given(mach, case.data[0]),
            "skipped": bound.state == state,
            "trained on": trained_on(bound, case.changes),
        }
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1])
