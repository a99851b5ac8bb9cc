"""Counts and rates of two classes: exact values, scikit-learn's on random cases, the positive
class."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mlj_keras.data.scitypes import Multiclass, OrderedFactor, Vector
from mlj_keras.errors import (
    InvalidArgument,
    InvalidModelError,
    LevelsWarning,
    UnseenLevelError,
    WeightsError,
)
from mlj_keras.measures import rates
from mlj_keras.measures.aggregation import mean, total
from mlj_keras.measures.confusion import ConfusionMatrix, confmat
from mlj_keras.measures.rates import ALIASES, BinaryMeasure, FScore, TruePositiveRate
from tests.batteries.measures import CASES, check_kinds, pairs

LEVELS = ["no", "yes"]
COUNTS = ("true_positive", "true_negative", "false_positive", "false_negative")
RATES = ("tpr", "tnr", "fpr", "fnr", "fdr", "ppv", "npv", "f1score")
# 3 true positives, 4 true negatives, 2 false positives, 1 false negative
TRUTH = ["yes"] * 4 + ["no"] * 6
PREDICTED = ["yes"] * 3 + ["no"] * 5 + ["yes"] * 2


def measure_of(name: str, **fields: Any) -> BinaryMeasure:
    """The measure of that name with fields."""
    return type(ALIASES[name])(**fields)  # type: ignore[return-value]


def scikit_learn(truth: list[str], prediction: list[str], positive: str) -> dict[str, float]:
    """The rates by scikit-learn's precision, recall and F score; NaN for 0/0."""
    negative = "no" if positive == "yes" else "yes"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns if only one class occurs
        (npv, ppv), (tnr, tpr), (_, f1score), _ = metrics.precision_recall_fscore_support(
            truth, prediction, labels=[negative, positive], zero_division=np.nan
        )
    found = {"tpr": tpr, "tnr": tnr, "ppv": ppv, "npv": npv, "f1score": f1score}
    return {**found, "fpr": 1 - tnr, "fnr": 1 - tpr, "fdr": 1 - ppv}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("true_positive", 3),
        ("true_negative", 4),
        ("false_positive", 2),
        ("false_negative", 1),
        ("tpr", 3 / 4),
        ("tnr", 4 / 6),
        ("fpr", 2 / 6),
        ("fnr", 1 / 4),
        ("fdr", 2 / 5),
        ("ppv", 3 / 5),
        ("npv", 4 / 5),
        ("f1score", 6 / 9),
    ],
)
def test_ten_rows_give_the_values_worked_out_by_hand(name: str, wanted: float) -> None:
    measure = measure_of(name, levels=LEVELS)
    value = measure(PREDICTED, TRUTH)
    assert value == pytest.approx(wanted, rel=1e-12)
    assert type(value) is type(wanted)
    ordered = ConfusionMatrix(levels=LEVELS)(PREDICTED, TRUTH)
    assert ALIASES[name](ordered) == value  # type: ignore[call-arg]
    assert measure(confmat(PREDICTED, TRUTH)) == value


@given(case=pairs(st.sampled_from(LEVELS)))
@settings(max_examples=CASES, deadline=None)
def test_rates_are_those_of_scikit_learn(case: Any) -> None:
    prediction, truth, _ = case
    for positive, rev in (("yes", None), ("no", True)):
        wanted = scikit_learn(truth, prediction, positive)
        found = {
            name: measure_of(name, levels=LEVELS, rev=rev)(prediction, truth) for name in RATES
        }
        assert found == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@given(case=pairs(st.sampled_from(LEVELS)))
@settings(max_examples=CASES, deadline=None)
def test_counts_are_the_cells_of_the_matrix_of_scikit_learn(case: Any) -> None:
    prediction, truth, _ = case
    (tn, fp), (fn, tp) = metrics.confusion_matrix(truth, prediction, labels=LEVELS).tolist()
    found = [measure_of(name, levels=LEVELS)(prediction, truth) for name in COUNTS]
    assert found == [tp, tn, fp, fn]


@given(case=pairs(st.sampled_from(LEVELS)), beta=st.just(0.0) | st.floats(0.125, 8))
@settings(max_examples=CASES, deadline=None)
def test_the_f_score_is_that_of_scikit_learn_for_every_beta(case: Any, beta: float) -> None:
    prediction, truth, _ = case
    wanted = (
        metrics.fbeta_score(truth, prediction, beta=beta, pos_label="yes", zero_division=0)
        if ("yes" in truth or "yes" in prediction)
        else np.nan
    )
    value = FScore(beta=beta, levels=LEVELS)(prediction, truth)
    if np.isnan(value) and beta == 0:  # precision, 0/0 where nothing is predicted as positive
        assert "yes" not in prediction
    else:
        assert value == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("name", RATES)
def test_nothing_out_of_nothing_is_nan(name: str) -> None:
    lone = "yes" if name in ("tnr", "fpr", "npv") else "no"
    assert np.isnan(measure_of(name, levels=LEVELS)([lone], [lone]))


