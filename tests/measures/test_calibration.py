"""Calibration: errors by hand and by a loop over bins; bins of scikit-learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import calibration

from mlj_keras.data.scitypes import Finite, Vector
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    LevelsWarning,
    UnsupportedOperation,
    WeightsError,
)
from mlj_keras.measures.calibration import (
    ALIASES,
    ExpectedCalibrationError,
    calibration_curve,
    expected_calibration_error,
    uniform_bins,
)
from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector
from tests.batteries.measures import CASES, WEIGHTS

cases = settings(max_examples=CASES, deadline=None)

THREE = UnivariateFinite(
    ["a", "b", "c"], [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0], [0.75, 0.25, 0.0]]
)


def predicted(scores: Any, *, ordered: bool = True) -> Any:
    """Distributions over O and X with these probabilities of X."""
    return UnivariateFinite(["O", "X"], np.asarray(scores), augment=True, ordered=ordered)


@st.composite
def predictions(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities (n, K), codes (n,) and weights (n,)."""
    n, k = draw(st.integers(1, 12)), draw(st.integers(2, 4))
    parts = draw(arrays(np.int64, (n, k), elements=st.integers(1, 9)))
    codes = draw(arrays(np.int64, n, elements=st.integers(0, k - 1)))
    weights = draw(arrays(np.float64, n, elements=WEIGHTS))
    return parts / parts.sum(axis=1, keepdims=True), codes, weights


def error_by_loop(rows: np.ndarray, codes: np.ndarray, w: np.ndarray, n_bins: int) -> float:
    """Σ weight of the bin · |accuracy - confidence|, as Guo et al. write it."""
    confidence, right = rows.max(axis=1), rows.argmax(axis=1) == codes
    total = 0.0
    for m in range(n_bins):
        inside = (confidence > m / n_bins) & (confidence <= (m + 1) / n_bins)
        if inside.any():
            own = w[inside] / w[inside].sum()
            gap = own @ right[inside] - own @ confidence[inside]
            total += w[inside].sum() / w.sum() * abs(gap)
    return total


def test_the_error_weighs_the_gap_of_each_bin_by_its_rows() -> None:
    # Bins of width 1/4: 0.5 (right), 0.5 (wrong) | 0.75 (wrong) | 1 (right).
    measure = ExpectedCalibrationError(n_bins=4)
    assert measure(THREE, ["a", "a", "c", "b"]) == 2 / 4 * 0.0 + 1 / 4 * 0.75 + 1 / 4 * 0.0
    assert measure(THREE, ["a", "b", "c", "a"]) == 2 / 4 * 0.5 + 1 / 4 * 0.25


def test_one_bin_compares_accuracy_with_mean_confidence() -> None:
    measure = ExpectedCalibrationError(n_bins=1)
    assert measure(THREE, ["a", "a", "a", "a"]) == abs(0.5 - (0.5 + 0.5 + 1.0 + 0.75) / 4)


def test_frequencies_of_the_bin_are_perfectly_calibrated() -> None:
    rows = np.repeat([[0.75, 0.25]], 4, axis=0)
    assert expected_calibration_error(UnivariateFinite(["a", "b"], rows), list("aaab")) == 0.0


@cases
@given(predictions(), st.sampled_from([1, 4, 15, 16]))
def test_the_error_equals_that_of_a_loop_over_bins(case: Any, n_bins: int) -> None:
    rows, codes, weights = case
    edges = np.arange(n_bins + 1) / n_bins
    # On an edge both ways of writing it may round to another side; a quarter and such are exact.
    near = np.abs(rows.max(axis=1)[:, None] - edges[None, :]) < 1e-12
    assume(n_bins != 15 or not near.any())
    measure = ExpectedCalibrationError(n_bins=n_bins)
    vector = UnivariateFiniteVector(rows, tuple(range(rows.shape[1])))
    ones = np.ones(len(codes))
    wanted = error_by_loop(rows, codes, ones, n_bins)
    assert measure(vector, codes) == pytest.approx(wanted, abs=1e-12)
    wanted = error_by_loop(rows, codes, weights, n_bins)
    assert measure(vector, codes, weights) == pytest.approx(wanted, abs=1e-12)


def test_a_bin_has_its_upper_edge_and_the_first_also_0() -> None:
    values = np.array([0.0, 0.1, 0.25, 0.26, 0.5, 0.75, 0.9, 1.0])
    assert uniform_bins(values, 4).tolist() == [0, 0, 0, 1, 1, 2, 3, 3]
    assert uniform_bins(values, 1).tolist() == [0] * 8


def test_missing_truths_weightless_rows_and_nan() -> None:
    measure = expected_calibration_error
    truth = ["a", "a", "c", "b"]
    assert measure(THREE, ["a", None, "c", "b"]) == measure(THREE[[0, 2, 3]], ["a", "c", "b"])
    assert measure(THREE, truth, [1, 0, 2, 1]) == measure(
        THREE[[0, 2, 2, 3]], ["a", "c", "c", "b"]
    )
    broken = UnivariateFinite(["a", "b"], [[np.nan, 0.5], [0.25, 0.75]])
    assert np.isnan(measure(broken, ["a", "b"]))
    assert measure(broken, ["a", "b"], [0.0, 1.0]) == 0.25
    assert measure(broken, [None, "b"]) == 0.25
    assert np.isnan(measure(THREE, [None] * 4))


