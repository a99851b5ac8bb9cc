"""Residuals against predictions. Plain numbers in, axes out; never shows. Source: ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.plots._axes import COMPARISON, given_or_new, grid, has_line
from mlj_keras.plots._texts import legend, name_axes

_MANY = 1000  # points of more than these are drawn smaller and fainter


def plot_residuals(
    prediction: np.ndarray, residuals: np.ndarray, *, axes: Any = None, label: str = ""
) -> Any:
    """Draw a point for each row, and the line of no residual.

    Args:
        prediction: (n,) in the unit of the truth
        residuals: (n,) truth - prediction, in the same unit; NaN is not drawn
        axes: matplotlib axes to draw on, or None for new ones
        label: of the points.
    Returns: the matplotlib axes.
    Raises: MissingPackageError without matplotlib.
    """
    axes = given_or_new(axes)
    if not has_line(axes, "zero"):
        axes.axhline(0, gid="zero", **COMPARISON)
    part = min(1.0, _MANY / max(len(prediction), 1))  # how faint points are
    size, alpha = max(12 * part**0.5, 3), max(0.6 * part**0.5, 0.15)
    axes.scatter(prediction, residuals, s=size, alpha=alpha, linewidths=0, label=label or None)
    name_axes(axes, x="prediction (unit of the target)", y="truth - prediction (same unit)")
    grid(axes)
    legend(axes)
    return axes
