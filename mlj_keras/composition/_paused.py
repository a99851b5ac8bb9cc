"""`PausedInner`: what a wrapper keeps of its model for warm restarts, without data, for a file.

Knows models only. Source: ours.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

from mlj_keras.models import FitOutcome
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class PausedInner:
    """The cache of a model inside, as a value; of the rows and folds of the wrapper nothing.

    Args: model: the cache.
    """

    folds: ClassVar[None] = None
    kept: ClassVar[None] = None

    model: Any

    def paused(self, owner: Any) -> PausedInner:
        """Itself."""
        return self


def paused_inner(trained: tuple[Any, FitOutcome]) -> PausedInner | None:
    """Of a model as it was trained, with what it has learned; None if it keeps nothing."""
    model, outcome = trained
    cache = model.paused(outcome).cache
    return None if cache is None else PausedInner(cache)
