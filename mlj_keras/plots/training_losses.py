"""The curve of training losses. Plain numbers in, axes out; never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.plots._axes import given_or_new, grid, marks, scale_y, whole_numbers
from mlj_keras.plots._texts import entitle, legend, name_axes


def plot_losses(
    losses: Sequence[float],
    *,
    axes: Any = None,
    label: str = "",
    title: str = "",
    first: int = 0,
    unit: str = "mean over batches",
    steps: str = "epochs",
) -> Any:
    """Draw losses against epochs.

    The vertical scale is logarithmic where all that is drawn is positive and spans more than two
    decades.

    Args:
        losses: (n,), in their order; what is not finite leaves a gap
        first: the count of epochs at the first of them; 0 for the loss before training
        axes: matplotlib axes to draw on, in whose own colours curves are drawn, or None for new
            ones
        label: of the curve
        title
        unit: what is said of the losses in brackets, such as their formula; "" for nothing
        steps: what is counted.
    Returns: the matplotlib axes.
    Raises: MissingPackageError without matplotlib.
    """
    axes = given_or_new(axes)
    values = np.asarray(losses, dtype=float)
    places = range(first, first + len(values))
    axes.plot(
        places, values, marker="o", markersize=3, markevery=marks(values), label=label or None
    )
    name_axes(axes, x=f"{steps} done", y=f"training loss ({unit})" if unit else "training loss")
    if title:
        entitle(axes, title)
    scale_y(axes)
    whole_numbers(axes)
    grid(axes)
    axes.margins(x=0.02)
    legend(axes)
    return axes
