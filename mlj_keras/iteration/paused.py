"""`PausedSession`: how far an iteration is, as a value without data, that a file can hold.

Of whole models and what they have learned; `plain_states` has the same as arrays and numbers, for
checkpoints of a fit whose models are at hand. Knows runs and their progress. Source: ours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.iteration.control import plain_state
from mlj_keras.iteration.loop import Progress
from mlj_keras.iteration.run import Kept, Run
from mlj_keras.machine.machine import continued
from mlj_keras.models import FitOutcome, Model
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class PausedSession:
    """What a session has come to, without its data.

    Args:
        model: that is trained · counts: cycles, iterations, iterations of the last training, and
            the place in the cycle under way · losses, iterations: where losses were taken ·
            training_losses: of the last training, or None · trained: of each machine its model,
            and what it has learned · best: the best state, or None · states: of the controls ·
            pairs: of rows, to train and to measure on, None where all are trained on.
    """

    model: Model
    counts: tuple[int, int, int, int]
    losses: list[float]
    iterations: list[int]
    training_losses: list[float] | None
    trained: tuple[tuple[Any, FitOutcome], ...]
    best: Kept | None
    states: list[Any]
    pairs: tuple[tuple[np.ndarray, np.ndarray], ...] | None

    def paused(self, owner: Any) -> PausedSession:
        """Itself."""
        return self


def paused_session(progress: Progress, controls: Sequence[Any]) -> PausedSession:
    """How far an iteration is, as a value; `controls`: those of its model."""
    run = progress.run
    states = zip(controls, progress.states, strict=True)
    return PausedSession(
        run.model,
        (run.n_cycles, run.n_iterations, run.new_iterations, progress.place),
        list(run.losses),
        list(run.iterations),
        run.training_losses,
        run.kept().trained,
        run.best,
        [plain_state(control, state) for control, state in states],
        None if run.scoring is None else run.scoring.trial.pairs,
    )


def plan_with_rows(held: PausedSession, plan: Any) -> Any:
    """A plan, (trial, strategy), with the rows that an iteration had."""
    if plan is None or held.pairs is None:
        return plan
    trial, strategy = plan
    return dataclasses.replace(trial, pairs=held.pairs), strategy


def resumed_progress(held: PausedSession, run: Run) -> Progress:
    """A run that has just begun, gone on to where another was.

    Raises: ValueError if it is of other folds.
    """
    run.model = held.model.replace({})
    run.n_cycles, run.n_iterations, run.new_iterations, place = held.counts
    run.losses, run.iterations = list(held.losses), list(held.iterations)
    run.training_losses, run.best = held.training_losses, held.best
    run.model.set(run.parameter, run.n_iterations)
    known = zip(run.machines, run.rows, held.trained, strict=True)
    for machine, rows, (model, outcome) in known:
        machine.model = run.model
        continued(machine, model, outcome, rows)
    return Progress(run, list(held.states), place)
