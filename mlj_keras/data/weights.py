"""Weights of observations: a vector, a mapping from level to weight, or "balanced".

Knows columns only. Source: MLJBase.jl, src/machines.jl (`machine(model, X, y, w)`); "balanced" as
in scikit-learn.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import Values, as_floats, column_of, is_factor
from mlj_keras.errors import DimensionMismatch, WeightsError
from mlj_keras.storage.records import storable

_LARGEST = float(np.finfo(np.float32).max)
_ALL_ZERO = "All weights are zero: nothing would be learned. Give some row a positive weight."


@storable
@dataclasses.dataclass(frozen=True)
class ClassWeights:
    """A weight for each class: level → weight, or None for "balanced" (n_rows / (n_classes *
    count), mean 1 over rows)."""

    by_level: Mapping[Any, float] | None

    def of_rows(self, y: Values) -> np.ndarray:
        """The weight of each row (n,), float32, by its class.

        Raises: WeightsError if y is not categorical, or a class has no weight.
        """
        if not is_factor(y):
            raise WeightsError(
                "Class weights need a categorical target. Give a vector of weights, one for each "
                "row."
            )
        codes, levels = factor_codes(y), level_list(y)
        if self.by_level is None:
            counts = np.bincount(codes[codes >= 0], minlength=len(levels))
            with np.errstate(divide="ignore"):
                table = len(codes) / (np.count_nonzero(counts) * counts)
            balanced: np.ndarray = table[codes].astype(np.float32)
            return balanced
        unknown = [level for level in self.by_level if level not in levels]
        lacking = [level for level in levels if level not in self.by_level]
        if unknown or lacking:
            raise WeightsError(
                f"Class weights must name every level of the target once, {list(levels)!r}, and "
                "nothing else: "
                + "; ".join(
                    [f"no level is {level!r}" for level in unknown]
                    + [f"there is no weight for {level!r}" for level in lacking]
                )
                + "."
            )
        given = np.array([self.by_level[level] for level in levels], dtype=np.float32)
        result: np.ndarray = given[codes]
        return result


def read_weights(w: Any, n_rows: int) -> np.ndarray | ClassWeights:
    """What the user gave as weights, checked: a float32 vector (n_rows,), or ClassWeights.

    Raises: WeightsError for missing, negative or infinite weights, all zeros, or unknown words;
        DimensionMismatch for another length.
    """
    if isinstance(w, ClassWeights):
        return w
    if isinstance(w, str):
        if w != "balanced":
            raise WeightsError(
                f"w must be a vector, a dict from level to weight, or 'balanced', got {w!r}."
            )
        return ClassWeights(None)
    if isinstance(w, Mapping):
        bad = {level: weight for level, weight in w.items() if not _usable(weight)}
        if bad or not w:
            raise WeightsError(
                f"Class weights must be finite numbers >= 0, got {dict(bad or w)!r}. Give one for "
                "each level, such as {'no': 1.0, 'yes': 3.0}."
            )
        if not any(w.values()):
            raise WeightsError(_ALL_ZERO)
        return ClassWeights({level: float(weight) for level, weight in w.items()})
    values = column_of(w, "w").values
    if len(values) != n_rows:
        raise DimensionMismatch(
            f"w has {len(values)} weights and the data have {n_rows} rows. Give one weight a row."
        )
    try:
        if isinstance(values, pa.Array) and pa.types.is_temporal(values.type):
            raise TypeError("times are no weights")
        numbers = as_floats(values)
    except (AttributeError, TypeError, ValueError, NotImplementedError) as error:
        raise WeightsError(
            f"w must be numbers, got {list(values[:3].tolist())!r}. Give one number for each row."
        ) from error
    with np.errstate(over="ignore"):
        single = numbers.astype(np.float32)
    wrong = np.flatnonzero(~(np.isfinite(single) & (single >= 0)))
    if len(wrong):
        raise WeightsError(
            f"w has {len(wrong)} weight(s) that are negative, missing or infinite, first at row "
            f"{wrong[0]} ({numbers[wrong[0]]}). Weights must be finite and not negative."
        )
    if n_rows and not numbers.any():
        raise WeightsError(_ALL_ZERO)
    return single


def _usable(weight: Any) -> bool:
    if not isinstance(weight, int | float | np.integer | np.floating):
        return False
    return bool(0 <= weight <= _LARGEST)
