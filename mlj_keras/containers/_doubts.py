"""What a table holds that a network can take and hardly learns from.

Knows tables. Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.containers._table_encoder import centre_and_scale
from mlj_keras.data.categorical import factor_codes
from mlj_keras.data.columns import Values, is_factor
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import HighCardinalityWarning, PrecisionWarning

_FEWEST_ROWS = 20  # below, a level for every row may be chance
_EXACT = 2**24  # float32 holds every whole number up to it


def identifiers(X: InnerTable) -> Iterator[HighCardinalityWarning]:
    """A warning for each unordered factor with another level in every row."""
    if X.block is not None or len(X) < _FEWEST_ROWS:
        return
    for name in X.names:
        values = X.column(name)
        if not is_factor(values) or values.type.ordered or len(values.dictionary) < len(X):
            continue
        if len(np.unique(factor_codes(values))) == len(X):
            yield HighCardinalityWarning(
                f"Column {name!r} has a level of its own in each of {len(X)} rows, as an "
                "identifier has: nothing can be learned from it that holds for other rows. Drop "
                "it."
            )


def merged_integers(X: InnerTable, *, standardise: bool) -> Iterator[PrecisionWarning]:
    """A warning for each column of integers of which some differ and become equal as float32, the
    way that the network gets them."""
    if X.block is not None and X.block.dtype.kind not in "iu":
        return
    for name in X.names:
        numbers = _integers(X.column(name))
        if numbers is None or not len(numbers):
            continue
        largest = max(int(numbers.max()), -int(numbers.min()))
        if largest <= _EXACT:
            continue
        floats = numbers.astype(np.float64)
        centre, scale = centre_and_scale(floats) if standardise else (0.0, 1.0)
        distinct = len(np.unique(numbers))
        left = len(np.unique(((floats - centre) / scale).astype(np.float32)))
        if left < distinct:
            yield PrecisionWarning(
                f"Column {name!r} has integers up to {largest} in size, of which {distinct} "
                f"differ, and {left} are left in 32-bit arithmetic. If it is an identifier, drop "
                "it; else subtract what all have in common."
            )


def _integers(values: Values) -> np.ndarray | None:
    if not isinstance(values, pa.Array) or not pa.types.is_integer(values.type):
        return None
    numbers: np.ndarray = values.drop_null().to_numpy(zero_copy_only=False)
    return numbers


def changed_columns(encoder: Any, data: Any, X: Any) -> list[str]:
    """The columns of a table whose encoded values are no longer those of `data`."""
    names: list[str] = []
    groups = [group for group in (encoder.numbers, tuple(encoder.pools)) if group]
    for group, new, old in zip(groups, encoder.encode(X), data.inputs, strict=True):
        differs = (new != old).any(axis=0)
        names += [name for name, other in zip(group, differs, strict=True) if other]
    return names