@pytest.mark.parametrize("name", [*COUNTS, *RATES])
def test_the_last_level_of_an_ordered_factor_is_positive_without_a_word(name: str) -> None:
    measure = ALIASES[name]
    up = pd.Categorical(TRUTH, categories=["no", "yes"], ordered=True)
    down = pd.Categorical(TRUTH, categories=["yes", "no"], ordered=True)
    assert measure(PREDICTED, up) == measure_of(name, levels=LEVELS)(PREDICTED, TRUTH)
    assert measure(PREDICTED, down) == measure_of(name, levels=LEVELS[::-1])(PREDICTED, TRUTH)
    assert measure_of(name, rev=True)(PREDICTED, down) == measure(PREDICTED, up)


@pytest.mark.parametrize("name", [*COUNTS, *RATES])
def test_levels_without_an_order_warn_once_which_is_positive(name: str) -> None:
    measure = ALIASES[name]
    advice = rf"{name} takes 'yes', the last level .*\(levels=\['no', 'yes'\]\)"
    for arguments in ((PREDICTED, TRUTH), (confmat(PREDICTED, TRUTH),)):
        with pytest.warns(LevelsWarning, match=advice) as caught:
            value = measure(*arguments)
        assert len(caught) == 1 and caught[0].filename == __file__
        assert value == measure_of(name, levels=LEVELS)(PREDICTED, TRUTH)


def test_rev_says_which_level_is_positive_and_false_leaves_the_last() -> None:
    assert TruePositiveRate(rev=False)(PREDICTED, TRUTH) == 3 / 4
    assert TruePositiveRate(rev=True)(PREDICTED, TRUTH) == 4 / 6


def test_other_numbers_of_levels_are_refused_with_advice() -> None:
    with pytest.raises(
        InvalidArgument, match=r"tpr needs two levels.*Use MulticlassTruePositiveR"
    ):
        rates.tpr(["a", "b", "c"], ["a", "b", "b"])
    with pytest.raises(InvalidArgument, match=r"got \['a'\]. Name both, or TruePositiveRate\(l"):
        rates.tpr(["a", "a"], ["a", "a"])
    with pytest.raises(InvalidModelError, match="levels must be the negative and the positive"):
        TruePositiveRate(levels=["a", "b", "c"])
    with pytest.raises(InvalidModelError, match="beta must be a number >= 0"):
        FScore(beta=-1)


def test_levels_that_occur_have_to_be_named_or_their_rows_left_out() -> None:
    prediction, truth = ["a", "b", "c", "b"], ["a", "b", "b", "c"]
    with pytest.raises(UnseenLevelError, match=r"lack \['c'\]"):
        TruePositiveRate(levels=["a", "b"])(prediction, truth)
    assert TruePositiveRate(levels=["a", "b"], checks=False)(prediction, truth) == 1.0


@pytest.mark.parametrize("name", [*COUNTS, *RATES])
def test_columns_of_any_kind_give_the_same_and_missing_truths_are_left_out(name: str) -> None:
    measure = measure_of(name, levels=LEVELS)
    check_kinds(measure, np.array(PREDICTED), np.array(TRUTH))
    wanted = measure(PREDICTED, TRUTH)
    assert measure(["yes", "no", *PREDICTED], [None, None, *TRUTH]) == wanted
    none = pd.Categorical([None], categories=LEVELS, ordered=True)
    alone = ALIASES[name](["yes"], none)
    assert alone == 0 if name in COUNTS else np.isnan(alone)


@pytest.mark.parametrize("name", [*COUNTS, *RATES])
def test_weights_are_refused(name: str) -> None:
    measure = measure_of(name, levels=LEVELS)
    with pytest.raises(WeightsError, match="takes no weights. Leave them out"):
        measure(PREDICTED, TRUTH, np.ones(10))
    with pytest.raises(WeightsError, match="takes no class weights. Leave them out"):
        measure(PREDICTED, TRUTH, class_weights={"no": 1, "yes": 2})


def test_traits_are_those_of_the_reference() -> None:
    losses = {"false_positive", "false_negative", "fpr", "fnr", "fdr"}
    for name in (*COUNTS, *RATES):
        measure = ALIASES[name]
        assert measure.orientation == ("loss" if name in losses else "score")
        assert type(measure).aggregation is (total if name in COUNTS else mean)
        assert Vector[Multiclass[2]] <= measure.target_scitype
        assert Vector[OrderedFactor[2]] <= measure.target_scitype
        assert not Vector[Multiclass[3]] <= measure.target_scitype
        assert not measure.reports_observations
        assert (measure.name, getattr(rates, name)) == (name, measure)


def test_aliases_are_those_of_the_reference() -> None:
    names = """true_positive truepositive true_negative truenegative false_positive falsepositive
    false_negative falsenegative tpr recall sensitivity hit_rate true_positive_rate
    truepositive_rate tnr specificity selectivity true_negative_rate truenegative_rate fpr fallout
    false_positive_rate falsepositive_rate fnr miss_rate false_negative_rate falsenegative_rate fdr
    false_discovery_rate falsediscovery_rate ppv precision positive_predictive_value
    positivepredictive_value npv negative_predictive_value negativepredictive_value f1score"""
    assert sorted(ALIASES) == sorted(names.split())
    assert ALIASES["recall"] is rates.tpr and ALIASES["precision"] is rates.ppv
    assert ALIASES["fallout"] is rates.fpr and ALIASES["specificity"] is rates.tnr
    assert (FScore(beta=2).name, TruePositiveRate(rev=True).name) == (
        "f_score",
        "true_positive_rate",
    )
