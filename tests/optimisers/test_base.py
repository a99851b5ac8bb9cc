"""What all optimisers share: learning rate, schedules, clips, equality, the key of the rule."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import Any

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from mlj_keras.errors import InvalidArgument, InvalidModelError
from mlj_keras.optimisers import SGD, Adam, Optimiser
from mlj_keras.optimisers.base import (
    SHARED,
    canonical,
    check_learning_rate,
    is_schedule,
    plain,
    rate,
    schedule_key,
)


def exponential(decay_rate: float = 0.5) -> Any:
    from keras.optimizers.schedules import ExponentialDecay

    return ExponentialDecay(0.1, decay_steps=10, decay_rate=decay_rate)


@pytest.mark.parametrize("value", [1e-2, 1, np.float32(0.25), np.int64(2)])
def test_a_learning_rate_is_stored_as_a_python_float(value: Any) -> None:
    stored = Adam(value).learning_rate
    assert type(stored) is float
    assert stored == float(value)


@pytest.mark.parametrize(
    "value", [0, 0.0, -1e-3, float("inf"), float("nan"), "0.1", None, True, [0.1], lambda: 0.1]
)
def test_an_impossible_learning_rate_is_refused_by_field_and_value(value: Any) -> None:
    message = r"Adam\.learning_rate: must be a finite number > 0 or a Keras LearningRateSchedule"
    with pytest.raises(InvalidModelError, match=message):
        Adam(value)
    with pytest.raises(InvalidArgument, match="for example 0.001"):
        check_learning_rate(value)


def test_a_schedule_class_in_place_of_a_schedule_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="got <class .*ExponentialDecay"):
        Adam(type(exponential()))


def test_schedules_are_equal_by_class_and_config_and_reach_keras() -> None:
    import keras

    schedule = exponential()
    spec = Adam(schedule)
    assert is_schedule(schedule)
    assert not is_schedule(0.1)
    assert spec.learning_rate is schedule
    assert spec == Adam(exponential())
    assert spec.rule_key() == Adam(exponential()).rule_key()
    cosine = keras.optimizers.schedules.CosineDecay(0.1, decay_steps=10)
    for other in (exponential(0.25), cosine, 0.1):
        assert spec != Adam(other)
        assert spec.rule_key() != Adam(other).rule_key()
    optimizer = spec.to_keras()
    optimizer.iterations.assign(20)
    assert float(optimizer.learning_rate) == pytest.approx(0.1 * 0.5**2, rel=1e-6)


def test_copies_of_an_optimiser_with_a_schedule_are_equal_to_it() -> None:
    spec = Adam(exponential())
    for twin in (copy.deepcopy(spec), pickle.loads(pickle.dumps(spec)), spec.replace({})):
        assert twin == spec
        assert twin.rule_key() == spec.rule_key()


def test_a_schedule_without_a_config_of_plain_data_is_refused_with_the_remedy() -> None:
    import keras

    class Bare(keras.optimizers.schedules.LearningRateSchedule):
        def __call__(self, step: Any) -> Any:
            return 0.1 / (step + 1)

    class Odd(Bare):
        def get_config(self) -> dict[str, Any]:
            return {"factor": object()}

    for kind in (Bare, Odd):
        with pytest.raises(
            InvalidModelError, match=f"Define {kind.__name__}.get_config to return"
        ):
            Adam(kind())
    with pytest.raises(InvalidArgument, match="the schedule Bare has no config of plain data"):
        schedule_key(Bare())


def test_plain_and_canonical_do_not_depend_on_kinds_of_sequences_or_order_of_keys() -> None:
    spec = Adam()
    config = {"b": (1, (2.0,)), "a": np.float64(0.5)}
    assert plain({"b": (1, (2.0,))}) == {"b": [1, [2.0]]}
    assert (
        canonical(config)
        == canonical({"a": 0.5, "b": [1, [2.0]]})
        == '{"a": 0.5, "b": [1, [2.0]]}'
    )
    with pytest.raises(TypeError, match="not JSON serializable"):
        canonical({"a": spec})


def test_a_second_clip_is_refused_at_construction_and_assignment_and_leaves_the_first() -> None:
    message = (
        "SGD.clipvalue cannot be set to 0.5 while clipnorm is 1.0.*Set clipnorm to None first"
    )
    with pytest.raises(InvalidModelError, match=message):
        SGD(clipnorm=1.0, clipvalue=0.5)
    spec = SGD(clipnorm=1.0)
    with pytest.raises(InvalidModelError, match=message):
        spec.clipvalue = 0.5
    assert spec == SGD(clipnorm=1.0)
    spec.clipnorm = 2.0
    assert spec.replace({"clipnorm": None, "clipvalue": 0.5}) == SGD(clipvalue=0.5)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("weight_decay", [-0.1, "none"]),
        ("clipnorm", [0, -1.0]),
        ("clipvalue", [0, -1.0]),
        ("global_clipnorm", [0, float("inf")]),
        ("use_ema", [1, None]),
        ("ema_momentum", [-0.1, 1.1, None]),
        ("ema_overwrite_frequency", [0, 1.5, True]),
    ],
)
def test_impossible_shared_settings_are_refused(name: str, values: list[Any]) -> None:
    for value in values:
        with pytest.raises(InvalidModelError, match=rf"SGD\.{name} must be .* got {value!r}"):
            SGD(**{name: value})


def test_the_shared_settings_come_last_and_are_those_of_every_optimiser() -> None:
    fields = SGD().fields()
    assert fields == ("learning_rate", "momentum", "nesterov", *SHARED)


def test_an_optimiser_differs_from_other_rules_and_other_things_and_has_no_hash() -> None:
    assert Adam() != SGD(0.001)
    assert Adam() != 0.001
    with pytest.raises(TypeError, match="unhashable"):
        hash(Adam())


def test_the_base_class_makes_no_keras_optimizer_and_says_what_does() -> None:
    with pytest.raises(NotImplementedError, match="Use a subclass such as Adam"):
        Optimiser(0.1).to_keras()


def test_a_subclass_with_a_keras_class_of_its_own_works_by_its_fields() -> None:
    class Descent(Optimiser):
        keras_class = "SGD"
        learning_rate: float = rate(0.5)

    spec = Descent()
    assert spec.to_keras().get_config()["name"] == "sgd"
    assert float(spec.to_keras().learning_rate) == 0.5
    assert spec.rule_key() != SGD(0.5).rule_key()


@hypothesis.given(st.floats(1e-8, 1e3), st.floats(1e-8, 1e3), st.floats(0, 0.99))
def test_the_key_of_a_rule_is_equal_iff_only_the_rate_differs(
    first: float, second: float, beta: float
) -> None:
    assert Adam(first).rule_key() == Adam(second).rule_key()
    assert (Adam(first) == Adam(second)) == (first == second)
    same_rule = Adam(first).rule_key() == Adam(first, beta_1=beta).rule_key()
    assert same_rule == (beta == 0.9)


def test_making_and_comparing_optimisers_loads_neither_keras_nor_tensorflow() -> None:
    code = (
        "import sys\n"
        "from mlj_keras.optimisers import Adam, as_optimiser\n"
        "spec = as_optimiser('adam').replace({'learning_rate': 0.5, 'clipnorm': 1})\n"
        "assert spec == Adam(0.5, clipnorm=1) and spec.rule_key() and repr(spec)\n"
        "assert not {'keras', 'tensorflow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
