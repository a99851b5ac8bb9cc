"""Tables that stay inside: between the models of a composite a table is an InnerTable, whose
factors keep their pools whatever the user's kind of table can hold; at the edges it becomes the
user's kind.

Knows tables and columns. Source: ours.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.data.coerce import written
from mlj_keras.data.columns import Column, ColumnOrigin, column_out
from mlj_keras.data.images import ImageVector
from mlj_keras.data.replacement import own_table, rebuilt
from mlj_keras.data.tables import INNER, InnerTable, TableOrigin, is_table, table_of, table_out


def inward(data: Any) -> Any:
    """A table as one that stays inside; anything else as it is.

    Example:
        >>> inward({"a": [1, 2]}).origin.kind, inward([1, 2])
        ('inner', [1, 2])

    Source: ours.
    """
    if not is_table(data):
        return data
    table = table_of(data)
    if table.origin.kind == INNER:
        return table
    columns = tuple(table.column(name) for name in table.names)
    origin = TableOrigin(INNER, table.names, table.origin.float_dtype, table.origin)
    return InnerTable(
        table.names, table.n_rows, origin, columns, None, table.index, table.own, table.own_rows
    )


def outward(data: Any, entered: Any = None, inner: Any = None) -> Any:
    """Data in the package's own form as the user's kind; anything else as it is.

    Args:
        data: a table that stays inside, a column, images, or what is the user's already
        entered: the table that went in, as `table_of` reads what the user gave; columns that came
            through untouched are then the user's own
        inner: what `inward` made of it.
    Example:
        >>> outward(inward({"a": [0.5, 1.5]}))
        {'a': [0.5, 1.5]}

    Source: ours.
    """
    if isinstance(data, Column):
        return column_out(data.values, data.origin, data.index)
    if isinstance(data, ImageVector):
        return data.pixels[..., 0] if data.pixels.shape[-1] == 1 else data.pixels
    if not isinstance(data, InnerTable):
        return data
    if data.origin.kind != INNER or (data.own is not None and entered is None):
        return own_table(data)
    if isinstance(entered, InnerTable) and len(entered) == len(data):
        return _rebuilt(data, entered, inner)
    columns = [data.column(name) for name in data.names]
    return table_out(data.names, columns, data.origin.own, data.index)


def _rebuilt(data: InnerTable, entered: InnerTable, inner: InnerTable) -> Any:
    """The user's table with the columns of `data`, untouched ones as they are."""
    kind = {"matrix": "numpy", "dict": "numpy"}.get(entered.origin.kind, entered.origin.kind)
    parts: list[Any] = []
    for name in data.names:
        values = data.column(name)
        place = entered.position.get(name)
        label = name if place is None else entered.origin.labels[place]
        if place is not None and values is inner.column(name):
            parts.append((label, place, place))
            continue
        column = Column(values, ColumnOrigin(kind, label, entered.origin.float_dtype), data.index)
        parts.append((label, written(values, column, f"column {name!r}", None), place))
    return rebuilt(entered, parts)
