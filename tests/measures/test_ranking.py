"""Measures of ranking: MLJ's own examples, scikit-learn, and definitions written as loops."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics

from mlj_keras.data.scitypes import Finite, OrderedFactor, Vector
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    LevelsWarning,
    UnsupportedOperation,
    WeightsError,
)
from mlj_keras.measures.ranking import (
    ALIASES,
    AreaUnderCurve,
    AveragePrecision,
    ContinuousBoyceIndex,
    PrecisionAtFixedRecall,
    auc,
    average_precision,
    cbi,
    pearson,
    precision_at_fixed_recall,
    spearman,
)
from mlj_keras.probability import UnivariateFinite
from tests.batteries.measures import CASES

ALL = [auc, average_precision, precision_at_fixed_recall, cbi]
cases = settings(max_examples=CASES, deadline=None)

# The examples of MLJ's tests, X positive.
SCORES = np.array([0.3, 0.2, 0.4, 0.9, 0.1, 0.4, 0.5, 0.2, 0.8, 0.7])
FIRST, SECOND = list("OXXXXOOOXX"), list("XOXXOXXOOX")


def predicted(scores: Any, *, ordered: bool = True) -> Any:
    """Distributions over O and X with these probabilities of X."""
    return UnivariateFinite(["O", "X"], np.asarray(scores), augment=True, ordered=ordered)


def labels(positive: Any) -> list[str]:
    return ["X" if one else "O" for one in positive]


@st.composite
def rankings(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Scores (n,) with ties, on a grid of eighths, and booleans (n,) of both kinds."""
    n = draw(st.integers(2, 14))
    scores = draw(arrays(np.int64, n, elements=st.integers(0, 8))) / 8
    positive = draw(arrays(np.bool_, n))
    positive[:2] = [True, False]
    return scores, positive


def test_the_example_of_the_reference_has_its_values() -> None:
    prediction = predicted(SCORES)
    assert auc(prediction, SECOND) == pytest.approx(0.7916667, abs=1e-7)
    assert average_precision(prediction, SECOND) == pytest.approx(0.75, rel=1e-12)


def test_auc_counts_ties_one_half() -> None:
    scores = [0.8, 0.7, 0.5, 0.5, 0.5, 0.5, 0.3]
    wanted = 0.8333333333333334
    assert auc(predicted(scores), list("XXOOXXO")) == pytest.approx(wanted, rel=1e-15)


@cases
@given(rankings())
def test_auc_is_the_part_of_pairs_in_the_right_order(case: Any) -> None:
    scores, positive = case
    gaps = scores[positive][:, None] - scores[~positive][None, :]
    wanted = ((gaps > 0) + 0.5 * (gaps == 0)).mean()
    assert auc(predicted(scores), labels(positive)) == pytest.approx(wanted, rel=1e-12)
    swapped = UnivariateFinite(["X", "O"], np.column_stack([scores, 1 - scores]))
    assert auc(swapped, labels(positive)) == pytest.approx(wanted, rel=1e-12)


@cases
@given(rankings())
def test_average_precision_keeps_each_precision_to_the_next_recall(case: Any) -> None:
    scores, positive = case
    area, recall, precision, end = 0.0, 0.0, 1.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = scores >= threshold
        new = positive[taken].sum() / positive.sum()
        area += precision * (new - recall)
        end += positive[taken].mean() * (new - recall)
        recall, precision = new, positive[taken].mean()
    assert average_precision(predicted(scores), labels(positive)) == pytest.approx(area, rel=1e-12)
    # scikit-learn's rule, from the same loop: the precision at the end of each step.
    assert metrics.average_precision_score(positive, scores) == pytest.approx(end, rel=1e-12)


def test_a_single_distinct_score_has_average_precision_1() -> None:
    assert average_precision(predicted([0.4, 0.4, 0.4]), list("XOO")) == 1.0


