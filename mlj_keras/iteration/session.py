"""A session: the machines, losses and control states of an iterated model, from its start until it
ends or is cut off.

Knows runs, scoring, checkpoints; not the model that wraps. Source: MLJIteration.jl, src/core.jl.
"""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from typing import Any

from mlj_keras._logging import logger
from mlj_keras.iteration.loop import Progress, iterate
from mlj_keras.iteration.paused import PausedSession, paused_session
from mlj_keras.iteration.plain_states import plain_progress, put_progress
from mlj_keras.iteration.run import Kept, Run
from mlj_keras.iteration.scoring import Scoring
from mlj_keras.machine import Machine, Source
from mlj_keras.machine.checking import level_around
from mlj_keras.machine.checkpoint import Checkpoint, data_facts, in_words, is_first, model_facts
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.models.unfinished import finished
from mlj_keras.storage import locked, packed, remove_all, unpacked


@dataclasses.dataclass
class Session:
    """What a warm restart takes: how far it is, and where the data are."""

    progress: Progress
    sources: tuple[Source, ...]

    @property
    def run(self) -> Run:
        """The run."""
        return self.progress.run

    def copy(self) -> Session:
        """The same, to go on with; this one stays as it is."""
        return Session(self.progress.copy(), self.sources)

    def paused(self, owner: Any) -> PausedSession:
        """What a file can hold of it; `owner`: the model that it belongs to."""
        return paused_session(self.progress, finished(owner, "controls")[0].controls)


def begin(
    model: Any, parameter: str, data: tuple[Any, ...], plan: Any, n_controls: int
) -> Session:
    """A session that has not trained yet.

    Args: model: a copy to train · parameter: its iteration parameter · data: X, y and weights, if
        there are some · plan: (trial, strategy), or None without resampling.
    """
    sources = tuple(Source(each) for each in data)
    level = level_around()
    if plan is None:
        scoring, rows = None, [None]
    else:
        trial, strategy = plan
        scoring = Scoring.of(trial, strategy)
        rows = [train for train, _ in trial.pairs]
    machines = tuple(Machine(model, sources, scitype_check_level=level) for _ in rows)
    run = Run(model, parameter, machines, tuple(rows), scoring)
    return Session(Progress(run, [None] * n_controls), sources)


def go_on(session: Session, owner: Any, verbosity: int) -> None:
    """Iterate until a control of `owner` ends it; states are read from and written to the folders
    of Checkpoint controls.

    Raises: as `iterate`; CheckpointInUseError, ResumeMismatchError, MachineFileError.
    """
    checkpoints = checkpoints_of(owner)
    for each in checkpoints:
        each.check_folder()
    written = checkpoints if is_first(session.run.model) else []  # of a cluster, by one worker
    session.run.verbosity = max(verbosity - 1, 0) if verbosity > -1 else -1
    with contextlib.ExitStack() as stack:
        for checkpoint in written:
            stack.enter_context(locked(checkpoint.folder))
        belongs_to = _belongs_to(session, owner) if checkpoints else {}
        if checkpoints and not session.run.n_cycles and not session.run.machine.state:
            _resume(session, checkpoints, belongs_to, verbosity)

        def after_cycle(*, ended: bool) -> None:
            for checkpoint in written:
                if ended or session.run.n_cycles % checkpoint.every == 0:
                    _write(session.progress, owner, checkpoint, belongs_to)

        iterate(session.progress, owner.controls, verbosity, after_cycle)


def checkpoints_of(owner: Any) -> list[Checkpoint]:
    """The Checkpoint controls of a model."""
    return [each for each in owner.controls if isinstance(each, Checkpoint)]


def forget(owner: Any) -> None:
    """Remove the states in the folders of Checkpoint controls: the model begins anew."""
    for checkpoint in checkpoints_of(owner):
        if checkpoint.folder.is_dir():
            with locked(checkpoint.folder):
                remove_all(checkpoint.folder)


def _belongs_to(session: Session, owner: Any) -> dict[str, Any]:
    """What has to be the same for a session to go on."""
    words = {name: in_words(getattr(owner, name)) for name in owner.fields()}
    kept = ("retrain", "keep", "cache", "model")  # which say nothing of training, or are below
    controls = [in_words(each) for each in owner.controls if not isinstance(each, Checkpoint)]
    run = session.run
    return {
        "model": model_facts(run.model),
        "data": data_facts(*(source.inner for source in session.sources)),
        "controls": {str(number): text for number, text in enumerate(controls, start=1)},
        "iterated model": {n: v for n, v in words.items() if n not in (*kept, "controls")},
    }


def _resume(
    session: Session, checkpoints: list[Checkpoint], belongs_to: dict[str, Any], verbosity: int
) -> None:
    """Put the newest state of the folders, if there is one, into machines trained for no
    iteration."""
    found = [(c, f) for c in checkpoints if (f := c.read(belongs_to)) is not None]
    if not found:
        return
    checkpoint, (facts, arrays) = max(found, key=lambda each: each[1][0]["number"])
    run = session.run
    run.train_to(0)
    put_progress(session.progress, unpacked(facts["progress"], arrays))
    if verbosity > 0:
        logger.info("Going on from iteration %d of %s.", run.n_iterations, checkpoint.folder.name)


def _write(
    progress: Progress, owner: Any, checkpoint: Checkpoint, belongs_to: dict[str, Any]
) -> None:
    text, arrays = packed(plain_progress(progress, owner.controls))
    number = progress.run.n_iterations  # which grows, also when cycles are counted anew
    facts = {"number": number, "progress": text, "belongs_to": belongs_to}
    checkpoint.write(number, facts, arrays)


def chosen(session: Session, keep: str, snapshots: Any) -> tuple[Kept, TrainedModels]:
    """The state that the model keeps, and what it makes of it."""
    run = session.run
    last = run.kept()
    if keep == "snapshots" and snapshots:
        return last, averaged(last, *snapshots)
    kept = run.best if keep == "best" and run.best is not None else last
    return kept, TrainedModels(kept.trained[:1])


def averaged(last: Kept, how: str, states: tuple[Any, ...]) -> TrainedModels:
    """The average of states of the network."""
    model, outcome = last.trained[0]
    if how == "weights":
        states = (states[0].mean(states),)
    members = []
    for state in states:
        restored, trained = model.restore(outcome, state)
        bare = dataclasses.replace(restored, cache=None)
        members.append((copy.deepcopy(trained), bare))
    return TrainedModels(tuple(members))
