"""`as_optimiser` takes specs, Keras optimizers, names and configs, and loses no setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import hypothesis
import hypothesis.strategies as st
import keras
import numpy as np
import pytest

from mlj_keras.errors import InvalidArgument, InvalidModelError
from mlj_keras.models.base import Model
from mlj_keras.models.params import param
from mlj_keras.optimisers import SGD, Adam, KerasOptimiser, Lamb, RMSprop, as_optimiser
from mlj_keras.optimisers.from_keras import RULES


class Trained(Model):
    """A model with an optimiser, as containers have it."""

    optimiser: Any = param(factory=Adam, convert=as_optimiser)


class Forgetful(keras.optimizers.SGD):
    """An optimizer whose config leaves out an argument."""

    def __init__(self, learning_rate: Any = 0.1, strength: float = 1.0, **settings: Any) -> None:
        super().__init__(learning_rate, **settings)
        self.strength = strength


class Demanding(keras.optimizers.SGD):
    """An optimizer that cannot be made of its config."""

    def __init__(self, strength: float) -> None:
        super().__init__(0.1)
        self.strength = strength


@keras.saving.register_keras_serializable(package="tests")
class Registered(keras.optimizers.SGD):
    """An optimizer that Keras knows by name."""


def test_an_optimiser_is_returned_as_it_is() -> None:
    spec = Adam(0.5)
    assert as_optimiser(spec) is spec


@pytest.mark.parametrize("rule", RULES)
def test_names_in_any_case_give_what_keras_gives_for_them(rule: type[Any]) -> None:
    name = rule.__name__
    for spelling in (name, name.lower(), name.upper()):
        assert as_optimiser(spelling) == rule()
    if rule is not Lamb:  # which keras.optimizers.get does not know in Keras 3.15
        assert as_optimiser(keras.optimizers.get(name.lower())) == rule()


def test_every_optimizer_of_keras_is_known_or_refused_with_a_reason() -> None:
    refused = {"Optimizer", "LossScaleOptimizer", "MultiOptimizer", "OptimizerMap"}
    names = {
        name
        for name, kind in vars(keras.optimizers).items()
        if isinstance(kind, type) and issubclass(kind, keras.optimizers.Optimizer)
    } - refused
    assert names >= {rule.__name__ for rule in RULES}
    for name in names:
        kind = getattr(keras.optimizers, name)
        spec = as_optimiser(name)
        assert type(spec.to_keras()) is kind
        assert as_optimiser(kind()) == spec


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("adm", "Did you mean 'Adam'"),
        ("rmspropp", "Did you mean 'RMSprop'"),
        ("qqqq", "The names are: Adadelta, .*SGD, Muon"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_ones(name: str, advice: str) -> None:
    with pytest.raises(InvalidArgument, match=f"no optimiser has the name '{name}'. {advice}"):
        as_optimiser(name)


def test_configs_are_read_whether_short_or_as_keras_serialises_them() -> None:
    expected = RMSprop(0.25, rho=0.5, clipnorm=1.0)
    short = {"class_name": "rmsprop", "config": {"learning_rate": 0.25, "rho": 0.5, "clipnorm": 1}}
    assert as_optimiser(short) == expected
    assert as_optimiser(keras.optimizers.serialize(expected.to_keras())) == expected
    assert as_optimiser({"class_name": "SGD"}) == SGD()


@pytest.mark.parametrize(
    "schedule",
    [
        keras.optimizers.schedules.ExponentialDecay(0.1, decay_steps=10, decay_rate=0.5),
        keras.optimizers.schedules.CosineDecay(0.1, decay_steps=10, warmup_steps=2),
        keras.optimizers.schedules.PiecewiseConstantDecay([5, 10], [0.1, 0.05, 0.01]),
    ],
)
def test_schedules_come_through_objects_configs_and_assignment_to_a_field(schedule: Any) -> None:
    expected = Adam(schedule)
    optimizer = keras.optimizers.Adam(schedule)
    assert as_optimiser(optimizer).learning_rate is schedule
    assert as_optimiser(optimizer) == expected
    config = keras.optimizers.serialize(optimizer)
    assert as_optimiser(config) == expected
    assert Trained(optimiser=config) == Trained(optimiser=optimizer) == Trained(optimiser=expected)


def test_a_config_is_left_unchanged() -> None:
    config = keras.optimizers.serialize(Registered(0.5))
    before = repr(config)
    as_optimiser(config)
    assert repr(config) == before


def test_registered_classes_are_found_by_config_and_wrapped() -> None:
    optimizer = Registered(0.5, momentum=0.25)
    spec = as_optimiser(keras.optimizers.serialize(optimizer))
    assert type(spec) is KerasOptimiser
    assert spec.rule is Registered
    assert spec == as_optimiser(optimizer)
    assert spec.to_keras().momentum == 0.25


@pytest.mark.parametrize(
    "config",
    [{}, {"class_name": 3}, {"class_name": "Adam", "config": 0.1}, {"config": {}}],
)
def test_a_mapping_that_is_no_config_is_refused(config: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="needs 'class_name'.*keras.optimizers.serialize"):
        as_optimiser(config)


def test_a_config_of_an_unknown_class_is_refused_with_the_nearest_names() -> None:
    with pytest.raises(
        InvalidArgument, match="cannot make.*Did you mean 'Adam'.*give an instance"
    ):
        as_optimiser({"class_name": "Adamm", "config": {}})


def test_a_config_that_keras_refuses_is_refused_with_its_reason() -> None:
    with pytest.raises(InvalidArgument, match="cannot make.*not recognized: {'steps': 2}"):
        as_optimiser({"class_name": "Muon", "config": {"steps": 2}})


def test_impossible_settings_of_configs_and_objects_are_refused_by_name() -> None:
    with pytest.raises(InvalidModelError, match=r"Adam\.beta_1 must be"):
        as_optimiser({"class_name": "Adam", "config": {"beta_1": 2.0}})
    with pytest.raises(InvalidModelError, match=r"SGD\.clipnorm must be"):
        as_optimiser(keras.optimizers.SGD(clipnorm=-1.0))
    with pytest.raises(InvalidModelError, match=r"Trained\.optimiser: .*Did you mean 'beta_1'"):
        Trained(optimiser={"class_name": "Adam", "config": {"beta1": 0.5}})


@pytest.mark.parametrize("value", [None, 0.1, [0.1], lambda: 0.1, keras.losses.MeanSquaredError()])
def test_anything_else_is_refused_with_an_example(value: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"must be an optimiser.*Use for example Adam\(1e-3"):
        as_optimiser(value)


@pytest.mark.parametrize("kind", [Adam, keras.optimizers.Adam])
def test_a_class_in_place_of_an_instance_is_refused_with_the_parentheses(kind: type) -> None:
    with pytest.raises(InvalidArgument, match=r"got the class Adam. Write Adam\(\)"):
        as_optimiser(kind)
    with pytest.raises(InvalidModelError, match=r"Trained\.optimiser: .*Write Adam\(\)"):
        Trained(optimiser=kind)


class Unwritten(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule without a config."""

    def __call__(self, step: Any) -> Any:
        return 0.1 / (step + 1)


