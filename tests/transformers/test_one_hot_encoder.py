"""OneHotEncoder: columns of 0 and 1 as by scikit-learn, names, missing values, pools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.preprocessing import OneHotEncoder as SklearnOneHot

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    ModelWarning,
    SchemaMismatch,
    ScitypeError,
    ScitypeWarning,
    UnseenLevelError,
    UnsupportedOperation,
)
from tests.batteries.transformers import FRAME, bound, check_transformer, listed


def is_grade(name: str) -> bool:
    return name == "grade"


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"drop_last": True},
        {"ordered_factor": False},
        {"features": ["eye"]},
        {"features": ["eye"], "ignore": True},
        {"features": is_grade},
    ],
)
def test_it_passes_the_battery(values: dict[str, Any]) -> None:
    check_transformer(mlj.OneHotEncoder(**values), FRAME)


def test_new_columns_stand_in_the_place_of_theirs() -> None:
    mach = bound(mlj.OneHotEncoder(), FRAME)
    found = mach.transform(FRAME)
    new = ["eye__blue", "eye__gold", "eye__red", "grade__low", "grade__mid", "grade__high"]
    assert list(found) == ["n", *new, "s"]
    assert found["eye__blue"].tolist() == [1, 0, 1, 0]
    assert found["grade__high"].tolist() == [0, 1, 0, 0]
    assert set(found[new].dtypes) == {np.dtype("float64")}
    assert mach.report().features_to_be_encoded == ("eye", "grade")
    assert mach.report().new_features == tuple(new)
    assert mach.fitted_params().levels == {
        "eye": ("blue", "gold", "red"),
        "grade": ("low", "mid", "high"),
    }
    dropped = bound(mlj.OneHotEncoder(drop_last=True), FRAME).transform()
    assert list(dropped) == ["n", *new[:2], *new[3:5], "s"]


@given(
    st.lists(st.sampled_from("abcd"), min_size=1, max_size=20),
    st.permutations("abcd"),
    st.booleans(),
)
def test_columns_are_those_of_scikit_learn(
    labels: list[str],
    pool: list[str],
    drop_last: bool,  # noqa: FBT001  (drawn)
) -> None:
    X = pd.DataFrame({"f": pd.Categorical(labels, categories=pool)})
    found = bound(mlj.OneHotEncoder(drop_last=drop_last), X).transform(X)
    last = [pool[-1]] if drop_last else None
    oracle = SklearnOneHot(categories=[pool], drop=last, sparse_output=False)
    np.testing.assert_array_equal(found, oracle.fit_transform(np.array(labels)[:, None]))
    shown = pool[:3] if drop_last else pool
    assert list(found) == [f"f__{level}" for level in shown]


def test_a_name_that_is_taken_gets_an_underscore() -> None:
    eye = pd.Categorical(["blue", "red"])
    X = pd.DataFrame({"eye": eye, "eye__red": [1.0, 2.0], "eye__": pd.Categorical(["_red", "b"])})
    found = bound(mlj.OneHotEncoder(features=["eye"]), X).transform()
    assert list(found) == ["eye__blue", "eye__red_", "eye__red", "eye__"]


def test_levels_may_be_numbers_and_truths() -> None:
    X = pd.DataFrame({"i": pd.Categorical([3, 1]), "b": pd.Categorical([True, False])})
    assert listed(bound(mlj.OneHotEncoder(), X).transform()) == {
        "i__1": [0, 1],
        "i__3": [1, 0],
        "b__False": [0, 1],
        "b__True": [1, 0],
    }


def test_missing_values_are_missing_in_all_columns() -> None:
    X = pd.DataFrame({"f": pd.Categorical(["a", None, "b"], categories=["a", "b", "c"])})
    model = mlj.OneHotEncoder()
    wanted = {"f__a": [1, None, 0], "f__b": [0, None, 1], "f__c": [0, None, 0]}
    assert listed(bound(model, X).transform()) == wanted
    check_transformer(model, pd.DataFrame({"f": pd.Categorical(["a", None, "b"])}))


def test_new_data_may_have_another_pool_of_the_same_values() -> None:
    mach = bound(mlj.OneHotEncoder(features=["eye"]), FRAME)
    other = pd.Categorical(["red", "gold"], categories=["red", "gold", "green"])
    assert mach.transform({"eye": other})["eye__red"].tolist() == [1, 0]
    assert mach.transform({"eye": ["gold", None]})["eye__gold"].tolist()[0] == 1
    with pytest.raises(UnseenLevelError, match="'eye' has 1 value.*'green'.*levels are 'blue'"):
        mach.transform({"eye": ["green", "red"]})
    with pytest.raises(UnseenLevelError, match=r"'eye' has 2 value\(s\).*2.5"):
        mach.transform({"eye": [1.5, 2.5]})
    for odd in ([["red"], ["red"]], [{"a": 1}, {"a": 2}], [{"red"}, {"gold"}]):
        with pytest.raises(SchemaMismatch, match="'eye' is Unknown.*on a factor.*Give labels"):
            mach.transform({"eye": odd})


def test_a_column_that_would_become_none_warns() -> None:
    X = pd.DataFrame({"n": [1.0, 2.0], "f": pd.Categorical(["a", "a"])})
    with pytest.warns(ModelWarning, match="'f' has a single level, so OneHotEncoder makes no col"):
        found = bound(mlj.OneHotEncoder(drop_last=True), X).transform()
    assert list(found) == ["n"]
    assert listed(bound(mlj.OneHotEncoder(), X).transform())["f__a"] == [1, 1]


def test_a_pool_of_thousands_of_levels_needs_no_square_of_them() -> None:
    X = pd.DataFrame({"f": pd.Categorical([f"{k:05}" for k in range(3000)])})
    found = bound(mlj.OneHotEncoder(), X).transform(X.iloc[:2])
    assert found.shape == (2, 3000) and found.to_numpy().sum() == 2


def test_what_cannot_be_meant_raises() -> None:
    with pytest.raises(InvalidModelError, match="leaves out the names in features"):
        bound(mlj.OneHotEncoder(ignore=True), FRAME)
    with pytest.raises(ScitypeError, match="takes a table, got a single column.*one column"):
        mlj.machine(mlj.OneHotEncoder(), FRAME["eye"])
    with pytest.raises(MissingValuesError, match="All values of column 'f' are missing"):
        bound(mlj.OneHotEncoder(), {"f": pd.Categorical([None, None])})
    with pytest.raises(UnsupportedOperation, match="has no inverse_transform"):
        bound(mlj.OneHotEncoder(), FRAME).inverse_transform(FRAME)


@pytest.mark.parametrize(
    ("model", "extra"),
    [
        (mlj.OneHotEncoder(), "f__a"),
        (mlj.InteractionTransformer(), "u_v"),
        (mlj.MissingIndicator(), "m_missing"),
    ],
)
def test_new_columns_called_as_those_that_are_made_are_left_out(model: Any, extra: str) -> None:
    X = pd.DataFrame({"f": pd.Categorical(list("aba")), "u": [1.0, 2, 3], "v": [4.0, 5, 6]})
    X["m"] = [1.0, None, 3.0]
    mach = mlj.fit(mlj.machine(model, X), verbosity=0)
    wanted = mlj.transform(mach, X)
    with pytest.warns(ScitypeWarning, match=f"makes itself.*left out: .'{extra}'"):
        found = mlj.transform(mach, X.assign(**{extra: -1.0}))
    pd.testing.assert_frame_equal(found, wanted)


def test_features_that_are_numbers_are_told_how_columns_are_named() -> None:
    with pytest.raises(InvalidModelError, match="Names are strings: features=.'0', 'a'."):
        mlj.OneHotEncoder(features=[0, "a"])
