"""Taking a table apart: each kind of selector, kinds kept, shuffling, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.data import Continuous, Count, Optional, Textual, nrows, unpack
from mlj_keras.data.columns import column_of
from mlj_keras.data.tables import table_of
from mlj_keras.errors import InvalidArgument, SchemaMismatch, TableError

TABLES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "pyarrow": pa.table,
    "dict": dict,
}
COLUMNS: dict[str, list[Any]] = {
    "x": [0.5, 1.5, 2.5],
    "y": ["a", "b", "c"],
    "z": [1, 2, 3],
    "w": [None, 0.5, 1.5],
}


def names_of(table: Any) -> tuple[str, ...]:
    """The names of the columns of a table of any kind."""
    return table_of(table).names


@pytest.mark.parametrize("kind", TABLES)
def test_k_selectors_give_k_results_and_the_rest(kind: str) -> None:
    table = TABLES[kind](COLUMNS)
    z, xy, rest = unpack(table, "z", lambda name: name != "w")
    assert column_of(z).values.to_pylist() == [1, 2, 3]
    assert names_of(xy) == ("x", "y") and names_of(rest) == ("w",)
    assert type(xy) is type(table) and type(rest) is type(table)
    assert names_of(table) == tuple(COLUMNS)


@pytest.mark.parametrize(
    ("selector", "taken"),
    [
        (["w", "x"], ("w", "x")),  # a list sets the order
        (("y",), ("y",)),
        ({"z", "x"}, ("x", "z")),  # a set has none: that of the table
        (np.array(["y"]), ("y",)),
        (["y", "y"], ("y",)),
        (Continuous, ("x", "w")),
        (Optional[Continuous], ("x", "w")),
        (Count, ("z",)),
        (Continuous | Textual, ("x", "y", "w")),
        (lambda name: name > "w", ("x", "y", "z")),
        ("w".__eq__, ("w",)),
        ([], ()),
        (lambda name: False, ()),
    ],
)
def test_all_selectors_but_a_name_give_a_table(selector: Any, taken: tuple[str, ...]) -> None:
    first, rest = unpack(pd.DataFrame(COLUMNS), selector)
    assert isinstance(first, pd.DataFrame)
    assert names_of(first) == taken
    assert names_of(rest) == tuple(name for name in COLUMNS if name not in taken)


def test_each_selector_takes_from_what_is_left() -> None:
    w, continuous, rest = unpack(COLUMNS, "w", Continuous)
    assert w == COLUMNS["w"] and list(continuous) == ["x"] and list(rest) == ["y", "z"]
    everything, nothing = unpack(COLUMNS, lambda name: True)
    assert list(everything) == list(COLUMNS) and nothing == {}
    assert list(unpack(COLUMNS)[0]) == list(COLUMNS)


def test_int_labels_and_matrices_have_names_too() -> None:
    matrix = np.arange(6).reshape(2, 3)
    column, rest = unpack(matrix, "x2")
    assert column.tolist() == [1, 4] and rest.tolist() == [[0, 2], [3, 5]]
    column, rest = unpack(pd.DataFrame(matrix), 1)
    assert column.tolist() == [1, 4] and list(rest.columns) == [0, 2]
    assert unpack(pd.DataFrame(matrix), lambda label: label == 2)[0].columns.tolist() == [2]


@pytest.mark.parametrize("kind", TABLES)
def test_an_rng_shuffles_the_rows_of_all_results_alike(kind: str) -> None:
    columns = {"a": list(range(20)), "b": list(range(20)), "c": [str(i) for i in range(20)]}
    a, b, c = unpack(TABLES[kind](columns), "a", "b", rng=123)
    order = column_of(a).values.to_pylist()
    assert sorted(order) == list(range(20)) != order
    assert column_of(b).values.to_pylist() == order
    assert table_of(c).column("c").to_pylist() == [str(i) for i in order]
    again = unpack(TABLES[kind](columns), "a", rng=123)[0]
    assert column_of(again).values.to_pylist() == order


def test_shuffling_can_be_asked_for_or_refused_by_name() -> None:
    columns = {"a": list(range(50))}
    assert unpack(columns, "a")[0] == columns["a"]
    assert unpack(columns, "a", shuffle=False, rng=1)[0] == columns["a"]
    assert unpack(columns, "a", shuffle=True)[0] != unpack(columns, "a", shuffle=True)[0]


def test_a_shuffled_pandas_table_keeps_index_and_rows_together() -> None:
    frame = pd.DataFrame({"a": range(9), "b": range(9)}, index=range(9))
    y, X = unpack(frame, "a", rng=1)
    assert y.index.tolist() == y.tolist() == X.index.tolist() == X["b"].tolist()
    assert nrows(X) == 9


@pytest.mark.parametrize(
    ("selectors", "error", "message"),
    [
        (("targt",), SchemaMismatch, "no column 'targt'.*The columns are 'x', 'y', 'z', 'w'"),
        ((["x", "q"],), SchemaMismatch, "the table has no column 'q'"),
        (("x", "x"), SchemaMismatch, "'x' was taken by an earlier selector"),
        ((Count, ["z"]), SchemaMismatch, "'z' was taken"),
        ((None,), InvalidArgument, "must be a name.*got None"),
        ((1.5,), InvalidArgument, "must be a name"),
        ((True,), InvalidArgument, "must be a name"),
    ],
)
def test_wrong_selectors_raise(
    selectors: tuple[Any, ...], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        unpack(COLUMNS, *selectors)


def test_unpacking_anything_but_a_table_raises() -> None:
    with pytest.raises(TableError, match="must be a table"):
        unpack([1, 2], "a")