@pytest.mark.parametrize(
    ("truth", "thresholds", "wanted"),
    [
        # Recalls 0 1 2 3 3 4 4 5 sixths, precisions 1 1 1 1 3/4 4/6 4/7 5/9; then 6/6 and 6/10,
        # where every row is taken for positive, which do not count.
        (
            FIRST,
            [0.1, 0.2, 0.4, 0.51, 0.74, 0.9],
            [1, 1, (1 + 3 / 4) / 2, (4 / 6 + 4 / 7) / 2, 5 / 9, 0],
        ),
        # Recalls 0 1 1 2 3 5 6 6 sixths, precisions 1 1 1/2 2/3 3/4 5/6 6/7 6/9.
        (
            SECOND,
            [0.1, 0.2, 0.4, 0.6, 0.9, 1.0],
            [3 / 4, 2 / 3, 3 / 4, 5 / 6, (6 / 7 + 6 / 9) / 2, (6 / 7 + 6 / 9) / 2],
        ),
    ],
)
def test_precision_at_fixed_recall_equals_the_calculation_by_hand(
    truth: list[str], thresholds: list[float], wanted: list[float]
) -> None:
    found = [
        PrecisionAtFixedRecall(recall_threshold=one)(predicted(SCORES), truth)
        for one in thresholds
    ]
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@cases
@given(rankings(), st.sampled_from([0.0, 0.25, 0.5, 0.95, 1.0]))
def test_precision_at_fixed_recall_is_what_its_definition_says(case: Any, limit: float) -> None:
    scores, positive = case
    points = [(0.0, 1.0)]
    for threshold in sorted(set(scores), reverse=True)[:-1]:
        taken = scores >= threshold
        points.append((positive[taken].sum() / positive.sum(), positive[taken].mean()))
    least = min((recall for recall, _ in points if recall >= limit), default=None)
    reached = [precision for recall, precision in points if recall == least]
    wanted = np.mean(reached) if reached else 0.0
    found = PrecisionAtFixedRecall(recall_threshold=limit)(predicted(scores), labels(positive))
    assert found == pytest.approx(wanted, rel=1e-12)


def boyce(scores: np.ndarray, positive: np.ndarray, starts: np.ndarray, width: float) -> Any:
    """Parts of positives and starts of the bins that have rows."""
    parts = []
    for start in starts:
        inside = (scores >= start) & (scores <= start + width)
        parts.append(positive[inside].mean() if inside.any() else np.nan)
    used = ~np.isnan(parts)
    return np.array(parts)[used], starts[used]


@cases
@given(rankings(), st.sampled_from([(101, 0.1), (7, 0.25), (2, 0.5)]))
def test_boyce_index_is_the_correlation_of_bins_and_parts_of_positives(
    case: Any, bins: tuple[int, float]
) -> None:
    scores, positive = case
    nbins, width = bins
    starts = np.linspace(0, 1 - width, nbins)
    parts, used = boyce(scores, positive, starts, width)
    found = {
        cor: ContinuousBoyceIndex(nbins=nbins, binwidth=width, cor=cor)(
            predicted(scores), labels(positive)
        )
        for cor in ("spearman", "pearson")
    }
    if len(parts) < 2 or np.ptp(parts) == 0:
        assert np.isnan([*found.values()]).all()
    else:
        assert found["spearman"] == pytest.approx(stats.spearmanr(parts, used)[0], abs=1e-9)
        assert found["pearson"] == pytest.approx(stats.pearsonr(parts, used)[0], abs=1e-9)


def test_boyce_index_is_near_1_if_probabilities_are_right_and_near_minus_1_if_turned() -> None:
    rng = np.random.default_rng(3)
    scores = rng.uniform(size=2000)
    positive = rng.uniform(size=2000) < scores
    # The part of positives rises from 0 to 1, and errs by 0.035 at most in a bin of 200 rows.
    assert cbi(predicted(scores), labels(positive)) > 0.95
    assert cbi(predicted(1 - scores), labels(positive)) < -0.95


