"""The picture of a learning network: boxes and arrows. Plain names and texts in, axes out; never
shows. Source: ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from operator import truediv
from typing import Any

from mlj_keras._imports import require
from mlj_keras.errors import EmptyData, InvalidArgument
from mlj_keras.plots._axes import PALETTE
from mlj_keras.plots._layers import Edge, layers_of
from mlj_keras.plots._routes import HEAD, Box, Layout, Point, layout

_COLOURS = {"source": PALETTE[2], "machine": PALETTE[1], "node": PALETTE[0]}
_MARKERS = {"source": "o", "machine": "8", "node": "s"}  # of the legend
_DASHES: dict[str, Any] = {"data": "-", "training": (0, (4, 2))}
_ARROWS = {"data": PALETTE[0], "training": PALETTE[1]}
_NAMES = {"data": "data, what was learned", "training": "training"}
_TEXT, _SMALL = 10.0, 9.0  # points, of labels and of the legend
# All lengths are in inches.
_PADDING = (0.14, 0.09)  # beside and above a text
_CORNER = 0.08  # of machines, cut off
_MARGIN = 0.15
_PAGE = (10.0, 7.0)  # that a picture is to fit best
_TINT = 0.15  # of the colour in a box
_LONG = 22  # characters; a longer label is broken after its first colon


def plot_network(
    vertices: Iterable[tuple[str, str, str]],
    edges: Iterable[Edge],
    *,
    outputs: Collection[str] = (),
    axes: Any = None,
    title: str = "",
) -> Any:
    """Draw a learning network, from left to right or from top to bottom, as fits a page better.

    Sources are boxes with round ends, machines boxes with cut corners, nodes plain ones. Solid
    arrows say what a node is computed from, dashed ones what a machine learns from.

    Args:
        vertices: (name, label, kind), kind "source", "node" or "machine"
        edges: (from, to, kind), names of vertices; kind "data" or "training"
        outputs: names of vertices that have a thick border
        axes: matplotlib axes to draw on, whose size now says how small texts are; None for new
            ones, as large as the network needs
        title.
    Returns: the matplotlib axes; a unit of theirs is an inch, or less on axes that are given.
    Raises: EmptyData without vertices; InvalidArgument for a name that is unknown or given twice,
        an unknown kind, or edges in a circle; MissingPackageError without matplotlib.
    Example:
        >>> from matplotlib.figure import Figure
        >>> vertices = [("a", "X", "source"), ("b", "log", "node")]
        >>> axes = plot_network(vertices, [("a", "b", "data")], axes=Figure().subplots())
        >>> [text.get_text() for text in axes.texts]
        ['X', 'log']

    Source: ours.
    """
    listed, arrows = list(vertices), list(dict.fromkeys(edges))
    _check(listed, arrows, outputs)
    is_new = axes is None
    axes, page = _new(title) if is_new else _given(axes, title)
    texts = {name: _text(axes, label) for name, label, _ in listed}
    plan = _plan({name: _size(text) for name, text in texts.items()}, arrows, page)
    entries = _entries({kind for *_, kind in listed}, {kind for *_, kind in arrows}, outputs)
    width = max(plan.size[0], _size(axes.title)[0] if is_new else 0)
    n_columns, below = _legend_size(axes, entries, width)
    size = (max(width, below[0]) + 2 * _MARGIN, plan.size[1] + below[1] + 2 * _MARGIN)
    scale = _grow(axes, size) if is_new else _fit(axes, size, page)
    plan = plan.moved((size[0] - plan.size[0]) / 2, size[1] - _MARGIN)
    _draw_lines(axes, plan, scale)
    for name, _, kind in listed:
        _draw_box(axes, plan, name, kind, scale * (2.5 if name in outputs else 1))
        texts[name].set(position=plan.at(plan.middle(name)), fontsize=_TEXT * scale)
    _legend(axes, entries, n_columns, scale, at=(size[0] / 2, _MARGIN / 2))
    return axes


def _new(title: str) -> tuple[Any, Point]:
    """Axes of a new figure, and the page that they are to fit best."""
    figure = require("matplotlib.pyplot", extra="plots").figure(figsize=_PAGE)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_title(title, loc="center")
    return axes, _PAGE


def _given(axes: Any, title: str) -> tuple[Any, Point]:
    """The axes, and their size once the figure is laid out."""
    axes.set_axis_off()
    axes.set_title(title, loc="center")
    axes.figure.canvas.figure.draw_without_rendering()
    return axes, (axes.bbox.width / axes.figure.dpi, axes.bbox.height / axes.figure.dpi)


def _check(vertices: list[tuple[str, str, str]], edges: list[Edge], outputs: Any) -> None:
    names = [name for name, *_ in vertices]
    if not names:
        raise EmptyData("There is no network to draw, got no vertices. Give one or more.")
    for name in names:
        if names.count(name) > 1:
            raise InvalidArgument(f"Two vertices have the name {name!r}. Give each its own.")
    for each, known in ((vertices, _COLOURS), (edges, _ARROWS)):
        for *_, kind in each:
            if kind not in known:
                raise InvalidArgument(f"kind must be one of {', '.join(known)}, got {kind!r}.")
    for name in (*(end for start, to, _ in edges for end in (start, to)), *outputs):
        if name not in names:
            raise InvalidArgument(
                f"Edges and outputs are of vertices, got {name!r}, which is none. Add it to the "
                "vertices, or leave it out."
            )
    circle = [name for name in names if name not in layers_of(names, edges)]
    if circle:
        raise InvalidArgument(
            f"Edges must not go in a circle, as they do at {', '.join(circle)}. Leave one out."
        )


@dataclasses.dataclass(frozen=True)
class _Plan:
    """A layout on paper, whose upper left corner is at `corner`."""

    layout: Layout
    down: bool
    corner: Point = (0.0, 0.0)

    @property
    def size(self) -> Point:
        """Width and height."""
        return self.turned(self.layout.size)

    def turned(self, pair: Point) -> Point:
        """What belongs to x and to y."""
        return (pair[1], pair[0]) if self.down else pair

    def at(self, point: Point) -> Point:
        """A point on paper, y upward."""
        x, y = self.turned(point)
        return self.corner[0] + x, self.corner[1] - y

    def middle(self, name: str) -> Point:
        """The middle of a box, in the layout."""
        box = self.layout.boxes[name]
        return box.along, box.across

    def moved(self, x: float, y: float) -> _Plan:
        """With another corner."""
        return dataclasses.replace(self, corner=(x, y))


def _plan(sizes: Mapping[str, Point], edges: list[Edge], page: Point) -> _Plan:
    """The direction that fits the page better; if both do, from left to right."""
    upright = {name: (height, width) for name, (width, height) in sizes.items()}
    plans = [_Plan(layout(sizes, edges), down=False), _Plan(layout(upright, edges), down=True)]
    return min(plans, key=lambda plan: max(1.0, *map(truediv, plan.size, page)))


def _text(axes: Any, label: str) -> Any:
    broken = label.replace(": ", ":\n", 1) if len(label) > _LONG else label
    style = {"ha": "center", "va": "center", "color": "black", "zorder": 4}
    return axes.text(0, 0, broken, fontsize=_TEXT, parse_math=False, **style)


def _size(text: Any) -> Point:
    """Of a text with what is around it."""
    drawn, dpi = text.get_window_extent(), text.figure.dpi
    beside, above = _PADDING
    return drawn.width / dpi + 2 * beside, drawn.height / dpi + 2 * above


def _grow(axes: Any, size: Point) -> float:
    """Make a new figure of this size, and room for a title above."""
    title = _size(axes.title)[1] if axes.get_title() else 0.0
    axes.figure.set_size_inches(size[0], size[1] + title)
    axes.set_position((0, 0, 1, size[1] / (size[1] + title)))
    axes.set(xlim=(0, size[0]), ylim=(0, size[1]))
    return 1.0


def _fit(axes: Any, size: Point, page: Point) -> float:
    """Show this size in the middle of axes of the size of a page; returns by how much it is made
    smaller."""
    scale: float = min(1.0, *map(truediv, page, size))
    for set_limits, has, needs in zip((axes.set_xlim, axes.set_ylim), page, size, strict=True):
        spare = (has / scale - needs) / 2
        set_limits(-spare, needs + spare)
    return scale


def _draw_lines(axes: Any, plan: _Plan, scale: float) -> None:
    path, patch = require("matplotlib.path", extra="plots").Path, _patches().PathPatch
    for line in plan.layout.lines:
        curves: list[tuple[int, Point]] = []
        heads: list[tuple[int, Point]] = []
        for stroke in line.strokes:
            curves.append((path.MOVETO, plan.at(stroke[0])))
            for (a, b), (c, d) in zip(stroke, stroke[1:], strict=False):
                bent = (((a + c) / 2, b), ((a + c) / 2, d), (c, d))
                curves += [(path.CURVE4, plan.at(point)) for point in bent]
        for along, across in line.tips:
            low, high = ((along - HEAD, across + side * 0.4 * HEAD) for side in (-1, 1))
            corners = [plan.at(point) for point in ((along, across), low, high, low)]
            heads += zip(
                (path.MOVETO, path.LINETO, path.LINETO, path.CLOSEPOLY), corners, strict=True
            )
        name, colour = f"{line.start}-{line.kind}", _ARROWS[line.kind]
        style = {"edgecolor": colour, "linewidth": 1.2 * scale, "linestyle": _DASHES[line.kind]}
        for steps, options in (
            (curves, {"fill": False, "zorder": 1, "gid": name, **style}),
            (heads, {"facecolor": colour, "zorder": 3, "gid": f"{name}-heads", "linewidth": 0}),
        ):
            codes, points = zip(*steps, strict=True)
            axes.add_patch(patch(path(points, codes), **options))


def _patches() -> Any:
    return require("matplotlib.patches", extra="plots")


def _draw_box(axes: Any, plan: _Plan, name: str, kind: str, width: float) -> None:
    box: Box = plan.layout.boxes[name]
    (x, y), (w, h) = plan.at(plan.middle(name)), plan.turned(box.size)
    cut = {"source": min(w, h) / 2, "machine": _CORNER, "node": 0.0}[kind]
    if kind == "source":
        style = f"round,pad=0,rounding_size={cut}"
        patch = _patches().FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle=style)
    else:
        corners = [(w / 2 - cut, h / 2), (w / 2, h / 2 - cut)]
        corners += [(a, -b) for a, b in reversed(corners)]
        corners += [(-a, b) for a, b in reversed(corners)]
        patch = _patches().Polygon([(x + a, y + b) for a, b in corners])
    patch.set(facecolor=_tint(kind), edgecolor=_COLOURS[kind], linewidth=width, zorder=2, gid=name)
    axes.add_patch(patch)


def _tint(kind: str) -> tuple[float, ...]:
    colour = require("matplotlib.colors", extra="plots").to_rgb(_COLOURS[kind])
    return tuple(1 - _TINT * (1 - each) for each in colour)


def _entries(kinds: set[str], arrows: set[str], outputs: Any) -> list[dict[str, Any]]:
    """The lines of the legend: what there is."""
    entries: list[dict[str, Any]] = [
        {"label": kind, "marker": _MARKERS[kind], "color": colour, "markerfacecolor": _tint(kind)}
        for kind, colour in _COLOURS.items()
        if kind in kinds
    ]
    if outputs:
        border = {"markeredgewidth": 2.5, "markerfacecolor": "white"}
        entries.append({"label": "output", "marker": "s", "color": PALETTE[0], **border})
    entries = [{"linestyle": "none", "markersize": 8, **entry} for entry in entries]
    return entries + [
        {"label": _NAMES[kind], "color": colour, "linestyle": _DASHES[kind], "linewidth": 1.2}
        for kind, colour in _ARROWS.items()
        if kind in arrows
    ]


def _legend(axes: Any, entries: Any, n_columns: int, scale: float, *, at: Point) -> Any:
    line = require("matplotlib.lines", extra="plots").Line2D
    handles = [line([], [], **entry) for entry in entries]
    for handle in handles:
        handle.set_markersize(handle.get_markersize() * scale)
        handle.set_markeredgewidth(handle.get_markeredgewidth() * scale)
        handle.set_linewidth(handle.get_linewidth() * scale)
    return axes.legend(
        handles=handles,
        ncols=n_columns,
        fontsize=_SMALL * scale,
        frameon=False,
        loc="lower center",
        bbox_to_anchor=at,
        bbox_transform=axes.transData,
        borderaxespad=0,
    )


def _legend_size(axes: Any, entries: Any, room: float) -> tuple[int, Point]:
    """The most columns that find room, if any do, and the legend's width and height."""
    for n_columns in range(len(entries), 0, -1):
        legend = _legend(axes, entries, n_columns, 1.0, at=(0, 0))
        drawn = legend.get_window_extent()
        width, height = drawn.width / axes.figure.dpi, drawn.height / axes.figure.dpi
        if width <= room:
            break
    return n_columns, (width, height)