def test_the_measure_of_calibration_has_its_traits_and_names() -> None:
    measure = expected_calibration_error
    assert measure.orientation == "loss" and measure.prediction_type == "probabilistic"
    assert measure.supports_weights and not measure.supports_class_weights
    assert measure.target_scitype == Vector[Finite] and measure.aggregation.__name__ == "mean"
    assert measure.n_bins == 15 and measure.name == "expected_calibration_error"
    assert ALIASES == {"expected_calibration_error": measure, "ece": measure}
    with pytest.raises(UnsupportedOperation, match="needs all rows at once"):
        measure.measurements(THREE, list("abca"))
    with pytest.raises(WeightsError, match="takes no class weights. Leave them out"):
        measure(THREE, list("abca"), class_weights={"a": 1.0, "b": 1.0, "c": 1.0})
    with pytest.raises(InvalidModelError, match="n_bins must be an int >= 1"):
        ExpectedCalibrationError(n_bins=0)


@cases
@given(
    st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=2, max_size=25),
    st.integers(1, 12),
    st.sampled_from(["uniform", "quantile"]),
)
def test_the_curve_of_two_classes_equals_scikit_learns(
    case: list[tuple[int, bool]], n_bins: int, strategy: str
) -> None:
    scores = np.array([score for score, _ in case]) / 40
    positive = np.array([mark for _, mark in case])
    truth = ["X" if one else "O" for one in positive]
    found = calibration_curve(predicted(scores), truth, n_bins=n_bins, strategy=strategy)
    observed, mean_score = calibration.calibration_curve(
        positive, scores, n_bins=n_bins, strategy=strategy, pos_label=True
    )
    np.testing.assert_allclose(found.observed, observed, atol=1e-12)
    np.testing.assert_allclose(found.predicted, mean_score, atol=1e-12)
    assert found.counts.sum() == len(case) and found.counts.min() > 0


def test_of_more_than_two_classes_the_most_probable_is_looked_at() -> None:
    predicted_, observed, counts = calibration_curve(THREE, ["a", "a", "c", "b"], n_bins=4)
    assert predicted_.tolist() == [0.5, 0.75, 1.0]
    assert observed.tolist() == [0.5, 0.0, 1.0]
    assert counts.tolist() == [2, 1, 1]


def test_the_curve_and_the_error_agree_on_their_bins() -> None:
    rng = np.random.default_rng(2)
    rows = rng.dirichlet([1, 1, 1], size=300)
    vector = UnivariateFiniteVector(rows, (0, 1, 2))
    truth = rng.integers(3, size=300)
    predicted_, observed, counts = calibration_curve(vector, truth, n_bins=15)
    wanted = counts @ np.abs(predicted_ - observed) / 300
    assert expected_calibration_error(vector, truth) == pytest.approx(wanted, rel=1e-12)


def test_the_truth_may_be_any_column_and_missing_ones_are_left_out() -> None:
    prediction = predicted([0.1, 0.2, 0.6, 0.8])
    for kind in (list, np.array, pd.Series, pl.Series, pd.Categorical):
        predicted_, observed, counts = calibration_curve(prediction, kind(list("OXXX")), n_bins=2)
        np.testing.assert_allclose(predicted_, [0.15, 0.7])
        assert (observed.tolist(), counts.tolist()) == ([0.5, 1.0], [2, 2])
    lacking = calibration_curve(prediction, ["O", None, "X", "X"], n_bins=2)
    assert lacking.counts.tolist() == [1, 2] and lacking.predicted[0] == 0.1


def test_a_pool_of_two_without_order_warns_and_one_of_three_does_not() -> None:
    with pytest.warns(LevelsWarning, match="calibration_curve takes 'X' for the positive class"):
        calibration_curve(predicted([0.2, 0.8], ordered=False), ["O", "X"])
    calibration_curve(THREE, list("abca"))


def test_bad_input_is_refused_with_advice() -> None:
    prediction, truth = predicted([0.2, 0.8]), ["O", "X"]
    for n_bins in (0, 2.5, True):
        with pytest.raises(InvalidArgument, match="n_bins must be an int >= 1.*Try 10"):
            calibration_curve(prediction, truth, n_bins=n_bins)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match=r"strategy must be one of \('uniform', 'quantile'"):
        calibration_curve(prediction, truth, strategy="kmeans")
    with pytest.raises(InvalidArgument, match="1 prediction.* with NaN.*leave those rows out"):
        calibration_curve(UnivariateFinite(["O", "X"], [[0.5, np.nan]]), ["X"])
    with pytest.raises(EmptyData, match="calibration_curve was given no observed truth"):
        calibration_curve(prediction, [None, None])
    for function in (calibration_curve, expected_calibration_error):
        with pytest.raises(InvalidArgument, match="needs predicted distributions"):
            function([0.2, 0.8], truth)
        with pytest.raises(InvalidArgument, match="the truth first. Call"):
            function(truth, prediction)
        with pytest.raises(DimensionMismatch, match="Give the same rows"):
            function(prediction, ["X"])


def test_curves_of_several_models_share_axes() -> None:
    plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")
    curve = calibration_curve(predicted([0.2, 0.8]), ["O", "X"])
    ax = curve.plot(label="net")
    assert curve.plot(axes=ax, label="other") is ax
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["calibrated", "net", "other"]
    plt.close("all")


def test_in_a_notebook_the_bins_are_a_table() -> None:
    curve = calibration_curve(predicted([0.1, 0.2, 0.6, 0.8]), list("OXXX"), n_bins=2)
    html = curve._repr_html_()
    assert html.count("<tr>") == 3
    assert ">0.15</td>" in html and ">0.5</td>" in html and html.count(">2</td>") == 2
