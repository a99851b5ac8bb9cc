"""What is seen of bound data before anything is learned: that they are larger than the memory, and
what hardly is meant.

Knows sources and models. Source: ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._warnings import warn
from mlj_keras.data.budget import check_budget
from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import Column, Values, as_floats, is_factor, is_numeric
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import LeakageWarning
from mlj_keras.machine.source import Source

_FEWEST_ROWS = 20  # fewer may be equal by chance, or in an example
_FIRST_ROWS = 1000  # that tell most columns apart


def check_memory(model: Any, sources: tuple[Source, ...]) -> None:
    """Nothing, if a model that works on a copy of X can have one.

    Raises: MemoryBudgetError, without reading a value.
    """
    X = sources[0].inner
    if isinstance(X, InnerTable) and not model.native_data:
        check_budget(
            4 * len(X) * len(X.names),
            what=f"X of {len(X)} rows and {len(X.names)} columns",
            advice="Give fewer rows or columns.",
        )


def say_doubts(model: Any, sources: tuple[Source, ...]) -> None:
    """Warn of a column of X that is y, and of what the model finds."""
    if len(sources) > 1 and model.own_traits().takes_target:
        for name in _same_columns(sources[0].inner, sources[1].inner):
            warn(
                f"Column {name!r} of X equals y in every row, so it foretells y. Drop it from X, "
                "unless it is known before y is.",
                LeakageWarning,
            )
    if not model.native_data:
        for doubt in model.doubts(*(source.rows(None, native=False) for source in sources)):
            warn(str(doubt), type(doubt))


def _same_columns(X: Any, y: Any) -> list[str]:
    if not isinstance(X, InnerTable) or not isinstance(y, Column) or len(y) < _FEWEST_ROWS:
        return []
    target = _comparable(y.values)
    if target is None or (target[1:] == target[:-1]).all():
        return []
    return [name for name in X.names if _equal(X.column(name), y.values, target)]


def _equal(values: Values, y: Values, target: np.ndarray) -> bool:
    if is_factor(values) != is_factor(y) or len(values) != len(y):
        return False
    if is_factor(values) and set(level_list(values)) != set(level_list(y)):
        return False
    first = _comparable(values[:_FIRST_ROWS])
    if first is None or not np.array_equal(first, target[: len(first)]):
        return False
    return np.array_equal(_comparable(values), target)  # type: ignore[arg-type]  # as above


def _comparable(values: Values) -> np.ndarray | None:
    """Numbers as floats, factors as positions in their sorted pool; None for anything else."""
    if is_factor(values):
        pool = level_list(values)
        try:
            places = {level: place for place, level in enumerate(sorted(pool))}
        except TypeError:
            return None
        table = np.array([places[level] for level in pool] + [-1])
        positions: np.ndarray = table[factor_codes(values)]
        return positions
    return as_floats(values) if is_numeric(values) else None
