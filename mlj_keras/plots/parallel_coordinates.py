"""All hyper-parameters of the candidates of a tuning at once. Plain values in, axes out; never
shows. Source: ours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlj_keras._imports import require
from mlj_keras.plots._axes import SHADES, given_or_new, ink, is_wide
from mlj_keras.plots._texts import above, fitted, room_of
from mlj_keras.plots._tuning import Column, best_of, columns_of, measured, need_a_number
from mlj_keras.plots._tuning import column as column_of

_FEW = 6  # numbers of a grid, each of which has a tick
_APART = 0.045  # the least distance of ticks, of the height of an axis


def plot_parallel_coordinates(
    columns: Mapping[str, Iterable[Any]],
    measurements: ArrayLike,
    *,
    orientation: str = "loss",
    scales: Mapping[str, str] | None = None,
    orders: Mapping[str, Sequence[Any]] | None = None,
    name: str = "measurement",
    axes: Any = None,
    title: str = "",
) -> Any:
    """Draw a vertical axis for each hyper-parameter and a last one for the measurement, and a line
    through all of them for each candidate: the better, the darker and the more in front.

    The last axis is logarithmic where all measurements are positive and span more than two
    decades.

    Args:
        columns: name of a hyper-parameter, such as "optimiser.learning_rate", to (n,) values:
            numbers, or others, which are categories in the order of their first appearance
        measurements: (n,) floats in the unit of the measure; a candidate whose one is not finite
            is left out
        orientation: "loss" if less is better, "score" if more is; the best one is drawn thick
        scales: name of a hyper-parameter to "linear", "log", "log2", "log10", "logminus",
            "log10minus" or "custom", which is drawn as linear is; default "linear"
        orders: name to categories, in the order in which they are drawn; others follow as
            they appear
        name: of the measure
        axes: matplotlib axes to draw on, or None for new ones
        title.
    Returns: the matplotlib axes.
    Raises: EmptyData without hyper-parameters, or a measurement that is finite;
        DimensionMismatch if lengths differ; InvalidArgument for another orientation, or a scale
        that is unknown or does not hold the numbers; MissingPackageError without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> columns = {"epochs": [5, 10, 20], "hidden": [(32,), (64,), (32,)]}
        >>> losses = [0.9, 0.4, 0.6]
        >>> axes = plot_parallel_coordinates(columns, losses, axes=Figure().subplots())
        >>> [text.get_text() for text in axes.get_xticklabels()]
        ['epochs', 'hidden', 'measurement']

    Source: ours.
    """
    values = measured(measurements, orientation)
    drawn = columns_of(columns, len(values), scales, orders)
    need_a_number(values)
    known = ~np.isnan(values)
    last = column_of(name, values[known], "log10" if is_wide(values) else "linear")
    axes = given_or_new(axes, size=(max(6, 1.6 * (len(drawn) + 1)), 4))
    heights = [_heights(column)[known] for column in drawn] + [_heights(last)]
    worse = heights[-1] if orientation == "loss" else 1 - heights[-1]
    best, label = best_of(values, orientation)
    _draw_candidates(axes, np.transpose(heights), worse, int(known[:best].sum()), label)
    for i, column in enumerate([*drawn, last]):
        _draw_axis(axes, i, column, after=column is last)
    _finish(axes, [column.name for column in [*drawn, last]], title)
    return axes


def _even(numbers: np.ndarray, column: Column) -> np.ndarray:
    """Numbers as places that are even where the scale is, and increase as they do."""
    if not column.base:
        return numbers
    logarithm = np.log2 if column.base == 2 else np.log10
    return np.asarray(column.sign * logarithm(column.sign * numbers))


def _heights(column: Column, numbers: np.ndarray | None = None) -> np.ndarray:
    """Where numbers, default those of the column, lie on its axis, from 0 to 1."""
    ends = _even(np.array([column.values.min(), column.values.max()]), column)
    places = _even(column.values if numbers is None else numbers, column)
    if ends[0] == ends[1]:
        return np.full(len(places), 0.5)
    return np.asarray((places - ends[0]) / (ends[1] - ends[0]))


def _draw_candidates(
    axes: Any, heights: np.ndarray, worse: np.ndarray, best: int, label: str
) -> None:
    """Lines from the worst to the best, which lies on top."""
    colours = require("matplotlib", extra="plots").colormaps[SHADES]
    order = np.argsort(-worse, kind="stable")
    order = np.append(order[order != best], best)
    for rank, i in enumerate(order):
        axes.plot(
            range(heights.shape[1]),
            heights[i],
            # Light yellow would hardly be seen on white.
            color=colours(0.9 * (worse[i] - worse[best])),
            linestyle="-",
            linewidth=3 if i == best else 1.2,
            label=label if i == best else None,
            gid="candidate",
            zorder=2 + rank / len(order),
        )


def _draw_axis(axes: Any, i: int, column: Column, *, after: bool) -> None:
    """The i-th axis with its ticks, whose texts stand after or before it."""
    style = {"color": ink(axes), "linewidth": 0.8, "linestyle": "-", "zorder": 3.5}
    axes.plot([i, i], [0, 1], **style)
    ground = {"facecolor": axes.get_facecolor(), "edgecolor": "none", "alpha": 0.85, "pad": 0.8}
    side, anchor, marker = (1, "left", 1) if after else (-1, "right", 0)  # ticks point there
    for height, text in _ticks(column):
        axes.plot([i], [height], marker=marker, **style)
        axes.annotate(
            text,
            (i, height),
            (side * 8, 0),
            textcoords="offset points",
            ha=anchor,
            va="center",
            fontsize="small",
            parse_math=False,
            bbox=ground,  # lines that cross a text would make it another one
            zorder=4,
        )


def _ticks(column: Column) -> Iterator[tuple[float, str]]:
    """Heights and texts, none too near to one before it: the ends come first."""
    if column.labels:
        numbers, texts = np.arange(len(column.labels)), column.labels
    else:
        numbers = _numbers(column)
        texts = tuple(_text(float(number)) for number in numbers)
    kept: list[float] = []
    for height, text in zip(_heights(column, numbers), texts, strict=True):
        if all(abs(height - other) >= _APART for other in kept):
            kept.append(height)
            yield height, text


def _numbers(column: Column) -> np.ndarray:
    """The least and the greatest, then those of a grid, or of many numbers round ones between."""
    distinct = np.unique(column.values)
    if len(distinct) <= _FEW:
        return np.concatenate([distinct[[0, -1]], distinct])
    low, high = distinct[[0, -1]]
    if column.base:
        ends = _even(distinct[[0, -1]], column)
        powers = np.arange(np.ceil(ends[0]), np.floor(ends[1]) + 1)
        between = column.sign * float(column.base) ** (column.sign * powers)
    else:
        ticker = require("matplotlib.ticker", extra="plots")
        between = ticker.MaxNLocator(5).tick_values(low, high)
    return np.concatenate([[low, high], between[(between > low) & (between < high)]])


def _text(number: float) -> str:
    whole = number == round(number) and abs(number) < 1e6
    return f"{number + 0:.0f}" if whole else f"{number:.3g}"  # + 0 takes the sign off -0.0


def _finish(axes: Any, names: list[str], title: str) -> None:
    """Names below, the legend above, and nothing of the frame."""
    room = room_of(axes, len(names))
    texts = [fitted(name, room) for name in names]
    axes.set_xticks(range(len(names)), texts, fontsize="small", parse_math=False)
    axes.tick_params(axis="x", length=0)
    axes.set(yticks=[], ylim=(-0.04, 1.04), xlim=(-0.1, len(names) - 0.9))
    axes.spines[:].set_visible(False)
    above(axes, title, n_columns=1)
