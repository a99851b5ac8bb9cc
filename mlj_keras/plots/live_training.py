"""The picture of a training that goes on: losses out of sample and in training, the best iteration
so far, and hyper-parameters that change. Plain arrays in, axes out; never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlj_keras._imports import require
from mlj_keras.errors import DimensionMismatch, EmptyData, InvalidArgument
from mlj_keras.plots._axes import (
    COMPARISON,
    PALETTE,
    grid,
    ink,
    marks,
    scale_y,
    whole_numbers,
)
from mlj_keras.plots._texts import above, name_axes

Curve = tuple[np.ndarray, np.ndarray]  # iterations and values, of one length


def plot_live_training(
    iterations: ArrayLike,
    losses: ArrayLike,
    *,
    training_losses: ArrayLike | None = None,
    rates: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    best: int | None = None,
    names: tuple[str, str] = ("loss", "training"),
    axes: Any = None,
) -> Any:
    """Draw how far a training is; called again and again on the same axes, it draws them anew.

    A vertical scale is logarithmic where all values are positive and span more than two decades.

    Args:
        iterations: (n,) ints, the iteration counts at which a loss was taken out of sample
        losses: (n,) floats in the unit of the measure; NaN leaves a gap
        training_losses: (m,) floats, those of the iterations 1 to m, or None
        rates: name of a hyper-parameter, such as "optimiser.learning_rate", to (iterations,
            values) of equal length, in its own unit; drawn in second axes below, which None or
            nothing in the mapping leaves out
        best: the one of iterations with the best loss so far, or None
        names: of the measure, at the vertical axis, and of training_losses, in the legend
        axes: what this function returned before, or other matplotlib axes: one, or with rates a
            pair that shares x, as `subplots(2, sharex=True)` makes it. They are cleared first.
            None for new ones.
    Returns: the matplotlib axes, or with rates a tuple of two.
    Raises: EmptyData without losses; DimensionMismatch if lengths differ; InvalidArgument for a
        best that is none of iterations, names other than two, or the wrong number of axes;
        MissingPackageError without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> axes = Figure().subplots()
        >>> names = "log_loss", "training"
        >>> axes = plot_live_training([1, 2], [0.9, 0.7], names=names, axes=axes)
        >>> axes.get_ylabel()
        'log_loss'

    Source: ours.
    """
    steps, values = _curve(iterations, losses, "losses")
    _check(steps, best, names)
    training = None if training_losses is None else _from_one(training_losses)
    traces = {name: _curve(*rate, name) for name, rate in (rates or {}).items()}
    upper, *lower = panes = _cleared(axes, n=2 if traces else 1)
    _draw_losses(upper, (steps, values), training, names)
    for below in lower:
        _draw_rates(below, traces)
    if best is not None:
        _mark_best(panes, best, values[steps == best][0])
    for pane, n_columns in zip(panes, (3, 2), strict=False):  # names of rates are longer
        _finish(pane, n_columns=n_columns)
    return tuple(panes) if lower else upper


def _curve(iterations: ArrayLike, values: ArrayLike, name: str) -> Curve:
    """Both as vectors of one length."""
    steps, numbers = np.asarray(iterations), np.asarray(values, dtype=float)
    if steps.ndim != 1 or steps.shape != numbers.shape:
        raise DimensionMismatch(
            f"{name!r} needs an iteration for each value, got shapes {steps.shape} of iterations "
            f"and {numbers.shape} of values. Give two sequences of the same length."
        )
    return steps, numbers


def _from_one(losses: ArrayLike) -> Curve:
    """Losses of the iterations 1, 2 and on."""
    return _curve(np.arange(1, np.size(losses) + 1), losses, "training_losses")


def _check(steps: np.ndarray, best: int | None, names: tuple[str, str]) -> None:
    if not len(steps):
        raise EmptyData(
            "plot_live_training needs at least one loss taken out of sample, got none. Call it "
            "once the first is there."
        )
    if best is not None and best not in steps:
        raise InvalidArgument(
            f"best must be one of the iterations with a loss, {steps.min()} to {steps.max()}, got "
            f"{best}. Give the iteration count, not a position, or None."
        )
    if isinstance(names, str) or len(names) != 2:
        raise InvalidArgument(
            f"names must be two, of the measure and of the training losses, got {names!r}. "
            "Write for example names=('log_loss', 'training')."
        )


def _cleared(axes: Any, *, n: int) -> list[Any]:
    """The n axes given, emptied; or else new ones, one above the other."""
    if axes is None:
        _, axes = require("matplotlib.pyplot", extra="plots").subplots(
            n,
            figsize=(6, 2.5 + 1.5 * n),
            height_ratios=(2, 1)[:n],
            sharex=True,
            layout="constrained",
        )
    panes = list(np.ravel(axes))
    if len(panes) != n:
        raise InvalidArgument(
            f"plot_live_training draws into {n} axes {'without' if n == 1 else 'with'} rates, got "
            f"{len(panes)}. Give the axes that subplots({n}, sharex=True) makes, or None."
        )
    for pane in panes:
        pane.clear()
    return panes


def _draw_losses(axes: Any, losses: Curve, training: Curve | None, names: tuple[str, str]) -> None:
    # Training losses keep the colour that they have in the plot of training losses alone.
    training_colour, colour = PALETTE[:2]
    if training is not None:
        _draw(axes, *training, color=training_colour, label=names[1], linewidth=1)
    _draw(axes, *losses, color=colour, label="out of sample")
    name_axes(axes, y=names[0])
    scale_y(axes)


def _draw_rates(axes: Any, traces: Mapping[str, Curve]) -> None:
    axes.set_prop_cycle(color=PALETTE[2:] + PALETTE[:2])  # the losses have the first two
    for path, trace in traces.items():
        _draw(axes, *trace, label=path)
    (name,) = traces if len(traces) == 1 else ("value",)
    name_axes(axes, y=name.rpartition(".")[2].replace("_", " "))
    scale_y(axes)


def _draw(axes: Any, steps: np.ndarray, values: np.ndarray, **style: Any) -> None:
    axes.plot(steps, values, marker="o", markersize=3, markevery=marks(values), **style)


def _mark_best(panes: list[Any], best: int, loss: float) -> None:
    for pane in panes:
        pane.axvline(best, **COMPARISON)
    label = f"best: {loss:.3g} at {best}"
    style = {"color": ink(panes[0]), "fillstyle": "none", "markersize": 7}
    panes[0].plot([best], [loss], "o", label=label, **style)


def _finish(axes: Any, *, n_columns: int) -> None:
    """The grid, the legend above the data, and the name of x on the lower axes only."""
    name_axes(axes, x="iterations")
    axes.label_outer()
    whole_numbers(axes)
    grid(axes)
    axes.margins(x=0.02)
    above(axes, "", n_columns=n_columns)
