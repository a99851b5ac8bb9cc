"""The vectors that a network has learned for the levels of factors, in the plane. Plain values in,
axes out; never shows. Source: ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mlj_keras.errors import DimensionMismatch, EmptyData
from mlj_keras.plots._axes import GREY, PALETTE, PANEL, grid, ink, lay_out, panels
from mlj_keras.plots._labels import placed
from mlj_keras.plots._texts import entitle, name_axes, short

_NAMED = 20  # levels that are named at most, the outermost ones
_A_ROW = 3  # panels
_ALONE, _LINE = (6.0, 5.2), (6.0, 3.2)  # inches of a single panel, of a plane and of a line
_POINT = 6.0  # points, the width of one
_MARGIN = 0.15  # around the points, of the width of them all
_INSET = 3.0  # points between a name and the frame
_WORDS = ("first principal", "second principal")


def plot_embeddings(
    vectors: Mapping[str, ArrayLike],
    levels: Mapping[str, Sequence[Any]],
    *,
    axes: Any = None,
    title: str = "",
) -> tuple[Any, ...]:
    """Draw a panel for each factor, with a point for each level: levels that do the same to
    predictions lie near one another.

    Vectors of one number lie on a line, those of two in the plane as they are, and longer ones by
    their two principal components, whose names say how much of the variance they show. A unit is
    as long across as it is upward. Of more than 20 levels the 20 outermost ones are named.

    Args:
        vectors: name of a factor to (n_levels, width) floats without unit; a level with one that
            is not finite is not drawn
        levels: name of the factor to its n_levels levels, in the order of the vectors
        axes: matplotlib axes to draw on, one a factor; None for new ones
        title: above the first panel, before what it shows.
    Returns: a tuple of matplotlib axes, one a factor.
    Raises: EmptyData without factors, or a vector that is finite; DimensionMismatch if there is
        not a level for each vector; InvalidArgument for the wrong number of axes;
        MissingPackageError without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> vectors = {"size": [[-1.0], [0.2], [0.9]]}
        >>> levels = {"size": ["small", "medium", "large"]}
        >>> (axes,) = plot_embeddings(vectors, levels, axes=Figure().subplots())
        >>> [text.get_text() for text in axes.texts]
        ['small', 'large', 'medium']

    Source: ours; Guo and Berkhahn, Entity embeddings of categorical variables, 2016.
    """
    if not vectors:
        raise EmptyData("There is no factor to draw, got no vectors. Give one or more.")
    tables = {name: _table(name, each, levels.get(name, ())) for name, each in vectors.items()}
    on_a_line = all(table.shape[1] == 1 for table in tables.values())
    alone = _LINE if on_a_line else _ALONE
    size = alone if len(tables) == 1 else PANEL
    found = panels(axes, len(tables), a_row=_A_ROW, what="factors", size=size)
    for panel, (name, table) in zip(found, tables.items(), strict=True):
        _draw(panel, name, table, title if panel is found[0] else "")
    lay_out(found[0])
    for panel, (name, table) in zip(found, tables.items(), strict=True):
        _name_levels(panel, table, [short(str(level)) for level in levels[name]])
    return tuple(found)


def _table(name: str, vectors: ArrayLike, levels: Sequence[Any]) -> np.ndarray:
    """The vectors of a factor, (n, width); of a level that is not drawn NaN."""
    table = np.asarray(vectors, dtype=float)
    if table.ndim != 2 or len(table) != len(levels) or not table.shape[1]:
        raise DimensionMismatch(
            f"The vectors of {name!r} have the shape {table.shape}, and there are {len(levels)} "
            "levels. Give (n_levels, width) numbers, and a level for each row."
        )
    finite = np.isfinite(table).all(axis=1)
    if not finite.any():
        raise EmptyData(
            f"There is nothing to draw of {name!r}, got {len(table)} vectors of which none is "
            "finite. Give one or more that are."
        )
    return np.where(finite[:, None], table, np.nan)


def _plane(name: str, table: np.ndarray) -> tuple[np.ndarray, tuple[str, ...]]:
    """Points (n, 2) for the levels, and the names of the one or two axes."""
    width = table.shape[1]
    if width <= 2:
        points = np.column_stack([table, np.zeros(len(table))])[:, :2]
        return points, tuple(f"{name}_{i + 1}" for i in range(width))
    centred = table - np.nanmean(table, axis=0)
    known = ~np.isnan(centred[:, 0])
    _, lengths, directions = np.linalg.svd(centred[known], full_matrices=False)
    lengths, directions = np.append(lengths, 0.0)[:2], np.vstack([directions, 0 * directions])[:2]
    # Either sign would do; so it is the same whoever computes.
    for direction in directions:
        direction *= np.sign(direction[np.argmax(np.abs(direction))]) or 1.0
    whole = float(np.sum(centred[known] ** 2))
    shares = [f"{length**2 / whole:.0%} of" if whole else "no" for length in lengths]
    names = (f"{w} component ({s} variance)" for w, s in zip(_WORDS, shares, strict=True))
    return centred @ directions.T, tuple(names)


def _draw(axes: Any, name: str, table: np.ndarray, title: str) -> None:
    """The points of a factor, and what they are."""
    points, names = _plane(name, table)
    axes.plot(*points.T, "o", color=PALETTE[0], markersize=_POINT, markeredgewidth=0, alpha=0.8)
    name_axes(axes, x=names[0], y=names[1] if len(names) == 2 else "")
    grid(axes, axis="both" if len(names) == 2 else "x")
    if len(names) == 2:
        axes.margins(_MARGIN)
        axes.set_aspect("equal", adjustable="datalim")
    else:
        axes.margins(x=_MARGIN)
        axes.set(yticks=[], ylim=(-1, 1))
    n, width = table.shape
    facts = f"{n} level{'s' * (n > 1)}, {width} dimension{'s' * (width > 1)}"
    some = f", {_NAMED} outermost named" if n > _NAMED else ""
    entitle(axes, f"{title + ': ' if title else ''}{name}: {facts}{some}")


def _name_levels(axes: Any, table: np.ndarray, levels: list[str]) -> None:
    """The names beside the points, where they do not overlap."""
    places = axes.get_lines()[-1].get_xydata()
    known = np.flatnonzero(~np.isnan(table[:, 0]))
    point = axes.figure.dpi / 72
    corner = np.array([axes.bbox.x0, axes.bbox.y0]) + _INSET * point
    pixels = axes.transData.transform(places[known]) - corner
    distances = np.hypot(*(pixels - pixels.mean(axis=0)).T)
    chosen = np.sort(np.argsort(-distances, kind="stable")[:_NAMED])
    style = {"fontsize": "small", "color": ink(axes), "parse_math": False, "zorder": 4}
    texts = {int(i): axes.text(0, 0, levels[known[i]], **style) for i in chosen}
    sizes = np.zeros((len(known), 2))
    for i, text in texts.items():
        extent = text.get_window_extent()
        sizes[i] = extent.width, extent.height
        text.remove()
    room = axes.bbox.width - 2 * _INSET * point, axes.bbox.height - 2 * _INSET * point
    found = placed(pixels, sizes, chosen, room, _POINT / 2 * point)
    ground = {"facecolor": axes.get_facecolor(), "edgecolor": "none", "alpha": 0.75, "pad": 0.5}
    style |= {"ha": "center", "va": "center", "bbox": ground}
    lead = {"arrowstyle": "-", "color": GREY, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}
    for i, place in found.items():
        at, offset = tuple(places[known[i]]), (np.array([place.x, place.y]) - pixels[i]) / point
        where = {"xytext": tuple(offset), "textcoords": "offset points"}
        text = axes.annotate(levels[known[i]], at, **where, **style)
        text.set_in_layout(False)  # it lies inside, where it was measured to have room
        if place.far:
            axes.annotate("", at, arrowprops=lead, zorder=1.5, **where).set_in_layout(False)
