"""`Optimiser`: the rule by which weights follow gradients, as plain data; what all rules share.

Knows how to make the Keras optimizer that does the work; knows nothing of networks, programs or
machines. Source: MLJFlux.jl takes its rules from Optimisers.jl, src/rules.jl; names, defaults and
meanings here are those of Keras 3.15.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidArgument, InvalidModelError
from mlj_keras.models.base import Model
from mlj_keras.models.params import as_float, normalise, param, short

keras = lazy_module("keras")

LearningRate = Any  # a float > 0 or a keras LearningRateSchedule, and Keras comes without types

SHARED = (
    "weight_decay",
    "clipnorm",
    "clipvalue",
    "global_clipnorm",
    "use_ema",
    "ema_momentum",
    "ema_overwrite_frequency",
)
_CLIPS = ("clipnorm", "clipvalue", "global_clipnorm")


def plain(value: Any) -> Any:
    """`value` with mappings as dicts and tuples as lists, as JSON and Keras' configs have them."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def canonical(config: Mapping[str, Any]) -> str:
    """The config as JSON with sorted keys, equal for equal configs.

    Raises: TypeError if a value is not plain data.
    """
    return json.dumps(plain(normalise(config)), sort_keys=True)


def is_schedule(value: Any) -> bool:
    """Whether `value` is a Keras LearningRateSchedule; never imports Keras."""
    module = sys.modules.get("keras")
    if module is None or not hasattr(value, "get_config"):
        return False
    return isinstance(value, module.optimizers.schedules.LearningRateSchedule)


def schedule_key(schedule: Any) -> tuple[type, str]:
    """What a schedule is equal by: its class and its config.

    Raises: InvalidArgument if it has no config of plain data.
    """
    kind = type(schedule)
    try:
        return kind, canonical(schedule.get_config())
    except (NotImplementedError, TypeError) as error:
        raise InvalidArgument(
            f"the schedule {kind.__name__} has no config of plain data, by which it could be "
            f"copied and compared. Define {kind.__name__}.get_config to return its arguments."
        ) from error


def check_learning_rate(value: Any) -> LearningRate:
    """A learning rate as it is stored: a finite float > 0, dimensionless, or a schedule itself.

    Raises: InvalidArgument for anything else.
    """
    if is_schedule(value):
        schedule_key(value)
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = as_float(value)
        if number > 0 and math.isfinite(number):
            return number
    raise InvalidArgument(
        f"must be a finite number > 0 or a Keras LearningRateSchedule, got {short(value)}. "
        "Set learning_rate to such a value, for example 0.001."
    )


def rate(default: float) -> Any:
    """The field `learning_rate` with this default; the one field that may be given by position."""
    return param(default, convert=check_learning_rate, positional=True)


def _key(value: Any) -> Any:
    if is_schedule(value):
        return schedule_key(value)
    return canonical(value) if isinstance(value, Mapping) else value


class Optimiser(Model):
    """Base of the optimisers: a learning rate, and the settings that every Keras optimizer has.

    Hyper-parameters:
        learning_rate: float > 0, or a keras.optimizers.schedules.LearningRateSchedule, a function
            of the number of batches so far; may be given by position. Changing a float compiles
            nothing anew.
        weight_decay: float >= 0 or None; each step shrinks every weight by the part
            learning_rate * weight_decay.
        clipnorm: float > 0 or None; the largest norm of the gradient of one variable.
        clipvalue: float > 0 or None; the largest absolute value in a gradient.
        global_clipnorm: float > 0 or None; the largest norm of all gradients together. Only one
            of the three clips can be set.
        use_ema: bool; keep an exponential moving average of the weights, which become the weights
            at the end of training.
        ema_momentum: float in [0, 1], default 0.99; the part of the old average that stays.
        ema_overwrite_frequency: int >= 1 or None; put the average in place of the weights each
            time this many batches are done.

    Use a subclass such as Adam. For a rule of your own, subclass keras.optimizers.Optimizer and
    give an instance wherever an optimiser is asked for. Gradient accumulation is left out: raise
    the batch size instead.
    Raises: InvalidModelError for a value out of its range, or a second clip.
    Example:
        >>> from mlj_keras.optimisers.adam import Adam
        >>> optimiser = Adam(1e-2, clipnorm=1)
        >>> optimiser.learning_rate, optimiser.clipnorm, optimiser == Adam(0.01, clipnorm=1.0)
        (0.01, 1.0, True)

    Source: Optimisers.jl, `AbstractRule`; keras.optimizers.Optimizer. Deviation: impossible values
    raise here, many of which Keras lets pass.
    """

    keras_class: ClassVar[str] = ""

    learning_rate: LearningRate = param(convert=check_learning_rate, positional=True)
    weight_decay: float | None = param(None, kind=float, ge=0, optional=True)
    clipnorm: float | None = param(None, kind=float, gt=0, optional=True)
    clipvalue: float | None = param(None, kind=float, gt=0, optional=True)
    global_clipnorm: float | None = param(None, kind=float, gt=0, optional=True)
    use_ema: bool = param(False, kind=bool)
    ema_momentum: float = param(0.99, kind=float, ge=0, le=1)
    ema_overwrite_frequency: int | None = param(None, kind=int, ge=1, optional=True)

    def fields(self) -> tuple[str, ...]:
        """The names of the hyper-parameters: the rule's own first, then the shared ones."""
        names = super().fields()
        return tuple(name for name in names if name not in SHARED) + SHARED

    def to_keras(self) -> Any:
        """A new Keras optimizer with these settings, not yet built; loads Keras.

        Returns: a keras.optimizers.Optimizer, a fresh object at each call.
        Raises: NotImplementedError if the class names no Keras class.
        """
        if not self.keras_class:
            raise NotImplementedError(
                f"{type(self).__name__} names no Keras optimizer. Use a subclass such as Adam, or "
                "give an instance of your own subclass of keras.optimizers.Optimizer."
            )
        rule = getattr(keras.optimizers, self.keras_class)
        settings = {name: plain(getattr(self, name)) for name in self.fields()}
        # A fixed name: Keras would count a process-wide number up for each unnamed optimizer.
        return rule(name=self.keras_class.lower(), **settings)

    def rule_key(self) -> tuple[Any, ...]:
        """A hashable key of what a compiled program depends on: all but a float learning rate.

        Returns: the class, then a pair (name, value) for each field; a schedule enters by its
            class and config.
        Example:
            >>> from mlj_keras.optimisers.adam import Adam
            >>> Adam(0.1).rule_key() == Adam(0.2).rule_key() != Adam(0.1, beta_1=0.8).rule_key()
            True
        """
        values = {name: getattr(self, name) for name in self.fields()}
        if isinstance(values["learning_rate"], float):
            values["learning_rate"] = float
        return (type(self), *((name, _key(value)) for name, value in values.items()))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _CLIPS and value is not None:
            others = [clip for clip in _CLIPS if clip != name and getattr(self, clip) is not None]
            if others:
                raise InvalidModelError(
                    f"{type(self).__name__}.{name} cannot be set to {value!r} while {others[0]} "
                    f"is {getattr(self, others[0])!r}: only one clip can be set. "
                    f"Set {others[0]} to None first."
                )
        super().__setattr__(name, value)

    def __eq__(self, other: object) -> bool:
        """Equality by value; schedules are compared by class and config, as Keras does not."""
        if type(self) is not type(other) or not isinstance(other, Optimiser):
            return super().__eq__(other)
        same_rate = _key(self.learning_rate) == _key(other.learning_rate)
        return same_rate and self.rule_key() == other.rule_key()

    __hash__ = None  # optimisers are mutable
