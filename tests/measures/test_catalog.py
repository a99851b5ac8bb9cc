"""The catalogue: every name of the reference, traits as in its table, what is found by name."""

from __future__ import annotations

import math
from typing import Any

import pytest
from sklearn import metrics

import mlj_keras as mlj
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Finite,
    Infinite,
    Multiclass,
    OrderedFactor,
    Scitype,
    Table,
    Textual,
    Vector,
)
from mlj_keras.errors import InvalidArgument
from mlj_keras.measures.aggregation import mean, root_mean, total
from mlj_keras.measures.base import Measure, RowMeasure
from mlj_keras.measures.catalog import (
    ALIASES,
    MeasureList,
    aliases_of,
    default_measure,
    measure_of,
    measures,
)
from mlj_keras.measures.continuous import LPLoss
from mlj_keras.measures.custom import FunctionMeasure, ScorerMeasure

NUMBER, CLASS, BINARY = "deterministic number", "deterministic class", "deterministic binary"
DISTRIBUTION = "probabilistic"
BOTH, ROWS, CLASSES, NONE = (True, True), (True, False), (False, True), (False, False)

# Of the reference's table: kind, orientation, aggregation, weights of rows and of classes, names.
# Measures of numbers have no classes to weigh.
TABLE: list[tuple[str, str, Any, tuple[bool, bool], str]] = [
    (NUMBER, "loss", mean, ROWS, "l1 mae mav mean_absolute_error mean_absolute_value"),
    (NUMBER, "loss", mean, ROWS, "l2"),
    (NUMBER, "loss", total, ROWS, "l1_sum"),
    (NUMBER, "loss", total, ROWS, "l2_sum"),
    (NUMBER, "loss", root_mean, ROWS, "rms rmse root_mean_squared_error"),
    (NUMBER, "loss", root_mean, ROWS, "rmsl rmsle root_mean_squared_log_error"),
    (NUMBER, "loss", root_mean, ROWS, "rmslp1"),
    (NUMBER, "loss", root_mean, ROWS, "rmsp"),
    (NUMBER, "loss", mean, ROWS, "mape"),
    (NUMBER, "loss", mean, ROWS, "log_cosh log_cosh_loss"),
    (NUMBER, "score", mean, NONE, "rsq rsquared"),
    (NUMBER, "score", mean, NONE, "willmott_d"),
    (DISTRIBUTION, "score", mean, BOTH, "log_score"),
    (DISTRIBUTION, "loss", mean, BOTH, "log_loss cross_entropy"),
    (DISTRIBUTION, "score", mean, BOTH, "brier_score quadratic_score"),
    (DISTRIBUTION, "loss", mean, BOTH, "brier_loss quadratic_loss"),
    (DISTRIBUTION, "score", mean, BOTH, "spherical_score"),
    (DISTRIBUTION, "score", mean, NONE, "auc area_under_curve"),
    (DISTRIBUTION, "score", mean, NONE, "average_precision"),
    (DISTRIBUTION, "score", mean, NONE, "precision_at_fixed_recall"),
    (DISTRIBUTION, "score", mean, NONE, "cbi continuous_boyce_index"),
    (CLASS, "score", mean, BOTH, "accuracy"),
    (CLASS, "loss", mean, BOTH, "mcr misclassification_rate"),
    (CLASS, "score", mean, ROWS, "bac bacc balanced_accuracy"),
    (CLASS, "score", mean, NONE, "kappa"),
    (CLASS, "score", mean, NONE, "mcc matthews_correlation"),
    (CLASS, "none", total, NONE, "confmat confusion_matrix"),
    (BINARY, "score", mean, NONE, "f1score"),
    (BINARY, "score", total, NONE, "true_positive truepositive"),
    (BINARY, "score", total, NONE, "true_negative truenegative"),
    (BINARY, "loss", total, NONE, "false_positive falsepositive"),
    (BINARY, "loss", total, NONE, "false_negative falsenegative"),
    (
        BINARY,
        "score",
        mean,
        NONE,
        "tpr recall sensitivity hit_rate true_positive_rate truepositive_rate",
    ),
    (BINARY, "score", mean, NONE, "tnr specificity selectivity true_negative_rate"),
    (BINARY, "loss", mean, NONE, "fpr fallout"),
    (BINARY, "loss", mean, NONE, "fnr miss_rate"),
    (BINARY, "loss", mean, NONE, "fdr false_discovery_rate"),
    (BINARY, "score", mean, NONE, "ppv precision positive_predictive_value"),
    (BINARY, "score", mean, NONE, "npv"),
    (CLASS, "score", mean, CLASSES, "macro_f1score multiclass_f1score"),
    (CLASS, "score", mean, CLASSES, "micro_f1score"),
]
MULTICLASS = [
    (CLASS, orientation, aggregate, CLASSES if aggregate is mean else NONE, names)
    for kind, orientation, aggregate, _, words in TABLE
    if kind == BINARY and words != "f1score"
    for names in [" ".join(f"multiclass_{word}" for word in words.split())]
]
MULTITARGET = [
    (kind, orientation, aggregate, ROWS, " ".join(f"multitarget_{w}" for w in words.split()))
    for kind, orientation, aggregate, _, words in TABLE
    if words.split()[0]
    in "l1 l2 l1_sum l2_sum rms rmsl rmslp1 rmsp mape log_cosh accuracy mcr".split()
]
EVERY = [*TABLE, *MULTICLASS, *MULTITARGET]
# Losses of LossFunctions.jl, by their names there in snake case.
LOSSES = {
    "deterministic": "huber_loss l1_epsilon_ins_loss l2_epsilon_ins_loss logit_dist_loss "
    "periodic_loss quantile_loss",
    "probabilistic": "dwd_margin_loss exp_loss l1_hinge_loss l2_hinge_loss l2_margin_loss "
    "logit_margin_loss modified_huber_loss perceptron_loss sigmoid_loss smoothed_l1_hinge_loss "
    "zero_one_loss",
}


