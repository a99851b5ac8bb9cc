"""Controls around others: `skip`, `louder`, `debug`, `composite`. Source: IterationControl.jl,
src/wrapped_controls.jl and src/composite_controls.jl."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mlj_keras._logging import logger
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration.control import (
    Control,
    Setting,
    check_control,
    check_setting,
    ended,
    may_stop,
    message,
    plain_state,
)
from mlj_keras.iteration.controls.actions import check_function
from mlj_keras.iteration.controls.criterion import Criterion
from mlj_keras.models import param


class WrappedControl(Control):
    """Base of the controls around one other."""

    control: Any = param(positional=True, convert=check_control)

    @property
    def trains(self) -> bool:  # type: ignore[override]  # as the control
        """Whether the control trains."""
        return bool(getattr(self.control, "trains", False))

    @property
    def raises(self) -> bool:
        """Whether what the control raises is meant."""
        return bool(getattr(self.control, "raises", False))

    def may_stop(self) -> bool:
        """As the control."""
        return may_stop(self.control)

    def done(self, state: Any) -> bool:
        """As the control."""
        return bool(self.control.done(state))

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """As the control."""
        found: Mapping[str, Any] = self.control.takedown(verbosity, state)
        return found

    def cut_off(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """As the control."""
        return ended(self.control, verbosity, state, cut_off=True)

    def plain(self, state: Any) -> Any:
        """As the control."""
        return plain_state(self.control, state)

    def message(self, state: Any) -> str:
        """As the control."""
        return message(self.control, state)

    def check_setting(self, setting: Setting) -> None:
        """As the control."""
        check_setting(self.control, setting)


def _check_predicate(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        if value < 1:
            raise ValueError(f"must be an int of 1 or more, or a function, got {value}")
        return value
    return check_function(value)


class Skip(WrappedControl):
    """A control that is applied in some cycles only; see `skip`."""

    predicate: Any = param(convert=_check_predicate)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        """Apply it, or not."""
        every = self.predicate
        wanted = n % every == 0 if isinstance(every, int) else bool(every(n))
        return self.control.update(run, verbosity + 1, n, state) if wanted else state

    def done(self, state: Any) -> bool:
        """As the control, once it has been applied."""
        return state is not None and super().done(state)

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """As the control, if it has been applied."""
        return {} if state is None else super().takedown(verbosity, state)

    def cut_off(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """As the control, if it has been applied."""
        return {} if state is None else super().cut_off(verbosity, state)

    def plain(self, state: Any) -> Any:
        """As the control, if it has been applied."""
        return None if state is None else super().plain(state)


class Louder(WrappedControl):
    """A control that is told a higher verbosity; see `louder`."""

    by: int = param(1, kind=int)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        """Apply it."""
        return self.control.update(run, verbosity + self.by, n, state)

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """As the control, told the higher verbosity."""
        return super().takedown(verbosity + self.by, state)

    def cut_off(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """As `takedown`."""
        return super().cut_off(verbosity + self.by, state)


class Debug(WrappedControl):
    """A control whose state is shown after each cycle; see `debug`."""

    f: Any = param(None, optional=True, convert=check_function)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> Any:
        """Apply it, and show its state."""
        state = self.control.update(run, verbosity, n, state)
        if self.f is not None:
            self.f(state)
        elif verbosity > 0:
            logger.info("state of %r: %r", self.control, state)
        return state


class Composite(Control):
    """Several controls as one; see `composite`."""

    controls: Any = param(())

    @property
    def trains(self) -> bool:  # type: ignore[override]  # as the controls
        """Whether one of them trains."""
        return any(getattr(control, "trains", False) for control in self.controls)

    @property
    def raises(self) -> bool:
        """Whether what one of them raises is meant."""
        return any(getattr(control, "raises", False) for control in self.controls)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> tuple[Any, ...]:
        """Apply all, in their order."""
        states = (None,) * len(self.controls) if state is None else state
        pairs = zip(self.controls, states, strict=True)
        return tuple(control.update(run, verbosity, n, own) for control, own in pairs)

    def done(self, state: Any) -> bool:
        """Whether one is."""
        return any(control.done(own) for control, own in self._pairs(state))

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """What they report: pairs of a control and what it reports."""
        return self._ended(verbosity, state, cut_off=False)

    def cut_off(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """As `takedown`."""
        return self._ended(verbosity, state, cut_off=True)

    def _ended(self, verbosity: int, state: Any, *, cut_off: bool) -> Mapping[str, Any]:
        pairs = self._pairs(state)
        return {
            "controls": tuple((c, ended(c, verbosity, own, cut_off=cut_off)) for c, own in pairs)
        }

    def plain(self, state: Any) -> Any:
        """As each."""
        return state and tuple(plain_state(control, own) for control, own in self._pairs(state))

    def message(self, state: Any) -> str:
        """Why one of them ended iteration."""
        return next((message(c, own) for c, own in self._pairs(state) if c.done(own)), "")

    def may_stop(self) -> bool:
        """Whether one may."""
        return any(may_stop(control) for control in self.controls)

    def check_setting(self, setting: Setting) -> None:
        """As each."""
        for control in self.controls:
            check_setting(control, setting)

    def _pairs(self, state: Any) -> list[tuple[Any, Any]]:
        states = (None,) * len(self.controls) if state is None else state
        return list(zip(self.controls, states, strict=True))


def skip(control: Any, predicate: int | Callable[[int], bool] = 1) -> Skip:
    """A control that is applied in some cycles only, and then told a verbosity higher by 1.

    Args: control: such as Save("m.state") · predicate: k, for each k-th cycle, or a function of
        the number of the cycle.
    Returns: a control. Raises: InvalidModelError for what is no control or predicate.
    Example:
        >>> from mlj_keras.iteration import Step
        >>> skip(Step(1), predicate=3)
        Skip(control=Step(n=1), predicate=3)

    Source: IterationControl.jl, src/wrapped_controls.jl. Deviation: a function may decide, as its
        documentation says.
    """
    return Skip(control, predicate=predicate)


def louder(control: Any, by: int = 1) -> Louder:
    """A control that is told a higher verbosity, so that it says what it else keeps to itself.

    Args: control · by: int, by how much.
    Returns: a control. Raises: InvalidModelError for what is none.
    Example:
        >>> from mlj_keras.iteration import Info
        >>> louder(Info(), by=2).by
        2

    Source: IterationControl.jl, src/wrapped_controls.jl.
    """
    return Louder(control, by=by)


def debug(control: Any, f: Callable[[Any], Any] | None = None) -> Debug:
    """A control whose state is shown in each cycle.

    Args: control · f: a function of the state; None: it is logged, if verbosity > 0.
    Returns: a control. Raises: InvalidModelError for what is none.
    Example:
        >>> from mlj_keras.iteration import Patience
        >>> debug(Patience(2), f=print).may_stop()
        True

    Source: IterationControl.jl, src/wrapped_controls.jl, `with_state_do`.
    """
    return Debug(control, f=f)


def composite(*controls: Any) -> Composite:
    """Several controls as one, applied in their order; an equal criterion counts once.

    Args: controls. Returns: a control. Raises: InvalidModelError for what is none.
    Example:
        >>> from mlj_keras.iteration import GL, Patience, Step
        >>> composite(Step(2), Patience(3), GL(), Patience(3))
        Composite(controls=(Step(n=2), Patience(n=3), GL()))

    Source: IterationControl.jl, src/composite_controls.jl.
    """
    kept: list[Any] = []
    for control in controls:
        try:
            check_control(control)
        except TypeError as error:
            raise InvalidModelError(f"A control of composite {error}.") from None
        if not (isinstance(control, Criterion) and control in kept):
            kept.append(control)
    return Composite(controls=tuple(kept))
