"""Accuracy and its kin: exact values, scikit-learn's on random cases, confusion matrices."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mlj_keras.data.scitypes import Finite, Vector
from mlj_keras.errors import DimensionMismatch, InvalidArgument, MissingValuesError, WeightsError
from mlj_keras.measures.aggregation import mean
from mlj_keras.measures.confusion import confmat
from mlj_keras.measures.finite import (
    ALIASES,
    BalancedAccuracy,
    accuracy,
    bac,
    kappa,
    mcc,
    mcr,
)
from mlj_keras.probability import UnivariateFinite
from tests.batteries.measures import CASES, check_kinds, check_rows, pairs

TRUTH = list("abaabaabba")
PREDICTED = list("baababbbaa")
ALL: tuple[Any, ...] = (accuracy, mcr, bac, kappa, mcc)
WEIGHTED: dict[Any, Callable[..., float]] = {
    accuracy.name: metrics.accuracy_score,
    mcr.name: metrics.zero_one_loss,
    bac.name: metrics.balanced_accuracy_score,
}
UNWEIGHTED = {kappa.name: metrics.cohen_kappa_score, mcc.name: metrics.matthews_corrcoef}


def quiet(score: Callable[..., float], *args: Any, **kwargs: Any) -> float:
    """A score of scikit-learn without its warnings about classes that do not occur."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return score(*args, **kwargs)


@pytest.mark.parametrize(
    ("measure", "wanted"),
    [
        (accuracy, 3 / 10),
        (mcr, 7 / 10),
        (bac, (2 / 6 + 1 / 4) / 2),
        (kappa, (0.3 - 0.5) / (1 - 0.5)),
        (mcc, (2 * 1 - 3 * 4) / np.sqrt(5 * 5 * 4 * 6)),
    ],
)
def test_ten_rows_of_two_classes_give_the_values_worked_out_by_hand(
    measure: Any, wanted: float
) -> None:
    assert measure(PREDICTED, TRUTH) == pytest.approx(wanted, rel=1e-12)
    assert measure(confmat(PREDICTED, TRUTH)) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("measure", ALL, ids=lambda m: m.name)
def test_perfect_predictions_are_best_and_labels_play_no_part(measure: Any) -> None:
    best = 0.0 if measure.orientation == "loss" else 1.0
    assert measure(TRUTH, TRUTH) == best
    renamed = {"a": 9, "b": 2}
    again = measure([renamed[p] for p in PREDICTED], [renamed[t] for t in TRUTH])
    assert again == pytest.approx(measure(PREDICTED, TRUTH), rel=1e-12)


@pytest.mark.parametrize("measure", [accuracy, mcr, bac], ids=lambda m: m.name)
@given(case=pairs(st.sampled_from("abc")))
@settings(max_examples=CASES, deadline=None)
def test_weighted_or_not_the_value_is_that_of_scikit_learn(
    measure: Any, case: tuple[Any, ...]
) -> None:
    prediction, truth, weights = case
    score = WEIGHTED[measure.name]
    assert measure(prediction, truth) == pytest.approx(quiet(score, truth, prediction), abs=1e-12)
    assert measure(prediction, truth, weights) == pytest.approx(
        quiet(score, truth, prediction, sample_weight=weights), abs=1e-12
    )


@pytest.mark.parametrize("measure", [kappa, mcc], ids=lambda m: m.name)
@given(case=pairs(st.sampled_from("abc")))
@settings(max_examples=CASES, deadline=None)
def test_kappa_and_mcc_are_those_of_scikit_learn(measure: Any, case: tuple[Any, ...]) -> None:
    prediction, truth, _ = case
    wanted = quiet(UNWEIGHTED[measure.name], truth, prediction)
    assert measure(prediction, truth) == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("measure", ALL, ids=lambda m: m.name)
