"""Targets: from what the user calls y to what an estimator is given, and back to y's kind.

Knows columns and distributions. Must not know scikit-learn. Source: MLJScikitLearnInterface.jl,
src/macros.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras.data.categorical import encode, level_list
from mlj_keras.data.columns import (
    Column,
    ColumnOrigin,
    as_floats,
    column_of,
    column_out,
    factor,
    is_factor,
    is_numeric,
    missing_mask,
)
from mlj_keras.data.inference import scitype
from mlj_keras.data.stored import check_levels, check_names
from mlj_keras.data.tables import TableOrigin, is_table, table_of, table_out
from mlj_keras.errors import MissingValuesError, NonFiniteError, OneClassError, ScitypeError
from mlj_keras.probability import UnivariateFiniteVector
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True)
class ClassCodes:
    """A Finite column: the estimator sees codes 0..K-1 in the order of the pool."""

    origin: ColumnOrigin
    levels: tuple[Any, ...]
    ordered: bool

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_levels(self.levels)
        if len(self.levels) < 2:
            raise ValueError(f"its target has {len(self.levels)} levels")

    def encode(self, y: Any) -> np.ndarray:
        """Codes (n,), int64."""
        return encode(column_of(y).values, self.levels, "y").astype(np.int64)

    def decode(self, codes: np.ndarray, index: Any) -> Any:
        """Labels, as y came."""
        values = factor(np.asarray(codes), self.levels, ordered=self.ordered)
        return column_out(values, self.origin, index)

    def distributions(self, probabilities: np.ndarray, codes: np.ndarray, index: Any) -> Any:
        """Distributions over the whole pool; probability 0 for levels not in `codes`, those that
        the columns (n, k) of `probabilities` belong to."""
        whole = np.zeros((len(probabilities), len(self.levels)), probabilities.dtype)
        whole[:, np.asarray(codes, dtype=np.int64)] = probabilities
        return UnivariateFiniteVector(
            whole, self.levels, ordered=self.ordered, origin=self.origin, index=index
        )


@storable
@dataclasses.dataclass(frozen=True)
class NumberColumn:
    """One Continuous column."""

    origin: ColumnOrigin

    def encode(self, y: Any) -> np.ndarray:
        """(n,), floats."""
        return as_floats(column_of(y).values)

    def decode(self, values: np.ndarray, index: Any) -> Any:
        """A column of floats, as y came."""
        numbers = np.asarray(values).reshape(-1).astype(self.origin.float_dtype)
        return column_out(numbers, self.origin, index)


@storable
@dataclasses.dataclass(frozen=True)
class NumberTable:
    """Several Continuous columns."""

    names: tuple[str, ...]
    origin: TableOrigin

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_names(self.names)

    def encode(self, y: Any) -> np.ndarray:
        """(n, n_targets), floats."""
        table = table_of(y)
        return np.column_stack([as_floats(table.column(name)) for name in self.names])

    def decode(self, values: np.ndarray, index: Any) -> Any:
        """A table of floats, as y came."""
        matrix = np.asarray(values).reshape(-1, len(self.names)).astype(self.origin.float_dtype)
        return table_out(self.names, list(np.ascontiguousarray(matrix.T)), self.origin, index)


Target = ClassCodes | NumberColumn | NumberTable


def target_of(y: Any) -> Target:
    """How y reaches an estimator and comes back.

    Raises: ScitypeError for a column that is neither classes nor numbers; MissingValuesError,
        NonFiniteError by row; OneClassError for a pool of one level.
    """
    if is_table(y):
        table = table_of(y, "y")
        for name in table.names:
            _check(table.column(name), f"column {name!r} of y")
        return NumberTable(table.names, table.origin)
    column = y if isinstance(y, Column) else column_of(y)
    _check(column.values, "y")
    if not is_factor(column.values):
        return NumberColumn(column.origin)
    levels = level_list(column.values)
    if len(levels) < 2:
        raise OneClassError(
            f"The target has a single level, {list(levels)!r}: there is nothing to tell apart. "
            "Give at least two: y = coerce(y, Multiclass, levels=[...])."
        )
    return ClassCodes(column.origin, levels, bool(column.values.type.ordered))


def _check(values: Any, what: str) -> None:
    gone = np.flatnonzero(missing_mask(values))
    if len(gone):
        raise MissingValuesError(
            f"{what} has {len(gone)} missing value(s), first at rows {gone[:5].tolist()}. Drop "
            "those rows of X and y."
        )
    if is_factor(values) and what == "y":
        return
    if not is_numeric(values):
        raise ScitypeError(
            f"{what} is {scitype(Column(values, ColumnOrigin()))}, and a target is numbers or, as "
            "one column, classes. Write y = coerce(y, Multiclass)."
        )
    wrong = np.flatnonzero(np.isinf(as_floats(values)))
    if len(wrong):
        raise NonFiniteError(
            f"{what} has {len(wrong)} infinite value(s), first at rows {wrong[:5].tolist()}. "
            "Replace them, or drop those rows."
        )
