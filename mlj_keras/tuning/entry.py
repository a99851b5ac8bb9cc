"""`Entry`: a candidate of a search, and what became of it. Knows evaluations. Source:
MLJTuning.jl, src/tuned_models.jl (the history)."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from mlj_keras._display import html_table
from mlj_keras.measures.base import Measure
from mlj_keras.models.representation import show_value
from mlj_keras.storage.records import storable

_SIGNS = {"loss": 1.0, "score": -1.0}


def signed(measure: Measure, value: Any) -> float:
    """A measurement as a loss: negative if it is of a score; NaN if it is no number."""
    try:
        return _SIGNS.get(measure.orientation, 0.0) * float(value)
    except (TypeError, ValueError):
        return math.nan


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class Entry:
    """A candidate.

    Attributes:
        index: its number, from 0, in the order of the proposals
        model: that was tried
        values: of the hyper-parameters that are searched, by dotted path
        iterations: of the model, if a strategy sets them, else None
        evaluation: PerformanceEvaluation, or None if it failed
        failure: why it cannot win, in words, or None
        iterations_done: that the candidate was trained for in all; more than iterations, if it
            was better before.
    Example:
        >>> Entry(3, None, {"epochs": 5}, failure="ValueError: no").loss
        nan

    Source: MLJTuning.jl, src/tuned_models.jl (an entry of the history).
    """

    index: int
    model: Any
    values: Mapping[str, Any]
    iterations: int | None = None
    evaluation: Any = None
    failure: str | None = None
    iterations_done: int | None = None

    def _repr_html_(self) -> str:
        facts = {name: show_value(value) for name, value in self.values.items()}
        measured = {} if self.evaluation is None else self.evaluation.describe()
        facts |= {name: text for name, text in measured.items() if name != "tag"}
        facts |= {} if self.iterations is None else {"iterations": str(self.iterations)}
        facts |= {} if self.failure is None else {"failure": self.failure}
        return html_table(f"Candidate {self.index}", {"model": repr(self.model), **facts})

    @property
    def measure(self) -> list[Measure]:
        """The measures; empty if it failed."""
        return [] if self.evaluation is None else self.evaluation.measure

    @property
    def measurement(self) -> list[Any]:
        """What was measured, one each."""
        return [] if self.evaluation is None else self.evaluation.measurement

    @property
    def per_fold(self) -> list[Any]:
        """What was measured in each fold, one each."""
        return [] if self.evaluation is None else self.evaluation.per_fold

    @property
    def losses(self) -> list[float]:
        """The measurements, turned round where they are scores."""
        return [signed(m, v) for m, v in zip(self.measure, self.measurement, strict=True)]

    @property
    def loss(self) -> float:
        """The first of them, NaN if it failed."""
        return math.nan if self.failure is not None else self.losses[0]
