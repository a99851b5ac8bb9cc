"""The one table inside: in from every kind, rows taken, out as the kind it came in."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data.columns import column_of
from mlj_keras.data.tables import is_table, table_column, table_of, table_out
from mlj_keras.errors import DimensionMismatch, SchemaMismatch, TableError

KINDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
    "dict": dict,
}
COLUMNS: dict[str, list[Any]] = {
    "length": [0.5, 1.5, 2.5],
    "visits": [1, 2, 3],
    "name": ["x", None, "y"],
    "smokes": [True, False, True],
}


class Streamed:
    """A table of another library, known only by its Arrow stream."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


def same(left: Any, right: Any) -> bool:
    """Equality of two tables of one kind, order of the columns included."""
    if isinstance(left, dict):
        return list(left) == list(right) and all(
            column_of(left[name]).values.equals(column_of(right[name]).values) for name in left
        )
    return type(left) is type(right) and left.equals(right)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_goes_out_as_it_came_in(kind: str) -> None:
    given_table = KINDS[kind](COLUMNS)
    table = table_of(given_table)
    assert table.names == tuple(COLUMNS) and len(table) == 3
    assert table.origin.kind == kind
    columns = [table.column(name) for name in table.names]
    assert same(table_out(table.names, columns, table.origin, table.index), given_table)


@pytest.mark.parametrize("kind", KINDS)
@given(rows=st.lists(st.integers(0, 2)))
def test_taking_rows_takes_them_from_every_column(kind: str, rows: list[int]) -> None:
    table = table_of(KINDS[kind](COLUMNS)).take(np.array(rows, dtype=int))
    assert len(table) == len(rows)
    for name, items in COLUMNS.items():
        assert table.column(name).to_pylist() == [items[row] for row in rows]


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool"])
def test_a_numeric_matrix_stays_one_uncopied_block(dtype: str) -> None:
    matrix = np.array([[1, 0], [1, 1], [0, 1]], dtype=dtype)
    table = table_of(matrix)
    assert table.names == ("x1", "x2")
    assert table.block is not None and np.shares_memory(table.block, matrix)
    assert table.column("x2").to_pylist() == matrix[:, 1].tolist()
    out = table_out(table.names, [table.column(name) for name in table.names], table.origin)
    assert out.dtype == matrix.dtype and np.array_equal(out, matrix)
    assert np.array_equal(table.take(np.array([2, 0])).block, matrix[[2, 0]])


def test_a_matrix_of_objects_is_read_column_by_column_and_goes_out_as_a_frame() -> None:
    matrix = np.array([[1, "a"], [2, None]], dtype=object)
    table = table_of(matrix)
    assert table.column("x1").to_pylist() == [1, 2]
    assert table.column("x2").to_pylist() == ["a", None]
    out = table_out(table.names, [table.column(name) for name in table.names], table.origin)
    assert isinstance(out, pd.DataFrame) and list(out.columns) == ["x1", "x2"]


def test_matrices_of_foreign_byte_order_come_in() -> None:
    table = table_of(np.array([[1.5]], dtype=">f8"))
    assert table.column("x1").to_pylist() == [1.5]


def test_a_pandas_table_keeps_its_index_and_its_labels() -> None:
    frame = pd.DataFrame({0: [1.0, 2.0], "b": ["x", "y"]}, index=["r", "s"])
    table = table_of(frame).take(np.array([1]))
    assert table.names == ("0", "b")
    out = table_out(["0", "b"], [table.column("0"), table.column("b")], table.origin, table.index)
    pd.testing.assert_frame_equal(out, frame.iloc[[1]])
    column = table_column(table_of(frame), "0")
    assert column.origin.name == 0 and list(column.index) == ["r", "s"]


def test_tables_of_other_libraries_come_in_by_their_arrow_stream() -> None:
    table = table_of(Streamed(pa.table({"a": [1, 2]})))
    assert table.names == ("a",) and table.column("a").to_pylist() == [1, 2]
    assert table_of(pa.record_batch({"a": [1, 2]})).n_rows == 2


