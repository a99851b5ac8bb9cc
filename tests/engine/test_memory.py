"""A state that is in the working memory is not loaded again, and any other is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.engine.memory import Memory
from mlj_keras.engine.parameters import Parameters
from tests.batteries.oracles import X11, Y11


class Program:
    """Stands for a program."""


def test_the_same_arrays_of_the_same_program_are_held_and_no_others() -> None:
    program, arrays = Program(), {"a": np.zeros(2), "b": np.ones(3)}
    memory = Memory.of(program, arrays)
    assert memory.holds(program, dict(arrays))
    assert not memory.holds(Program(), arrays)
    assert not memory.holds(program, {"a": arrays["a"]})
    assert not memory.holds(program, {**arrays, "b": np.ones(3)})
    del arrays["b"]
    assert not memory.holds(program, {"a": arrays["a"], "b": np.ones(3)})


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often weights have been loaded."""
    found: list[int] = []
    load = Parameters.load

    def heard(self: Parameters, arrays: Any) -> None:
        found.append(1)
        load(self, arrays)

    monkeypatch.setattr(Parameters, "load", heard)
    return found


def net(**changes: Any) -> mlj.NeuralNetworkRegressor:
    settings = {"builder": mlj.Short(n_hidden=4, dropout=0.2), "batch_size": 4, "rng": 1}
    return mlj.NeuralNetworkRegressor(**settings | changes)


def state_after(epochs: list[int], between: Any = lambda mach: None) -> mlj.MachineState:
    mach = mlj.machine(net(), X11, Y11)
    for count in epochs:
        mach.model.epochs = count
        mlj.fit(mach, verbosity=0)
        between(mach)
    return mlj.snapshot(mach)


def test_training_that_goes_on_loads_nothing(loads: list[int]) -> None:
    whole = state_after([6])
    loads.clear()
    assert state_after([1, 2, 3, 4, 5, 6]) == whole
    assert len(loads) == 1


def test_what_others_left_in_the_memory_is_replaced(loads: list[int]) -> None:
    whole = state_after([6])
    early: list[Any] = []

    def other_machine(mach: mlj.Machine) -> None:
        mlj.fit(mlj.machine(net(epochs=2, rng=7), X11, Y11), verbosity=0)

    def back(mach: mlj.Machine) -> None:
        early.append(mlj.snapshot(mach))
        if len(early) == 2:
            mlj.restore(mach, early[0])

    def other_rule(mach: mlj.Machine) -> None:
        given = net(epochs=1, optimiser=mlj.SGD(0.1))
        mlj.fit(mlj.machine(given, X11, Y11), verbosity=0)

    assert state_after([2, 4, 6], other_machine) == whole
    assert state_after([2, 4, 6], other_rule) == whole
    assert state_after([2, 4, 6], back) == whole


def test_a_changed_rate_takes_effect_without_a_load(loads: list[int]) -> None:
    def trained(rates: list[float]) -> mlj.MachineState:
        mach = mlj.machine(net(), X11, Y11)
        for epochs, rate in enumerate(rates, start=1):
            mach.model.epochs, mach.model.optimiser.learning_rate = epochs, rate
            mlj.fit(mach, verbosity=0)
        return mlj.snapshot(mach)

    same, risen = trained([0.01, 0.01]), trained([0.01, 0.5])
    assert same != risen and same.losses[:2] == risen.losses[:2]
    assert trained([0.01, 0.01]) == same and trained([0.01, 0.5]) == risen
