"""The cycle: every control in its order, then whether one of them ends it.

Knows controls and runs. Source: IterationControl.jl, src/train.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from mlj_keras._logging import logger
from mlj_keras.errors import ControlError
from mlj_keras.iteration.control import ended, message
from mlj_keras.iteration.run import Run
from mlj_keras.models.representation import show_value


@dataclasses.dataclass
class Progress:
    """A run, what its controls have noted, and which of them is next in the cycle under way."""

    run: Run
    states: list[Any]
    place: int = 0

    def copy(self) -> Progress:
        """The same, to go on with."""
        return Progress(self.run.copy(), list(self.states), self.place)


def iterate(
    progress: Progress,
    controls: Sequence[Any],
    verbosity: int,
    after_cycle: Callable[..., None],
) -> None:
    """Cycle until a control is done; `after_cycle(ended=...)` is called when a cycle is whole, and
    told whether it is the last.

    Raises: ControlError for a control that fails; what training raises; NonFiniteLossError if the
        loss became NaN and no control ended it.
    """
    run = progress.run
    stoppers = _stoppers(progress, controls)
    while not stoppers:
        number = run.n_cycles + 1
        while progress.place < len(controls):
            _apply(controls[progress.place], progress, verbosity, number)
            progress.place += 1
        run.n_cycles, progress.place = number, 0
        stoppers = _stoppers(progress, controls)
        if run.failure is not None and not stoppers:
            raise run.failure
        after_cycle(ended=bool(stoppers))
    if verbosity > 0:
        for control, state in stoppers:
            logger.info("Iteration ends: %s", message(control, state))


def take_down(
    progress: Progress, controls: Sequence[Any], verbosity: int, *, cut_off: bool = False
) -> tuple[tuple[Any, dict[str, Any]], ...]:
    """What each control reports; if iteration was cut off, also one that fails.

    Raises: ControlError for a control that fails.
    """
    pairs = zip(controls, progress.states, strict=True)
    return tuple((c, _taken_down(c, state, verbosity, cut_off=cut_off)) for c, state in pairs)


def _taken_down(control: Any, state: Any, verbosity: int, *, cut_off: bool) -> dict[str, Any]:
    try:
        return ended(control, verbosity, state, cut_off=cut_off)
    except Exception as error:  # whatever a user's function raises
        said = f"{type(error).__name__}: {str(error).rstrip('.')}"
        if cut_off:  # by another error, which is more to the point
            return {"failed": said}
        raise ControlError(
            f"The control {show_value(control)} failed when iteration had ended: {said}. What was "
            "learned is kept."
        ) from error


def _stoppers(progress: Progress, controls: Sequence[Any]) -> list[tuple[Any, Any]]:
    """The controls that end it, if a cycle is whole."""
    if progress.place or not progress.run.n_cycles:
        return []
    pairs = zip(controls, progress.states, strict=True)
    return [(control, state) for control, state in pairs if control.done(state)]


def _apply(control: Any, progress: Progress, verbosity: int, number: int) -> None:
    run, place = progress.run, progress.place
    try:
        progress.states[place] = control.update(run, verbosity, number, progress.states[place])
    except Exception as error:  # whatever a user's function raises
        if getattr(control, "trains", False) or getattr(control, "raises", False):
            raise
        raise ControlError(
            f"The control {show_value(control)} failed in cycle {number}, at iteration "
            f"{run.n_iterations}: {type(error).__name__}: {str(error).rstrip('.')}. What was "
            "learned until then is kept: mend or drop the control, and call fit again to go on."
        ) from error
