"""The values that a column is given in turn: a grid of numbers, or the levels of a factor.

Knows tables; asks no machine. Source: ours; scikit-learn, `_grid_from_X`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.categorical import encode, level_list
from mlj_keras.data.columns import (
    as_floats,
    column_of,
    column_out,
    factor,
    is_factor,
    is_numeric,
)
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.tables import InnerTable, table_column
from mlj_keras.errors import EmptyData, InvalidArgument, ScitypeError
from mlj_keras.inspection._subject import check_count, column_named

_DECILES = np.linspace(0.1, 0.9, 9)


@dataclasses.dataclass(frozen=True)
class Axis:
    """One column and the values that it is given.

    Args: name · values: (g,) numbers in ascending order, or levels · codes: (g,) of the levels in
        the pool, None for numbers · deciles: (9,) of the column, none for a factor.
    """

    name: str
    values: np.ndarray
    codes: np.ndarray | None
    deciles: np.ndarray

    def __len__(self) -> int:
        return len(self.values)

    def column(self, table: InnerTable, places: np.ndarray) -> Any:
        """The column, of the kind and type that it has in the table, with the values at these
        places of the grid."""
        column = table_column(table, self.name)
        own: Any = column.values  # an Arrow array, as `axis_of` has seen
        if self.codes is not None:
            codes, ordered = self.codes[places], own.type.ordered
            return column_out(factor(codes, level_list(own), ordered=ordered), column.origin)
        return column_out(_cast(pa.array(self.values), own.type).take(places), column.origin)


def _cast(values: pa.Array, kind: Any) -> pa.Array:
    """Numbers as the type of their column, or as they are if that does not hold them all."""
    if pa.types.is_floating(values.type) and pa.types.is_floating(kind):
        return values.cast(kind)
    try:
        cast = values.cast(kind)
    except pa.ArrowInvalid:
        return values
    return cast if cast.cast(values.type).equals(values) else values  # 3 as a boolean is 1


def axes_of(
    table: InnerTable, features: Sequence[Any], grid: Any, *, resolution: Any, percentiles: Any
) -> list[Axis]:
    """The axes of one or two features; `grid`: of one its values, of two a pair, or None.

    Raises: SchemaMismatch for an unknown column; InvalidArgument for one that is named twice, or
        impossible arguments; what `axis_of` raises.
    """
    n = check_count(resolution, "grid_resolution", 2)
    ends = _percentiles(percentiles)
    names = [column_named(table, feature) for feature in features]
    if len(set(names)) < len(names):
        raise InvalidArgument(f"features names {names[0]!r} twice. Name two columns, or one.")
    grids = [grid] * len(names) if grid is None or len(names) == 1 else grid
    if not isinstance(grids, list | tuple) or len(grids) != len(names):
        raise InvalidArgument(
            f"grid must be a pair for two features, got {grid!r:.80}. Write (values, values), "
            "with None for the usual ones."
        )
    return [
        axis_of(table, name, own, resolution=n, percentiles=ends)
        for name, own in zip(names, grids, strict=True)
    ]


def _percentiles(percentiles: Any) -> tuple[float, float]:
    try:
        low, high = map(float, percentiles)
    except (TypeError, ValueError):
        low = high = np.nan
    if not 0 <= low < high <= 1:
        raise InvalidArgument(
            f"percentiles must be two numbers, 0 <= low < high <= 1, got {percentiles!r:.60}. "
            "Write (0.05, 0.95)."
        )
    return low, high


def axis_of(
    table: InnerTable,
    name: str,
    grid: Any,
    *,
    resolution: int,
    percentiles: tuple[float, float],
) -> Axis:
    """The values of a column: those of `grid`, or else its levels, its distinct numbers if there
    are fewer than `resolution`, or numbers at equal distances between two percentiles.

    Raises: ScitypeError if the column holds neither numbers nor a factor; EmptyData if it holds
        nothing; InvalidArgument for a grid that does not suit it, or percentiles that are equal;
        UnseenLevelError for levels that it has not.
    """
    values = table.column(name)
    if is_factor(values):
        return _of_levels(values, name, grid)
    if not is_numeric(values):
        raise ScitypeError(
            f"Partial dependence is on numbers and factors, and column {name!r} is "
            f"{values_scitype(values)}. Write X = coerce(X, {{{name!r}: Multiclass}})."
        )
    numbers = as_floats(values)
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        raise EmptyData(f"Column {name!r} holds no number. Give rows, or a grid, that have some.")
    given = _distinct(values, known, name, resolution, percentiles) if grid is None else grid
    points = _numbers(given, name, whole=not pa.types.is_floating(values.type))
    return Axis(name, points, None, np.quantile(known, _DECILES))


def _of_levels(values: pa.DictionaryArray, name: str, grid: Any) -> Axis:
    pool = level_list(values)
    asked = pool if grid is None else tuple(dict.fromkeys(_listed(grid, name).tolist()))
    codes = encode(column_of(list(asked)).values, pool, f"grid of column {name!r}")
    return Axis(name, np.array(asked), codes, np.empty(0))


def _listed(grid: Any, name: str) -> np.ndarray:
    """What the user wrote as a grid, as an array with a value or more."""
    found = np.asarray(grid, dtype=None if hasattr(grid, "dtype") else object)
    if found.ndim != 1 or not len(found):
        raise InvalidArgument(
            f"The grid of column {name!r} must be a list of values, got {grid!r:.60}. Write a "
            "list, or leave it out."
        )
    return found


def _numbers(grid: Any, name: str, *, whole: bool) -> np.ndarray:
    """Numbers in ascending order, each once; ints where the column has ints and they are whole."""
    listed = _listed(grid, name)
    try:
        points = np.unique(listed.astype(np.float64))
    except (TypeError, ValueError):
        points = np.array([np.nan])
    if not np.isfinite(points).all():
        raise InvalidArgument(
            f"The grid of column {name!r} must be finite numbers, as the column is, got "
            f"{grid!r:.80}. Leave out what is none."
        )
    return points.astype(np.int64) if whole and (points == np.round(points)).all() else points


def _distinct(
    values: pa.Array,
    known: np.ndarray,
    name: str,
    resolution: int,
    percentiles: tuple[float, float],
) -> np.ndarray:
    distinct = np.unique(known)
    if len(distinct) < resolution:
        return distinct
    low, high = np.quantile(known, percentiles)
    if low == high:
        raise InvalidArgument(
            f"The percentiles {percentiles} of column {name!r} are both {low:g}. Give others, "
            "such as (0, 1), or a grid."
        )
    between = np.linspace(low, high, resolution)
    return between if pa.types.is_floating(values.type) else np.round(between)
