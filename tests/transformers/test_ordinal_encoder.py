"""OrdinalEncoder: positions as by scikit-learn, round trips, missing values, pools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OrdinalEncoder as SklearnOrdinal

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    SchemaMismatch,
    ScitypeError,
    UnseenLevelError,
)
from tests.batteries.transformers import (
    FRAME,
    GRADES,
    KINDS,
    as_kind,
    bound,
    check_transformer,
    listed,
)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"ordered_factor": True},
        {"features": ["eye"], "ordered_factor": True},
        {"features": ["eye"], "ignore": False},
        {"output_type": "float64"},
    ],
)
def test_it_passes_the_battery(values: dict[str, Any]) -> None:
    check_transformer(mlj.OrdinalEncoder(**values), FRAME)


def test_levels_become_their_positions_in_the_pool() -> None:
    mach = bound(mlj.OrdinalEncoder(ordered_factor=True), FRAME)
    found = mach.transform(FRAME)
    assert found["eye"].tolist() == [1, 2, 1, 3] and found["grade"].tolist() == [1, 3, 2, 1]
    assert found["eye"].dtype == np.float32
    assert mach.report().encoded_features == ("eye", "grade")
    assert mach.fitted_params().index_given_feat_level == {
        "eye": {"blue": 1, "gold": 2, "red": 3},
        "grade": {"low": 1, "mid": 2, "high": 3},
    }
    wide = bound(mlj.OrdinalEncoder(output_type="float64"), FRAME).transform()
    assert wide["eye"].dtype == np.float64 and wide["grade"].dtype == GRADES


@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=20), st.permutations("abcd"))
def test_positions_are_those_of_scikit_learn_counted_from_one(
    labels: list[str], pool: list[str]
) -> None:
    X = pd.DataFrame({"f": pd.Categorical(labels, categories=pool)})
    mach = bound(mlj.OrdinalEncoder(), X)
    oracle = SklearnOrdinal(categories=[pool]).fit_transform(np.array(labels)[:, None])
    np.testing.assert_array_equal(mach.transform(X), oracle + 1)
    pd.testing.assert_frame_equal(mach.inverse_transform(mach.transform(X)), X)


@pytest.mark.parametrize("kind", KINDS)
def test_positions_go_back_to_levels_in_every_kind_of_table(kind: str) -> None:
    table = as_kind(FRAME, kind)
    mach = bound(mlj.OrdinalEncoder(ordered_factor=True), table)
    found = mach.inverse_transform(mach.transform(table))
    assert type(found) is type(table)
    assert listed(found) == listed(table) and mlj.scitype(found) == mlj.scitype(table)


def test_some_rows_go_back_to_a_categorical_of_polars() -> None:
    table = pl.DataFrame({"f": pl.Series(["c", "a", "b"], dtype=pl.Categorical)})
    mach = bound(mlj.OrdinalEncoder(), table)
    assert mach.inverse_transform(mach.transform(rows=[0, 2]))["f"].to_list() == ["c", "b"]


def test_missing_values_stay_missing_there_and_back() -> None:
    X = pd.DataFrame({"f": pd.Categorical(["b", None, "a"])}, index=[3, 4, 5])
    mach = bound(mlj.OrdinalEncoder(), X)
    np.testing.assert_array_equal(mach.transform()["f"], [2, np.nan, 1])
    pd.testing.assert_frame_equal(mach.inverse_transform(mach.transform()), X)
    check_transformer(mlj.OrdinalEncoder(), X)


def test_a_column_alone_is_encoded() -> None:
    eye = FRAME["eye"]
    mach = bound(mlj.OrdinalEncoder(), eye)
    assert mach.transform(eye).tolist() == [1, 2, 1, 3]
    pd.testing.assert_series_equal(mach.inverse_transform(mach.transform(eye)), eye)
    with pytest.raises(ScitypeError, match=r"got a column of OrderedFactor\[3\].*Multiclass\)"):
        mlj.machine(mlj.OrdinalEncoder(), FRAME["grade"])


def test_new_data_may_have_another_pool_of_the_same_values() -> None:
    mach = bound(mlj.OrdinalEncoder(), FRAME)
    new = FRAME.assign(eye=pd.Categorical(["red", "gold"] * 2, categories=["red", "gold", "x"]))
    assert mach.transform(new)["eye"].tolist() == [3, 2, 3, 2]
    assert mach.transform(FRAME.assign(eye="gold"))["eye"].tolist() == [2] * 4
    with pytest.raises(UnseenLevelError, match="'eye' has 4 value.*'x'.*levels are 'blue'"):
        mach.transform(FRAME.assign(eye="x"))
    with pytest.raises(SchemaMismatch, match="'eye' is Unknown.*OrdinalEncoder was trained on"):
        mach.transform({"eye": [["red"]]})


def test_numbers_that_are_no_positions_do_not_go_back() -> None:
    mach = bound(mlj.OrdinalEncoder(), FRAME)
    for wrong, shown in ((0.0, "0"), (1.5, "1.5"), (4.0, "4"), (-1.0, "-1"), (np.inf, "inf")):
        with pytest.raises(
            UnseenLevelError, match=f"'eye' has {shown} at row 1, which is no.*are 1 to 3"
        ):
            mach.inverse_transform({"eye": [1.0, wrong]})
    with pytest.raises(
        SchemaMismatch, match="'eye' is Textual.*OrdinalEncoder was trained on num"
    ):
        mach.inverse_transform({"eye": ["1", "2"]})


def test_what_cannot_be_meant_raises() -> None:
    with pytest.raises(InvalidModelError, match="output_type must be one of 'float32'"):
        mlj.OrdinalEncoder(output_type="int")
    with pytest.raises(MissingValuesError, match="All values of column 'f' are missing"):
        bound(mlj.OrdinalEncoder(), {"f": pd.Categorical([None, None])})
