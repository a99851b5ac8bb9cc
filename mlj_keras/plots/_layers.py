"""The layers of a graph without circles, and the order and places of what stands in them.

An edge over several layers passes each in a lane of its own, and edges of one kind from one box
share their lanes. Knows names and numbers only. Source: ours; K. Sugiyama, S. Tagawa and M. Toda,
Methods for Visual Understanding of Hierarchical System Structures, 1981, for the steps.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable, Mapping, Sequence

import numpy as np

Edge = tuple[str, str, str]  # from, to, kind
Slot = Hashable  # in a layer: the name of a box, or (from, kind, layer) for a lane
Linked = dict[Slot, dict[tuple[Slot, str], None]]  # (slot, kind of the edge), in their order

_GAP = 0.16  # between two boxes or lanes of a layer, in inches
_SWEEPS = 12
_STRAIGHT = 4.0  # how much more a lane that bends weighs than a box that is off the middle


def layers_of(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The number of the layer of each box: that of the longest way to it. Boxes of a circle, and
    what comes after them, have none."""
    before: dict[str, set[str]] = {name: set() for name in names}
    for start, end, _ in edges:
        before[end].add(start)
    found: dict[str, int] = {}
    ready = [name for name in names if not before[name]]
    while ready:
        for name in ready:
            found[name] = 1 + max((found[each] for each in before[name]), default=-1)
        ready = [n for n in names if n not in found and all(b in found for b in before[n])]
    return found


@dataclasses.dataclass(frozen=True)
class Links:
    """The slots of each layer, and the links between slots of neighbouring layers."""

    rows: list[list[Slot]]
    after: Linked
    before: Linked

    def most_ports(self, name: str) -> int:
        """How many arrows end at a box, or lines of kinds begin there, whichever is more."""
        return max(len(self.before[name]), len({kind for _, kind in self.after[name]}), 1)


def links_of(layers: dict[str, int], edges: Sequence[Edge]) -> Links:
    rows: list[list[Slot]] = [[] for _ in range(max(layers.values()) + 1)]
    for name, layer in layers.items():
        rows[layer].append(name)
    found = Links(rows, {name: {} for name in layers}, {name: {} for name in layers})
    for start, end, kind in edges:
        last: Slot = start
        for layer in range(layers[start] + 1, layers[end] + 1):
            slot: Slot = end if layer == layers[end] else (start, kind, layer)
            if slot not in found.after:
                rows[layer].append(slot)
                found.after[slot], found.before[slot] = {}, {}
            found.after[last][slot, kind] = found.before[slot][last, kind] = None
            last = slot
    return found


def ordered(links: Links) -> list[list[Slot]]:
    """The slots of each layer in an order with few crossings: to the middle of what they are
    linked with, forth and back, and then neighbours exchanged where that is better."""
    rows = best = [list(row) for row in links.rows]
    fewest = _crossings(rows, links)
    for sweep in range(_SWEEPS):
        back = sweep % 2 == 1
        rows = [list(row) for row in rows]
        sides = links.after if back else links.before
        layers = range(len(rows) - 1, -1, -1) if back else range(len(rows))
        for layer in layers:
            _sort(rows, layer, layer + (1 if back else -1), sides)
        count = _crossings(rows, links)
        if count < fewest:
            best, fewest = rows, count
    return best


def _sort(rows: list[list[Slot]], layer: int, other: int, sides: Linked) -> None:
    """Put a layer in the order of the means of what its slots are linked with in the other."""
    if not 0 <= other < len(rows):
        return
    places = {slot: (i + 0.5) / len(rows[other]) for i, slot in enumerate(rows[other])}
    own = {slot: (i + 0.5) / len(rows[layer]) for i, slot in enumerate(rows[layer])}

    def mean(slot: Slot) -> float:
        linked = [places[each] for each, _ in sides[slot]]
        return sum(linked) / len(linked) if linked else own[slot]

    rows[layer].sort(key=mean)


