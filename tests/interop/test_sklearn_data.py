"""Data as scikit-learn's users have them, read for machines."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.exceptions import DataConversionWarning
from sklearn.linear_model import LinearRegression

from mlj_keras.data import Continuous, Multiclass, OrderedFactor, Table, schema, scitype
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidArgument,
    OneClassError,
    UnseenLevelError,
)
from mlj_keras.interop.sklearn_data import (
    read_features,
    read_labels,
    read_numbers,
    read_sample_weight,
)

FRAME = pd.DataFrame(
    {
        "count": [1, 2, 3],
        "length": [0.5, 1.5, 2.5],
        "name": ["u", "v", "u"],
        "flag": [True, False, True],
        "grade": pd.Categorical(["lo", "hi", "lo"], categories=["lo", "hi"], ordered=True),
    }
)


def features(X: Any, *, native: bool = False) -> Any:
    return read_features(LinearRegression(), X, reset=True, native=native)


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, dict])
def test_columns_get_the_scitypes_that_a_network_takes(kind: Any) -> None:
    X = {name: FRAME[name].tolist() for name in ("count", "length", "name", "flag")}
    assert scitype(features(kind(X))) <= Table[Continuous, Multiclass[2]]


def test_the_order_of_categories_is_kept() -> None:
    assert scitype(features(FRAME[["grade"]])) == Table[OrderedFactor[2],]


def test_models_of_the_users_own_get_a_frame_of_the_same_kind() -> None:
    X = features(FRAME, native=True)
    assert isinstance(X, pd.DataFrame)
    assert schema(X).scitypes == (
        Continuous,
        Continuous,
        Multiclass[2],
        Multiclass[2],
        OrderedFactor[2],
    )


def test_a_frame_that_needs_no_change_is_given_as_it_is() -> None:
    X = FRAME[["length", "grade"]]
    assert features(X, native=True) is X


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_arrays_of_floats_are_not_copied(dtype: Any) -> None:
    X = np.ones((4, 2), dtype=dtype)
    assert features(X, native=True) is X
    assert np.shares_memory(features(X).block, X)


def test_a_frame_of_floats_is_not_copied() -> None:
    X = pd.DataFrame(np.ones((4, 2)), columns=["a", "b"])
    assert np.shares_memory(features(X).block, X.to_numpy())


@pytest.mark.parametrize("dtype", [np.int8, np.uint64, bool, object])
def test_arrays_of_other_numbers_become_floats(dtype: Any) -> None:
    X = features(np.ones((4, 2), dtype=dtype), native=True)
    assert X.dtype == np.float64 and X.tolist() == [[1.0, 1.0]] * 4


def test_names_and_numbers_of_features_are_kept_and_compared() -> None:
    estimator = LinearRegression()
    read_features(estimator, FRAME, reset=True, native=False)
    assert estimator.feature_names_in_.tolist() == list(FRAME)
    assert estimator.n_features_in_ == 5
    with pytest.raises(ValueError, match="feature names should match"):
        read_features(estimator, FRAME.rename(columns={"count": "n"}), reset=False, native=False)


def test_labels_are_coded_by_the_sorted_classes() -> None:
    labels, classes = read_labels(np.array([3, 1, 3, 2]))
    assert classes.tolist() == [1, 2, 3] and classes.dtype == np.array([3]).dtype
    assert labels.codes.tolist() == [2, 0, 2, 1] and not labels.ordered


@given(st.lists(st.integers(-9, 9) | st.booleans(), min_size=2).filter(lambda y: len(set(y)) > 1))
def test_labels_come_back_from_codes_and_classes(y: list[int]) -> None:
    labels, classes = read_labels(y)
    np.testing.assert_array_equal(classes[labels.codes], np.asarray(y))
    np.testing.assert_array_equal(classes, np.unique(np.asarray(y)))


def test_the_pool_of_a_categorical_is_kept_with_levels_that_do_not_occur() -> None:
    dtype = pd.CategoricalDtype(["a", "b", "c"], ordered=True)
    labels, classes = read_labels(pd.Series(["c", "a"], dtype=dtype))
    assert classes.tolist() == ["a", "b", "c"]
    assert labels.codes.tolist() == [2, 0]


def test_categories_are_sorted_as_scikit_learns_scorers_want_them() -> None:
    y = pd.Series(pd.Categorical(["no", "yes"], categories=["yes", "no"], ordered=True))
    labels, classes = read_labels(y)
    assert classes.tolist() == ["no", "yes"] and list(labels) == ["no", "yes"]


def test_given_classes_rule_and_other_labels_are_refused() -> None:
    labels, _ = read_labels(["b"], ["a", "b"])
    assert labels.codes.tolist() == [1]
    with pytest.raises(UnseenLevelError, match="'c'"):
        read_labels(["b", "c"], ["a", "b"])


def test_a_single_class_is_refused_in_scikit_learns_words() -> None:
    with pytest.raises(OneClassError, match="one class.*Give rows of at least two classes"):
        read_labels(["a", "a"])


@pytest.mark.parametrize(
    ("y", "message"),
    [([0.5, 1.5, 2.5], "Unknown label type"), ([1.0, np.nan], "y contains NaN")],
)
def test_labels_that_are_none_are_refused(y: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_labels(y)


def test_numbers_become_floats_and_floats_are_not_copied() -> None:
    y = np.array([0.5, 1.5])
    assert np.shares_memory(read_numbers(y, several=False), y)
    assert read_numbers(pd.Series([1, 2]), several=False).dtype == np.float64


def test_several_targets_are_kept_where_the_model_takes_them() -> None:
    y = np.ones((3, 2))
    assert read_numbers(y, several=True).shape == (3, 2)
    with pytest.raises(DimensionMismatch, match="MultitargetNeuralNetworkRegressor"):
        read_numbers(y, several=False)


def test_one_column_is_flattened_with_scikit_learns_warning() -> None:
    with pytest.warns(DataConversionWarning):
        assert read_numbers([[1.0], [2.0]], several=False).shape == (2,)


def test_rows_of_weight_zero_are_left_out() -> None:
    weights, kept = read_sample_weight(pd.Series([0, 2, 0, 1]), 4)
    assert weights is not None and kept is not None
    assert weights.tolist() == [2.0, 1.0] and kept.tolist() == [1, 3]
    assert read_sample_weight([1, 2], 2)[1] is None
    assert read_sample_weight(None, 2) == (None, None)


@pytest.mark.parametrize(
    ("weights", "advice"),
    [
        ([0, 0], "Give some row a positive weight"),
        ([1, 2, 3], r"Give an array of shape \(2,\)"),
        ([[1], [2]], r"Give an array of shape \(2,\)"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights: Any, advice: str) -> None:
    with pytest.raises(InvalidArgument, match=advice):
        read_sample_weight(weights, 2)
