"""The scitype of data: of scalars, columns, tables and images.

Knows columns, tables and images. Source: ScientificTypes.jl, src/convention/scitype.jl.
"""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.columns import Column, Values, column_of, is_column, is_factor, missing_mask
from mlj_keras.data.images import ImageVector, images_scitype, is_images
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Infinite,
    Missing,
    Multiclass,
    Optional,
    OrderedFactor,
    ScientificDate,
    ScientificDateTime,
    ScientificTime,
    Scitype,
    Table,
    Textual,
    Unknown,
    Vector,
)
from mlj_keras.data.tables import InnerTable, is_table, table_of
from mlj_keras.errors import ScitypeError


def scitype(obj: Any) -> Scitype:
    """The most specific scientific type of an object.

    Args: obj: a scalar, a column, a table, a collection of images, or a distribution.
    Returns: Scitype; `Optional[...]` iff a missing value is present; Unknown for anything without
        a meaning here.
    Example:
        >>> scitype(3.5), scitype([1, 2, None]), scitype({"a": [0.5], "b": ["x"]})
        (Continuous, Vector[Optional[Count]], Table[Continuous, Textual])

    Source: ScientificTypes.jl, `scitype`. A 2-D array is a table here; bool is Count, as upstream.
    """
    own = getattr(obj, "scitype", None)
    if isinstance(own, Scitype):
        return Vector[own] if isinstance(obj, ImageVector) else own
    if is_table(obj):
        table = table_of(obj)
        return Table[tuple(column_scitypes(table).values())] if table.names else Table
    if is_images(obj):
        return Vector[images_scitype(obj)]
    if is_column(obj) or isinstance(obj, Column):
        return Vector[values_scitype(column_of(obj).values)]
    return _scalar_scitype(obj)


def elscitype(obj: Any) -> Scitype:
    """The scitype of the elements of a column or a collection of images.

    Raises: ScitypeError if obj is neither.
    Example:
        >>> elscitype(["a", "b"])
        Textual

    Source: ScientificTypes.jl, `elscitype`.
    """
    whole = scitype(obj)
    if whole.name != "Vector" or whole.args is None:
        raise ScitypeError(
            f"elscitype needs a column or images, got {type(obj).__name__} of scitype {whole}."
        )
    inner: Scitype = whole.args[0]
    return inner


def column_scitypes(table: InnerTable) -> dict[str, Scitype]:
    """The scitype of each column, by name."""
    if table.block is not None:
        return dict(zip(table.names, _block_scitypes(table.block), strict=True))
    return {name: values_scitype(table.column(name)) for name in table.names}


def _block_scitypes(block: np.ndarray) -> list[Scitype]:
    if block.dtype.kind != "f":
        return [Count] * block.shape[1]
    with np.errstate(over="ignore", invalid="ignore"):
        if np.isfinite(
            block.sum(dtype=np.float64)
        ):  # one pass, no temporary: NaN anywhere would show
            return [Continuous] * block.shape[1]
    return [Optional[Continuous] if gone else Continuous for gone in np.isnan(block).any(axis=0)]


def values_scitype(values: Values) -> Scitype:
    """The element scitype of a column's values."""
    if isinstance(values, np.ndarray):
        kinds = {_scalar_scitype(item) for item in values[:1000]}
        only = kinds.pop() if len(kinds) == 1 else Unknown
        # Numbers that no array of numbers holds, such as 2**80, are of no use as numbers.
        return Unknown if only <= Infinite else only
    if pa.types.is_null(values.type):
        return Missing if len(values) else Unknown
    base = _arrow_scitype(values)
    gone = values.null_count > 0 or (
        pa.types.is_floating(values.type) and bool(missing_mask(values).any())
    )
    return Optional[base] if gone and base != Unknown else base


def _arrow_scitype(values: pa.Array) -> Scitype:
    kind = values.type
    if is_factor(values):
        return (OrderedFactor if kind.ordered else Multiclass)[len(values.dictionary)]
    for test, result in (
        (pa.types.is_floating, Continuous),
        (pa.types.is_integer, Count),
        (pa.types.is_boolean, Count),
        (pa.types.is_string, Textual),
        (pa.types.is_timestamp, ScientificDateTime),
        (pa.types.is_date, ScientificDate),
        (pa.types.is_time, ScientificTime),
    ):
        if test(kind):
            return result
    return Unknown


def _scalar_scitype(obj: Any) -> Scitype:
    if obj is None or type(obj).__name__ in ("NAType", "NaTType"):
        return Missing
    if isinstance(obj, bool | np.bool_ | int | np.integer):
        return Count
    if isinstance(obj, float | np.floating):
        return Missing if obj != obj else Continuous
    if isinstance(obj, str):
        return Textual
    if isinstance(obj, datetime.datetime):
        return ScientificDateTime
    if isinstance(obj, datetime.date):
        return ScientificDate
    if isinstance(obj, datetime.time):
        return ScientificTime
    return Unknown
