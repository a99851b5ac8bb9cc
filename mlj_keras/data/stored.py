"""What is checked of values that were learned, when they come from a file: a record whose fields
are of the right types can still mean nothing.

Knows values only. Source: ours.
"""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np

_LABELS = (str, int, float, bytes, np.generic, datetime.date, datetime.time, datetime.timedelta)


def check_levels(levels: Any, what: str = "levels") -> None:
    """Raise ValueError unless levels of a factor are labels, none of them missing or twice.

    Example:
        >>> check_levels(("a", "b", "a"))
        Traceback (most recent call last):
        ValueError: its levels have 'a' twice

    Source: ours.
    """
    if not isinstance(levels, tuple | list):
        raise ValueError(f"its {what} are no levels: {levels!r:.60}")
    seen = set()
    for level in levels:
        if not isinstance(level, (*_LABELS, decimal.Decimal)) or level != level:
            raise ValueError(f"its {what} have {level!r:.60}, which is no label")
        if level in seen:
            raise ValueError(f"its {what} have {level!r:.60} twice")
        seen.add(level)


def check_pools(pools: Mapping[str, Any], names: Collection[str]) -> None:
    """Raise ValueError unless these are levels of columns of these names."""
    for name, pool in pools.items():
        if name not in names:
            raise ValueError(f"its levels are of {name!r:.60}, which is no column")
        check_levels(pool, f"levels of {name!r:.60}")


def check_names(names: Collection[str]) -> None:
    """Raise ValueError for names that are there twice."""
    if len(set(names)) != len(names):
        raise ValueError("its names of columns have one twice")


def check_finite_numbers(
    value: Any, what: str, shape: tuple[int, ...] = (), *, least: float | None = None
) -> None:
    """Raise ValueError unless these are finite numbers of a shape, and more than `least`.

    Example:
        >>> check_finite_numbers(0.0, "scale", least=0)
        Traceback (most recent call last):
        ValueError: its scale has numbers that mean nothing

    Source: ours.
    """
    found = np.asarray(value)
    kinds = "f" if isinstance(value, np.ndarray) else "fiu"
    if found.shape != shape or found.dtype.kind not in kinds:
        raise ValueError(f"its {what} has the shape {found.shape} of {found.dtype}, not {shape}")
    if not np.isfinite(found).all() or (least is not None and not (found > least).all()):
        raise ValueError(f"its {what} has numbers that mean nothing")


def check_number(value: Any, what: str) -> None:
    """Raise ValueError unless this is a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number):
        raise ValueError(f"its {what} is {value!r:.60}, and no number")
    if not math.isfinite(value):
        raise ValueError(f"its {what} is {value!r:.60}, which means nothing")


def check_one_of(value: Any, known: Collection[Any], what: str) -> None:
    """Raise ValueError for what is none of these."""
    if value not in known:
        raise ValueError(f"its {what} is {value!r:.60}, which there is not")
