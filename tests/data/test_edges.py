"""Tables that stay inside keep pools and labels, and go out as they came in."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.data.columns import Column, ColumnOrigin, column_of
from mlj_keras.data.edges import inward, outward
from mlj_keras.data.images import images_of
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.rows import selectcols
from mlj_keras.data.tables import InnerTable, table_of

FRAME = pd.DataFrame(
    {
        "a": [1.5, None, 2.5],
        "n": pd.array([1, None, 3], dtype="Int64"),
        "f": pd.Categorical(["x", "y", "x"], categories=["y", "x", "z"]),
        "s": ["p", "q", None],
    },
    index=[4, 5, 6],
)
KINDS = {
    "pandas": FRAME,
    "polars": pl.DataFrame({"a": [1.5, 2.5], "f": pl.Series(["x", "y"], dtype=pl.Categorical)}),
    "pyarrow": pa.table({"a": [1.5, 2.5], "f": pa.array(["x", "y"]).dictionary_encode()}),
    "dict": {"a": [1.5, 2.5], "s": ["p", "q"]},
    "matrix": np.array([[1.0, 2.0], [3.0, 4.0]]),
}


def same(left: Any, right: Any) -> bool:
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(list(left[k]) == list(right[k]) for k in left)
    if isinstance(left, np.ndarray):
        return np.array_equal(left, right)
    return type(left) is type(right) and left.equals(right)


@pytest.mark.parametrize("kind", KINDS)
def test_what_comes_through_untouched_is_the_users_own(kind: str) -> None:
    given = KINDS[kind]
    entered = table_of(given)
    inner = inward(entered)
    assert isinstance(inner, InnerTable) and inner.origin.kind == "inner"
    assert inward(inner) is inner and inner.origin.own == entered.origin
    assert same(outward(inner, entered, inner), given)


def test_a_column_that_changed_is_written_and_the_rest_stays_as_it_was() -> None:
    entered = table_of(FRAME)
    inner = inward(entered)
    changed = replace_columns(inner, {"a": np.array([0.0, 1.0, 2.0])})
    assert changed.origin.kind == "inner" and changed.index is inner.index
    found = outward(changed, entered, inner)
    assert found["a"].tolist() == [0.0, 1.0, 2.0] and found.index.tolist() == [4, 5, 6]
    assert found["n"].dtype == "Int64" and found["f"].cat.categories.tolist() == ["y", "x", "z"]


def test_new_columns_and_fewer_columns_go_out_in_their_order() -> None:
    entered = table_of(FRAME)
    inner = inward(entered)
    several = replace_columns(inner, {"a": {"a_1": np.ones(3), "a": 0}})
    assert several.names == ("a_1", "a", "n", "f", "s")
    assert list(outward(several, entered, inner)) == ["a_1", "a", "n", "f", "s"]
    fewer = selectcols(several, ["f", "a_1"])
    assert list(outward(fewer, entered, inner)) == ["f", "a_1"]
    assert outward(fewer, entered, inner)["f"].cat.categories.tolist() == ["y", "x", "z"]


def test_labels_that_are_no_strings_come_back() -> None:
    frame = pd.DataFrame({0: [1.0, 2.0], 1: [3.0, 4.0]})
    entered = table_of(frame)
    inner = inward(entered)
    changed = replace_columns(inner, {"1": np.array([5.0, 6.0])})
    assert outward(changed, entered, inner).columns.tolist() == [0, 1]
    assert outward(changed).columns.tolist() == [0, 1]


def test_factors_keep_levels_that_no_row_has_inside_even_if_polars_cannot_hold_them() -> None:
    inner = inward(table_of(KINDS["polars"]).take(np.array([0])))
    assert inner.column("f").dictionary.to_pylist() == ["x", "y"]
    again = replace_columns(inner, {"a": np.array([9.0])})
    assert again.column("f").dictionary.to_pylist() == ["x", "y"]


def test_columns_images_and_the_users_own_data_go_out() -> None:
    series = pd.Series([1.0, 2.0], index=[3, 4], name="y")
    assert same(outward(column_of(series)), series)
    column = Column(pa.array(["a"]).dictionary_encode(), ColumnOrigin("pandas", "f"))
    assert isinstance(outward(column).dtype, pd.CategoricalDtype)
    pixels = np.zeros((2, 3, 3))
    assert np.array_equal(outward(images_of(pixels)), pixels)
    assert outward("anything") == "anything" and inward([1, 2]) == [1, 2]
    assert same(outward(table_of(FRAME)), FRAME)


def test_functions_get_the_users_own_columns_where_nothing_touched_them() -> None:
    inner = inward(table_of(FRAME))
    assert outward(inner) is not None and same(outward(inner), FRAME)
    some = inner.take(np.array([2, 0]))
    assert same(outward(some), FRAME.iloc[[2, 0]])
    arrow = pa.table({"f": pa.array(["x", "y"], pa.large_string()).dictionary_encode()})
    entered = table_of(arrow)
    inner = inward(entered)
    again = replace_columns(inner, {})
    assert outward(again, entered, inner).schema == arrow.schema
