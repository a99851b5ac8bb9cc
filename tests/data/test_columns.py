"""One column: in from every kind, rows taken, out again as it came."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data.columns import (
    as_floats,
    column_of,
    column_out,
    factor,
    is_column,
    is_numeric,
    level_array,
    missing_mask,
    module_of,
)
from mlj_keras.errors import DimensionMismatch, TableError

KINDS: dict[str, Callable[[list[Any]], Any]] = {
    "pandas": lambda items: pd.Series(items, name="a", index=range(5, 5 + len(items))),
    "polars": lambda items: pl.Series("a", items),
    "pyarrow": pa.array,
    "chunks": lambda items: pa.chunked_array([items[:1], items[1:]], type=pa.array(items).type),
    "numpy": lambda items: np.array(items, dtype=object if None in items else None),
    "list": list,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "items",
    [[1, 2, 3], [0.5, 1.5, 2.5], ["a", "b", "a"], [True, False, True], ["a", None, "b"]],
    ids=["int", "float", "str", "bool", "missing"],
)
def test_values_come_in_and_go_out_as_the_same_kind(kind: str, items: list[Any]) -> None:
    given_column = KINDS[kind](items)
    column = column_of(given_column)
    assert [None if x != x else x for x in column.values.to_pylist()] == items
    out = column_out(column.values, column.origin, column.index)
    if kind == "pandas":
        pd.testing.assert_series_equal(out, given_column, check_dtype=None not in items)
    elif kind == "polars":
        assert out.equals(given_column) and out.name == "a" and out.dtype == given_column.dtype
    elif kind in ("pyarrow", "chunks"):
        assert isinstance(out, pa.Array) and out.to_pylist() == items
    else:
        assert isinstance(out, np.ndarray)
        assert [None if x != x else x for x in out.tolist()] == items


@pytest.mark.parametrize(
    "column",
    [
        pd.Categorical(["b", "a", None], categories=["b", "a", "z"], ordered=True),
        pd.Series(["b", "a", None], dtype=pd.CategoricalDtype(["b", "a", "z"], ordered=True)),
        pl.Series("a", ["b", "a", None], dtype=pl.Enum(["b", "a", "z"])),
        pa.DictionaryArray.from_arrays(pa.array([0, 1, None]), ["b", "a", "z"], ordered=True),
    ],
    ids=["categorical", "series", "enum", "dictionary"],
)
def test_a_declared_pool_keeps_its_order_and_its_unused_levels(column: Any) -> None:
    read = column_of(column)
    assert read.values.dictionary.to_pylist() == ["b", "a", "z"]
    assert read.values.type.ordered
    assert read.values.to_pylist() == ["b", "a", None]
    taken = read.take(np.array([1]))
    assert taken.values.dictionary.to_pylist() == ["b", "a", "z"]
    again = column_of(column_out(read.values, read.origin, read.index))
    assert again.values.equals(read.values)


@pytest.mark.parametrize("codes", [pa.uint8(), pa.int8(), pa.uint32(), pa.int64()])
def test_dictionaries_may_have_codes_of_any_width(codes: pa.DataType) -> None:
    array = pa.DictionaryArray.from_arrays(pa.array([1, None, 0], codes), ["x", "y"])
    values = column_of(array).values
    assert values.to_pylist() == ["y", None, "x"] and values.indices.type == pa.int32()


@pytest.mark.parametrize(
    ("column", "arrow"),
    [
        (pa.array(["a"], pa.large_string()), pa.string()),
        (pa.array(["a"], pa.string_view()), pa.string()),
        (pa.array([1.5], pa.float16()), pa.float32()),
        (pa.chunked_array([], type=pa.int64()), pa.int64()),
        (pd.Series(["a"], dtype="str"), pa.string()),
        (pl.Series(["a"]), pa.string()),
        (pl.Series(["a"], dtype=pl.Object), pa.string()),
        (np.array(["a"]), pa.string()),
    ],
)
def test_inside_each_meaning_has_one_arrow_type(column: Any, arrow: pa.DataType) -> None:
    assert column_of(column).values.type == arrow


def test_values_beyond_arrow_stay_objects() -> None:
    for column in ([2**80], np.array([1j]), np.array([2**80], dtype=object), [{1}, "a"]):
        values = column_of(column).values
        assert isinstance(values, np.ndarray) and values.dtype == object
        assert values.tolist() == list(column)
        taken = column_of(column).take(np.array([0]))
        out = column_out(taken.values, taken.origin)
        assert out.tolist() == [column[0]]


def test_numbers_are_told_from_other_values() -> None:
    for items in ([1], [0.5, None], [True], [None]):
        assert is_numeric(column_of(items).values)
    for items in (["a"], [2**80], [datetime.date(2020, 1, 1)], [{1}]):
        assert not is_numeric(column_of(items).values)


def test_chunks_with_different_dictionaries_share_one_pool() -> None:
    chunks = pa.chunked_array(
        [pa.array(["a", "b"]).dictionary_encode(), pa.array(["c", "a"]).dictionary_encode()]
    )
    values = column_of(chunks).values
    assert values.to_pylist() == ["a", "b", "c", "a"]
    assert values.dictionary.to_pylist() == ["a", "b", "c"]


def test_a_polars_categorical_has_the_sorted_values_as_its_pool() -> None:
    values = column_of(pl.Series(["b", None, "a"], dtype=pl.Categorical)).values
    assert values.dictionary.to_pylist() == ["a", "b"]
    assert values.to_pylist() == ["b", None, "a"]
    assert not values.type.ordered


@pytest.mark.parametrize(
    "column",
    [
        [1.5, None],
        np.array([1.5, np.nan]),
        np.ma.masked_array([1.5, 2.5], [False, True]),
        pd.Series([1.5, None]),
        pd.array([1.5, pd.NA], dtype="Float64"),
        pl.Series([1.5, None]),
        pa.array([1.5, None]),
        np.array(["a", None], dtype=object),
        pd.Series([pd.Timestamp(0), pd.NaT]),
    ],
    ids=lambda column: type(column).__name__,
)
def test_every_spelling_of_missing_is_seen(column: Any) -> None:
    assert missing_mask(column_of(column).values).tolist() == [False, True]


def test_missing_is_seen_among_objects_that_have_no_truth_value() -> None:
    values = column_of(np.array([(1, "a"), np.arange(2), pd.NA, None], dtype=object)).values
    assert isinstance(values, np.ndarray)
    assert missing_mask(values).tolist() == [False, False, True, True]


def test_float32_big_endian_and_half_precision_come_in() -> None:
    assert column_of(np.array([1.5], dtype=np.float32)).origin.float_dtype == "float32"
    assert column_of(np.array([1.5], dtype=">f8")).values.to_pylist() == [1.5]
    assert column_of(np.array([1.5], dtype=np.float16)).values.type == pa.float32()
    assert column_of(pd.Series([1.5], dtype="float32")).origin.float_dtype == "float32"
    assert column_of(pl.Series([1.5], dtype=pl.Float32)).origin.float_dtype == "float32"


def test_floats_are_uncopied_and_missing_ints_become_nan() -> None:
    values = column_of(np.array([0.5, 1.5])).values
    assert np.shares_memory(as_floats(values), as_floats(values))
    np.testing.assert_array_equal(as_floats(pa.array([1, None])), [1.0, np.nan])
    np.testing.assert_array_equal(as_floats(pa.array([True, False])), [1.0, 0.0])
    np.testing.assert_array_equal(as_floats(pa.nulls(2)), [np.nan, np.nan])
    gap = column_of(pd.array([1, None], dtype="Int64"))
    np.testing.assert_array_equal(column_out(gap.values, gap.origin), [1.0, np.nan])


@given(st.lists(st.integers(-5, 5), min_size=1), st.data())
def test_taking_rows_agrees_with_numpy(items: list[int], data: st.DataObject) -> None:
    rows = np.array(data.draw(st.lists(st.integers(0, len(items) - 1))), dtype=int)
    for kind, make in KINDS.items():
        taken = column_of(make(items)).take(rows)
        assert taken.values.to_pylist() == np.array(items)[rows].tolist(), kind


def test_taking_rows_takes_the_pandas_index_along() -> None:
    whole = column_of(pd.Series([1, 2, 3], index=["x", "y", "z"]))
    assert column_of(whole) is whole
    column = whole.take(slice(1, None))
    assert list(column.index) == ["y", "z"] and len(column) == 2


def test_subclasses_of_pandas_are_read_as_pandas() -> None:
    class Reading(pd.Series):
        pass

    assert module_of(Reading([1])) == "pandas"
    assert is_column(Reading([1])) and column_of(Reading([1])).origin.kind == "pandas"


def test_what_is_a_column_and_what_is_not() -> None:
    assert all(is_column(make([1, 2])) for make in KINDS.values())
    assert not any(map(is_column, [np.zeros((2, 2)), pd.DataFrame(), pa.table({}), "ab", 3, None]))


@pytest.mark.parametrize(
    ("obj", "error", "message"),
    [
        (np.zeros((2, 1)), DimensionMismatch, r"shape \(2, 1\).*ravel"),
        ("abc", TableError, "must be a column.*str"),
        (None, TableError, "must be a column"),
    ],
)
def test_things_that_are_no_column_raise(obj: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        column_of(obj)


def test_levels_of_mixed_types_raise() -> None:
    with pytest.raises(TableError, match="all be strings"):
        level_array(["a", 1])


def test_a_factor_is_made_of_codes_where_minus_one_is_missing() -> None:
    values = factor(np.array([1, -1, 0]), ["x", "y"], ordered=False)
    assert values.to_pylist() == ["y", None, "x"]


def test_dates_come_in_as_dates() -> None:
    assert column_of([datetime.date(2020, 1, 1)]).values.type == pa.date32()


@pytest.mark.parametrize("make", [pd.Series, lambda values: values], ids=["series", "array"])
def test_periods_stay_periods(make: Callable[[Any], Any]) -> None:
    periods = pd.period_range("2020-01", periods=3, freq="M").array
    periods = pd.array([periods[0], pd.NaT, periods[2]], dtype=periods.dtype)
    column = column_of(make(periods))
    assert isinstance(column.values, np.ndarray) and column.values.dtype == object
    assert column.values[[0, 2]].tolist() == [periods[0], periods[2]]
    assert missing_mask(column.values).tolist() == [False, True, False]


def test_extension_types_of_arrow_stay_objects() -> None:
    months = pa.array(pd.Series(pd.period_range("2020-01", periods=2, freq="M")))
    for array in (months, pa.chunked_array([months])):
        values = column_of(array).values
        assert isinstance(values, np.ndarray) and not is_numeric(values)


def test_sparse_columns_are_made_dense() -> None:
    for dtype in ("int64", "float64"):
        sparse = pd.array([0, 3, 0], dtype=pd.SparseDtype(dtype))
        for column in (sparse, pd.Series(sparse, index=[4, 5, 6], name="n")):
            read = column_of(column)
            assert read.values.to_pylist() == [0, 3, 0] and is_numeric(read.values)
            assert str(read.values.type) in (dtype, "double")
    assert list(read.index) == [4, 5, 6] and read.origin.name == "n"


def test_long_doubles_become_doubles() -> None:
    wide = np.array([1.5, np.nan], dtype=np.longdouble)
    for column in (wide, pd.Series(wide), list(wide), np.ma.masked_array(wide, [False, True])):
        values = column_of(column).values
        assert values.type == pa.float64() and values[0].as_py() == 1.5
        assert missing_mask(values).tolist() == [False, True]


@pytest.mark.parametrize("items", [[1, 2], [0.5, 1.5], [True, False], ["a", "b"]])
def test_arrays_that_go_out_can_be_written_to(items: list[Any]) -> None:
    values = pa.array(items)
    out = column_out(values, column_of(items).origin)
    out[0] = items[1]
    assert out.tolist() == [items[1]] * 2 and values.to_pylist() == items
