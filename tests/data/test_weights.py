"""Weights of observations: read, checked, and counted by class, against scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data.columns import column_of
from mlj_keras.data.weights import ClassWeights, read_weights
from mlj_keras.errors import DimensionMismatch, TableError, WeightsError

Y = column_of(pd.Categorical(["a", "b", "b", "c"], categories=["c", "a", "b"])).values


@pytest.mark.parametrize(
    "w",
    [
        [0.5, 1, 2, 0],
        (0.5, 1.0, 2.0, 0.0),
        np.array([0.5, 1, 2, 0], dtype="float32"),
        pd.Series([0.5, 1, 2, 0], index=list("wxyz")),
        pl.Series([0.5, 1, 2, 0]),
        pa.array([0.5, 1, 2, 0]),
    ],
    ids=["list", "tuple", "numpy", "pandas", "polars", "pyarrow"],
)
def test_a_vector_of_any_kind_is_read_as_float32(w: Any) -> None:
    weights = read_weights(w, 4)
    assert isinstance(weights, np.ndarray)
    assert weights.dtype == np.float32
    np.testing.assert_array_equal(weights, [0.5, 1, 2, 0])


def test_booleans_and_ints_are_weights() -> None:
    np.testing.assert_array_equal(read_weights([True, False], 2), [1.0, 0.0])
    np.testing.assert_array_equal(read_weights(range(3), 3), [0.0, 1.0, 2.0])


def test_reading_does_not_change_what_was_given() -> None:
    w = np.array([1.0, 2.0])
    weights = read_weights(w, 2)
    assert isinstance(weights, np.ndarray)
    weights[:] = 0
    np.testing.assert_array_equal(w, [1.0, 2.0])


@pytest.mark.parametrize(
    ("w", "error", "message"),
    [
        ([1.0, 2.0], DimensionMismatch, "w has 2 weights and the data have 4 rows. Give one"),
        ([1, -2, 1, 1], WeightsError, r"first at row 1 \(-2.0\). Weights must be finite and not"),
        ([1, 1, None, 1], WeightsError, r"1 weight.* first at row 2 \(nan\)"),
        ([1, 1, 1, np.inf], WeightsError, r"first at row 3 \(inf\)"),
        ([1, 1, 1e300, 1], WeightsError, r"first at row 2 \(1e\+300\)"),
        ([0, 0, 0, 0], WeightsError, "All weights are zero.* Give some row a positive weight"),
        (list("abcd"), WeightsError, r"w must be numbers, got \['a', 'b', 'c'\]. Give one number"),
        ([1, "a", 1, 1], WeightsError, r"w must be numbers, got \[1, 'a', 1\]"),
        ("heavy", WeightsError, "a vector, a dict from level to weight, or 'balanced', got 'hea"),
        (np.ones((4, 1)), DimensionMismatch, r"w must be one column, got .* shape \(4, 1\)"),
        (3.0, TableError, "w must be a column .*got float"),
        ({"a": -1}, WeightsError, r"must be finite numbers >= 0, got {'a': -1}. Give one for ea"),
        ({"a": float("nan")}, WeightsError, "got {'a': nan}"),
        ({"a": "1"}, WeightsError, "got {'a': '1'}"),
        ({"a": True, "b": None}, WeightsError, "got {'b': None}"),
        ({}, WeightsError, "got {}"),
        ({"a": 0, "b": 0.0}, WeightsError, "All weights are zero"),
    ],
)
def test_what_cannot_be_weights_is_refused(w: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        read_weights(w, 4)


def test_class_weights_pass_through_and_are_plain_floats() -> None:
    weights = read_weights({"a": np.int64(1), "b": 2}, 4)
    assert isinstance(weights, ClassWeights)
    assert weights.by_level == {"a": 1.0, "b": 2.0}
    assert read_weights(weights, 4) is weights
    assert read_weights("balanced", 4) == ClassWeights(None)


def test_a_mapping_gives_each_row_the_weight_of_its_level() -> None:
    rows = ClassWeights({"a": 1.0, "b": 2.0, "c": 4.0}).of_rows(Y)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, [1.0, 2.0, 2.0, 4.0])


@pytest.mark.parametrize(
    ("by_level", "message"),
    [
        ({"a": 1, "b": 1}, r"\['c', 'a', 'b'\], and nothing else: there is no weight for 'c'\."),
        ({"a": 1, "b": 1, "c": 1, "d": 1}, "nothing else: no level is 'd'"),
        ({"a": 1, "b": 1, "C": 1}, "no level is 'C'; there is no weight for 'c'"),
    ],
)
def test_levels_and_class_weights_must_agree(by_level: dict[str, float], message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        ClassWeights(by_level).of_rows(Y)


def test_class_weights_of_numbers_are_refused() -> None:
    with pytest.raises(WeightsError, match="need a categorical target. Give a vector"):
        ClassWeights(None).of_rows(column_of([0.5, 1.5]).values)


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=40))
def test_balanced_weights_are_those_of_scikit_learn_with_mean_one(labels: list[str]) -> None:
    from sklearn.utils.class_weight import compute_sample_weight

    y = column_of(pd.Categorical(labels, categories=["c", "a", "b"])).values
    rows = ClassWeights(None).of_rows(y)
    np.testing.assert_allclose(rows, compute_sample_weight("balanced", labels), rtol=1e-6)
    assert rows.mean() == pytest.approx(1.0)
