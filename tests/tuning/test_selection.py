"""Which candidate wins: none that failed or is NaN, the first of equals, one trained longest."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.resampling.evaluation import PerformanceEvaluation
from mlj_keras.tuning.entry import Entry
from mlj_keras.tuning.selection import NaiveSelection, SelectionHeuristic

NAN, INF = math.nan, math.inf
NET = mlj.NeuralNetworkRegressor()


def entry(
    index: int, *values: float, measures: Any = None, iterations: int | None = None
) -> Entry:
    """A candidate with these measurements; it failed if the first is NaN."""
    own = [mlj.rms] * len(values) if measures is None else measures
    none: list[Any] = [None] * len(values)
    found = PerformanceEvaluation(
        NET, "net", own, list(values), ["predict"] * len(values), none, none, none, [], None, 1
    )
    failure = "NaN" if math.isnan(values[0]) else None
    return Entry(index, NET, {}, iterations, found, failure)


def best_of(*losses: float, weights: Any = None) -> int | None:
    found = NaiveSelection(weights=weights).best([entry(i, x) for i, x in enumerate(losses)])
    return None if found is None else found.index


def test_the_lowest_loss_wins_and_the_first_of_equals() -> None:
    assert best_of(3.0, 1.0, 2.0) == 1
    assert best_of(3.0, 1.0, 1.0) == 1
    assert best_of(2.0, 2.0) == 0
    assert best_of(-1.0, 0.0, -2.0) == 2


@pytest.mark.parametrize("weights", [None, [2]])
def test_nan_never_wins(weights: Any) -> None:
    # In Julia a NaN is the least of all, and would.
    assert best_of(NAN, 3.0, NAN, 2.0, NAN, weights=weights) == 3
    assert best_of(NAN, INF, weights=weights) == 1
    assert best_of(INF, INF, 1.0, weights=weights) == 2
    assert best_of(-INF, 1.0, weights=weights) == 0
    assert best_of(NAN, NAN, weights=weights) is None
    assert best_of(weights=weights) is None


@given(st.lists(st.floats(allow_infinity=False), max_size=12))
def test_the_best_is_that_of_numpy(losses: list[float]) -> None:
    expected = None if not np.isfinite(losses).any() else int(np.nanargmin(losses))
    assert best_of(*losses) == expected


def test_a_candidate_that_failed_never_wins() -> None:
    failed = Entry(0, NET, {}, failure="BuilderError: too wide")
    assert NaiveSelection().best([failed]) is None
    good = entry(1, 9.0)
    assert NaiveSelection().best([failed, good]) is good


def test_scores_are_turned_round() -> None:
    measures = [mlj.accuracy]
    entries = [entry(i, x, measures=measures) for i, x in enumerate([0.5, 0.75, 0.25, 0.75])]
    best = NaiveSelection().best(entries)
    assert best is entries[1] and best.measurement == [0.75]


def test_weights_add_measures_with_scores_counted_negatively() -> None:
    measures = [mlj.log_loss, mlj.accuracy]
    entries = [
        entry(0, 0.4, 0.5, measures=measures),
        entry(1, 0.5, 0.9, measures=measures),
        entry(2, 0.6, 0.7, measures=measures),
    ]
    heuristic = NaiveSelection(weights=[1, 0.5])
    # 0.4 - 0.25, 0.5 - 0.45 and 0.6 - 0.35
    assert [heuristic.loss(each) for each in entries] == pytest.approx([0.15, 0.05, 0.25])
    assert heuristic.best(entries) is entries[1]
    assert NaiveSelection().best(entries) is entries[0]
    assert NaiveSelection(weights=(0, 2)).best(entries) is entries[1]


def test_a_measure_with_a_weight_of_zero_may_be_nan() -> None:
    entries = [entry(0, 2.0, NAN), entry(1, 3.0, 0.0)]
    assert NaiveSelection(weights=[1, 0]).best(entries) is entries[0]
    assert NaiveSelection(weights=[1, 1]).best(entries) is entries[1]


@pytest.mark.parametrize(
    "weights",
    [[], [0, 0], [1, -1], [1, NAN], [NAN, 1], [INF, 1], [True, 1], ["a"], "ab", 5, {"a": 1}],
)
def test_weights_that_are_none_are_refused(weights: Any) -> None:
    words = "NaiveSelection.weights: must be numbers of 0 or more, one for each measure"
    with pytest.raises(InvalidModelError, match=words):
        NaiveSelection(weights=weights)


def test_there_are_as_many_weights_as_measures() -> None:
    with pytest.raises(InvalidModelError, match="has 2 weights for 3 measures. Give one each"):
        NaiveSelection(weights=[1, 2]).check_measures([mlj.rms, mlj.l1, mlj.l2])
    NaiveSelection(weights=[1, 2]).check_measures([mlj.rms, mlj.l1])
    NaiveSelection().check_measures([mlj.rms, mlj.l1, mlj.l2])


def test_whatever_has_best_is_a_heuristic() -> None:
    class Last:
        def best(self, entries: Any) -> Any:
            return entries[-1]

    assert isinstance(Last(), SelectionHeuristic) and isinstance(
        NaiveSelection(), SelectionHeuristic
    )
    assert not isinstance(object(), SelectionHeuristic)


def test_weights_of_numpy_are_weights() -> None:
    assert NaiveSelection(weights=np.array([1.0, 2.0])).weights == (1.0, 2.0)
