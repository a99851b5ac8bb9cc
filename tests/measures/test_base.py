"""Measures as values: which is better, how weights enter, missing truths, own measures."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import polars as pl
import pytest

from mlj_keras.data.scitypes import Finite, Infinite, Scitype, Unknown, Vector
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidModelError,
    UnknownFieldError,
    UnsupportedOperation,
    WeightsError,
)
from mlj_keras.measures.aggregation import Aggregation, mean, root_mean
from mlj_keras.measures.base import Measure, Reader, RowMeasure, WholeMeasure
from mlj_keras.measures.reading import Pair, read_classes, read_numbers
from mlj_keras.models.params import param
from tests.batteries.measures import check_kinds, check_rows

NAN = float("nan")


class Undershoot(RowMeasure):
    """How far predictions are below the truth, times `cost`."""

    target_scitype: ClassVar[Scitype] = Vector[Infinite]
    aggregation: ClassVar[Aggregation] = root_mean
    reads: ClassVar[Reader] = read_numbers

    cost: float = param(1.0, kind=float, ge=0)

    def of_rows(self, pair: Pair) -> np.ndarray:
        """cost * max(truth - prediction, 0)."""
        return self.cost * np.maximum(pair.truth - pair.prediction, 0)


class Hits(RowMeasure):
    """Whether each class is right."""

    orientation: ClassVar[str] = "score"
    target_scitype: ClassVar[Scitype] = Vector[Finite]
    supports_class_weights: ClassVar[bool] = True
    reads: ClassVar[Reader] = read_classes

    def of_rows(self, pair: Pair) -> np.ndarray:
        """1 or 0."""
        return (pair.prediction == pair.truth).astype(float)


class WorstError(WholeMeasure):
    """The largest absolute error of all rows, heavy ones more."""

    orientation: ClassVar[str] = "none"
    reads: ClassVar[Reader] = read_numbers

    def of_all(self, pair: Pair, weights: np.ndarray | None) -> float:
        """The largest weighted error."""
        own = np.ones(len(pair)) if weights is None else weights
        return float(np.max(own * np.abs(pair.prediction - pair.truth)))


class Spread(WholeMeasure):
    """A measure that takes no weights."""

    supports_weights: ClassVar[bool] = False
    reads: ClassVar[Reader] = read_numbers

    def of_all(self, pair: Pair, weights: np.ndarray | None) -> float:
        """Largest less smallest error."""
        return float(np.ptp(pair.prediction - pair.truth))


def test_a_measure_of_ones_own_aggregates_its_rows_and_takes_any_kind_of_column() -> None:
    prediction, truth = np.array([1.0, 2.0, 3.0, 4.0]), np.array([4.0, 1.0, 5.0, 4.5])
    measure = Undershoot(cost=2)
    assert measure.measurements(prediction, truth).tolist() == [6.0, 0.0, 4.0, 1.0]
    assert measure(prediction, truth) == pytest.approx(math.sqrt(53 / 4))
    check_rows(measure, prediction, truth)
    check_kinds(measure, prediction, truth)


def test_a_measure_of_all_rows_gets_the_rows_that_have_a_truth_with_their_weights() -> None:
    measure = WorstError()
    assert measure([1.0, 9.0, 3.0], [2.0, None, 5.0]) == 2.0
    assert measure([1.0, 9.0, 3.0], [2.0, None, 5.0], weights=[4, 100, 1]) == 4.0
    with pytest.raises(UnsupportedOperation, match="worst_error needs all rows at once"):
        measure.measurements([1.0], [2.0])


def test_the_defaults_of_the_traits_are_those_of_a_loss_that_takes_weights() -> None:
    assert (Spread.orientation, Spread.prediction_type) == ("loss", "deterministic")
    assert (Spread.aggregation, Spread.target_scitype) == (mean, Unknown)
    assert not Spread.reports_observations and Undershoot.reports_observations
    assert WorstError.supports_weights and not WorstError.supports_class_weights


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Undershoot", "undershoot"),
        ("WorstError", "worst_error"),
        ("L1HingeLoss", "l1_hinge_loss"),
        ("MyAUCScore", "my_auc_score"),
    ],
)
def test_a_measure_is_named_by_its_class_in_snake_case(name: str, expected: str) -> None:
    assert type(name, (RowMeasure,), {})().name == expected


def test_what_a_measure_of_ones_own_lacks_is_named() -> None:
    class NoReader(RowMeasure):
        pass

    class NoRows(RowMeasure):
        reads: ClassVar[Reader] = read_numbers

    class NoWhole(WholeMeasure):
        reads: ClassVar[Reader] = read_numbers

    class NoPair(Measure):
        reads: ClassVar[Reader] = read_numbers

    for kind, words in (
        (NoReader, "NoReader must say what it reads, .*: reads = read_numbers"),
        (NoRows, "NoRows must define of_rows"),
        (NoWhole, "NoWhole must define of_all"),
        (NoPair, "NoPair must define of_pair"),
    ):
        with pytest.raises(NotImplementedError, match=words):
            kind()([1.0], [2.0])


def test_the_better_of_two_measurements_is_the_smaller_loss_or_the_larger_score() -> None:
    loss, score = Undershoot(), Hits()
    assert loss.better(1.0, 2.0) and not loss.better(2.0, 1.0) and not loss.better(1.0, 1.0)
    assert score.better(2.0, 1.0) and not score.better(1.0, 2.0) and not score.better(1.0, 1.0)
    assert loss.better(-math.inf, 0.0) and score.better(0.0, -math.inf)
    assert type(loss.better(np.float64(1), np.float32(2))) is bool


def test_nan_is_never_the_better_one_and_anything_else_is_better_than_nan() -> None:
    for measure in (Undershoot(), Hits()):
        assert not measure.better(NAN, 1.0) and not measure.better(NAN, NAN)
        assert measure.better(1.0, NAN) and measure.better(math.inf, NAN)


def test_of_a_measure_without_orientation_none_is_the_better() -> None:
    with pytest.raises(UnsupportedOperation, match="Of two values of worst_error none is the"):
        WorstError().better(1.0, 2.0)


def test_missing_truths_count_neither_in_the_mean_nor_in_measurements() -> None:
    prediction, truth = ["a", "b", "b"], ["a", None, "a"]
    assert Hits()(prediction, truth) == 0.5
    np.testing.assert_array_equal(Hits().measurements(prediction, truth), [1.0, NAN, 0.0])
    assert Hits()(prediction, truth, weights=[3, 100, 1]) == 0.75
    assert Hits()(prediction, ["a", None, "b"], class_weights={"a": 1, "b": 3}) == 1.0
    assert math.isnan(Hits()(["a"], pd.Categorical([None], categories=["a"])))


def test_weights_of_rows_of_any_kind_divide_by_their_sum() -> None:
    prediction, truth = ["a", "a", "a"], ["a", "b", "a"]
    for kind in (list, tuple, np.array, pd.Series, pl.Series):
        assert Hits()(prediction, truth, kind([1, 2, 3])) == pytest.approx(4 / 6, rel=1e-15)
    tenths = [0.1, 0.2, 0.3]  # which single precision would round
    assert Hits()(prediction, truth, tenths) == pytest.approx(4 / 6, rel=1e-15)


def test_weights_of_rows_and_of_classes_multiply() -> None:
    prediction, truth = ["a", "a", "a"], ["a", "b", "a"]
    by_class = {"b": 3.0, "a": 0.5}
    assert Hits()(prediction, truth, class_weights=by_class) == pytest.approx(1 / 4)
    assert Hits()(prediction, truth, [1, 2, 3], class_weights=by_class) == pytest.approx(2 / 8)
    pooled = pd.Categorical(truth, categories=["a", "b", "c"])
    assert Hits()(prediction, pooled, class_weights={**by_class, "c": 0}) == pytest.approx(1 / 4)


@pytest.mark.parametrize(
    ("weights", "error", "words"),
    [
        ([1, 2], DimensionMismatch, "2 weights and the data have 3 rows. Give one weight a row"),
        ([1, -2, 1], WeightsError, r"first at row 1 \(-2.0\). Weights must be finite and not neg"),
        ([1, NAN, 1], WeightsError, "negative, missing or infinite, first at row 1"),
        ([1, None, 1], WeightsError, "negative, missing or infinite, first at row 1"),
        ([1, 1, math.inf], WeightsError, "first at row 2"),
        ([0, 0, 0], WeightsError, "Give some row a positive weight"),
        (["x", "y", "z"], WeightsError, "must be numbers.*Give one number for each row"),
        ({"a": 1, "b": 2}, WeightsError, r"hits must be one number a row.*class_weights=\{...\}"),
        ("balanced", WeightsError, r"hits must be one number a row.*class_weights=\{...\}"),
    ],
)
def test_unusable_weights_of_rows_are_refused(weights: Any, error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        Hits()(["a", "b", "b"], ["a", "b", "a"], weights)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ({"a": 1}, r"must name each level of the truth once, \['a', 'b'\], got \{'a': 1\}"),
        ({"a": 1, "b": 1, "c": 1}, "must name each level of the truth once"),
        ([1, 2], r"must name each level of the truth once, \['a', 'b'\], got \[1, 2\]"),
        ("balanced", "must name each level of the truth once"),
        ({"a": 1, "b": -1}, "must be finite numbers >= 0.*Give one for each level"),
        ({"a": 1, "b": NAN}, "must be finite numbers >= 0"),
        ({"a": 1, "b": "2"}, "must be finite numbers >= 0"),
        ({"a": 0, "b": 0}, "Give some row a positive weight"),
    ],
)
def test_unusable_weights_of_classes_are_refused(weights: Any, words: str) -> None:
    with pytest.raises(WeightsError, match=words):
        Hits()(["a", "b", "b"], ["a", "b", "a"], class_weights=weights)


def test_a_measure_that_takes_no_weights_says_so() -> None:
    with pytest.raises(WeightsError, match="spread takes no weights. Leave them out."):
        Spread()([1.0, 2.0], [1.0, 3.0], weights=[1, 2])
    with pytest.raises(WeightsError, match="undershoot takes no class weights. Leave them out."):
        Undershoot()([1.0, 2.0], [1.0, 3.0], class_weights={1.0: 1, 3.0: 2})
    assert Spread()([1.0, 2.0], [1.0, 3.0]) == 1.0


def test_prediction_truth_and_weights_may_be_named() -> None:
    assert Undershoot()(truth=[3.0], prediction=[1.0], weights=[2.0]) == 2.0


def test_measures_are_compared_copied_and_shown_by_their_hyper_parameters() -> None:
    measure = Undershoot(cost=2)
    assert measure == Undershoot(cost=2.0) and measure != Undershoot() and measure != Hits()
    assert repr(measure) == "Undershoot(cost=2.0)" and repr(Hits()) == "Hits()"
    changed = copy.deepcopy(measure)
    changed.cost = 3
    assert (measure.cost, changed.cost) == (2.0, 3.0)
    with pytest.raises(InvalidModelError, match="Undershoot.cost must be a number >= 0, got -1"):
        Undershoot(cost=-1)
    with pytest.raises(UnknownFieldError, match="Did you mean 'cost'"):
        Undershoot(costs=1)


def test_a_measure_comes_back_from_a_pickle_as_it_was() -> None:
    from mlj_keras.measures.continuous import LPLoss  # pickles name a class by its module

    back = pickle.loads(pickle.dumps(LPLoss(p=3)))
    assert back == LPLoss(p=3) and back([1.0], [3.0]) == 8.0
