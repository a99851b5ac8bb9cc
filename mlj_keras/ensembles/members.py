"""Members of an ensemble: which rows and seeds each has, and how several are trained.

What is needed is a plain value, so that members may be trained in other processes. Knows models,
machines and measures. Source: MLJEnsembles.jl, src/ensembles.jl (`get_ensemble`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.machine.checking import checking
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.task import Done
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.models.interface import FitOutcome, PartialFit, as_outcome
from mlj_keras.models.learned import check_learned
from mlj_keras.models.seeding import reseeded
from mlj_keras.resampling.fold import Measured, Trial, measured
from mlj_keras.rng import derive_seed, stream
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class Member:
    """A trained member.

    Args: model: with its own seeds · outcome: what it has learned, without data · out_of_bag: what
        each measure says of the rows that it was not trained on; None for not measured.
    """

    model: Any
    outcome: FitOutcome
    out_of_bag: tuple[Measured, ...] | None = None

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_learned(self.model, self.outcome)


@dataclasses.dataclass(frozen=True, eq=False)
class Plan:
    """What the training of members needs.

    Args:
        trial: the model, its data as sources, measures and operations
        n_rows, n_train: of all, and of each member
        seed: of the ensemble
        together: whether those that can be are trained in one program
        verbosity: of training
        missed: whether members that are frozen have learned of other rows.
    """

    trial: Trial
    n_rows: int
    n_train: int
    seed: int
    together: bool
    verbosity: int
    missed: bool = False

    def model(self, i: int) -> Any:
        """The i-th member's model."""
        return reseeded(self.trial.model, derive_seed(self.seed, "member", i, "model"))

    def rows(self, i: int) -> tuple[np.ndarray | None, np.ndarray]:
        """(the rows that the i-th member is trained on, None for all; the others), in order."""
        if self.n_train == self.n_rows:
            return None, np.empty(0, np.int64)
        order = stream(self.seed, "member", i, "rows").permutation(self.n_rows)
        return np.sort(order[: self.n_train]), np.sort(order[self.n_train :])

    def data(self, model: Any, i: int) -> tuple[Any, ...]:
        """What the i-th member is trained on."""
        rows = self.rows(i)[0]
        return tuple(each.rows(rows, native=model.native_data) for each in self.trial.args)


@dataclasses.dataclass(frozen=True, eq=False)
class Trained:
    """What became of some members: those that are done, in order; and what cut it off, or None."""

    members: tuple[Member, ...]
    cause: BaseException | None = None


Job = tuple[tuple[int, Member | None], ...]  # positions, and what was learned before


def train_members(plan: Plan, job: Job) -> Trained:
    """Train members, or go on with them: together, or one after the other.

    Raises: what training raises, if none was done before.
    """
    models = [plan.model(i) for i, _ in job]
    found: Sequence[FitOutcome | None] = [None] * len(job)
    if plan.together:
        begun = [None if m is None else (m.model, m.outcome) for _, m in job]
        try:
            together = models[0].train_together(
                plan.verbosity, models, begun, lambda k: plan.data(models[k], job[k][0])
            )
        except PartialFit as partial:
            outcomes: Any = partial.outcome
            kept = zip(job, partial.model, outcomes, strict=True)
            members = tuple(_measured(plan, i, *rest) for (i, _), *rest in kept)
            return Trained(members, partial.cause)
        found = together or found
    done: list[Member] = []
    for (i, before), model, outcome in zip(job, models, found, strict=True):
        try:
            result = _train(plan, i, model, before) if outcome is None else Done(outcome, model)
            if result.cause is not None:
                return Trained(tuple(done), result.cause)
            done.append(_measured(plan, i, model, result.outcome))
        except (Exception, KeyboardInterrupt) as cause:
            cause.add_note(f"It was raised by member {i} of an ensemble.")
            if not done:
                raise
            return Trained(tuple(done), cause)
    return Trained(tuple(done))


def _train(plan: Plan, i: int, model: Any, before: Member | None) -> Done:
    data = plan.data(model, i)
    try:
        if before is None or type(model) is not type(before.model):
            return Done(as_outcome(model.fit(plan.verbosity, *data)), model)
        found = model.update(plan.verbosity, before.outcome, before.model, *data)
        return Done(as_outcome(found), model)
    except PartialFit as partial:
        return Done(partial.outcome, partial.model, partial.cause)


def _measured(plan: Plan, i: int, model: Any, outcome: FitOutcome) -> Member:
    bare = dataclasses.replace(outcome, cache=None)
    return Member(model, bare, out_of_bag(plan, i, model, bare))


def out_of_bag(plan: Plan, i: int, model: Any, outcome: FitOutcome) -> tuple[Measured, ...] | None:
    """What each measure says of the rows that a member was not trained on."""
    trial, (_, rest) = plan.trial, plan.rows(i)
    if not trial.measures:
        return None
    mach: Machine = TrainedModels(((model, outcome),)).machine(2)
    Xnew = trial.args[0].rows(rest, native=True)
    predictions = {name: getattr(mach, name)(Xnew) for name in dict.fromkeys(trial.operations)}
    return measured(trial, predictions, trial.args[1].rows(rest, native=True), rest)


def run_members(payload: tuple[Plan, Sequence[Job]], index: int) -> Trained:
    """Train the members of one job."""
    plan, jobs = payload
    with checking(plan.trial.check_level):  # another thread or process does not know it
        return train_members(plan, jobs[index])
