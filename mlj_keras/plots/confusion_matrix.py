"""The picture of a confusion matrix. Plain counts in, axes out; never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import require

_WRITTEN = 20  # counts of more levels than these would run into one another


def plot_confusion_matrix(
    matrix: np.ndarray, labels: Sequence[str], *, axes: Any = None, title: str = ""
) -> Any:
    """Draw counts as shades, the ground truth across the top, with the counts in the cells.

    Args:
        matrix: (n_levels, n_levels) counts; rows are predictions, columns the truth
        labels: n_levels names
        axes: matplotlib axes to draw on, or None for new ones
        title.
    Returns: the matplotlib axes; of more than 20 levels the shades alone, with a scale beside.
    Raises: MissingPackageError without matplotlib.
    """
    if axes is None:
        _, axes = require("matplotlib.pyplot", extra="plots").subplots(layout="constrained")
    image = axes.imshow(matrix, cmap="Blues", vmin=0, vmax=max(matrix.max(), 1))
    axes.set(xlabel="ground truth", ylabel="predicted", title=title)
    positions = range(len(labels))
    axes.set_xticks(positions, labels, rotation=90 if max(map(len, labels)) > 9 else 0)
    axes.set_yticks(positions, labels)
    axes.xaxis.tick_top()
    axes.xaxis.set_label_position("top")
    if len(labels) > _WRITTEN:
        axes.figure.colorbar(image, ax=axes, label="rows")
        return axes
    for (i, j), count in np.ndenumerate(matrix):
        colour = "white" if count > matrix.max() / 2 else "black"
        axes.text(j, i, str(count), ha="center", va="center", color=colour)
    return axes