def test_empty_bins_do_not_count_and_are_told_of_at_verbosity_2(
    caplog: pytest.LogCaptureFixture,
) -> None:
    # Bins at 0, 0.1, ..., 1.9; scores above 1 do not exist.
    wide = ContinuousBoyceIndex(max=2.0, nbins=20, verbosity=2)
    scores = np.linspace(0.05, 0.95, 10)
    truth = list("OOOXOOXXOX")
    with caplog.at_level(logging.INFO, logger="mlj_keras"):
        found = wide(predicted(scores), truth)
    assert "continuous_boyce_index leaves out 10 bins without rows" in caplog.text
    assert found == ContinuousBoyceIndex(nbins=10)(predicted(scores), truth)
    caplog.clear()
    ContinuousBoyceIndex(max=2.0, nbins=20)(predicted(scores), truth)
    assert not caplog.text


def test_the_correlation_may_be_a_function() -> None:
    def n_bins_used(parts: np.ndarray, starts: np.ndarray) -> float:
        return len(parts) + 0 * starts.sum()

    counted = ContinuousBoyceIndex(nbins=4, binwidth=0.25, cor=n_bins_used)
    assert counted(predicted([0.1, 0.3, 0.9]), list("OXX")) == 3.0


def test_correlations_of_one_point_or_of_equal_values_are_nan() -> None:
    for correlation in (spearman, pearson):
        assert np.isnan(correlation(np.array([1.0]), np.array([2.0])))
        assert np.isnan(correlation(np.array([1.0, 1.0]), np.array([2.0, 3.0])))
        assert correlation(np.array([1.0, 2.0]), np.array([2.0, 3.0])) == pytest.approx(1)
    assert spearman(np.array([1, 2, 9]), np.array([1, 2, 3])) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_a_nan_among_the_probabilities_gives_nan(measure: Any) -> None:
    for row in ([np.nan, 0.5], [0.5, np.nan]):
        rows = np.array([row, [0.5, 0.5], [0.1, 0.9]])
        prediction = UnivariateFinite(["O", "X"], rows, ordered=True)
        assert np.isnan(measure(prediction, list("OXX")))


def test_without_a_positive_row_nothing_is_measured() -> None:
    for measure in ALL:
        assert np.isnan(measure(predicted([0.2, 0.8]), list("OO")))
        assert np.isnan(measure(predicted([0.2, 0.8]), [None, None]))


def test_without_a_negative_row_precision_is_1_and_nothing_is_ranked() -> None:
    prediction = predicted([0.2, 0.8])
    assert np.isnan(auc(prediction, list("XX")))
    assert np.isnan(cbi(prediction, list("XX")))
    assert average_precision(prediction, list("XX")) == 1.0
    assert PrecisionAtFixedRecall(recall_threshold=0.5)(prediction, list("XX")) == 1.0


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_rows_without_a_truth_are_left_out(measure: Any) -> None:
    lacking = [None, *SECOND[1:]]
    assert measure(predicted(SCORES), lacking) == measure(predicted(SCORES[1:]), SECOND[1:])


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_the_truth_may_be_any_column_and_the_prediction_a_list(measure: Any) -> None:
    wanted = measure(predicted(SCORES), SECOND)
    for kind in (np.array, pd.Series, pl.Series, pd.Categorical):
        assert measure(list(predicted(SCORES)), kind(SECOND)) == wanted, kind


def test_a_pool_without_order_warns_which_class_is_positive_except_for_auc() -> None:
    unordered = predicted(SCORES, ordered=False)
    for measure in (average_precision, precision_at_fixed_recall, cbi):
        advice = f"{measure.name} takes 'X' for the positive class.*OrderedFactor"
        with pytest.warns(LevelsWarning, match=advice):
            found = measure(unordered, SECOND)
        assert found == measure(predicted(SCORES), SECOND)
    assert auc(unordered, SECOND) == auc(predicted(SCORES), SECOND)
    quiet = ContinuousBoyceIndex(verbosity=0)
    assert quiet(unordered, SECOND) == cbi(predicted(SCORES), SECOND)