def test_a_subclass_of_a_pandas_frame_is_read_as_one() -> None:
    class Reading(pd.DataFrame):
        pass

    assert table_of(Reading({"a": [1]}, index=["r"])).origin.kind == "pandas"


def test_what_is_a_table_and_what_is_not() -> None:
    assert all(is_table(make(COLUMNS)) for make in KINDS.values())
    assert is_table(np.zeros((2, 2))) and is_table(table_of(np.zeros((2, 2))))
    assert not any(map(is_table, [np.zeros(2), [1, 2], pd.Series([1]), pl.Series([1]), None, 3]))
    table = table_of(np.zeros((2, 2)))
    assert table_of(table) is table


@pytest.mark.parametrize(
    ("obj", "error", "message"),
    [
        (None, TableError, "must be a table, got NoneType. Pass a pandas"),
        ([1, 2], TableError, r"reshape\(-1, 1\)"),
        (pl.LazyFrame({"a": [1]}), TableError, r"X\.collect\(\)"),
        (np.zeros(3), DimensionMismatch, r"reshape\(-1, 1\)"),
        (np.zeros((2, 2, 2)), DimensionMismatch, "ImageClassifier"),
        (np.ma.masked_array([[1.0]], [[True]]), TableError, r"filled\(numpy.nan\)"),
        ({"a": [1], "b": [1, 2]}, DimensionMismatch, r"\{'a': 1, 'b': 2\}"),
        ({"a": 3}, TableError, r"values must be columns.*X\['a'\]"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), SchemaMismatch, r"\{'a': \[0, 1\]\}"),
        (pd.DataFrame([[1, 2]], columns=[1, "1"]), SchemaMismatch, "duplicate column names"),
        (pa.table([[1], [2]], names=["a", "a"]), SchemaMismatch, "duplicate column names"),
        (pd.DataFrame({("a", 1): [1]}), TableError, r"must be strings.*X\.columns ="),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str | type) else None,
)
def test_things_that_are_no_table_raise(obj: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        table_of(obj)


def test_a_sparse_matrix_raises_with_the_remedy() -> None:
    sparse = pytest.importorskip("scipy.sparse", reason="SciPy has the sparse matrices")
    with pytest.raises(TableError, match=r"toarray\(\)"):
        table_of(sparse.csr_matrix(np.eye(2)))


@pytest.mark.parametrize("dtype", [np.longdouble, ">f8", ">i4"])
def test_numbers_that_arrow_does_not_know_are_converted_in_matrices_and_frames(dtype: Any) -> None:
    matrix = np.array([[1, 2], [3, 4]], dtype=dtype)
    for table in (table_of(matrix), table_of(pd.DataFrame(matrix))):
        assert table.block is not None and table.block.dtype.isnative
        assert table.column(table.names[1]).to_pylist() == [2, 4]


def test_columns_are_found_by_name_in_one_step_whatever_the_width() -> None:
    table = table_of(np.arange(6.0).reshape(2, 3))
    assert table.position == {"x1": 0, "x2": 1, "x3": 2}
    assert table.position is table.position
    assert table.take(np.array([1])).column("x3").to_pylist() == [5.0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_remembers_what_the_user_gave_and_which_rows(kind: str) -> None:
    given_table = KINDS[kind](COLUMNS)
    table = table_of(given_table)
    assert table.own is given_table and table.own_rows is None
    taken = table.take(np.array([2, 1, 0])).take(slice(1, None))
    assert taken.own is given_table
    assert taken.own_rows is not None and taken.own_rows.tolist() == [1, 0]


def test_some_rows_are_pickled_without_the_table_they_are_of() -> None:
    frame = pd.DataFrame({"a": np.arange(1e5), "s": ["x", "y"] * 50_000})
    taken = table_of(frame).take(np.array([3, 0]))
    data = pickle.dumps(taken)
    assert len(data) < 4000
    back = pickle.loads(data)
    assert back.own is None and back.own_rows is None
    assert back.names == ("a", "s") and len(back) == 2 and back.index.tolist() == [3, 0]
    assert table_out(back.names, back.columns or (), back.origin)["s"].tolist() == ["y", "x"]
    assert taken.own is frame
