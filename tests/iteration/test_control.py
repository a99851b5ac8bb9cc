"""Controls of one's own: a base class with defaults, or three methods."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import Control, NumberLimit, Step
from mlj_keras.iteration.control import (
    ControlProtocol,
    Setting,
    check_control,
    check_setting,
    may_stop,
    message,
)
from tests.batteries.iterating import Given, X, Y, fitted, iterated


class LossBelow(Control):
    """Ends iteration once the loss is small; refuses models without losses."""

    limit: float = 0.5

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> float:
        return float(run.loss)

    def done(self, state: float | None) -> bool:
        return state is not None and state < self.limit

    def check_setting(self, setting: Setting) -> None:
        if not setting.resampled:
            raise InvalidModelError("LossBelow wants a part that is held out.")


class Duck:
    """A control by its methods."""

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> None:
        """Nothing."""

    def done(self, state: Any) -> bool:
        return False

    def takedown(self, verbosity: int, state: Any) -> dict[str, Any]:
        return {}


def test_a_control_that_defines_done_may_stop_and_one_that_does_not_may_not() -> None:
    class Watch(Control):
        def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> None:
            """Nothing."""

    assert LossBelow().may_stop() and not Watch().may_stop() and not Watch().done(None)
    assert may_stop(LossBelow()) and not may_stop(Watch()) and may_stop(Duck())
    assert Watch().takedown(0, None) == {}


def test_a_control_of_ones_own_controls() -> None:
    mach = fitted(iterated((3.0, 0.6, 0.4, 0.2), [Step(1), LossBelow(), NumberLimit(9)]))
    assert mlj.report(mach).n_iterations == 3
    assert message(LossBelow(), 0.1) == "LossBelow() ended iteration"
    assert message(Duck(), None) == "Duck is done"


def test_it_may_refuse_a_setting_when_the_machine_is_made() -> None:
    model = mlj.IteratedModel(Given(), controls=[Step(1), LossBelow()], resampling=None)
    with pytest.raises(InvalidModelError, match="wants a part that is held out"):
        mlj.machine(model, X, Y)
    check_setting(Duck(), Setting(Given(), "n", resampled=True))


def test_a_setting_knows_the_model() -> None:
    setting = Setting(Given(), "n", resampled=False)
    assert setting.name == "Given" and setting.has_training_losses and setting.has_losses


def test_controls_are_told_from_what_is_none() -> None:
    for control in (Step(1), Duck(), LossBelow()):
        assert check_control(control) is control and isinstance(control, ControlProtocol)
    for given, shown in ((Step, "the class Step"), (3, "got 3"), (print, "<built-in function pr")):
        with pytest.raises(TypeError, match=f"must be a control such as Step.5.*{shown}"):
            check_control(given)


def test_a_control_without_update_says_what_to_define() -> None:
    class Empty(Control):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty must define update\(self, run"):
        Empty().update(None, 0, 1)  # type: ignore[arg-type]  # nothing is asked of the run
