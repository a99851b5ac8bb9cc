"""Small valid machine files of many kinds, for tests that change them. Source: ours."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras.persistence import save


class Valid(NamedTuple):
    """A file, and the data that its machine was trained on."""

    content: bytes
    data: Any


def numbers() -> pd.DataFrame:
    """30 rows of iris."""
    return mlj.load_iris()[0].iloc[::5].reset_index(drop=True)


def mixed() -> pd.DataFrame:
    """30 rows of iris, and a factor."""
    return numbers().assign(c=pd.Categorical(np.where(numbers().sepal_width > 3, "p", "q")))


def species() -> pd.Series:
    """The species of these rows."""
    return mlj.load_iris()[1].iloc[::5].reset_index(drop=True)


def saved(mach: Any) -> bytes:
    """The file of a machine."""
    file = io.BytesIO()
    save(file, mach)
    return file.getvalue()


def _network(**changes: Any) -> Any:
    given: dict[str, Any] = {"builder": mlj.MLP(hidden=(3,)), "epochs": 1, "rng": 1, **changes}
    return mlj.NeuralNetworkClassifier(**given)


def _forest() -> Any:
    return mlj.load("RandomForestClassifier")(n_estimators=2, max_depth=2, random_state=1)


def few() -> dict[str, Valid]:
    """A classifier with a factor, a pipeline, a forest, a transformer."""
    pipeline = mlj.Standardizer() | mlj.OneHotEncoder() | _network()
    return _trained(
        {
            "classifier": (_network(), mixed(), species()),
            "pipeline": (pipeline, mixed(), species()),
            "forest": (_forest(), numbers(), species()),
            "transformer": (mlj.FillImputer(), mixed()),
        }
    )


def many() -> dict[str, Valid]:
    """Machines of nearly all kinds of models."""
    X, F, y, x = numbers(), mixed(), species(), numbers().sepal_length
    two = pd.Series(pd.Categorical(np.where(y == "setosa", "a", "b")))
    images = np.random.default_rng(0).integers(0, 255, size=(9, 4, 4), dtype=np.uint8)
    letters = pd.Series(pd.Categorical(["a", "b", "c"] * 3))
    regressor = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), epochs=1, rng=1)
    binary = mlj.NeuralNetworkBinaryClassifier(builder=mlj.MLP(hidden=(3,)), epochs=1, rng=1)
    once = {"resampling": mlj.Holdout(rng=1), "measure": mlj.log_loss}
    epochs = mlj.param_range(_network(), "epochs", values=[1, 2])
    small = mlj.ImageCNN(blocks=((2, 1),), dense=())
    stacked = {"a": _network(), "b": _network(), "metalearner": _network()}
    by_power = mlj.UnivariateBoxCoxTransformer()
    found = _trained(
        {
            "ensemble": (mlj.EnsembleModel(_network(), n=2, rng=1), X, y),
            "tuned": (
                mlj.TunedModel(_network(), ranges=[epochs], tuning=mlj.Grid(), **once),
                F,
                y,
            ),
            "iterated": (
                mlj.IteratedModel(_network(), controls=[mlj.Step(1), mlj.NumberLimit(2)], **once),
                X,
                y,
            ),
            "stack": (mlj.Stack(resampling=mlj.CV(nfolds=2, rng=1), **stacked), X, y),
            "threshold": (mlj.BinaryThresholdPredictor(binary), X, two),
            "target": (mlj.TransformedTargetModel(regressor, transformer=by_power), X, x),
            "images": (mlj.ImageClassifier(builder=small, epochs=1, rng=1), images, letters),
            "reducer": (mlj.CardinalityReducer(), F),
            "missingness": (mlj.MissingnessEncoder(), F),
            "contrasts": (mlj.ContrastEncoder(), F),
            "target encoder": (mlj.TargetEncoder(), F, y),
            "continuous": (mlj.ContinuousEncoder(), F),
            "discretizer": (mlj.UnivariateDiscretizer(n_classes=4), X),
            "power": (by_power, x),
            "frequencies": (mlj.FrequencyEncoder(), F),
            "ordinal": (mlj.OrdinalEncoder(), F),
            "indicator": (mlj.MissingIndicator(), F),
            "times": (
                mlj.UnivariateTimeTypeToContinuous(),
                pd.Series(pd.date_range("2020", periods=9)),
            ),
            "products": (mlj.InteractionTransformer(order=2), X),
            "ridge": (mlj.load("Ridge")(), X, x),
            "components": (mlj.load("PCA")(n_components=2), X),
            "elimination": (mlj.RecursiveFeatureElimination(_forest(), n_features=2), X, y),
        }
    )
    return {**few(), **found}


def _trained(bound: dict[str, tuple[Any, ...]]) -> dict[str, Valid]:
    made = {}
    for name, (model, *data) in bound.items():
        mach = mlj.machine(model, *data, scitype_check_level=0).fit(verbosity=0)
        made[name] = Valid(saved(mach), data[0])
    return made
