"""Curves: the points of the reference's example, scikit-learn's points, and their drawings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from sklearn import metrics

from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    LevelsWarning,
    OneClassError,
    ScitypeError,
)
from mlj_keras.measures.calibration import calibration_curve
from mlj_keras.measures.curves import precision_recall_curve, residuals, roc_curve
from mlj_keras.measures.ranking import auc, average_precision
from mlj_keras.probability import UnivariateFinite
from tests.batteries.measures import CASES, pairs
from tests.batteries.measures import numbers as floats

SCORES = np.array([0.3, 0.2, 0.4, 0.9, 0.1, 0.4, 0.5, 0.2, 0.8, 0.7])
TRUTH = list("XOXXOXXOOX")
CURVES = [roc_curve, precision_recall_curve]
cases = settings(max_examples=CASES, deadline=None)


def predicted(scores: Any, *, ordered: bool = True) -> Any:
    """Distributions over O and X with these probabilities of X."""
    return UnivariateFinite(["O", "X"], np.asarray(scores), augment=True, ordered=ordered)


@pytest.fixture
def plt() -> Iterator[Any]:
    """Pyplot without figures; closes those of a test."""
    pyplot = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")
    pyplot.close("all")
    yield pyplot
    pyplot.close("all")


def test_the_roc_curve_of_the_reference_has_its_points() -> None:
    curve = roc_curve(predicted(SCORES), TRUTH)
    false_rates, true_rates, thresholds = curve
    np.testing.assert_array_equal(thresholds, [0.9, 0.8, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1])
    np.testing.assert_allclose(false_rates, [0, 0, 0.25, 0.25, 0.25, 0.25, 0.25, 0.75, 1])
    np.testing.assert_allclose(true_rates, np.array([0, 1, 1, 2, 3, 5, 6, 6, 6]) / 6)
    assert curve.area == pytest.approx(0.7916667, abs=1e-7)


def test_the_precision_recall_curve_of_the_reference_has_its_points() -> None:
    curve = precision_recall_curve(predicted(SCORES), TRUTH)
    recalls, precisions, thresholds = curve
    np.testing.assert_allclose(recalls, np.array([0, 1, 1, 2, 3, 5, 6, 6, 6]) / 6)
    wanted = [1, 1, 1 / 2, 2 / 3, 3 / 4, 5 / 6, 6 / 7, 6 / 9, 6 / 10]
    np.testing.assert_allclose(precisions, wanted)
    np.testing.assert_array_equal(thresholds, [0.9, 0.8, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1])
    assert curve.average_precision == pytest.approx(0.75, rel=1e-12)


def test_tied_scores_are_one_threshold() -> None:
    scores, positive = np.array([0.5, 0.1, 0, 0.2, 0.1, 0.5, 0.1, 0.2]), [0, 1, 0, 0, 0, 1, 0, 1]
    prediction = UnivariateFinite([0, 1], scores, augment=True, ordered=True)
    false_rates, true_rates, _ = roc_curve(prediction, positive)
    np.testing.assert_allclose(false_rates, [0, 0.2, 0.4, 0.8, 1])
    np.testing.assert_allclose(true_rates, [0, 1 / 3, 2 / 3, 1, 1])


@cases
@given(pairs(floats(0, 1)))
def test_points_and_areas_equal_scikit_learns(case: Any) -> None:
    scores, marks, _ = case
    scores = np.round([*scores, 0.5, 0.5], 1)  # ties
    positive = np.array([*(mark > 0.5 for mark in marks), True, False])
    prediction, truth = predicted(scores), ["X" if one else "O" for one in positive]

    curve = roc_curve(prediction, truth)
    wanted = metrics.roc_curve(positive, scores, drop_intermediate=False)
    np.testing.assert_allclose(curve.false_positive_rates, wanted[0], atol=1e-12)
    np.testing.assert_allclose(curve.true_positive_rates, wanted[1], atol=1e-12)
    np.testing.assert_array_equal(curve.thresholds, wanted[2][1:])
    assert curve.area == pytest.approx(auc(prediction, truth), rel=1e-12)

    points = precision_recall_curve(prediction, truth)
    precisions, recalls, thresholds = metrics.precision_recall_curve(positive, scores)
    np.testing.assert_allclose(points.recalls, recalls[::-1], atol=1e-12)
    np.testing.assert_allclose(points.precisions, precisions[::-1], atol=1e-12)
    np.testing.assert_array_equal(points.thresholds, thresholds[::-1])
    assert points.average_precision == average_precision(prediction, truth)


@pytest.mark.parametrize("curve_of", CURVES)
def test_rows_without_a_truth_are_left_out(curve_of: Any) -> None:
    found = curve_of(predicted(SCORES), [None, *TRUTH[1:]])
    for ours, wanted in zip(found, curve_of(predicted(SCORES[1:]), TRUTH[1:]), strict=True):
        np.testing.assert_array_equal(ours, wanted)


@pytest.mark.parametrize("curve_of", CURVES)
def test_the_truth_may_be_any_column(curve_of: Any) -> None:
    wanted = list(curve_of(predicted(SCORES), TRUTH))
    for kind in (np.array, pd.Series, pl.Series, pd.Categorical):
        for ours, theirs in zip(curve_of(predicted(SCORES), kind(TRUTH)), wanted, strict=True):
            np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("curve_of", CURVES)
def test_a_pool_without_order_warns_which_class_is_positive(curve_of: Any) -> None:
    advice = rf"{curve_of.__name__} takes 'X' for the positive class.*levels=\['O', 'X'\]"
    with pytest.warns(LevelsWarning, match=advice):
        found = curve_of(predicted(SCORES, ordered=False), TRUTH)
    for ours, wanted in zip(found, curve_of(predicted(SCORES), TRUTH), strict=True):
        np.testing.assert_array_equal(ours, wanted)


@pytest.mark.parametrize("curve_of", CURVES)
def test_bad_input_is_refused_with_advice(curve_of: Any) -> None:
    prediction = predicted(SCORES)
    three = UnivariateFinite(["a", "b", "c"], [[0.2, 0.3, 0.5]] * 2)
    with pytest.raises(InvalidArgument, match="over two classes, got 3.*against the rest, give"):
        curve_of(three, ["a", "b"])
    with pytest.raises(InvalidArgument, match="needs predicted distributions"):
        curve_of(SCORES, TRUTH)
    with pytest.raises(InvalidArgument, match="the truth first. Call"):
        curve_of(TRUTH, prediction)
    with pytest.raises(DimensionMismatch, match="Give the same rows"):
        curve_of(prediction, TRUTH[1:])
    with pytest.raises(EmptyData, match="no observed truth, all are missing"):
        curve_of(prediction, [None] * 10)
    with pytest.raises(InvalidArgument, match="1 prediction.* with NaN.*leave those rows out"):
        curve_of(UnivariateFinite(["O", "X"], [[0.5, np.nan]], ordered=True), ["X"])
    with pytest.raises(OneClassError, match="only negative rows. Take more rows, or stratify"):
        curve_of(prediction, ["O"] * 10)


def test_a_roc_curve_needs_negative_rows_and_a_precision_recall_curve_does_not() -> None:
    with pytest.raises(OneClassError, match="only positive rows. Take more rows, or stratify"):
        roc_curve(predicted([0.2, 0.8]), ["X", "X"])
    recalls, precisions, _ = precision_recall_curve(predicted([0.2, 0.8]), ["X", "X"])
    assert recalls.tolist() == [0, 0.5, 1] and precisions.tolist() == [1, 1, 1]


def test_a_curve_cannot_be_changed() -> None:
    curve = roc_curve(predicted(SCORES), TRUTH)
    with pytest.raises(dataclasses.FrozenInstanceError):
        curve.area = 1.0  # type: ignore[misc]  # that is what is tried


def test_curves_of_several_models_share_axes_and_tell_their_areas(plt: Any) -> None:
    good, bad = predicted(SCORES), predicted(1 - SCORES)
    ax = roc_curve(good, TRUTH).plot(label="net")
    assert roc_curve(bad, TRUTH).plot(axes=ax, label="bad") is ax
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["chance", "net (area 0.792)", "bad (area 0.208)"]

    ax = precision_recall_curve(good, TRUTH).plot()
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["average precision 0.750"]
    assert len(plt.get_fignums()) == 2


def test_residuals_are_truth_less_prediction_row_by_row(plt: Any) -> None:
    found = residuals(pd.Series([1.0, 2.0, 3.0, 4.0]), [1.5, 2, None, 1])
    np.testing.assert_array_equal(found.values, [0.5, 0.0, np.nan, -3.0])
    np.testing.assert_array_equal(found.prediction, [1, 2, 3, 4])
    ax = found.plot(label="net")
    np.testing.assert_array_equal(
        ax.collections[0].get_offsets().filled(np.nan)[[0, 1, 3]], [[1, 0.5], [2, 0], [4, -3]]
    )


def test_residuals_need_numbers() -> None:
    with pytest.raises(ScitypeError, match="residuals compares numbers.*Give numbers"):
        residuals(["a"], [1.0])
    with pytest.raises(InvalidArgument, match=r"residuals needs predicted values.*predict_mean"):
        residuals(predicted([0.5]), [1.0])
    with pytest.raises(DimensionMismatch, match="residuals was given 1 predictions and 2 truths"):
        residuals([1.0], [1.0, 2.0])


def test_in_a_notebook_curves_and_residuals_show_a_few_facts() -> None:
    roc = roc_curve(predicted(SCORES), TRUTH)
    assert f">{roc.area:.4g}</td>" in roc._repr_html_()
    assert ">8, from 0.9 to 0.1</td>" in roc._repr_html_()
    steps = precision_recall_curve(predicted(SCORES), TRUTH)
    assert f">{steps.average_precision:.4g}</td>" in steps._repr_html_()
    html = residuals([1.0, 2.0, 3.0], [2.0, 2.0, np.nan])._repr_html_()
    assert ">3, of which 2 are known</td>" in html and ">0.5</td>" in html
    assert ">1, of which 0 are known</td>" in residuals([1.0], [np.nan])._repr_html_()


def test_curves_and_residuals_are_told_in_a_line() -> None:
    prediction = UnivariateFinite(["O", "X"], [0.2, 0.9, 0.7], augment=True, ordered=True)
    truth = ["O", "X", "O"]
    assert repr(roc_curve(prediction, truth)) == (
        "ROCCurve(area: 1, thresholds: 3, from 0.9 to 0.2)"
    )
    assert repr(precision_recall_curve(prediction, truth)) == (
        "PrecisionRecallCurve(average precision: 1, thresholds: 3, from 0.9 to 0.2)"
    )
    assert repr(residuals([1.0, 2.0], [2.0, 4.0])) == (
        "Residuals(rows: 2, of which 2 are known, mean: 1.5, standard deviation: 0.5, "
        "least: 1, greatest: 2)"
    )
    curve = calibration_curve(prediction, truth, n_bins=2)
    assert repr(curve) == "CalibrationCurve(2 bins, 3 rows)"
