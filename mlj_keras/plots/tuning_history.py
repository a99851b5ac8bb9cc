"""The measurements of a tuning in the order of the candidates. Plain numbers in, axes out; never
shows. Source: ours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlj_keras.plots._axes import (
    GREY,
    PALETTE,
    WIDE,
    given_or_new,
    grid,
    ink,
    is_wide,
    whole_numbers,
)
from mlj_keras.plots._texts import above, name_axes
from mlj_keras.plots._tuning import best_of, measured

_FEW = 100  # points of more than these are drawn smaller
_BORDER = 0.025  # of the height, where crosses are clear of the ticks


def plot_tuning_history(
    measurements: ArrayLike,
    *,
    orientation: str = "loss",
    name: str = "measurement",
    axes: Any = None,
    title: str = "",
) -> Any:
    """Draw a point for each candidate, and the best measurement so far.

    The vertical scale is logarithmic where all measurements are positive and span more than two
    decades.

    Args:
        measurements: (n,) floats in the unit of the measure, in the order in which the candidates
            were tried, numbered from 0; one that is not finite is of a candidate that failed,
            which is marked at the lower border
        orientation: "loss" if less is better, "score" if more is
        name: of the measure
        axes: matplotlib axes to draw on, or None for new ones
        title.
    Returns: the matplotlib axes.
    Raises: EmptyData without candidates; DimensionMismatch if measurements are no vector;
        InvalidArgument for another orientation; MissingPackageError without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> losses = [0.9, 0.4, float("nan"), 0.6]
        >>> axes = plot_tuning_history(losses, name="log_loss", axes=Figure().subplots())
        >>> [text.get_text() for text in axes.get_legend().get_texts()]
        ['candidate', 'best so far', 'best: 0.4 at 1', 'failed: 1']

    Source: ours.
    """
    values = measured(measurements, orientation)
    axes = given_or_new(axes, size=WIDE)
    failed = np.flatnonzero(np.isnan(values))
    if len(failed) < len(values):
        _draw_candidates(axes, values, orientation)
    if len(failed):
        _mark_failed(axes, failed)
    if is_wide(values):
        axes.set_yscale("log")
    _finish(axes, name, title)
    return axes


def _draw_candidates(axes: Any, values: np.ndarray, orientation: str) -> None:
    numbers = np.arange(len(values))
    size = 4 if len(values) <= _FEW else 2
    axes.plot(numbers, values, "o", color=PALETTE[0], markersize=size, zorder=3, label="candidate")
    better = np.fmin if orientation == "loss" else np.fmax  # both pass over NaN
    so_far = better.accumulate(values)
    line = {"color": PALETTE[1], "linestyle": "-", "label": "best so far"}
    axes.step(numbers, so_far, where="post", **line)
    best, label = best_of(values, orientation)
    style = {"color": ink(axes), "fillstyle": "none", "markersize": 9, "zorder": 4}
    axes.plot([best], [values[best]], "o", label=label, **style)


def _mark_failed(axes: Any, failed: np.ndarray) -> None:
    """Small crosses along the lower border, whatever the vertical scale."""
    place = {"transform": axes.get_xaxis_transform(), "label": f"failed: {len(failed)}"}
    heights = np.full(len(failed), _BORDER)
    axes.plot(failed, heights, "x", color=GREY, markersize=5, **place)


def _finish(axes: Any, name: str, title: str) -> None:
    """The grid, whole numbers of candidates, and the legend above the data."""
    name_axes(axes, x="candidate", y=name)
    whole_numbers(axes)
    grid(axes)
    axes.margins(x=0.02)
    above(axes, title, n_columns=4)
