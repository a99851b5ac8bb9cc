"""Criteria on losses against sequences computed by hand, and against their definitions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import (
    GL,
    PQ,
    Criterion,
    InvalidValue,
    NumberSinceBest,
    Patience,
    Step,
    Threshold,
    Warmup,
    stopping_time,
)
from mlj_keras.iteration.controls.early_stopping import generalisation_loss
from tests.batteries.controls import Silent, check_control, stopping_cycle
from tests.batteries.iterating import X, Y, fitted, iterated

NAN = math.nan
LOSSES = st.lists(st.integers(-4, 9).map(float), min_size=1, max_size=25)


def gl(losses: list[float]) -> list[float]:
    """Prechelt's generalisation losses, in per cent."""
    best = np.minimum.accumulate(losses)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = 100 * (np.array(losses) - best) / np.abs(best)
    return [0.0 if np.isnan(x) else float(x) for x in found]


def first(flags: list[bool]) -> int:
    """The number of the first that is true, 0 if none is."""
    return next((n for n, flag in enumerate(flags, start=1) if flag), 0)


def test_generalisation_loss_of_the_reference() -> None:
    losses = [10.0, 8.0, 9.0, 8.1, 8.2]
    best = np.minimum.accumulate(losses)
    found = [generalisation_loss(loss, each) for loss, each in zip(losses, best, strict=True)]
    np.testing.assert_allclose(found, [0, 0, 12.5, 1.25, 2.5])
    assert stopping_time(GL(2.0), losses) == 3 and stopping_time(GL(15), losses) == 0


def test_of_negative_losses_it_is_what_is_documented() -> None:
    assert generalisation_loss(-0.5, -1.0) == 50.0
    assert stopping_time(GL(49), [-1.0, -0.5]) == 2 and stopping_time(GL(50), [-1.0, -0.5]) == 0
    assert generalisation_loss(0.0, 0.0) == 0.0 and generalisation_loss(1.0, 0.0) == math.inf


def test_patience_counts_strict_increases_in_succession() -> None:
    assert stopping_time(Patience(2), [10, 11, 11, 12, 13]) == 5
    assert stopping_time(Patience(2), [10, 11, 12]) == 3
    assert stopping_time(Patience(1), [10, 10, 9, 9.5]) == 4


def test_a_tie_is_no_new_best() -> None:
    assert stopping_time(NumberSinceBest(2), [10, 9, 9, 9.5]) == 4


def test_thresholds_are_strict() -> None:
    assert stopping_time(Threshold(0.5), [0.6, 0.5, 0.49]) == 3
    assert stopping_time(Threshold(), [1.0, 0.0, -0.1]) == 3


def test_an_invalid_value_of_training_counts_and_stays() -> None:
    losses, training = [1.0, NAN, 1.0, 1.0], [False, True, False, False]
    assert stopping_time(InvalidValue(), losses, training) == 1
    criterion = InvalidValue()
    state = criterion.observe_training(criterion.start(), math.inf)
    assert criterion.done(state) and criterion.done(criterion.observe(state, 1.0))


def pq(training: list[float], before: float, after: float, **options: Any) -> int:
    losses = [before, *training, after]
    return stopping_time(PQ(**options), losses, [False, *[True] * len(training), False])


def test_the_quotient_of_the_reference() -> None:
    assert PQ.progress([0.105, 0.1, 0.1, 0.1, 0.1]) == pytest.approx(10)
    assert pq([0.105, 0.1, 0.1, 0.1, 0.1], 8.0, 9.0) == 2  # 12.5 / 10 > 0.75
    assert PQ.progress([0.11, 0.1, 0.1, 0.1, 0.1]) == pytest.approx(20)
    assert pq([0.11, 0.1, 0.1, 0.1, 0.1], 8.0, 9.0) == 0  # 12.5 / 20
    assert pq([0.1] * 5, 8.0, 8.0) == 2  # no progress
    assert pq([0.1] * 4, 8.0, 9.0) == 0  # too few
    assert PQ.progress([0.0, 1.0]) == math.inf and PQ.progress([-2.0, -1.0]) == 250.0


def test_the_quotient_waits_for_the_loss_that_training_led_to() -> None:
    stopper = mlj.EarlyStopper(PQ(k=2))
    for loss in (8.0, 9.0):
        assert not stopper.done(loss)
    for loss in (0.11, 0.1, 0.1):  # 12.5 / 0 with the old loss
        assert not stopper.done(loss, training=True)
    assert stopper.done(8.0)
    assert not mlj.EarlyStopper(PQ(k=2)).done(0.1, training=True)


def test_a_loss_of_nan_is_no_best_and_not_worse_than_another() -> None:
    assert stopping_time(GL(2.0), [NAN, 8.0, 9.0]) == 3
    assert stopping_time(GL(2.0), [8.0, NAN, 8.1, 9.0]) == 4
    assert stopping_time(NumberSinceBest(2), [NAN, 3.0, 2.0, 1.0, 1.0, 1.0]) == 6
    assert stopping_time(NumberSinceBest(2), [3.0, NAN, NAN]) == 3
    assert stopping_time(Patience(2), [3.0, 4.0, NAN, 5.0, 6.0, 7.0]) == 6
    assert stopping_time(Threshold(5.0), [NAN, 9.0]) == 0


def test_defaults_are_those_of_the_reference() -> None:
    assert (GL(), Patience(), NumberSinceBest()) == (GL(2.0), Patience(5), NumberSinceBest(6))
    assert PQ() == PQ(0.75, k=5, tol=2.0**-52)
    assert Threshold() == Threshold(0.0) and Warmup(GL()) == Warmup(GL(), n=1)