@given(case=pairs(st.sampled_from("abc")))
@settings(max_examples=CASES, deadline=None)
def test_a_confusion_matrix_gives_what_its_rows_give(measure: Any, case: tuple[Any, ...]) -> None:
    prediction, truth, _ = case
    whole = measure(prediction, truth)
    assert measure(confmat(prediction, truth)) == pytest.approx(whole, abs=1e-12, nan_ok=True)


@given(case=pairs(st.sampled_from("abc")), by_class=st.tuples(*[st.floats(0.125, 8)] * 3))
@settings(max_examples=CASES, deadline=None)
def test_class_weights_are_weights_of_the_rows_of_a_class_and_multiply_those_of_rows(
    case: tuple[Any, ...], by_class: tuple[float, ...]
) -> None:
    prediction, truth, weights = case
    pool = pd.CategoricalDtype(list("abc"))
    observed = pd.Series(truth, dtype=pool)
    table = dict(zip("abc", by_class, strict=True))
    of_rows = np.array([table[label] for label in truth])
    for measure in (accuracy, mcr):
        score = WEIGHTED[measure.name]
        assert measure(prediction, observed, class_weights=table) == pytest.approx(
            score(truth, prediction, sample_weight=of_rows), rel=1e-9
        )
        assert measure(prediction, observed, weights, class_weights=table) == pytest.approx(
            score(truth, prediction, sample_weight=of_rows * weights), rel=1e-9
        )


def test_weights_are_divided_by_their_sum() -> None:
    assert accuracy(["a", "b", "b"], ["a", "a", "b"], [1, 2, 3]) == pytest.approx(4 / 6)


def test_adjusted_balanced_accuracy_counts_the_levels_of_the_pool() -> None:
    adjusted = BalancedAccuracy(adjusted=True)
    assert adjusted(PREDICTED, TRUTH) == pytest.approx(2 * bac(PREDICTED, TRUTH) - 1)
    wide = pd.Categorical(TRUTH, categories=["a", "b", "c", "d"])
    plain = bac(PREDICTED, TRUTH)
    assert bac(PREDICTED, wide) == pytest.approx(plain)
    assert adjusted(PREDICTED, wide) == pytest.approx((plain - 1 / 4) / (1 - 1 / 4))
    assert np.isnan(adjusted(["a"], ["a"]))


@given(case=pairs(st.sampled_from("abc")))
@settings(max_examples=CASES, deadline=None)
def test_adjusted_balanced_accuracy_is_that_of_scikit_learn_if_all_classes_occur(
    case: tuple[Any, ...],
) -> None:
    prediction, truth, weights = (
        [*part, *more] for part, more in zip(case, ("abc", "abc", [1.0] * 3), strict=True)
    )
    wanted = metrics.balanced_accuracy_score(
        truth, prediction, sample_weight=weights, adjusted=True
    )
    measure = BalancedAccuracy(adjusted=True)
    assert measure(prediction, truth, weights) == pytest.approx(wanted, abs=1e-9)


def test_kappa_of_one_class_is_nan_and_mcc_is_0() -> None:
    assert np.isnan(kappa(["a", "a"], ["a", "a"]))
    assert mcc(["a", "a"], ["a", "a"]) == 0.0
    assert mcc(["a", "a"], ["a", "b"]) == 0.0


def test_counts_of_a_billion_rows_stay_exact() -> None:
    large = confmat(PREDICTED, TRUTH)
    many = type(large)(large.levels, large.matrix * 10**8)
    for measure in ALL:
        assert measure(many) == pytest.approx(measure(large), rel=1e-12)


@pytest.mark.parametrize("measure", [accuracy, mcr], ids=lambda m: m.name)
def test_measures_of_rows_pass_the_battery(measure: Any) -> None:
    truth = np.array(list("abcabca"))
    check_rows(measure, np.array(list("abbacca")), truth)


