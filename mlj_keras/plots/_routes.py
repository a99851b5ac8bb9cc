"""The layout of a graph in layers: where its boxes are, and the lines between them, which pass
through no box.

Lengths are in inches, `along` the arrows and `across` them; which of the two is x, the drawing
says. Knows numbers only. Source: ours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from mlj_keras.plots._layers import (
    Edge,
    Links,
    Slot,
    layers_of,
    links_of,
    ordered,
    placed,
    straightened,
)

Point = tuple[float, float]  # along, across

HEAD = 0.1  # the length of the head of an arrow
_PORT = 0.1  # between two arrows at one box
_GAP = (0.35, 2.5)  # between two layers, without heads: at least, and at most
_CLIMB = 0.12  # what is added to the least for each inch that a line goes across


@dataclasses.dataclass(frozen=True)
class Box:
    """A vertex: its middle and its size."""

    along: float
    across: float
    size: Point


@dataclasses.dataclass(frozen=True)
class Line:
    """All edges of a kind from a box: strokes, each of points to be joined smoothly in the
    direction of the arrows, and the tips of the heads."""

    start: str
    kind: str
    strokes: tuple[tuple[Point, ...], ...]
    tips: tuple[Point, ...]


@dataclasses.dataclass(frozen=True)
class Layout:
    """Where everything is, from (0, 0) to `size`."""

    boxes: Mapping[str, Box]
    lines: tuple[Line, ...]
    size: Point


def layout(sizes: Mapping[str, Point], edges: Sequence[Edge]) -> Layout:
    """Place boxes of these sizes, which grow where many arrows end, and lines between them.

    Args: sizes: (along, across) of each box, by name · edges: (from, to, kind), without circles.
    Returns: Layout.
    """
    links = links_of(layers_of(list(sizes), edges), edges)
    rows = ordered(links)
    grown = {
        name: (size[0], max(size[1], _PORT * (1 + links.most_ports(name))))
        for name, size in sizes.items()
    }
    widths: dict[Slot, float] = {name: size[1] for name, size in grown.items()}
    across = placed(rows, links, widths)
    across = straightened(rows, across, widths, _departures(links, across))
    least = min(place - widths.get(slot, 0.0) / 2 for slot, place in across.items())
    most = max(place + widths.get(slot, 0.0) / 2 for slot, place in across.items())
    across = {slot: place - least for slot, place in across.items()}
    columns = _columns(rows, links, grown, across)
    boxes = {
        name: Box(sum(columns[layer]) / 2, across[name], grown[name])
        for layer, row in enumerate(rows)
        for name in row
        if isinstance(name, str)
    }
    lines = tuple(_Lines(rows, links, across, columns, boxes).all())
    return Layout({name: boxes[name] for name in sizes}, lines, (columns[-1][1], most - least))


def _departures(links: Links, across: Mapping[Slot, float]) -> dict[tuple[str, str], float]:
    """Where the edges of each kind begin at each box, in the order of where they go to."""
    found: dict[tuple[str, str], float] = {}
    for name in links.after:
        ends: dict[str, list[float]] = {}
        for slot, kind in links.after[name] if isinstance(name, str) else ():
            ends.setdefault(kind, []).append(across[slot])
        kinds = sorted(ends, key=lambda kind: sum(ends[kind]) / len(ends[kind]))
        for kind, port in zip(kinds, _ports(across[name], len(kinds)), strict=True):
            found[str(name), kind] = port
    return found


def _arrivals(
    links: Links, across: Mapping[Slot, float], name: str
) -> Iterator[tuple[tuple[Slot, ...], float]]:
    """Where each link ends at a box, in the order of where they come from."""
    own = sorted(links.before[name], key=lambda link: across[link[0]])
    return zip(((name, *link) for link in own), _ports(across[name], len(own)), strict=True)


def _ports(middle: float, n: int) -> list[float]:
    return [middle + _PORT * (i - (n - 1) / 2) for i in range(n)]


def _columns(
    rows: list[list[Slot]],
    links: Links,
    sizes: Mapping[str, Point],
    across: Mapping[Slot, float],
) -> list[Point]:
    """Where each layer begins and ends along; it is the farther from the last one, the farther
    lines between the two go across."""
    columns: list[Point] = []
    for row in rows:
        begin = 0.0
        if columns:
            climbs = [abs(across[s] - across[o]) for s in row for o, _ in links.before[s]]
            least, most = _GAP
            begin = columns[-1][1] + HEAD + min(least + _CLIMB * max(climbs, default=0), most)
        wide = max((sizes[name][0] for name in row if isinstance(name, str)), default=0.0)
        columns.append((begin, begin + wide))
    return columns


@dataclasses.dataclass(frozen=True)
class _Lines:
    """Lines, from where everything is."""

    rows: list[list[Slot]]
    links: Links
    across: Mapping[Slot, float]
    columns: list[Point]
    boxes: Mapping[str, Box]

    def all(self) -> Iterator[Line]:
        """A line for each box and kind of the edges that begin there."""
        column = {s: self.columns[i] for i, row in enumerate(self.rows) for s in row}
        ends = {
            link: at
            for name in self.boxes
            for link, at in _arrivals(self.links, self.across, name)
        }
        for (name, kind), at in _departures(self.links, self.across).items():
            begin = ((self.boxes[name].along, at), (column[name][1], at))
            yield self._line((name, kind), begin, column, ends)

    def _line(
        self,
        line: tuple[str, str],
        begin: tuple[Point, ...],
        column: Mapping[Slot, Point],
        ends: Mapping[tuple[Slot, ...], float],
    ) -> Line:
        start, kind = line
        strokes: list[tuple[Point, ...]] = []
        tips: list[Point] = []
        forks: list[tuple[Slot, tuple[Point, ...]]] = [(start, begin)]
        while forks:
            slot, stroke = forks.pop()
            for other in (end for end, own in self.links.after[slot] if own == kind):
                enter, leave = column[other]
                if isinstance(other, str):
                    at = ends[other, slot, kind]
                    tip = self.boxes[other].along - self.boxes[other].size[0] / 2
                    strokes.append((*stroke, (enter - HEAD, at), (tip - HEAD, at)))
                    tips.append((tip, at))
                else:
                    at = self.across[other]
                    forks.append((other, (*stroke, (enter - HEAD, at), (leave, at))))
                stroke = stroke[-1:]  # of the others what is new
        return Line(start, kind, tuple(strokes), tuple(tips))
