"""Measures of numbers: exact values, scikit-learn as an oracle, missing values, bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mlj_keras.data.scitypes import Infinite, Vector
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    ScitypeError,
    UnsupportedOperation,
    WeightsError,
)
from mlj_keras.measures.aggregation import mean, root_mean, total
from mlj_keras.measures.base import RowMeasure
from mlj_keras.measures.continuous import (
    ALIASES,
    LogCoshLoss,
    LPLoss,
    LPSumLoss,
    MeanAbsoluteProportionalError,
    NumberMeasure,
    RootMeanSquaredError,
    RootMeanSquaredLogProportionalError,
    RSquared,
    WillmottD,
    l1,
    l1_sum,
    l2,
    l2_sum,
    log_cosh,
    mape,
    rms,
    rmsl,
    rmslp1,
    rmsp,
    rsq,
    willmott_d,
)
from mlj_keras.probability import UnivariateFinite
from tests.batteries.measures import CASES, check_kinds, check_rows, numbers, pairs

Case = tuple[list[float], list[float], list[float]]
NUMBERS, POSITIVE = pairs(numbers()), pairs(st.floats(0.01, 1e3))
OF_ROWS = [l1, l2, l1_sum, l2_sum, rms, rmsl, rmslp1, rmsp, mape, log_cosh, LPLoss(p=2.5)]
NAN = float("nan")
PREDICTION = np.array([2.0, 3.0, 4.0, 5.0, 0.5])
TRUTH = np.array([1.0, 2.0, 3.0, 4.0, 0.75])
many = settings(max_examples=CASES, deadline=None)

# The numbers of the reference's own test, rows with a missing value left out.
REFERENCE = ([4, 3, 2, 1], [1, 2, 3, 4], [1, 2, 4, 3])


@pytest.mark.parametrize(
    ("measure", "unweighted", "weighted"),
    [
        (l1, 2.0, 1.8),
        (l2, 5.0, 4.2),
        (LPLoss(p=2.5), (2 * 3**2.5 + 2) / 4, (4 * 3**2.5 + 6) / 10),
        (l1_sum, 8.0, 18.0),
        (l2_sum, 20.0, 42.0),
        (LPSumLoss(p=2.5), 2 * 3**2.5 + 2, 4 * 3**2.5 + 6),
        (rms, math.sqrt(5), math.sqrt(4.2)),
    ],
)
def test_powers_of_errors_give_the_values_of_the_reference(
    measure: RowMeasure, unweighted: float, weighted: float
) -> None:
    prediction, truth, weights = REFERENCE
    assert measure(prediction, truth) == pytest.approx(unweighted, rel=1e-12)
    assert measure(prediction, truth, weights) == pytest.approx(weighted, rel=1e-12)


def test_proportions_and_logarithms_give_the_values_of_the_reference() -> None:
    prediction, truth = [2, 3, 4, 5], [1, 2, 3, 4]
    logs = [math.log(1 / 2), math.log(2 / 3), math.log(3 / 4), math.log(4 / 5)]
    assert rmsl(prediction, truth) == pytest.approx(math.sqrt(sum(x * x for x in logs) / 4))
    shifted = [*logs[1:], math.log(5 / 6)]
    assert rmslp1(prediction, truth) == pytest.approx(math.sqrt(sum(x * x for x in shifted) / 4))
    assert rmsp(prediction, truth) == pytest.approx(math.sqrt((1 + 1 / 4 + 1 / 9 + 1 / 16) / 4))
    assert mape(prediction, truth) == pytest.approx((1 + 1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert mape([1, 9, 5], [2, 0, 4]) == 0.25
    assert rmsl([2, 4], [1, 4]) == pytest.approx(0.4901291, abs=5e-8)
    assert rmslp1([2, 4], [1, 4]) == pytest.approx(0.2867071, abs=5e-8)
    tripled = RootMeanSquaredLogProportionalError(offset=3)
    assert tripled([0.0], [3.0]) == pytest.approx(math.log(2))


def test_a_truth_missing_counts_neither_in_the_sum_nor_in_the_count() -> None:
    assert l1([2, 5, 5], [1, None, 3]) == 1.5
    assert l1_sum([2, 5, 5], [1, None, 3], weights=[1, 100, 2]) == 5.0
    assert l1.measurements([2, 5, 5], [1, None, 3]).tolist()[::2] == [1.0, 2.0]
    assert rsq([1, 9, 2, 5], [1, None, 2, 3]) == -1.0
    for measure in (l1, rms, rsq, willmott_d):
        assert math.isnan(measure([1.0], [None]))


@given(NUMBERS)
@many
def test_means_of_errors_equal_those_of_scikit_learn(case: Case) -> None:
    prediction, truth, weights = case
    for w in (None, weights):
        for ours, theirs in (
            (l1, metrics.mean_absolute_error),
            (l2, metrics.mean_squared_error),
            (rms, metrics.root_mean_squared_error),
        ):
            wanted = theirs(truth, prediction, sample_weight=w)
            assert ours(prediction, truth, w) == pytest.approx(wanted, rel=1e-9)


@given(POSITIVE)
@many
def test_proportional_errors_of_positive_numbers_equal_those_of_scikit_learn(case: Case) -> None:
    prediction, truth, weights = case
    for w in (None, weights):
        wanted = metrics.mean_absolute_percentage_error(truth, prediction, sample_weight=w)
        assert mape(prediction, truth, w) == pytest.approx(wanted, rel=1e-9)
        wanted = metrics.root_mean_squared_log_error(truth, prediction, sample_weight=w)
        assert rmslp1(prediction, truth, w) == pytest.approx(wanted, rel=1e-7, abs=1e-12)
        logs = np.log(truth) - np.log(prediction)
        wanted = math.sqrt(np.average(logs**2, weights=w))
        assert rmsl(prediction, truth, w) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
        ratios = np.array(prediction) / np.array(truth) - 1
        wanted = math.sqrt(np.average(ratios**2, weights=w))
        assert rmsp(prediction, truth, w) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@given(NUMBERS)
@many
def test_sums_of_powers_and_log_cosh_equal_their_formulas(case: Case) -> None:
    prediction, truth, weights = map(np.array, case)
    size = np.abs(prediction - truth)
    assert l1_sum(prediction, truth, weights) == pytest.approx(weights @ size, rel=1e-9)
    assert l2_sum(prediction, truth) == pytest.approx(np.sum(size**2), rel=1e-9)
    near = size / 1e3  # cosh itself overflows above 710
    wanted = np.average(np.log(np.cosh(near)), weights=weights)
    assert log_cosh(near, 0 * near, weights) == pytest.approx(wanted, rel=1e-9, abs=1e-15)
    assert log_cosh(prediction, truth) >= 0


@given(NUMBERS)
@many
def test_r_squared_equals_that_of_scikit_learn_without_its_special_cases(case: Case) -> None:
    prediction, truth, _ = case
    if np.ptp(truth) > 1e-3:  # of a constant truth, and of a single row, see below
        wanted = metrics.r2_score(truth, prediction, force_finite=False)
        assert rsq(prediction, truth) == pytest.approx(wanted, rel=1e-6, abs=1e-9)


@given(NUMBERS)
@many
def test_willmotts_index_equals_its_formula_and_lies_between_0_and_1(case: Case) -> None:
    prediction, truth = np.array(case[0]), np.array(case[1])
    m = truth.mean()
    error = np.sum((prediction - truth) ** 2)
    largest = np.sum((np.abs(prediction - m) + np.abs(truth - m)) ** 2)
    if np.ptp(truth) > 1e-3:
        wanted = 1 - error / largest
        assert willmott_d(prediction, truth) == pytest.approx(wanted, rel=1e-6, abs=1e-9)
    assert -1e-12 <= willmott_d(prediction, truth) <= 1


def test_r_squared_of_a_constant_truth_is_not_finite() -> None:
    tenths = [0.1, 0.1, 0.1]  # whose mean, as floats add, is no longer 0.1
    assert rsq([0.1, 0.1, 0.2], tenths) == -math.inf
    assert math.isnan(rsq(tenths, tenths))
    assert rsq([1.0], [2.0]) == -math.inf
    assert rsq([1, 2, 3], [1, 2, 3]) == 1.0
    assert rsq([2, 2, 2], [1, 2, 3]) == 0.0


def test_willmotts_index_of_a_constant_truth_is_1_or_0() -> None:
    assert willmott_d([0.0] * 4, [0.0] * 4) == 1.0
    assert willmott_d([1.5, 2.0, 1.25], [0.0] * 3) == 0.0
    assert willmott_d([0.1, 0.1], [0.1, 0.1]) == 1.0
    assert willmott_d([1, 2, 3], [1, 2, 3]) == 1.0


@pytest.mark.parametrize("measure", OF_ROWS, ids=lambda m: m.name)
def test_rows_aggregate_to_the_measurement_and_weights_count_rows(measure: RowMeasure) -> None:
    check_rows(measure, PREDICTION, TRUTH)
    check_kinds(measure, PREDICTION, TRUTH)


@pytest.mark.parametrize("measure", [*OF_ROWS, rsq, willmott_d], ids=lambda m: m.name)
def test_a_prediction_that_is_nan_or_missing_gives_nan(measure: Any) -> None:
    for gone in (NAN, None):
        assert math.isnan(measure([1.0, gone, 3.0], [1.0, 2.0, 3.0]))
        assert math.isnan(measure([1.0, gone, 3.0], [1.0, 0.0, 3.0]))
        assert math.isnan(measure([gone, gone], [1.0, 2.0]))
        assert not math.isnan(measure([1.0, gone, 3.0, 2.0], [1.0, None, 3.0, 4.0]))
    assert math.isnan(measure(pd.Series([1.0, NAN]), pl.Series([1.0, 2.0])))


def test_a_row_without_weight_does_not_count_even_if_its_prediction_is_nan() -> None:
    assert l1([2.0, NAN], [1.0, 2.0], weights=[1, 0]) == 1.0


def test_integers_and_floats_of_any_kind_are_compared_as_numbers() -> None:
    check_kinds(l2, np.array([1, 5, 3]), np.array([2, 3, 3]))
    check_kinds(rsq, PREDICTION, TRUTH)
    check_kinds(willmott_d, PREDICTION, TRUTH)
    assert l1(np.array([1.5], dtype=np.float32), np.array([1], dtype=np.uint8)) == 0.5


def test_infinite_and_huge_errors_are_infinite_without_a_warning() -> None:
    assert l1([math.inf], [1.0]) == l2([1e200], [0.0]) == log_cosh([-math.inf], [1.0]) == math.inf
    assert mape([math.inf, 1.0], [0.0, 1.0]) == 0.0
    assert log_cosh([1e300], [0.0]) == 1e300


def test_logarithms_of_zero_are_infinite_and_of_less_are_refused() -> None:
    assert rmsl([0.0], [1.0]) == math.inf
    assert rmslp1([1.0], [-1.0]) == math.inf
    with pytest.raises(InvalidArgument, match="rmsl needs numbers >= 0, got -2 as prediction"):
        rmsl([1.0, -2.0, NAN], [1.0, 2.0, 3.0])
    with pytest.raises(InvalidArgument, match="got -3 as truth. Use rms, or .* offset above 3"):
        rmslp1([1.0, 2.0], [1.0, -3.0])
    assert rmsl([-1.0, 1.0], [None, 1.0]) == 0.0
    with pytest.raises(InvalidArgument, match="proportional_error needs numbers >= 2"):
        RootMeanSquaredLogProportionalError(offset=-2)([1.0], [3.0])


def test_truths_within_the_tolerance_add_no_error() -> None:
    measure = MeanAbsoluteProportionalError(tol=0.5)
    assert measure([9.0, 4.0], [0.5, 2.0]) == 0.5
    assert MeanAbsoluteProportionalError(tol=0)([9.0, 4.0], [0.5, 2.0]) == 9.0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: LPLoss(p=0), r"LPLoss.p must be a number > 0, got 0"),
        (lambda: LPSumLoss(p=-1), r"LPSumLoss.p must be a number > 0"),
        (lambda: MeanAbsoluteProportionalError(tol=-1), r"tol must be a number >= 0"),
        (lambda: RootMeanSquaredLogProportionalError(offset="1"), r"offset must be a number"),
    ],
)
def test_impossible_hyper_parameters_are_refused(make: Any, words: str) -> None:
    with pytest.raises(InvalidModelError, match=words):
        make()


def test_input_that_cannot_be_compared_is_refused_with_advice() -> None:
    with pytest.raises(DimensionMismatch, match="2 predictions and 3 truths. Give the same rows"):
        rms([1, 2], [1, 2, 3])
    with pytest.raises(EmptyData, match="rms was given no rows. Give at least one"):
        rms([], [])
    with pytest.raises(ScitypeError, match="measure of classes such as accuracy"):
        rms(["a"], ["b"])
    with pytest.raises(InvalidArgument, match=r"Give predict_mean\(mach, X\)"):
        rms(UnivariateFinite(["a", "b"], [[0.5, 0.5]]), [1.0])
    with pytest.raises(InvalidArgument, match=r"Call rms\(prediction, truth\)"):
        rms([1.0], UnivariateFinite(["a", "b"], [[0.5, 0.5]]))
    with pytest.raises(InvalidArgument, match=r"Write \[1.0\] for one row"):
        rms(1.0, [2.0])


def test_measures_of_all_rows_take_no_weights_and_measure_no_single_row() -> None:
    for measure in (rsq, willmott_d):
        with pytest.raises(WeightsError, match="takes no weights. Leave them out"):
            measure([1.0, 2.0], [1.0, 2.0], [1, 1])
        with pytest.raises(UnsupportedOperation, match="needs all rows at once"):
            measure.measurements([1.0, 2.0], [1.0, 2.0])
        assert measure.better(0.5, 0.25)
    with pytest.raises(WeightsError, match="rms takes no class weights"):
        rms([1], [2], class_weights={1: 1.0})


def test_traits_are_those_of_the_reference() -> None:
    for name, measure in ALIASES.items():
        is_score = measure in (rsq, willmott_d)
        assert measure.orientation == ("score" if is_score else "loss"), name
        assert measure.supports_weights is not is_score
        assert measure.reports_observations is not is_score
        assert not measure.supports_class_weights
        assert measure.target_scitype == Vector[Infinite]
        assert measure.prediction_type == "deterministic"
        wanted = root_mean if name.startswith(("rm", "root")) else mean
        assert type(measure).aggregation is (total if name.endswith("sum") else wanted)


def test_aliases_are_those_of_the_reference_and_each_measure_has_one_as_its_name() -> None:
    assert set(ALIASES) == set(
        "l1 mae mav mean_absolute_error mean_absolute_value l2 l1_sum l2_sum rms rmse "
        "root_mean_squared_error rmsl rmsle root_mean_squared_log_error rmslp1 rmsp mape log_cosh "
        "log_cosh_loss rsq rsquared willmott_d".split()
    )
    assert all(ALIASES[measure.name] is measure for measure in ALIASES.values())
    assert ALIASES["mae"] == LPLoss(p=1) and ALIASES["rmse"] == RootMeanSquaredError()
    assert ALIASES["rsquared"] == RSquared() and ALIASES["willmott_d"] == WillmottD()
    assert ALIASES["log_cosh_loss"] == LogCoshLoss()
    assert RootMeanSquaredLogProportionalError(offset=2).name == (
        "root_mean_squared_log_proportional_error"
    )


def test_a_measure_of_numbers_without_errors_says_so() -> None:
    class Empty(NumberMeasure):
        """Defines nothing."""

    with pytest.raises(NotImplementedError, match="Empty must define errors"):
        Empty()([1.0], [1.0])
