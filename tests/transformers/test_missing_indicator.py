"""MissingIndicator: 1 where values are missing, and all other columns the user's own."""

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
from hypothesis import given
from hypothesis import strategies as st
from sklearn.impute import MissingIndicator as Oracle

import mlj_keras as mlj
from mlj_keras.data.columns import column_of
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    InvalidModelError,
    ModelWarning,
    SchemaMismatch,
    ScitypeWarning,
    TableError,
    UnsupportedOperation,
)
from mlj_keras.transformers.fill_imputer import FillImputer
from mlj_keras.transformers.missing_indicator import MissingIndicator

FRAME = pd.DataFrame(
    {
        "a": pd.Series([1.0, np.nan, 4.0], dtype="float32"),
        "n": pd.array([None, 2, None], dtype="Int64"),
        "whole": [5, 6, 7],
        "f": pd.Categorical(["x", "y", None]),
        "s": pd.array(["p", None, "r"], dtype="string"),
        "t": pd.to_datetime(["2020-01-01", None, "2020-01-03"]),
    }
)
INDICATORS = {"a": [0, 1, 0], "n": [1, 0, 1], "f": [0, 0, 1], "s": [0, 1, 0], "t": [0, 1, 0]}


def fitted(X: Any, **values: Any) -> mlj.Machine:
    return mlj.machine(MissingIndicator(**values), X).fit(verbosity=0)


def test_each_column_with_missing_values_is_followed_by_its_indicator() -> None:
    frame = FRAME.set_index(pd.Index([7, 8, 9]))
    mach = fitted(frame)
    found = mach.transform()
    assert list(found) == [
        *("a", "a_missing", "n", "n_missing", "whole", "f", "f_missing"),
        *("s", "s_missing", "t", "t_missing"),
    ]
    pd.testing.assert_frame_equal(found[list(FRAME)], frame)
    for name, expected in INDICATORS.items():
        assert found[f"{name}_missing"].tolist() == expected
        assert found[f"{name}_missing"].dtype == np.float64
    assert mach.report().features_fit == tuple(INDICATORS)
    assert mach.report().new_features == tuple(f"{name}_missing" for name in INDICATORS)
    assert mach.fitted_params().indicator_given_feature["f"] == "f_missing"


def test_what_comes_out_has_the_scitypes_that_were_promised() -> None:
    for values in ({}, {"features": ["whole", "a"]}, {"features": ["a"], "ignore": True}):
        model = MissingIndicator(**values)  # type: ignore[arg-type]
        found = mlj.machine(model, FRAME).fit(verbosity=0).transform()
        promised = model.transformed_columns(column_scitypes(table_of(FRAME)))
        assert promised == column_scitypes(table_of(found))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_a_table_comes_back_as_the_kind_it_was(kind: Callable[..., Any]) -> None:
    table = kind({"a": [1.0, None], "b": [1, 2]})
    found = fitted(table).transform()
    assert type(found) is type(table)
    assert list(table_of(found).names) == ["a", "a_missing", "b"]
    assert column_of(mlj.selectcols(found, "a_missing")).values.to_pylist() == [0.0, 1.0]
    assert str(mlj.selectcols(found, "a")) == str(mlj.selectcols(table, "a"))


@given(st.lists(st.tuples(*[st.sampled_from([1.0, np.nan])] * 3), min_size=1, max_size=8))
def test_a_matrix_gets_the_columns_that_scikit_learn_gives(rows: list[tuple[float]]) -> None:
    matrix = np.array(rows)
    found = fitted(matrix).transform()
    assert isinstance(found, np.ndarray)
    indicators = Oracle(features="missing-only").fit_transform(matrix).astype(float)
    gone = np.flatnonzero(np.isnan(matrix).any(axis=0))
    places = gone + np.arange(len(gone)) + 1
    np.testing.assert_array_equal(found[:, places], indicators)
    np.testing.assert_array_equal(np.delete(found, places, axis=1), matrix)


def test_only_columns_with_missing_values_in_training_have_an_indicator_in_new_data() -> None:
    found = fitted({"a": [1.0, None], "b": [1.0, 2.0]}).transform(
        {"more": ["p"], "b": [None], "a": [3.0]}
    )
    assert list(found) == ["more", "b", "a", "a_missing"]
    assert found["b"] == [None] and found["a_missing"].tolist() == [0.0]


def test_named_columns_have_an_indicator_in_any_case() -> None:
    assert fitted(FRAME, features=["whole", "a"]).report().features_fit == ("a", "whole")
    assert fitted(FRAME, features=lambda name: name > "s").report().features_fit == ("whole", "t")
    others = fitted(FRAME, features=["a", "s", "t"], ignore=True)
    assert others.report().features_fit == ("n", "f")
    objects = fitted({"u": [None, [1]]}, features=["u"]).transform()
    assert objects["u_missing"].tolist() == [1.0, 0.0]
    with pytest.warns(ModelWarning, match=r"names no columns of X: \['zz'\]"):
        fitted(FRAME, features=["zz"])


def test_names_that_are_taken_get_an_underscore() -> None:
    table = {"a": [None, 1.0], "a_missing": [None, 2.0]}
    mach = fitted(table)
    found = mach.transform()
    assert list(found) == ["a", "a_missing_", "a_missing", "a_missing_missing"]
    assert found["a_missing"] == [None, 2.0]
    with pytest.warns(ScitypeWarning, match="left out: .'a_missing'"):
        new = fitted({"a": [None, 1.0]}).transform({"a": [None], "a_missing": ["p"]})
    assert list(new) == ["a", "a_missing"] and new["a_missing"] == [1.0]


def test_labels_of_the_user_that_are_ints_stay_ints() -> None:
    found = fitted(pd.DataFrame({0: [np.nan, 1.0], 1: [1, 2]})).transform()
    assert list(found) == [0, "0_missing", 1]


def test_a_fill_imputer_may_follow() -> None:
    found = fitted(FRAME[["a", "n"]]).transform()
    filled = mlj.machine(FillImputer(), found).fit(verbosity=0).transform()
    assert filled["n"].tolist() == [2, 2, 2]
    assert filled["n_missing"].tolist() == [1, 0, 1]


def test_what_cannot_be_meant_raises() -> None:
    with pytest.raises(TableError, match="X must be a table, got list"):
        mlj.machine(MissingIndicator(), [1.0, None])
    with pytest.raises(InvalidModelError, match="leaves out the names in features"):
        fitted(FRAME, ignore=True)
    with pytest.raises(SchemaMismatch, match=r"lacks the columns \['n'\] that the MissingIndic"):
        fitted(FRAME).transform(FRAME.drop(columns="n"))
    with pytest.raises(UnsupportedOperation, match="has no inverse_transform"):
        fitted(FRAME).inverse_transform(FRAME)


def test_copies_and_pickles_work_alike() -> None:
    mach = fitted(FRAME)
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        pd.testing.assert_frame_equal(other.transform(FRAME), mach.transform(FRAME))
