"""The picture of a confusion matrix. Plain counts in, axes out; never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.plots._axes import COUNTS, given_or_new, lay_out
from mlj_keras.plots._texts import entitle, every, name_axes, points_of, short

_WRITTEN = 20  # counts of more levels than these would run into one another
_FEW = 10  # names of more levels are written small
_CHARACTER = 0.085  # inches of one in a name
_CELL = (0.3, 0.085)  # inches of a cell at least, and of a digit in it
_SIDE = (2.4, 6.5)  # inches of all cells, at least and at most
_DIGIT = 0.66  # of the size of a font
_LEAST = 5.0  # points, of a count that can be read


def plot_confusion_matrix(
    matrix: np.ndarray, labels: Sequence[str], *, axes: Any = None, title: str = ""
) -> Any:
    """Draw counts as shades, the ground truth across the top, with the counts in the cells.

    Args:
        matrix: (n_levels, n_levels) counts; rows are predictions, columns the truth
        labels: n_levels names
        axes: matplotlib axes to draw on, or None for new ones
        title.
    Returns: the matplotlib axes; of more than 20 levels, or where counts find no room, the shades
        alone, with a scale beside, and some of the names.
    Raises: MissingPackageError without matplotlib.
    """
    names = [short(label) for label in labels]
    axes = given_or_new(axes, size=_size(matrix, names))
    image = axes.imshow(matrix, cmap=COUNTS, vmin=0, vmax=max(matrix.max(initial=0), 1))
    name_axes(axes, x="ground truth", y="predicted")
    axes.xaxis.set_label_position("top")
    _write_names(axes, names)
    if title:
        entitle(axes, title)
    lay_out(axes)
    size = _font(axes, matrix)
    if size is None:
        axes.figure.colorbar(image, ax=axes, label="rows")
        return axes
    for (i, j), count in np.ndenumerate(matrix):
        colour = "white" if count > matrix.max() / 2 else "black"
        style = {"ha": "center", "va": "center", "color": colour, "fontsize": size}
        axes.text(j, i, str(count), **style)
    return axes


def _size(matrix: np.ndarray, names: Sequence[str]) -> tuple[float, float]:
    """Of a new figure, in inches: cells that hold their counts, and room for names."""
    least, digit = _CELL
    cell = max(least, digit * (_digits(matrix) + 1))
    low, high = _SIDE
    side = min(max(cell * len(names), low), high)
    room = _CHARACTER * max(map(len, names), default=0) + 0.7
    scale = 0.9 if len(names) > _WRITTEN else 0.0
    return side + room + scale, side + room


def _digits(matrix: np.ndarray) -> int:
    """Of the greatest count."""
    return len(str(matrix.max(initial=0)))


def _write_names(axes: Any, names: Sequence[str]) -> None:
    """The names above and on the left, turned if they are long, and of many some."""
    cell = points_of(axes) / len(names)
    turned = _CHARACTER * 72 * (max(map(len, names)) + 1) > cell
    size = "small" if len(names) > _FEW else None
    for upright, set_ticks in ((False, axes.set_xticks), (True, axes.set_yticks)):
        step = every(axes, len(names), upright=upright) if turned or upright else 1
        places = range(0, len(names), step)
        set_ticks(places, names[::step], fontsize=size, parse_math=False)
    axes.xaxis.tick_top()
    axes.tick_params(axis="x", rotation=90 if turned else 0)


def _font(axes: Any, matrix: np.ndarray) -> float | None:
    """The size of a font in which counts find room, or None."""
    if len(matrix) > _WRITTEN:
        return None
    cell = min(points_of(axes), points_of(axes, upright=True)) / len(matrix)
    usual = float(axes.xaxis.label.get_fontsize())
    size = min(usual, cell / _DIGIT / (_digits(matrix) + 0.5))
    return size if size >= _LEAST else None
