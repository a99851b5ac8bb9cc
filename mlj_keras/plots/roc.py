"""The receiver operating characteristic. Plain numbers in, axes out; never shows. Source: ours."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.plots._axes import COMPARISON, SQUARE, given_or_new, has_line, unit_square
from mlj_keras.plots._texts import legend, name_axes


def plot_roc(
    false_positive_rates: np.ndarray,
    true_positive_rates: np.ndarray,
    *,
    axes: Any = None,
    label: str = "",
) -> Any:
    """Draw true against false positive rates, and the diagonal of pure chance.

    Args:
        false_positive_rates, true_positive_rates: (k + 1,) dimensionless, in [0, 1]
        axes: matplotlib axes to draw on, or None for new ones
        label: of the curve.
    Returns: the matplotlib axes.
    Raises: MissingPackageError without matplotlib.
    """
    axes = given_or_new(axes, size=SQUARE)
    if not has_line(axes, "chance"):
        axes.axline((0, 0), slope=1, gid="chance", label="chance", **COMPARISON)
    axes.plot(false_positive_rates, true_positive_rates, label=label or None)
    unit_square(axes)
    name_axes(axes, x="false positive rate", y="true positive rate")
    legend(axes, loc="lower right")
    return axes
