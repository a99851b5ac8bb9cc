"""`BinaryClasses`: the two classes of a target, of which the second is the positive one, and
probabilities of it turned into classes.

Knows columns and distributions; no models. Source: MLJModels.jl,
src/builtins/ThresholdPredictors.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import Column, ColumnOrigin, column_out, factor, is_factor
from mlj_keras.data.inference import scitype
from mlj_keras.data.scitypes import Finite, Multiclass, OrderedFactor, Scitype, Unknown, Vector
from mlj_keras.data.stored import check_levels
from mlj_keras.errors import InvalidArgument, MissingValuesError, ScitypeError
from mlj_keras.measures.reading import distributions_of
from mlj_keras.storage.records import storable

# Probabilities that add up to 1 up to this are taken as they are: dividing would move some of
# them off the threshold that they are equal to.
_ROUNDING = 1e-6


def binary_part(target: Scitype) -> Scitype | None:
    """The targets of two classes among those of a scitype, or None if there are none.

    Example:
        >>> binary_part(Vector[Finite]), binary_part(Vector[OrderedFactor])
        (Vector[Finite[2]], Vector[OrderedFactor[2]])

    Source: ours.
    """
    parts = (Vector[Finite[2]], Vector[OrderedFactor[2]], Vector[Multiclass[2]])
    if target == Unknown:
        return parts[0]
    return next((part for part in parts if part <= target), None)


@storable
@dataclasses.dataclass(frozen=True)
class BinaryClasses:
    """What is remembered of a target: the negative and the positive level, and how it came."""

    levels: tuple[Any, ...]
    ordered: bool
    origin: ColumnOrigin

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_levels(self.levels)
        if len(self.levels) != 2:
            raise ValueError(f"its target has {len(self.levels)} levels, not two")

    @classmethod
    def of(cls, y: Any, who: str) -> BinaryClasses:
        """Those of a target. Raises: ScitypeError unless its pool has two levels;
        MissingValuesError."""
        values = y.values if isinstance(y, Column) else None
        if values is None or not is_factor(values) or len(level_list(values)) != 2:
            found = scitype(y) if isinstance(y, Column) else type(y).__name__
            raise ScitypeError(
                f"{who} needs a target of two classes, and this one is {found}. Write "
                "y = coerce(y, OrderedFactor, levels=[...]), with the positive level last."
            )
        gone = np.flatnonzero(factor_codes(values) < 0)
        if len(gone):
            raise MissingValuesError(
                f"The target of {who} is missing in {len(gone)} row(s), first "
                f"{gone[:5].tolist()}. Drop those rows of X and y."
            )
        return cls(level_list(values), bool(values.type.ordered), y.origin)

    def codes(self, y: Column) -> np.ndarray:
        """1 for the rows (n,) of the positive class, 0 for the others."""
        values: Any = y.values  # a factor, as `of` has seen
        return factor_codes(values)

    def probabilities(self, predicted: Any, who: str) -> np.ndarray:
        """The probability of the positive class, (n,) floats; where the two do not add up to 1,
        its share.

        Raises: ScitypeError for anything but distributions over the two classes; InvalidArgument
            for NaN.
        """
        vector = distributions_of(predicted)
        if vector is None or set(vector.levels) != set(self.levels):
            given = type(predicted).__name__ if vector is None else f"levels {vector.levels!r:.80}"
            raise ScitypeError(
                f"{who} must predict distributions over the classes {list(self.levels)!r:.80}, "
                f"got {given}. Take a probabilistic classifier."
            )
        rows = vector.probabilities.astype(np.float64)
        positive, totals = rows[:, vector.levels.index(self.levels[1])], rows.sum(axis=1)
        if np.isnan(totals).any():
            row = int(np.flatnonzero(np.isnan(totals))[0])
            raise InvalidArgument(
                f"{who} predicts a probability that is NaN (row {row}), which is on no side of a "
                "threshold. Look for the cause, or drop such rows."
            )
        off = (np.abs(totals - 1) > _ROUNDING) & (totals > 0)
        shares: np.ndarray = np.divide(positive, totals, out=positive.copy(), where=off)
        return shares

    def column(self, positive: np.ndarray, index: Any) -> Any:
        """Classes as a column such as the target was; `positive` (n,) booleans."""
        values = factor(positive, self.levels, ordered=self.ordered)
        return column_out(values, self.origin, index)
