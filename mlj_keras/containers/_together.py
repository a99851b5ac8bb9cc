"""Containers that differ in seeds alone, trained together on data of their own.

Knows what a network model is made of, and the engine. Source: ours.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlj_keras.containers._fitresult import NetworkFit
from mlj_keras.containers._hints import warn_of_loss
from mlj_keras.engine.distribution import place_of
from mlj_keras.engine.loss_check import check_loss
from mlj_keras.engine.program import NetworkSpec
from mlj_keras.engine.progress import progress
from mlj_keras.engine.together import can_train_together, shared_slots, train_together
from mlj_keras.engine.training import Settings, TrainingStopped, initial_state
from mlj_keras.errors import NonFiniteLossError
from mlj_keras.models.interface import FitOutcome, PartialFit
from mlj_keras.rng import entropy


@dataclasses.dataclass(frozen=True, eq=False)
class _Member:
    """A network about to be trained, and its encoded rows."""

    fit: NetworkFit
    program: Any
    data: Any


class TrainedTogether:
    """How network models train together."""

    def train_together(
        self,
        verbosity: int,
        models: Sequence[Any],
        before: Sequence[tuple[Any, FitOutcome] | None],
        data: Callable[[int], tuple[Any, ...]],
    ) -> list[FitOutcome | None] | None:
        """What several models of this kind, which differ in seeds alone, learn in one go, each
        from data of its own.

        Args: models · before: each as it was trained last, with what it has learned, or None ·
            data: of each, by its position.
        Returns: what each has learned, None for one that has to be trained by itself, as it
            depends on no other; None if nothing would be gained.
        Raises: PartialFit if all were cut off, with a list of outcomes and one of models.
        """
        place = place_of(models[0].acceleration)
        members: dict[int, _Member] = {}
        for i, model in enumerate(models):
            old = before[i]
            outcome = None if old is None or not model._goes_on(old[0]) else old[1]
            member = _member(model, outcome, place, data(i))
            if member is None:
                continue
            if not members and not can_train_together(member.program, member.data):
                return None
            members[i] = member
        found: list[FitOutcome | None] = [None] * len(models)
        groups = _alike(members)
        for group in groups:
            own = [members[i] for i in group]
            try:
                outcomes = _trained(verbosity, [models[i] for i in group], own)
            except PartialFit as partial:
                if len(groups) == 1 and len(group) == len(models):
                    raise
                raise partial.cause from None
            for i, learned in zip(group, outcomes or (), strict=outcomes is not None):
                found[i] = learned
        return found


def _alike(members: Mapping[int, _Member]) -> list[list[int]]:
    """Positions of networks that can be trained in one program."""
    found: dict[Any, list[int]] = {}
    for i, each in members.items():
        state = each.fit.state
        key = (id(each.program), len(each.data), state.epochs, shared_slots(state))
        found.setdefault(key, []).append(i)
    return list(found.values())


def _member(
    model: Any, outcome: FitOutcome | None, place: Any, data: tuple[Any, ...]
) -> _Member | None:
    """A network ready to be trained, or to go on; None if it cannot as it is."""
    X, y, w = (*data, None)[:3]
    if outcome is None:
        encoder, target = model._fit_encoder(X), model._fit_target(y)
        n_out, finaliser = target.n_out, model._finaliser()
        spec = NetworkSpec(model.builder, encoder.inputs, n_out, finaliser, place, model.precision)
    else:
        encoder, target = outcome.fitresult.encoder, outcome.fitresult.target
        spec = outcome.fitresult.spec.on(place)
    program = model._program(spec, target, len(y))
    encoded = model._encode(encoder, target, program, X, y, w)
    if outcome is None:
        warn_of_loss(model.loss, target)
        check_loss(program, encoded)
        seed = entropy() if model.rng is None else model.rng
        state = initial_state(program, model.builder, seed, encoded, shuffle=model.shuffle)
    else:
        state = outcome.fitresult.state
        if not program.slots.fits(state):  # an optimiser of another class starts anew
            return None
    return _Member(NetworkFit(state, encoder, target, spec), program, encoded)


def _trained(
    verbosity: int, models: Sequence[Any], members: Sequence[_Member]
) -> list[FitOutcome] | None:
    model, program = models[0], members[0].program
    rate = model.optimiser.learning_rate
    settings = Settings(
        rate if isinstance(rate, float) else None, model.lambda_, model.alpha, model.shuffle
    )
    states, data = [each.fit.state for each in members], [each.data for each in members]
    first = states[0].epochs

    def outcomes(found: Sequence[Any]) -> list[FitOutcome]:
        return [
            model._outcome(each.fit, program, state, None)
            for each, state in zip(members, found, strict=True)
        ]

    try:
        with progress(verbosity, first=first, total=model.epochs) as heard:
            epochs = model.epochs - first
            return outcomes(train_together(program, states, data, epochs, settings, heard))
    except TrainingStopped as stopped:
        if isinstance(stopped.cause, Exception):  # one by one they tell whose it is
            program.stacks = isinstance(stopped.cause, NonFiniteLossError)
            return None
        kept: Any = stopped.state
        if kept[0].epochs == first:
            raise stopped.cause from None
        done = [copy.deepcopy(each) for each in models]
        for each in done:
            each.epochs = kept[0].epochs
        raise PartialFit(outcomes(kept), done, stopped.cause) from None  # type: ignore[arg-type]  # of several
