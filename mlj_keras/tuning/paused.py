"""`PausedSearch`: how far a search is, as a value without data, that a file can hold.

Knows jobs. Source: ours.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from mlj_keras.storage.records import storable
from mlj_keras.tuning.job import Job


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class PausedSearch:
    """What a search has come to, without its data.

    Args: seed: of the strategy · goals: how many candidates there were to be in the fits so far ·
        jobs: that are done.
    """

    seed: int
    goals: tuple[int, ...]
    jobs: tuple[Job, ...]

    @classmethod
    def of(cls, seed: int, goals: Sequence[int], jobs: Iterable[Job]) -> PausedSearch:
        """Of a search; what was trained in the folds is left out."""
        return cls(seed, tuple(goals), tuple(job.bare() for job in jobs))

    def paused(self, owner: Any) -> PausedSearch:
        """Itself."""
        return self
