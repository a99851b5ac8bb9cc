"""From a table to the matrix of an estimator, by what was learned on the training rows.

Knows tables and columns. Must not know scikit-learn.
Source: ours; MLJScikitLearnInterface.jl takes tables of Continuous only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.data.alignment import aligned
from mlj_keras.data.budget import check_budget
from mlj_keras.data.categorical import encode, level_list
from mlj_keras.data.columns import as_floats, is_factor, is_numeric
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.stored import check_names, check_one_of, check_pools
from mlj_keras.data.tables import InnerTable, table_of
from mlj_keras.errors import MissingValuesError, NonFiniteError, SchemaMismatch
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True)
class MatrixEncoder:
    """The column names and the pools of the training rows, and the form of factors.

    Args:
        form: "one_hot": a Multiclass becomes 0 and 1, a column for each level of its pool, an
            OrderedFactor its code 0..K-1; "codes": every factor becomes its code; "labels": a
            matrix of objects, with the labels themselves
        nan: numbers may be missing (NaN), and factors too where they are codes or labels.
    """

    names: tuple[str, ...]
    pools: Mapping[str, tuple[Any, ...]]
    ordered: frozenset[str]
    form: str
    nan: bool

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_names(self.names)
        check_pools(self.pools, self.names)
        check_one_of(self.form, ("one_hot", "codes", "labels"), "form of factors")
        if not self.ordered <= {*self.pools}:
            raise ValueError("it has ordered columns that are no factors")

    @classmethod
    def fit(cls, X: InnerTable, *, form: str, nan: bool) -> MatrixEncoder:
        """Learn names and pools."""
        columns = {} if X.block is not None else {name: X.column(name) for name in X.names}
        pools = {name: level_list(v) for name, v in columns.items() if is_factor(v)}
        ordered = frozenset(n for n, v in columns.items() if is_factor(v) and v.type.ordered)
        return cls(X.names, pools, ordered, form, nan)

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the columns of the matrix: those of the table, `name__level` where a
        factor has several."""
        return tuple(
            f"{name}__{level}" if level is not None else name for name, level in self._columns()
        )

    @property
    def origins(self) -> tuple[str, ...]:
        """For each column of the matrix the name of the column of the table that it comes from."""
        return tuple(name for name, _ in self._columns())

    def _columns(self) -> list[tuple[str, Any]]:
        return [
            (name, level)
            for name in self.names
            for level in (self.pools[name] if self.is_spread(name) else (None,))
        ]

    def is_spread(self, name: str) -> bool:
        """True if the column has become several, one for each level."""
        return self.form == "one_hot" and name in self.pools and name not in self.ordered

    def encode(self, X: Any, warned: set[str] | None = None) -> np.ndarray:
        """The matrix (n, p): float64, or float32 if X has float32 numbers and nothing else; for
        "labels" objects. C-ordered, so that every kind of table gives the same bytes.

        Args:
            X: a table
            warned: names of columns that are ignored without another warning; those that are
                warned of are added.
        Raises: SchemaMismatch; UnseenLevelError; MissingValuesError and NonFiniteError by column
            and row.
        """
        table = aligned(table_of(X), self.names, set() if warned is None else warned)
        if table.block is not None and not self.pools and self.form != "labels":
            return self._block(table)
        pieces = [self._piece(table, name) for name in self.names]
        if self.form == "labels":
            out = np.empty((len(table), len(pieces)), dtype=object)
            for position, piece in enumerate(pieces):
                out[:, position] = piece[:, 0]
            return out
        return np.ascontiguousarray(np.hstack(pieces))

    def _block(self, table: InnerTable) -> np.ndarray:
        block: Any = table.block
        if table.names != self.names:
            block = block[:, [table.position[name] for name in self.names]]
        single = block.dtype in (np.float32, np.float16)
        matrix = np.ascontiguousarray(block, dtype=np.float32 if single else np.float64)
        with np.errstate(over="ignore", invalid="ignore"):
            suspicious = not np.isfinite(matrix.sum(dtype=np.float64))
        if suspicious:
            check_numbers(table, self.names, nan=self.nan)
        return matrix

    def _piece(self, table: InnerTable, name: str) -> np.ndarray:
        values = table.column(name)
        if name not in self.pools:
            check_numbers(table, (name,), nan=self.nan)
            return as_floats(values)[:, None]
        pool = self.pools[name]
        codes = encode(values, pool, f"column {name!r}")
        gone = np.flatnonzero(codes < 0)
        if len(gone) and not (self.nan and not self.is_spread(name)):
            raise _missing(table, {name: gone}, numbers=False)
        if self.form == "labels":
            labels: np.ndarray = np.array([*pool, None], dtype=object)[codes]
            return labels[:, None]
        if self.is_spread(name):
            check_budget(
                8 * len(codes) * len(pool),
                what=f"Column {name!r}, one-hot, of {len(pool)} levels and {len(codes)} rows,",
                advice="Merge rare levels by CardinalityReducer.",
            )
            spread = np.zeros((len(codes), len(pool)))
            spread[np.arange(len(codes)), codes] = 1
            return spread
        return np.where(codes < 0, np.nan, codes)[:, None]


def check_numbers(table: InnerTable, names: tuple[str, ...], *, nan: bool) -> None:
    """Raise for columns that are no numbers, missing values where there may be none (`nan`
    False), and infinite ones.

    Raises: SchemaMismatch, MissingValuesError, NonFiniteError naming columns and rows.
    """
    gone: dict[str, np.ndarray] = {}
    infinite: dict[str, np.ndarray] = {}
    for name in names:
        values = table.column(name)
        if not is_numeric(values):
            raise SchemaMismatch(
                f"Column {name!r} is {values_scitype(values)}, and this model takes numbers "
                f"there. Write X = coerce(X, {{{name!r}: Continuous}})."
            )
        numbers = as_floats(values)
        for where, found in ((gone, np.isnan(numbers)), (infinite, np.isinf(numbers))):
            if found.any():
                where[name] = np.flatnonzero(found)
    if gone and not nan:
        raise _missing(table, gone, numbers=True)
    if infinite:
        raise NonFiniteError(
            f"X has infinite values: {_by_column(infinite)}. Replace them, or drop those rows, "
            "before fit and predict."
        )


def _missing(
    table: InnerTable, gone: Mapping[str, np.ndarray], *, numbers: bool
) -> MissingValuesError:
    # A matrix of objects holds no numbers that NumPy could fill in one line.
    kind = "objects" if table.block is None and table.origin.own.kind == "matrix" else None
    own = kind or table.origin.own.kind
    fills = [MissingValuesError.filled_by(own, name, numbers=numbers) for name in gone]
    return MissingValuesError(
        f"X has missing values: {_by_column(gone)}. This model cannot take them. Fill them "
        f"first, for example with {' and '.join(dict.fromkeys(fills))}, or drop those rows."
    )


def _by_column(found: Mapping[str, np.ndarray]) -> str:
    return "; ".join(
        f"column {name!r} has {len(rows)} (first rows {', '.join(map(str, rows[:5]))})"
        for name, rows in found.items()
    )
