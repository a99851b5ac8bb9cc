"""From a tuned model and data to a search that has not begun: checked before any long work.

Knows machines and what `evaluate` plans. Source: MLJTuning.jl, src/tuned_models.jl (`fit`).
"""

from __future__ import annotations

from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.errors import ModelWarning
from mlj_keras.machine import Machine, Source
from mlj_keras.machine.checking import level_around
from mlj_keras.resampling.operations import check_oriented
from mlj_keras.resampling.plan import (
    Options,
    holdout_for,
    model_seed,
    pairs_for,
    trial_for,
    warn_of_absent_classes,
)
from mlj_keras.rng import entropy
from mlj_keras.tuning.search import Search


def begun(tuned: Any, data: tuple[Any, ...]) -> Search:
    """A search of a tuned model on these data.

    Raises: InvalidModelError, InvalidArgument, WeightsError, DimensionMismatch, EmptyData for what
        does not go together.
    """
    space = tuned.space()
    sources = tuple(Source(each) for each in data)
    mach = Machine(space.model, sources, scitype_check_level=level_around())
    strategy = holdout_for(mach, tuned.resampling)
    options = Options(
        strategy,
        tuned.measures,
        tuned.weights,
        tuned.class_weights,
        tuned.operations,
        repeats=tuned.repeats,
        check_measure=tuned.check_measure,
        per_observation=False,
        compact=tuned.compact_history,
    )
    pairs, _ = pairs_for(mach, strategy, options)
    warn_of_absent_classes(mach, pairs)
    trial = trial_for(mach, pairs, options)
    check_oriented(trial.measures[0], "choose the best candidate")
    if hasattr(tuned.selection_heuristic, "check_measures"):
        tuned.selection_heuristic.check_measures(trial.measures)
    search = Search(space, tuned.strategy, _seed(tuned), trial, options, strategy)
    for model in space.models[1:]:
        search.trial_of(model)  # which raises if its predictions do not suit the measures
    return search


def warn_of_kinds(models: Any) -> None:
    """Warn, by ModelWarning, if models predict in different ways."""
    kinds = {model.own_traits().prediction_type for model in models}
    if len(kinds) > 1:
        warn(
            f"These models predict in different ways ({', '.join(sorted(kinds))}), and so "
            "does the tuned model: as the best of them. List models of one kind.",
            ModelWarning,
        )


def _seed(tuned: Any) -> int:
    """That of the strategy, or else of the model, or else a fresh one."""
    for owner in (tuned.strategy, tuned.inner):
        seed = model_seed(owner)
        if seed is not None:
            return seed
    return entropy()
