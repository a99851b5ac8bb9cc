"""The cycle: controls in their order, all of them, and then whether one ends it."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import ControlError
from mlj_keras.iteration import Control, NumberLimit, Patience, Step
from tests.batteries.iterating import X, Y, fitted, iterated

LOSSES = (5.0, 3.0, 4.0, 6.0, 7.0)
CALLS: list[Any] = []


class Note(Control):
    """Notes how it is called; ends iteration in cycle `last`."""

    name: str = "a"
    last: int = 99

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        CALLS.append((self.name, n, state, len(run.losses)))
        return n

    def done(self, state: Any) -> bool:
        return bool(state >= self.last)

    def takedown(self, verbosity: int, state: Any) -> dict[str, Any]:
        CALLS.append((self.name, "takedown", state))
        return {"last": state}


class Duck:
    """A control by its methods alone."""

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        return [*(state or []), run.n_iterations]

    def done(self, state: Any) -> bool:
        return len(state) == 3

    def takedown(self, verbosity: int, state: Any) -> dict[str, Any]:
        return {"seen": state}


@pytest.fixture(autouse=True)
def forget() -> None:
    CALLS.clear()


def test_every_control_is_applied_in_order_and_sees_what_those_before_it_did() -> None:
    fitted(iterated(LOSSES, [Note(name="a"), Step(1), Note(name="b", last=2)]))
    assert CALLS[:4] == [("a", 1, None, 0), ("b", 1, None, 1), ("a", 2, 1, 1), ("b", 2, 1, 2)]


def test_the_cycle_that_ends_it_is_finished_and_all_are_taken_down_once() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), Note(name="a", last=2), Note(name="b")]))
    assert CALLS[-3:] == [("b", 2, 1, 2), ("a", "takedown", 2), ("b", "takedown", 2)]
    assert len([call for call in CALLS if call[1] == "takedown"]) == 2
    controls = mlj.report(mach).controls
    assert [found for _, found in controls[1:]] == [{"last": 2}, {"last": 2}]
    assert controls[0] == (Step(1), {"new_iterations": 2})


def test_a_control_by_its_methods_alone_works_everywhere() -> None:
    duck = Duck()
    mach = fitted(iterated(LOSSES, [Step(2), duck]))
    assert mlj.report(mach).controls[1] == (duck, {"seen": [2, 4, 6]})
    mach = fitted(iterated(LOSSES, [Step(1), mlj.skip(duck, predicate=2)]))
    assert mlj.report(mach).n_iterations == 6


def test_what_ended_it_and_what_was_kept_is_said(caplog: pytest.LogCaptureFixture) -> None:
    model = iterated(LOSSES, [Step(1), Patience(2), NumberLimit(4)])
    mlj.fit(mlj.machine(model, X, Y), verbosity=1)
    text = caplog.text
    assert "Iteration ends: the loss has become worse 2 times in succession" in text
    assert "Iteration ends: the limit of 4 cycles is reached" in text
    assert (
        "Final l1: 6." in text and "4 iterations in all; kept is the state of iteration 2" in text
    )


def test_at_verbosity_0_nothing_is_said(caplog: pytest.LogCaptureFixture) -> None:
    fitted(iterated(LOSSES, [Step(1), mlj.Info(), mlj.WithNumberDo(), NumberLimit(2)]))
    assert caplog.text == ""


def test_a_control_that_fails_in_the_end_is_named_and_what_was_learned_is_kept() -> None:
    class Clumsy(Note):
        def takedown(self, verbosity: int, state: Any) -> dict[str, Any]:
            raise OSError("no room.")

    mach = mlj.machine(iterated(LOSSES, [Step(1), Clumsy(), NumberLimit(2)]), X, Y)
    with pytest.raises(ControlError, match="Clumsy.* failed when iteration had ended: OSErr"):
        mlj.fit(mach, verbosity=-1)
    report = mlj.report(mach)
    assert report.losses == [5.0, 3.0] and report.controls[1][1] == {"failed": "OSError: no room"}