@pytest.mark.parametrize("measure", ALL, ids=lambda measure: measure.name)
def test_bad_input_is_refused_with_advice(measure: Any) -> None:
    prediction = predicted(SCORES)
    three = UnivariateFinite(["a", "b", "c"], [[0.2, 0.3, 0.5]] * 2)
    with pytest.raises(InvalidArgument, match=r"over two classes, got 3: \['a', 'b', 'c'\]. For"):
        measure(three, ["a", "b"])
    with pytest.raises(InvalidArgument, match="needs predicted distributions"):
        measure(SCORES, SECOND)
    with pytest.raises(InvalidArgument, match="the truth first. Call"):
        measure(SECOND, prediction)
    with pytest.raises(DimensionMismatch, match="Give the same rows"):
        measure(prediction, SECOND[1:])
    with pytest.raises(EmptyData, match="Give at least one"):
        measure(prediction[:0], SECOND[:0])
    with pytest.raises(WeightsError, match=f"{measure.name} takes no weights. Leave them out"):
        measure(prediction, SECOND, np.ones(10))
    with pytest.raises(WeightsError, match="takes no class weights. Leave them out"):
        measure(prediction, SECOND, class_weights={"O": 1.0, "X": 2.0})
    with pytest.raises(UnsupportedOperation, match="needs all rows at once"):
        measure.measurements(prediction, SECOND)


def test_the_advice_for_more_than_two_classes_works() -> None:
    three = UnivariateFinite(["a", "b", "c"], [[0.2, 0.3, 0.5], [0.2, 0.7, 0.1]])
    one_vs_rest = UnivariateFinite([False, True], three.pdf("b"), augment=True, ordered=True)
    assert average_precision(one_vs_rest, [False, True]) == 1.0


@pytest.mark.parametrize(
    ("measure", "bad", "advice"),
    [
        (PrecisionAtFixedRecall, {"recall_threshold": 1.2}, "recall_threshold must be.* <= 1"),
        (ContinuousBoyceIndex, {"nbins": 1}, "nbins must be an int >= 2"),
        (ContinuousBoyceIndex, {"binwidth": 0.0}, "binwidth must be a number > 0"),
        (ContinuousBoyceIndex, {"cor": "kendall"}, "must be 'spearman', 'pearson' or a function"),
    ],
)
def test_an_impossible_hyper_parameter_is_refused(
    measure: Any, bad: dict[str, Any], advice: str
) -> None:
    with pytest.raises(InvalidModelError, match=advice):
        measure(**bad)


def test_bins_wider_than_their_range_are_refused() -> None:
    with pytest.raises(InvalidModelError, match=r"min \+ binwidth < max.* smaller binwidth"):
        ContinuousBoyceIndex(binwidth=1.0)(predicted(SCORES), SECOND)


def test_the_traits_are_those_of_the_table() -> None:
    for measure in ALL:
        assert measure.orientation == "score" and measure.prediction_type == "probabilistic"
        assert not measure.supports_weights and not measure.supports_class_weights
        assert not measure.reports_observations and measure.aggregation.__name__ == "mean"
    assert auc.target_scitype == Vector[Finite[2]]
    assert {m.target_scitype == Vector[OrderedFactor[2]] for m in ALL[1:3]} == {True}
    assert cbi.target_scitype == Vector[Finite[2]]


def test_each_alias_names_its_measure_and_names_tell_other_hyper_parameters() -> None:
    kinds = {name: type(measure) for name, measure in ALIASES.items()}
    assert kinds == {
        "auc": AreaUnderCurve,
        "area_under_curve": AreaUnderCurve,
        "average_precision": AveragePrecision,
        "precision_at_fixed_recall": PrecisionAtFixedRecall,
        "cbi": ContinuousBoyceIndex,
        "continuous_boyce_index": ContinuousBoyceIndex,
    }
    assert [measure.name for measure in ALL] == list(ALIASES)[:1] + list(ALIASES)[2:5]
    assert ContinuousBoyceIndex(nbins=11).name == "continuous_boyce_index"
