"""Controls that say or do something: `Info`, `Warn`, `Error`, `Callback`. Source:
IterationControl.jl, src/controls.jl."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np

from mlj_keras._logging import logger
from mlj_keras.iteration.control import Control
from mlj_keras.models import param
from mlj_keras.models.representation import show_value


def check_function(value: Any) -> Callable[..., Any]:
    """A function as it is. Raises: TypeError for anything else."""
    if callable(value) and not isinstance(value, type):
        function: Callable[..., Any] = value
        return function
    raise TypeError(f"must be a function, got {value!r:.60}")


def check_text(value: Any) -> Any:
    """A text, or a function that gives one. Raises: TypeError for anything else."""
    return value if isinstance(value, str) else check_function(value)


def _text(f: Any, machine: Any) -> str:
    return f if isinstance(f, str) else str(f(machine))


class Info(Control):
    """Log something about the machine, if verbosity > 0.

    Hyper-parameters: f (positional): a function of the machine that is trained, default its repr.
    Example:
        >>> import mlj_keras as mlj
        >>> Info(lambda mach: mlj.training_losses(mach)[-1]).stops
        False

    Source: IterationControl.jl, src/controls.jl.
    """

    f: Any = param(repr, convert=check_function, positional=True)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> None:
        """Log it."""
        if verbosity > 0:
            logger.info("%s", self.f(run.machine))


class Warn(Control):
    """Log a warning whenever a predicate is true.

    Hyper-parameters:
        predicate (positional): a function of the run (see Run), such as lambda run: run.loss > 1
        f: a text, or a function of the machine that gives one; default none.
    Report: warnings, the texts.
    Example:
        >>> Warn(lambda run: run.loss > 1, f="The loss is large.").stops
        False

    Source: IterationControl.jl, src/controls.jl.
    """

    predicate: Any = param(convert=check_function, positional=True)
    f: Any = param("", convert=check_text)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Look, and warn."""
        said = () if state is None else state["warnings"]
        if not self.predicate(run):
            return {"warnings": said}
        text = _text(self.f, run.machine)
        if verbosity > -1:
            logger.warning("%s", text)
        return {"warnings": (*said, text)}

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """The warnings."""
        return {"warnings": () if state is None else tuple(state["warnings"])}


class Error(Control):
    """End iteration, or raise, when a predicate is true.

    Hyper-parameters:
        predicate (positional): a function of the run (see Run)
        f: a text, or a function of the machine that gives one; logged as an error
        exception: an exception to raise at once; None (default): iteration ends after the cycle.
    Report: done, log.
    Example:
        >>> Error(lambda run: run.loss > 9, f="The loss explodes.").stops
        True

    Source: IterationControl.jl, src/controls.jl.
    """

    raises: ClassVar[bool] = True

    predicate: Any = param(convert=check_function, positional=True)
    f: Any = param("", convert=check_text)
    exception: Any = param(None)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Look, and log or raise."""
        if not self.predicate(run):
            return {"done": False, "log": ""}
        text = _text(self.f, run.machine)
        if verbosity > -1:
            logger.error("%s", text)
        if self.exception is not None:
            raise self.exception(text) if isinstance(self.exception, type) else self.exception
        return {"done": True, "log": text}

    def done(self, state: Any) -> bool:
        """Whether it was true."""
        return bool(state) and bool(state["done"])

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """Whether it ended iteration, and the text."""
        return dict(state or {"done": False, "log": ""})

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return state["log"] or "Error ended it"


class FunctionControl(Control):
    """Base of the controls that call a function, and may end iteration if it gives True."""

    stops: ClassVar[bool] = True

    f: Any = param(None, optional=True, convert=check_function, positional=True)
    stop_if_true: bool = param(False, kind=bool)
    stop_message: str | None = param(None, kind=str, optional=True)

    def of_run(self, run: Any, n: int) -> Any:
        """What the function is called with."""
        raise NotImplementedError(f"{type(self).__name__} must define of_run(self, run, n)")

    def kept(self, value: Any) -> dict[str, Any]:
        """What is reported of it."""
        return {}

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, Any]:
        """Call the function; without one, log the value."""
        value = self.of_run(run, n)
        result = None
        if self.f is not None:
            result = self.f(value)
        elif verbosity > 0:
            logger.info("%s: %s", type(self).__name__, value)
        # A function that gives no bool, such as a count, was not meant to end anything.
        done = self.stop_if_true and isinstance(result, bool | np.bool_) and bool(result)
        return {**self.kept(value), "done": done}

    def done(self, state: Any) -> bool:
        """Whether the function said so."""
        return bool(state) and bool(state["done"])

    def may_stop(self) -> bool:
        """Whether the function may."""
        return bool(self.stop_if_true)

    def message(self, state: Any) -> str:
        """Why it ended iteration."""
        return self.stop_message or f"Stop triggered by a `{type(self).__name__}` control."

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """What was kept, whether it ended iteration, and why."""
        found = dict(state or {"done": False})
        return {**found, "log": self.message(state) if found["done"] else ""}


class Callback(FunctionControl):
    """Call a function of the machine.

    Hyper-parameters:
        f (positional): a function of the machine that is trained; with raw=True of the run, see
            Run, which may train and be changed
        stop_if_true: end iteration if it gives True, default False
        stop_message: what is said then, or None · raw: default False.
    Report: done, log.
    Example:
        >>> Callback(lambda run: run.loss < 0.1, raw=True, stop_if_true=True).may_stop()
        True

    Source: IterationControl.jl, src/controls.jl.
    """

    raw: bool = param(False, kind=bool)

    def of_run(self, run: Any, n: int) -> Any:
        """The machine, or the run."""
        return run if self.raw else run.machine

    def __repr__(self) -> str:
        return f"Callback({show_value(self.f)})"
