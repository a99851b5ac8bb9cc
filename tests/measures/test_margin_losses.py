"""Margin losses: exact values, scikit-learn as an oracle, pools of two levels, bad input."""

from __future__ import annotations

import math
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
from mlj_keras.errors import InvalidArgument, InvalidModelError, UnseenLevelError, WeightsError
from mlj_keras.measures.aggregation import mean
from mlj_keras.measures.margin_losses import (
    ALIASES,
    DWDMarginLoss,
    ExpLoss,
    L1HingeLoss,
    L2HingeLoss,
    L2MarginLoss,
    LogitMarginLoss,
    MarginLoss,
    ModifiedHuberLoss,
    PerceptronLoss,
    SigmoidLoss,
    SmoothedL1HingeLoss,
    ZeroOneLoss,
    zero_one_loss,
)
from mlj_keras.probability import UnivariateFinite
from tests.batteries.measures import CASES, WEIGHTS, check_rows

NAN = float("nan")
LOSSES = [*ALIASES.values(), DWDMarginLoss(q=3), SmoothedL1HingeLoss(gamma=2)]
many = settings(max_examples=CASES, deadline=None)

# LossFunctions.jl, src/losses/margin.jl, line for line: what each loss is of one margin.
FORMULAS: dict[str, Callable[[float], float]] = {
    "DWDMarginLoss()": lambda a: 1 - a if a <= 1 / 2 else (1 / 4) / a,
    "DWDMarginLoss(q=3.0)": lambda a: 1 - a if a <= 3 / 4 else (3**3 / 4**4) / a**3,
    "ExpLoss()": lambda a: math.exp(-a),
    "L1HingeLoss()": lambda a: max(0, 1 - a),
    "L2HingeLoss()": lambda a: 0 if a >= 1 else (1 - a) ** 2,
    "L2MarginLoss()": lambda a: (1 - a) ** 2,
    "LogitMarginLoss()": lambda a: math.log1p(math.exp(-a)),
    "ModifiedHuberLoss()": lambda a: max(0, 1 - a) ** 2 if a >= -1 else -4 * a,
    "PerceptronLoss()": lambda a: max(0, -a),
    "SigmoidLoss()": lambda a: 1 - math.tanh(a),
    "SmoothedL1HingeLoss()": lambda a: max(0, 1 - a) ** 2 / 2 if a >= 0 else 1 / 2 - a,
    "SmoothedL1HingeLoss(gamma=2.0)": lambda a: max(0, 1 - a) ** 2 / 4 if a >= -1 else -a,
    "ZeroOneLoss()": lambda a: 1 if a < 0 else 0,
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, ...]:
    """(distributions over no and yes, probabilities of yes, truths, weights), 1 to 12 rows."""
    n = draw(st.integers(1, 12))
    p = np.array(draw(st.lists(st.floats(0, 1), min_size=n, max_size=n)))
    truth = draw(st.lists(st.sampled_from(["no", "yes"]), min_size=n, max_size=n))
    weights = draw(st.lists(WEIGHTS, min_size=n, max_size=n))
    return vector(p), p, np.array(truth), weights


def vector(p: Any, levels: tuple[str, str] = ("no", "yes")) -> Any:
    """Distributions with these probabilities of the second level."""
    return UnivariateFinite(levels, np.column_stack([1 - np.asarray(p), p]))


