"""Measures of distributions: exact values, equality with scikit-learn, bounds, densities."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics

from mlj_keras.data.scitypes import Finite, Infinite, Vector
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    ScitypeError,
    UnseenLevelError,
    WeightsError,
)
from mlj_keras.measures.probabilistic import (
    ALIASES,
    BrierLoss,
    BrierScore,
    LogLoss,
    LogScore,
    SphericalScore,
    brier_loss,
    brier_score,
    log_loss,
    log_score,
    spherical_score,
)
from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector
from tests.batteries.measures import CASES, WEIGHTS, check_rows

ALL = [log_score, log_loss, brier_score, brier_loss, spherical_score]
cases = settings(max_examples=CASES, deadline=None)

# The example of MLJ's tests.
ABB = UnivariateFinite(["a", "b"], [[0.1, 0.9], [0.4, 0.6], [0.2, 0.8]])
TRUTH = np.array(["a", "b", "b"])
MAIL = UnivariateFinite(
    ["ham", "spam"], [[0.1, 0.9], [0.9, 0.1], [0.8, 0.2], [0.35, 0.65], [0.2, 0.8], [0.3, 0.7]]
)
MAIL_TRUTH = ["spam", "ham", "ham", "spam", "ham", "ham"]


@st.composite
def predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities (n, K) with zeros and ties, codes (n,) and weights (n,)."""
    n, k = draw(st.integers(1, 10)), draw(st.integers(2, 5))
    parts = draw(arrays(np.int64, (n, k), elements=st.integers(0, 8)))
    parts[:, 0] += parts.sum(axis=1) == 0
    codes = draw(arrays(np.int64, n, elements=st.integers(0, k - 1)))
    weights = draw(arrays(np.float64, n, elements=WEIGHTS))
    return parts / parts.sum(axis=1, keepdims=True), codes, weights


def vector(rows: np.ndarray) -> UnivariateFiniteVector:
    return UnivariateFiniteVector(rows, tuple(range(rows.shape[1])))


def test_log_loss_is_the_mean_negative_logarithm_and_log_score_its_negative() -> None:
    wanted = -(np.log(0.1) + np.log(0.6) + np.log(0.8)) / 3
    assert log_loss(ABB, TRUTH) == pytest.approx(wanted, rel=1e-12)
    assert log_score(ABB, TRUTH) == -log_loss(ABB, TRUTH)
    assert log_loss(MAIL, MAIL_TRUTH) == pytest.approx(0.6130097025803921, rel=1e-12)
    two = UnivariateFinite(["a", "b"], [[0.2, 0.8], [0.6, 0.4]])
    assert log_loss(two, ["a", "b"]) == pytest.approx(1.2628643, abs=1e-7)


def test_a_probability_of_0_loses_36_and_one_of_1_the_resolution_of_floats() -> None:
    sure = UnivariateFinite(["a", "b"], [[1.0, 0.0]])
    assert log_loss(sure, ["b"]) == pytest.approx(36.0436534, abs=1e-7)
    assert log_loss(sure, ["a"]) == pytest.approx(2.220446049250313e-16, rel=1e-12)
    assert LogLoss(tol=0.1)(sure, ["b"]) == pytest.approx(-np.log(0.1), rel=1e-12)
    assert LogLoss(tol=0.1)(sure, ["a"]) == pytest.approx(-np.log(0.9), rel=1e-12)


def test_only_the_probability_of_the_true_class_is_bounded_and_none_is_normalised() -> None:
    odd = UnivariateFinite(["a", "b"], [[0.5, 3.0]])
    assert log_loss(odd, ["a"]) == pytest.approx(np.log(2), rel=1e-12)


def test_brier_score_is_twice_what_scikit_learn_halves_and_its_rows_are_exact() -> None:
    np.testing.assert_allclose(brier_score.measurements(ABB, TRUTH), [-1.62, -0.32, -0.08])
    assert brier_loss(MAIL, MAIL_TRUTH) / 2 == pytest.approx(0.21875, rel=1e-12)
    example = UnivariateFinite(["a", "b"], [[0.8, 0.2], [0.4, 0.6]])
    assert brier_score(example, ["b", "a"]) == pytest.approx(-1.0, rel=1e-12)
    np.testing.assert_allclose(brier_score.measurements(example, ["b", "a"]), [-1.28, -0.72])
    assert brier_loss(example, ["b", "a"]) == -brier_score(example, ["b", "a"])


def test_a_perfect_prediction_scores_0_without_a_sign() -> None:
    sure = UnivariateFinite(["a", "b"], [[1.0, 0.0]])
    for measure in (brier_score, brier_loss):
        assert str(measure(sure, ["a"])) == "0.0"
        assert abs(measure(sure, ["b"])) == 2.0
    assert spherical_score(sure, ["a"]) == 1.0
    assert spherical_score(sure, ["b"]) == 0.0


