"""`as_estimator`: which estimator a model becomes, and how scikit-learn's tools work with it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import joblib
import numpy as np
import pandas as pd
import polars as pl
import pytest
import sklearn
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.compose import make_column_transformer
from sklearn.ensemble import BaggingClassifier, StackingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlj_keras.builders import MLP
from mlj_keras.containers import (
    EntityEmbedder,
    ImageClassifier,
    NeuralNetwork,
    NeuralNetworkBinaryClassifier,
    NeuralNetworkClassifier,
    NeuralNetworkRegressor,
)
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.interop import sklearn_estimator
from mlj_keras.interop.sklearn_estimator import as_estimator, kinds_of
from mlj_keras.models import Deterministic
from mlj_keras.optimisers import Adam
from mlj_keras.parallel import CPU1
from mlj_keras.sklearn_models import model_class
from mlj_keras.transformers import Standardizer

SMALL: dict[str, Any] = {
    "builder": MLP(hidden=(4,)),
    "optimiser": Adam(0.05),
    "epochs": 8,
    "rng": 1,
    "acceleration": CPU1(),
}


def classifier() -> Any:
    return as_estimator(NeuralNetworkClassifier(**SMALL))


def iris() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_iris

    X, y = load_iris(return_X_y=True)
    return X, y


class Mean(Deterministic):
    """Without a stated target."""


@pytest.mark.parametrize(
    ("model", "name"),
    [
        (NeuralNetworkClassifier(), "MachineClassifier"),
        (NeuralNetworkBinaryClassifier(), "MachineClassifier"),
        (ImageClassifier(), "MachineClassifier"),
        (NeuralNetworkRegressor(), "MachineRegressor"),
        (Standardizer(), "MachineTransformer"),
        (EntityEmbedder(NeuralNetworkRegressor()), "MachineTransformer"),
    ],
)
def test_the_traits_of_a_model_pick_its_estimator(model: Any, name: str) -> None:
    estimator = as_estimator(model)
    assert isinstance(estimator, getattr(sklearn_estimator, name))
    assert estimator.model is model
    assert is_classifier(estimator) == (name == "MachineClassifier")
    assert is_regressor(estimator) == (name == "MachineRegressor")


@pytest.mark.parametrize("model", [NeuralNetwork(), Mean()])
def test_a_model_without_a_stated_target_needs_a_kind(model: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"as_estimator\(model, kind='classifier'\)"):
        as_estimator(model)
    assert kinds_of(model) == ("classifier", "regressor")
    assert is_classifier(as_estimator(model, "classifier"))
    assert is_regressor(as_estimator(model, kind="regressor"))


def test_a_network_is_a_transformer_where_that_is_asked_for() -> None:
    name = type(as_estimator(NeuralNetworkRegressor(), "transformer")).__name__
    assert name == "MachineTransformer"


@pytest.mark.parametrize(
    ("model", "kind", "advice"),
    [
        (NeuralNetworkClassifier(), "regressor", "write kind='classifier'"),
        (Standardizer(), "classifier", "write kind='transformer'"),
        (Mean(), "transformer", "Leave kind out"),
        (Standardizer(), "clusterer", "kind must be one of classifier, regressor, transformer"),
    ],
)
def test_a_kind_that_the_model_is_not_is_refused(model: Any, kind: str, advice: str) -> None:
    with pytest.raises(InvalidArgument, match=advice):
        as_estimator(model, kind)


@pytest.mark.parametrize("model", [NeuralNetworkClassifier, Adam(), "mlp"])
def test_what_is_no_model_is_refused(model: Any) -> None:
    with pytest.raises(WrongType, match="as_estimator takes a model such as"):
        as_estimator(model)


def test_the_module_has_its_three_classes_and_no_others() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'MachineClusterer'"):
        _ = sklearn_estimator.MachineClusterer


def test_scikit_learn_loads_when_an_estimator_is_made() -> None:
    code = (
        "import sys; import mlj_keras; from mlj_keras.interop.sklearn_estimator import "
        "as_estimator; assert 'sklearn' not in sys.modules; "
        "as_estimator(mlj_keras.Standardizer()); assert 'sklearn' in sys.modules; "
        "assert 'keras' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_a_grid_search_reaches_nested_parameters_by_underscores_and_dots() -> None:
    grid = {
        "net__model__optimiser__learning_rate": [1e-6, 0.05],
        "net__model.builder": [MLP(hidden=(6,))],
        "net__model__epochs": [10],
    }
    search = GridSearchCV(Pipeline([("s", StandardScaler()), ("net", classifier())]), grid, cv=3)
    search.fit(*iris())
    best = search.best_estimator_["net"].model
    assert best.get("optimiser.learning_rate") == 0.05 and best.builder == MLP(hidden=(6,))
    assert search.best_score_ > 0.85 and search.best_estimator_["net"].n_iter_ == 10


def test_threads_give_the_scores_of_one_thread() -> None:
    X, y = iris()
    one = cross_val_score(classifier(), X, y, cv=2)
    with joblib.parallel_config("threading", n_jobs=2):
        np.testing.assert_array_equal(cross_val_score(classifier(), X, y, cv=2), one)


@pytest.mark.slow
def test_estimators_go_to_worker_processes_and_come_back_trained() -> None:
    X = np.arange(6.0).reshape(3, 2)
    estimators = [as_estimator(Standardizer()) for _ in range(2)]
    back = joblib.Parallel(n_jobs=2)(joblib.delayed(net.fit)(X) for net in estimators)
    for net in back:
        np.testing.assert_allclose(net.transform(X), [[-1, -1], [0, 0], [1, 1]])


def test_probabilities_of_folds_score_as_scikit_learns_scorer_says() -> None:
    X, y = iris()
    folds = StratifiedKFold(3)
    probabilities = cross_val_predict(classifier(), X, y, cv=folds, method="predict_proba")
    scores = cross_val_score(classifier(), X, y, cv=folds, scoring="neg_log_loss")
    each = [-log_loss(y[test], probabilities[test]) for _, test in folds.split(X, y)]
    np.testing.assert_allclose(scores, each, rtol=1e-6)


def test_a_column_transformer_feeds_categories_and_numbers() -> None:
    frame = pd.DataFrame({"length": [1.0, None, 3.0, 4.0] * 10, "kind": ["u", "v", "u", "w"] * 10})
    ready = make_column_transformer(
        (SimpleImputer(), ["length"]), ("passthrough", ["kind"]), verbose_feature_names_out=False
    ).set_output(transform="pandas")
    net = make_pipeline(ready, classifier()).fit(frame, [0, 1, 0, 1] * 10)
    assert net[-1].machine_.report().epochs == 8
    assert net[-1].feature_names_in_.tolist() == ["length", "kind"]
    assert net.score(frame, [0, 1, 0, 1] * 10) > 0.9


def test_a_transformer_of_ours_is_part_of_a_column_transformer() -> None:
    frame = pd.DataFrame({"a": [1, 2, 3], "b": ["x", "y", "x"]})
    both = make_column_transformer(
        (as_estimator(Standardizer()), ["a"]), (OneHotEncoder(sparse_output=False), ["b"])
    )
    expected = [[-1, 1, 0], [0, 0, 1], [1, 1, 0]]
    np.testing.assert_allclose(both.fit_transform(frame), expected)
    polars = both.set_output(transform="polars").fit_transform(pl.DataFrame({**frame}))
    assert polars.columns == ["machinetransformer__a", "onehotencoder__b_x", "onehotencoder__b_y"]


def test_weights_are_routed_to_the_estimator_that_asks_for_them() -> None:
    X, y = iris()
    weights = np.where(y == 2, 0.0, 1.0)
    with sklearn.config_context(enable_metadata_routing=True):
        net = classifier().set_fit_request(sample_weight=True)
        net.set_score_request(sample_weight=True)
        pipe = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), net)
        found = cross_validate(
            pipe, X, y, cv=2, params={"sample_weight": weights}, return_estimator=True
        )
    for fitted in found["estimator"]:
        assert fitted[-1].classes_.tolist() == [0, 1], "rows of weight zero are left out"


@pytest.mark.slow
def test_ensembles_of_scikit_learn_take_our_estimators() -> None:
    X, y = iris()
    assert (
        BaggingClassifier(classifier(), n_estimators=2, random_state=1).fit(X, y).score(X, y) > 0.9
    )
    stack = StackingClassifier([("net", classifier())], LogisticRegression(), cv=2)
    assert stack.fit(X, y).score(X, y) > 0.9


def test_a_clone_holds_an_equal_model_and_learns_the_same() -> None:
    X, y = iris()
    net = classifier().fit(X, y)
    other = clone(net)
    assert other.model == net.model and other.model is not net.model
    assert not hasattr(other, "machine_")
    np.testing.assert_array_equal(other.fit(X, y).predict_proba(X), net.predict_proba(X))


@pytest.mark.parametrize("name", ["Ridge", "RandomForestRegressor", "KNeighborsRegressor"])
def test_a_regressor_of_one_or_several_targets_is_a_regressor(name: str) -> None:
    estimator = as_estimator(model_class(name)())
    assert type(estimator).__name__ == "MachineRegressor"
