"""Data that belong together: new columns brought to those of training, rows in one order.

Knows tables. Source: ours; MLJ's models take columns by position.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Sequence
from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.data.columns import module_of
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import InvalidArgument, SchemaMismatch, ScitypeWarning


def row_labels(obj: Any) -> Any:
    """The pandas index of a column, a table or distributions, or None."""
    index = getattr(obj, "index", None)
    return index if module_of(index) == "pandas" else None


def check_row_order(names: Sequence[str], indexes: Sequence[Any]) -> None:
    """Data with the same pandas row labels have them in one order, as rows are bound by position.

    Args: names: of the data, for the message · indexes: of each, None for data without.
    Raises: InvalidArgument, with what to write.
    """
    known = [(n, index) for n, index in zip(names, indexes, strict=True) if index is not None]
    for name, index in known[1:]:
        first_name, first = known[0]
        if not index.equals(first) and index.isin(first).all() and first.isin(index).all():
            raise InvalidArgument(
                f"{first_name} and {name} have the same row labels in another order, and rows are "
                f"bound by position. Reorder one by the other: {name} = "
                f"{name}.loc[{first_name}.index]."
            )


def aligned(table: InnerTable, names: tuple[str, ...], warned: set[str]) -> InnerTable:
    """A table that has the columns that a machine was trained on, and perhaps others.

    Args:
        table: of new rows; the columns of a matrix go by position, those of others by name
        names: of the training columns
        warned: names of columns that are ignored without another warning; those that are warned
            of are added.
    Raises: SchemaMismatch for columns that are lacking, with near names.
    Warns: ScitypeWarning of columns that are ignored.
    """
    if table.names == names:
        return table
    if table.origin.own.kind == "matrix":  # a matrix has no names of its own
        if len(table.names) != len(names):
            raise SchemaMismatch(
                f"X has {len(table.names)} columns, and the machine was trained on {len(names)}: "
                f"{list(names)!r}. Give the same columns, in this order."
            )
        return dataclasses.replace(table, names=names)
    lacking = [name for name in names if name not in table.position]
    wanted = set(names)
    extra = [name for name in table.names if name not in wanted]
    if lacking:
        near = {name: difflib.get_close_matches(name, extra, n=1) for name in lacking}
        hints = [f"{name!r} may be {found[0]!r}" for name, found in near.items() if found]
        raise SchemaMismatch(
            f"X lacks the column(s) {lacking!r} that the machine was trained on"
            + (f", and has others: {extra!r}. " if extra else ". ")
            + (f"({'; '.join(hints)}.) " if hints else "")
            + "Add or rename the columns."
        )
    if extra and not set(extra) <= warned:
        warned.update(extra)
        warn(
            f"X has columns that the machine was not trained on; they are ignored: {extra!r}.",
            ScitypeWarning,
        )
    return table