def test_spherical_score_divides_by_the_norm_and_takes_the_power_of_alpha_less_1() -> None:
    rows = MAIL.probabilities
    own = MAIL.pdf_at(MAIL_TRUTH)
    wanted = own / np.linalg.norm(rows, axis=1)
    np.testing.assert_allclose(spherical_score.measurements(MAIL, MAIL_TRUTH), wanted)
    cubic = (own / np.linalg.norm(rows, ord=3, axis=1)) ** 2
    np.testing.assert_allclose(SphericalScore(alpha=3).measurements(MAIL, MAIL_TRUTH), cubic)


@cases
@given(predictions())
def test_log_loss_equals_scikit_learns(case: Any) -> None:
    rows, codes, weights = case
    labels = range(rows.shape[1])
    wanted = metrics.log_loss(codes, rows, labels=labels)
    assert log_loss(vector(rows), codes) == pytest.approx(wanted, rel=1e-9)
    wanted = metrics.log_loss(codes, rows, labels=labels, sample_weight=weights)
    assert log_loss(vector(rows), codes, weights) == pytest.approx(wanted, rel=1e-9)


@cases
@given(predictions())
def test_brier_loss_equals_scikit_learns_unscaled(case: Any) -> None:
    rows, codes, weights = case
    options = {"labels": range(rows.shape[1]), "scale_by_half": False}
    wanted = metrics.brier_score_loss(codes, rows, **options)
    assert brier_loss(vector(rows), codes) == pytest.approx(wanted, abs=1e-12)
    wanted = metrics.brier_score_loss(codes, rows, sample_weight=weights, **options)
    assert brier_loss(vector(rows), codes, weights) == pytest.approx(wanted, abs=1e-12)


