"""From a table to the arrays of a network: numbers standardised, factors as codes in the training
pools.

What is learned is plain data and part of the fitted state. Source: MLJFlux.jl, src/encoders.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mlj_keras.builders.entity_embedding import TabularInputs, embedding_width
from mlj_keras.data.alignment import aligned
from mlj_keras.data.categorical import encode, level_list
from mlj_keras.data.columns import as_floats, is_factor, is_numeric, missing_mask
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.stored import check_finite_numbers, check_names, check_pools
from mlj_keras.data.tables import InnerTable, table_of
from mlj_keras.engine.data import room_for
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    NonFiniteError,
    SchemaMismatch,
)
from mlj_keras.storage.records import storable

_CHUNK = 8192  # rows standardised at a time: small enough for the processor's cache
_F32_MAX = float(np.finfo(np.float32).max)


@storable
@dataclasses.dataclass(frozen=True)
class TableEncoder:
    """Column names, pools of factors, and centre and scale of the numbers, all of the training
    rows."""

    names: tuple[str, ...]
    pools: Mapping[str, tuple[Any, ...]]
    widths: Mapping[str, int]
    centre: np.ndarray
    scale: np.ndarray

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_names(self.names)
        check_pools(self.pools, self.names)
        if [*self.pools] != [*self.widths] or not all(w > 0 for w in self.widths.values()):
            raise ValueError(
                "its embeddings are of other columns than its levels, or have no width"
            )
        if not all(self.pools.values()):
            raise ValueError("it has a factor without levels")
        check_finite_numbers(self.centre, "centre", (len(self.numbers),))
        check_finite_numbers(self.scale, "scale", (len(self.numbers),), least=0)

    @classmethod
    def fit(
        cls, X: InnerTable, *, standardise: bool, embedding_dims: Mapping[str, int | float]
    ) -> TableEncoder:
        """Learn from the training rows.

        Raises: InvalidModelError for embedding_dims of columns that are no factors;
            MissingValuesError, NonFiniteError.
        """
        pools = {}
        if X.block is None:
            pools = {
                name: level_list(X.column(name)) for name in X.names if is_factor(X.column(name))
            }
        _check_dims(embedding_dims, X.names, pools)
        widths = {
            name: embedding_width(len(pool), embedding_dims.get(name))
            for name, pool in pools.items()
        }
        numbers = tuple(name for name in X.names if name not in pools)
        centre, scale = np.zeros(len(numbers)), np.ones(len(numbers))
        if standardise and numbers:
            centre, scale = _moments(X, numbers)
        return cls(X.names, pools, widths, centre, scale)

    @property
    def numbers(self) -> tuple[str, ...]:
        """The names of the columns that are numbers."""
        return tuple(name for name in self.names if name not in self.pools)

    @property
    def inputs(self) -> TabularInputs:
        """What the network starts from."""
        return TabularInputs(
            tuple(
                (len(self.pools[n]), self.widths[n]) if n in self.pools else None
                for n in self.names
            )
        )

    def encode(self, X: Any, warned: set[str] | None = None) -> tuple[np.ndarray, ...]:
        """The arrays for the network: (numbers float32 (n, p), codes int32 (n, m)), as far as
        there are any.

        Args:
            X: a table
            warned: names of columns that are ignored without another warning; those that are
                warned of are added.
        Raises: SchemaMismatch for missing columns; UnseenLevelError; MissingValuesError and
            NonFiniteError by column and row.
        """
        table = aligned(table_of(X), self.names, set() if warned is None else warned)
        arrays = []
        if self.numbers:
            arrays.append(self._numbers(table))
        if self.pools:
            arrays.append(self._codes(table))
        return tuple(arrays)

    def _numbers(self, table: InnerTable) -> np.ndarray:
        out = room_for(len(table), (len(self.numbers),), np.float32)
        for first, last, piece in _number_chunks(table, self.numbers):
            with np.errstate(over="ignore", invalid="ignore"):
                np.divide(
                    piece - self.centre, self.scale, out=out[first:last], casting="same_kind"
                )
            if not np.isfinite(out[first:last]).all():
                check_numbers(table, self.numbers)
                self._refuse_far(out[first:last], first)
        return out

    def _refuse_far(self, piece: np.ndarray, first: int) -> None:
        """Name the first number that is finite, and infinite once it is standardised."""
        row, column = np.argwhere(~np.isfinite(piece))[0]
        raise NonFiniteError(
            f"Column {self.numbers[column]!r} has a value at row {first + row} that is too far "
            f"from the training rows (mean {self.centre[column]:.4g}, standard deviation "
            f"{self.scale[column]:.4g}) for float32. Check its unit, or drop that row."
        )

    def _codes(self, table: InnerTable) -> np.ndarray:
        codes = room_for(len(table), (len(self.pools),), np.int32)
        for position, (name, pool) in enumerate(self.pools.items()):
            codes[:, position] = codes_of(table, name, pool)
        return codes


def codes_of(table: InnerTable, name: str, pool: tuple[Any, ...]) -> np.ndarray:
    """Codes (n,), int32, of a factor in its training pool.

    Raises: MissingValuesError, UnseenLevelError, SchemaMismatch naming the column.
    """
    values = table.column(name)
    gone = np.flatnonzero(missing_mask(values))
    if len(gone):
        raise _missing(table, {name: gone}, numbers=False)
    return encode(values, pool, f"column {name!r}")


def check_numbers(table: InnerTable, names: tuple[str, ...]) -> None:
    """Raise the error that names every column and the first rows with missing, infinite or too
    large values."""
    gone: dict[str, np.ndarray] = {}
    infinite: dict[str, np.ndarray] = {}
    for name in names:
        values = _floats(table, name)
        for where, found in (
            (gone, np.isnan(values)),
            (infinite, np.isinf(values) | (np.abs(values) > _F32_MAX)),
        ):
            if found.any():
                where[name] = np.flatnonzero(found)
    if gone:
        raise _missing(table, gone, numbers=True)
    if infinite:
        first_values = {name: _floats(table, name)[rows[0]] for name, rows in infinite.items()}
        raise NonFiniteError(
            "X has infinite values, or values too large for float32: "
            f"{_by_column(infinite, first_values)}. A network can take neither. Replace them, or "
            "drop those rows, before fit and predict."
        )


def _missing(
    table: InnerTable, gone: Mapping[str, np.ndarray], *, numbers: bool
) -> MissingValuesError:
    # A matrix of objects holds no numbers that NumPy could fill in one line.
    kind = "objects" if table.block is None and table.origin.own.kind == "matrix" else None
    own = kind or table.origin.own.kind
    fills = [MissingValuesError.filled_by(own, name, numbers=numbers) for name in gone]
    return MissingValuesError(
        f"X has missing values: {_by_column(gone)}. A network cannot take them. Fill them first, "
        f"for example with {' and '.join(dict.fromkeys(fills))}, or drop those rows."
    )


def _by_column(found: Mapping[str, np.ndarray], values: Mapping[str, float] | None = None) -> str:
    return "; ".join(
        f"column {name!r} has {len(rows)} (first rows {', '.join(map(str, rows[:5]))}"
        + (f", the first is {values[name]}" if values else "")
        + ")"
        for name, rows in found.items()
    )


def _floats(table: InnerTable, name: str) -> np.ndarray:
    values = table.column(name)
    if not is_numeric(values):
        raise SchemaMismatch(
            f"Column {name!r} is {values_scitype(values)}, and the network takes numbers there. "
            f"Write X = coerce(X, {{{name!r}: Continuous}})."
        )
    return as_floats(values)


def _number_chunks(
    table: InnerTable, names: tuple[str, ...]
) -> Iterator[tuple[int, int, np.ndarray]]:
    """(first, last, float64 (last - first, p)) over the rows; the same arithmetic whatever the
    kind of table."""
    if table.block is not None:
        order = None if table.names == names else [table.names.index(name) for name in names]
        for first in range(0, max(len(table), 1), _CHUNK):
            piece = table.block[first : first + _CHUNK]
            yield (
                first,
                first + len(piece),
                np.asarray(piece if order is None else piece[:, order], dtype=np.float64),
            )
        return
    columns = [_floats(table, name) for name in names]
    for first in range(0, max(len(table), 1), _CHUNK):
        last = min(first + _CHUNK, len(table))
        piece = np.empty((last - first, len(names)))
        for position, column in enumerate(columns):
            piece[:, position] = column[first:last]
        yield first, last, piece


def _moments(table: InnerTable, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation (ddof 1) of each column; the scale of a constant column is 1.

    Column by column, so that every kind of table gives the same bytes. Columns of 0 and 1 only
    stay as they are.
    """
    centre, scale = np.zeros(len(names)), np.ones(len(names))
    for position, name in enumerate(names):
        values = _floats(table, name).astype(np.float64)
        if not np.isfinite(values).all():
            check_numbers(table, names)
        # A rare 1 of a one-hot column would become a number in the hundreds.
        if not np.isin(values, (0.0, 1.0)).all():
            centre[position], scale[position] = centre_and_scale(values)
    return centre, scale


def centre_and_scale(values: np.ndarray) -> tuple[float, float]:
    """Mean and standard deviation (ddof 1) of one column; scale 1 where it does not vary."""
    values = values.astype(np.float64, copy=False)  # the same for numbers that came shorter
    mean = float(np.mean(values))
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    # A constant column leaves rounding errors of about 1e-16 of its size, which are no scale.
    return mean, deviation if deviation > 1e-12 * max(abs(mean), 1e-300) else 1.0


def _check_dims(
    dims: Mapping[str, int | float], names: tuple[str, ...], pools: Mapping[str, Any]
) -> None:
    unknown = [name for name in dims if name not in names]
    numbers = [name for name in dims if name in names and name not in pools]
    if unknown or numbers:
        raise InvalidModelError(
            "embedding_dims names "
            + " and ".join(
                filter(
                    None,
                    [
                        f"no columns of X: {unknown!r}" if unknown else "",
                        f"columns that are not categorical: {numbers!r}" if numbers else "",
                    ],
                )
            )
            + f". The categorical columns are {list(pools)!r}."
        )
