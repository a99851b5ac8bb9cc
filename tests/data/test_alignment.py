"""New tables have the columns of the training data, by name, or by position for a matrix."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest

from mlj_keras.data.alignment import aligned
from mlj_keras.data.tables import table_of
from mlj_keras.errors import SchemaMismatch, ScitypeWarning


def test_a_matrix_takes_the_names_by_position() -> None:
    table = aligned(table_of(np.zeros((2, 2))), ("a", "b"), set())
    assert table.names == ("a", "b")
    with pytest.raises(
        SchemaMismatch, match=r"3 columns, and the machine was trained on 2: \['a'"
    ):
        aligned(table_of(np.zeros((2, 3))), ("a", "b"), set())


def test_columns_that_are_lacking_are_named_with_near_ones() -> None:
    table = table_of(pd.DataFrame({"a": [1.0], "weigth": [2.0]}))
    with pytest.raises(SchemaMismatch, match="'weight' may be 'weigth'"):
        aligned(table, ("a", "weight"), set())
    with pytest.raises(SchemaMismatch, match=r"lacks the column\(s\) \['b'\].*Add or rename"):
        aligned(table_of(pd.DataFrame({"a": [1.0]})), ("a", "b"), set())


def test_other_columns_are_warned_of_once_and_any_order_will_do() -> None:
    table, warned = table_of(pd.DataFrame({"b": [1.0], "c": [3.0], "a": [2.0]})), set[str]()
    with pytest.warns(ScitypeWarning, match=r"they are ignored: \['c'\]"):
        assert aligned(table, ("a", "b"), warned) is table
    assert warned == {"c"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        aligned(table, ("a", "b"), warned)
