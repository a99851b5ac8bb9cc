"""What pictures of one feature and of two share: their axes, ticks, marks and legends.

Knows numbers and matplotlib's axes only. Source: ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np

from mlj_keras.errors import EmptyData
from mlj_keras.plots._texts import every, name_axes, name_categories
from mlj_keras.plots._tuning import column

TICK_UP, TICK_RIGHT = 2, 1  # matplotlib's markers


@dataclasses.dataclass(frozen=True)
class Side:
    """The values of one feature.

    Args: name · places: (g,) numbers, or the positions of categories · labels: of the categories,
        none for numbers · deciles: numbers that are marked.
    """

    name: str
    places: np.ndarray
    labels: tuple[str, ...]
    deciles: np.ndarray

    def __len__(self) -> int:
        return len(self.places)


def side_of(name: str, grid: Iterable[Any], deciles: Iterable[Any]) -> Side:
    """Numbers as they are, anything else as categories in its order.

    Raises: EmptyData without values.
    """
    values = list(grid)
    if not values:
        raise EmptyData(f"The grid of {name!r} has no values. Give one or more.")
    found = column(name, values)
    marks = np.asarray(list(deciles), dtype=float)
    if not found.labels:
        return Side(name, found.values, (), marks)
    return Side(name, np.arange(len(values), dtype=float), found.labels, marks[:0])


def finish_x(axes: Any, side: Side) -> None:
    """The name below, and the categories at the ticks, of many some."""
    name_axes(axes, x=side.name)
    if not side.labels:
        axes.margins(x=0.03)
        return
    name_categories(axes, side.labels)


def finish_y(axes: Any, side: Side) -> None:
    """The same of the vertical axis."""
    name_axes(axes, y=side.name)
    if side.labels:
        step = every(axes, len(side), upright=True)
        style = {"fontsize": "small", "parse_math": False}
        axes.set_yticks(side.places[::step], side.labels[::step], **style)


def mark_deciles(axes: Any, side: Side, *, vertical: bool = False) -> None:
    """Short ticks inside the axes at those deciles that lie on the grid."""
    low, high = side.places.min(), side.places.max()
    inside = side.deciles[(side.deciles >= low) & (side.deciles <= high)]
    if side.labels or not len(inside):
        return
    zeros = np.zeros(len(inside))
    if vertical:
        places, marker, transform = (zeros, inside), TICK_RIGHT, axes.get_yaxis_transform()
    else:
        places, marker, transform = (inside, zeros), TICK_UP, axes.get_xaxis_transform()
    for colour, width in (("white", 3), ("black", 1)):  # which is seen on any ground
        style = {"color": colour, "markeredgewidth": width, "markersize": 7, "zorder": 4}
        style |= {"linestyle": "none", "transform": transform, "gid": f"deciles in {colour}"}
        axes.plot(*places, marker=marker, **style)
