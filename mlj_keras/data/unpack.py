"""Taking a table apart by columns: the target here, the features there.

Knows tables and scitypes. Must not know models. Source: MLJBase.jl, src/data/data.jl (`unpack`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.rows import column_labels, find_label, nrows, selectcols, selectrows
from mlj_keras.data.scitypes import Optional, Scitype
from mlj_keras.data.tables import table_of
from mlj_keras.errors import InvalidArgument, SchemaMismatch
from mlj_keras.rng import Seed, as_generator

Selector = str | int | Sequence[str] | Scitype | Callable[[Any], bool]


@short_tracebacks
def unpack(
    table: Any, *selectors: Selector, shuffle: bool | None = None, rng: Seed = None
) -> tuple[Any, ...]:
    """Split a table by columns: each selector takes from the columns that are left.

    Args:
        table: a table of any accepted kind (hence Any)
        selectors: a name takes that column; a sequence of names, a Scitype (with Optional of it)
            or a predicate on the name takes a table, also of one column or none
        shuffle: shuffle the rows, all results alike; None means True if rng is given, else False
        rng: int, numpy.random.Generator or None.
    Returns: tuple of len(selectors) + 1 results, of the table's kind; the last is the table of the
        columns left over. Columns of a predicate or scitype keep the table's order.
    Raises: SchemaMismatch for a name that is not there or was taken before; InvalidArgument for a
        selector of another type; TableError if table is none.
    Example:
        >>> unpack({"x": [1], "y": [2], "z": [3]}, "z", lambda name: name != "y")
        ([3], {'x': [1]}, {'y': [2]})

    Source: MLJBase.jl, `unpack`; there every result of one column is a vector.
    """
    labels = column_labels(table)
    if shuffle if shuffle is not None else rng is not None:
        table = selectrows(table, as_generator(rng).permutation(nrows(table)))
    left = list(labels)
    results = []
    for selector in selectors:
        taken = _chosen(selector, left, labels, table)
        left = [label for label in left if label not in taken]
        is_one = isinstance(selector, str | int | np.integer)
        results.append(selectcols(table, taken[0] if is_one else taken))
    return (*results, selectcols(table, left))


def _chosen(selector: Any, left: list[Any], labels: tuple[Any, ...], table: Any) -> list[Any]:
    if isinstance(selector, str | int | np.integer) and not isinstance(selector, bool):
        return [_named(selector, left, labels)]
    if isinstance(selector, Scitype):
        scitypes = column_scitypes(table_of(table))
        return [label for label in left if scitypes[str(label)] <= Optional[selector]]
    if isinstance(selector, list | tuple | set | frozenset | np.ndarray):
        names = [_named(name, left, labels) for name in selector]
        if isinstance(selector, set | frozenset):
            return [label for label in left if label in names]
        return list(dict.fromkeys(names))
    if callable(selector):
        return [label for label in left if selector(label)]
    raise InvalidArgument(
        f"A selector must be a name, a sequence of names, a scitype or a predicate on names, "
        f'got {selector!r:.60}. Write unpack(table, "target").'
    )


def _named(name: Any, left: list[Any], labels: tuple[Any, ...]) -> Any:
    label = find_label(name, labels, "the table")
    if label not in left:
        raise SchemaMismatch(
            f"The column {name!r} was taken by an earlier selector. Name each column once."
        )
    return label
