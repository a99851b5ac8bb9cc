"""`Job`: a candidate of a search, trained for some iterations, and what was measured.

Knows folds. Source: ours; MLJTuning.jl, src/tuned_models.jl, has entries of a history.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from mlj_keras.resampling.fold import Fold
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True)
class Job:
    """A candidate trained for some iterations: what was measured in each fold, or why it
    failed."""

    candidate: int
    iterations: int | None
    words: Mapping[str, str]  # what was tried
    folds: tuple[Fold, ...] = ()
    failure: str | None = None
    lasting: bool = True  # False for a failure that says nothing of the candidate

    @property
    def key(self) -> tuple[int, int | None]:
        """By what it is found again."""
        return self.candidate, self.iterations

    def bare(self) -> Job:
        """The same without what was trained."""
        folds = tuple(dataclasses.replace(fold, trained=None) for fold in self.folds)
        return dataclasses.replace(self, folds=folds)
