"""The measurements of a tuning against each hyper-parameter by itself. Plain values in, axes out;
never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlj_keras.plots._axes import GOLDEN, PALETTE, grid, ink, is_wide, panels, whole_numbers
from mlj_keras.plots._texts import above, name_axes, name_categories
from mlj_keras.plots._tuning import (
    Column,
    best_of,
    columns_of,
    measured,
    need_a_number,
    scale_x,
)

_A_ROW = 4  # panels
_SPREAD = 0.3  # of the points of a category, whose distance to the next one is 1


def plot_slices(
    columns: Mapping[str, Iterable[Any]],
    measurements: ArrayLike,
    *,
    orientation: str = "loss",
    scales: Mapping[str, str] | None = None,
    orders: Mapping[str, Sequence[Any]] | None = None,
    name: str = "measurement",
    axes: Sequence[Any] | None = None,
    title: str = "",
) -> tuple[Any, ...]:
    """Draw a panel for each hyper-parameter, with a point for each candidate.

    The vertical scale is logarithmic where all measurements are positive and span more than two
    decades.

    Args:
        columns: name of a hyper-parameter, such as "optimiser.learning_rate", to (n,) values:
            numbers, or others, which are categories in the order of their first appearance and
            lie a little beside one another
        measurements: (n,) floats in the unit of the measure; one that is not finite is not drawn
        orientation: "loss" if less is better, "score" if more is; the best one is ringed
        scales: name of a hyper-parameter to "linear", "log", "log2", "log10", "logminus",
            "log10minus" or "custom", which is drawn as linear is; default "linear"
        orders: name to categories, in the order that is drawn; others follow as they appear
        name: of the measure
        axes: matplotlib axes to draw on, one a hyper-parameter; None for new ones
        title.
    Returns: a tuple of matplotlib axes, one a hyper-parameter.
    Raises: EmptyData without hyper-parameters, or a measurement that is finite;
        DimensionMismatch if lengths differ; InvalidArgument for another orientation, a scale that
        is unknown or does not hold the numbers, or the wrong number of axes; MissingPackageError
        without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> columns = {"epochs": [5, 10, 20], "hidden": [(32,), (64,), (32,)]}
        >>> panels = plot_slices(columns, [0.9, 0.4, 0.6], axes=Figure().subplots(1, 2))
        >>> [panel.get_xlabel() for panel in panels]
        ['epochs', 'hidden']

    Source: ours.
    """
    values = measured(measurements, orientation)
    drawn = columns_of(columns, len(values), scales, orders)
    need_a_number(values)
    size = (2.8 if len(drawn) > 1 else 4.0, 3.2)
    found = panels(axes, len(drawn), a_row=_A_ROW, what="hyper-parameters", size=size, sharey=True)
    best, label = best_of(values, orientation)
    for panel, column in zip(found, drawn, strict=True):
        _draw(panel, column, values, best, label)
        if is_wide(values):
            panel.set_yscale("log")
        spec = panel.get_subplotspec()
        if spec is None or spec.is_first_col():
            name_axes(panel, y=name)
    above(found[0], title, n_columns=1, loc="left")
    return tuple(found)


def _draw(axes: Any, column: Column, values: np.ndarray, best: int, label: str) -> None:
    places = column.values
    if column.labels:
        # Points of a category would cover one another.
        places = places + _SPREAD * (np.arange(len(places)) * GOLDEN % 1 - 0.5)
    axes.plot(places, values, "o", color=PALETTE[0], markersize=5, alpha=0.6, markeredgewidth=0)
    style = {"color": ink(axes), "fillstyle": "none", "markersize": 9}
    axes.plot([places[best]], [values[best]], "o", label=label, **style)
    name_axes(axes, x=column.name)
    grid(axes)
    if column.labels:
        name_categories(axes, column.labels)
    else:
        scale_x(axes, column)
        if np.all(places == np.round(places)):
            whole_numbers(axes)