def excluding() -> Any:
    optimizer = keras.optimizers.Adam(weight_decay=0.1)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


def parts() -> Any:
    rules = keras.optimizers.OptimizerMap(keras.optimizers.Adam())
    rules["dense"] = keras.optimizers.SGD()
    return keras.optimizers.MultiOptimizer(rules)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam()),
            "LossScaleOptimizer, and the precision.*Give its inner_optimizer",
        ),
        (lambda: keras.optimizers.SGD(loss_scale_factor=2.0), "Leave loss_scale_factor out"),
        (
            lambda: keras.optimizers.SGD(gradient_accumulation_steps=4),
            "gradient_accumulation_steps=4.*multiply batch_size by it",
        ),
        (lambda: Registered(loss_scale_factor=2.0), "Leave loss_scale_factor out"),
        (lambda: keras.optimizers.SGD(lambda: 0.1), "Use a keras.optimizers.schedules"),
        (excluding, "exclude_from_weight_decay, which no config keeps"),
        (lambda: keras.optimizers.SGD(Unwritten()), "SGD cannot be copied.*Define get_config"),
        (parts, "a network here has one optimiser"),
        (lambda: Forgetful(strength=2.0), "leaves out 'strength'.*Forgetful.get_config return"),
        (lambda: Demanding(2.0), "Demanding cannot be made again.*take what get_config returns"),
    ],
)
def test_a_keras_optimizer_that_would_lose_a_setting_is_refused(
    make: Callable[[], Any], message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        as_optimiser(make())


def test_a_forgotten_argument_at_its_default_is_no_loss() -> None:
    assert as_optimiser(Forgetful(0.5)).to_keras().strength == 1.0


def test_the_state_of_a_trained_keras_optimizer_is_not_taken() -> None:
    optimizer = keras.optimizers.Adam(0.5)
    weights = keras.Variable([1.0])
    optimizer.apply([keras.ops.ones(1)], [weights])
    spec = as_optimiser(optimizer)
    assert spec == Adam(0.5)
    assert int(spec.to_keras().iterations.numpy()) == 0


def test_a_rate_in_a_config_beyond_float32_is_kept() -> None:
    config = {"class_name": "SGD", "config": {"learning_rate": 1e300}}
    assert as_optimiser(config).learning_rate == 1e300


@hypothesis.given(st.floats(1e-30, 1e30))
def test_a_learning_rate_keeps_its_float32_value_and_decimal_through_keras(value: float) -> None:
    spec = as_optimiser(keras.optimizers.SGD(value))
    assert np.float32(spec.learning_rate) == np.float32(value)
    assert as_optimiser(spec.to_keras()) == spec
    short = float(f"{value:.4g}")
    assert as_optimiser(keras.optimizers.SGD(short)) == SGD(short)