@pytest.mark.parametrize("row", EVERY, ids=lambda row: row[-1].split()[0])
def test_every_measure_of_the_reference_is_there_with_all_its_names_and_traits(row: Any) -> None:
    kind, orientation, aggregate, weights, words = row
    names = words.split()
    measure = ALIASES[names[0]]
    assert all(ALIASES[name] == measure for name in names)
    assert measure.name in names
    assert measure.orientation == orientation
    assert type(measure).aggregation is aggregate
    assert (measure.supports_weights, measure.supports_class_weights) == weights
    assert measure.prediction_type == kind.split()[0]


@pytest.mark.parametrize("prediction_type", LOSSES)
def test_the_losses_of_other_packages_are_there(prediction_type: str) -> None:
    for name in LOSSES[prediction_type].split():
        measure = ALIASES[name]
        assert isinstance(measure, RowMeasure) and measure.name == name
        assert (measure.orientation, measure.prediction_type) == ("loss", prediction_type)


def test_no_name_is_that_of_two_measures_and_each_is_found_by_its_own_name() -> None:
    distinct = measures()
    assert len({m.name for m in distinct}) == len(distinct)
    for name, measure in ALIASES.items():
        assert ALIASES[measure.name] == measure, name
        assert name == measure.name or name in aliases_of(measure)


@pytest.mark.parametrize("measure", measures(), ids=lambda m: m.name)
def test_the_traits_of_a_measure_agree_with_each_other(measure: Measure) -> None:
    assert measure.orientation in ("loss", "score", "none")
    assert measure.prediction_type in ("deterministic", "probabilistic")
    assert type(measure).aggregation in (mean, root_mean, total)
    assert isinstance(measure.target_scitype, Scitype)
    assert measure.reports_observations == isinstance(measure, RowMeasure)
    if measure.orientation != "none":
        assert not measure.better(math.nan, 0.0) and measure.better(0.0, math.nan)
    if measure.supports_class_weights:
        targets = (Vector[Finite], Vector[Finite[2]], Vector[Finite | Infinite])
        assert measure.target_scitype in targets


TRUTHS = {
    Vector[Continuous]: ["l1", "rms", "rsq", "huber_loss", "log_loss"],
    Vector[Count]: ["l1", "rms", "rsq", "huber_loss", "log_loss"],
    Vector[Multiclass[3]]: ["accuracy", "kappa", "confmat", "multiclass_recall", "brier_loss"],
    Vector[OrderedFactor[2]]: ["accuracy", "tpr", "f1score", "auc", "average_precision"],
    Table[Continuous]: ["multitarget_l1", "multitarget_rms"],
    Table[Multiclass[3]]: ["multitarget_accuracy"],
}


@pytest.mark.parametrize("truth", TRUTHS, ids=str)
def test_measures_that_suit_a_truth_are_listed(truth: Scitype) -> None:
    found = measures(truth)
    assert all(ALIASES[name] in found for name in TRUTHS[truth])
    others = {n for names in TRUTHS.values() for n in names} - set(TRUTHS[truth])
    unsuited = [n for n in others if not truth <= ALIASES[n].target_scitype]
    assert unsuited and not any(ALIASES[name] in found for name in unsuited)


def test_binary_measures_do_not_suit_three_classes() -> None:
    three = measures(Vector[Multiclass[3]])
    assert not any(ALIASES[name] in three for name in ("tpr", "auc", "f1score", "l1"))
    assert measures(Vector[Textual]) == []


