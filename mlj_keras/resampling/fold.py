"""One fold: a copy of a machine is trained on some rows and measured on others.

What it needs and what it gives are plain values, so that it may run in another process. Knows
machines and measures. Source: MLJBase.jl, src/resampling/evaluate.jl (`fit_and_extract_on_fold`).
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.machine.checking import checking
from mlj_keras.machine.machine import Machine, continued
from mlj_keras.measures.base import Measure, RowMeasure
from mlj_keras.measures.reading import has_truth
from mlj_keras.models.interface import FitOutcome
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True)
class Trial:
    """A model, its data, and how it is to be evaluated.

    Args:
        model: trained anew for each fold
        args: sources of X, y and, where there are some, training weights
        pairs: (train, test) rows of each fold
        measures, operations: equally many
        weights: (n,) of the measures, or None · class_weights: by level, or None
        check_level: of scitypes
        keeps: whether the trained models are kept · observes: whether rows' measurements are
        verbosity: of training.
    """

    model: Any
    args: tuple[Any, ...]
    pairs: tuple[tuple[np.ndarray, np.ndarray], ...]
    measures: tuple[Measure, ...]
    operations: tuple[str, ...]
    weights: np.ndarray | None = None
    class_weights: Any = None
    check_level: int = 1
    keeps: bool = True
    observes: bool = True
    verbosity: int = -1


@storable
@dataclasses.dataclass(frozen=True)
class Measured:
    """What one measure says of one fold.

    Args: value: the measurement · weight: of the fold among others: the sum of its rows' weights,
        or their number · rows: (n_test,) by row, or None.
    """

    value: Any
    weight: float
    rows: np.ndarray | None = None


@storable
@dataclasses.dataclass(frozen=True)
class Fold:
    """What became of a fold: a Measured for each measure, and the model as it was trained with
    what it learned, or None."""

    measured: tuple[Measured, ...]
    trained: tuple[Any, FitOutcome] | None = None


def run_fold(trials: tuple[Trial, ...], index: int, *, jobs: tuple[tuple[int, int], ...]) -> Fold:
    """Train and measure the fold that is the job of this index."""
    which, k = jobs[index]
    return fold_of(trials[which], k)


def fold_of(trial: Trial, k: int, begun: tuple[Any, FitOutcome] | None = None) -> Fold:
    """Train and measure fold k; `begun`: a model that was trained on its rows before, and what it
    learned, to go on from."""
    train, test = trial.pairs[k]
    level = trial.check_level
    mach = Machine(copy.deepcopy(trial.model), trial.args, cache=False, scitype_check_level=level)
    if begun is not None:
        continued(mach, *begun, train)
    with checking(said=True):  # once for all folds
        mach.fit(rows=train, verbosity=trial.verbosity)
    predictions = {
        name: getattr(mach, name)(rows=test) for name in dict.fromkeys(trial.operations)
    }
    truth = trial.args[1].rows(test, native=True)
    trained = mach.trained("evaluate") if trial.keeps else None
    return Fold(measured(trial, predictions, truth, test), trained)


def measured(
    trial: Trial, predictions: Mapping[str, Any], truth: Any, test: np.ndarray
) -> tuple[Measured, ...]:
    """What each measure of a trial says of predictions, by operation, for the rows `test`."""
    return tuple(
        _measured(trial, measure, predictions[operation], truth, test)
        for measure, operation in zip(trial.measures, trial.operations, strict=True)
    )


def _measured(
    trial: Trial, measure: Measure, prediction: Any, truth: Any, test: np.ndarray
) -> Measured:
    weights = trial.weights[test] if trial.weights is not None else None
    weights = weights if measure.supports_weights else None
    by_class = trial.class_weights if measure.supports_class_weights else None
    weightless = weights is not None and not weights.any()  # rows that do not count
    if not hasattr(type(measure), "reads"):  # others' functions read their arguments themselves
        value = float("nan") if weightless else measure(prediction, truth, weights)
        present = has_truth(truth)
        return Measured(value, float(present.sum() if weights is None else weights[present].sum()))
    pair = measure.read(prediction, truth)
    rows = None
    if trial.observes and isinstance(measure, RowMeasure):
        rows = measure.measurements_of(pair)
    if weightless:
        return Measured(float("nan"), 0.0, rows)
    own = measure.weights_of(pair, weights, by_class)
    return Measured(measure.of_pair(pair, own), measure.size_of(pair, own), rows)