def test_each_says_why_it_ended_iteration() -> None:
    sayings = [
        (GL(2.0), "the loss is more than 2 % above the best"),
        (NumberSinceBest(3), "the best loss is 3 cycles old"),
        (PQ(0.5), "the loss grows too much for the progress of training (PQ > 0.5)"),
        (InvalidValue(), "a loss is NaN or infinite: lower the learning rate, or clip gradients"),
        (Warmup(Patience(3), n=2), "the loss has become worse 3 times in succession"),
    ]
    for criterion, saying in sayings:
        assert criterion.message({"number": 4, "state": {}}) == saying


def test_where_there_are_no_losses_a_warm_up_counts_cycles() -> None:
    def n_iterations(*controls: Any) -> int:
        model = mlj.IteratedModel(Silent(), controls=[Step(1), *controls], resampling=None)
        report = mlj.report(mlj.fit(mlj.machine(model, X, Y), verbosity=0))
        return int(report.n_iterations)

    assert n_iterations(Warmup(mlj.NumberLimit(3), n=2)) == 5
    assert n_iterations(Warmup(Warmup(mlj.NumberLimit(3), n=2))) == 6
    assert n_iterations(Warmup(InvalidValue()), mlj.NumberLimit(4)) == 4


def test_a_warm_up_does_not_see_the_first_losses() -> None:
    assert stopping_time(Warmup(Patience(1), n=2), [1, 2, 3, 4]) == 4
    training = [True, True, False, False]  # of which the first two are the warm-up
    assert stopping_time(Warmup(Patience(1), n=2), [9, 9, 3, 4], training) == 2
    with pytest.raises(InvalidModelError, match=r"must be a criterion such as Patience\(5\)"):
        Warmup(Step(1))


DEFINITIONS: dict[str, tuple[Criterion, Any]] = {
    "GL": (GL(20.0), lambda x: [each > 20 for each in gl(x)]),
    "Threshold": (Threshold(-1.0), lambda x: [each < -1 for each in x]),
    "Patience": (
        Patience(2),
        lambda x: [n >= 2 and x[n] > x[n - 1] > x[n - 2] for n in range(len(x))],
    ),
    "NumberSinceBest": (
        NumberSinceBest(3),
        lambda x: [n - int(np.argmin(x[: n + 1])) == 3 for n in range(len(x))],
    ),
    "Warmup": (
        Warmup(Threshold(-1.0), n=3),
        lambda x: [n >= 3 and each < -1 for n, each in enumerate(x)],
    ),
}


@pytest.mark.parametrize("name", DEFINITIONS)
@given(losses=LOSSES)
def test_a_criterion_is_met_when_its_definition_says(name: str, losses: list[float]) -> None:
    criterion, definition = DEFINITIONS[name]
    assert stopping_time(criterion, losses) == first(definition(losses))
    assert stopping_cycle(criterion, losses) == first(definition(losses))


@given(losses=LOSSES, training=st.lists(st.integers(1, 4).map(float), min_size=25, max_size=25))
def test_the_quotient_is_met_when_its_definition_says(
    losses: list[float], training: list[float]
) -> None:
    wanted = []
    for n, loss in enumerate(gl(losses), start=1):
        window = training[max(n - 3, 0) : n]
        progress = 1000 * (np.mean(window) / np.min(window) - 1)
        wanted.append(len(window) == 3 and bool(progress == 0 or loss / progress > 0.5))
    assert stopping_cycle(PQ(0.5, k=3), losses, training) == first(wanted)


@pytest.mark.parametrize(
    "criterion", [GL(20), Patience(2), NumberSinceBest(2), Threshold(-3.0), PQ(0.5, k=2)]
)
@given(losses=LOSSES)
def test_of_scores_more_is_better(criterion: Criterion, losses: list[float]) -> None:
    turned = criterion.replace({"value": 3.0}) if isinstance(criterion, Threshold) else criterion
    one, other = criterion.start(), turned.start()
    for loss in losses:
        one = criterion.observe(one, loss)
        other = turned.observe(other, -loss, -1)
        assert criterion.done(one) == turned.done(other)


@pytest.mark.parametrize(
    "criterion",
    [
        GL(),
        PQ(k=2),
        Patience(2),
        NumberSinceBest(3),
        Threshold(0.5),
        InvalidValue(),
        Warmup(GL(), n=3),
    ],
)
def test_states_are_plain_and_go_on(criterion: Criterion) -> None:
    check_control(criterion, [5.0, 4.0, 4.5, NAN, 4.2, 4.6], [1.0, 0.9, 0.8, 0.8, 0.7, 0.7])
    assert not criterion.done(None)
    assert criterion.takedown(0, None) == {"done": False, "log": "", "state": None}


def test_impossible_values_are_refused() -> None:
    for make in (lambda: GL(0), lambda: PQ(k=1), lambda: Patience(0), lambda: Warmup(GL(), n=0)):
        with pytest.raises(InvalidModelError):
            make()
    assert not InvalidValue().may_stop() and not Warmup(InvalidValue()).may_stop()


def test_in_a_run_they_see_losses_and_training_losses() -> None:
    losses, training = (8.0, 8.0, 9.0, 9.0), (0.11, 0.1, 0.1, 0.1)
    mach = fitted(iterated(losses, [Step(1), PQ(0.5, k=2), mlj.NumberLimit(9)], training=training))
    report = mlj.report(mach)
    assert report.n_iterations == 3 and report.controls[1][1]["done"]
    mach = fitted(iterated((1.0, NAN, 1.0), [Step(1), InvalidValue(), mlj.NumberLimit(9)]))
    assert mlj.report(mach).n_iterations == 2 and mlj.report(mach).kept_iteration == 1
