"""Rows and columns of the user's objects, and the canonical form of row positions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data import nrows, selectcols, selectrows
from mlj_keras.data.columns import column_of
from mlj_keras.data.images import images_of
from mlj_keras.data.rows import row_positions
from mlj_keras.data.tables import table_of
from mlj_keras.errors import DimensionMismatch, EmptyData, RowsError, SchemaMismatch, TableError

ITEMS = [10, 11, 12, 13]


class Vector:
    """Something like a vector of distributions: a length and items at positions."""

    def __init__(self, items: Any) -> None:
        self.items = np.asarray(items)

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, rows: Any) -> Vector:
        return Vector(self.items[rows])

    def tolist(self) -> list[int]:
        return list(self.items.tolist())


class Streamed:
    """A table of another library, known only by its Arrow stream."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return pa.table({"a": ITEMS, "b": ITEMS}).__arrow_c_stream__(requested_schema)


COLUMNS: dict[str, Callable[[], Any]] = {
    "list": lambda: list(ITEMS),
    "tuple": lambda: tuple(ITEMS),
    "numpy": lambda: np.array(ITEMS),
    "pandas": lambda: pd.Series(ITEMS, index=list("wxyz")),
    "index": lambda: pd.Index(ITEMS),
    "array": lambda: pd.array(ITEMS, dtype="Int64"),
    "polars": lambda: pl.Series(ITEMS),
    "pyarrow": lambda: pa.array(ITEMS),
    "chunks": lambda: pa.chunked_array([ITEMS[:1], ITEMS[1:]]),
    "vector": lambda: Vector(ITEMS),
}
TABLES: dict[str, Callable[[], Any]] = {
    "pandas": lambda: pd.DataFrame({"a": ITEMS, "b": list("pqrs")}, index=list("wxyz")),
    "polars": lambda: pl.DataFrame({"a": ITEMS, "b": list("pqrs")}),
    "pyarrow": lambda: pa.table({"a": ITEMS, "b": list("pqrs")}),
    "batch": lambda: pa.record_batch({"a": ITEMS, "b": list("pqrs")}),
    "dict": lambda: {"a": ITEMS, "b": np.array(list("pqrs"))},
}


def items_of(column: Any) -> list[Any]:
    """The items of a column of any kind as a list."""
    return list(
        column.to_pylist()
        if isinstance(column, pa.Array | pa.ChunkedArray)
        else column.tolist()
        if hasattr(column, "tolist")
        else column
    )


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([2, 0, 2], [12, 10, 12]),
        (np.array([3]), [13]),
        (1, [11]),
        (slice(1, 3), [11, 12]),
        (slice(-2, None), [12, 13]),
        ([False, True, False, True], [11, 13]),
        (pd.Series([0, 1]), [10, 11]),
        (pa.array([3, 2]), [13, 12]),
        ([], []),
    ],
)
def test_rows_of_a_column_are_a_column_of_its_kind(kind: str, rows: Any, expected: Any) -> None:
    column = COLUMNS[kind]()
    picked = selectrows(column, rows)
    assert type(picked) is type(column)
    assert items_of(picked) == expected
    assert nrows(column) == 4 and nrows(picked) == len(expected)


@pytest.mark.parametrize("kind", TABLES)
@pytest.mark.parametrize("rows", [[2, 0], [1], []])
def test_rows_of_a_table_are_a_table_of_its_kind(kind: str, rows: list[int]) -> None:
    table = TABLES[kind]()
    picked = selectrows(table, rows)
    assert type(picked) is type(table)
    assert nrows(table) == 4 and nrows(picked) == len(rows)
    assert items_of(selectcols(picked, "a")) == [ITEMS[row] for row in rows]
    assert items_of(selectcols(picked, "b")) == [list("pqrs")[row] for row in rows]
    if kind == "pandas":
        assert list(picked.index) == [list("wxyz")[row] for row in rows]


@pytest.mark.parametrize("make", [*COLUMNS.values(), *TABLES.values()])
@pytest.mark.parametrize("rows", [None, slice(None), range(4), [0, 1, 2, 3], [True] * 4])
def test_all_rows_in_order_are_the_object_itself(make: Callable[[], Any], rows: Any) -> None:
    obj = make()
    assert selectrows(obj, rows) is obj


def test_one_int_gives_a_table_of_one_row_and_keeps_matrices_two_dimensional() -> None:
    matrix = np.arange(6).reshape(3, 2)
    assert selectrows(matrix, 1).tolist() == [[2, 3]]
    assert selectrows(pd.DataFrame(matrix), 1).shape == (1, 2)


def test_images_ranges_and_inner_objects_have_rows_too() -> None:
    images = np.arange(8).reshape(2, 2, 2)
    assert np.array_equal(selectrows(images, [1]), images[1:])
    assert nrows(images) == 2 and nrows(images_of(images)) == 2
    assert selectrows(range(10, 14), [3, 0]).tolist() == [13, 10]
    assert selectrows(table_of(TABLES["pandas"]()), [1]).column("a").to_pylist() == [11]
    assert selectrows(column_of(ITEMS), [1]).values.to_pylist() == [11]
    assert selectrows(images_of(images), [1]).pixels.shape == (1, 2, 2, 1)
    assert selectrows(Streamed(), [1]).to_pydict() == {"a": [11], "b": [11]}
    assert nrows(Streamed()) == 4


def test_none_has_no_rows_and_gives_none() -> None:
    assert nrows(None) == 0
    assert selectrows(None, [5]) is None
    assert selectcols(None, "a") is None
    assert nrows({}) == 0


