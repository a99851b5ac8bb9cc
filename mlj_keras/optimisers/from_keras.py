"""`as_optimiser`: whatever a user gives as an optimiser, made into one of the specs here.

Loads Keras only for Keras objects and for classes without a spec; knows nothing of networks.
Source: keras.optimizers.get; MLJFlux.jl takes any rule of Optimisers.jl in the same way.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidArgument
from mlj_keras.optimisers.adadelta import Adadelta
from mlj_keras.optimisers.adafactor import Adafactor
from mlj_keras.optimisers.adagrad import Adagrad
from mlj_keras.optimisers.adam import Adam
from mlj_keras.optimisers.adamax import Adamax
from mlj_keras.optimisers.adamw import AdamW
from mlj_keras.optimisers.base import SHARED, Optimiser, is_schedule, plain
from mlj_keras.optimisers.ftrl import Ftrl
from mlj_keras.optimisers.keras_optimiser import KerasOptimiser, argument_names
from mlj_keras.optimisers.lamb import Lamb
from mlj_keras.optimisers.lion import Lion
from mlj_keras.optimisers.nadam import Nadam
from mlj_keras.optimisers.rmsprop import RMSprop
from mlj_keras.optimisers.sgd import SGD

keras = lazy_module("keras")

RULES: tuple[type[Optimiser], ...] = (
    Adadelta,
    Adafactor,
    Adagrad,
    Adam,
    AdamW,
    Adamax,
    Ftrl,
    Lamb,
    Lion,
    Nadam,
    RMSprop,
    SGD,
)
_BY_NAME = {rule.keras_class.lower(): rule for rule in RULES}
# Keras has these too. Muon needs lists of the layers to leave out, ScheduleFreeAdamW a second copy
# of the weights: they have no spec here, and are wrapped.
_WRAPPED = ("muon", "schedulefreeadamw")
_ABSENT = object()


def as_optimiser(value: Any) -> Optimiser:
    """The optimiser that `value` stands for.

    Args: value: an Optimiser, returned as it is; a Keras optimizer, whose settings are read and
        whose state is not; a name as keras.optimizers.get knows it, in any case; or a config, a
        dict with "class_name" and "config".
    Returns: an Optimiser; a KerasOptimiser for a class that has no spec in this package.
    Raises: InvalidArgument (a ValueError) for an unknown name or class, a class in place of an
        instance, a config or object with settings that would be lost, or anything else;
        InvalidModelError (a ValueError) for a setting out of its range.
    Example:
        >>> as_optimiser("adam") == as_optimiser({"class_name": "Adam", "config": {}})
        True
        >>> as_optimiser({"class_name": "SGD", "config": {"momentum": 0.9}}).momentum
        0.9

    Source: keras.optimizers.get. Deviation: gives a spec, not a Keras object.
    """
    if isinstance(value, Optimiser):
        return value
    if isinstance(value, str):
        return _from_name(value)
    if isinstance(value, Mapping):
        return _from_config(value)
    if isinstance(value, type):
        raise InvalidArgument(
            f"must be an optimiser, got the class {value.__name__}. Write {value.__name__}()."
        )
    if _is_keras_optimizer(value):
        return _from_object(value)
    raise InvalidArgument(
        f"must be an optimiser, a Keras optimizer, its name or its config, got {value!r}. "
        "Use for example Adam(1e-3)."
    )


def _is_keras_optimizer(value: Any) -> bool:
    module = sys.modules.get("keras")
    if module is None or not hasattr(value, "get_config"):
        return False
    return isinstance(value, module.optimizers.Optimizer)


def _from_name(name: str) -> Optimiser:
    rule = _BY_NAME.get(name.lower())
    if rule is not None:
        return rule()
    if name.lower() in _WRAPPED:
        return _from_object(keras.optimizers.get(name))
    raise InvalidArgument(f"no optimiser has the name {name!r}. {_advice(name)}")


def _advice(name: str) -> str:
    known = {entry.keras_class.lower(): entry.keras_class for entry in RULES}
    known |= {"muon": "Muon", "schedulefreeadamw": "ScheduleFreeAdamW"}
    near = difflib.get_close_matches(name.lower(), list(known), n=3, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(repr(known[entry]) for entry in near)}?"
    return f"The names are: {', '.join(known.values())}."


def _from_config(config: Mapping[str, Any]) -> Optimiser:
    name, settings = config.get("class_name"), config.get("config", {})
    if not isinstance(name, str) or not isinstance(settings, Mapping):
        raise InvalidArgument(
            "a config of an optimiser needs 'class_name', a string, and 'config', a mapping, "
            f"got {plain(config)!r}. Use keras.optimizers.serialize(optimizer)."
        )
    module = config.get("module") or "keras.optimizers"
    rule = _BY_NAME.get(name.lower())
    if rule is not None and module.split(".")[0] == "keras":
        return _from_settings(rule, plain(settings))
    try:
        optimizer = keras.optimizers.get(plain(config))  # a copy, which Keras changes
    except (TypeError, ValueError) as error:
        known = rule is not None or name.lower() in _WRAPPED
        reason = str(error).splitlines()[0] if known else _advice(name)
        raise InvalidArgument(
            f"Keras cannot make an optimizer of the config {plain(config)!r}. {reason} "
            "Of a class of your own give an instance, not its config."
        ) from error
    return _from_object(optimizer)


def _from_settings(rule: type[Optimiser], settings: dict[str, Any]) -> Optimiser:
    _refuse_what_would_be_lost(rule.__name__, settings)
    for name in ("name", "loss_scale_factor", "gradient_accumulation_steps"):
        settings.pop(name, None)
    value = settings.get("learning_rate")
    if isinstance(value, Mapping):
        settings["learning_rate"] = keras.optimizers.schedules.deserialize(value)
    elif isinstance(value, float):
        settings["learning_rate"] = _shortest(value)
    return rule(**settings)


def _refuse_what_would_be_lost(name: str, settings: Mapping[str, Any]) -> None:
    if settings.get("loss_scale_factor") is not None:
        raise InvalidArgument(
            f"{name} has loss_scale_factor={settings['loss_scale_factor']!r}, and the precision "
            "of training is not a matter of the optimiser. Leave loss_scale_factor out."
        )
    if settings.get("gradient_accumulation_steps") is not None:
        steps = settings["gradient_accumulation_steps"]
        raise InvalidArgument(
            f"{name} has gradient_accumulation_steps={steps!r}, which is not supported. "
            "Leave it out and multiply batch_size by it."
        )


def _shortest(value: float) -> float:
    """The shortest decimal with the same float32: Keras keeps 0.001 as 0.0010000000474974513."""
    if float(np.finfo(np.float32).max) < abs(value):
        return value
    single = np.float32(value)
    short = float(str(single))
    return short if float(single) == value and np.float32(short) == single else value


def _from_object(optimizer: Any) -> Optimiser:
    kind = type(optimizer)
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        raise InvalidArgument(
            "got a LossScaleOptimizer, and the precision of training is not a matter of the "
            "optimiser. Give its inner_optimizer."
        )
    if isinstance(optimizer, keras.optimizers.MultiOptimizer):
        raise InvalidArgument(
            "got a MultiOptimizer, and a network here has one optimiser. Give one of its parts."
        )
    settings = _settings_of(optimizer)
    rule = _BY_NAME.get(kind.__name__.lower())
    if rule is not None and kind is getattr(keras.optimizers, rule.keras_class):
        return _from_settings(rule, settings)
    return _wrap(optimizer, settings)


def _settings_of(optimizer: Any) -> dict[str, Any]:
    """The config, with a schedule as the object it is."""
    name = type(optimizer).__name__
    rate = getattr(optimizer, "_learning_rate", None)
    scheduled = is_schedule(rate)
    if callable(rate) and not scheduled and not hasattr(rate, "assign"):
        raise InvalidArgument(
            f"{name} has the function {rate!r} as its learning rate, which has no config. "
            "Use a keras.optimizers.schedules.LearningRateSchedule."
        )
    if hasattr(optimizer, "_exclude_from_weight_decay"):
        raise InvalidArgument(
            f"{name} excludes variables from weight decay by exclude_from_weight_decay, which no "
            "config keeps. Leave it out, or use regularizers in the layers."
        )
    try:
        settings = dict(optimizer.get_config())
    except NotImplementedError as error:
        raise InvalidArgument(
            f"{name} cannot be copied: {error} Define get_config to return the arguments."
        ) from error
    if scheduled:
        settings["learning_rate"] = rate
    return settings


def _wrap(optimizer: Any, settings: dict[str, Any]) -> KerasOptimiser:
    kind = type(optimizer)
    _refuse_what_would_be_lost(kind.__name__, settings)
    for name in ("name", "loss_scale_factor", "gradient_accumulation_steps"):
        settings.pop(name, None)
    value = settings.pop("learning_rate", None)
    if not is_schedule(value):
        value = _shortest(float(optimizer.learning_rate))
    shared = {name: settings.pop(name, getattr(optimizer, name)) for name in SHARED}
    spec = KerasOptimiser(
        value,
        rule=kind,
        settings=settings,
        **shared,
    )
    try:
        rebuilt = spec.to_keras()
    except (TypeError, ValueError) as error:
        raise InvalidArgument(
            f"{kind.__name__} cannot be made again from its config: {error}. "
            f"Let {kind.__name__}.__init__ take what get_config returns."
        ) from error
    lost = _lost_arguments(optimizer, rebuilt)
    if lost:
        raise InvalidArgument(
            f"the config of {kind.__name__} leaves out {lost[0]!r}, so that a copy would differ. "
            f"Let {kind.__name__}.get_config return it too."
        )
    return spec


def _lost_arguments(optimizer: Any, rebuilt: Any) -> list[str]:
    """Arguments of the class, kept as plain attributes, in which its copy differs."""
    plain_types = (bool, int, float, str, type(None))
    here, there = vars(optimizer), vars(rebuilt)
    return [
        name
        for name in argument_names(type(optimizer))[0]
        if name != "name"
        and isinstance(here.get(name, _ABSENT), plain_types)
        and there.get(name, _ABSENT) != here[name]
    ]
