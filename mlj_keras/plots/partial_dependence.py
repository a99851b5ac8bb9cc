"""Predictions against one feature or two. Plain values in, axes out; never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.errors import DimensionMismatch, InvalidArgument
from mlj_keras.plots._axes import (
    GOLDEN,
    PALETTE,
    PANEL,
    PLAIN,
    STYLES,
    given_or_new,
    grid,
    panels,
)
from mlj_keras.plots._dependence_of_two import draw_pair
from mlj_keras.plots._dependence_parts import Side, finish_x, mark_deciles, side_of
from mlj_keras.plots._texts import entitle, legend, name_axes, short

_CURVES = 200  # of single rows that are drawn at most, evenly chosen
_A_ROW = 3  # panels
_MARKED = 12  # values of a grid, each of which has a point
_SPREAD = 0.5  # of what belongs to a category, whose distance to the next one is 1


def plot_partial_dependence(
    grid: Sequence[Any],
    average: Any,
    *,
    features: Sequence[str],
    outputs: Sequence[str] = ("prediction",),
    individual: Any = None,
    deciles: Sequence[Any] = (),
    response: str = "prediction",
    axes: Any = None,
    title: str = "",
) -> Any:
    """Draw what is predicted as one feature changes, a line for each output; or two, a panel for
    each output.

    One feature: numbers as a line with the deciles of the data below, categories as points; curves
    of single rows are thin, 200 at most. Two: a surface of two numbers, lines over a number for
    each category, or a table of two categories.

    Args:
        grid: of each feature (g,) numbers in ascending order, or texts, which are categories
        average: (n_outputs, *lengths of the grid) floats, or None for curves of single rows alone
        features: one name, or two
        outputs: n_outputs names
        individual: (n_outputs, n_rows, g) floats of single rows, or None
        deciles: of each feature some numbers that are marked at its axis; none, or no sequence,
            for none
        response: what is predicted, such as "prediction" or "probability"
        axes: matplotlib axes; of two features one for each output; None for new ones
        title.
    Returns: the matplotlib axes; for two features and several outputs a tuple of them.
    Raises: DimensionMismatch if shapes do not agree; InvalidArgument for more than two features,
        nothing to draw, or the wrong number of axes; MissingPackageError without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> axes = plot_partial_dependence(
        ...     [[1, 2, 3]], [[0.5, 0.7, 0.8]], features=["age"], axes=Figure().subplots()
        ... )
        >>> axes.get_xlabel(), axes.get_ylabel()
        ('age', 'mean prediction')

    Source: ours.
    """
    sides = _sides(grid, features, deciles)
    shape = (len(outputs), *map(len, sides))
    means = None if average is None else _shaped(average, shape, "average")
    if len(sides) == 2:
        return _draw_panels(sides, means, outputs, response, axes, title)
    curves = _curves(individual, shape)
    if means is None and curves is None:
        raise InvalidArgument("There is nothing to draw, got neither average nor individual.")
    axes = given_or_new(axes)
    _draw(axes, sides[0], means, curves, outputs)
    mean = response if means is None else f"mean {response}"
    name_axes(axes, y=_named(mean, outputs[0] if len(outputs) == 1 else "", 1))
    if title:
        entitle(axes, title)
    return axes


def _draw_panels(
    sides: list[Side],
    means: np.ndarray | None,
    outputs: Sequence[str],
    response: str,
    axes: Any,
    title: str,
) -> Any:
    """Two features: a panel for each output."""
    if means is None:
        raise InvalidArgument("Two features need averages, got None. Give an average.")
    n = len(outputs)
    size = (PLAIN[0], PLAIN[1] + 0.4) if n == 1 else PANEL
    found = panels(axes, n, a_row=_A_ROW, what="outputs", size=size)
    for panel, output, values in zip(found, outputs, means, strict=True):
        draw_pair(panel, sides, values, _named(response, output, n))
    if title:
        entitle(found[0], title)
    return found[0] if n == 1 else tuple(found)


def _named(response: str, output: str, n_outputs: int) -> str:
    """What an axis or a panel shows."""
    text = short(output)
    return response if text in ("", "prediction") and n_outputs == 1 else f"{response} of {text}"


def _sides(grid: Sequence[Any], features: Sequence[str], deciles: Sequence[Any]) -> list[Side]:
    if len(features) not in (1, 2) or len(grid) != len(features):
        raise InvalidArgument(
            f"One feature or two are drawn, each with its grid, got {len(features)} features and "
            f"{len(grid)} grids. Give grid=[values], features=['name']."
        )
    marks = list(deciles) or [()] * len(features)
    return [side_of(*each) for each in zip(features, grid, marks, strict=True)]


def _shaped(values: Any, shape: tuple[int, ...], what: str) -> np.ndarray:
    found = np.asarray(values, dtype=float)
    if found.shape != shape:
        raise DimensionMismatch(
            f"{what} must have the shape {shape}, for outputs and the grid, got {found.shape}."
        )
    return found


def _curves(individual: Any, shape: tuple[int, ...]) -> np.ndarray | None:
    """The curves of single rows that are drawn, (n_outputs, some rows, g)."""
    if individual is None:
        return None
    n = np.shape(individual)[1] if np.ndim(individual) == 3 else 0
    found = _shaped(individual, (shape[0], n, shape[1]), "individual")
    chosen = np.unique(np.linspace(0, n - 1, min(n, _CURVES)).round().astype(int))
    return found[:, chosen]


def _draw(
    axes: Any,
    side: Side,
    means: np.ndarray | None,
    curves: np.ndarray | None,
    outputs: Sequence[str],
) -> None:
    """The lines, or points, of each output in its colour."""
    n, names = len(outputs), side_of("outputs", outputs, ()).labels
    for i, name in enumerate(names):
        style: dict[str, Any] = {"color": PALETTE[i % len(PALETTE)]}
        # The points of several outputs stand side by side at a category.
        shift = _SPREAD * ((i + 0.5) / n - 0.5) if side.labels else 0.0
        if curves is not None:
            _draw_rows(axes, side, curves[i], shift, _SPREAD / n, style)
        if means is not None and side.labels:
            points = {"linestyle": "none", "marker": "o", "markersize": 7}
            border = {"markeredgecolor": axes.get_facecolor(), "zorder": 3}
            axes.plot(side.places + shift, means[i], label=name, **points, **border, **style)
        elif means is not None:
            _draw_line(axes, side, means[i], name, STYLES[i // len(PALETTE) % len(STYLES)], style)
        elif n > 1:  # for the legend
            axes.plot([], [], label=name, **style)
    mark_deciles(axes, side)
    finish_x(axes, side)
    grid(axes)
    if n > 1:
        legend(axes, outside=True)


def _draw_line(
    axes: Any, side: Side, values: np.ndarray, name: str, line: str, style: dict[str, Any]
) -> None:
    """A line with a border of the ground's colour, which is seen among those of single rows."""
    marker = "o" if len(side) <= _MARKED else None
    border = {
        "color": axes.get_facecolor(),
        "linestyle": "-",
        "linewidth": 4.5,
        "gid": "border",
        "zorder": 2.9,
    }
    axes.plot(side.places, values, **border)
    drawn = {"linestyle": line, "linewidth": 2.5, "marker": marker, "zorder": 3}
    axes.plot(side.places, values, label=name, **drawn, **style)


def _draw_rows(
    axes: Any, side: Side, curves: np.ndarray, shift: float, width: float, style: dict[str, Any]
) -> None:
    """Thin lines, or faint points a little beside one another."""
    faint = {**style, "alpha": 0.25, "gid": "row", "zorder": 2}
    if side.labels:
        beside_ = width * 0.8 * (np.arange(len(curves)) * GOLDEN % 1 - 0.5)
        places = side.places[:, None] + shift + beside_
        axes.plot(places.ravel(), curves.T.ravel(), "o", markersize=3, markeredgewidth=0, **faint)
    else:
        axes.plot(side.places, curves.T, linestyle="-", linewidth=0.7, **faint)