@pytest.mark.parametrize("obj", ["abc", 3, np.float64(1), {1, 2}, pl.LazyFrame({"a": [1]})])
def test_things_without_rows_raise(obj: Any) -> None:
    with pytest.raises((TableError, DimensionMismatch), match="must be a table"):
        nrows(obj)
    with pytest.raises((TableError, DimensionMismatch), match="must be a table"):
        selectrows(obj, [0])


def test_a_sparse_matrix_has_no_rows_of_a_table() -> None:
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy has the sparse matrices")
    with pytest.raises(TableError, match=r"toarray\(\)"):
        nrows(sparse.csr_matrix(np.eye(2)))


def test_mappings_with_columns_of_different_lengths_raise() -> None:
    with pytest.raises(DimensionMismatch, match=r"\{'a': 1, 'b': 2\}"):
        nrows({"a": [1], "b": [1, 2]})


@pytest.mark.parametrize(
    "rows",
    [None, range(5), list(range(5)), np.arange(5), slice(None), [True] * 5, pl.Series(range(5))],
)
def test_all_rows_have_one_form(rows: Any) -> None:
    assert row_positions(rows, 5) is None


@given(st.lists(st.integers(0, 5), min_size=1))
def test_positions_are_the_same_from_every_kind_of_ints(rows: list[int]) -> None:
    expected = None if rows == list(range(6)) else rows
    for make in (list, tuple, np.array, pd.Series, pd.Index, pl.Series, pa.array):
        found = row_positions(make(rows), 6)
        assert (None if found is None else found.tolist()) == expected
    unsigned = row_positions(np.array(rows, dtype=np.uint8), 6)
    assert unsigned is None or unsigned.dtype == np.int64


@given(st.lists(st.booleans(), min_size=1).filter(any))
def test_a_mask_means_the_positions_where_it_is_true(mask: list[bool]) -> None:
    expected = row_positions(np.flatnonzero(mask), len(mask))
    for make in (list, np.array, pd.Series, pa.array):
        found = row_positions(make(mask), len(mask))
        assert np.array_equal(found, expected) if expected is not None else found is None


def test_positions_are_a_copy() -> None:
    rows = np.array([3, 1])
    found = row_positions(rows, 4)
    assert found is not None
    rows[0] = 0
    assert found.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, -1], r"has -1 at position 1.*0\.\.3.*Count from the start"),
        ([0, 4, 9], "has 4 at position 1, and the data have 4 rows"),
        (7, "has 7 at position 0"),
        (np.array([2**63], dtype=np.uint64), "at position 0"),
        (range(2, 6), "has 4 at position 2"),
        ([0.0, 1.5], "must be ints, got 0.0 at position 0"),
        ([0, None], "got None at position 1"),
        (["a"], "got 'a' at position 0"),
        (pd.array([True, None, True, True], dtype="boolean"), "got <NA> at position 1"),
        ([0, True, None], "got True at position 1"),
        ([True, False], "mask of 2 booleans, and the data have 4 rows"),
        ([[0, 1]], r"one-dimensional, got an array of shape \(1, 2\)"),
        ([[0], [1, 2]], "one-dimensional, got list"),
        ("abc", "one-dimensional, got 'abc'"),
        (True, "one-dimensional, got True"),
        ({0, 1}, r"one-dimensional, got \{0, 1\}"),
        (slice(0.5, 2), "whose bounds are no ints"),
    ],
)
def test_what_is_no_row_position_raises(rows: Any, message: str) -> None:
    with pytest.raises(RowsError, match=message):
        row_positions(rows, 4)
    with pytest.raises(IndexError):
        selectrows(ITEMS, rows)


@pytest.mark.parametrize("rows", [[], np.array([], dtype=int), [False] * 4, slice(2, 2), range(0)])
def test_no_row_at_all_raises(rows: Any) -> None:
    with pytest.raises(EmptyData, match="rows=None for all"):
        row_positions(rows, 4)
    assert len(selectrows(ITEMS, rows)) == 0


@pytest.mark.parametrize("kind", TABLES)
def test_columns_are_picked_in_the_order_asked_for(kind: str) -> None:
    table = TABLES[kind]()
    assert items_of(selectcols(table, "a")) == ITEMS
    picked = selectcols(table, ["b", "a"])
    assert type(picked) is type(table)
    assert table_of(picked).names == ("b", "a")
    assert nrows(selectcols(table, ["a"])) == 4


def test_columns_of_matrices_streams_and_int_labels() -> None:
    matrix = np.arange(6).reshape(2, 3)
    assert selectcols(matrix, "x2").tolist() == [1, 4]
    assert selectcols(matrix, 1).tolist() == [1, 4]
    assert selectcols(matrix, ["x3", "x1"]).tolist() == [[2, 0], [5, 3]]
    frame = pd.DataFrame(matrix, columns=[5, 6, 7])
    assert selectcols(frame, 6).tolist() == selectcols(frame, "6").tolist() == [1, 4]
    assert selectcols(Streamed(), "a").to_pylist() == ITEMS


@pytest.mark.parametrize("name", ["aa", 3, None, 1.5])
def test_unknown_columns_raise_with_near_names(name: Any) -> None:
    with pytest.raises(SchemaMismatch, match="X has no column .*The columns are 'a', 'b'"):
        selectcols(TABLES["pandas"](), name)
    with pytest.raises(SchemaMismatch, match="Did you mean 'length'?"):
        selectcols({"length": [1], **{f"c{i}": [1] for i in range(20)}}, ["lenght"])


def test_columns_of_no_table_raise() -> None:
    with pytest.raises(TableError, match="must be a table"):
        selectcols([1, 2], "a")
    with pytest.raises(SchemaMismatch, match="duplicate"):
        selectcols(pd.DataFrame([[1, 2]], columns=["a", "a"]), "a")
