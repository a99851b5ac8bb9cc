"""What candidates have learned, in files beside a journal: so that those which train on after a
kill go on from where they were.

Knows folds, machines and archives. Source: ours.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import CheckpointWarning, MachineFileError
from mlj_keras.machine import Machine
from mlj_keras.machine.checkpoint import state_facts, state_from
from mlj_keras.models import FitOutcome
from mlj_keras.resampling.fold import Trial
from mlj_keras.storage import read_archive, write_archive

KIND = "state of a candidate"


@dataclasses.dataclass(frozen=True)
class States:
    """A folder with a file for each candidate."""

    folder: Path

    def write(self, candidate: int, trained: tuple[tuple[Any, FitOutcome], ...]) -> None:
        """Write what was learned in each fold, in place of what was written before; nothing, if
        the model has no state that could be written."""
        if not all(model.checkpoints for model, _ in trained):
            return
        states = [model.snapshot(outcome).network for model, outcome in trained]
        arrays = {
            f"{k}/{name}": array
            for k, state in enumerate(states)
            for name, array in state.arrays.items()
        }
        self.folder.mkdir(exist_ok=True)
        facts = {"folds": [state_facts(state) for state in states]}
        write_archive(self._path(candidate), KIND, facts, arrays)

    def read(self, candidate: int) -> tuple[MachineState, ...] | None:
        """The states of each fold, or None if there are none.

        Warns: CheckpointWarning for a file that cannot be read: the candidate begins anew.
        """
        try:
            facts, arrays = read_archive(self._path(candidate), KIND)
        except FileNotFoundError:
            return None
        except MachineFileError as error:
            warn(f"{error} Candidate {candidate} trains from the start.", CheckpointWarning)
            return None
        found = []
        for k, each in enumerate(facts["folds"]):
            own = {n.partition("/")[2]: a for n, a in arrays.items() if n.startswith(f"{k}/")}
            found.append(state_from(each, own))
        return tuple(found)

    def remove(self) -> None:
        """Remove all of them."""
        for path in self.folder.glob("*.state"):
            path.unlink(missing_ok=True)

    def _path(self, candidate: int) -> Path:
        return self.folder / f"{candidate:06d}.state"


def put_into(trial: Trial, k: int, state: MachineState) -> tuple[Any, FitOutcome]:
    """A model that has learned a state in fold k, and what it learned."""
    parameter = trial.model.own_traits().iteration_parameter
    model = trial.model.replace({parameter: 0})
    mach = Machine(model, trial.args, cache=False, scitype_check_level=trial.check_level)
    mach.fit(rows=trial.pairs[k][0], verbosity=trial.verbosity)
    model, outcome = mach.trained("restore")
    restored, model = model.restore(outcome, state)
    return model, restored
