"""CardinalityReducer: rare levels, labels and their places, pools of every kind."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    SchemaMismatch,
)
from mlj_keras.transformers.cardinality_reducer import CardinalityReducer
from tests.batteries.transformers import FRAME, bound, check_transformer


def reduced(values: Any, **fields: Any) -> Any:
    """A column alone, as a Categorical."""
    return bound(CardinalityReducer(**fields), values).transform()


@pytest.mark.parametrize(
    "values",
    [
        {"min_frequency": 2},
        {"min_frequency": 0.5, "ordered_factor": True},
        {"min_frequency": 2, "features": ["grade"], "ignore": False, "ordered_factor": True},
        {"label_for_infrequent": {"string": "zzz"}},
        {"min_frequency": 0},
    ],
)
def test_it_passes_the_battery(values: dict[str, Any]) -> None:
    check_transformer(CardinalityReducer(**values), FRAME)


def test_the_example_of_the_reference() -> None:
    X = {
        "A": pd.Categorical(["a"] * 100 + ["b"] * 3 + ["c", "d"]),
        "B": pd.Categorical([0] * 100 + [1, 2, 3, 4, 4]),
    }
    mach = bound(CardinalityReducer(), X)
    found = mach.transform()
    assert Counter(found["A"]) == {"a": 100, "b": 3, "Other": 2}
    assert Counter(found["B"]) == {0: 100, -1: 5}
    assert mach.report().encoded_features == ("A", "B")
    assert mach.fitted_params().new_cat_given_col_val == {
        "A": {"c": "Other", "d": "Other"},
        "B": {1: -1, 2: -1, 3: -1, 4: -1},
    }


def test_what_is_frequent_is_a_count_or_a_proportion_of_the_values_present() -> None:
    x = pd.Categorical(["a", "a", "a", "b", "b", "c", None, None])
    rare = {
        1: ["a", "b", "c"],
        2: ["a", "b", "Other"],
        3: ["a", "Other"],
        0.1: ["a", "b", "c"],
        0.3: ["a", "b", "Other"],
        1 / 3: ["a", "b", "Other"],  # 2 of 6 is not less
        0.4: ["a", "Other"],
    }
    for frequency, left in rare.items():
        found = reduced(x, min_frequency=frequency)
        assert found.dropna().unique().tolist() == left
        np.testing.assert_array_equal(found.isna(), x.isna())
    assert reduced(x, min_frequency=1.0).dropna().tolist() == ["Other"] * 6


@given(
    st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=20).filter(any),
    st.integers(0, 6),
)
def test_every_level_that_is_left_is_frequent_and_values_change_only_if_rare(
    labels: list[str | None], least: int
) -> None:
    found = reduced(pd.Categorical(labels), min_frequency=least)
    counts = Counter(labels)
    wanted = [label if label is None or counts[label] >= least else "Other" for label in labels]
    assert [None if pd.isna(label) else label for label in found] == wanted
    assert set(found.categories) == set(wanted) - {None}


def test_levels_keep_their_order_and_the_label_has_its_place() -> None:
    def pool(labels: list[Any], levels: list[Any], **fields: Any) -> list[Any]:
        ordered = fields.get("ordered_factor", False)
        x = pd.Categorical(labels, categories=levels, ordered=ordered)
        found = reduced(x, min_frequency=2, **fields)
        assert found.ordered == ordered
        return list(found.categories)

    assert pool(["A", "A", "Z", "Z", "B"], ["A", "B", "Z"]) == ["A", "Other", "Z"]
    assert pool(["b", "b", "a", "a", "c"], ["b", "a", "c"]) == ["b", "a", "Other"]
    assert pool([5, 5, 7, 7, 6], [5, 6, 7]) == [4, 5, 7]
    assert pool([7, 7, 5, 5, 6], [7, 6, 5]) == [7, 5, 4]
    assert pool([0.5, 1.5, 1.5], [0.5, 1.5]) == [-0.5, 1.5]
    assert pool(["a", "b", "b"], ["a", "b"], ordered_factor=True) == ["b", "Other"]
    assert pool([1, 2, 2], [1, 2], ordered_factor=True) == [0, 2]
    own = {"label_for_infrequent": {str: "rare", int: 99}}
    assert pool([1, 2, 2], [1, 2], **own) == [2, 99]
    assert pool([1.0, 2.0, 2.0], [1.0, 2.0], **own) == [2.0, 99.0]
    assert pool(["a", "b", "b"], ["a", "b"], **own) == ["b", "rare"]


def test_levels_without_rows_are_rare_and_unknown_values_stay_as_they_are() -> None:
    X = pd.DataFrame({"f": pd.Categorical(["a"] * 3 + ["b"], categories=["a", "b", "c"])})
    mach = bound(CardinalityReducer(), X)
    new = pd.Categorical(["c", "a", "z", None], categories=["z", "y", "c", "a"])
    found = mach.transform({"f": new})["f"]
    assert found.tolist() == ["Other", "a", "z", np.nan]
    assert list(found.categories) == ["Other", "a", "z"]
    assert mach.transform({"f": ["b", "new", "Other"]})["f"].tolist() == ["Other", "new", "Other"]
    assert mach.transform({"f": [None, None]})["f"].isna().all()


def test_missing_values_stay_missing() -> None:
    X = pd.DataFrame({"f": pd.Categorical(["a", None, "b", "a"])}, index=[1, 3, 5, 7])
    check_transformer(CardinalityReducer(min_frequency=2), X)


def test_a_categorical_of_polars_has_the_levels_that_occur() -> None:
    table = pl.DataFrame({"f": pl.Series(["b", "b", "a", "c"], dtype=pl.Categorical)})
    mach = bound(CardinalityReducer(min_frequency=2), table)
    assert mach.transform(rows=[0, 1])["f"].to_list() == ["b", "b"]
    assert mlj.levels(mach.transform()["f"]) == ("Other", "b")


def test_labels_that_are_levels_already_raise_unless_none_is_needed() -> None:
    x = pd.Categorical(["Other", "Other", "a", "b", "b"])
    with pytest.raises(
        InvalidModelError, match="label_for_infrequent gives 'Other' for column 'y"
    ):
        reduced(x, min_frequency=2)
    assert reduced(x, min_frequency=1).tolist() == x.tolist()
    with pytest.raises(InvalidModelError, match="gives 3 for column 'y', which is a level.*Give"):
        reduced(pd.Categorical([1, 3, 3]), label_for_infrequent={int: 3})


def test_levels_that_have_no_label_raise() -> None:
    truths = pd.Categorical([True, False, False])
    with pytest.raises(
        InvalidModelError, match="column 'y', whose.*bool, such as False. Turn its"
    ):
        reduced(truths, min_frequency=2)
    assert reduced(truths, min_frequency=1).tolist() == truths.tolist()
    with pytest.raises(
        InvalidModelError, match=r"no label for .*str, such as 'a'. Set .*\{\"stri"
    ):
        reduced(pd.Categorical(["a"]), label_for_infrequent={"number": 1})
    with pytest.raises(InvalidModelError, match="gives 1.5 for column 'y'.*whole numbers"):
        reduced(pd.Categorical([1]), label_for_infrequent={"number": 1.5})


def test_new_data_of_another_kind_raise() -> None:
    mach = bound(CardinalityReducer(min_frequency=2), FRAME)
    with pytest.raises(SchemaMismatch, match="'eye' is Unknown.*CardinalityReducer.*Give labels"):
        mach.transform({"eye": [["red"]]})
    with pytest.raises(SchemaMismatch, match="'eye' has levels such as 1.*such as 'Other'.*same"):
        mach.transform({"eye": [1, 2]})
    with pytest.raises(MissingValuesError, match="All values of column 'f' are missing"):
        bound(CardinalityReducer(), {"f": pd.Categorical([None], categories=["a"])})


def test_what_cannot_be_meant_raises() -> None:
    for wrong in (-1, 1.5, True, "3", None, np.nan):
        with pytest.raises(
            InvalidModelError, match="min_frequency must be a number of rows, an i"
        ):
            CardinalityReducer(min_frequency=wrong)  # type: ignore[arg-type]
    for labels, advice in (
        ("Other", "the labels must be a mapping such as"),
        ({"char": "O"}, 'the kinds of labels are "string" and "number", got \'char\''),
        ({bool: True}, "the kinds of labels are .*<class 'bool'>"),
        ({str: 3}, "the label of a string must be a finite string, got 3"),
        ({"number": np.inf}, "the label of a number must be a finite number, got inf"),
    ):
        with pytest.raises(InvalidModelError, match=advice):
            CardinalityReducer(label_for_infrequent=labels)  # type: ignore[arg-type]


def test_the_labels_of_a_model_are_its_own() -> None:
    model = CardinalityReducer()
    assert model == CardinalityReducer(label_for_infrequent={str: "Other"})
    assert dict(model.label_for_infrequent) == {"string": "Other"}
    with pytest.raises(TypeError):
        model.label_for_infrequent["string"] = "x"  # type: ignore[index]
