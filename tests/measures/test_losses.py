"""Distance losses: exact values, scikit-learn and SciPy as oracles, limits, bad input."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import huber
from sklearn import metrics

from mlj_keras.data.scitypes import Infinite, Vector
from mlj_keras.errors import InvalidModelError, ScitypeError
from mlj_keras.measures.aggregation import mean
from mlj_keras.measures.losses import (
    ALIASES,
    DistanceLoss,
    HuberLoss,
    L1EpsilonInsLoss,
    L2EpsilonInsLoss,
    LogitDistLoss,
    PeriodicLoss,
    QuantileLoss,
)
from tests.batteries.measures import CASES, check_kinds, check_rows, numbers, pairs

Case = tuple[list[float], list[float], list[float]]
PREDICTION = np.array([2.0, 3.0, 4.0, 0.0, 0.5])
TRUTH = np.array([1.25, 3.0, 1.0, 4.0, 0.75])
LOSSES = [*ALIASES.values(), HuberLoss(d=0.5), QuantileLoss(tau=0.1), PeriodicLoss(c=2.5)]
NAN = float("nan")


@pytest.mark.parametrize(
    ("loss", "values"),
    [
        (HuberLoss(), [1.5, 0.125, 0.0, 0.5, 2.5]),
        (HuberLoss(d=2), [2.0, 0.125, 0.0, 0.5, 4.0]),
        (L1EpsilonInsLoss(), [1.0, 0.0, 0.0, 0.0, 2.0]),
        (L2EpsilonInsLoss(eps=0.5), [2.25, 0.0, 0.0, 0.25, 6.25]),
        (PeriodicLoss(c=4), [2.0, 1 - math.cos(math.pi / 4), 0.0, 1.0, 1.0]),
        (QuantileLoss(tau=0.75), [1.5, 0.375, 0.0, 0.25, 0.75]),
        (
            LogitDistLoss(),
            [-math.log(4 * math.exp(r) / (1 + math.exp(r)) ** 2) for r in (-2, -0.5, 0, 1, 3)],
        ),
    ],
    ids=lambda value: value.name if isinstance(value, DistanceLoss) else "",
)
def test_losses_of_differences_have_their_exact_values(
    loss: DistanceLoss, values: list[float]
) -> None:
    truth = np.array([2.0, 1.0, 0.0, -1.0, 5.0])
    prediction = truth + [-2.0, -0.5, 0.0, 1.0, 3.0]
    np.testing.assert_allclose(loss.measurements(prediction, truth), values, 1e-12, 1e-15)
    assert loss(prediction, truth) == pytest.approx(np.mean(values), rel=1e-12)
    weights = [1, 2, 3, 4, 5]
    wanted = np.average(values, weights=weights)
    assert loss(prediction, truth, weights) == pytest.approx(wanted, rel=1e-12)


@given(pairs(numbers()), st.floats(0.0, 1.0), st.floats(0.01, 100))
@settings(max_examples=CASES, deadline=None)
def test_quantile_and_huber_losses_equal_those_of_scikit_learn_and_scipy(
    case: Case, tau: float, d: float
) -> None:
    prediction, truth, weights = case
    wanted = metrics.mean_pinball_loss(truth, prediction, sample_weight=weights, alpha=tau)
    ours = QuantileLoss(tau=tau)(prediction, truth, weights)
    assert ours == pytest.approx(wanted, rel=1e-9, abs=1e-9)
    rows = huber(d, np.subtract(prediction, truth))
    wanted = np.average(rows, weights=weights)
    assert HuberLoss(d=d)(prediction, truth, weights) == pytest.approx(wanted, rel=1e-9)


@given(pairs(numbers()), st.floats(0.125, 100))
@settings(max_examples=CASES, deadline=None)
def test_losses_equal_their_formulas(case: Case, parameter: float) -> None:
    prediction, truth, weights = map(np.array, case)
    size = np.abs(prediction - truth)
    beyond = np.where(size > parameter, size - parameter, 0)
    for loss, rows in (
        (L1EpsilonInsLoss(eps=parameter), beyond),
        (L2EpsilonInsLoss(eps=parameter), beyond**2),
        (PeriodicLoss(c=parameter), 2 * np.sin(np.pi * size / parameter) ** 2),
    ):
        wanted = np.average(rows, weights=weights)
        assert loss(prediction, truth, weights) == pytest.approx(wanted, rel=1e-9, abs=1e-8)
    near = size / 4
    wanted = np.average(2 * np.log(np.cosh(near / 2)), weights=weights)
    assert LogitDistLoss()(near, 0 * near, weights) == pytest.approx(wanted, rel=1e-9, abs=1e-14)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_rows_aggregate_to_the_measurement_and_weights_count_rows(loss: DistanceLoss) -> None:
    check_rows(loss, PREDICTION, TRUTH)
    check_kinds(loss, PREDICTION, TRUTH)


@pytest.mark.parametrize("loss", LOSSES, ids=repr)
def test_no_error_costs_nothing_and_nan_gives_nan(loss: DistanceLoss) -> None:
    assert loss(TRUTH, TRUTH) == pytest.approx(0, abs=1e-15)
    assert math.isnan(loss([1.0, NAN], [1.0, 2.0]))
    assert math.isnan(loss([1.0, None], [1.0, 2.0]))
    assert math.isnan(loss([1.0], [None]))
    assert loss([1.0, NAN], [1.0, None]) == pytest.approx(0, abs=1e-15)


def test_large_errors_do_not_overflow() -> None:
    assert LogitDistLoss()([-1000.0], [0.0]) == pytest.approx(1000 - math.log(4))
    assert HuberLoss()([1e200], [0.0]) == 1e200 - 0.5
    assert L2EpsilonInsLoss()([math.inf], [0.0]) == HuberLoss()([-math.inf], [0.0]) == math.inf


def test_whole_turns_cost_nothing() -> None:
    turns = np.array([1e6, -3.0, 7.0])
    assert PeriodicLoss(c=24)(turns * 24 + 5, np.full(3, 5.0)) == 0.0
    assert PeriodicLoss(c=360)([370.0], [190.0]) == 2.0


def test_half_the_absolute_error_is_the_loss_of_the_median() -> None:
    absolute = np.mean(np.abs(PREDICTION - TRUTH))
    assert QuantileLoss(tau=0.5)(PREDICTION, TRUTH) == pytest.approx(absolute / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: HuberLoss(d=0), "HuberLoss.d must be a number > 0, got 0"),
        (lambda: L1EpsilonInsLoss(eps=-1), "L1EpsilonInsLoss.eps must be a number > 0"),
        (lambda: L2EpsilonInsLoss(eps=0), "L2EpsilonInsLoss.eps must be a number > 0"),
        (lambda: PeriodicLoss(c=0), "PeriodicLoss.c must be a number > 0"),
        (lambda: QuantileLoss(tau=1.5), "QuantileLoss.tau must be a number >= 0 and <= 1"),
    ],
)
def test_impossible_hyper_parameters_are_refused(make: Any, words: str) -> None:
    with pytest.raises(InvalidModelError, match=words):
        make()


def test_classes_are_refused() -> None:
    with pytest.raises(ScitypeError, match="huber_loss compares numbers.* such as accuracy"):
        HuberLoss()(["a"], ["b"])


def test_traits_and_names_are_those_of_the_reference() -> None:
    classes = [
        HuberLoss,
        L1EpsilonInsLoss,
        L2EpsilonInsLoss,
        LogitDistLoss,
        PeriodicLoss,
        QuantileLoss,
    ]
    assert [type(loss) for loss in ALIASES.values()] == classes
    assert QuantileLoss().tau == 0.7
    for name, loss in ALIASES.items():
        assert loss.name == name
        assert loss == type(loss)()
        assert loss.orientation == "loss" and loss.prediction_type == "deterministic"
        assert loss.target_scitype == Vector[Infinite]
        assert type(loss).aggregation is mean
        assert loss.supports_weights and loss.reports_observations
        assert not loss.supports_class_weights


def test_a_loss_without_a_formula_says_so() -> None:
    class Empty(DistanceLoss):
        """Defines nothing."""

    with pytest.raises(NotImplementedError, match="Empty must define of_differences"):
        Empty()([1.0], [1.0])
