"""Slots of optimisers under positional names, in and out of plain arrays."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import mlj_keras as mlj
from mlj_keras.builders.entity_embedding import TabularInputs
from mlj_keras.engine.networks import Network
from mlj_keras.engine.optimizers import Slots, treats_alike
from mlj_keras.engine.parameters import Parameters
from mlj_keras.engine.state import MachineState
from tests.batteries.oracles import CPU, TANH, X11, Y11, fitted, regressor

RULES = [
    mlj.SGD,
    mlj.RMSprop,
    mlj.Adam,
    mlj.AdamW,
    mlj.Adadelta,
    mlj.Adagrad,
    mlj.Adamax,
    mlj.Adafactor,
    mlj.Nadam,
    mlj.Ftrl,
    mlj.Lion,
    mlj.Lamb,
]


class Twins(mlj.Builder):
    """Two inner networks whose layers have one name."""

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        left, right = (
            keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, name="same")], name=name)
            for name in ("left", "right")
        )
        return keras.layers.Dense(n_out)(left(inputs) * right(inputs))


def network_of(builder: mlj.Builder = TANH) -> Network:
    return Network(builder, TabularInputs((None,) * 3), 1, None, CPU)


def held(network: Network, *, alike: bool = False) -> Parameters:
    """The weights of a network, one by one or as one vector."""
    return Parameters(network, alike=alike, by_rows=False, batch_size=4)


def steps(slots: Slots, network: Network, count: int) -> None:
    """Apply this many steps with gradients of one."""
    variables = network.keras.trainable_variables
    for _ in range(count):
        slots.optimizer.apply([tf.ones(v.shape) for v in variables], variables)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("builder", [TANH, Twins()], ids=["MLP", "Twins"])
def test_names_are_the_same_in_every_network_of_one_structure(
    rule: Any, builder: mlj.Builder
) -> None:
    first, second, vector = (
        Slots(rule(0.1).to_keras(), held(network_of(builder), alike=alike))
        for alike in (False, False, True)
    )
    assert list(first.shapes) == list(second.shapes)
    assert all(key.startswith("slots/") for key in first.shapes)
    assert "slots/iteration" in first.shapes
    if treats_alike(first.optimizer):
        assert first.shapes == vector.shapes
        assert len(held(network_of(builder), alike=True).variables) == 1


@pytest.mark.parametrize("builder", [TANH, Twins()], ids=["MLP", "Twins"])
def test_each_slot_belongs_to_the_weight_whose_key_it_bears(builder: mlj.Builder) -> None:
    network = network_of(builder)
    slots = Slots(mlj.SGD(1.0, momentum=0.5).to_keras(), held(network))
    # One step with a gradient of its number for each variable leaves minus that as momentum.
    variables = network.keras.trainable_variables
    gradients = [tf.fill(v.shape, float(n)) for n, v in enumerate(variables, start=1)]
    slots.optimizer.apply(gradients, variables)
    arrays = slots.read()
    for number, key in enumerate(network.trainable_keys, start=1):
        np.testing.assert_array_equal(
            arrays[f"slots/momentum/{key}"], np.full(network.shapes()[key], -float(number))
        )


@pytest.mark.parametrize("rule", RULES)
def test_an_optimiser_put_back_takes_the_same_steps_again(rule: Any) -> None:
    network = network_of()
    slots = Slots(rule(0.1, use_ema=True).to_keras(), held(network))
    start = network.initial_arrays(1, TANH)

    def weights_after(count: int) -> list[np.ndarray]:
        steps(slots, network, count)
        return [variable.numpy() for variable in network.keras.trainable_variables]

    network.load(start, network.keys)
    slots.load(slots.fresh())
    weights_after(2)
    kept = {key: variable.numpy() for key, variable in network.variables.items()}
    arrays = slots.read()
    expected = weights_after(2)
    network.load(kept, network.keys)
    slots.load(arrays)
    for one, other in zip(weights_after(2), expected, strict=True):
        np.testing.assert_array_equal(one, other)
    slots.load(slots.fresh())
    assert slots.read()["slots/iteration"] == 0


def test_what_was_read_is_a_copy() -> None:
    network = network_of()
    slots = Slots(mlj.Adam().to_keras(), held(network))
    arrays, fresh = slots.read(), slots.fresh()
    steps(slots, network, 1)
    assert arrays["slots/iteration"] == fresh["slots/iteration"] == 0
    assert slots.read()["slots/iteration"] == 1
    assert not any(array.any() for array in arrays.values())


def test_a_rate_is_no_slot_but_assigned_and_a_schedule_is_left_alone() -> None:
    network = network_of()
    slots = Slots(mlj.SGD(0.1).to_keras(), held(network))
    assert not any("rate" in key for key in slots.shapes)
    slots.load(slots.fresh())
    slots.set_rate(0.25)
    assert float(slots.optimizer.learning_rate) == 0.25
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 1, 0.5)
    scheduled = Slots(mlj.SGD(schedule).to_keras(), held(network))
    assert scheduled.learning_rate is None
    scheduled.load({"slots/iteration": np.array(2)})
    scheduled.set_rate(None)
    assert float(scheduled.optimizer.learning_rate) == 0.125


def test_moving_averages_are_slots_of_their_weight() -> None:
    network = network_of()
    rule = mlj.SGD(0.1, use_ema=True, ema_momentum=0.5)
    slots = Slots(rule.to_keras(), held(network))
    network.load(network.initial_arrays(1, TANH), network.keys)
    steps(slots, network, 1)
    arrays = slots.read()
    averages = {key for key in arrays if key.startswith("slots/average/")}
    assert averages == {f"slots/average/{key}" for key in network.trainable_keys}


def test_slots_fit_only_states_of_the_same_class_names_and_shapes() -> None:
    network = network_of()
    adam = Slots(mlj.Adam().to_keras(), held(network))
    arrays = {**network.initial_arrays(1, TANH), **adam.fresh()}

    def state_of(arrays: Any, rule: str = "Adam") -> MachineState:
        return MachineState.of(arrays, epochs=0, losses=(), path="xla", seed=1, rule=rule)

    assert adam.rule == "Adam"
    assert adam.fits(state_of(arrays))
    assert not adam.fits(state_of(arrays, "Lamb"))
    assert not adam.fits(state_of({**arrays, "slots/more": np.array(0)}))
    assert not adam.fits(state_of({**arrays, "slots/momentum/layers/1/bias": np.zeros(4)}))
    assert not adam.fits(state_of({k: a for k, a in arrays.items() if k != "slots/iteration"}))


@pytest.mark.parametrize(
    ("old", "new", "goes_on"),
    [
        (mlj.Adam(0.01), mlj.Adam(0.02), True),
        (mlj.Adam(0.01), mlj.Adam(0.01, beta_1=0.8), True),
        (mlj.Adam(0.01), mlj.SGD(0.01, momentum=0.9), False),
        # The slots of these two have the same names and shapes.
        (mlj.Adam(0.01), mlj.Lamb(0.01), False),
    ],
    ids=["another rate", "another beta", "another class", "another class with the same slots"],
)
def test_slots_go_on_under_the_same_class_and_start_anew_under_another(
    old: mlj.Optimiser,
    new: mlj.Optimiser,
    goes_on: bool,  # noqa: FBT001
) -> None:
    model = regressor(optimiser=old, epochs=2)
    mach = fitted(model, X11, Y11)
    losses = mlj.training_losses(mach)
    model.optimiser = new
    mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(mach).epochs == 2, "a change of the optimiser alone trains nothing"
    model.epochs = 3
    mlj.fit(mach, verbosity=0)
    assert mlj.training_losses(mach)[:2].tolist() == losses.tolist(), "the weights are kept"
    n_steps = mlj.snapshot(mach).arrays["slots/iteration"]
    assert n_steps == (9 if goes_on else 3)  # three batches an epoch
