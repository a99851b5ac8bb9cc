"""What members predict together: means, votes and mixtures."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, poisson

import mlj_keras as mlj
from mlj_keras.ensembles.aggregation import aggregated, vote
from mlj_keras.probability.mixture import Mixture

LETTERS = ("c", "a", "b")  # in the order of a pool that is not sorted


def most_frequent(votes: list[Any], pool: Any) -> list[Any]:
    """Of each row the first label in the pool that no other is more frequent than."""
    counts = [Counter(row) for row in zip(*votes, strict=True)]
    return [max(pool, key=count.__getitem__) for count in counts]


def votes_of(labels: Any) -> Any:
    """Of up to seven members for the same rows."""
    rows = st.integers(1, 8)
    return rows.flatmap(
        lambda n: st.lists(st.lists(labels, min_size=n, max_size=n), min_size=1, max_size=7)
    )


@given(votes_of(st.sampled_from(LETTERS)))
def test_the_most_frequent_label_wins_and_of_equals_the_earlier_in_the_pool(
    votes: list[list[str]],
) -> None:
    given_votes = [pd.Categorical(each, categories=LETTERS) for each in votes]
    found: Any = vote(given_votes)
    assert list(found) == most_frequent(votes, LETTERS)
    assert tuple(found.categories) == LETTERS


@given(votes_of(st.integers(-3, 3)))
def test_without_a_pool_the_order_is_that_of_the_labels(votes: list[list[int]]) -> None:
    assert vote([np.array(each) for each in votes]).tolist() == most_frequent(votes, range(-3, 4))
    words = [[f"w{label + 3}" for label in each] for each in votes]
    assert list(vote(words)) == most_frequent(words, sorted({w for each in words for w in each}))


def test_votes_come_as_the_first_member_gave_them() -> None:
    index = pd.Index([7, 9], name="row")
    columns = [
        pd.Series(
            pd.Categorical(list(each), categories=LETTERS, ordered=True), index=index, name="y"
        )
        for each in ("ab", "bb", "bc")
    ]
    pd.testing.assert_series_equal(
        vote(columns),
        pd.Series(
            pd.Categorical(["b", "b"], categories=LETTERS, ordered=True), index=index, name="y"
        ),
    )
    enum = pl.Enum(list(LETTERS))
    polars = [pl.Series("y", list(each), dtype=enum) for each in ("ca", "aa")]
    found = vote(polars)
    assert found.dtype == enum and found.to_list() == ["c", "a"] and found.name == "y"
    strings = vote([pl.Series("y", ["p", "q"]), pl.Series("y", ["q", "q"])])
    assert isinstance(strings, pl.Series) and strings.to_list() == ["p", "q"]
    arrow = vote([pa.array(["b", "a"]), pa.array(["b", "b"])])
    assert arrow.to_pylist() == ["b", "a"]
    assert vote([np.array([True, False]), np.array([True, True])]).tolist() == [True, False]


def test_weights_do_not_count_in_votes() -> None:
    votes = [np.array(["a"]), np.array(["b"]), np.array(["b"])]
    assert aggregated(votes, [0.9, 0.05, 0.05], labels=True).tolist() == ["b"]


@given(
    st.lists(st.tuples(st.floats(-1e6, 1e6), st.floats(0.01, 10)), min_size=1, max_size=6),
    st.integers(1, 4),
)
def test_numbers_are_averaged_by_weight(pairs: list[tuple[float, float]], n_rows: int) -> None:
    weights = np.array([weight for _, weight in pairs])
    weights = weights / weights.sum()
    columns = [np.full(n_rows, value) + np.arange(n_rows) for value, _ in pairs]
    found = aggregated(columns, weights, labels=False)
    np.testing.assert_allclose(found, weights @ np.stack(columns), rtol=1e-9, atol=1e-6)


def test_tables_and_series_of_numbers_stay_what_they_are() -> None:
    index = pd.Index(["p", "q"])
    one = pd.DataFrame({"a": [1.0, 2.0], "b": [0.0, 4.0]}, index=index)
    found = aggregated([one, one + 4], [0.25, 0.75], labels=False)
    pd.testing.assert_frame_equal(found, one + 3)
    pd.testing.assert_series_equal(
        aggregated([one["a"], one["a"] + 4], [0.25, 0.75], labels=False), one["a"] + 3
    )


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_probabilities_are_averaged_by_weight(given_p: list[float]) -> None:
    p, weights = np.array(given_p), np.arange(1.0, 1 + len(given_p))
    weights /= weights.sum()
    members: list[Any] = [
        mlj.UnivariateFiniteVector(np.array([[q, 1 - q]]), ("no", "yes")) for q in p
    ]
    found = aggregated(members, weights, labels=False)
    np.testing.assert_allclose(found.to_numpy(), [[weights @ p, 1 - weights @ p]], atol=1e-12)
    assert found.levels == ("no", "yes")


@pytest.mark.parametrize("family", [norm, poisson], ids=["densities", "masses"])
def test_other_distributions_are_mixed_row_by_row(family: Any) -> None:
    members = [[family(1), family(2)], [family(5), family(6)]]
    found = aggregated(members, [0.25, 0.75], labels=False)
    assert [type(each) for each in found] == [Mixture, Mixture]
    assert [each.weights for each in found] == [(0.25, 0.75)] * 2
    assert [each.mean() for each in found] == [pytest.approx(4.0), pytest.approx(5.0)]


def test_no_rows_give_no_predictions() -> None:
    assert aggregated([np.array([]), np.array([])], [0.5, 0.5], labels=False).tolist() == []
    empty = pd.Series(pd.Categorical([], categories=LETTERS))
    assert len(vote([empty, empty])) == 0
    assert len(vote([np.array([], dtype=str)] * 2)) == 0
    assert list(aggregated([[], []], [0.5, 0.5], labels=False)) == []
