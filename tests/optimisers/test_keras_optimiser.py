"""`KerasOptimiser`: an optimizer class without a spec of its own, as data."""

from __future__ import annotations

import copy
from typing import Any

import keras
import pytest

from mlj_keras.errors import InvalidModelError
from mlj_keras.optimisers import KerasOptimiser, as_optimiser
from mlj_keras.optimisers.keras_optimiser import argument_names


class Signed(keras.optimizers.Optimizer):
    """Steps of one size, scaled: w - learning_rate * strength * sign(g)."""

    def __init__(self, learning_rate: Any = 0.1, strength: float = 1.0, **settings: Any) -> None:
        super().__init__(learning_rate=learning_rate, **settings)
        self.strength = strength

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        self.assign_sub(variable, learning_rate * self.strength * keras.ops.sign(gradient))

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "strength": self.strength}


class Narrow(Signed):
    """Takes two arguments and writes down two."""

    def __init__(self, learning_rate: float = 0.1, strength: float = 1.0) -> None:
        super().__init__(learning_rate, strength)

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": float(self.learning_rate), "strength": self.strength}


class Wider(Narrow):
    """Another rule with the arguments of Narrow."""


def spec_of(strength: float = 3.0) -> KerasOptimiser:
    return KerasOptimiser(0.5, rule=Signed, settings={"strength": strength})


def test_an_instance_becomes_its_class_and_settings_and_comes_back() -> None:
    optimizer = Signed(0.2, strength=3.0, clipnorm=1.0, use_ema=True, ema_momentum=0.5)
    spec = as_optimiser(optimizer)
    expected = KerasOptimiser(
        0.2,
        rule=Signed,
        settings={"strength": 3.0},
        clipnorm=1.0,
        use_ema=True,
        ema_momentum=0.5,
    )
    assert spec == expected
    back = spec.to_keras()
    assert type(back) is Signed
    assert back is not spec.to_keras()
    assert {**back.get_config(), "name": ""} == {**optimizer.get_config(), "name": ""}
    assert as_optimiser(back) == spec


def test_the_optimizer_made_trains_by_its_rule() -> None:
    weights = keras.Variable([1.0, 2.0])
    spec_of().to_keras().apply([keras.ops.array([0.1, -7.0])], [weights])
    assert weights.numpy().tolist() == [1.0 - 1.5, 2.0 + 1.5]


def test_the_key_enters_by_class_and_settings_and_leaves_the_rate_out() -> None:
    key = spec_of().rule_key()
    assert key == spec_of().replace({"learning_rate": 0.7}).rule_key()
    assert key == copy.deepcopy(spec_of()).rule_key()
    hash(key)
    assert key != spec_of(strength=2.0).rule_key()
    assert key != spec_of().replace({"clipnorm": 1.0}).rule_key()
    narrow = KerasOptimiser(rule=Narrow, settings={"strength": 1.0})
    assert narrow.rule_key() != narrow.replace({"rule": Wider}).rule_key()
    assert narrow != narrow.replace({"rule": Wider})


def test_a_schedule_is_kept_and_compared_by_its_config() -> None:
    schedules = [keras.optimizers.schedules.CosineDecay(0.1, decay_steps=k) for k in (5, 5, 6)]
    first, second, third = (as_optimiser(Signed(schedule)) for schedule in schedules)
    assert first.learning_rate is schedules[0]
    assert first == second != third
    assert first.rule_key() == second.rule_key() != third.rule_key()
    optimizer = first.to_keras()
    optimizer.iterations.assign(5)
    assert float(optimizer.learning_rate) == pytest.approx(0.0, abs=1e-9)


def test_a_class_without_the_shared_arguments_works_until_one_is_set() -> None:
    spec = as_optimiser(Narrow(0.25, strength=2.0))
    assert spec == KerasOptimiser(0.25, rule=Narrow, settings={"strength": 2.0})
    assert float(spec.to_keras().learning_rate) == 0.25
    spec.clipnorm = 1.0
    with pytest.raises(TypeError, match="clipnorm"):
        spec.to_keras()


def test_argument_names_are_those_of_the_class() -> None:
    assert argument_names(Narrow) == (("learning_rate", "strength"), False)
    assert argument_names(Signed) == (("learning_rate", "strength", "settings"), True)


@pytest.mark.parametrize("rule", [None, "Signed", object, Signed()])
def test_a_rule_that_is_no_optimizer_class_is_refused(rule: Any) -> None:
    with pytest.raises(InvalidModelError, match=r"KerasOptimiser\.rule: must be a subclass of"):
        KerasOptimiser(rule=rule)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (3, "must be a mapping of names to values, got 3. Use a dict"),
        ({"clipnorm": 1.0}, "holds 'clipnorm', which is a field of its own"),
        ({"learning_rate": 1.0}, "Give learning_rate= beside settings"),
        ({"strength": object()}, "must be plain data.*Let get_config return plain data"),
    ],
)
def test_settings_that_are_not_plain_data_of_the_class_are_refused(
    settings: Any, message: str
) -> None:
    with pytest.raises(InvalidModelError, match=rf"KerasOptimiser\.settings: {message}|{message}"):
        KerasOptimiser(rule=Signed, settings=settings)
