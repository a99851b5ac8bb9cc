"""FeatureSelector: the rules of the reference, on all kinds of tables."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    InvalidModelError,
    ModelWarning,
    SchemaMismatch,
    TableError,
    UnsupportedOperation,
)
from mlj_keras.transformers.feature_selector import FeatureSelector

TABLE = {"a": [1, 2], "b": ["p", None], "c": [0.5, 1.5], "d": [[1], None]}


def fitted(X: Any, **values: Any) -> mlj.Machine:
    return mlj.machine(FeatureSelector(**values), X).fit(verbosity=0)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({}, "abcd"),
        ({"features": ["c", "a"]}, "ca"),  # in the order asked for
        ({"features": ["c", "a", "c"]}, "ca"),
        ({"features": ["c", "a"], "ignore": True}, "bd"),
        ({"features": lambda name: name > "b"}, "cd"),
        ({"features": lambda name: np.bool_(name > "b"), "ignore": True}, "ab"),
    ],
)
def test_names_or_a_predicate_say_what_is_kept(values: dict[str, Any], kept: str) -> None:
    mach = fitted(TABLE, **values)
    assert mach.transform() == {name: TABLE[name] for name in kept}
    assert list(mach.transform()) == list(kept)
    assert mach.report().features_to_keep == mach.fitted_params().features_to_keep == tuple(kept)
    promised = FeatureSelector(**values).transformed_columns(column_scitypes(table_of(TABLE)))
    assert promised == column_scitypes(table_of(mach.transform()))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_a_table_comes_back_as_the_kind_it_was(kind: Callable[..., Any]) -> None:
    table = kind(TABLE)
    found = fitted(table, features=["d", "b"]).transform()
    assert type(found) is type(table) and table_of(found).names == ("d", "b")
    for name in ("d", "b"):
        assert str(mlj.selectcols(found, name)) == str(mlj.selectcols(table, name))


def test_the_columns_of_a_matrix_are_named_by_their_positions() -> None:
    matrix = np.arange(6).reshape(2, 3)
    found = fitted(matrix, features=["x3", "x1"]).transform()
    np.testing.assert_array_equal(found, [[2, 0], [5, 3]])
    found[:] = 0
    assert matrix.sum() == 15  # the user's own data are not changed through the result


def test_a_pandas_frame_keeps_dtypes_index_and_int_labels() -> None:
    frame = pd.DataFrame({0: pd.array([1, None], dtype="Int64"), 1: ["p", "q"]}, index=[7, 8])
    pd.testing.assert_frame_equal(fitted(frame, features=["0"]).transform(), frame[[0]])
    pd.testing.assert_frame_equal(fitted(frame).transform(rows=[1]), frame.iloc[[1]])


def test_new_data_may_have_other_columns_in_another_order() -> None:
    new = {"more": [1.0], "c": [2.0], "a": ["any scitype"]}
    assert fitted(TABLE, features=["c", "a"]).transform(new) == {"c": [2.0], "a": ["any scitype"]}
    assert list(fitted({"a": [1], "b": [2]}).transform({"b": [3], "a": [4], "z": [5]})) == [
        "a",
        "b",
    ]
    with pytest.raises(
        SchemaMismatch, match=r"lacks the columns \['c'\] that the FeatureSelector"
    ):
        fitted(TABLE, features=["c", "a"]).transform({"a": [1]})


def test_what_cannot_be_meant_raises() -> None:
    with pytest.raises(InvalidModelError, match="ignore=True leaves out.*Name some, or set ign"):
        fitted(TABLE, ignore=True)
    with pytest.raises(SchemaMismatch, match=r"names no columns of X: \['z'\]. X has \['a', 'b'"):
        fitted(TABLE, features=["a", "z"])
    for values in (
        {"features": lambda name: False},
        {"features": list(TABLE), "ignore": True},
    ):
        with pytest.raises(SchemaMismatch, match="keeps no column of X. Change features"):
            fitted(TABLE, **values)
    with pytest.raises(InvalidModelError, match="features: must be a list of column names"):
        FeatureSelector(features=[0])  # type: ignore[list-item, arg-type]
    with pytest.raises(TableError, match="X must be a table, got list"):
        mlj.machine(FeatureSelector(), [1.0, 2.0])
    with pytest.raises(UnsupportedOperation, match="has no inverse_transform"):
        fitted(TABLE).inverse_transform(TABLE)


def test_names_to_leave_out_that_are_no_columns_warn() -> None:
    with pytest.warns(ModelWarning, match=r"names no columns of X: \['z'\]"):
        mach = fitted(TABLE, features=["a", "z"], ignore=True)
    assert list(mach.transform()) == ["b", "c", "d"]


def test_copies_and_pickles_select_alike() -> None:
    mach = fitted(TABLE, features=["c", "a"])
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        assert other.transform(TABLE) == mach.transform(TABLE)
