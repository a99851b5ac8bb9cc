"""Hyper-parameters that follow a function while a model trains."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.engine import program
from mlj_keras.errors import InvalidModelError, UnknownFieldError
from mlj_keras.iteration import NumberLimit, Schedule, Step
from mlj_keras.iteration.controls.schedule import ScheduledControl, path_in

DATA = mlj.load_diabetes()
RATE = "optimiser.learning_rate"


def net(**changes: Any) -> Any:
    settings = {"builder": mlj.MLP(hidden=(3,)), "batch_size": 32, "rng": 1}
    return mlj.NeuralNetworkRegressor(**settings | changes)


def fitted(model: Any, *controls: Any) -> mlj.Machine:
    options = {"resampling": None, "keep": "last"}
    whole = mlj.IteratedModel(model, controls=[*controls, NumberLimit(3)], **options)
    return mlj.fit(mlj.machine(whole, *DATA), verbosity=0)


def test_a_rate_follows_the_function_of_the_iterations_done_and_is_reported() -> None:
    mach = fitted(net(), Schedule(RATE, lambda n: 0.1 / (n + 1)), Step(2))
    report = mlj.report(mach).controls[0][1]
    assert report == {"iterations": (0, 2, 4), "values": (0.1, 0.1 / 3, 0.02)}


def test_training_is_that_of_rates_set_by_hand() -> None:
    mach = fitted(net(), Schedule(RATE, lambda n: 0.1 / (n + 1)), Step(1))
    alone = mlj.machine(net(epochs=0), *DATA)
    for n in range(3):
        alone.model.epochs, alone.model.optimiser.learning_rate = n + 1, 0.1 / (n + 1)
        mlj.fit(alone, verbosity=0)
    assert mlj.snapshot(alone).network == mlj.snapshot(mach).network


def test_a_change_of_the_rate_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    fitted(net(), Step(1))
    monkeypatch.setattr(program.Program, "__init__", None)  # a new program would fail
    fitted(net(), Schedule(RATE, lambda n: 0.1 / (n + 1)), Step(1))


def test_in_a_pipeline_the_path_is_that_in_the_component() -> None:
    pipe = mlj.Pipeline(scale=mlj.Standardizer(), net=net())
    assert path_in(pipe, "net.epochs", RATE) == f"net.{RATE}"
    assert path_in(pipe, "net.epochs", f"net.{RATE}") == f"net.{RATE}"
    found = [
        fitted(pipe, Schedule(path, lambda n: 0.05), Step(1)) for path in (RATE, f"net.{RATE}")
    ]
    assert mlj.snapshot(found[0]).network == mlj.snapshot(found[1]).network
    assert pipe.net.optimiser.learning_rate == 0.001


def test_another_class_of_optimiser_is_a_warm_change_too() -> None:
    def rule(n: int) -> Any:
        return mlj.Adam(0.01) if n < 2 else mlj.SGD(0.001)

    mach = fitted(net(), Schedule("optimiser", rule), Step(1))
    assert mlj.snapshot(mach).rule == "SGD" and mlj.snapshot(mach).epochs == 3


def test_a_base_says_what_to_define() -> None:
    for call in (lambda base: base.path(), lambda base: base.value(1, 0)):
        with pytest.raises(NotImplementedError, match="ScheduledControl must define"):
            call(ScheduledControl())


def test_what_would_train_from_the_start_is_refused_when_the_machine_is_made() -> None:
    def bound(path: str, function: Any) -> None:
        controls = [Schedule(path, function), Step(1), NumberLimit(2)]
        mlj.machine(mlj.IteratedModel(net(), controls=controls), *DATA)

    with pytest.raises(InvalidModelError, match="Schedule sets 'lambda_', and a change of that"):
        bound("lambda_", lambda n: 0.1)
    with pytest.raises(UnknownFieldError, match="Adam has no hyper-parameter 'rate'"):
        bound("optimiser.rate", lambda n: 0.1)
    with pytest.raises(InvalidModelError, match="learning_rate: must be a finite number > 0"):
        bound(RATE, lambda n: -1.0)
    with pytest.raises(InvalidModelError, match="Schedule.function: must be a function"):
        Schedule(RATE, 0.1)
