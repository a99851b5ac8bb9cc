"""Which rows a machine was trained on: their positions, or what is known of them without these.

Knows positions only. Source: ours; MLJBase.jl keeps the rows.
"""

from __future__ import annotations

import dataclasses
import hashlib

import numpy as np

from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True)
class KnownRows:
    """Positions as a file has them: their number, and the SHA-256 of all in their order.

    Example:
        >>> known = KnownRows.of(np.array([4, 2]))
        >>> known.n_rows, known.are(np.array([4, 2])), known.are(np.array([2, 4]))
        (2, True, False)

    Source: ours.
    """

    n_rows: int
    digest: str

    @classmethod
    def of(cls, rows: np.ndarray | KnownRows) -> KnownRows:
        """Of positions (n,), ints."""
        return rows if isinstance(rows, KnownRows) else cls(len(rows), _digest(rows))

    def are(self, rows: np.ndarray) -> bool:
        """Whether they are these."""
        return len(rows) == self.n_rows and _digest(rows) == self.digest


def _digest(rows: np.ndarray) -> str:
    return hashlib.sha256(np.ascontiguousarray(rows, dtype="<i8").tobytes()).hexdigest()


def same_rows(a: np.ndarray | None, b: np.ndarray | KnownRows | None) -> bool:
    """Whether positions are the same; None, all rows, is the same as None only.

    Example:
        >>> same_rows(None, None), same_rows(np.array([1]), KnownRows.of(np.array([1])))
        (True, True)

    Source: ours.
    """
    if a is None or b is None:
        return a is b
    return b.are(a) if isinstance(b, KnownRows) else a is b or np.array_equal(a, b)
