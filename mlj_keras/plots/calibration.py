"""Observed frequencies against predicted probabilities. Plain numbers in, axes out; never shows.
Source: ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.plots._axes import COMPARISON, SQUARE, given_or_new, has_line, unit_square
from mlj_keras.plots._texts import legend, name_axes


def plot_calibration(
    predicted: np.ndarray, observed: np.ndarray, *, axes: Any = None, label: str = ""
) -> Any:
    """Draw a point for each bin, and the diagonal on which probabilities are right.

    Args:
        predicted: (b,) mean predicted probability of each bin, dimensionless, in [0, 1]
        observed: (b,) frequency of each bin, likewise
        axes: matplotlib axes to draw on, or None for new ones
        label: of the curve.
    Returns: the matplotlib axes.
    Raises: MissingPackageError without matplotlib.
    """
    axes = given_or_new(axes, size=SQUARE)
    if not has_line(axes, "calibrated"):
        axes.axline((0, 0), slope=1, gid="calibrated", label="calibrated", **COMPARISON)
    axes.plot(predicted, observed, marker="o", markersize=4, label=label or None)
    unit_square(axes)
    name_axes(axes, x="mean predicted probability", y="observed frequency")
    legend(axes, loc="upper left")
    return axes
