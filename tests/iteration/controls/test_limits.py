"""Limits of cycles and of time."""

from __future__ import annotations

import datetime
import time
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import Never, NumberLimit, Step, TimeLimit, stopping_time
from tests.batteries.controls import FakeRun, Silent, check_control, states_of
from tests.batteries.iterating import X, Y, fitted, iterated


def test_a_number_limit_counts_applications_whatever_the_losses() -> None:
    assert stopping_time(NumberLimit(3), [float("nan")] * 9) == 3
    assert NumberLimit() == NumberLimit(100)
    mach = fitted(iterated((), [Step(4), NumberLimit(3)], resampling=None, measure=None))
    assert mlj.report(mach).n_iterations == 12


def test_never_is_never_met() -> None:
    assert stopping_time(Never(), [1.0, float("nan"), 3.0]) == 0 and not Never().may_stop()


def test_limits_need_no_losses() -> None:
    limits = [Never(), TimeLimit(9), NumberLimit(2)]
    model = mlj.IteratedModel(Silent(), controls=[Step(1), *limits], resampling=None)
    report = mlj.report(mlj.fit(mlj.machine(model, X, Y), verbosity=0))
    assert report.n_iterations == 2 and report.losses == []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in a list."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_a_time_limit_counts_from_its_first_application_and_is_strict(clock: Any) -> None:
    limit = TimeLimit(t=1)
    assert limit.seconds == 3600
    state = limit.update(FakeRun([1.0]).next(), 0, 1)
    clock[0] += 3600
    state = limit.update(FakeRun([1.0]).next(), 0, 2, state)
    assert not limit.done(state)
    clock[0] += 0.5
    state = limit.update(FakeRun([1.0]).next(), 0, 3, state)
    assert limit.done(state) and limit.message(state) == "3600 s have passed"


def test_the_time_of_another_process_counts_and_the_time_between_does_not(clock: Any) -> None:
    limit = TimeLimit(datetime.timedelta(seconds=10))
    assert limit.t == datetime.timedelta(seconds=10) and repr(TimeLimit(2)) == "TimeLimit(t=2.0)"
    state = {"elapsed": 8.0, "clock": 5e9, "process": "another"}
    state = limit.observe(state, 1.0)
    assert state["elapsed"] == 8.0 and not limit.done(state)
    clock[0] += 3
    assert limit.done(limit.observe(state, 1.0))


def test_states_are_plain_and_go_on(clock: Any) -> None:
    for limit in (Never(), NumberLimit(3), TimeLimit(2)):
        check_control(limit, [3.0, 2.0, 1.0, 1.0])
    assert len(states_of(NumberLimit(3), FakeRun([1.0, 2.0]))) == 2


@pytest.mark.parametrize("t", [0, -1, float("inf"), float("nan"), "1h", True, None])
def test_times_that_are_none_are_refused(t: Any) -> None:
    with pytest.raises(InvalidModelError, match="TimeLimit.t: must be"):
        TimeLimit(t)
