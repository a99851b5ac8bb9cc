"""Words and lines about data that a network cannot take: each line does what it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.data.tables import table_of
from mlj_keras.machine._findings import column_line, fill_line, listed, one_axis

NUMBERS = [1.0, None, 3.0, 8.0]
LABELS = ["u", None, "u", "v"]
FRAME = pd.DataFrame({"a": NUMBERS, "c": pd.Categorical(LABELS), "gone": [None] * 4})
POLARS = pl.DataFrame(
    {"a": [1.0, float("nan"), 3.0, None], "c": pl.Series(LABELS, dtype=pl.Categorical)}
)


def run(line: str, X: Any) -> Any:
    """The X that a line of advice leaves."""
    names = {"X": X, "numpy": np, "polars": pl}
    exec(line.removesuffix(", which holds nothing else"), names)
    return names["X"]


def test_the_line_for_numbers_of_pandas_fills_with_the_median() -> None:
    filled = run(fill_line(table_of(FRAME), "a"), FRAME)
    assert filled["a"].tolist() == [1.0, 3.0, 3.0, 8.0]


def test_the_line_for_factors_of_pandas_fills_with_the_mode() -> None:
    own = FRAME[["c"]]
    assert run(fill_line(table_of(own), "c"), own)["c"].tolist() == ["u", "u", "u", "v"]


def test_the_line_for_numbers_of_polars_fills_nan_and_null_and_leaves_factors() -> None:
    filled = run(fill_line(table_of(POLARS), "a"), POLARS)
    assert filled["a"].to_list() == [1.0, 2.0, 3.0, 2.0]
    assert filled["c"].to_list() == LABELS


def test_the_line_for_factors_of_polars_fills_with_the_mode() -> None:
    assert run(fill_line(table_of(POLARS), "c"), POLARS)["c"].to_list() == ["u", "u", "u", "v"]


def test_the_line_for_a_matrix_fills_each_column_with_its_median() -> None:
    X = np.array([[1.0, 5.0], [np.nan, 6.0], [3.0, np.nan], [8.0, 9.0]])
    expected = [[1.0, 5.0], [3.0, 6.0], [3.0, 6.0], [8.0, 9.0]]
    assert run(fill_line(table_of(X), "x1"), X).tolist() == expected


@pytest.mark.parametrize(
    ("X", "name"),
    [
        ({"a": NUMBERS}, "a"),
        (pa.table({"a": NUMBERS}), "a"),
        (np.array([[1.0, "u"], [None, "v"]], dtype=object), "x1"),
    ],
    ids=["dict", "pyarrow", "objects"],
)
def test_other_tables_get_words_that_name_the_column(X: Any, name: str) -> None:
    assert fill_line(table_of(X), name) == f"the median of column {name!r}"


@pytest.mark.parametrize(
    ("X", "name"),
    [
        (FRAME[["a", "gone"]], "gone"),
        (pd.DataFrame({0: [1.0], 7: [None]}), "7"),
        (pl.DataFrame({"a": [1.0], "gone": [None]}), "gone"),
        (pa.table({"a": [1.0], "gone": pa.nulls(1)}), "gone"),
        ({"a": [1.0], "gone": [None]}, "gone"),
        (np.array([[1.0, np.nan]]), "x2"),
    ],
    ids=["pandas", "integer label", "polars", "pyarrow", "dict", "matrix"],
)
def test_a_column_of_nothing_is_dropped_by_the_line(X: Any, name: str) -> None:
    line = fill_line(table_of(X), name)
    assert line.endswith(", which holds nothing else")
    left = table_of(run(line, X))
    assert len(left.names) == 1 and name not in left.names


@pytest.mark.parametrize(
    ("y", "line"),
    [
        (pd.DataFrame({"t": [1.0]}), "y['t']"),
        (pd.DataFrame({3: [1.0]}), "y[3]"),
        (pl.DataFrame({"t": [1.0]}), "y['t']"),
        (pa.table({"t": [1.0]}), "y['t']"),
        ({"t": [1.0]}, "y['t']"),
        (np.ones((1, 1)), "y[:, 0]"),
    ],
)
def test_the_expression_takes_the_only_column(y: Any, line: str) -> None:
    assert column_line(table_of(y), "y") == line
    column = eval(line, {"y": y})
    assert [float(getattr(value, "as_py", lambda value=value: value)()) for value in column] == [1]


@pytest.mark.parametrize("data", [[[1.0, 2.0]], [], ["a.png"], "data.csv", np.ones((2, 2)), None])
def test_what_is_no_row_and_no_column_is_left_to_others(data: Any) -> None:
    assert one_axis(data) is None


def test_few_findings_are_a_sentence_and_many_stand_one_under_the_other() -> None:
    assert listed(["a is odd", "b is odd"]) == " a is odd; b is odd. "
    assert listed(["a", "b", "c", "d"]) == "\n  a\n  b\n  c\n  d\n"
