"""Pictures of predictions against two features: a surface, lines, or a table.

Knows numbers and matplotlib's axes only. Source: ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import require
from mlj_keras.plots._axes import PALETTE, SHADES, STYLES, grid
from mlj_keras.plots._dependence_parts import Side, finish_x, finish_y, mark_deciles
from mlj_keras.plots._texts import legend, name_axes, short

_LEVELS = 12  # of a surface
_WRITTEN = 100  # cells of a table whose numbers find room


def draw_pair(axes: Any, sides: list[Side], values: np.ndarray, what: str) -> None:
    """Draw values (g, h) over two features: lines if one of them has categories, or a single
    number; a table if both have."""
    first, second = sides
    plain = [not side.labels and len(side) > 1 for side in sides]
    if all(plain):
        _draw_surface(axes, first, second, values, what)
    elif plain[0]:
        _draw_lines(axes, first, second, values, what)
    elif plain[1]:
        _draw_lines(axes, second, first, values.T, what)
    else:
        _draw_table(axes, first, second, values, what)


def _draw_surface(axes: Any, x: Side, y: Side, values: np.ndarray, what: str) -> None:
    """Filled contours with lines between them, and the deciles at both axes."""
    ticker = require("matplotlib.ticker", extra="plots")
    low, high = values.min(), values.max()
    if low == high:  # a plane has no contours
        low, high = low - 0.5, high + 0.5
    levels = ticker.MaxNLocator(_LEVELS).tick_values(low, high)
    surface = axes.contourf(x.places, y.places, values.T, levels=levels, cmap=SHADES)
    if values.min() < values.max():
        axes.contour(
            x.places, y.places, values.T, levels=levels, colors="white", linewidths=0.5, alpha=0.6
        )
    mark_deciles(axes, x)
    mark_deciles(axes, y, vertical=True)
    axes.set(xlim=x.places[[0, -1]], ylim=y.places[[0, -1]])
    finish_x(axes, x)
    axes.margins(x=0)
    finish_y(axes, y)
    _scale(axes, surface, what)


def _draw_lines(axes: Any, x: Side, by: Side, values: np.ndarray, what: str) -> None:
    """A line over numbers for each value of the other feature."""
    labels = by.labels or tuple(f"{value:g}" for value in by.places)
    for i, (label, line) in enumerate(zip(labels, values.T, strict=True)):
        axes.plot(
            x.places,
            line,
            label=short(label),
            color=PALETTE[i % len(PALETTE)],
            linestyle=STYLES[i // len(PALETTE) % len(STYLES)],
            linewidth=2,
            marker="o" if len(x) <= 12 else None,
        )
    mark_deciles(axes, x)
    finish_x(axes, x)
    name_axes(axes, y=f"mean {what}")
    grid(axes)
    legend(axes, title=short(by.name), outside=True)


def _draw_table(axes: Any, x: Side, y: Side, values: np.ndarray, what: str) -> None:
    """Shades, with the numbers in them if there are few."""
    image = axes.imshow(values.T, cmap=SHADES, origin="lower", aspect="auto")
    for side, finish in ((x, finish_x), (y, finish_y)):
        labels = side.labels or tuple(f"{value:g}" for value in side.places)
        finish(axes, Side(side.name, np.arange(len(side), dtype=float), labels, side.deciles))
    _scale(axes, image, what)
    if values.size > _WRITTEN:
        return
    for (i, j), value in np.ndenumerate(values):
        light = image.norm(value) > 0.55
        colour = "black" if light else "white"
        axes.text(i, j, f"{value:.3g}", ha="center", va="center", color=colour, fontsize="small")


def _scale(axes: Any, drawn: Any, what: str) -> None:
    bar = axes.figure.colorbar(drawn, ax=axes)
    bar.set_label(f"mean {what}", parse_math=False)
