"""Measurements against a hyper-parameter. Plain values in, axes out; never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlj_keras.errors import DimensionMismatch, EmptyData
from mlj_keras.plots._axes import given_or_new, grid, marks, scale_y, whole_numbers
from mlj_keras.plots._texts import every, fit_texts, legend, name_axes
from mlj_keras.plots._tuning import Column, column, need_a_number, scale_x


def plot_learning_curve(
    values: Iterable[Any],
    measurements: ArrayLike,
    *,
    parameter: str = "",
    scale: str = "linear",
    measure: str = "measurement",
    axes: Any = None,
    label: str = "",
) -> Any:
    """Draw a measurement against the values of a hyper-parameter, and of repetitions their mean.

    Numbers are drawn in ascending order. The vertical scale is logarithmic where all that is drawn
    is positive and spans more than two decades.

    Args:
        values: (n,) numbers in the unit of the hyper-parameter, or others, which are categories in
            the order of their first appearance
        measurements: (n,) floats in the unit of the measure, or (n, k) for k repetitions; what is
            not finite leaves a gap, and is left out of the mean
        parameter: name of the hyper-parameter
        scale: "linear", "log", "log2", "log10", "logminus", "log10minus" or "custom", which is
            drawn as linear is
        measure: name of the measure
        axes: matplotlib axes to draw on, or None for new ones
        label: of the curve.
    Returns: the matplotlib axes.
    Raises: EmptyData without a measurement that is finite; DimensionMismatch if lengths differ;
        InvalidArgument for a scale that is unknown or does not hold the numbers;
        MissingPackageError without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> axes = Figure().subplots()
        >>> axes = plot_learning_curve([1, 10, 100], [0.9, 0.4, 0.6], scale="log10", axes=axes)
        >>> axes.get_xscale()
        'log'

    Source: MLJBase.jl, `learning_curve`, whose result is plotted by hand there.
    """
    drawn = column(parameter or "values", values, scale)
    repeated = _matrix(measurements, len(drawn.values))
    need_a_number(repeated)
    axes = given_or_new(axes)
    places = _draw(axes, drawn, repeated, label)
    name_axes(axes, x=parameter, y=measure)
    if drawn.labels:
        _thin_out(axes)
        fit_texts(axes, places)
    else:
        scale_x(axes, drawn)
        if np.all(places == np.round(places)):
            whole_numbers(axes)
    scale_y(axes)
    grid(axes)
    legend(axes)
    return axes


def _matrix(measurements: ArrayLike, n: int) -> np.ndarray:
    """(n, k) floats, of which all that are not finite are NaN."""
    found = np.asarray(measurements, dtype=float)
    if found.ndim not in (1, 2) or len(found) != n:
        raise DimensionMismatch(
            f"measurements must have the shape ({n},), or ({n}, k) for k repetitions, as there "
            f"are {n} values, got {found.shape}. Give a row for each value."
        )
    if not found.size:
        raise EmptyData("There is no curve to draw, got no measurements. Give one or more.")
    return np.where(np.isfinite(found), found, np.nan).reshape(n, -1)


def _draw(axes: Any, drawn: Column, repeated: np.ndarray, label: str) -> Any:
    """The curves; returns the places at the horizontal axis."""
    if drawn.labels:
        # Given as texts, which matplotlib puts where an earlier curve has the same ones.
        order = np.arange(len(repeated))
        places = np.array(drawn.labels)[drawn.values.astype(int)]
    else:
        order = np.argsort(drawn.values, kind="stable")
        places = drawn.values[order]
    n = repeated.shape[1]
    mean = _mean(repeated)[order]
    if n > 1:
        label = f"{label}, mean of {n}" if label else f"mean of {n}"
    style = {"linewidth": 2.5 if n > 1 else 1.5, "label": label or None, "zorder": 3}
    (line,) = axes.plot(places, mean, marker="o", markersize=4, markevery=marks(mean), **style)
    if n > 1:
        thin = {"color": line.get_color(), "linestyle": line.get_linestyle(), "linewidth": 0.8}
        axes.plot(places, repeated[order], alpha=0.5, **thin)
    return places


def _thin_out(axes: Any) -> None:
    """Of many categories hide the texts of some."""
    texts = axes.get_xticklabels()
    step = every(axes, len(texts))
    for i, text in enumerate(texts):
        text.set_visible(i % step == 0)


def _mean(repeated: np.ndarray) -> np.ndarray:
    """Of each row without NaN; NaN where nothing else is."""
    known = ~np.isnan(repeated)
    counts = known.sum(axis=1)
    sums = np.where(known, repeated, 0).sum(axis=1)
    return np.where(counts, sums / np.maximum(counts, 1), np.nan)
