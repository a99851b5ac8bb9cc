"""Criteria without a model: stopping times, and stoppers that are told losses one by one."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import DimensionMismatch, InvalidModelError, WrongType
from mlj_keras.iteration import (
    GL,
    PQ,
    Criterion,
    EarlyStopper,
    NumberLimit,
    Patience,
    Step,
    Threshold,
    Warmup,
    stopping_time,
)
from tests.batteries.controls import Silent
from tests.batteries.iterating import X, Y, fitted, iterated


def test_a_stopping_time_counts_losses_that_are_not_of_training() -> None:
    losses = [9.0, 0.5, 0.4, 8.0, 0.3, 7.0]
    training = [False, True, True, False, True, False]
    assert stopping_time(NumberLimit(2), losses, training) == 2
    assert stopping_time(NumberLimit(3), losses, training) == 3
    assert stopping_time(NumberLimit(4), losses, training) == 0
    assert stopping_time(Patience(1), [3.0, 2.0, 1.0]) == 0


def test_a_stopper_stops_for_any_of_its_criteria_says_why_and_can_begin_again() -> None:
    stopper = EarlyStopper(Patience(2), Threshold(0.5))
    assert [stopper.done(loss) for loss in (1.0, 2.0, 3.0)] == [False, False, True]
    assert stopper.message() == "the loss has become worse 2 times in succession"
    stopper.reset()
    assert stopper.message() == "" and not stopper.done(1.0)
    assert stopper.done(0.4) and stopper.message() == "the loss has passed 0.5"


def test_training_losses_are_told_apart() -> None:
    stopper = EarlyStopper(PQ(k=2))
    assert not stopper.done(8.0)
    for loss in (0.1, 0.1):
        stopper.done(loss, training=True)
    assert stopper.done(8.0)


def test_what_is_no_criterion_is_refused() -> None:
    for given in (Step(2), 3, Patience):
        with pytest.raises(WrongType, match=r"EarlyStopper takes criteria such as Patience\(5\)"):
            EarlyStopper(given)  # type: ignore[arg-type]
    with pytest.raises(DimensionMismatch, match="2 losses and 1 entries of is_training"):
        stopping_time(Patience(1), [1.0, 2.0], [False])


def test_a_criterion_without_its_losses_is_refused_when_the_machine_is_made() -> None:
    model = mlj.IteratedModel(Silent(), controls=[Step(1), GL(), NumberLimit(2)], resampling=None)
    with pytest.raises(InvalidModelError, match=r"GL\(\) looks at losses, and there are none"):
        mlj.machine(model, X, Y)
    model = mlj.IteratedModel(Silent(), controls=[Step(1), PQ(), NumberLimit(2)])
    with pytest.raises(InvalidModelError, match=r"PQ\(\) looks at training losses, and Silent re"):
        mlj.machine(model, X, Y)
    controls = [Step(1), Warmup(GL()), NumberLimit(2)]
    model = mlj.IteratedModel(Silent(), controls=controls, resampling=None)
    with pytest.raises(InvalidModelError, match=r"GL\(\) looks at losses, and there are none"):
        mlj.machine(model, X, Y)


def test_a_criterion_says_what_it_must_define() -> None:
    with pytest.raises(NotImplementedError, match=r"Criterion must define start\(self\)"):
        Criterion().start()
    with pytest.raises(NotImplementedError, match="Criterion must define observe"):
        Criterion().observe(None, 1.0)


def test_a_criterion_of_ones_own_works_and_is_reported() -> None:
    class Twice(Criterion):
        def start(self) -> Any:
            return 0

        def observe(self, state: Any, loss: float, sign: int = 1) -> Any:
            return state + 1

        def done(self, state: Any) -> bool:
            return bool(state == 2)

    assert Twice().may_stop() and stopping_time(Twice(), [1.0, 1.0, 1.0]) == 2
    mach = fitted(iterated((3.0, 2.0, 1.0), [Step(1), Twice()]))
    report = mlj.report(mach).controls[1][1]
    assert report == {"done": True, "log": "Twice() ended iteration", "state": 2}
    other = fitted(iterated((3.0, 2.0, 1.0), [Step(1), Twice(), Patience(9)]))
    assert mlj.report(other).controls[2][1]["done"] is False
