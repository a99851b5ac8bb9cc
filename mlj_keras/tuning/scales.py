"""Scales of numeric ranges: where points are spaced evenly.

Knows numbers only. Source: MLJBase.jl, src/hyperparam/one_dimensional_ranges.jl (`scale`,
`inverse`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from mlj_keras.errors import InvalidArgument
from mlj_keras.storage.records import storable

Map = Callable[[Any], Any]


def _same(x: Any) -> Any:
    return x


def _minus_log(x: Any) -> Any:
    return np.log(np.negative(x))


def _minus_log10(x: Any) -> Any:
    return np.log10(np.negative(x))


def _minus_exp(t: Any) -> Any:
    return np.negative(np.exp(t))


def _minus_exp10(t: Any) -> Any:
    return np.negative(np.power(10.0, t))


def _exp10(t: Any) -> Any:
    return np.power(10.0, t)


# name: (to the scale, back, the sign that values must have)
_NAMED: dict[str, tuple[Map, Map, int]] = {
    "linear": (_same, _same, 0),
    "log": (np.log, np.exp, 1),
    "log2": (np.log2, np.exp2, 1),
    "log10": (np.log10, _exp10, 1),
    "logminus": (_minus_log, _minus_exp, -1),
    "log10minus": (_minus_log10, _minus_exp10, -1),
}
NAMES = tuple(_NAMED)


@storable
@dataclasses.dataclass(frozen=True)
class Scale:
    """How values are laid out.

    Args: name: one of NAMES, or "custom" · to: from a value to its place, where points are spaced
        evenly · back: from a place to a value · sign: that all values must have, 0 for any.
    """

    name: str
    to: Map
    back: Map
    sign: int = 0

    def describe(self) -> str:
        """What values it is for."""
        return {1: "positive", -1: "negative"}.get(self.sign, "all")


def scale_of(given: Any) -> Scale:
    """A scale by name, or one of a function, from places to values: bounds are places then.

    Raises: InvalidArgument for anything else.
    Example:
        >>> float(scale_of("log10").to(100.0)), scale_of(lambda t: 10**t).back(2)
        (2.0, 100)

    Source: MLJBase.jl, src/hyperparam/one_dimensional_ranges.jl.
    """
    if isinstance(given, str) and given in _NAMED:
        return Scale(given, *_NAMED[given])
    if callable(given):
        return Scale("custom", _same, given)
    raise InvalidArgument(
        f"scale must be one of {', '.join(NAMES)}, or a function from even places to values, got "
        f"{given!r}."
    )