def test_conditions_are_all_met_and_each_measure_is_listed_once() -> None:
    everything = measures()
    assert len(everything) == len({repr(m) for m in everything}) and LPLoss(p=1) in everything
    losses = measures(lambda m: m.orientation == "loss", Vector[Infinite], "mean")
    assert [m.name for m in losses] == ["l1", "rms", "rmsl"]
    assert [m.name for m in measures("cross_entropy")] == ["log_loss"]
    assert measures("no such measure") == []


def test_a_list_of_measures_is_shown_as_a_table() -> None:
    lines = repr(measures("brier")).splitlines()
    assert [line.split() for line in lines] == [
        ["2", "measures"],
        ["name", "orientation", "prediction", "target", "weights", "other", "names"],
        "brier_score score probabilistic Vector[Finite] rows, classes quadratic_score".split(),
        "brier_loss loss probabilistic Vector[Finite] rows, classes quadratic_loss".split(),
    ]
    assert lines[2].index("probabilistic") == lines[3].index("probabilistic")
    assert repr(MeasureList()) == "0 measures"
    assert len(repr(measures()).splitlines()) == len(measures()) + 2


def test_a_list_of_measures_has_an_html_table() -> None:
    html = measures("kappa")._repr_html_()
    assert "<b>1 measure</b>" in html and ">kappa</td>" in html and ">orientation</th>" in html


def test_measures_that_leave_out_missing_truths_are_found_for_a_target_that_has_some() -> None:
    whole, lacking = mlj.scitype([1.0, 2.0]), mlj.scitype([1.0, None])
    assert measures(lacking) == measures(whole) and mlj.l2 in measures(lacking)
    assert measures(mlj.matching([1.0, None])) == measures(whole)
    assert mlj.l2.takes(lacking) and not mlj.accuracy.takes(lacking)


@pytest.mark.parametrize("condition", [3, None, ["l1"]])
def test_a_condition_of_another_kind_is_refused(condition: Any) -> None:
    with pytest.raises(InvalidArgument, match="is a function, a scitype or a text, got"):
        measures(condition)


def test_a_measure_is_found_by_itself_its_names_and_those_of_scorers() -> None:
    own = LPLoss(p=3)
    assert measure_of(own) is own
    assert measure_of("mae") == LPLoss(p=1)
    assert measure_of("neg_log_loss") == ScorerMeasure(metrics.get_scorer("neg_log_loss"))
    assert measure_of("accuracy") is ALIASES["accuracy"]  # ours, not scikit-learn's
    scorer = metrics.make_scorer(metrics.f1_score, average="macro")
    assert measure_of(scorer) == ScorerMeasure(scorer)
    assert measure_of(metrics.hamming_loss) == FunctionMeasure(
        metrics.hamming_loss, orientation="loss"
    )


def test_an_unknown_name_is_told_with_the_nearest_ones() -> None:
    words = r"No measure is called 'rmss'. Did you mean 'rms' or .*\? measures\(\) lists them all"
    with pytest.raises(InvalidArgument, match=words):
        measure_of("rmss")
    with pytest.raises(InvalidArgument, match=r"'neg_logloss'.*Did you mean .*neg_log_loss"):
        measure_of("neg_logloss")
    with pytest.raises(InvalidArgument, match=r"called 'qqqqqq'. measures\(\) lists them all"):
        measure_of("qqqqqq")


@pytest.mark.parametrize("given", [LPLoss, 3, None])
def test_what_is_no_measure_is_refused(given: Any) -> None:
    with pytest.raises(InvalidArgument, match="is no measure.*Give a measure, its name, a scorer"):
        measure_of(given)


@pytest.mark.parametrize(
    ("prediction_type", "target", "name"),
    [
        ("probabilistic", Vector[Multiclass[3]], "log_loss"),
        ("probabilistic", Vector[OrderedFactor[2]], "log_loss"),
        ("deterministic", Vector[Multiclass[3]], "misclassification_rate"),
        ("deterministic", Vector[Continuous], "l2"),
        ("deterministic", Vector[Count], "l2"),
        ("probabilistic", Vector[Continuous], "log_loss"),
        ("deterministic", Table[Continuous], "multitarget_l2"),
    ],
)
def test_the_default_measure_suits_model_and_target(
    prediction_type: str, target: Scitype, name: str
) -> None:
    measure = default_measure(prediction_type, target)
    assert measure is ALIASES[name]
    assert measure.prediction_type == prediction_type and target <= measure.target_scitype


def test_without_a_known_target_there_is_no_default_measure() -> None:
    with pytest.raises(InvalidArgument, match=r"scitype Vector\[Textual\]. Give measure=\.\.\."):
        default_measure("deterministic", Vector[Textual])
