"""The fields of an iterated model: their defaults, what they may be, and the mark of an iteration
that was cut off. Knows controls and strategies. Source: MLJIteration.jl, src/constructors.jl."""

from __future__ import annotations

import copy
from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.errors import ModelWarning
from mlj_keras.iteration.control import check_control, may_stop
from mlj_keras.iteration.controls.early_stopping import GL, InvalidValue, Patience
from mlj_keras.iteration.controls.limits import NumberLimit
from mlj_keras.iteration.controls.step import Step


class _Unfinished:
    """Stands at the end of the controls of a model whose iteration was cut off; equal to another
    one, as when it comes back from another process."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unfinished)

    def __hash__(self) -> int:
        return hash(_Unfinished)


UNFINISHED = _Unfinished()


def default_controls() -> tuple[Any, ...]:
    """None of them depends on the clock."""
    return Step(1), Patience(5), GL(), NumberLimit(100), InvalidValue()


def check_controls(value: Any) -> tuple[Any, ...]:
    """Controls of which one trains and one ends it.

    Raises: TypeError for what is no control; ValueError if none ends iteration. Warns:
        ModelWarning if none trains: Step(1) is added.
    """
    controls = tuple(value) if isinstance(value, list | tuple) else (value,)
    controls = tuple(map(check_control, controls))
    if not any(getattr(control, "trains", False) for control in controls):
        warn(
            "No control trains: Step(1) is put before the others. Say so yourself: "
            "controls=[Step(1), ...].",
            ModelWarning,
        )
        controls = (Step(1), *controls)
    if not any(map(may_stop, controls)):
        raise ValueError(
            f"none of the controls {list(controls)!r} ends iteration. Add one, such as "
            "NumberLimit(100) or Patience(5)"
        )
    return controls


def finished(model: Any) -> tuple[Any, bool]:
    """The model without the mark of an iteration that was cut off, and whether it had it."""
    if model.controls[-1:] != (UNFINISHED,):
        return model, False
    whole = copy.copy(model)
    object.__setattr__(whole, "controls", model.controls[:-1])
    return whole, True
