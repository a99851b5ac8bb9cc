"""Texts of plots: names that fit their axes, categories at ticks, legends that cover nothing.

Knows texts and matplotlib's axes only. Source: ours."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from mlj_keras._imports import require
from mlj_keras.plots._axes import is_own

_EM = 0.64  # of the size of a font, what a character takes, a little more than on average
_TICK = 1.7  # of the size of a font, what a slanted or turned text at a tick takes
_ROW = 1.75  # the same of a line of a legend
_LINES = 4  # of a name, at most
_NAME = 24  # characters of a name in a legend beside the axes, or at an axis
_LABEL = 40  # characters of the name of a curve in a legend
_INSIDE = (6, 28)  # entries and characters of a legend that finds room inside the axes
_HANDLE = 7  # characters that have room where the sign of an entry stands
_BESIDE = "beside"  # the name, which is not drawn, of a legend for which a figure was widened


def short(text: str, most: int = _NAME) -> str:
    """A text that loses its middle if it is long: both ends tell names apart."""
    if len(text) <= most:
        return text
    end = min(max(8, most // 3), most // 2)
    return f"{text[: most - end - 1]}…{text[-end:]}"


def wrapped(name: str, room: float, most: int | None = None) -> str:
    """A name on lines of about room characters, broken after spaces and dots, and what is longer
    after underscores; of more lines than `most` the middle is lost."""
    lines = [""]
    for part in re.findall(r"[^ .]*[ .]+|[^ .]+", name):
        pieces = [part] if len(part.rstrip()) <= room else re.findall(r"[^_]*_+|[^_]+", part)
        for piece in pieces:
            if lines[-1] and len(lines[-1]) + len(piece.rstrip()) > room:
                lines.append("")
            lines[-1] += piece
    lines = [line.rstrip() for line in lines]
    if most is not None and len(lines) > most:
        lines = [*lines[: most - 1], f"…{lines[-1]}"]
    return "\n".join(lines)


def points_of(axes: Any, *, upright: bool = False) -> float:
    """The width of axes, or, upright, their height, in points."""
    extent = axes.bbox.height if upright else axes.bbox.width
    return float(extent * 72 / axes.figure.dpi)


def room_of(axes: Any, n: int = 1, *, size: float | None = None, upright: bool = False) -> float:
    """How many characters find room in an n-th part of the axes' width, or, upright, height.

    Args: size: of the font in points; default "small".
    """
    return points_of(axes, upright=upright) / n / (_EM * (size or _small(axes)))


def _small(axes: Any) -> float:
    """The size "small", in points."""
    return float(axes.xaxis.label.get_fontsize()) / 1.2


def name_axes(axes: Any, *, x: str | None = None, y: str | None = None) -> None:
    """Write the names of axes, which are no formulas, on as many lines as they need; None leaves
    one as it is."""
    for axis, name, upright in ((axes.xaxis, x, False), (axes.yaxis, y, True)):
        if name is not None:
            size = axis.label.get_fontsize()
            text = fitted(name, room_of(axes, size=size, upright=upright))
            axis.set_label_text(text, parse_math=False)


def entitle(axes: Any, title: str, *, rows: int = 0, loc: str = "center") -> None:
    """Write the title, above so many rows of a legend."""
    text = fitted(title, room_of(axes, size=axes.title.get_fontsize()))
    pad = 6 + (2 + 1.6 * _small(axes) * rows if rows else 0)
    axes.set_title(text, loc=loc, pad=pad, parse_math=False)


def fitted(name: str, room: float) -> str:
    """A name on a few lines, each of which fits."""
    lines = wrapped(" ".join(name.split()), room, _LINES).split("\n")
    return "\n".join(short(line, max(int(room), 8)) for line in lines)


def fit_texts(axes: Any, labels: Sequence[str]) -> None:
    """Slant the categories at the horizontal axis if they are long; show all as they are."""
    slanted = sum(len(label) + 2 for label in labels) > room_of(axes)
    style = {"rotation": 30, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
    for text in axes.get_xticklabels():
        text.set(parse_math=False, **style)


def name_categories(axes: Any, labels: Sequence[str]) -> None:
    """Write categories below, one at each whole number, and of many some."""
    step = every(axes, len(labels))
    axes.set_xticks(range(0, len(labels), step), labels[::step], fontsize="small")
    axes.set_xlim(-0.5, len(labels) - 0.5)
    fit_texts(axes, labels[::step])


def every(axes: Any, n: int, *, upright: bool = False) -> int:
    """Of n texts at ticks, slanted, turned or one above the other, each so-manieth finds room."""
    return 1 + int(n * _TICK * _small(axes) // max(points_of(axes, upright=upright), 1.0))


def legend(axes: Any, *, loc: str = "best", title: str = "", outside: bool = False) -> None:
    """A legend of what has a name, if anything has; to the right of the axes, where it covers
    nothing, if there is much to say.

    Args: loc: inside the axes · outside: beside them even if there is little.
    """
    handles, labels = axes.get_legend_handles_labels()
    if not labels:
        return
    texts = [short(label, _NAME if outside else _LABEL) for label in labels]
    most, longest = _INSIDE
    if outside or len(texts) > most or max(map(len, texts)) > longest:
        _beside(axes, handles, texts, title)
        return
    _plain(axes.legend(handles, texts, loc=loc, title=title or None, fontsize="small"))


def above(axes: Any, title: str, *, n_columns: int, loc: str = "center") -> None:
    """A legend above the axes, in fewer columns if they are narrow, and the title above it."""
    handles, labels = axes.get_legend_handles_labels()
    texts = [short(label, _LABEL) for label in labels]
    room = room_of(axes)
    while n_columns > 1 and n_columns * (max(map(len, texts), default=0) + _HANDLE) > 1.3 * room:
        n_columns -= 1
    if texts:
        place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 0.2}
        style = {"ncols": n_columns, "frameon": False, "fontsize": "small"}
        _plain(axes.legend(handles, texts, **place, **style))
    entitle(axes, title, rows=-(-len(texts) // n_columns), loc=loc)


def _beside(axes: Any, handles: list[Any], texts: list[str], title: str) -> None:
    """A legend to the right, for which a figure of our own becomes wider; of another figure what
    has room is named."""
    rows = max(int(points_of(axes, upright=True) / (_ROW * _small(axes))), 2)
    own, figure = is_own(axes), axes.figure
    if not own and len(texts) > rows:
        nothing = require("matplotlib.lines", extra="plots").Line2D([], [], linestyle="none")
        left = len(texts) - rows + 1
        handles, texts = [*handles[: rows - 1], nothing], [*texts[: rows - 1], f"and {left} more"]
    width = figure.get_size_inches()[0] - _width(axes.get_legend())
    place = {"loc": "upper left", "bbox_to_anchor": (1, 1), "frameon": False}
    style = {"ncols": -(-len(texts) // rows), "fontsize": "small", "title": title or None}
    drawn = axes.legend(handles, texts, **place, **style)
    _plain(drawn)
    if own:
        drawn.set_gid(_BESIDE)
        figure.set_size_inches(width + _width(drawn), figure.get_size_inches()[1])


def _width(drawn: Any) -> float:
    """Of a legend beside the axes of a figure of our own, in inches."""
    if drawn is None or drawn.get_gid() != _BESIDE:
        return 0.0
    return float(drawn.get_window_extent().width / drawn.figure.dpi)


def _plain(drawn: Any) -> None:
    """No text is a formula, and faint points are seen."""
    for text in [*drawn.get_texts(), drawn.get_title()]:
        text.set_parse_math(False)
    for handle in drawn.legend_handles:
        if hasattr(handle, "set_sizes"):
            handle.set(sizes=[20], alpha=1)
