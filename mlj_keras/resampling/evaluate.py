"""`evaluate`: how well a model does on rows that it was not trained on.

Knows trials, folds and where they run. Source: MLJBase.jl, src/resampling/evaluate.jl.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlj_keras._progress import progress_bar
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras._warnings import warn
from mlj_keras.errors import FoldError, InvalidArgument, MeasureWarning, WorkerLostError, WrongType
from mlj_keras.machine.machine import Machine, machine, quiet_machine
from mlj_keras.models import Model
from mlj_keras.parallel.jobs import Outcome, check_job_acceleration, run_jobs
from mlj_keras.resampling.comparison import Evaluations
from mlj_keras.resampling.evaluation import evaluation_of
from mlj_keras.resampling.fold import Trial, run_fold
from mlj_keras.resampling.plan import (
    Options,
    check_same_data,
    pairs_for,
    strategy_for,
    target_scitype,
    trial_for,
    warn_of_absent_classes,
)
from mlj_keras.resampling.tracking import check_logger, log_evaluations


@short_tracebacks
def evaluate(
    model: Any,
    X: Any = None,
    y: Any = None,
    w: Any = None,
    *,
    resampling: Any = None,
    measure: Any = None,
    measures: Any = None,
    weights: Any = None,
    class_weights: Any = None,
    operation: Any = None,
    operations: Any = None,
    rows: Any = None,
    repeats: int = 1,
    acceleration: Any = None,
    check_measure: bool = True,
    per_observation: bool = True,
    compact: bool = False,
    logger: Any = None,
    verbosity: int = 1,
    scitype_check_level: int = 1,
) -> Any:
    """Train copies of a model on parts of the data, and measure them on the rest.

    Args:
        model, X, y, w: a machine, or a model and data as for `machine`; or several, a mapping from
            name or a list, measured on the same folds
        resampling: a strategy, pairs (train, test), or a splitter of scikit-learn; None: 6 folds,
            shuffled by the model's seed, stratified if the target is categorical
        measure, measures: one or a list of measures, names, scorers or metrics of scikit-learn,
            functions (prediction, truth); None: log_loss, l2 or misclassification_rate
        weights, class_weights: of the measures: (n,) numbers; a mapping from level
        operation, operations: "predict", "predict_mode", ...; None: what each measure takes
        rows, repeats: the rows to use; how often the resampling is done, shuffled anew
        acceleration: CPU1(), CPUThreads(n), CPUProcesses(n), or a joblib backend by name
        check_measure, per_observation, compact: whether measures must suit the target; rows'
            measurements are kept; nothing of the trained models is
        logger: with a method `log_evaluation`, such as MLflowLogger(); warns if it fails
        verbosity: 1 shows a progress bar · scitype_check_level: as for `machine`.
    Returns: PerformanceEvaluation, or Evaluations by name; the machine given stays as it was.
    Raises: what `machine` raises; InvalidArgument, WrongType, WeightsError, DimensionMismatch,
        EmptyData for what does not go together; FoldError if folds fail, with the others on it.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> mlj.evaluate(mlj.NeuralNetworkClassifier(epochs=2, rng=1), X, y, verbosity=0).operation
        ['predict']

    Source: MLJBase.jl, src/resampling/evaluate.jl, `evaluate!`, which trains the machine given.
    """
    names = either("measure", measure, measures), either("operation", operation, operations)
    rest = check_measure, per_observation, compact, verbosity
    options = Options(resampling, names[0], weights, class_weights, names[1], rows, repeats, *rest)
    check_logger(logger)
    machines = _machines(model, (X, y, w), scitype_check_level, verbosity)
    found = _evaluate(machines, options, check_job_acceleration(acceleration))
    if logger is not None:
        log_evaluations(logger, list(found.values()))
    return found if isinstance(model, Mapping | list | tuple) else next(iter(found.values()))


def _machines(model: Any, data: tuple[Any, ...], level: int, verbosity: int) -> dict[str, Machine]:
    return {tag: machine_of(each, data, level, verbosity) for tag, each in _named(model).items()}


def either(name: str, one: Any, several: Any) -> Any:
    """The one that is given of two spellings of an argument. Raises: InvalidArgument for both."""
    if one is not None and several is not None:
        raise InvalidArgument(f"{name} and {name}s were both given. Give one of them.")
    return several if one is None else one


def _named(model: Any) -> dict[str, Any]:
    """The models to evaluate, by name."""
    if isinstance(model, Mapping):
        listed = {str(tag): each for tag, each in model.items()}
        if len(listed) < len(model):
            raise InvalidArgument(
                f"Two models have the same name: {list(map(str, model))}. Names are texts; give "
                "each its own."
            )
    elif isinstance(model, list | tuple):
        listed = {}
        for each in model:
            name = tag = _name_of(each)
            count = 1
            while tag in listed:
                count += 1
                tag = f"{name}_{count}"
            listed[tag] = each
    else:
        listed = {_name_of(model): model}
    if not listed:
        raise InvalidArgument("There is no model to evaluate. Give at least one.")
    return listed


def _name_of(model: Any) -> str:
    return type(model.model if isinstance(model, Machine) else model).__name__


def machine_of(model: Any, data: tuple[Any, ...], level: int, verbosity: int) -> Machine:
    """A machine as it is, or one of a model and data.

    Raises: InvalidArgument, WrongType for anything else; what `machine` raises.
    """
    if isinstance(model, Machine):
        if model.in_network:
            raise InvalidArgument(
                f"evaluate got a machine of {type(model.model).__name__} whose arguments are "
                "nodes of a network. Make the network a model, a subclass of NetworkComposite, "
                "and evaluate that."
            )
        if any(each is not None for each in data):
            raise InvalidArgument(
                "evaluate got a machine, which has its data, and data. Give evaluate(mach, ...) "
                "or evaluate(model, X, y, ...)."
            )
        return model
    if not isinstance(model, Model):
        raise WrongType(
            f"evaluate takes a machine, or a model with X and y, got {model!r:.60}. Write "
            "evaluate(model, X, y)."
        )
    if data[0] is None or (data[1] is None and data[2] is not None):
        raise InvalidArgument(
            "evaluate needs X and y for a model. Write evaluate(model, X, y), or give a machine."
        )
    bind = machine if verbosity > 0 else quiet_machine
    return bind(model, *(each for each in data if each is not None), scitype_check_level=level)


def _evaluate(machines: dict[str, Machine], options: Options, where: Any) -> Evaluations:
    for mach in machines.values():
        target_scitype(mach)
    check_same_data(machines)
    first = next(iter(machines.values()))
    strategy = strategy_for(first, options.resampling)
    pairs, repeats = pairs_for(first, strategy, options)
    warn_of_absent_classes(first, pairs)
    trials = tuple(trial_for(mach, pairs, options) for mach in machines.values())
    resampling = copy.deepcopy(strategy)
    found, errors = {}, {}
    outcomes = _run(trials, len(pairs), where, options.verbosity)
    for tag, trial, own in zip(machines, trials, outcomes, strict=True):
        good = [k for k, outcome in enumerate(own) if outcome.error is None]
        errors.update({(tag, k): o.error for k, o in enumerate(own) if o.error is not None})
        if good:
            folds = [own[k].result for k in good]
            found[tag] = evaluation_of(_only(trial, good), folds, tag, resampling, repeats)
    result = Evaluations(found)
    if errors:
        raise _failure(errors, result, several=len(machines) > 1) from next(iter(errors.values()))
    _warn_of_nan(result)
    return result


def _only(trial: Trial, folds: Sequence[int]) -> Trial:
    if len(folds) == len(trial.pairs):
        return trial
    return dataclasses.replace(trial, pairs=tuple(trial.pairs[k] for k in folds))


def _run(
    trials: tuple[Trial, ...], n_folds: int, where: Any, verbosity: int
) -> list[list[Outcome]]:
    """The outcomes of the folds of each trial."""
    jobs = tuple((which, k) for which in range(len(trials)) for k in range(n_folds))
    outcomes: dict[int, Outcome] = {}
    shown = verbosity > 0
    with progress_bar("Evaluating", unit="fold", total=len(jobs), shown=shown) as bar:
        for outcome in run_jobs(functools.partial(run_fold, jobs=jobs), trials, len(jobs), where):
            outcomes[outcome.index] = outcome
            bar.update()
    listed = [outcomes[index] for index in range(len(jobs))]
    return [listed[i * n_folds : (i + 1) * n_folds] for i in range(len(trials))]


def _failure(
    errors: dict[tuple[str, int], BaseException], found: Evaluations, *, several: bool
) -> FoldError:
    (tag, fold), error = next(iter(errors.items()))
    names = [f"fold {k}" + (f" of {t}" if several else "") for t, k in errors]
    rest = found if several else next(iter(found.values()), None)
    lost = "" if isinstance(error, WorkerLostError) else f"{type(error).__name__}: "
    return FoldError(
        f"{', '.join(names[:5])}{', ...' if len(names) > 5 else ''} of the evaluation failed, "
        f"first with {lost}{error} "
        + (
            "The other folds are in the attribute `evaluation` of this error."
            if len(found)
            else "No fold was left."
        ),
        fold=fold,
        evaluation=rest,
    )


def _warn_of_nan(found: Evaluations) -> None:
    """Say which measurements are NaN, and in which folds."""
    for tag, evaluation in found.items():
        for measure, per_fold in zip(evaluation.measure, evaluation.per_fold, strict=True):
            folds = [k for k, value in enumerate(per_fold) if _has_nan(value)]
            if not folds:
                continue
            warn(
                f"{measure.name} of {tag} is NaN in fold(s) {folds[:10]}: a prediction is NaN, or "
                "the measure is not defined for what those rows show.",
                MeasureWarning,
            )


def _has_nan(value: Any) -> bool:
    """Whether a measurement, be it a number, numbers or a mapping to numbers, is NaN somewhere."""
    numbers = np.asarray(list(value.values()) if isinstance(value, Mapping) else value)
    return numbers.dtype.kind == "f" and bool(np.isnan(numbers).any())
