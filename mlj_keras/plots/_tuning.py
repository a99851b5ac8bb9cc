"""What the plots of a tuning share: measurements and the best one, hyper-parameters as numbers or
categories, and their scales. Knows numbers and matplotlib's axes only.
Source: ours."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlj_keras.errors import DimensionMismatch, EmptyData, InvalidArgument
from mlj_keras.plots._texts import short

# The base of a scale and the sign that numbers have there; zeros where it is linear. "log" is
# drawn as "log10", whose ticks are easier to read than powers of e: the places are the same.
_SCALES = {
    "linear": (0, 0),
    "log": (10, 1),
    "log2": (2, 1),
    "log10": (10, 1),
    "logminus": (10, -1),
    "log10minus": (10, -1),
    "custom": (0, 0),
}
_TEXT = 20  # characters of a category; a longer one loses its middle


@dataclasses.dataclass(frozen=True)
class Column:
    """A hyper-parameter of all candidates.

    Args: name: dotted · values: (n,) floats, the numbers themselves or the positions of categories
        · labels: of the categories, none for numbers · base, sign: of a logarithm, or zeros.
    """

    name: str
    values: np.ndarray
    labels: tuple[str, ...] = ()
    base: int = 0
    sign: int = 0


def column(
    name: str, values: Iterable[Any], scale: str = "linear", order: Iterable[Any] = ()
) -> Column:
    """Values as numbers if all are finite ones, and else as categories, those of `order` first and
    the others in the order of their first appearance.

    Raises: InvalidArgument for an unknown scale, or one that does not hold the numbers.
    """
    if scale not in _SCALES:
        raise InvalidArgument(
            f"The scale of {name!r} must be one of {', '.join(_SCALES)}, got {scale!r}. Write "
            "'custom' for a function."
        )
    listed = list(values)
    if not all(map(_is_number, listed)):
        return _categories(name, listed, list(order))
    numbers, (base, sign) = np.array(listed, dtype=float), _SCALES[scale]
    outside = numbers[sign * numbers <= 0] if sign else numbers[:0]
    if len(outside):
        raise InvalidArgument(
            f"The scale {scale!r} of {name!r} holds {'positive' if sign > 0 else 'negative'} "
            f"numbers only, got {outside[0]:g}. Take 'linear'."
        )
    return Column(name, numbers, base=base, sign=sign)


def _is_number(value: Any) -> bool:  # one with a place on an axis
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _categories(name: str, values: list[Any], first: list[Any]) -> Column:
    # By repr, as values may lack a hash, and 1 is to differ from True.
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    seen = set(map(repr, plain))
    known = [value for value in first if repr(value) in seen] + plain
    by_key: dict[str, Any] = {}
    for value in known:
        by_key.setdefault(repr(value), value)
    labels: list[str] = []
    for text in map(_shortened, by_key.values()):
        # No two categories look alike.
        labels.append(f"{text} #{len(labels) + 1}" if text in labels else text)
    order = list(by_key)
    positions = [order.index(repr(value)) for value in plain]
    return Column(name, np.array(positions, dtype=float), tuple(labels))


def _shortened(value: Any) -> str:
    text = " ".join((value if isinstance(value, str) else repr(value)).split()) or repr(value)
    return short(text, _TEXT)


def columns_of(
    columns: Mapping[str, Iterable[Any]],
    n: int,
    scales: Mapping[str, str] | None,
    orders: Mapping[str, Iterable[Any]] | None = None,
) -> list[Column]:
    """The hyper-parameters of n candidates, each on its scale.

    Raises: EmptyData without hyper-parameters; DimensionMismatch if one has not n values;
        InvalidArgument for scales that are unknown or of no hyper-parameter.
    """
    scales, orders = scales or {}, orders or {}
    if not columns:
        raise EmptyData("There is no hyper-parameter to draw, got no columns. Give one or more.")
    for name in scales:
        if name not in columns:
            raise InvalidArgument(
                f"scales must be of hyper-parameters, which are {', '.join(columns)}, got "
                f"{name!r}. Leave it out, or correct the name."
            )
    found = [
        column(name, columns[name], scales.get(name, "linear"), orders.get(name, ()))
        for name in columns
    ]
    for each in found:
        if len(each.values) != n:
            raise DimensionMismatch(
                f"{each.name!r} has {len(each.values)} values, and there are {n} measurements. "
                "Give a value for each candidate."
            )
    return found


def measured(measurements: ArrayLike, orientation: str) -> np.ndarray:
    """(n,) floats; all that is not finite is NaN.

    Raises: InvalidArgument for an unknown orientation; DimensionMismatch if it is no vector;
        EmptyData without candidates.
    """
    if orientation not in ("loss", "score"):
        raise InvalidArgument(
            f"orientation must be 'loss' or 'score', got {orientation!r}. Write 'loss' where less "
            "is better."
        )
    values = np.asarray(measurements, dtype=float)
    if values.ndim != 1:
        raise DimensionMismatch(
            f"measurements must be a vector, got the shape {values.shape}. Give one for each "
            "candidate."
        )
    if not len(values):
        raise EmptyData("There is no candidate to draw, got no measurements. Give one or more.")
    return np.where(np.isfinite(values), values, np.nan)


def need_a_number(values: np.ndarray) -> None:
    """Raise EmptyData if all measurements are NaN."""
    if np.isnan(values).all():
        raise EmptyData(
            f"There is nothing to draw, got {values.size} measurements of which none is a finite "
            "number. Give one or more that are."
        )


def best_of(values: np.ndarray, orientation: str) -> tuple[int, str]:
    """The number of the first best candidate, and a label for it; one or more is not NaN."""
    best = int(np.nanargmin(values) if orientation == "loss" else np.nanargmax(values))
    return best, f"best: {values[best]:.3g} at {best}"


def scale_x(axes: Any, drawn: Column) -> None:
    """Give the horizontal axis the scale of the numbers."""
    if drawn.sign > 0:
        axes.set_xscale("log", base=drawn.base)
    elif drawn.sign < 0:  # linear only between the last number and zero, where none is
        axes.set_xscale("symlog", base=drawn.base, linthresh=np.abs(drawn.values).min())
    if drawn.base == 2 and drawn.values.min() >= 1:
        axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}")  # 64 rather than a power of 2
