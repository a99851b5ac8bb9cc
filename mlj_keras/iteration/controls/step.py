"""`Step`: train. Source: IterationControl.jl, src/controls.jl, `Step`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras.iteration.control import Control
from mlj_keras.models import param


class Step(Control):
    """Train n more iterations, in one call, and take the loss.

    Hyper-parameters: n (positional): int >= 1, default 5. Controls after it in the list see the
        new loss.
    Report: new_iterations, in all.
    Example:
        >>> Step(2)
        Step(n=2)

    Source: IterationControl.jl, src/controls.jl. (The tables of MLJ say that n is 1 by default;
        its code says 5, and so do we.)
    """

    trains: ClassVar[bool] = True

    n: int = param(5, kind=int, ge=1, positional=True)

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> dict[str, int]:
        """Train."""
        run.train(self.n)
        done = 0 if state is None else state["new_iterations"]
        return {"new_iterations": done + run.new_iterations}

    def takedown(self, verbosity: int, state: Any) -> Mapping[str, Any]:
        """The iterations trained."""
        return dict(state or {"new_iterations": 0})
