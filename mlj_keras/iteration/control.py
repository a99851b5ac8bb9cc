"""`Control`: what is done once a cycle while a model is iterated, and may end it.

Knows no control in particular. Source: IterationControl.jl, src/controls.jl (`update!`, `done`,
`takedown`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, runtime_checkable

from mlj_keras.models import Model

if TYPE_CHECKING:
    from mlj_keras.iteration.run import Run


@runtime_checkable
class ControlProtocol(Protocol):
    """What a control has to have; subclass `Control` to write only what differs."""

    def update(self, run: Run, verbosity: int, n: int, state: Any = None) -> Any:
        """The state after cycle n."""

    def done(self, state: Any) -> bool:
        """Whether iteration ends."""

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """What is reported in the end."""


@dataclasses.dataclass(frozen=True)
class Setting:
    """What is known before training: the model that is iterated, the path of the parameter that
    counts its iterations, and whether a part is held out for out-of-sample losses."""

    model: Any
    parameter: str
    resampled: bool

    @property
    def name(self) -> str:
        """The class of the model."""
        return type(self.model).__name__

    @property
    def has_training_losses(self) -> bool:
        """Whether the model reports some."""
        return bool(self.model.own_traits().supports_training_losses)

    @property
    def has_losses(self) -> bool:
        """Whether there will be any, out-of-sample or of training."""
        return self.resampled or self.has_training_losses


class Control(Model):
    """Base of the controls: hyper-parameters, and what happens in a cycle.

    For a control of your own, subclass it and write `update`; `done` if it may end iteration;
    `takedown` if there is something to report. A state is plain data (numbers, texts, None, lists,
    tuples, mappings, arrays), so that a checkpoint can hold it; the control itself holds none.

    Class attributes: trains: whether it trains, as Step does · stops: whether it may end
        iteration; by default, whether it defines `done`.
    Example:
        >>> class LossBelow(Control):
        ...     limit: float = 0.1
        ...     def update(self, run, verbosity, n, state=None):
        ...         return run.loss
        ...     def done(self, state):
        ...         return state < self.limit
        >>> LossBelow(limit=0.5).done(0.4), LossBelow.stops
        (True, True)

    Source: IterationControl.jl, src/controls.jl.
    """

    trains: ClassVar[bool] = False
    stops: ClassVar[bool] = False

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "stops" not in vars(cls) and "done" in vars(cls):
            cls.stops = True

    def update(self, run: Run, verbosity: int, n: int, state: Any = None) -> Any:
        """What is done in a cycle.

        Args: run: see Run · verbosity: as in `fit` · n: the number of the cycle, 1, 2, ... ·
            state: what was returned in the cycle before, None in the first.
        Returns: the state.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define update(self, run, verbosity, n, state=None)"
        )

    def done(self, state: Any) -> bool:
        """Whether iteration ends after this cycle."""
        return False

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """What the report says of it in the end; called once, also if iteration was cut off."""
        return {}

    def cut_off(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """What the report says of it where iteration was cut off, and may go on: as `takedown`,
        unless that ends something."""
        return self.takedown(verbosity, state)

    def plain(self, state: Any) -> Any:
        """The state as plain data, for a checkpoint; what is left out is made anew when `update`
        gets it back."""
        return state

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return f"{self!r} ended iteration"

    def may_stop(self) -> bool:
        """Whether this very instance may end iteration."""
        return type(self).stops

    def check_setting(self, setting: Setting) -> None:
        """Raise, before any training, if the control cannot be used.

        Args: setting: the model, its iteration parameter, and which losses there will be.
        """


def check_control(value: Any) -> Any:
    """A control as it is. Raises: TypeError for a class, and for what is none."""
    if isinstance(value, ControlProtocol) and not isinstance(value, type):
        return value
    given = f"the class {value.__name__}" if isinstance(value, type) else f"{value!r:.60}"
    raise TypeError(
        "must be a control such as Step(5), with update(run, verbosity, n, state), done(state) "
        f"and takedown(verbosity, state), got {given}"
    )


def may_stop(control: Any) -> bool:
    """Whether a control may end iteration."""
    if hasattr(control, "may_stop"):
        return bool(control.may_stop())
    return bool(getattr(control, "stops", True))


def ended(control: Any, verbosity: int, state: Any, *, cut_off: bool) -> dict[str, Any]:
    """What a control reports in the end, or where it was cut off."""
    end = getattr(control, "cut_off", control.takedown) if cut_off else control.takedown
    return dict(end(verbosity, state))


def plain_state(control: Any, state: Any) -> Any:
    """The state of a control as plain data."""
    return control.plain(state) if hasattr(control, "plain") else state


def message(control: Any, state: Any) -> str:
    """Why a control ended iteration."""
    if hasattr(control, "message"):
        return str(control.message(state))
    return f"{type(control).__name__} is done"


def check_setting(control: Any, setting: Setting) -> None:
    """What a control has against a setting, if it says so."""
    if hasattr(control, "check_setting"):
        control.check_setting(setting)
