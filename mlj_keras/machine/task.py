"""`Task`: a training that a machine has decided on, as a value that can be done anywhere.

Knows models; not machines, nor where it is done. Source: MLJBase.jl, src/machines.jl
(`fit_only!`).
"""

from __future__ import annotations

import dataclasses
from typing import Any

from mlj_keras.machine.checking import checking
from mlj_keras.machine.staleness import Action
from mlj_keras.models.interface import FitOutcome, PartialFit, as_outcome


@dataclasses.dataclass(frozen=True, eq=False)
class Done:
    """What became of a task.

    Args: outcome: what was learned · model: as it was trained · cause: what cut the training off,
        or None.
    """

    outcome: FitOutcome
    model: Any
    cause: BaseException | None = None


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """A training that is due.

    Args:
        action: to fit or to update · model: a copy of the machine's
        data: in the form that the model takes
        before: what was learned last, or None · old_model: as it was trained then
        positions: of the rows, None for all · upstream: the states of what they come from
        level: of scitype checks · said: whether warnings have been given before.
    """

    action: Action
    model: Any
    data: tuple[Any, ...]
    before: FitOutcome | None
    old_model: Any
    positions: Any
    upstream: tuple[Any, ...]
    level: int
    said: bool

    def run(self, verbosity: int) -> Done:
        """Train."""
        try:
            with checking(self.level, said=self.said):
                return Done(as_outcome(self._learned(verbosity)), self.model)
        except PartialFit as partial:
            return Done(partial.outcome, partial.model, partial.cause)

    def _learned(self, verbosity: int) -> Any:
        if self.action is Action.UPDATE:
            return self.model.update(verbosity, self.before, self.old_model, *self.data)
        if self.before is not None and type(self.model) is type(self.old_model):
            return self.model.refit(verbosity, self.before, self.old_model, *self.data)
        return self.model.fit(verbosity, *self.data)
