"""From what the user asks of `evaluate` to trials: checked before any long work.

Knows machines, measures and strategies; trains nothing. Source: MLJBase.jl,
src/resampling/evaluate.jl (the checks of `evaluate!`).
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import Column, as_floats, column_of, is_factor, is_numeric
from mlj_keras.data.scitypes import Finite, Scitype, Vector
from mlj_keras.data.tables import InnerTable
from mlj_keras.data.weights import ClassWeights, read_weights
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidArgument,
    LevelsWarning,
    MeasureWarning,
    UnsupportedOperation,
    WeightsError,
)
from mlj_keras.machine.checks import check_labels
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.source import Source
from mlj_keras.measures.base import Measure
from mlj_keras.measures.catalog import default_measure, measure_of
from mlj_keras.models import Model
from mlj_keras.resampling.fold import Trial
from mlj_keras.resampling.operations import check_measure, operations_for
from mlj_keras.resampling.strategies import (
    CV,
    Holdout,
    ResamplingStrategy,
    StratifiedCV,
    strategy_of,
)
from mlj_keras.rng import entropy

AUTO = "auto"


@dataclasses.dataclass(frozen=True)
class Options:
    """What `evaluate` was asked for, besides machines."""

    resampling: Any = None
    measures: Any = None
    weights: Any = None
    class_weights: Any = None
    operations: Any = None
    rows: Any = None
    repeats: int = 1
    check_measure: bool = True
    per_observation: bool = True
    compact: bool = False
    verbosity: int = 1


def target_scitype(mach: Machine) -> Scitype:
    """The scitype of the target that a machine is bound to.

    Raises: UnsupportedOperation if it has none.
    """
    if len(mach.args) < 2:
        raise UnsupportedOperation(
            f"evaluate needs a supervised model with a target, and {type(mach.model).__name__} "
            "learns without one."
        )
    target: Scitype = mach.args[1].scitype
    return target


def strategy_for(mach: Machine, resampling: Any) -> ResamplingStrategy:
    """The strategy asked for; by default 6 folds, shuffled by the model's seed and stratified for
    a categorical target."""
    if resampling is not None:
        return strategy_of(resampling)
    seed = model_seed(mach.model)
    kind = StratifiedCV if target_scitype(mach) <= Vector[Finite] else CV
    return kind(nfolds=6, rng=entropy() if seed is None else seed)


def holdout_for(mach: Machine, resampling: Any) -> ResamplingStrategy:
    """The strategy of a wrapper, checked; "auto": Holdout(0.7), shuffled by the model's seed and
    stratified for a categorical target."""
    if resampling != AUTO:
        found: ResamplingStrategy = resampling
        return found
    seed = model_seed(mach.model)
    classes = len(mach.args) > 1 and mach.args[1].scitype <= Vector[Finite]
    return Holdout(0.7, rng=0 if seed is None else seed, shuffle=True, stratify=bool(classes))


def check_resampling(value: Any) -> Any:
    """A strategy, "auto" or None. Raises: TypeError for anything else."""
    if value is None or value == AUTO:
        return value
    try:
        return strategy_of(list(value) if isinstance(value, tuple) else value)
    except (TypeError, InvalidArgument) as error:
        raise TypeError(f"must be a resampling strategy, 'auto' or None: {error}") from None


def model_seed(model: Any) -> int | None:
    """The first int seed in a model or in the models inside it."""
    if not isinstance(model, Model):
        return None
    names = model.fields()
    own = next((getattr(model, n) for n in ("rng", "random_state") if n in names), None)
    if isinstance(own, int):
        return own
    return next((s for n in names if (s := model_seed(getattr(model, n))) is not None), None)


def pairs_for(
    mach: Machine, strategy: ResamplingStrategy, options: Options
) -> tuple[list[tuple[np.ndarray, np.ndarray]], int]:
    """The rows of each fold of all repetitions, and how many repetitions there are.

    Raises: InvalidArgument for repeats below 1, or rows beside explicit pairs; what the strategy
        raises.
    Warns: MeasureWarning for repetitions that are all alike, of which one is kept: they would say
        nothing new, and make the result seem more certain.
    """
    if type(options.repeats) is not int or options.repeats < 1:
        raise InvalidArgument(f"repeats must be an int of 1 or more, got {options.repeats!r}.")
    n_rows = mach.args[0].n_rows
    positions = mach.positions(options.rows)
    if not strategy.takes_rows and options.rows is not None:
        raise InvalidArgument(
            "rows cannot be given beside a list of pairs, which names its rows itself. Leave "
            "rows out."
        )
    rows = np.arange(n_rows or 0) if positions is None else positions
    X, y = (arg.inner for arg in mach.args[:2])
    repetitions = [strategy.train_test_pairs(rows, X, y, repeat=i) for i in range(options.repeats)]
    if len(repetitions) > 1 and all(_same_pairs(repetitions[0], r) for r in repetitions[1:]):
        warn(
            f"{strategy!r:.60} gives the same pairs each time: repeats is ignored. Shuffle, as "
            "CV(shuffle=True) does, or list more pairs.",
            MeasureWarning,
        )
        repetitions = repetitions[:1]
    return [pair for repetition in repetitions for pair in repetition], len(repetitions)


def _same_pairs(left: Sequence[Any], right: Sequence[Any]) -> bool:
    return len(left) == len(right) and all(
        np.array_equal(a, b)
        for one, two in zip(left, right, strict=True)
        for a, b in zip(one, two, strict=True)
    )


def measures_for(given: Any, traits: Any, target: Scitype) -> tuple[Measure, ...]:
    """The measures asked for, or the default one."""
    if given is None:
        return (default_measure(traits.prediction_type, target),)
    listed = given if isinstance(given, list | tuple) else [given]
    if not listed:
        raise InvalidArgument("measures is empty: there is nothing to measure. Name one.")
    return tuple(measure_of(each) for each in listed)


def trial_for(mach: Machine, pairs: Sequence[Any], options: Options) -> Trial:
    """What the folds need.

    Raises: InvalidArgument, WeightsError, DimensionMismatch for what does not go together.
    """
    target = target_scitype(mach)
    resolved = mach.model.resolve(*(arg.scitype for arg in mach.args))
    traits, who = resolved.own_traits(), type(resolved).__name__
    measures = measures_for(options.measures, traits, target)
    operations = operations_for(options.operations, measures, traits, target, who)
    if options.check_measure:
        for measure in measures:
            check_measure(measure, target)
    weights = _weights(options.weights, mach.args[0])
    _check_class_weights(options.class_weights, mach.args[1].inner)
    _say_unweighted(measures, weights, options.class_weights)
    longest = max(len(train) for train, _ in pairs)
    return Trial(
        model=copy.deepcopy(mach.model).settled(longest),
        args=mach.args,
        pairs=tuple(pairs),
        measures=measures,
        operations=operations,
        weights=weights,
        class_weights=options.class_weights,
        check_level=mach.scitype_check_level,
        keeps=not options.compact,
        observes=options.per_observation,
        verbosity=options.verbosity - 2,
    )


def _weights(given: Any, X: Source) -> np.ndarray | None:
    if given is None:
        return None
    if isinstance(read_weights(given, X.n_rows or 0), ClassWeights):
        raise WeightsError(
            "weights must be one number a row. Weights of classes are class_weights={...}."
        )
    check_labels((X, Source(given)), ("X", "weights"))
    return as_floats(column_of(given).values).astype(np.float64)


def _check_class_weights(given: Any, y: Any) -> None:
    if given is None:
        return
    if not isinstance(given, Mapping) or not isinstance(y, Column):
        raise WeightsError(
            f"class_weights must be a mapping from level to weight, got {given!r:.80}."
        )
    ClassWeights(given).of_rows(y.values)  # it must name every level


def _say_unweighted(measures: Sequence[Measure], weights: Any, class_weights: Any) -> None:
    for given, trait, word in (
        (weights, "supports_weights", "weights"),
        (class_weights, "supports_class_weights", "class weights"),
    ):
        deaf = [m.name for m in measures if not getattr(m, trait)] if given is not None else []
        if deaf:
            takes = "takes" if len(deaf) == 1 else "take"
            warn(f"{', '.join(deaf)} {takes} no {word}: measured without.", MeasureWarning)


def warn_of_absent_classes(mach: Machine, pairs: Sequence[Any]) -> None:
    """Say which folds train on rows that lack a class which their test rows have."""
    y = mach.args[1].inner
    if not isinstance(y, Column) or not is_factor(y.values):
        return
    codes, levels = factor_codes(y.values), level_list(y.values)
    absent = {}
    for k, (train, test) in enumerate(pairs):
        lacking = np.setdiff1d(codes[test], codes[train])
        if len(lacking := lacking[lacking >= 0]):
            absent[k] = [levels[code] for code in lacking]
    if absent:
        shown = "; ".join(f"fold {k}: {names}" for k, names in list(absent.items())[:5])
        warn(
            "Some folds test on classes that they do not train on, whose probability is then "
            f"learned from no row: {shown}. Use fewer folds, or StratifiedCV.",
            LevelsWarning,
        )


def check_same_data(machines: Mapping[str, Machine]) -> None:
    """All machines have as many rows, as they share the folds, and the same target.

    Raises: DimensionMismatch for other numbers of rows.
    Warns: MeasureWarning for other targets.
    """
    counts = {mach.args[0].n_rows for mach in machines.values()}
    if len(counts) > 1:
        raise DimensionMismatch(
            f"Models are compared on the same folds, and the machines have {sorted(counts)} rows. "
            "Bind them to the same data."
        )
    (tag, first), *others = machines.items()
    unlike = [t for t, mach in others if not _same_values(first.args[1].inner, mach.args[1].inner)]
    if unlike:
        warn(
            f"The target of {', '.join(unlike[:5])} is not that of {tag}: their measurements are "
            "of other things, and cannot be compared. Bind them to the same y.",
            MeasureWarning,
        )


def _same_values(one: Any, two: Any) -> bool:
    """Whether two targets hold the same labels or numbers, be they of other kinds."""
    if one is two or type(one) is not type(two):
        return one is two
    if isinstance(one, InnerTable):
        return one.names == two.names and all(
            _same_values(column_of(one.column(n)), column_of(two.column(n))) for n in one.names
        )
    if not isinstance(one, Column):
        return True  # of own kinds, of which nothing is known
    left, right = one.values, two.values
    if left is right:
        return True
    if is_numeric(left) and is_numeric(right):
        return np.array_equal(as_floats(left), as_floats(right), equal_nan=True)
    return bool(left.tolist() == right.tolist())
