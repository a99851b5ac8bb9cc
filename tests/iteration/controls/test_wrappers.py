"""skip, louder, debug and composite."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import ControlError, InvalidModelError
from mlj_keras.iteration import (
    GL,
    Callback,
    Control,
    Info,
    NumberLimit,
    Patience,
    Step,
    composite,
    debug,
    louder,
    skip,
)
from mlj_keras.storage import packed
from tests.batteries.controls import FakeRun, check_control
from tests.batteries.iterating import X, Y, fitted, iterated, trained

LOSSES = (5.0, 3.0, 4.0, 1.0, 2.0, 2.5)


class Loud(Control):
    """Keeps the verbosities that it is told."""

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        return [*(state or []), (n, verbosity)]

    def takedown(self, verbosity: int, state: Any) -> dict[str, Any]:
        return {"told": state, "in the end": verbosity}


def test_a_control_is_skipped_but_in_every_so_manieth_cycle() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), skip(Loud(), predicate=2), NumberLimit(5)]))
    assert mlj.report(mach).controls[1][1] == {"told": [(2, 1), (4, 1)], "in the end": 0}


def test_a_function_of_the_number_may_decide() -> None:
    control = skip(Loud(), predicate=lambda n: n in (1, 4))
    mach = fitted(iterated(LOSSES, [Step(1), control, NumberLimit(5)]))
    assert mlj.report(mach).controls[1][1]["told"] == [(1, 1), (4, 1)]


def test_a_control_that_was_never_applied_reports_nothing_and_ends_nothing() -> None:
    control = skip(NumberLimit(1), predicate=9)
    mach = fitted(iterated(LOSSES, [Step(1), control, NumberLimit(2)]))
    assert mlj.report(mach).controls[1][1] == {} and control.may_stop()


def test_a_training_control_may_be_skipped() -> None:
    trained()
    steps = [skip(Step(1), predicate=1), skip(Step(2), predicate=2)]
    fitted(iterated(LOSSES, [*steps, NumberLimit(2)]))
    assert [last for _, last, _ in trained()] == [1, 2, 4]


def test_louder_tells_a_higher_verbosity() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), louder(Loud(), by=3), NumberLimit(1)]))
    assert mlj.report(mach).controls[1][1] == {"told": [(1, 3)], "in the end": 3}
    assert louder(Info()).by == 1
    assert louder(Loud(), by=2).cut_off(1, []) == {"told": [], "in the end": 3}


def test_debug_shows_each_state() -> None:
    states: list[Any] = []
    mach = fitted(iterated(LOSSES, [Step(1), debug(Patience(2), f=states.append), NumberLimit(3)]))
    assert states == [
        {"last": 5.0, "number": 0},
        {"last": 3.0, "number": 0},
        {"last": 4.0, "number": 1},
    ]
    assert mlj.report(mach).controls[1][1]["state"] == states[-1]


def test_debug_without_a_function_logs_each_state(caplog: pytest.LogCaptureFixture) -> None:
    model = iterated(LOSSES, [Step(1), debug(Patience(2)), NumberLimit(1)])
    mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    assert not caplog.text
    mlj.fit(mlj.machine(model, X, Y), verbosity=1)
    assert "state of Patience(n=2): {'last': 5.0, 'number': 0}" in caplog.text


def test_the_one_that_is_wrapped_says_why_it_ended_iteration(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = iterated(LOSSES, [Step(1), skip(NumberLimit(2), predicate=2)])
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=1)
    assert mlj.report(mach).n_iterations == 4
    assert "Iteration ends: the limit of 2 cycles is reached" in caplog.text


def test_a_composite_is_its_controls_one_after_another_and_equal_criteria_count_once() -> None:
    joint = composite(Step(2), Patience(2), NumberLimit(3), Patience(2))
    assert joint.controls == (Step(2), Patience(2), NumberLimit(3))
    assert joint.trains and joint.may_stop()
    apart = fitted(iterated(LOSSES, [Step(2), Patience(2), NumberLimit(3)]))
    mach = fitted(iterated(LOSSES, [joint]))
    assert mlj.report(mach).losses == mlj.report(apart).losses
    found = mlj.report(mach).controls[0][1]["controls"]
    assert [control for control, _ in found] == list(joint.controls) and found[2][1]["done"]
    states = ({"new_iterations": 1}, {"number": 0}, {"number": 3})
    assert joint.message(states) == "the limit of 3 cycles is reached"


def test_a_composite_of_what_does_not_stop_does_not_stop() -> None:
    assert not composite(Step(1), Info()).may_stop() and not composite(Info()).trains
    steps = composite(Step(1), Step(1))
    assert len(steps.controls) == 2


def test_what_is_no_control_is_refused() -> None:
    for make in (skip, louder, debug, composite):
        with pytest.raises(InvalidModelError, match=r"a control such as Step\(5\)"):
            make(3)
    with pytest.raises(InvalidModelError, match="must be an int of 1 or more, or a function"):
        skip(Step(1), predicate=0)
    with pytest.raises(InvalidModelError, match="predicate: must be a function, got 'often'"):
        skip(Step(1), predicate="often")  # type: ignore[arg-type]


def test_states_are_plain_and_go_on() -> None:
    for control in (
        skip(GL(), predicate=2),
        louder(Patience(2)),
        debug(GL(), f=id),
        composite(GL(), Patience(1)),
        skip(composite(GL(), NumberLimit(3)), predicate=2),
    ):
        check_control(control, LOSSES)


def test_an_error_that_is_meant_passes_through_wrappers() -> None:
    stop = mlj.Error(lambda run: True, exception=OverflowError)
    for control in (skip(stop), louder(stop), composite(stop)):
        with pytest.raises(OverflowError):
            mlj.fit(mlj.machine(iterated(LOSSES, [Step(1), control]), X, Y), verbosity=-1)
    fails = composite(Callback(lambda mach: 1 / 0))
    with pytest.raises(ControlError, match="ZeroDivisionError"):
        mlj.fit(
            mlj.machine(iterated(LOSSES, [Step(1), fails, NumberLimit(1)]), X, Y), verbosity=-1
        )


def test_what_is_no_plain_data_stays_out_of_the_states_of_wrappers() -> None:
    class Holds(Control):
        """Keeps something that no file can hold."""

        def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
            return {"n": n, "held": object()}

        def plain(self, state: Any) -> Any:
            return state and {"n": state["n"]}

        def cut_off(self, verbosity: int, state: Any) -> dict[str, Any]:
            return {"left": state["n"]}

    run = FakeRun([1.0]).next()
    for make in (lambda c: skip(c), louder, lambda c: debug(c, f=id), composite):
        control = make(Holds())
        state = control.update(run, 0, 1)
        packed(control.plain(state))
        assert "left" in repr(control.cut_off(0, state))
        assert "left" not in repr(control.takedown(0, state))
        assert control.plain(None) is None
    assert skip(Holds()).cut_off(0, None) == {}
