"""Importances of features as bars. Plain values in, axes out; never shows. Source: ours."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

import numpy as np

from mlj_keras.errors import EmptyData, InvalidArgument
from mlj_keras.plots._axes import PALETTE, given_or_new, grid, has_line, ink
from mlj_keras.plots._texts import entitle, legend, name_axes, wrapped

_CHARACTERS = 28  # of a line of a name
_LINES = 3  # of a name
_NAMED = 2  # columns of a group whose names are written


def plot_importances(
    importances: Iterable[tuple[Any, Any]],
    *,
    name: str = "importance",
    most: int = 30,
    axes: Any = None,
    title: str = "",
) -> Any:
    """Draw a horizontal bar for each feature, the most important on top, from the zero line to the
    mean of its importance, with a point for each repeat.

    Args:
        importances: pairs (feature, importance), such as `feature_importances` gives: a name, or
            several of columns that go together; a float, or (n_repeats,) floats; a pair of which
            none is finite is not drawn
        name: of the importance, with its unit
        most: how many features are drawn at most, the most important ones
        axes: matplotlib axes to draw on, or None for new ones
        title.
    Returns: the matplotlib axes.
    Raises: EmptyData without an importance that is finite; InvalidArgument for what are no pairs,
        or no count; MissingPackageError without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> pairs = [("age", [0.1, 0.2]), ("income", [0.5, 0.7])]
        >>> axes = plot_importances(pairs, axes=Figure().subplots())
        >>> [text.get_text() for text in axes.get_yticklabels()]
        ['income', 'age']

    Source: ours.
    """
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise InvalidArgument(f"most must be an int of 1 or more, got {most!r}. Write most=30.")
    known = [(feature, values) for feature, values in _read(importances) if len(values)]
    if not known:
        raise EmptyData("There is nothing to draw, got no importance that is a finite number.")
    drawn = sorted(known, key=lambda pair: -pair[1].mean())[:most]
    labels = [_label(feature) for feature, _ in drawn]
    heights = np.array([1 + label.count("\n") for label in labels])
    axes = given_or_new(axes, size=(6.5, 1.1 + 0.14 * len(labels) + 0.16 * heights.sum()))
    _draw(axes, [values for _, values in drawn])
    axes.set_yticks(range(len(labels)), labels, fontsize="small", parse_math=False)
    axes.set(ylim=(len(labels) - 0.4, -0.6))  # the first on top
    left = f" ({most} features of {len(known)})" if len(known) > most else ""
    name_axes(axes, x=name + left)
    if title:
        entitle(axes, title)
    return axes


def _read(importances: Iterable[Any]) -> list[tuple[Any, np.ndarray]]:
    """Features and their finite importances."""
    listed = list(importances)
    try:
        read = [(f, np.atleast_1d(np.asarray(v, dtype=float)).ravel()) for f, v in listed]
    except (TypeError, ValueError) as error:
        raise InvalidArgument(
            f"importances must be pairs (feature, number or numbers), got {listed!r:.80}. Write "
            "[('age', 0.3), ('income', [0.5, 0.7])]."
        ) from error
    return [(feature, values[np.isfinite(values)]) for feature, values in read]


def _draw(axes: Any, importances: list[np.ndarray]) -> None:
    """The bars, and the single repeats where there are several."""
    places = np.arange(len(importances))
    means = [values.mean() for values in importances]
    axes.barh(places, means, height=0.62, color=PALETTE[4], zorder=2)
    repeated = [(place, v) for place, v in zip(places, importances, strict=True) if len(v) > 1]
    if repeated:
        style = {"color": PALETTE[0], "markersize": 4, "alpha": 0.7, "markeredgewidth": 0}
        x = np.concatenate([values for _, values in repeated])
        y = np.repeat([place for place, _ in repeated], [len(values) for _, values in repeated])
        axes.plot(x, y, "o", zorder=3, gid="repeats", label="a repeat", **style)
        legend(axes, loc="lower right")
    if not has_line(axes, "zero"):
        axes.axvline(0, gid="zero", color=ink(axes), linewidth=1, zorder=2.5)
    grid(axes, axis="x")


def _label(feature: Any) -> str:
    """The name of a feature on a few lines; of a group the first ones, and how
    many more there are."""
    names = [feature] if isinstance(feature, str) else feature
    parts = list(map(str, names)) if isinstance(names, list | tuple) else [str(names)]
    left = len(parts) - _NAMED
    text = " + ".join(parts if left < 1 else [*parts[:_NAMED], f"{left} more"])
    lines = textwrap.wrap(text, _CHARACTERS, break_long_words=False) or [text]
    lines = [part for line in lines for part in _broken(line)]
    if len(lines) > _LINES:  # both ends tell names apart
        lines = [*lines[: _LINES - 1], "…" + lines[-1]]
    return "\n".join(lines)


def _broken(line: str) -> list[str]:
    """A line that is too long, broken after dots and underscores, or else anywhere."""
    parts = wrapped(line, _CHARACTERS).split("\n") if len(line) > _CHARACTERS else [line]
    return [part[i : i + _CHARACTERS] for part in parts for i in range(0, len(part), _CHARACTERS)]
