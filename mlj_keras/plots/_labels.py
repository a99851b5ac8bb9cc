"""Labels of points that do not overlap: each as near to its point as there is room.

Knows numbers only; lengths are in any unit, y upward. Source: ours."""

from __future__ import annotations

import dataclasses

import numpy as np

_ANGLES = 16  # directions that are tried, to the right first
_RINGS = 40  # distances that are tried
_AWAY = 1.5  # heights of a label that one is off its point before it needs a line to it


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a label stands: its middle, and whether it is so far off that a line must lead to its
    point."""

    x: float
    y: float
    far: bool


def placed(
    points: np.ndarray,
    sizes: np.ndarray,
    chosen: np.ndarray,
    size: tuple[float, float],
    radius: float,
) -> dict[int, Place]:
    """Places for the labels of some points, from the outermost inward.

    Args:
        points: (n, 2), all that are drawn
        sizes: (n, 2), widths and heights of labels
        chosen: positions of the points that get one
        size: width and height of what labels stay in, from (0, 0)
        radius: of a point.
    Returns: position to Place, for the labels that find room beside all others; they cover no
        points, if that can be.
    """
    taken = np.empty((0, 4))  # x0, y0, x1, y1
    dots = np.concatenate([points - radius, points + radius], axis=1)
    middle = points.mean(axis=0)
    away = points - middle
    # Labels lie outward of their points; above those that all lie on a line.
    start = (
        np.arctan2(away[:, 1], away[:, 0])
        if np.ptp(points[:, 1])
        else np.full(len(points), np.pi / 2)
    )
    order = sorted(chosen, key=lambda i: -float(np.hypot(*away[i])))
    found: dict[int, Place] = {}
    for i in order:
        boxes, gaps = _candidates(points[i], sizes[i], start[i], radius)
        inside = (boxes[:, :2] >= 0).all(axis=1) & (boxes[:, 2:] <= size).all(axis=1)
        free = inside & ~_touches(boxes, taken)
        clear = free & ~_touches(boxes, dots)
        free = clear if clear.any() else free
        if not free.any():
            continue
        first = int(np.argmax(free))
        box = boxes[first]
        taken = np.vstack([taken, box])
        x, y = (box[:2] + box[2:]) / 2
        found[int(i)] = Place(float(x), float(y), bool(gaps[first] > _AWAY * sizes[i][1]))
    return found


def _candidates(
    point: np.ndarray, size: np.ndarray, start: float, radius: float
) -> tuple[np.ndarray, np.ndarray]:
    """Boxes around a point, the nearest first, and how far each is from it: on rings, and of a
    ring those first that lie in the direction `start`."""
    turns = np.arange(_ANGLES)
    turns = (turns + 1) // 2 * (-1) ** turns  # 0, -1, 1, -2, 2 ...
    angles = start + turns * 2 * np.pi / _ANGLES
    gaps = radius + size[1] * (0.25 + 0.5 * np.arange(_RINGS))
    directions = np.column_stack([np.cos(angles), np.sin(angles)])
    directions /= np.abs(directions).max(axis=1, keepdims=True)  # a side or a corner is nearest
    offsets = (directions * (gaps[:, None, None] + size / 2)).reshape(-1, 2)
    centres = point + offsets
    return np.hstack([centres - size / 2, centres + size / 2]), np.repeat(gaps, _ANGLES)


def _touches(boxes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Whether each box overlaps one of the others."""
    apart: np.ndarray = (
        (boxes[:, None, 2] <= others[:, 0])
        | (others[:, 2] <= boxes[:, None, 0])
        | (boxes[:, None, 3] <= others[:, 1])
        | (others[:, 3] <= boxes[:, None, 1])
    )
    return np.asarray(~apart.all(axis=1))
