"""Frequencies of classes in a column, against pandas and against sums by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.errors import DimensionMismatch, EmptyData, ScitypeError, WeightsError
from mlj_keras.probability import UnivariateFinite

VOTES = ["yes", "maybe", "no", "yes"]


@given(st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1).filter(any))
def test_frequencies_are_those_of_pandas_with_missing_values_skipped(labels: list[Any]) -> None:
    y = pd.Series(labels, dtype=pd.CategoricalDtype(["c", "a", "b", "z"]))
    d = UnivariateFinite.fit(y)
    oracle = y.value_counts(normalize=True, sort=False)
    np.testing.assert_allclose(d.probabilities, oracle.to_numpy(), rtol=1e-15)
    assert d.levels == ("c", "a", "b", "z") and not d.ordered
    assert d.support == tuple(level for level in d.levels if level in labels)


def test_weighted_frequencies_are_sums_of_weights_over_their_total() -> None:
    d = UnivariateFinite.fit(pd.Categorical(VOTES), [1, 4, 5, 1])
    assert d.pdf(["maybe", "no", "yes"]).tolist() == [4 / 11, 5 / 11, 2 / 11]


def test_weights_of_missing_values_do_not_count() -> None:
    d = UnivariateFinite.fit(pd.Categorical(["a", None, "b"]), [1, 100, 3])
    assert d.pdf(["a", "b"]).tolist() == [0.25, 0.75]


def test_a_class_observed_with_weight_zero_is_in_the_support() -> None:
    d = UnivariateFinite.fit(pd.Categorical(["a", "b"], categories=["a", "b", "c"]), [1, 0])
    assert d.support == ("a", "b") and d.pdf("b") == 0


@pytest.mark.parametrize(
    "y",
    [
        pd.Series(pd.Categorical(VOTES, categories=["no", "maybe", "yes"], ordered=True)),
        pl.Series(VOTES, dtype=pl.Enum(["no", "maybe", "yes"])),
        pa.DictionaryArray.from_arrays([2, 1, 0, 2], ["no", "maybe", "yes"], ordered=True),
    ],
    ids=["pandas", "polars", "pyarrow"],
)
def test_every_kind_of_categorical_column_can_be_counted(y: Any) -> None:
    d = UnivariateFinite.fit(y)
    assert d == UnivariateFinite(["no", "maybe", "yes"], [0.25, 0.25, 0.5], ordered=True)


def test_a_column_that_is_not_categorical_raises_with_the_coercion_to_write() -> None:
    with pytest.raises(ScitypeError, match=r"got list. Write UnivariateFinite.fit\(coerce\(y, Mu"):
        UnivariateFinite.fit(VOTES)


@pytest.mark.parametrize("labels", [[], [None, None]])
def test_nothing_observed_raises(labels: list[None]) -> None:
    with pytest.raises(EmptyData, match=f"got none in {len(labels)} rows. Give rows where"):
        UnivariateFinite.fit(pd.Categorical(labels, categories=["a"]))


@pytest.mark.parametrize("weights", [[1, 2], [[1], [2], [3], [4]], 1.0])
def test_another_number_of_weights_than_rows_raises(weights: Any) -> None:
    with pytest.raises(
        DimensionMismatch, match="each of the 4 rows, got the shape .* Take the same"
    ):
        UnivariateFinite.fit(pd.Categorical(VOTES), weights)


@pytest.mark.parametrize(
    "weights, message",
    [
        ([1, -2, 1, 1], "not negative, got -2.0. Give such rows the weight 0"),
        ([1, np.nan, 1, 1], "not negative, got nan"),
        ([1, np.inf, 1, 1], "not negative, got inf"),
        ([0, 0, 0, 0], "all observed values are 0. Give at least one"),
        (["a", "b", "c", "d"], "must be numbers, got list that hold something else. Give one"),
    ],
)
def test_weights_that_cannot_be_used_raise(weights: Any, message: str) -> None:
    with pytest.raises(WeightsError, match=message):
        UnivariateFinite.fit(pd.Categorical(VOTES), weights)
