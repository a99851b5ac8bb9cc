"""What is inspected: a trained machine, the table that it is asked about, and some of its columns.

Knows machines and tables. Must not know measures. Source: ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.data.images import ImageVector
from mlj_keras.data.rows import find_label
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import (
    EmptyData,
    InvalidArgument,
    NotTrainedError,
    UnsupportedOperation,
    WrongType,
)
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.node import Node
from mlj_keras.machine.source import Source, source
from mlj_keras.rng import check_seed, entropy

# Of one call of predict, which copies its table: so many rows, or fewer if they are wide.
_ROWS, _CELLS = 2**16, 2**22


def check_machine(mach: Any, purpose: str) -> Any:
    """The model of a trained machine, which predicts.

    Raises: WrongType if it is no machine; NotTrainedError; UnsupportedOperation if the model has
        no predict.
    """
    if not isinstance(mach, Machine):
        raise WrongType(
            f"{purpose} takes a trained machine, got {mach!r:.60}. Write "
            f"{purpose}(fit(machine(model, X, y)))."
        )
    if not mach.state:
        raise NotTrainedError.of(f"machine({mach.model!r}, ...)", purpose)
    model, _ = mach.trained(purpose)
    if not model.has_operation("predict"):
        raise UnsupportedOperation(
            f"{purpose} is about predictions, and {type(model).__name__} makes none. Give a "
            "machine whose model has predict."
        )
    return model


def check_choice(X: Any, rows: Any, purpose: str) -> None:
    """Raise InvalidArgument if both new data and rows of the machine's own are given."""
    if X is not None and rows is not None:
        raise InvalidArgument(
            f"{purpose} takes new data or rows of the machine's data, got both. Give one of them."
        )


def bound(mach: Machine, place: int, rows: Any, purpose: str) -> Source:
    """An argument of the machine, 0 for X and 1 for y, at some rows, None for all.

    Raises: InvalidArgument if the machine has no data; RowsError, EmptyData for rows.
    """
    if len(mach.args) <= place or mach.args[0].n_rows is None:
        raise InvalidArgument(
            f"This machine has no data of its own to call {purpose} on. Give it data: "
            f"{purpose}(mach, X{', y' if place else ''})."
        )
    found: Source = mach.args[place].at(mach.positions(rows))
    return found


def given(data: Any, name: str, purpose: str) -> Source:
    """New data as a source. Raises: WrongType for a node, which has none."""
    if isinstance(data, Node):
        raise WrongType(
            f"{purpose} takes data, and {name} is a node of a network. Give what it stands for: "
            f"{name}()."
        )
    return source(data)


def table_in(X: Source, purpose: str) -> InnerTable:
    """The table that a source holds.

    Raises: UnsupportedOperation for images and whatever else has no columns; EmptyData for a table
        without rows or columns.
    """
    inner = X.inner
    if isinstance(inner, ImageVector):
        raise UnsupportedOperation(
            f"{purpose} is about the columns of a table, and X holds images, whose pixels mean "
            "nothing one by one. Give a machine that was trained on a table."
        )
    if not isinstance(inner, InnerTable):
        raise UnsupportedOperation(
            f"{purpose} is about the columns of a table, and X is {X.scitype}. Give a machine "
            "that was trained on a table."
        )
    if not len(inner) or not inner.names:
        what = "columns" if len(inner) else "rows"
        raise EmptyData(f"X has no {what}: there is nothing to ask about. Give at least one.")
    return inner


def column_named(table: InnerTable, name: Any) -> str:
    """The column that the user means: a name, or of a matrix also an int position.

    Raises: SchemaMismatch with near names if there is none.
    """
    is_position = isinstance(name, int | np.integer) and not isinstance(name, bool)
    if table.origin.kind == "matrix" and is_position and 0 <= name < len(table.names):
        return table.names[int(name)]
    return str(find_label(name, table.names))


def copies_a_call(table: InnerTable) -> int:
    """How many copies of the table one call of predict is given; at least one."""
    rows = min(_ROWS, _CELLS // len(table.names))
    return max(1, rows // len(table))


def copied(table: InnerTable, n_copies: int) -> InnerTable:
    """Copies of the table below one another."""
    return table.take(np.tile(np.arange(len(table)), n_copies))


def check_count(value: Any, name: str, least: int) -> int:
    """An int that is not too small. Raises: InvalidArgument."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise InvalidArgument(
            f"{name} must be an int of {least} or more, got {value!r:.60}. Write {name}={least}, "
            "or more."
        )
    return int(value)


def seed_of(rng: Any) -> int:
    """A seed from an int, a generator (it draws one), or None (a fresh one).

    Raises: WrongType, InvalidArgument for anything else.
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**31))
    return entropy() if rng is None else check_seed(rng)
