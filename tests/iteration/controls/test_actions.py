"""Info, Warn, Error and Callback: when they speak, and what they report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import Callback, Error, Info, NumberLimit, Patience, Step, Warn
from mlj_keras.iteration.controls.actions import FunctionControl
from tests.batteries.iterating import X, Y, fitted, iterated

LOSSES = (5.0, 3.0, 4.0, 6.0)


def reported(mach: mlj.Machine, place: int) -> dict[str, Any]:
    return dict(mlj.report(mach).controls[place][1])


def test_info_is_logged_if_verbosity_is_positive(caplog: pytest.LogCaptureFixture) -> None:
    info = Info(lambda mach: f"n is {mlj.report(mach).n}")
    model = iterated(LOSSES, [Step(1), info, NumberLimit(2)])
    mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    assert "n is" not in caplog.text
    mlj.fit(mlj.machine(model, X, Y), verbosity=1)
    assert "n is 1" in caplog.text and "n is 2" in caplog.text


def test_a_warning_is_given_whenever_the_predicate_is_true(
    caplog: pytest.LogCaptureFixture,
) -> None:
    plain = Warn(lambda run: run.loss > 4, f="large")
    told = Warn(lambda run: run.loss < 4, f=lambda mach: f"small after {mlj.report(mach).n}")
    mach = fitted(iterated(LOSSES, [Step(1), plain, told, NumberLimit(4)]))
    assert reported(mach, 1) == {"warnings": ("large", "large")}
    assert reported(mach, 2) == {"warnings": ("small after 2",)}
    assert caplog.text.count("large") == 2


def test_an_error_ends_iteration_after_the_cycle(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[int] = []
    error = Error(lambda run: run.n_iterations == 2, f="enough")
    mach = fitted(iterated(LOSSES, [Step(1), error, mlj.WithNumberDo(seen.append)]))
    assert seen == [1, 2] and reported(mach, 1) == {"done": True, "log": "enough"}
    assert "enough" in caplog.text


def test_an_error_without_a_text_and_verbosity_is_silent(
    caplog: pytest.LogCaptureFixture,
) -> None:
    controls = [Step(1), Warn(lambda run: True, f="odd"), Error(lambda run: True)]
    mach = mlj.fit(mlj.machine(iterated(LOSSES, controls), X, Y), verbosity=-1)
    assert mlj.report(mach).n_iterations == 1 and not caplog.text
    assert reported(mach, 1) == {"warnings": ("odd",)}
    assert reported(mach, 2) == {"done": True, "log": ""}
    assert controls[2].message({"done": True, "log": ""}) == "Error ended it"


def test_a_function_control_without_a_function_logs_the_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    model = iterated(LOSSES, [Step(1), mlj.WithLossDo(), NumberLimit(2)])
    mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    assert "WithLossDo" not in caplog.text
    mlj.fit(mlj.machine(model, X, Y), verbosity=1)
    assert "WithLossDo: 5.0" in caplog.text and "WithLossDo: 3.0" in caplog.text
    with pytest.raises(NotImplementedError, match="FunctionControl must define of_run"):
        FunctionControl().of_run(None, 1)


def test_an_error_with_an_exception_raises_it_at_once_and_keeps_what_was_learned() -> None:
    for exception in (OverflowError, OverflowError("too much")):
        error = Error(lambda run: run.n_iterations == 2, f="too much", exception=exception)
        mach = mlj.machine(iterated(LOSSES, [Step(1), error, NumberLimit(9)]), X, Y)
        with pytest.raises(OverflowError, match="too much"):
            mlj.fit(mach, verbosity=-1)
        assert mlj.report(mach).n_iterations == 2


def test_a_callback_gets_the_machine_or_the_run_and_still_runs_in_the_last_cycle() -> None:
    machines: list[Any] = []
    runs: list[Any] = []
    controls = [
        Step(1),
        Patience(1),
        Callback(lambda mach: machines.append(mlj.report(mach).n)),
        Callback(lambda run: runs.append(run.n_iterations), raw=True),
    ]
    mach = fitted(iterated(LOSSES, controls))
    assert machines == runs == [1, 2, 3]
    assert reported(mach, 2) == {"done": False, "log": ""}


@pytest.mark.parametrize(("value", "stops"), [(True, 1), (np.True_, 1), (1, 3), ("yes", 3)])
def test_only_true_itself_ends_iteration(value: Any, stops: int) -> None:
    callback = Callback(lambda mach: value, stop_if_true=True)
    mach = fitted(iterated(LOSSES, [Step(1), callback, NumberLimit(3)]))
    assert mlj.report(mach).n_iterations == stops
    if stops == 1:
        assert reported(mach, 1)["log"] == "Stop triggered by a `Callback` control."


def test_without_leave_true_ends_nothing_and_a_message_may_be_given() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), Callback(lambda mach: True), NumberLimit(3)]))
    assert mlj.report(mach).n_iterations == 3 and not Callback(print).may_stop()
    given = Callback(lambda mach: True, stop_if_true=True, stop_message="That will do.")
    mach = fitted(iterated(LOSSES, [Step(1), given]))
    assert reported(mach, 1) == {"done": True, "log": "That will do."}


def test_what_is_no_function_is_refused() -> None:
    for make in (Callback, Info, Warn):
        with pytest.raises(InvalidModelError, match="must be a function, got 3"):
            make(3)
    with pytest.raises(InvalidModelError, match="Error.f: must be a function, got 3"):
        Error(lambda run: True, f=3)
