"""Multiclass counts, rates and F scores: scikit-learn's on random cases, binary ones on each
class, traits and names."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mlj_keras.data.scitypes import Finite, Vector
from mlj_keras.measures import multiclass, rates
from mlj_keras.measures.aggregation import mean, total
from mlj_keras.measures.confusion import confmat
from mlj_keras.measures.multiclass import ALIASES, MulticlassFScore, MulticlassTruePositiveRate
from tests.batteries.measures import CASES, pairs

COUNTS = ("true_positive", "true_negative", "false_positive", "false_negative")
RATES = ("tpr", "tnr", "fpr", "fnr", "fdr", "ppv", "npv")
LABELS = list("abc")


def measure_of(name: str, **fields: Any) -> Any:
    """The multiclass measure of a binary name, with fields."""
    return type(ALIASES[f"multiclass_{name}"])(**fields)


def truths(labels: list[str]) -> pd.Categorical:
    """A column with the pool a, b, c."""
    return pd.Categorical(labels, categories=LABELS)


def by_class(name: str, prediction: list[str], truth: list[str]) -> dict[str, Any]:
    """The binary measure of each class against the rest."""
    result = {}
    for label in LABELS:
        binary = type(rates.ALIASES[name])(levels=[False, True])  # type: ignore[call-arg]
        pair = [value == label for value in prediction], [value == label for value in truth]
        result[label] = binary(*pair)
    return result


@given(case=pairs(st.sampled_from("abc")))
@settings(max_examples=CASES, deadline=None)
def test_each_class_has_the_binary_measure_of_it_against_the_rest(case: Any) -> None:
    prediction, truth, _ = case
    cm = confmat(prediction, truths(truth))
    for name in (*COUNTS, *RATES):
        fields = {} if name in COUNTS else {"average": None}
        measure, wanted = measure_of(name, **fields), by_class(name, prediction, truth)
        found = measure(prediction, truths(truth))
        assert found == pytest.approx(wanted, abs=1e-12, nan_ok=True)
        assert measure(cm) == pytest.approx(wanted, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("average", ["macro", "micro"])
@given(case=pairs(st.sampled_from("abc")), beta=st.floats(0.125, 8))
@settings(max_examples=CASES, deadline=None)
def test_averages_are_those_of_scikit_learn_with_zero_division_0(
    average: str, case: Any, beta: float
) -> None:
    prediction, truth, _ = case
    options: dict[str, Any] = {"labels": LABELS, "average": average, "zero_division": 0}
    observed = truths(truth)
    recall = metrics.recall_score(truth, prediction, **options)
    precision = metrics.precision_score(truth, prediction, **options)
    fbeta = metrics.fbeta_score(truth, prediction, beta=beta, **options)
    assert measure_of("tpr", average=average)(prediction, observed) == pytest.approx(
        recall, abs=1e-12
    )
    assert measure_of("ppv", average=average)(prediction, observed) == pytest.approx(
        precision, abs=1e-12
    )
    measure = MulticlassFScore(beta=beta, average=average)
    assert measure(prediction, observed) == pytest.approx(fbeta, abs=1e-12)


@given(case=pairs(st.sampled_from("abc")))
@settings(max_examples=CASES, deadline=None)
def test_macro_recall_with_the_counts_of_classes_as_weights_is_the_weighted_one_of_scikit_learn(
    case: Any,
) -> None:
    prediction, truth, _ = case
    counts = {label: truth.count(label) for label in LABELS}
    options: dict[str, Any] = {"labels": LABELS, "average": "weighted", "zero_division": 0}
    for name, score in (("tpr", metrics.recall_score), ("ppv", metrics.precision_score)):
        value = measure_of(name)(prediction, truths(truth), class_weights=counts)
        assert value == pytest.approx(score(truth, prediction, **options), abs=1e-12)
    value = MulticlassFScore()(prediction, truths(truth), class_weights=counts)
    assert value == pytest.approx(metrics.f1_score(truth, prediction, **options), abs=1e-12)


@given(case=pairs(st.sampled_from("abc")), beta=st.floats(0.125, 8))
@settings(max_examples=CASES, deadline=None)
def test_the_f_score_of_each_class_is_that_of_scikit_learn(case: Any, beta: float) -> None:
    prediction, truth, _ = case
    measure = MulticlassFScore(beta=beta, average=None, return_type="vector")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = metrics.fbeta_score(
            truth, prediction, beta=beta, labels=LABELS, average=None, zero_division=np.nan
        )
    np.testing.assert_allclose(measure(prediction, truths(truth)), wanted, atol=1e-12)


def test_micro_f_score_is_micro_recall_whatever_beta() -> None:
    prediction, truth = list("aabbcca"), list("abbbcac")
    wanted = MulticlassTruePositiveRate(average="micro")(prediction, truth)
    for beta in (0.5, 1, 2):
        value = MulticlassFScore(beta=beta, average="micro")(prediction, truth)
        assert value == pytest.approx(wanted, rel=1e-12)


def test_traits_are_those_of_the_binary_measures() -> None:
    for name in (*COUNTS, *RATES):
        measure, binary = ALIASES[f"multiclass_{name}"], rates.ALIASES[name]
        assert measure.orientation == binary.orientation
        assert type(measure).aggregation is (total if name in COUNTS else mean)
        assert type(measure).__name__ == f"Multiclass{type(binary).__name__}"
        assert measure.supports_class_weights == (name in RATES)
        assert not measure.supports_weights and not measure.reports_observations
        assert measure.target_scitype == Vector[Finite]
        assert measure.name == f"multiclass_{name}"
        assert getattr(multiclass, measure.name) is measure
    for measure in (multiclass.macro_f1score, multiclass.micro_f1score):
        assert measure.orientation == "score" and measure.supports_class_weights


def test_every_binary_alias_has_a_multiclass_one_for_the_same_measure() -> None:
    scores = {"macro_f1score", "multiclass_f1score", "micro_f1score"}
    binary = {f"multiclass_{name}": measure.name for name, measure in rates.ALIASES.items()}
    assert set(ALIASES) == set(binary) | scores
    for name in set(ALIASES) - scores:
        assert ALIASES[name].name == f"multiclass_{binary[name]}"
    assert ALIASES["multiclass_f1score"] is multiclass.macro_f1score
    assert (multiclass.macro_f1score.name, multiclass.micro_f1score.name) == (
        "macro_f1score",
        "micro_f1score",
    )
    assert MulticlassFScore(beta=2).name == "multiclass_f_score"
    assert MulticlassTruePositiveRate(average=None).name == "multiclass_true_positive_rate"
