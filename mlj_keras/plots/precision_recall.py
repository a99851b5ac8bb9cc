"""Precision against recall. Plain numbers in, axes out; never shows. Source: ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.plots._axes import SQUARE, given_or_new, unit_square
from mlj_keras.plots._texts import legend, name_axes


def plot_precision_recall(
    recalls: np.ndarray, precisions: np.ndarray, *, axes: Any = None, label: str = ""
) -> Any:
    """Draw precision against recall as steps, each precision kept until the next recall.

    Args:
        recalls, precisions: (k + 1,) dimensionless, in [0, 1]
        axes: matplotlib axes to draw on, or None for new ones
        label: of the curve.
    Returns: the matplotlib axes.
    Raises: MissingPackageError without matplotlib.
    """
    axes = given_or_new(axes, size=SQUARE)
    axes.plot(recalls, precisions, drawstyle="steps-post", label=label or None)
    unit_square(axes)
    name_axes(axes, x="recall", y="precision")
    legend(axes, loc="lower left")
    return axes
