"""Frequencies of the classes in a categorical column.

Knows columns only. Source: CategoricalDistributions.jl, src/methods.jl, `fit`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import column_of, is_factor
from mlj_keras.errors import DimensionMismatch, EmptyData, ScitypeError, WeightsError
from mlj_keras.probability._construction import Parts


def frequencies(y: Any, weights: Any) -> Parts:
    """The parts of the distribution of y's observed classes; see UnivariateFinite.fit."""
    values: Any = column_of(y).values  # Any: pyarrow has no types
    if not is_factor(values):
        raise ScitypeError(
            f"fit needs a categorical column, got {type(y).__name__}. "
            "Write UnivariateFinite.fit(coerce(y, Multiclass))."
        )
    codes, levels = factor_codes(values), level_list(values)
    weight = _weights(weights, len(codes))
    seen = codes >= 0
    if not seen.any():
        raise EmptyData(
            f"fit needs a value that is not missing, got none in {len(codes)} rows. "
            "Give rows where the column is observed."
        )
    counts = np.bincount(codes[seen], minlength=len(levels))
    sums = np.bincount(codes[seen], weights=weight[seen], minlength=len(levels))
    if not sums.sum() > 0:
        raise WeightsError(
            "The weights of all observed values are 0. Give at least one a weight above 0."
        )
    observed = tuple(levels[code] for code in np.flatnonzero(counts))
    return Parts(sums / sums.sum(), levels, observed, bool(values.type.ordered))


def _weights(weights: Any, n_rows: int) -> np.ndarray:
    if weights is None:
        return np.ones(n_rows)
    try:
        array = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise WeightsError(
            f"weights must be numbers, got {type(weights).__name__} that hold something else. "
            "Give one number a row."
        ) from error
    if array.shape != (n_rows,):
        raise DimensionMismatch(
            f"weights must be one number for each of the {n_rows} rows, got the shape "
            f"{array.shape}. Take the same rows of both."
        )
    if not (np.isfinite(array) & (array >= 0)).all():
        raise WeightsError(
            "weights must be finite and not negative, got "
            f"{array[~(np.isfinite(array) & (array >= 0))][0]}. Give such rows the weight 0."
        )
    return array
