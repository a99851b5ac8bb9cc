"""The threshold that a measure likes best, on predictions for rows that were not trained on.

Knows machines, measures and strategies; not the model that the threshold is for. Source: ours;
`sklearn.model_selection.TunedThresholdClassifierCV` does the like.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras._warnings import warn
from mlj_keras.data.columns import ColumnOrigin, column_out, factor
from mlj_keras.data.scitypes import OrderedFactor, Unknown, Vector
from mlj_keras.errors import InvalidModelError, MeasureWarning
from mlj_keras.machine import Machine, Source
from mlj_keras.machine.checking import checking, level_around
from mlj_keras.machine.machine import continued
from mlj_keras.measures.base import Measure
from mlj_keras.measures.catalog import measure_of
from mlj_keras.measures.confusion import ClassMeasure
from mlj_keras.measures.confusion_value import ConfusionMatrixValue
from mlj_keras.models import FitOutcome
from mlj_keras.parallel.jobs import run_jobs
from mlj_keras.resampling.plan import Options, holdout_for, pairs_for

pd = lazy_module("pandas")

MOST = 300  # thresholds that are tried, besides 0.5
_EQUAL = 1e-12  # measurements that differ by rounding only

Pairs = tuple[tuple[np.ndarray, np.ndarray], ...]


def check_measure(value: Any) -> Measure:
    """A measure of classes, by which a threshold may be chosen. Raises: ValueError, TypeError."""
    measure = measure_of(value)
    knows = measure.target_scitype == Unknown or measure.takes(Vector[OrderedFactor[2]])
    if measure.prediction_type != "deterministic" or not knows:
        raise ValueError(
            f"must compare two predicted classes, such as balanced_accuracy or f1score, and "
            f"{measure.name} compares something else"
        )
    if measure.orientation not in ("loss", "score"):
        raise ValueError(
            f"of two values of {measure.name} none is the better. Take a loss or a score; of a "
            "function say which it is: FunctionMeasure(f, orientation='score')"
        )
    return measure


@dataclasses.dataclass(frozen=True, eq=False)
class Folds:
    """Pairs of rows, and of each the model as it was trained, with what it has learned."""

    pairs: Pairs
    trained: tuple[tuple[Any, FitOutcome], ...]

    def suit(self, pairs: Pairs) -> bool:
        """Whether these are the same pairs."""
        return len(pairs) == len(self.pairs) and all(
            np.array_equal(a, b)
            for one, two in zip(pairs, self.pairs, strict=True)
            for a, b in zip(one, two, strict=True)
        )


@dataclasses.dataclass(frozen=True)
class _Work:
    """What the folds need; `begun`: of each what was learned before, or None."""

    model: Any
    sources: tuple[Source, ...]
    pairs: Pairs
    begun: tuple[tuple[Any, FitOutcome], ...] | None
    level: int


def planned(model: Any, data: tuple[Any, ...], resampling: Any) -> Pairs:
    """The rows to train on and to predict for.

    Raises: what the strategy raises for these data.
    """
    mach = Machine(model, tuple(Source(each) for each in data))
    strategy = holdout_for(mach, resampling)
    return tuple(pairs_for(mach, strategy, Options(strategy))[0])


def out_of_sample(
    model: Any, data: tuple[Any, ...], pairs: Pairs, before: Folds | None, acceleration: Any
) -> tuple[Folds, list[Any]]:
    """The model trained on each pair, onward from `before` if that is of the same pairs, and what
    it then predicts for the other rows."""
    begun = before.trained if before is not None and before.suit(pairs) else None
    settled = model.settled(max(len(train) for train, _ in pairs))
    sources = tuple(Source(each) for each in data)
    work = _Work(settled, sources, pairs, begun, level_around())
    found: list[Any] = [None] * len(pairs)
    for outcome in run_jobs(_trained_fold, work, len(pairs), acceleration):
        if outcome.error is not None:
            outcome.error.add_note(f"It was raised in fold {outcome.index}, for the threshold.")
            raise outcome.error
        found[outcome.index] = outcome.result
    return Folds(pairs, tuple(each[0] for each in found)), [each[1] for each in found]


def _trained_fold(work: _Work, k: int) -> tuple[tuple[Any, FitOutcome], Any]:
    train, test = work.pairs[k]
    mach = Machine(
        copy.deepcopy(work.model), work.sources, cache=False, scitype_check_level=work.level
    )
    if work.begun is not None:
        continued(mach, *work.begun[k], train)
    with checking(said=True):
        mach.fit(rows=train, verbosity=-1)
    return mach.trained("search a threshold"), mach.predict(rows=test)


@dataclasses.dataclass(frozen=True, eq=False)
class Choice:
    """The best threshold, its measurement, and those of all (a frame: threshold, measurement)."""

    threshold: float
    measurement: float
    curve: Any


def best_threshold(
    measure: Measure, probabilities: np.ndarray, truth: np.ndarray, levels: tuple[Any, ...]
) -> Choice:
    """The threshold that a measure likes best; of equals the one nearest 0.5.

    Args:
        probabilities: (n,) of the positive class · truth: (n,) codes, 1 for it
        levels: the negative and the positive one.
    Raises: InvalidModelError for a measure that gives no number. Warns: MeasureWarning if it is
        NaN everywhere: 0.5 is taken.
    """
    tried = candidates(probabilities)
    values = np.array(
        [
            _number(measure, each)
            for each in _measured(measure, tried, probabilities, truth, levels)
        ]
    )
    curve = pd.DataFrame({"threshold": tried, "measurement": values})
    signed = values if measure.orientation == "score" else -values
    if np.isnan(signed).all():
        warn(
            f"{measure.name} is NaN for all thresholds: 0.5 is taken. Take another measure, or a "
            "resampling whose test rows show both classes.",
            MeasureWarning,
        )
        return Choice(0.5, float("nan"), curve)
    best = np.flatnonzero(np.isclose(signed, np.nanmax(signed), rtol=_EQUAL, atol=_EQUAL))
    place = best[np.abs(tried[best] - 0.5).argmin()]
    return Choice(float(tried[place]), float(values[place]), curve)


def candidates(probabilities: np.ndarray) -> np.ndarray:
    """Ascending thresholds in [0, 1): 0.5, and the midpoints between neighbours among 0, the
    distinct probabilities and 1, each of which divides the rows otherwise; of too many MOST, at
    evenly spaced quantiles."""
    edges = np.unique([0.0, *probabilities, 1.0])
    middles = (edges[:-1] + edges[1:]) / 2
    if len(middles) > MOST:
        middles = middles[np.linspace(0, len(middles) - 1, MOST).round().astype(int)]
    tried = np.unique([*middles, 0.5])
    return tried[(tried >= 0) & (tried < 1)]


def _measured(
    measure: Measure,
    tried: np.ndarray,
    probabilities: np.ndarray,
    truth: np.ndarray,
    levels: tuple[Any, ...],
) -> Iterator[Any]:
    """What the measure says of each threshold. The order of the levels is meant, whether the
    target has one or not."""
    if isinstance(measure, ClassMeasure):
        for counts in _confusions(tried, probabilities, truth):
            yield measure.of_confusion(ConfusionMatrixValue(levels, counts, ordered=True))
        return
    observed = _column(truth, levels)
    for threshold in tried:
        yield measure(_column(probabilities > threshold, levels), observed)


def _confusions(
    tried: np.ndarray, probabilities: np.ndarray, truth: np.ndarray
) -> Iterator[np.ndarray]:
    """Counts (2, 2) for each threshold: predictions by truth."""
    below = [  # how many rows of each class are not above it
        np.searchsorted(np.sort(probabilities[truth == code]), tried, side="right")
        for code in (0, 1)
    ]
    n_rows = [np.count_nonzero(truth == code) for code in (0, 1)]
    for negative, positive in zip(*below, strict=True):
        yield np.array([[negative, positive], [n_rows[0] - negative, n_rows[1] - positive]])


def _column(codes: np.ndarray, levels: tuple[Any, ...]) -> Any:
    return column_out(factor(codes, levels, ordered=True), ColumnOrigin())


def _number(measure: Measure, value: Any) -> float:
    if isinstance(value, int | float) or (hasattr(value, "dtype") and np.ndim(value) == 0):
        return float(value)
    raise InvalidModelError(
        f"{measure.name} gives {type(value).__name__}, no number, by which no threshold is the "
        "best. Take a measure of one number."
    )
