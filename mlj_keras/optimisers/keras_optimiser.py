"""`KerasOptimiser`: a Keras optimizer of a class that has no file of its own here, as data.

Knows the class and its config; `from_keras.py` makes one from an object. Source: ours; in Julia
any rule is a plain struct.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from mlj_keras.errors import InvalidArgument
from mlj_keras.models.params import param
from mlj_keras.optimisers.base import SHARED, LearningRate, Optimiser, canonical, plain, rate


def _check_rule(value: Any) -> type:
    if isinstance(value, type) and callable(getattr(value, "from_config", None)):
        return value
    raise InvalidArgument(
        f"must be a subclass of keras.optimizers.Optimizer, got {value!r}. Give the class itself."
    )


def _check_settings(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidArgument(f"must be a mapping of names to values, got {value!r}. Use a dict.")
    taken = [name for name in ("learning_rate", *SHARED) if name in value]
    if taken:
        raise InvalidArgument(
            f"holds {taken[0]!r}, which is a field of its own. Give {taken[0]}= beside settings."
        )
    try:
        canonical(value)
    except TypeError as error:
        raise InvalidArgument(
            f"must be plain data (numbers, strings, lists, dicts), got {dict(value)!r}: {error}. "
            "Let get_config return plain data."
        ) from error
    return value


def argument_names(rule: type) -> tuple[tuple[str, ...], bool]:
    """The names of the arguments of the class, and whether it takes any others by `**`."""
    parameters = inspect.signature(rule.__init__).parameters  # type: ignore[misc]  # of a class
    takes_any = any(item.kind is inspect.Parameter.VAR_KEYWORD for item in parameters.values())
    return tuple(parameters)[1:], takes_any


class KerasOptimiser(Optimiser):
    """An optimizer class of Keras or of your own, with its settings as data.

    Made for you when an instance of such a class is given as an optimiser; see as_optimiser.
    Hyper-parameters:
        learning_rate: float > 0, default 0.001, or a Keras schedule; may be given by position.
        rule: the subclass of keras.optimizers.Optimizer that does the work.
        settings: mapping, default empty; what get_config of the class adds to the settings that
            all optimizers share; plain data.
        The settings shared by all optimisers (clips, decay, moving average): see Optimiser.
    Raises: InvalidModelError for a rule that is no such class, or settings not of plain data.
    Example:
        >>> class Halving:                # stands for a subclass of keras.optimizers.Optimizer
        ...     def __init__(self, learning_rate):
        ...         self.learning_rate = learning_rate
        ...     @classmethod
        ...     def from_config(cls, config):
        ...         return cls(**config)
        >>> KerasOptimiser(0.5, rule=Halving).to_keras().learning_rate
        0.5

    Source: ours.
    """

    learning_rate: LearningRate = rate(0.001)
    rule: type = param(convert=_check_rule)
    settings: Mapping[str, Any] = param(factory=dict, convert=_check_settings)

    def to_keras(self) -> Any:
        """A new optimizer of the class `rule`, made by its from_config; not yet built.

        Raises: TypeError, from the class, if it does not take one of the settings.
        """
        config = {"learning_rate": self.learning_rate, **plain(self.settings)}
        names, takes_any = argument_names(self.rule)
        defaults = Optimiser(self.learning_rate)
        for name in SHARED:
            value = getattr(self, name)
            # A class without an argument for it can do without while the value is the usual one.
            if takes_any or name in names or value != getattr(defaults, name):
                config[name] = value
        return self.rule.from_config(config)  # type: ignore[attr-defined]  # checked by _check_rule
