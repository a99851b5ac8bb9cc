"""FrequencyEncoder: counts and proportions as NumPy and category_encoders count them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    SchemaMismatch,
    ScitypeError,
    UnknownFieldError,
    UnseenLevelError,
)
from mlj_keras.transformers.frequency_encoder import FrequencyEncoder
from tests.batteries.transformers import bound, check_transformer

# The example of the reference, with its results.
FRAME = pd.DataFrame(
    {
        "A": pd.Categorical(["g", "b", "g", "r", "r"]),
        "B": [1.0, 2.0, 3.0, 4.0, 5.0],
        "C": pd.Categorical(["f", "f", "f", "m", "f"]),
        "D": [True, False, True, False, True],
        "E": pd.Categorical(["1", "2", "3", "4", "5"], ordered=True),
    },
    index=list("vwxyz"),
)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"normalize": True, "output_type": "float64"},
        {"ordered_factor": True},
        {"features": ["A"]},
        {"features": ["A", "E"], "ignore": False, "ordered_factor": True},
    ],
)
def test_it_passes_the_battery(values: dict[str, Any]) -> None:
    check_transformer(FrequencyEncoder(**values), FRAME)


def test_levels_become_counts_or_proportions_as_in_the_reference() -> None:
    mach = bound(FrequencyEncoder(), FRAME)
    found = mach.transform()
    assert found["A"].tolist() == [2, 1, 2, 2, 2] and found["C"].tolist() == [4, 4, 4, 1, 4]
    assert found["A"].dtype == np.float32
    pd.testing.assert_frame_equal(found[["B", "D", "E"]], FRAME[["B", "D", "E"]])
    assert mach.report().encoded_features == ("A", "C")
    assert mach.fitted_params().statistic_given_feat_val == {
        "A": {"b": 1, "g": 2, "r": 2},
        "C": {"f": 4, "m": 1},
    }
    parts = bound(FrequencyEncoder(normalize=True, output_type="float64"), FRAME).transform()
    assert parts["A"].tolist() == [0.4, 0.2, 0.4, 0.4, 0.4]
    assert parts["C"].tolist() == [0.8, 0.8, 0.8, 0.2, 0.8]


@given(
    st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=20).filter(any),
    st.permutations("abcd"),
)
def test_counts_and_proportions_are_those_of_the_values(
    labels: list[str | None], pool: list[str]
) -> None:
    X = {"f": pd.Categorical(labels, categories=pool)}
    counts = pd.Series(labels, dtype=object).value_counts()
    wanted = [np.nan if label is None else counts[label] for label in labels]
    np.testing.assert_array_equal(bound(FrequencyEncoder(), X).transform()["f"], wanted)
    parts = bound(FrequencyEncoder(normalize=True, output_type="float64"), X)
    np.testing.assert_allclose(parts.transform()["f"], np.array(wanted) / counts.sum())
    assert sum(parts.fitted_params().statistic_given_feat_val["f"].values()) == pytest.approx(1)


@pytest.mark.filterwarnings("ignore:.*no_silent_downcasting")
@pytest.mark.parametrize("normalize", [False, True])
def test_frequencies_are_those_of_category_encoders(
    normalize: bool,  # noqa: FBT001  (a parameter of the test)
) -> None:
    other = pytest.importorskip("category_encoders", reason="needs category-encoders")
    X = FRAME[["A", "C"]].astype(str)
    wanted = other.CountEncoder(normalize=normalize).fit_transform(X)
    found = bound(FrequencyEncoder(normalize=normalize, output_type="float64"), FRAME).transform()
    np.testing.assert_allclose(found[["A", "C"]], wanted.astype(float))


def test_levels_of_the_pool_without_rows_get_zero_and_others_raise() -> None:
    X = pd.DataFrame({"f": pd.Categorical(["a", "a", "b"], categories=["a", "b", "c"])})
    mach = bound(FrequencyEncoder(), X)
    assert mach.transform({"f": ["c", "b", "a"]})["f"].tolist() == [0, 1, 2]
    some = mlj.machine(FrequencyEncoder(), X).fit(rows=[0, 1], verbosity=0)
    assert some.transform(X)["f"].tolist() == [2, 2, 0]
    with pytest.raises(UnseenLevelError, match="'f' has 1 value.*'d'.*levels are 'a', 'b', 'c'"):
        mach.transform({"f": ["a", "d"]})
    with pytest.raises(SchemaMismatch, match="'f' is Unknown.*FrequencyEncoder.*Give labels"):
        mach.transform({"f": [["a"]]})


def test_missing_values_are_not_counted_and_stay_missing() -> None:
    X = pd.DataFrame({"f": pd.Categorical(["a", None, "b", "a"])})
    check_transformer(FrequencyEncoder(normalize=True), X)
    found = bound(FrequencyEncoder(), X).transform()["f"]
    np.testing.assert_array_equal(found, [2, np.nan, 1, 2])


def test_a_column_alone_is_encoded() -> None:
    assert bound(FrequencyEncoder(), FRAME["A"]).transform().tolist() == [2, 1, 2, 2, 2]
    with pytest.raises(ScitypeError, match="a column of Textual.*Multiclass"):
        bound(FrequencyEncoder(), ["a", "b"])


def test_what_cannot_be_meant_raises() -> None:
    assert FrequencyEncoder(normalise=True).normalize
    with pytest.raises(UnknownFieldError, match="Did you mean 'normalize'"):
        FrequencyEncoder(normalized=True)
    with pytest.raises(InvalidModelError, match="normalize must be True or False"):
        FrequencyEncoder(normalize=1)  # type: ignore[arg-type]
    for gone in ([None, None], pd.Categorical([None, None], categories=["a"])):
        X = {"f": pd.Categorical(gone)}
        with pytest.raises(MissingValuesError, match="All values of column 'f' are missing.*Drop"):
            bound(FrequencyEncoder(), X)
