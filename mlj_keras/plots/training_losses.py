"""The curve of training losses. Plain numbers in, axes out; never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlj_keras._imports import require

BLUE = "#0072B2"  # of the Okabe-Ito palette, which colour-blind readers can tell apart


def plot_losses(
    losses: Sequence[float], *, axes: Any = None, label: str = "", title: str = "", first: int = 0
) -> Any:
    """Draw losses against epochs.

    Args:
        losses: (n,), in their order
        first: the count of epochs at the first of them; 0 for the loss before training
        axes: matplotlib axes to draw on, or None for new ones
        label: of the curve
        title.
    Returns: the matplotlib axes.
    Raises: MissingPackageError without matplotlib.
    """
    if axes is None:
        _, axes = require("matplotlib.pyplot", extra="plots").subplots(
            figsize=(6, 4), layout="constrained"
        )
    marker = "o" if len(losses) <= 30 else None
    axes.plot(
        range(first, first + len(losses)),
        losses,
        color=BLUE,
        marker=marker,
        markersize=3,
        label=label or None,
    )
    axes.set(xlabel="epochs done", ylabel="training loss (mean over batches)", title=title)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(visible=True, alpha=0.3)
    axes.margins(x=0.02)
    if label:
        axes.legend()
    return axes
