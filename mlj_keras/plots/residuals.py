"""Residuals against predictions. Plain numbers in, axes out; never shows. Source: ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.plots._axes import COMPARISON, given_or_new, has_line


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
    axes.scatter(prediction, residuals, s=12, alpha=0.6, linewidths=0, label=label or None)
    axes.set(xlabel="prediction (unit of the target)", ylabel="truth - prediction (same unit)")
    axes.grid(visible=True, alpha=0.3)
    if label:
        axes.legend()
    return axes
