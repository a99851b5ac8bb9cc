"""With...Do: each function is called with what the name says."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import NumberLimit, Step
from mlj_keras.iteration.controls import with_do
from mlj_keras.iteration.controls.actions import FunctionControl
from tests.batteries.controls import Silent
from tests.batteries.iterating import X, Y, fitted, iterated

LOSSES = (5.0, 3.0, 4.0, 1.0)
TRAINING = (0.9, 0.8, 0.7, 0.6)

CASES: dict[str, tuple[Any, list[Any]]] = {
    "WithLossDo": (lambda x: x, [3.0, 1.0]),
    "WithTrainingLossesDo": (lambda x: x, [[0.9, 0.8], [0.7, 0.6]]),
    "WithNumberDo": (lambda x: x, [1, 2]),
    "WithIterationsDo": (lambda x: x, [2, 4]),
    "WithEvaluationDo": (lambda x: x.measurement, [[3.0], [1.0]]),
    "WithFittedParamsDo": (lambda x: x.fitresult, [(2, 0.0), (4, 0.0)]),
    "WithReportDo": (lambda x: x.n, [2, 4]),
    "WithModelDo": (lambda x: x.n, [2, 4]),
    "WithMachineDo": (lambda x: x.state, [1, 2]),
}


def test_every_control_of_the_file_has_a_case() -> None:
    classes = {
        name
        for name, value in vars(with_do).items()
        if isinstance(value, type) and issubclass(value, FunctionControl)
    }
    assert classes - {"FunctionControl"} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_the_function_is_called_with_what_the_name_says(name: str) -> None:
    part, wanted = CASES[name]
    found: list[Any] = []
    control = getattr(mlj, name)(lambda value: found.append(part(value)))
    mach = fitted(iterated(LOSSES, [Step(2), control, NumberLimit(2)], training=TRAINING))
    assert found == wanted
    report = mlj.report(mach).controls[1][1]
    assert report["done"] is False and report["log"] == ""


@pytest.mark.parametrize("name", CASES)
def test_it_may_end_iteration_and_logs_without_a_function(name: str) -> None:
    stop = getattr(mlj, name)(lambda value: True, stop_if_true=True)
    mach = fitted(iterated(LOSSES, [Step(2), stop], training=TRAINING))
    assert mlj.report(mach).n_iterations == 2
    assert mlj.report(mach).controls[1][1]["log"] == f"Stop triggered by a `{name}` control."
    silent = getattr(mlj, name)()
    assert not silent.may_stop()
    fitted(iterated(LOSSES, [Step(2), silent, NumberLimit(1)], training=TRAINING))


def test_losses_are_reported() -> None:
    controls = [Step(2), mlj.WithLossDo(), mlj.WithTrainingLossesDo(), NumberLimit(2)]
    report = mlj.report(fitted(iterated(LOSSES, controls, training=TRAINING))).controls
    assert report[1][1]["loss"] == 1.0
    assert report[2][1]["latest_training_losses"] == [0.7, 0.6]


def test_losses_that_there_will_not_be_are_told_when_the_machine_is_made() -> None:
    model = mlj.IteratedModel(
        Silent(), controls=[Step(1), mlj.WithLossDo(), NumberLimit(2)], resampling=None
    )
    with pytest.raises(InvalidModelError, match="WithLossDo needs losses, and Silent rep"):
        mlj.machine(model, X, Y)
    controls = [Step(1), mlj.WithTrainingLossesDo(), NumberLimit(2)]
    model = mlj.IteratedModel(Silent(), controls=controls)
    with pytest.raises(InvalidModelError, match="WithTrainingLossesDo needs training losses"):
        mlj.machine(model, X, Y)


def test_the_model_may_be_changed_on_the_way() -> None:
    data = mlj.load_diabetes()
    rates: list[float] = []

    def halve(model: Any) -> None:
        rates.append(model.optimiser.learning_rate)
        model.optimiser.learning_rate /= 2

    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=32, rng=1)
    controls = [Step(1), mlj.WithModelDo(halve), NumberLimit(3)]
    model = mlj.IteratedModel(net, controls=controls, resampling=None, keep="last")
    mach = mlj.fit(mlj.machine(model, *data), verbosity=0)
    assert rates == [0.001, 0.0005, 0.00025] and net.optimiser.learning_rate == 0.001
    alone = mlj.machine(net.replace({"epochs": 0}), *data)
    for epochs, rate in enumerate(rates, start=1):
        alone.model.epochs, alone.model.optimiser.learning_rate = epochs, rate
        mlj.fit(alone, verbosity=0)
    assert mlj.snapshot(alone).network == mlj.snapshot(mach).network
