"""Which models take which data: item 27 of the conformance list, and measures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, ScitypeWarning, WrongType
from mlj_keras.models import Traits
from mlj_keras.registry import ModelEntry, matching, models
from mlj_keras.registry.catalog import entries
from mlj_keras.sklearn_models import model_class

X = pd.DataFrame({"a": [0.5, 1.5, 2.5, 3.5], "b": [1.0, 2.0, 3.0, 4.0]})
NUMBERS = pd.Series([0.5, 1.5, 2.5, 3.5])
THREE = pd.Series(pd.Categorical(["u", "v", "w", "u"]))
TWO = pd.Series(pd.Categorical(["u", "v", "v", "u"]))


def names(*data: object) -> set[str]:
    """The names of the models that match, wrappers too."""
    return {entry.name for entry in models(matching(*data), wrappers=True)}


def kinds(*data: object) -> set[str]:
    """The kinds of the models that match."""
    return {entry.kind for entry in models(matching(*data), wrappers=True)}


def test_a_continuous_target_gives_regressors_only() -> None:
    assert kinds(X, NUMBERS) == {"regressor"}
    found = names(X, NUMBERS)
    assert {"NeuralNetworkRegressor", "Ridge", "RandomForestRegressor"} <= found
    assert not {"MultitargetNeuralNetworkRegressor", "MultiTaskLasso", "ImageRegressor"} & found


def test_three_classes_give_classifiers_and_no_binary_one() -> None:
    assert kinds(X, THREE) == {"classifier"}
    found = names(X, THREE)
    assert {"NeuralNetworkClassifier", "LogisticRegression"} <= found
    binary = {"NeuralNetworkBinaryClassifier", "FixedThresholdClassifier"}
    assert not (binary | {"ImageClassifier"}) & found


def test_two_classes_give_the_binary_classifiers_too() -> None:
    assert names(X, TWO) - names(X, THREE) == {
        "NeuralNetworkBinaryClassifier",
        "FixedThresholdClassifier",
        "TunedThresholdClassifierCV",
    }


def test_several_targets_give_the_models_of_several() -> None:
    found = names(X, X)
    assert {"MultitargetNeuralNetworkRegressor", "MultiTaskLasso", "LinearRegression"} <= found
    assert not {"NeuralNetworkRegressor", "SVR"} & found


def test_x_alone_gives_unsupervised_models() -> None:
    assert kinds(X) == {"transformer", "clusterer"}
    assert {"PCA", "KMeans", "EntityEmbedder"} <= names(X)


def test_weights_select_the_models_that_support_them() -> None:
    vector = names(X, THREE, [1.0, 2.0, 1.0, 2.0])
    by_class = names(X, THREE, {"u": 1.0, "v": 2.0, "w": 1.0})
    assert {"NeuralNetworkClassifier", "GaussianNB"} <= vector
    assert "KNeighborsClassifier" in names(X, THREE) and "KNeighborsClassifier" not in vector
    assert vector == by_class == names(X, THREE, "balanced")
    supporting = {entry.name for entry in entries() if entry.model_class.traits.supports_weights}
    assert vector == names(X, THREE) & supporting
    assert "Ridge" in names(X, NUMBERS, np.ones(4))
    assert "Ridge" not in names(X, NUMBERS, {"u": 1.0})
    assert names(X, NUMBERS, None) == names(X, NUMBERS)


def test_a_match_is_exactly_what_the_scitypes_say() -> None:
    fits = matching(X, NUMBERS)
    for entry in entries():
        traits = entry.model_class.traits
        expected = (
            traits.supervised
            and mlj.scitype(X) <= traits.input_scitype
            and mlj.scitype(NUMBERS) <= traits.target_scitype
        )
        assert fits(entry) == expected, entry.name


def test_an_integer_target_matches_nothing_until_it_is_said_what_it_means() -> None:
    counts = pd.Series([1, 2, 3, 1])
    assert names(X, counts) == set()
    assert kinds(X, mlj.coerce(counts, mlj.Multiclass)) == {"classifier"}
    assert kinds(X, mlj.coerce(counts, mlj.Continuous)) == {"regressor"}


def test_columns_of_x_count_too() -> None:
    holes = X.assign(a=[0.5, np.nan, 2.5, 3.5])
    assert {"HistGradientBoostingRegressor", "RandomForestRegressor"} <= names(holes, NUMBERS)
    assert "Ridge" not in names(holes, NUMBERS)
    factors = X.assign(c=THREE)
    assert {"NeuralNetworkRegressor", "Ridge"} <= names(factors, NUMBERS)
    assert names(X.assign(c=["p", "q", "r", "s"]), NUMBERS) == set()


def test_images_match_models_of_images() -> None:
    images = np.random.default_rng(0).uniform(size=(4, 8, 8))
    assert names(images, THREE) == {"ImageClassifier"}
    assert names(images, NUMBERS) == {"ImageRegressor"}


def test_a_predicate_is_called_on_an_entry_a_class_a_model_or_a_name() -> None:
    fits = matching(X, NUMBERS)
    Ridge = model_class("Ridge")
    for candidate in ("Ridge", Ridge, Ridge(alpha=3), ModelEntry.of(Ridge)):
        assert fits(candidate) is True
    assert fits(mlj.NeuralNetworkClassifier()) is False
    assert fits(mlj.NeuralNetwork()) is False  # what it becomes is listed in its place
    with pytest.raises(InvalidArgument, match="Did you mean"):
        fits("Rigde")
    with pytest.raises(WrongType, match="asked of a model.*got 3"):
        fits(3)


def test_a_model_matches_by_its_own_hyper_parameters() -> None:
    holes = X.assign(a=[0.5, np.nan, 2.5, 3.5])
    Bagging = model_class("BaggingRegressor")
    assert matching(holes, NUMBERS)(Bagging(estimator=model_class("DecisionTreeRegressor")()))
    assert not matching(holes, NUMBERS)(Bagging(estimator=model_class("Ridge")()))


def test_a_measure_matches_by_the_target_or_by_the_only_argument() -> None:
    of_classes, of_numbers = mlj.accuracy, mlj.l1
    for fits in (matching(X, THREE), matching(THREE)):
        assert fits(of_classes) and not fits(of_numbers)
    assert matching(X, NUMBERS)(of_numbers) and not matching(X)(of_numbers)


def test_a_target_table_of_one_column_warns() -> None:
    with pytest.warns(ScitypeWarning, match="table of one column.*Give the column itself"):
        fits = matching(X, X[["a"]])
    assert fits("MultiTaskLasso") and not fits("SVR")


def test_no_data_or_too_many_raise() -> None:
    with pytest.raises(InvalidArgument, match="got 0 arguments.*matching"):
        matching()
    with pytest.raises(InvalidArgument, match="got 4 arguments"):
        matching(X, NUMBERS, None, None)


def test_traits_without_scitypes_match_nothing() -> None:
    class Mine(mlj.Deterministic):
        """States nothing."""

    assert Mine.traits.input_scitype == Traits().input_scitype == mlj.Unknown
    assert not matching(X, NUMBERS)(Mine)
