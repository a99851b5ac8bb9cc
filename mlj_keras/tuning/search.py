"""`Search`: candidates that are proposed, trained and measured, one wave after the other.

All candidates see the same rows. Whatever has been measured before, in this process or in a
journal, is told to the strategy again and not trained again. Knows strategies, trials and where
they run. Source: MLJTuning.jl, src/tuned_models.jl (`build!`).
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlj_keras._logging import logger
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import InvalidModelError, ResumeMismatchError, WorkerLostError
from mlj_keras.machine import Machine
from mlj_keras.machine.checkpoint import in_words
from mlj_keras.models import Model
from mlj_keras.parallel import CPU1
from mlj_keras.parallel.jobs import run_jobs
from mlj_keras.resampling.evaluation import evaluation_of
from mlj_keras.resampling.fold import Fold, Trial, fold_of
from mlj_keras.resampling.plan import Options, trial_for
from mlj_keras.tuning.entry import Entry, signed
from mlj_keras.tuning.job import Job
from mlj_keras.tuning.paused import PausedSearch
from mlj_keras.tuning.space import Space
from mlj_keras.tuning.states import put_into
from mlj_keras.tuning.strategy import Proposal, Result, TuningStrategy, room_for

Trained = tuple[Any, ...]  # of each fold its model and what it learned, or a MachineState


# How a search ends: there are as many candidates as asked for, no more are proposed, or the time
# is over.
DONE, SUPPLY, TIME = "done", "supply", "time"
# Failures that say nothing of a candidate: another process may have more memory.
_PASSING = (MemoryError, OSError, WorkerLostError)


@dataclasses.dataclass(frozen=True)
class Conditions:
    """How a search runs; nothing of it changes what is found.

    Args: acceleration, acceleration_resampling: of all jobs; of the folds of a candidate ·
        deadline: a time as of time.time(), after which no candidate begins · compact: whether
        evaluations keep no trained models · record: called with each job that is done · learned:
        what a candidate had learned in each fold before this process, or None · watch: called with
        all entries and the latest, as often as record.
    """

    acceleration: Any = CPU1()
    acceleration_resampling: Any = CPU1()
    deadline: float = math.inf
    compact: bool = True
    record: Callable[[Job], None] = lambda job: None
    learned: Callable[[int], Trained | None] = lambda candidate: None
    watch: Callable[[list[Entry], Entry], None] = lambda entries, latest: None


@dataclasses.dataclass
class Search:
    """What is searched, how it is measured, and what has been found.

    Args: space, strategy · seed: of the strategy · trial: of the model of the space · options:
        that it was made of · resampling: the strategy of the rows · goals: how many candidates
        there were to be in the fits so far · jobs: what has been done, by candidate and
        iterations · error: what the first candidate that failed in this process raised.
    """

    space: Space
    strategy: TuningStrategy
    seed: int
    trial: Trial
    options: Options
    resampling: Any
    goals: list[int] = dataclasses.field(default_factory=list)
    jobs: dict[tuple[int, int | None], Job] = dataclasses.field(default_factory=dict)
    _entries: dict[int, Entry] = dataclasses.field(default_factory=dict)
    _trained: dict[int, Trained] = dataclasses.field(default_factory=dict)
    _losses: dict[tuple[int, int | None], float] = dataclasses.field(default_factory=dict)
    error: BaseException | None = None

    @property
    def entries(self) -> list[Entry]:
        """The candidates, by their numbers; each as it was at its best."""
        return [self._entries[index] for index in sorted(self._entries)]

    def copy(self) -> Search:
        """The same, to go on with; this one stays as it is."""
        new = dataclasses.replace(self, goals=list(self.goals), jobs=dict(self.jobs))
        new._entries, new._trained = dict(self._entries), dict(self._trained)
        new._losses = dict(self._losses)
        return new

    def paused(self, owner: Any) -> PausedSearch:
        """What a file can hold of it."""
        return PausedSearch.of(self.seed, self.goals, self.jobs.values())

    def resumed(self, held: PausedSearch) -> Search:
        """Itself, which has just begun, as far as one was that has been in a file."""
        self.seed, self.goals = held.seed, list(held.goals)
        self.jobs = {job.key: job for job in held.jobs}
        return self

    def go_on(self, n: int, conditions: Conditions) -> str:
        """Try candidates until there are n, or no more are proposed, or the time is over; which of
        the three it was.

        Raises: ResumeMismatchError if something else was measured before than is proposed now;
            InvalidModelError for a strategy that proposes more than it may; KeyboardInterrupt,
            with what is done kept.
        """
        if not self.goals or self.goals[-1] < n:
            self.goals.append(n)
        searcher = self.strategy.start(self.space, self.seed)
        begun = 0
        for goal in self.goals:
            while proposals := self._asked(searcher, max(goal - begun, 0)):
                whole = len(proposals)
                proposals = self._capped(proposals, n - begun)
                numbers = self._numbered(proposals, begun)
                begun += room_for(proposals)
                if not self._try(proposals, numbers, conditions):
                    return TIME
                if len(proposals) < whole:  # an earlier fit was to have more candidates
                    return DONE
                searcher.tell(self._results(proposals, numbers))
        return DONE if begun >= n else SUPPLY

    def _asked(self, searcher: Any, room: int) -> list[Proposal]:
        proposals = list(searcher.ask(room))
        if room_for(proposals) > room:
            raise InvalidModelError(
                f"{type(self.strategy).__name__} proposes {room_for(proposals)} new candidates, "
                f"and there is room for {room}. Its `ask(room)` may give at most that many."
            )
        return proposals

    def _capped(self, proposals: Sequence[Proposal], room: int) -> list[Proposal]:
        """Those up to the one that there is no room for any more."""
        kept = []
        for proposal in proposals:
            room -= proposal.candidate is None
            if room < 0:
                break
            kept.append(proposal)
        return kept

    def _numbered(self, proposals: Sequence[Proposal], begun: int) -> list[int]:
        numbers = []
        for proposal in proposals:
            numbers.append(begun if proposal.candidate is None else proposal.candidate)
            begun += proposal.candidate is None
        return numbers

    def _results(self, proposals: Sequence[Proposal], numbers: Sequence[int]) -> list[Result]:
        return [
            Result(proposal, number, self._losses[number, proposal.iterations])
            for proposal, number in zip(proposals, numbers, strict=True)
        ]

    def _try(
        self, proposals: Sequence[Proposal], numbers: Sequence[int], conditions: Conditions
    ) -> bool:
        """Measure what has not been measured; False if the time was over before."""
        waiting: list[_Part] = []
        for proposal, number in zip(proposals, numbers, strict=True):
            words = _words(proposal)
            done = self.jobs.get((number, proposal.iterations))
            if done is not None:
                self._check_same(done, words)
                self._enter(done, proposal)
                continue
            try:
                trial = self._trial_of(proposal, keeps=not conditions.compact)
            except Exception as error:  # whatever a model of the user's own raises
                job = self._failed(Job(number, proposal.iterations, words), error)
                self._finish(job, proposal, conditions)
                continue
            begun = None
            if proposal.candidate is not None:
                begun = self._trained.get(number) or conditions.learned(number)
            waiting.append(_Part(proposal, number, words, trial, begun))
        self._run(waiting, conditions)
        return all(number in self._entries for number in numbers) and all(
            (part.number, part.proposal.iterations) in self.jobs for part in waiting
        )

    def _check_same(self, done: Job, words: Mapping[str, str]) -> None:
        if dict(done.words) != dict(words):
            raise ResumeMismatchError(
                f"Candidate {done.candidate} was {_shown(done.words)} before, and is proposed as "
                f"{_shown(words)} now: the strategy does not propose the same again. Give it a "
                "seed, or begin anew with fit(mach, force=True)."
            )

    def model_of(self, proposal: Proposal) -> Any:
        """The model that is proposed."""
        model = proposal.model
        if model is None:
            inward = sorted(proposal.values, key=lambda path: path.count("."))  # parts come last
            values = {path: _copied(proposal.values[path]) for path in inward}
            model = self.space.model.replace(values)
        if proposal.iterations is not None:
            model = model.replace({model.own_traits().iteration_parameter: proposal.iterations})
        return model

    def _trial_of(self, proposal: Proposal, *, keeps: bool) -> Trial:
        model = self.model_of(proposal)
        trial = self.trial_of(model)
        return dataclasses.replace(trial, keeps=keeps or proposal.iterations is not None)

    def trial_of(self, model: Any) -> Trial:
        """A trial of a model, on the rows of all others.

        Raises: as `trial_for`, for a model of another class whose predictions do not suit the
            measures.
        """
        pairs = self.trial.pairs
        if _predicts_alike(model, self.space.model):
            settled = copy.deepcopy(model).settled(max(len(train) for train, _ in pairs))
            return dataclasses.replace(self.trial, model=settled)
        given = dataclasses.replace(self.options, measures=self.trial.measures)
        level = self.trial.check_level
        mach = Machine(model, self.trial.args, scitype_check_level=level)
        return trial_for(mach, pairs, given)

    def _run(self, parts: Sequence[_Part], conditions: Conditions) -> None:
        """Train and measure parts: all of them side by side, or one after the other with their
        folds side by side."""
        one_by_one = conditions.acceleration_resampling != CPU1()
        where = conditions.acceleration_resampling if one_by_one else conditions.acceleration
        size = 1 if one_by_one else max(len(parts), 1)
        if not one_by_one and math.isfinite(conditions.deadline):  # looked at between groups
            size = getattr(where, "n_workers", 1 if where == CPU1() else os.cpu_count() or 1)
        for first in range(0, len(parts), size):
            if time.time() > conditions.deadline:
                return
            group = parts[first : first + size]
            payload = tuple((part.trial, part.begun) for part in group)
            n_folds = len(self.trial.pairs)
            jobs = tuple((i, k) for i in range(len(group)) for k in range(n_folds))
            work = functools.partial(_run_job, jobs=jobs)
            found: dict[int, dict[int, Any]] = {i: {} for i in range(len(group))}
            for outcome in run_jobs(work, payload, len(jobs), where):
                i, k = jobs[outcome.index]
                found[i][k] = outcome
                if len(found[i]) == n_folds:
                    outcomes = [found[i].pop(fold) for fold in range(n_folds)]
                    self._done(group[i], outcomes, conditions)

    def _done(self, part: _Part, outcomes: Sequence[Any], conditions: Conditions) -> None:
        errors = [outcome.error for outcome in outcomes if outcome.error is not None]
        job = Job(part.number, part.proposal.iterations, part.words)
        if errors:
            job = self._failed(job, errors[0])
        else:
            job = dataclasses.replace(job, folds=tuple(outcome.result for outcome in outcomes))
        self._finish(job, part.proposal, conditions)

    def _failed(self, job: Job, error: BaseException) -> Job:
        self.error = self.error or error
        logger.debug("Candidate %d failed.", job.candidate, exc_info=error)
        lasting = not isinstance(error, _PASSING)
        return dataclasses.replace(job, failure=_reason(error), lasting=lasting)

    def _finish(self, job: Job, proposal: Proposal, conditions: Conditions) -> None:
        if proposal.iterations is not None and job.folds:
            self._trained[job.candidate] = tuple(fold.trained for fold in job.folds)
        conditions.record(job)
        if conditions.compact:
            bare = tuple(dataclasses.replace(fold, trained=None) for fold in job.folds)
            job = dataclasses.replace(job, folds=bare)
        self.jobs[job.key] = job
        self._enter(job, proposal)
        conditions.watch(self.entries, self._entries[job.candidate])

    def _enter(self, job: Job, proposal: Proposal) -> None:
        """Make the entry of a job, unless its candidate was better before: a state in which a
        candidate has been measured is a model like any other, and training on may spoil it."""
        entry = self._entry(job, proposal)
        self._losses[job.key] = entry.loss
        before = self._entries.get(job.candidate)
        if before is not None and not entry.loss < before.loss and before.failure is None:
            entry = dataclasses.replace(before, iterations_done=entry.iterations_done)
        self._entries[job.candidate] = entry

    def _entry(self, job: Job, proposal: Proposal) -> Entry:
        count, values = job.iterations, dict(proposal.values)
        bare = Entry(job.candidate, None, values, count, None, job.failure, count)
        if job.failure is not None:
            model = _or_none(functools.partial(self.model_of, proposal))
            return dataclasses.replace(bare, model=model)
        model = self.model_of(proposal)
        keeps = all(fold.trained is not None for fold in job.folds)
        trial = dataclasses.replace(self.trial_of(model), keeps=keeps)
        tag = f"candidate {job.candidate}"
        evaluation = evaluation_of(trial, job.folds, tag, self.resampling, self.options.repeats)
        failure = _unusable(evaluation)
        return dataclasses.replace(bare, model=model, evaluation=evaluation, failure=failure)


@dataclasses.dataclass(frozen=True)
class _Part:
    """A proposal that is to be trained; `begun`: what it learned before."""

    proposal: Proposal
    number: int
    words: Mapping[str, str]
    trial: Trial
    begun: Trained | None


def _run_job(
    payload: tuple[tuple[Trial, Trained | None], ...],
    index: int,
    *,
    jobs: tuple[tuple[int, int], ...],
) -> Fold:
    which, k = jobs[index]
    trial, begun = payload[which]
    learned = None if begun is None else copy.deepcopy(begun[k])  # which others may go on from
    if isinstance(learned, MachineState):
        learned = put_into(trial, k, learned)
    return fold_of(trial, k, learned)


def _copied(value: Any) -> Any:
    """A model, into which others may be put, as one of its own."""
    return copy.deepcopy(value) if isinstance(value, Model) else value


def _predicts_alike(one: Any, other: Any) -> bool:
    """Whether what two models predict is measured in the same way."""
    kinds = (model.own_traits().prediction_type for model in (one, other))
    return type(one) is type(other) and len(set(kinds)) == 1


def _words(proposal: Proposal) -> dict[str, str]:
    """What is proposed, as texts that are the same in every process."""
    if proposal.model is not None:
        return {"model": in_words(proposal.model)}
    return {field: in_words(value) for field, value in proposal.values.items()}


def _shown(words: Mapping[str, str]) -> str:
    return ", ".join(f"{field}={text:.60}" for field, text in words.items())


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _or_none(make: Callable[[], Any]) -> Any:
    try:
        return make()
    except Exception:  # as it raised before, when it failed
        return None


def _unusable(evaluation: Any) -> str | None:
    """Why a measurement cannot win, or None."""
    measure, value = evaluation.measure[0], evaluation.measurement[0]
    if not isinstance(value, int | float) and not hasattr(value, "dtype"):
        raise InvalidModelError(
            f"{measure.name} gives {type(value).__name__}, no number, by which no candidate is "
            "the best. Put a measure of one number first."
        )
    return f"{measure.name} is NaN" if math.isnan(signed(measure, value)) else None
