"""The one style of all plots: colours, sizes, the grid, scales, panels. Fonts and everything else
are the user's.

Knows numbers and matplotlib's axes only. Source: ours."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from mlj_keras._imports import require
from mlj_keras.errors import InvalidArgument

# The Okabe-Ito palette, which colour-blind readers can tell apart, without its yellow and black.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00")
STYLES = ("-", "--", ":", "-.")  # of lines, when the colours are used up
GREY = "#7F7F7F"  # which is seen on white and on black
# Of a line that curves are compared with.
COMPARISON: dict[str, Any] = {"color": GREY, "linestyle": "--", "linewidth": 1}
SHADES = "viridis"  # as light as its numbers are large, for all eyes
COUNTS = "Blues"  # from white for none

# In inches.
PLAIN, WIDE, SQUARE = (6.0, 4.0), (7.0, 4.0), (5.0, 5.0)
PANEL = (4.6, 3.8)  # one of several

GOLDEN = 0.618034  # multiples of it, modulo 1, lie evenly and never in order
MARKED = 30  # points of more than these would run into one another
_DECADES = 2  # a linear scale would hide what happens near the lower end of more than these
_OWN = "mlj_keras"  # the name, which is not drawn, of axes that were made here


def given_or_new(axes: Any, *, size: tuple[float, float] = PLAIN) -> Any:
    """The axes given, in whose own colours curves are drawn; or else new ones, with colours of the
    palette, and then other lines.

    Args: axes: matplotlib axes or None · size: of new ones, in inches.
    Returns: the matplotlib axes.
    Raises: MissingPackageError without matplotlib.
    """
    if axes is not None:
        return axes
    _, axes = require("matplotlib.pyplot", extra="plots").subplots(
        figsize=size, layout="constrained", subplot_kw={"label": _OWN}
    )
    return coloured(axes)


def coloured(axes: Any) -> Any:
    """The axes, whose next curves have the colours of the palette, and then other lines."""
    colours = PALETTE * len(STYLES)
    axes.set_prop_cycle(color=colours, linestyle=np.repeat(STYLES, len(PALETTE)).tolist())
    return axes


def is_own(axes: Any) -> bool:
    """Whether the axes were made here, alone in their figure, whose size is then free."""
    return bool(axes.get_label() == _OWN)


def panels(
    axes: Any, n: int, *, a_row: int, what: str, size: tuple[float, float], **options: Any
) -> list[Any]:
    """The axes given, as many as there are panels; or new ones, so many a row.

    Args: what: to say for what there are panels, "hyper-parameters" say · size: of the figure, in
        inches, of one panel · options: of `subplots`.
    Raises: InvalidArgument for another number; MissingPackageError without matplotlib.
    """
    if axes is not None:
        found = list(np.ravel(np.asarray(axes, dtype=object)))
        if len(found) != n:
            raise InvalidArgument(
                f"A panel is drawn for each of {n} {what}, got {len(found)} axes. Give {n}, or "
                "None for new ones."
            )
        return found
    columns = min(n, a_row)
    rows = -(-n // columns)
    figure, made = require("matplotlib.pyplot", extra="plots").subplots(
        rows,
        columns,
        figsize=(size[0] * columns, size[1] * rows),
        squeeze=False,
        layout="constrained",
        **options,
    )
    for spare in made.flat[n:]:
        figure.delaxes(spare)
    return [coloured(each) for each in made.flat[:n]]


def grid(axes: Any, *, axis: str = "both") -> None:
    """The grid, below what is drawn."""
    axes.grid(visible=True, axis=axis, alpha=0.3)
    axes.set_axisbelow(True)


def ink(axes: Any) -> Any:
    """The colour of texts and frames, which is seen on the ground of the user's style."""
    return axes.xaxis.label.get_color()


def lay_out(axes: Any) -> None:
    """Give everything in the figure its place, so that it can be measured."""
    axes.figure.canvas.figure.draw_without_rendering()


def has_line(axes: Any, name: str) -> bool:
    """Whether a line of this name (matplotlib's gid) is drawn already, however many curves are."""
    return any(line.get_gid() == name for line in axes.get_lines())


def unit_square(axes: Any) -> None:
    """Both axes from 0 to 1, a little more so that lines on the border can be seen."""
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    grid(axes)


def whole_numbers(axes: Any) -> None:
    """Ticks at whole numbers below, where the scale is linear; also of a single point."""
    locator = axes.xaxis.get_major_locator()
    if isinstance(locator, importlib.import_module("matplotlib.ticker").MaxNLocator):
        locator.set_params(integer=True, min_n_ticks=1)


def marks(values: np.ndarray) -> np.ndarray:
    """Where points are marked: all of a few, and of many those alone between gaps, which a line
    does not show."""
    if len(values) <= MARKED:
        return np.ones(len(values), dtype=bool)
    seen = np.isfinite(np.pad(values, 1, constant_values=np.nan))
    alone: np.ndarray = ~(seen[:-2] | seen[2:])
    return alone


def is_wide(values: np.ndarray) -> bool:
    """Whether a logarithmic scale is asked for: all are positive, over more than two decades."""
    known = values[np.isfinite(values)]
    return bool(len(known) and known.min() > 0 and known.max() > 10**_DECADES * known.min())


def scale_y(axes: Any) -> None:
    """Make the vertical scale logarithmic if the curves ask for it, and linear if one of them is
    not positive, as it would not be seen."""
    lines = [line for line in axes.get_lines() if line.get_transform() == axes.transData]
    drawn = [np.asarray(line.get_ydata(), dtype=float) for line in lines]
    values = np.concatenate([np.empty(0), *drawn])
    if is_wide(values):
        axes.set_yscale("log")
    elif axes.get_yscale() == "log" and np.any(values[np.isfinite(values)] <= 0):
        axes.set_yscale("linear")
