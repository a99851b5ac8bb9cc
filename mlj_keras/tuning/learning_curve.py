"""`learning_curve`: how well a model does, as one of its hyper-parameters changes.

Knows trials, folds and where they run. Source: MLJTuning.jl, src/learning_curves.jl.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._display import GAP, ends, grid_html, titled_html
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.errors import FoldError, InvalidArgument
from mlj_keras.machine import Machine
from mlj_keras.models import FitOutcome
from mlj_keras.models.representation import show_value
from mlj_keras.parallel.jobs import check_job_acceleration, run_jobs
from mlj_keras.plots import plot_learning_curve
from mlj_keras.resampling.evaluate import either, machine_of
from mlj_keras.resampling.evaluation import evaluation_of
from mlj_keras.resampling.fold import Fold, Trial, fold_of
from mlj_keras.resampling.operations import check_oriented
from mlj_keras.resampling.plan import (
    AUTO,
    Options,
    check_resampling,
    holdout_for,
    pairs_for,
    trial_for,
)
from mlj_keras.tuning.ranges import NumericRange
from mlj_keras.tuning.sampling import iterator
from mlj_keras.tuning.space import is_range

_SHOWN = 20  # values in a notebook


@dataclasses.dataclass(frozen=True, eq=False)
class LearningCurve:
    """What `learning_curve` found.

    Attributes: parameter_name: dotted path · parameter_scale: a name, or a function ·
        parameter_values: (n,) list, in their order · measurements: (n,) floats, or (n, k) with k
        `rngs` · measure: the name.
    Example:
        >>> LearningCurve("epochs", "linear", [1, 2], np.array([0.9, 0.8]), "log_loss")
        LearningCurve(epochs, 2 measurements of log_loss)

    Source: MLJTuning.jl, src/learning_curves.jl.
    """

    parameter_name: str
    parameter_scale: Any
    parameter_values: list[Any]
    measurements: np.ndarray
    measure: str

    def plot(self, *, axes: Any = None, label: str = "") -> Any:
        """Draw the measurements against the values; with several `rngs` one line each, and their
        mean.

        Args: axes: matplotlib axes, None for new ones · label: for a legend.
        Returns: the axes. Needs the extra `plots`.
        """
        scale = self.parameter_scale
        return plot_learning_curve(
            self.parameter_values,
            self.measurements,
            parameter=self.parameter_name,
            scale=scale if isinstance(scale, str) else "custom",
            measure=self.measure,
            axes=axes,
            label=label,
        )

    def __repr__(self) -> str:
        shape = " x ".join(map(str, self.measurements.shape))
        return f"LearningCurve({self.parameter_name}, {shape} measurements of {self.measure})"

    def _repr_html_(self) -> str:
        table = self.measurements.reshape(len(self.parameter_values), -1)
        k = table.shape[1]
        head = [self.parameter_name, self.measure if k == 1 else f"{self.measure}, mean of {k}"]
        columns = [table.mean(axis=1)] + ([table.min(axis=1), table.max(axis=1)] if k > 1 else [])
        head += ["least", "greatest"] if k > 1 else []
        rows = [
            [f"{v:.4g}" if isinstance(v, float) else show_value(v), *(f"{n:.4g}" for n in numbers)]
            for v, *numbers in zip(self.parameter_values, *columns, strict=True)
        ]
        return titled_html("LearningCurve", grid_html(head, ends(rows, _SHOWN, [GAP] * len(head))))


@short_tracebacks
def learning_curve(
    model: Any,
    X: Any = None,
    y: Any = None,
    w: Any = None,
    *,
    range: Any,  # noqa: A002  # MLJ's name
    resolution: int = 30,
    resampling: Any = AUTO,
    measure: Any = None,
    measures: Any = None,
    weights: Any = None,
    class_weights: Any = None,
    operation: Any = None,
    rows: Any = None,
    repeats: int = 1,
    rngs: Any = None,
    rng_name: str | None = None,
    acceleration: Any = None,
    check_measure: bool = True,
    verbosity: int = 1,
    scitype_check_level: int = 1,
) -> LearningCurve:
    """Measure a model for each value of a range; along a range of what it counts (epochs) each
    value goes on from the one before.

    Args:
        model, X, y, w: a machine, or a model and data as for `machine`
        range, resolution: made by `param_range`; of numbers so many, equal ints count once
        resampling: as in `evaluate`; "auto": Holdout(0.7), shuffled by the model's seed, and
            stratified for a categorical target
        measure, measures (the first decides), weights, class_weights, operation, rows, repeats,
            check_measure, scitype_check_level: as in `evaluate` · verbosity: of the machine
        rngs, rng_name: how many seeds (1 to k) or a list of them, a curve each; dotted path of the
            seed, by default the first `rng` in the model
        acceleration: CPU1(), CPUThreads(n), CPUProcesses(n), or a joblib backend by name.
    Returns: LearningCurve. The machine given stays as it was.
    Raises: InvalidArgument, UnknownFieldError, InvalidModelError for a range, seeds or a measure
        that make no sense; what `evaluate` raises; FoldError if a training fails.
    Example:
        >>> import mlj_keras as mlj
        >>> net = mlj.NeuralNetworkClassifier(rng=1)
        >>> r = mlj.param_range(net, "epochs", lower=1, upper=20, scale="log10")
        >>> learning_curve(net, *mlj.load_iris(), range=r, resolution=5).parameter_values
        [1, 2, 4, 9, 20]

    Source: MLJTuning.jl, src/learning_curves.jl. Deviation: training goes on for any resampling.
    """
    mach = machine_of(model, (X, y, w), scitype_check_level, verbosity)
    names = either("measure", measure, measures), weights, class_weights, operation
    options = Options(None, *names, rows, repeats, check_measure, compact=True)
    where = check_job_acceleration(acceleration)
    return _curve(
        mach, range, resolution, check_resampling(resampling), options, rngs, rng_name, where
    )


def _curve(
    mach: Machine,
    given: Any,
    resolution: int,
    resampling: Any,
    options: Options,
    rngs: Any,
    rng_name: str | None,
    where: Any,
) -> LearningCurve:
    values = _values(mach, given, resolution)
    seeds, path = _seeds(mach.model, rngs, rng_name)
    strategy = holdout_for(mach, resampling)
    pairs, _ = pairs_for(mach, strategy, options)
    trial = dataclasses.replace(trial_for(mach, pairs, options), observes=False)
    check_oriented(trial.measures[0], "be drawn as a curve")
    lines = _lines(mach.model, trial, given.field, values, seeds, path)
    found = _measured(lines, len(pairs), where)
    table = np.array([[_number(trial, folds, strategy) for folds in line] for line in found]).T
    return LearningCurve(
        given.field,
        given.scale if isinstance(given, NumericRange) else "linear",
        values,
        table if rngs is not None else table[:, 0],
        trial.measures[0].name,
    )


def _values(mach: Machine, given: Any, resolution: int) -> list[Any]:
    if not is_range(given):
        raise InvalidArgument(
            f"range must be made by param_range(model, path, ...), got {given!r:.60}."
        )
    mach.model.get(given.field)
    if type(resolution) is not int or resolution < 1:
        raise InvalidArgument(f"resolution must be an int of 1 or more, got {resolution!r}.")
    return iterator(given, resolution if isinstance(given, NumericRange) else None)


def _seeds(model: Any, rngs: Any, name: str | None) -> tuple[list[Any], str | None]:
    """The seeds, and where they go; [None] for the model as it is."""
    if rngs is None:
        if name is not None:
            raise InvalidArgument("rng_name says where seeds go. Give rngs=..., too.")
        return [None], None
    seeds = list(_range(1, rngs + 1)) if type(rngs) is int else rngs
    if not isinstance(seeds, Sequence) or not seeds or not all(map(_is_seed, seeds)):
        raise InvalidArgument(
            f"rngs must be how many seeds, 1 or more, or a list of seeds, got {rngs!r:.60}."
        )
    path = name or _seed_path(model)
    if path is None:
        raise InvalidArgument(
            f"{type(model).__name__} has no field `rng`. Give rng_name, the path of its seed."
        )
    model.get(path)
    return list(seeds), path


_range = range  # which is an argument here


def _is_seed(seed: Any) -> bool:
    return (isinstance(seed, int | np.integer) and not isinstance(seed, bool)) or isinstance(
        seed, np.random.Generator
    )


def _seed_path(model: Any, prefix: str = "") -> str | None:
    """The path of the first seed in a model or in the models inside it."""
    names = model.fields() if hasattr(model, "fields") else ()
    for name in ("rng", "random_state"):
        if name in names:
            return prefix + name
    found = (_seed_path(getattr(model, name), f"{prefix}{name}.") for name in names)
    return next((path for path in found if path is not None), None)


@dataclasses.dataclass(frozen=True)
class _Line:
    """One curve: its trials, one for each value, and whether each goes on from the one before."""

    trials: tuple[Trial, ...]
    warm: bool


def _lines(
    model: Any, trial: Trial, field: str, values: Sequence[Any], seeds: Sequence[Any], path: Any
) -> list[_Line]:
    longest = max(len(train) for train, _ in trial.pairs)
    warm = trial.model.own_traits().iteration_parameter == field
    lines = []
    for seed in seeds:
        base = model if path is None else model.replace({path: seed})
        models = [base.replace({field: value}).settled(longest) for value in values]
        keeps = warm  # what was learned is gone on from
        trials = [dataclasses.replace(trial, model=each, keeps=keeps) for each in models]
        lines.append(_Line(tuple(trials), warm))
    return lines


def _measured(lines: Sequence[_Line], n_folds: int, where: Any) -> list[list[list[Fold]]]:
    """The folds of each value of each line."""
    jobs: list[tuple[int, int | None, int]]
    if lines[0].warm:
        jobs = [(i, None, k) for i in _range(len(lines)) for k in _range(n_folds)]
    else:
        values = _range(len(lines[0].trials))
        jobs = [(i, j, k) for i in _range(len(lines)) for j in values for k in _range(n_folds)]
    found: list[list[list[Any]]] = [[[None] * n_folds for _ in line.trials] for line in lines]
    work = functools.partial(_run_job, jobs=tuple(jobs))
    for outcome in run_jobs(work, tuple(lines), len(jobs), where):
        i, j, k = jobs[outcome.index]
        if outcome.error is not None:
            raise FoldError(
                f"The curve cannot be drawn: fold {k} failed with "
                f"{type(outcome.error).__name__}: {outcome.error}",
                fold=k,
            ) from outcome.error
        for at, fold in enumerate(outcome.result) if j is None else ((j, outcome.result[0]),):
            found[i][at][k] = fold
    return found


def _run_job(
    lines: tuple[_Line, ...], index: int, *, jobs: tuple[tuple[int, int | None, int], ...]
) -> list[Fold]:
    """One value on one fold, or all values on one fold, each going on from the one before."""
    i, j, k = jobs[index]
    trials = lines[i].trials
    if j is not None:
        return [fold_of(trials[j], k)]
    folds: list[Fold] = []
    trained: tuple[Any, FitOutcome] | None = None
    for trial in trials:
        fold = fold_of(trial, k, trained)
        trained = fold.trained
        folds.append(dataclasses.replace(fold, trained=None))
    return folds


def _number(trial: Trial, folds: list[Fold], strategy: Any) -> float:
    bare = dataclasses.replace(trial, keeps=False)
    return float(evaluation_of(bare, folds, "", strategy, 1).measurement[0])
