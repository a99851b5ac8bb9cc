"""The scitype of data: scalars, columns and tables of every kind."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.data import elscitype, scitype
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    GrayImage,
    Missing,
    Multiclass,
    Optional,
    OrderedFactor,
    ScientificDate,
    ScientificDateTime,
    ScientificTime,
    Scitype,
    Table,
    Textual,
    Unknown,
    Vector,
    union,
)
from mlj_keras.data.tables import table_of
from mlj_keras.errors import ScitypeError

KINDS: dict[str, Callable[[list[Any]], Any]] = {
    "pandas": pd.Series,
    "polars": lambda items: pl.Series(items),
    "pyarrow": pa.array,
    "list": list,
    "objects": lambda items: np.array(items, dtype=object),
}
ITEMS: dict[str, tuple[list[Any], Scitype]] = {
    "floats": ([0.5, 1.5], Continuous),
    "ints": ([1, 2], Count),
    "booleans": ([True, False], Count),
    "strings": (["a", "b"], Textual),
    "dates": ([datetime.date(2020, 1, 1)] * 2, ScientificDate),
    "times": ([datetime.time(12, 30)] * 2, ScientificTime),
    "datetimes": ([datetime.datetime(2020, 1, 1, 12)] * 2, ScientificDateTime),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ITEMS)
def test_a_column_has_the_scitype_of_its_items_and_optional_iff_one_is_missing(
    kind: str, name: str
) -> None:
    items, expected = ITEMS[name]
    assert elscitype(KINDS[kind](items)) == expected
    if kind == "pandas" and name == "ints":
        return  # pandas itself turns ints with a missing value into floats
    assert elscitype(KINDS[kind]([*items, None])) == Optional[expected]
    # Upstream keeps Missing in the type where none is present; here the values decide.
    assert elscitype(KINDS[kind]([*items, None])[:2]) == expected


@pytest.mark.parametrize(("items", "expected"), ITEMS.values(), ids=list(ITEMS))
def test_a_scalar_has_the_scitype_of_a_column_of_it(items: list[Any], expected: Scitype) -> None:
    assert scitype(items[0]) == expected


@pytest.mark.parametrize("value", [None, float("nan"), pd.NA, pd.NaT, np.nan])
def test_missing_scalars_are_missing(value: Any) -> None:
    assert scitype(value) == Missing


@pytest.mark.parametrize("value", [b"x", 1j, object(), decimal.Decimal("1.5"), {"a"}])
def test_things_without_a_meaning_are_unknown(value: Any) -> None:
    assert scitype(value) == Unknown
    mixed = np.empty(2, dtype=object)
    mixed[:] = [value, "a"]
    assert elscitype(mixed) == Unknown


def test_a_factor_counts_all_levels_of_its_pool_used_or_not() -> None:
    column = pd.Categorical(["a", "b", None], categories=["a", "b", "c"], ordered=True)
    assert scitype(column) == Vector[Optional[OrderedFactor[3]]]
    assert elscitype(column[:1]) == OrderedFactor[3]
    assert elscitype(pa.array(["a", "b"]).dictionary_encode()) == Multiclass[2]
    assert elscitype(pl.Series(["a", "b"], dtype=pl.Enum(["a", "b", "c"]))) == OrderedFactor[3]
    assert elscitype(pl.Series(["a", "b"], dtype=pl.Categorical)) == Multiclass[2]


def test_columns_without_values_or_of_missing_ones_only() -> None:
    assert elscitype([None, None]) == Missing
    assert elscitype([]) == Unknown
    assert elscitype(np.array([])) == Continuous
    assert elscitype(np.array([np.nan])) == Optional[Continuous]


def test_objects_beyond_arrow_are_unknown_though_they_are_numbers() -> None:
    assert elscitype([2**80, 2**81]) == Unknown
    assert elscitype(np.array([1, "a"], dtype=object)) == Unknown


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_a_table_has_the_union_of_its_columns(kind: Any) -> None:
    X = kind({"a": [0.5, 1.5], "b": ["x", None], "c": [2.5, 3.5]})
    assert scitype(X) == Table[Continuous, Optional[Textual]]
    assert column_scitypes(table_of(X)) == {
        "a": Continuous,
        "b": Optional[Textual],
        "c": Continuous,
    }


@pytest.mark.parametrize(
    ("matrix", "expected"),
    [
        (np.ones((2, 2)), [Continuous, Continuous]),
        (np.ones((2, 2), dtype=int), [Count, Count]),
        (np.array([[1.0, np.nan], [1.0, 1.0]]), [Continuous, Optional[Continuous]]),
        (np.array([[np.inf, 1.0], [-np.inf, 1.0]]), [Continuous, Continuous]),
        (np.full((2, 2), 1e308), [Continuous, Continuous]),
    ],
    ids=["floats", "ints", "missing", "infinite", "large"],
)
def test_a_matrix_is_read_by_column(matrix: np.ndarray, expected: list[Scitype]) -> None:
    assert list(column_scitypes(table_of(matrix)).values()) == expected
    columns = pd.DataFrame(matrix).assign(s="a").iloc[:, :2]
    assert list(column_scitypes(table_of(columns)).values()) == expected


def test_an_empty_table_has_a_scitype() -> None:
    assert scitype({}) == Table
    assert scitype(pd.DataFrame({"a": np.array([], dtype=float)})) == Table[Continuous]


def test_objects_that_know_their_scitype_are_asked() -> None:
    class Distribution:
        scitype = Vector[Multiclass[2]]

    assert scitype(Distribution()) == Vector[Multiclass[2]]


@pytest.mark.parametrize("obj", [3.5, {"a": [1]}, None])
def test_elscitype_of_anything_but_a_column_or_images_raises(obj: Any) -> None:
    with pytest.raises(ScitypeError, match="elscitype needs a column or images"):
        elscitype(obj)


def test_a_pandas_timestamp_is_a_scalar() -> None:
    assert scitype(pd.Timestamp(0)) == ScientificDateTime


def test_periods_and_intervals_of_pandas_are_unknown() -> None:
    assert elscitype(pd.Series(pd.period_range("2020", periods=2, freq="M"))) == Unknown
    assert elscitype(pd.Series(pd.interval_range(0, 2))) == Unknown
    frame = pd.DataFrame({"a": pd.period_range("2020", periods=2, freq="M")})
    assert scitype(frame) == Table[Unknown]


def test_sparse_columns_have_the_scitype_of_their_values() -> None:
    dense = pd.DataFrame({"a": [0.0, 1.5], "n": [0, 3], "g": [np.nan, 1.0]})
    sparse = dense.astype({name: pd.SparseDtype(dense[name].dtype) for name in dense})
    assert column_scitypes(table_of(sparse)) == column_scitypes(table_of(dense))


def test_images_of_several_sizes_have_a_scitype_each_and_pixels_are_not_looked_at() -> None:
    ragged = [np.zeros((2, 3)), np.zeros((4, 3)), np.zeros((2, 3))]
    assert scitype(ragged) == Vector[union(GrayImage[2, 3], GrayImage[4, 3])]
    assert scitype([np.zeros((2, 2)), np.zeros((2, 2, 4))]) == Vector[Unknown]
    assert scitype(np.full((2, 3, 4), np.nan)) == Vector[GrayImage[3, 4]]
    assert scitype(np.zeros((2, 3, 4, 5))) == Unknown