@cases
@given(predictions(), st.floats(1.1, 5))
def test_spherical_score_equals_its_formula_written_row_by_row(case: Any, alpha: float) -> None:
    rows, codes, weights = case
    own = [
        (row[code] / sum(p**alpha for p in row) ** (1 / alpha)) ** (alpha - 1)
        for row, code in zip(rows, codes, strict=True)
    ]
    found = SphericalScore(alpha=alpha)(vector(rows), codes, weights)
    assert found == pytest.approx(np.average(own, weights=weights), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_rows_aggregate_weights_count_and_missing_truths_are_left_out(measure: Any) -> None:
    check_rows(measure, MAIL, np.array(MAIL_TRUTH))
    check_rows(measure, ABB, TRUTH)


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_class_weights_multiply_the_weights_of_rows(measure: Any) -> None:
    by_class = {"a": 4.5, "b": 3.0}
    assert measure(ABB, TRUTH, class_weights=by_class) == measure(ABB, TRUTH, [4.5, 3.0, 3.0])
    both = measure(ABB, TRUTH, [2.0, 1.0, 4.0], class_weights=by_class)
    assert both == measure(ABB, TRUTH, [9.0, 3.0, 12.0])
    assert measure(ABB, ["a", None, "b"], class_weights=by_class) == pytest.approx(
        measure(ABB[[0, 2]], ["a", "b"], [4.5, 3.0]), rel=1e-12
    )


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_a_nan_among_the_probabilities_of_a_row_is_never_hidden(measure: Any) -> None:
    for row in ([np.nan, np.nan], [0.5, np.nan], [np.nan, 0.5]):
        prediction = UnivariateFinite(["a", "b"], [row, [0.5, 0.5]])
        assert np.isnan(measure(prediction, ["a", "b"]))
        assert np.isnan(measure.measurements(prediction, ["a", "b"])).tolist() == [True, False]
        assert measure(prediction, [None, "b"]) == measure(prediction[1:], ["b"])


def test_a_row_of_zeros_has_no_spherical_score() -> None:
    assert np.isnan(spherical_score(UnivariateFinite(["a", "b"], [[0.0, 0.0]]), ["a"]))


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_the_truth_may_be_any_column_and_the_prediction_a_list(measure: Any) -> None:
    wanted = measure(ABB, TRUTH)
    for kind in (list, pd.Series, pl.Series, pa.array, pd.Categorical):
        assert measure(ABB, kind(TRUTH.tolist())) == wanted, kind
    turned = pd.Categorical(TRUTH, categories=["b", "a"])
    assert measure(list(ABB), turned) == wanted
    single = UnivariateFinite(["a", "b"], [0.1, 0.9])
    assert measure(single, ["a"]) == measure(ABB[:1], ["a"])


def test_float32_probabilities_are_measured_in_float64() -> None:
    narrow = UnivariateFiniteVector(np.array([[0.1, 0.9]], dtype=np.float32), ("a", "b"))
    exact = float(np.float32(0.9))
    assert log_loss(narrow, ["b"]) == pytest.approx(-np.log(exact), rel=1e-14)
    assert narrow.probabilities.tolist() == [[float(np.float32(0.1)), exact]]


def test_a_level_that_is_never_observed_counts_in_the_sum_over_classes() -> None:
    three = UnivariateFinite(["a", "b", "c"], [[0.5, 0.25, 0.25]])
    assert brier_loss(three, ["a"]) == 0.25 + 0.0625 + 0.0625


def test_logarithmic_measures_take_a_list_of_distributions_of_numbers() -> None:
    uniform, normal = stats.uniform(2, 3), stats.norm(0, 2)
    wanted = (np.log(1 / 3) + normal.logpdf(1.0)) / 2
    assert log_score([uniform, normal], [4.0, 1.0]) == pytest.approx(wanted, rel=1e-12)
    assert log_loss((uniform, normal), pl.Series([4, 1])) == pytest.approx(-wanted, rel=1e-12)
    poisson = stats.poisson(3)
    assert log_loss([poisson], [2]) == pytest.approx(-poisson.logpmf(2), rel=1e-12)


def test_densities_are_bounded_as_probabilities_are() -> None:
    narrow = stats.uniform(0, 0.1)  # density 10
    assert log_loss([narrow], [0.05]) == pytest.approx(2.220446049250313e-16, rel=1e-12)
    assert log_loss([narrow], [2.0]) == pytest.approx(36.0436534, abs=1e-7)


def test_numbers_that_are_missing_do_not_count_and_weights_do() -> None:
    uniform = stats.uniform(2, 3)
    assert log_score([uniform] * 2, [None, 4.0]) == pytest.approx(-np.log(3), rel=1e-12)
    rows = log_loss.measurements([uniform] * 2, [np.nan, 4.0])
    assert np.isnan(rows[0]) and rows[1] == pytest.approx(np.log(3), rel=1e-12)
    weighted = log_score([uniform, stats.uniform(0, 9)], [4.0, 4.0], [3.0, 1.0])
    assert weighted == pytest.approx(-(3 * np.log(3) + np.log(9)) / 4, rel=1e-12)


def test_distributions_of_numbers_need_numbers_and_no_class_weights() -> None:
    normal = stats.norm()
    with pytest.raises(ScitypeError, match="log_loss compares numbers, and the truth is"):
        log_loss([normal], ["a"])
    with pytest.raises(InvalidArgument, match=r"truth first. Call log_loss\(prediction, truth\)"):
        log_loss([1.0], [normal])
    with pytest.raises(DimensionMismatch, match="1 predictions and 2 truths. Give the same rows"):
        log_loss([normal], [1.0, 2.0])
    with pytest.raises(WeightsError, match="class_weights must name each level"):
        log_loss([normal], [1.0], class_weights={1.0: 2.0})
    with pytest.raises(InvalidArgument, match="brier_loss needs predicted distributions"):
        brier_loss([normal], [1.0])


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_bad_input_is_refused_with_advice(measure: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"needs predicted distributions.*predict\(mach, X"):
        measure(["a", "b", "b"], TRUTH)
    with pytest.raises(InvalidArgument, match="the truth first. Call"):
        measure(TRUTH, ABB)
    with pytest.raises(DimensionMismatch, match="3 predictions and 2 truths. Give the same rows"):
        measure(ABB, TRUTH[:2])
    with pytest.raises(EmptyData, match="no rows. Give at least one"):
        measure(ABB[:0], TRUTH[:0])
    with pytest.raises(UnseenLevelError, match="outside the pool.*Give both one pool"):
        measure(ABB, ["a", "b", "c"])
    with pytest.raises(InvalidArgument, match="different pools.*Give both one pool"):
        measure(ABB, pd.Categorical(["a", "c", "c"]))
    with pytest.raises(WeightsError, match="must name each level of the truth once"):
        measure(ABB, TRUTH, class_weights={"a": 1.0})
    with pytest.raises(WeightsError, match="Weights must be finite and not negative"):
        measure(ABB, TRUTH, [1.0, -1.0, 1.0])


@pytest.mark.parametrize(
    ("measure", "bad"),
    [(LogLoss, {"tol": 0.0}), (LogScore, {"tol": 0.5}), (SphericalScore, {"alpha": 1.0})],
)
def test_an_impossible_hyper_parameter_is_refused(measure: Any, bad: dict[str, float]) -> None:
    with pytest.raises(InvalidModelError, match=f"{next(iter(bad))} must be a number"):
        measure(**bad)


def test_the_traits_are_those_of_the_table() -> None:
    orientations = {measure.name: measure.orientation for measure in ALL}
    assert orientations == {
        "log_score": "score",
        "log_loss": "loss",
        "brier_score": "score",
        "brier_loss": "loss",
        "spherical_score": "score",
    }
    for measure in ALL:
        assert measure.prediction_type == "probabilistic"
        assert measure.supports_weights and measure.supports_class_weights
        assert measure.reports_observations and measure.aggregation.__name__ == "mean"
        assert Vector[Finite] <= measure.target_scitype
    assert Vector[Infinite] <= log_loss.target_scitype
    assert not Vector[Infinite] <= brier_loss.target_scitype


def test_each_alias_names_its_measure() -> None:
    kinds = {name: type(measure) for name, measure in ALIASES.items()}
    assert kinds == {
        "log_score": LogScore,
        "log_loss": LogLoss,
        "cross_entropy": LogLoss,
        "brier_score": BrierScore,
        "quadratic_score": BrierScore,
        "brier_loss": BrierLoss,
        "quadratic_loss": BrierLoss,
        "spherical_score": SphericalScore,
    }
