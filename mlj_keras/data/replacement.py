"""`replace_columns`: the user's own table with some of its columns replaced, all others untouched.

What `coerce`, the Standardizer and entity embeddings give back. Knows tables and rows. Must not
know scitypes or models. Source: ours; upstream rebuilds the table by `Tables.materializer`.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._imports import lazy_module
from mlj_keras.data.columns import module_of
from mlj_keras.data.rows import selectrows
from mlj_keras.data.tables import INNER, InnerTable, inner_table, table_out
from mlj_keras.errors import SchemaMismatch

pd = lazy_module("pandas")

Part = tuple[Any, Any, int | None]


def replace_columns(table: InnerTable, new: Mapping[str, Any]) -> Any:
    """A copy of the table that the user gave, at the rows of `table`, with some columns replaced.

    Columns that are not replaced are the user's own: their dtypes, missing values and pools stay.

    Args:
        table: as `table_of` reads it
        new: name -> the column (n,) that takes its place, NumPy or of the table's kind (hence
            Any), under the label that the user wrote; or name -> mapping of labels to such
            columns, which take its place in this order.
    Returns: a table of the user's kind; a pandas frame for a matrix whose one dtype cannot hold
        all columns.
    Example:
        >>> from mlj_keras.data.tables import table_of
        >>> table = table_of({"a": [1, 2], "b": ["x", "y"]})
        >>> replace_columns(table, {"a": {"a_1": [0.5, 1.5], "a_2": [0.0, 1.0]}})
        {'a_1': [0.5, 1.5], 'a_2': [0.0, 1.0], 'b': ['x', 'y']}

    Source: ours.
    """
    parts: list[Part] = []
    for position, (name, label) in enumerate(zip(table.names, _labels(table), strict=True)):
        given = new.get(name, position)
        if isinstance(given, Mapping):
            parts += [(each, column, None) for each, column in given.items()]
        else:
            parts.append((label, given, position))
    return rebuilt(table, parts)


def rebuilt(table: InnerTable, parts: Sequence[Part]) -> Any:
    """A table of the kind of `table`, at its rows, with these columns.

    Args:
        table: as `table_of` reads it
        parts: of each column its label; the column, of the table's kind, or the position of the
            column of `table` that it is; and the position of the one whose place it takes, or
            None.
    Returns: as `replace_columns`.
    Example:
        >>> from mlj_keras.data.tables import table_of
        >>> rebuilt(table_of({"a": [1, 2], "b": [3, 4]}), [("b", 1, 1), ("c", [5, 6], None)])
        {'b': [3, 4], 'c': [5, 6]}

    Source: ours.
    """
    labels, columns = [part[0] for part in parts], [part[1] for part in parts]
    if len(set(map(str, labels))) < len(labels):
        twice = [each for each in labels if list(map(str, labels)).count(str(each)) > 1]
        raise SchemaMismatch(
            f"The new table would have several columns called {twice[0]!r}. Rename or drop the "
            "one that the data have already."
        )
    if table.origin.kind == INNER:
        values = [table.column(table.names[c]) if type(c) is int else c for c in columns]
        return inner_table(labels, values, table.origin, table.index)
    own = own_table(table)
    if isinstance(own, np.ndarray):
        return _matrix(own, table, labels, columns)
    if isinstance(own, Mapping):
        kept = list(own.values())
        return {
            n: _copied(kept[c]) if type(c) is int else c
            for n, c in zip(labels, columns, strict=True)
        }
    package = module_of(own)
    if package == "pandas":
        return _frame(own, labels, columns)
    if package == "polars":
        return _polars(own, labels, columns)
    return _arrow(own, labels, columns, [part[2] for part in parts])


def own_table(table: InnerTable) -> Any:
    """What the user gave, at the rows of `table`; a table that was made inside, or came out of a
    pickle, written out."""
    if table.own is not None:
        return selectrows(table.own, table.own_rows)
    columns = [table.column(name) for name in table.names]
    return table_out(table.names, columns, table.origin, table.index)


def _copied(column: Any) -> Any:
    # copy.copy of a pandas Categorical would share its codes; polars and Arrow have no copy()
    return column.copy() if hasattr(column, "copy") else copy.copy(column)


def _labels(table: InnerTable) -> tuple[Any, ...]:
    labels = table.origin.labels
    return labels if len(labels) == len(table.names) else table.names


def _matrix(own: np.ndarray, table: InnerTable, labels: list[Any], columns: list[Any]) -> Any:
    if columns and all(type(column) is int for column in columns):
        return own[:, columns]
    columns = [own[:, column] if type(column) is int else column for column in columns]
    dtypes = [column.dtype for column in columns]
    kinds = {dtype.kind if isinstance(dtype, np.dtype) else "category" for dtype in dtypes}
    if kinds <= {"f"} or kinds <= set("iub"):  # one dtype that keeps every scitype
        return np.column_stack(columns)
    frame = pd.DataFrame(dict(enumerate(columns)), index=table.index)
    frame.columns = pd.Index(labels)
    return frame


def _frame(own: Any, labels: list[Any], columns: list[Any]) -> Any:
    # Series that stay are copied on write; new ones go by position, as labels may occur twice.
    arrays = [
        own.iloc[:, column] if type(column) is int else getattr(column, "array", column)
        for column in columns
    ]
    frame = pd.DataFrame(dict(enumerate(arrays)), index=own.index, copy=False)
    frame.columns = pd.Index(labels, name=own.columns.name)
    return own._constructor(frame).__finalize__(own)  # a subclass, and attrs, stay


def _polars(own: Any, labels: list[Any], columns: list[Any]) -> Any:
    pl = lazy_module("polars")
    return pl.DataFrame(
        [
            own.to_series(column) if type(column) is int else pl.Series(label, column)
            for label, column in zip(labels, columns, strict=True)
        ]
    )


def _arrow(own: Any, labels: list[Any], columns: list[Any], places: list[int | None]) -> Any:
    fields, arrays = [], []
    for label, column, place in zip(labels, columns, places, strict=True):
        kept = type(column) is int
        is_arrow = isinstance(column, pa.Array | pa.ChunkedArray)
        arrays.append(own.column(column) if kept else column if is_arrow else pa.array(column))
        field = pa.field(label, arrays[-1].type) if place is None else own.schema.field(place)
        fields.append(
            field if kept else field.with_type(arrays[-1].type).with_nullable(nullable=True)
        )
    return type(own).from_arrays(arrays, schema=pa.schema(fields, own.schema.metadata))