@given(cases())
@many
def test_the_loss_of_a_row_is_that_of_its_margin(case: tuple[Any, ...]) -> None:
    prediction, p, truth, weights = case
    margins = np.where(truth == "yes", 2 * p - 1, 2 * (1 - p) - 1)
    for loss in LOSSES:
        wanted = [FORMULAS[repr(loss)](float(a)) for a in margins]
        np.testing.assert_allclose(loss.measurements(prediction, truth), wanted, 1e-9, 1e-15)
        average = np.average(wanted, weights=weights)
        assert loss(prediction, truth, weights) == pytest.approx(average, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_losses_of_margins_beyond_those_of_probabilities_follow_the_formula(
    loss: MarginLoss,
) -> None:
    margins = np.linspace(-3, 3, 49)  # 0, 1/2, 3/4 and 1, where formulas change, among them
    wanted = [FORMULAS[repr(loss)](float(a)) for a in margins]
    np.testing.assert_allclose(loss.of_margins(margins), wanted, 1e-12, 1e-15)
    assert np.isnan(loss.of_margins(np.array([NAN]))).all()


@given(cases())
@many
def test_hinge_and_zero_one_losses_equal_those_of_scikit_learn(case: tuple[Any, ...]) -> None:
    prediction, p, truth, weights = case
    if len(set(truth)) == 2:  # of a single class scikit-learn takes the positive for the negative
        wanted = metrics.hinge_loss(truth, 2 * p - 1, sample_weight=weights)
        ours = L1HingeLoss()(prediction, truth, weights)
        assert ours == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    if not (p == 0.5).any():
        labels = np.where(p > 0.5, "yes", "no")
        wanted = metrics.zero_one_loss(truth, labels, sample_weight=weights)
        assert zero_one_loss(prediction, truth, weights) == pytest.approx(wanted, abs=1e-9)


def test_exact_values_of_two_rows_with_weights_of_rows_and_classes() -> None:
    prediction, truth = vector([0.75, 0.75]), ["yes", "no"]  # margins 1/2 and -1/2
    assert L2MarginLoss()(prediction, truth) == (0.25 + 2.25) / 2
    assert L2MarginLoss()(prediction, truth, [3, 1]) == (3 * 0.25 + 2.25) / 4
    by_class = {"no": 3.0, "yes": 1.0}
    assert PerceptronLoss()(prediction, truth, class_weights=by_class) == 0.375
    assert PerceptronLoss()(prediction, truth, [3, 2], class_weights=by_class) == 3 / 9
    assert DWDMarginLoss()(vector([1.0, 0.5]), ["yes", "yes"]) == (0.25 + 1) / 2


def test_where_classes_are_equally_probable_nothing_is_lost() -> None:
    assert zero_one_loss(vector([0.5, 0.5]), ["no", "yes"]) == 0.0


def test_the_order_of_levels_plays_no_part() -> None:
    turned = UnivariateFinite(["yes", "no"], [[0.875, 0.125]])
    for loss in LOSSES:
        assert loss(turned, ["no"]) == loss(vector([0.875]), ["no"])


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_rows_aggregate_to_the_measurement_and_weights_count_rows(loss: MarginLoss) -> None:
    truth = np.array(["yes", "no", "no", "yes", "yes"])
    check_rows(loss, vector([0.125, 0.25, 0.875, 0.75, 0.5]), truth)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_probabilities_that_are_nan_give_nan(loss: MarginLoss) -> None:
    assert math.isnan(loss(vector([0.5, NAN]), ["no", "yes"]))
    assert not math.isnan(loss(vector([0.5, NAN]), ["no", None]))
    assert math.isnan(loss(vector([0.5]), [None]))


def test_truths_of_every_kind_and_lists_of_distributions_give_the_same() -> None:
    prediction, truth = vector([0.125, 0.75]), ["no", "yes"]
    value = ExpLoss()(prediction, truth)
    for kind in (np.array, tuple, pd.Series, pd.Categorical, pl.Series):
        assert ExpLoss()(prediction, kind(truth)) == value
    assert ExpLoss()([prediction[0], prediction[1]], truth) == value
    single = UnivariateFinite(["no", "yes"], np.array([[0.875, 0.125]], dtype=np.float32))
    assert ExpLoss()(single, ["no"]) == pytest.approx(math.exp(-0.75), rel=1e-12)


def test_other_predictions_are_refused_with_advice() -> None:
    three = UnivariateFinite(["a", "b", "c"], [[0.5, 0.25, 0.25]])
    with pytest.raises(InvalidArgument, match="exp_loss is a measure for two classes, got .* 3: "):
        ExpLoss()(three, ["a"])
    with pytest.raises(InvalidArgument, match="Use log_loss or brier_loss"):
        ExpLoss()(UnivariateFinite(["a"], [[1.0]]), ["a"])
    with pytest.raises(InvalidArgument, match=r"Give predict\(mach, X\) of a classifier"):
        ExpLoss()(["no"], ["no"])
    with pytest.raises(InvalidArgument, match=r"truth first. Call exp_loss\(prediction, truth\)"):
        ExpLoss()(["no"], vector([0.5]))
    with pytest.raises(UnseenLevelError, match="'perhaps'"):
        ExpLoss()(vector([0.5]), ["perhaps"])
    with pytest.raises(WeightsError, match="must name each level of the truth once"):
        ExpLoss()(vector([0.5]), ["no"], class_weights={"no": 1.0})


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DWDMarginLoss(q=0), "DWDMarginLoss.q must be a number > 0, got 0"),
        (lambda: SmoothedL1HingeLoss(gamma=-1), "SmoothedL1HingeLoss.gamma must be a number > 0"),
    ],
)
def test_impossible_hyper_parameters_are_refused(make: Any, words: str) -> None:
    with pytest.raises(InvalidModelError, match=words):
        make()


def test_a_large_exponent_does_not_overflow() -> None:
    loss = DWDMarginLoss(q=1000).of_margins(np.array([-1.0, 1.0]))
    np.testing.assert_allclose(loss, [2.0, (1000 / 1001) ** 1000 / 1001], 1e-12)


def test_traits_and_names_are_those_of_the_reference() -> None:
    classes = [
        DWDMarginLoss,
        ExpLoss,
        L1HingeLoss,
        L2HingeLoss,
        L2MarginLoss,
        LogitMarginLoss,
        ModifiedHuberLoss,
        PerceptronLoss,
        SigmoidLoss,
        SmoothedL1HingeLoss,
        ZeroOneLoss,
    ]
    assert [type(loss) for loss in ALIASES.values()] == classes
    for name, loss in ALIASES.items():
        assert loss.name == name
        assert loss == type(loss)()
        assert loss.orientation == "loss" and loss.prediction_type == "probabilistic"
        assert loss.target_scitype == Vector[Finite[2]]
        assert type(loss).aggregation is mean
        assert loss.supports_weights and loss.supports_class_weights
        assert loss.reports_observations


def test_a_loss_without_a_formula_says_so() -> None:
    class Empty(MarginLoss):
        """Defines nothing."""

    with pytest.raises(NotImplementedError, match="Empty must define of_margins"):
        Empty()(vector([0.5]), ["no"])