@pytest.mark.parametrize("measure", ALL, ids=lambda m: m.name)
def test_columns_of_any_kind_give_the_same(measure: Any) -> None:
    check_kinds(measure, np.array(PREDICTED), np.array(TRUTH))
    wanted = measure(PREDICTED, TRUTH)
    enum = pl.Series(TRUTH, dtype=pl.Enum(["b", "a"]))
    assert measure(PREDICTED, enum) == pytest.approx(wanted, rel=1e-12)
    factor = pd.Series(pd.Categorical(PREDICTED, categories=["b", "a"], ordered=True))
    assert measure(factor, TRUTH) == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("measure", ALL, ids=lambda m: m.name)
def test_rows_without_a_truth_are_left_out(measure: Any) -> None:
    whole = measure(PREDICTED, TRUTH)
    assert measure(["a", *PREDICTED], [None, *TRUTH]) == pytest.approx(whole, rel=1e-12)
    lone = pd.Categorical([None, None], categories=["a", "b"])
    assert np.isnan(measure(["a", "b"], lone))


@pytest.mark.parametrize("measure", ALL, ids=lambda m: m.name)
def test_a_missing_prediction_raises_and_is_not_hidden(measure: Any) -> None:
    with pytest.raises(MissingValuesError, match=r"first at row 1\. Drop those rows of both"):
        measure(["a", None, "b"], ["a", "b", "b"])


@pytest.mark.parametrize("measure", ALL, ids=lambda m: m.name)
def test_wrong_input_is_told_apart(measure: Any) -> None:
    chances = UnivariateFinite(["a", "b"], [[0.2, 0.8], [0.6, 0.4]])
    with pytest.raises(InvalidArgument, match=r"Give predict_mode\(mach, X\)"):
        measure(chances, ["a", "b"])
    with pytest.raises(InvalidArgument, match=r"with predict_mode\(mach, X\) as prediction"):
        measure(["a", "b"], chances)
    with pytest.raises(DimensionMismatch, match="3 predictions and 2 truths"):
        measure(["a", "b", "a"], ["a", "b"])
    with pytest.raises(InvalidArgument, match=rf"Call {measure.name}\(prediction, truth\), or"):
        measure(["a", "b"])
    with pytest.raises(InvalidArgument, match=rf"Call {measure.name}\(cm\), or"):
        measure(confmat(PREDICTED, TRUTH), TRUTH)
    with pytest.raises(WeightsError, match="takes no class weights. Give the rows"):
        measure(confmat(PREDICTED, TRUTH), class_weights={"a": 1, "b": 2})


@pytest.mark.parametrize("measure", [kappa, mcc], ids=lambda m: m.name)
def test_kappa_and_mcc_take_no_weights(measure: Any) -> None:
    with pytest.raises(WeightsError, match=rf"{measure.name} takes no weights\. Leave them out"):
        measure(PREDICTED, TRUTH, np.ones(10))
    with pytest.raises(WeightsError, match="takes no class weights"):
        measure(PREDICTED, TRUTH, class_weights={"a": 1, "b": 2})


def test_balanced_accuracy_takes_weights_of_rows_only() -> None:
    with pytest.raises(WeightsError, match="bac takes no class weights"):
        bac(PREDICTED, TRUTH, class_weights={"a": 1, "b": 2})


def test_traits_are_those_of_the_reference() -> None:
    table = {
        "accuracy": ("score", True, True, True),
        "mcr": ("loss", True, True, True),
        "bac": ("score", True, False, False),
        "kappa": ("score", False, False, False),
        "mcc": ("score", False, False, False),
    }
    for measure in ALL:
        assert table[measure.name] == (
            measure.orientation,
            measure.supports_weights,
            measure.supports_class_weights,
            measure.reports_observations,
        )
        assert measure.target_scitype == Vector[Finite]
        assert measure.prediction_type == "deterministic"
        assert type(measure).aggregation is mean


def test_aliases_name_the_instances() -> None:
    names = "accuracy mcr misclassification_rate bac bacc balanced_accuracy"
    others = "probability_of_correct_classification kappa mcc matthews_correlation"
    assert list(ALIASES) == f"{names} {others}".split()
    assert {measure.name for measure in ALIASES.values()} <= set(ALIASES)
    assert BalancedAccuracy(adjusted=True).name == "balanced_accuracy"
