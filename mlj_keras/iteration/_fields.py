"""The fields of an iterated model: their defaults, and what they may be. Knows controls and
strategies. Source: MLJIteration.jl, src/constructors.jl."""

from __future__ import annotations

from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.errors import ModelWarning
from mlj_keras.iteration.control import check_control, may_stop
from mlj_keras.iteration.controls.early_stopping import GL, InvalidValue, Patience
from mlj_keras.iteration.controls.limits import NumberLimit
from mlj_keras.iteration.controls.step import Step


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
