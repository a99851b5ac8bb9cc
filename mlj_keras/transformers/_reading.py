"""What transformers read: tables that have the columns of training, and columns of numbers.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.columns import Values, as_floats, is_numeric
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.replacement import rebuilt
from mlj_keras.data.tables import InnerTable, table_of
from mlj_keras.errors import (
    MissingValuesError,
    NonFiniteError,
    SchemaMismatch,
    ScitypeWarning,
)


def table_with(names: Iterable[str], X: Any, who: str, *, made: Iterable[str] = ()) -> InnerTable:
    """X as a table that has these columns; without others that are called as columns that are
    `made` of these.

    Raises: TableError if it is none; SchemaMismatch naming those that it lacks. Warns:
        ScitypeWarning for columns that are left out.
    """
    table, names = table_of(X), tuple(names)
    lacking = [name for name in names if name not in table.position]
    if lacking:
        raise SchemaMismatch(
            f"X lacks the columns {lacking!r} that the {who} was trained on. Add them: "
            f"it has {list(table.names)!r}."
        )
    extra = {name for name in made if name in table.position and name not in names}
    return _without(table, extra, who) if extra else table


def _without(table: InnerTable, extra: set[str], who: str) -> InnerTable:
    warn(
        f"X has columns that this {who} makes itself, and that it did not have in training: they "
        f"are left out: {sorted(extra)!r}.",
        ScitypeWarning,
    )
    parts = [
        (label, place, place)
        for place, (name, label) in enumerate(zip(table.names, table.origin.labels, strict=True))
        if name not in extra
    ]
    return table_of(rebuilt(table, parts))


def floats(values: Values, name: str, who: str) -> np.ndarray:
    """Numbers (n,), NaN where missing.

    Raises: SchemaMismatch for what are none.
    """
    if is_numeric(values):
        return as_floats(values)
    raise SchemaMismatch(
        f"Column {name!r} is {values_scitype(values)}, and this {who} was trained on numbers "
        f"there. Write X = coerce(X, {{{name!r}: Continuous}})."
    )


def nothing_there(name: str, who: str) -> MissingValuesError:
    """The error for a column whose training values are all missing."""
    return MissingValuesError(
        f"All values of column {name!r} are missing in the training rows: {who} has nothing to "
        "learn from. Drop the column, or train on rows that have values."
    )


def training_numbers(values: Values, name: str, who: str) -> np.ndarray:
    """The present numbers (n_present,), float64, to learn from.

    Raises: MissingValuesError if there are none; NonFiniteError for infinite ones.
    """
    numbers = floats(values, name, who).astype(np.float64)
    infinite = np.flatnonzero(np.isinf(numbers))
    if len(infinite):
        raise NonFiniteError(
            f"Column {name!r} has {len(infinite)} infinite value(s), first at rows "
            f"{infinite[:5].tolist()} of the training rows. Replace them, or drop those rows."
        )
    present = numbers[~np.isnan(numbers)]
    if not len(present):
        raise nothing_there(name, who)
    return present
