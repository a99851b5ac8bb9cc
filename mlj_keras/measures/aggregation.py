"""How measurements of observations, or of folds, become one: weighted means, root mean squares,
sums.

Values may be numbers, mappings from class to number, or whatever adds up. Knows nothing of
measures. Source: StatisticalMeasuresBase.jl, src/aggregate.jl; there a mean divides by the count,
here by the weights.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

Values = Sequence[Any] | np.ndarray
Aggregation = Callable[[Values, Any], Any]


def mean(values: Values, weights: Any = None) -> Any:
    """Σ w x / Σ w, of arrays element by element; NaN if there is nothing, or no weight."""
    if len(values) and isinstance(values[0], Mapping):
        return _by_key(mean, values, weights)
    numbers, own = _arrays(values, weights)
    if not own.sum():
        return float("nan")
    with np.errstate(invalid="ignore", divide="ignore"):
        result = np.tensordot(own, numbers, 1) / own.sum()
    return result if result.ndim else float(result)


def root_mean(values: Values, weights: Any = None) -> Any:
    """The root of the mean of squares, which for folds of errors gives that of all rows."""
    numbers, own = _arrays(values, weights)
    with np.errstate(over="ignore"):  # what is too large to square gives infinity
        return float(np.sqrt(mean(np.square(numbers), own)))


def total(values: Values, weights: Any = None) -> Any:
    """Σ w x of numbers; mappings key by key; anything else, such as confusion matrices, is added
    without weights."""
    if len(values) and isinstance(values[0], Mapping):
        return _by_key(total, values, weights)
    if len(values) and not np.isscalar(values[0]):
        return functools.reduce(operator.add, values)
    numbers, own = _arrays(values, weights)
    return float(np.dot(own, numbers))


def _arrays(values: Values, weights: Any) -> tuple[np.ndarray, np.ndarray]:
    numbers = np.asarray(values, dtype=np.float64)
    own = np.ones(len(numbers)) if weights is None else np.asarray(weights, dtype=np.float64)
    used = own > 0  # a value without weight does not count, be it NaN
    return numbers[used], own[used]


def _by_key(aggregate: Aggregation, values: Values, weights: Any) -> dict[Any, Any]:
    return {key: aggregate([value[key] for value in values], weights) for key in values[0]}
