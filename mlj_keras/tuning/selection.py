"""Which candidate of a search is the best.

Knows entries of histories. Source: MLJTuning.jl, src/selection_heuristics.jl.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from mlj_keras.errors import InvalidModelError
from mlj_keras.measures.base import Measure
from mlj_keras.models import Model, param
from mlj_keras.tuning.entry import Entry


@runtime_checkable
class SelectionHeuristic(Protocol):
    """What chooses the best."""

    def best(self, entries: Sequence[Entry]) -> Entry | None:
        """The best of the entries, or None if there is none that can win."""


def _check_weights(value: Any) -> Any:
    listed = value if isinstance(value, tuple) else ()
    numbers = all(isinstance(w, int | float) and not isinstance(w, bool) for w in listed)
    if not listed or not numbers or not (min(listed) >= 0 and 0 < sum(listed) < math.inf):
        raise ValueError(
            f"must be numbers of 0 or more, one for each measure and one of them positive, got "
            f"{value!r}"
        )
    return value


class NaiveSelection(Model):
    """The candidate with the best first measurement, or the best weighted sum of all.

    Hyper-parameters: weights: (n_measures,) numbers of 0 or more; scores count negatively. None
        (default): the first measure alone.
    The first one wins a tie; what failed, or is NaN, never wins.
    Raises: InvalidModelError for weights that are none.
    Example:
        >>> NaiveSelection(weights=[1, 0.5]).weights
        (1, 0.5)

    Source: MLJTuning.jl, src/selection_heuristics.jl, `NaiveSelection`. Deviation: there a NaN
        wins.
    """

    weights: Any = param(None, optional=True, convert=_check_weights)

    def check_measures(self, measures: Sequence[Measure]) -> None:
        """Raise InvalidModelError unless there are as many weights as measures."""
        if self.weights is not None and len(self.weights) != len(measures):
            raise InvalidModelError(
                f"NaiveSelection has {len(self.weights)} weights for {len(measures)} measures. "
                "Give one each."
            )

    def best(self, entries: Sequence[Entry]) -> Entry | None:
        """The best of them."""
        losses = [(self.loss(entry), entry) for entry in entries if entry.failure is None]
        able = [(loss, entry) for loss, entry in losses if not math.isnan(loss)]
        return min(able, key=lambda each: each[0])[1] if able else None  # the first of equals

    def loss(self, entry: Entry) -> float:
        """What is to be small."""
        if self.weights is None:
            return entry.loss
        total: float = sum(
            weight * loss
            for weight, loss in zip(self.weights, entry.losses, strict=True)
            if weight
        )
        return total
