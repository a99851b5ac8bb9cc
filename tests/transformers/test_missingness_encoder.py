"""MissingnessEncoder: the label of missing values, its place, pools of every kind."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, MissingValuesError, SchemaMismatch
from mlj_keras.transformers.missingness_encoder import MissingnessEncoder
from tests.batteries.transformers import bound, check_transformer

GRADES = pd.CategoricalDtype(["low", "mid", "high"], ordered=True)
FRAME = pd.DataFrame(
    {
        "n": [1.5, np.nan, 3.5, 4.5],
        "eye": pd.Categorical(["blue", None, "blue", "red"]),
        "whole": pd.Categorical(["a", "b", "a", "a"]),
        "grade": pd.Categorical(["low", "high", "mid", None], dtype=GRADES),
        "s": ["p", "q", "r", "s"],
    },
    index=[7, 8, 9, 10],
)


def encoded(values: Any, **fields: Any) -> Any:
    """A column alone, as a Categorical."""
    return bound(MissingnessEncoder(**fields), values).transform()


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"ordered_factor": True},
        {"features": ["eye"]},
        {"label_for_missing": {str: "?"}, "features": ["eye", "whole"], "ignore": False},
    ],
)
def test_it_passes_the_battery(values: dict[str, Any]) -> None:
    check_transformer(MissingnessEncoder(**values), FRAME)


def test_the_example_of_the_reference() -> None:
    X = {
        "A": pd.Categorical(["Ben", "John", None, None, "Mary", "John", None]),
        "B": [1.85, 1.67, None, None, 1.5, 1.67, None],
        "C": pd.Categorical([7, 5, None, None, 10, 0, None]),
    }
    mach = bound(MissingnessEncoder(), X)
    found = mach.transform()
    assert found["A"].tolist() == ["Ben", "John", "missing", "missing", "Mary", "John", "missing"]
    assert found["C"].tolist() == [7, 5, -1, -1, 10, 0, -1]
    assert found["B"] == X["B"]
    assert mach.report().encoded_features == ("A", "C")
    assert mach.fitted_params().label_for_missing_given_feature == {"A": "missing", "C": -1}


@given(st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=12))
def test_only_missing_values_change(labels: list[str | None]) -> None:
    found = encoded(pd.Categorical(labels, categories=["b", "a"]))
    assert found.tolist() == ["missing" if label is None else label for label in labels]
    assert list(found.categories) == ["b", "a", *(["missing"] if None in labels else [])]


def test_levels_keep_their_order_and_the_label_has_its_place() -> None:
    def pool(levels: list[Any], **fields: Any) -> list[Any]:
        ordered = fields.get("ordered_factor", False)
        x = pd.Categorical([levels[0], None], categories=levels, ordered=ordered)
        found = encoded(x, **fields)
        assert found.ordered == ordered
        return list(found.categories)

    assert pool(["a", "z"]) == ["a", "missing", "z"]
    assert pool(["z", "a"]) == ["z", "a", "missing"]
    assert pool(["a", "z"], ordered_factor=True) == ["a", "z", "missing"]
    assert pool([3, 5]) == [2, 3, 5] and pool([5, 3]) == [5, 3, 2]
    assert pool([3.5, 5.5], ordered_factor=True) == [2.5, 3.5, 5.5]
    assert pool([3, 5], label_for_missing={"number": 9}) == [3, 5, 9]


def test_the_label_is_a_level_of_new_data_if_values_were_missing_in_training() -> None:
    mach = bound(MissingnessEncoder(), FRAME)
    new = FRAME.assign(eye="red", whole=["b", None, "a", "b"])
    found = mach.transform(new)
    assert found["eye"].cat.categories.tolist() == ["blue", "missing", "red"]
    assert found["whole"].tolist() == ["b", "missing", "a", "b"]
    assert found["whole"].cat.categories.tolist() == ["a", "b", "missing"]
    assert mach.transform(FRAME)["whole"].cat.categories.tolist() == ["a", "b"]
    nothing = mach.transform({"eye": [None], "whole": [np.nan]})
    assert nothing["eye"].tolist() == nothing["whole"].tolist() == ["missing"]


def test_values_that_were_unknown_in_training_stay_and_are_the_last_levels() -> None:
    mach = bound(MissingnessEncoder(), FRAME)
    new = pd.Categorical(
        ["zebra", None, "apple", "red"], categories=["zebra", "x", "apple", "red"]
    )
    found = mach.transform(FRAME.assign(eye=new))["eye"]
    assert found.tolist() == ["zebra", "missing", "apple", "red"]
    assert found.cat.categories.tolist() == ["blue", "missing", "red", "zebra", "apple"]
    with pytest.raises(SchemaMismatch, match="'eye' has levels such as 1.*MissingnessEncoder"):
        mach.transform(FRAME.assign(eye=[1, 2, 3, 4]))
    with pytest.raises(SchemaMismatch, match="'eye' is Unknown.*MissingnessEncoder was trained"):
        mach.transform({"eye": [["red"]], "whole": ["a"]})


def test_a_categorical_of_polars_has_the_levels_that_occur() -> None:
    table = pl.DataFrame({"f": pl.Series(["z", None, "a"], dtype=pl.Categorical)})
    mach = bound(MissingnessEncoder(), table)
    assert mach.transform(rows=[1, 0])["f"].to_list() == ["missing", "z"]
    enum = pl.DataFrame({"f": pl.Series(["b", None], dtype=pl.Enum(["b", "a"]))})
    found = bound(MissingnessEncoder(ordered_factor=True), enum).transform()["f"]
    assert found.dtype == pl.Enum(["b", "a", "missing"])


def test_what_follows_sees_the_label_as_a_level() -> None:
    pipe = MissingnessEncoder() | mlj.OneHotEncoder(features=["eye"])
    found = bound(pipe, FRAME[["eye"]]).transform(FRAME[["eye"]])
    assert found["eye__missing"].tolist() == [0, 1, 0, 0]
    assert not found.isna().any(axis=None)


def test_a_label_that_is_a_level_already_raises_if_values_are_missing() -> None:
    x = pd.Categorical(["missing", "a", None])
    with pytest.raises(
        InvalidModelError, match="label_for_missing gives 'missing' for column 'y'"
    ):
        encoded(x)
    assert encoded(x, label_for_missing={"string": "gone"}).tolist() == ["missing", "a", "gone"]
    mach = bound(MissingnessEncoder(), x[:2])
    assert mach.transform(x[:2]).tolist() == ["missing", "a"]
    with pytest.raises(InvalidModelError, match="which is a level of it already. Give another"):
        mach.transform(x)


def test_levels_that_have_no_label_raise_if_values_are_missing() -> None:
    truths = pd.Categorical([True, False])
    assert encoded(truths).tolist() == [True, False]
    with pytest.raises(InvalidModelError, match="such as False. Turn its levels into strings, or"):
        encoded(pd.Categorical([True, None, False]))
    with pytest.raises(MissingValuesError, match="All values of column 'f' are missing"):
        bound(MissingnessEncoder(), {"f": pd.Categorical([None])})


def test_what_cannot_be_meant_raises() -> None:
    with pytest.raises(InvalidModelError, match="label_for_missing: the labels must be a mapping"):
        MissingnessEncoder(label_for_missing="missing")  # type: ignore[arg-type]
    with pytest.raises(InvalidModelError, match="the label of a number must be a finite number"):
        MissingnessEncoder(label_for_missing={"number": "missing"})
