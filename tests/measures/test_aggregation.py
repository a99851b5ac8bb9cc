"""Means, root mean squares and sums: exact values, and folds that give the value of all rows."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlj_keras.measures.aggregation import mean, root_mean, total
from tests.batteries.measures import CASES, WEIGHTS, numbers

NAN = float("nan")
many = settings(max_examples=CASES, deadline=None)

# Folds of rows with their weights.
FOLDS = st.lists(
    st.lists(st.tuples(numbers(), WEIGHTS), min_size=1, max_size=5), min_size=1, max_size=5
)


@pytest.mark.parametrize(
    ("aggregate", "plain", "weighted"),
    [(mean, 4.0, 5.0), (root_mean, math.sqrt(62 / 3), math.sqrt(27.5)), (total, 12.0, 20.0)],
)
def test_values_are_aggregated_with_and_without_weights(
    aggregate: Any, plain: float, weighted: float
) -> None:
    values = [1.0, 5.0, 6.0]
    for kind in (list, tuple, np.array):
        assert aggregate(kind(values)) == pytest.approx(plain, rel=1e-15)
        assert aggregate(kind(values), kind([0.5, 1.5, 2.0])) == pytest.approx(weighted, rel=1e-15)
    assert type(aggregate(np.array(values, dtype=np.float32))) is float


def test_folds_are_put_together_as_in_the_reference() -> None:
    folds, sizes = [0.1, 0.2, 0.3], [200, 200, 150]
    assert root_mean(folds, sizes) == pytest.approx(0.2067058, abs=5e-8)
    assert mean(folds, sizes) == pytest.approx(0.1909091, abs=5e-8)
    assert total(folds) == pytest.approx(0.6)


def test_of_nothing_the_mean_is_nan_and_the_sum_zero() -> None:
    assert math.isnan(mean([])) and math.isnan(root_mean(np.array([])))
    assert total([]) == 0.0


def test_without_any_weight_the_mean_is_nan_and_the_sum_zero() -> None:
    assert math.isnan(mean([1.0, 2.0], [0, 0])) and math.isnan(root_mean([1.0], [0.0]))
    assert total([1.0, 2.0], [0, 0]) == 0.0


def test_a_value_without_weight_does_not_count_even_if_it_is_nan() -> None:
    assert mean([1.0, NAN, 3.0], [1, 0, 1]) == 2.0
    assert root_mean([NAN, 3.0], [0, 1]) == 3.0
    assert total([NAN, 3.0], [0, 2]) == 6.0


@pytest.mark.parametrize("aggregate", [mean, root_mean, total])
def test_a_nan_with_weight_is_not_hidden_and_infinity_makes_no_noise(aggregate: Any) -> None:
    assert math.isnan(aggregate([1.0, NAN]))
    assert aggregate([1.0, math.inf], [1, 2]) == math.inf


def test_what_is_too_large_to_square_gives_infinity_without_a_warning() -> None:
    assert root_mean([1e200, 1.0]) == math.inf


def test_mappings_are_aggregated_key_by_key() -> None:
    folds = [{"a": 1.0, "b": NAN}, {"a": 4.0, "b": 2.0}]
    assert mean(folds, [2, 1]) == {"a": 2.0, "b": pytest.approx(NAN, nan_ok=True)}
    assert mean(folds, [0, 1]) == {"a": 4.0, "b": 2.0}
    assert total([{"a": 1, "b": 2}, {"a": 3, "b": 5}]) == {"a": 4.0, "b": 7.0}
    assert total([{"a": 1, "b": 2}, {"a": 3, "b": 5}], [2, 1]) == {"a": 5.0, "b": 9.0}


def test_objects_that_add_are_summed_without_weights() -> None:
    assert total([np.array([1, 2]), np.array([3, 4])], [5, 6]).tolist() == [4, 6]
    assert total([timedelta(hours=1), timedelta(hours=2)]) == timedelta(hours=3)


@given(FOLDS)
@many
def test_folds_with_the_weights_of_their_rows_give_the_value_of_all_rows(
    folds: list[list[tuple[float, float]]],
) -> None:
    rows = [row for fold in folds for row in fold]
    sums = [sum(weight for _, weight in fold) for fold in folds]
    for aggregate in (mean, root_mean):
        by_fold = [aggregate(*zip(*fold, strict=True)) for fold in folds]
        pooled = aggregate(*zip(*rows, strict=True))
        assert aggregate(by_fold, sums) == pytest.approx(pooled, rel=1e-9, abs=1e-9)
    by_fold = [total(*zip(*fold, strict=True)) for fold in folds]
    assert total(by_fold) == pytest.approx(total(*zip(*rows, strict=True)), rel=1e-9, abs=1e-9)


@given(st.lists(st.tuples(numbers(), WEIGHTS), min_size=1, max_size=10))
@many
def test_means_equal_numpys_average(rows: list[tuple[float, float]]) -> None:
    values, weights = map(np.array, zip(*rows, strict=True))
    wanted = np.average(values, weights=weights)
    assert mean(values, weights) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    wanted = np.sqrt(np.average(values**2, weights=weights))
    assert root_mean(values, weights) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
