"""Fixtures for the optimisers: the battery that every rule passes, and a trainer of one vector."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from mlj_keras.errors import InvalidModelError, UnknownFieldError
from mlj_keras.optimisers import Optimiser, as_optimiser
from mlj_keras.optimisers.base import SHARED

# Settings of Keras that are not settings of an optimiser here.
LEFT_OUT = {"name", "loss_scale_factor", "gradient_accumulation_steps"}
SHARED_CHANGES: dict[str, Any] = {
    "weight_decay": 0.125,
    "clipnorm": 1.5,
    "clipvalue": 0.25,
    "global_clipnorm": 2.0,
    "use_ema": True,
    "ema_momentum": 0.75,
    "ema_overwrite_frequency": 3,
}


def keras_config(optimizer: Any) -> dict[str, Any]:
    """The config of a Keras optimizer without what is left out here."""
    return {key: item for key, item in optimizer.get_config().items() if key not in LEFT_OUT}


def check_defaults(rule: type[Any], keras_rule: type[Any]) -> None:
    config = keras_config(keras_rule())
    spec = rule()
    assert set(spec.fields()) == set(config)
    values = {name: getattr(spec, name) for name in spec.fields()}
    assert np.float32(values.pop("learning_rate")) == np.float32(config.pop("learning_rate"))
    assert values == config
    assert spec.fields()[0] == "learning_rate"
    assert spec.fields()[-len(SHARED) :] == SHARED


def check_round_trip(rule: type[Any], keras_rule: type[Any], changed: dict[str, Any]) -> None:
    shared = {key: item for key, item in SHARED_CHANGES.items() if not key.endswith("clipnorm")}
    settings = {**shared, **changed}
    spec = rule(0.0375, **settings)
    optimizer = spec.to_keras()
    assert type(optimizer) is keras_rule
    assert keras_config(optimizer) == keras_config(keras_rule(learning_rate=0.0375, **settings))
    assert optimizer is not spec.to_keras()
    assert as_optimiser(optimizer) == spec
    assert as_optimiser({"class_name": rule.__name__, "config": optimizer.get_config()}) == spec
    for clip in ("clipnorm", "global_clipnorm"):
        assert getattr(rule(**{clip: 2}).to_keras(), clip) == 2.0


def check_values(rule: type[Any], changed: Mapping[str, Any]) -> None:
    plain = rule(0.5)
    assert plain == rule(learning_rate=0.5) != rule(0.25)
    assert plain.rule_key() == rule(0.25).rule_key()
    hash(plain.rule_key())
    others = [rule(0.5, **{name: item}) for name, item in {**SHARED_CHANGES, **changed}.items()]
    for other in others:
        assert other != plain
        assert other.rule_key() != plain.rule_key()
        for twin in (copy.deepcopy(other), pickle.loads(pickle.dumps(other)), eval_repr(other)):
            assert twin == other and twin is not other
            assert twin.rule_key() == other.rule_key()
    assert len({other.rule_key() for other in others}) == len(others)


def eval_repr(spec: Optimiser) -> Any:
    """The optimiser that the text of `spec` makes."""
    return eval(repr(spec), {type(spec).__name__: type(spec)})


def check_impossible(rule: type[Any], impossible: Mapping[str, Sequence[Any]]) -> None:
    spec = rule()
    for name, values in impossible.items():
        for value in (*values, math.nan, "high", [0.5]):
            with pytest.raises(InvalidModelError, match=rf"{rule.__name__}\.{name}\b.* got "):
                rule(**{name: value})
            with pytest.raises(InvalidModelError, match=rf"{rule.__name__}\.{name}\b"):
                setattr(spec, name, value)
    assert spec == rule()
    with pytest.raises(TypeError, match="positional"):
        rule(0.1, 0.9)
    with pytest.raises(UnknownFieldError, match="Did you mean 'learning_rate'"):
        rule(learning_rat=0.1)


@pytest.fixture
def check_rule() -> Callable[..., None]:
    """`check(rule, changed, impossible)`: values other than the defaults, and ones refused."""

    def check(
        rule: type[Any], changed: dict[str, Any], impossible: Mapping[str, Sequence[Any]]
    ) -> None:
        import keras

        keras_rule = getattr(keras.optimizers, rule.__name__)
        own = set(rule().fields()) - set(SHARED) - {"learning_rate"}
        assert own <= set(changed) and own <= set(impossible), "every own field is to be checked"
        check_defaults(rule, keras_rule)
        check_round_trip(rule, keras_rule, changed)
        check_values(rule, changed)
        check_impossible(rule, {"learning_rate": (0, -0.1, math.inf), **impossible})
        assert as_optimiser(rule.__name__.upper()) == rule()

    return check


@pytest.fixture
def train() -> Callable[..., np.ndarray]:
    """`train(spec, start, gradients)`: the weights (n,) after one step for each gradient."""

    def steps(spec: Optimiser, start: Any, gradients: Any) -> np.ndarray:
        import keras

        weights = keras.Variable(np.asarray(start, dtype="float32"))
        optimizer = spec.to_keras()
        for gradient in gradients:
            optimizer.apply([np.asarray(gradient, dtype="float32")], [weights])
        result: np.ndarray = keras.ops.convert_to_numpy(weights)
        return result

    return steps