def _crossings(rows: list[list[Slot]], links: Links) -> int:
    count = 0
    for upper, lower in zip(rows, rows[1:], strict=False):
        place = {slot: i for i, slot in enumerate(lower)}
        ends = [(i, place[s]) for i, slot in enumerate(upper) for s, _ in links.after[slot]]
        i, j = np.array(ends, dtype=int).reshape(-1, 2).T
        count += int(np.count_nonzero((i[:, None] < i) & (j[:, None] > j)))
    return count


def placed(rows: list[list[Slot]], links: Links, sizes: Mapping[Slot, float]) -> dict[Slot, float]:
    """The middle of each slot across: near the middle of what it is linked with."""
    steps = [_steps([sizes.get(slot, 0.0) for slot in row]) for row in rows]
    found: dict[Slot, float] = {}
    for row, step in zip(rows, steps, strict=True):
        found.update(zip(row, step - step.mean(), strict=True))

    def weight(slot: Slot, other: Slot) -> float:
        return 1.0 + (_STRAIGHT - 1) * ((slot not in sizes) + (other not in sizes))

    order = list(range(len(rows)))
    for sweep in range(4 * _SWEEPS):
        for layer in order if sweep % 2 == 0 else reversed(order):
            wanted, weights = [], []
            for slot in rows[layer]:
                linked = [other for other, _ in (*links.before[slot], *links.after[slot])]
                pulls = [weight(slot, other) for other in linked]
                pull = sum(pulls)
                weights.append(pull or 1e-3)
                middle = sum(p * found[o] for p, o in zip(pulls, linked, strict=True))
                wanted.append(middle / pull if linked else found[slot])
            places = _nearest(np.array(wanted) - steps[layer], np.array(weights))
            found.update(zip(rows[layer], places + steps[layer], strict=True))
    return {slot: float(place) for slot, place in found.items()}


def straightened(
    rows: list[list[Slot]],
    across: Mapping[Slot, float],
    sizes: Mapping[Slot, float],
    starts: Mapping[tuple[str, str], float],
) -> dict[Slot, float]:
    """The places, with the lanes of a line as far as there is room on the height that it starts
    at, and else as straight as may be. starts: by the box and the kind of a line."""
    found = dict(across)
    beside = {
        slot: (row[i - 1] if i else None, row[i + 1] if i + 1 < len(row) else None)
        for row in rows
        for i, slot in enumerate(row)
    }

    def room(slot: Slot) -> tuple[float, float]:
        before, after = beside[slot]
        least = -np.inf if before is None else found[before] + sizes.get(before, 0) / 2 + _GAP
        most = np.inf if after is None else found[after] - sizes.get(after, 0) / 2 - _GAP
        return least, most

    for (name, kind), at in starts.items():
        run: list[Slot] = []
        low, high = -np.inf, np.inf
        lanes = [s for row in rows for s in row if isinstance(s, tuple) and s[:2] == (name, kind)]
        for slot in lanes:
            least, most = room(slot)
            if max(low, least) > min(high, most):
                at = min(max(at, low), high)
                found.update(dict.fromkeys(run, at))
                run, low, high = [], -np.inf, np.inf
            run.append(slot)
            low, high = max(low, least), min(high, most)
        found.update(dict.fromkeys(run, min(max(at, low), high)))
    return found


def _steps(sizes: list[float]) -> np.ndarray:
    """The middles of slots of these sizes that stand as near to each other as may be."""
    halves = np.array(sizes) / 2
    return np.concatenate([[0.0], np.cumsum(halves[:-1] + halves[1:] + _GAP)])


def _nearest(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The non-decreasing numbers next to these in weighted squares, by pooling neighbours."""
    pools: list[tuple[float, float, int]] = []  # mean, weight, number
    for value, weight in zip(values, weights, strict=True):
        pool = (float(value), float(weight), 1)
        while pools and pools[-1][0] > pool[0]:
            mean, own, n = pools.pop()
            total = own + pool[1]
            pool = ((mean * own + pool[0] * pool[1]) / total, total, n + pool[2])
        pools.append(pool)
    return np.repeat([pool[0] for pool in pools], [pool[2] for pool in pools])
