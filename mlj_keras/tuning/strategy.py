"""`TuningStrategy`: what is tried next in a search.

A strategy is a model of its settings. `start` gives a searcher, which proposes candidates and
hears how they did. Given the same seed and the same results it proposes the same: so a search that
was cut off, or goes on with more candidates, is played again up to where it was, without training.
Knows spaces; trains nothing. Source: MLJTuning.jl, src/tuning_strategy_interface.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from mlj_keras.models import Model
from mlj_keras.tuning.space import Space


@dataclasses.dataclass(frozen=True)
class Proposal:
    """What is to be tried.

    Args: values: by dotted path, put into the model of the space · model: instead of those, a
        whole model · iterations: to train for, or None for as many as the model says · candidate:
        the number of an earlier candidate, which goes on training; None for a new one.
    Example:
        >>> Proposal({"epochs": 5}).values["epochs"]
        5

    Source: MLJTuning.jl, src/tuning_strategy_interface.jl (`models`).
    """

    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    model: Any = None
    iterations: int | None = None
    candidate: int | None = None


@dataclasses.dataclass(frozen=True)
class Result:
    """How a proposal did.

    Args: proposal · candidate: its number, from 0 · loss: the first measurement, turned round if
        it is a score, so that less is better; NaN if it failed.
    Example:
        >>> Result(Proposal({"epochs": 5}), 0, 0.3).loss
        0.3

    Source: MLJTuning.jl, src/tuning_strategy_interface.jl (the history).
    """

    proposal: Proposal
    candidate: int
    loss: float


@runtime_checkable
class Searcher(Protocol):
    """What a strategy starts."""

    def ask(self, room: int) -> Sequence[Proposal]:
        """What to train next, side by side: at most `room` new candidates, and at least one
        proposal unless the search has ended. All of them are told before the next call."""

    def tell(self, results: Sequence[Result]) -> None:
        """How the proposals of the last call did, in their order."""


class TuningStrategy(Model):
    """Base of the strategies. For one of your own, write `start`.

    Example:
        >>> import mlj_keras as mlj
        >>> class Halves(mlj.TuningStrategy):  # the middle of what is left on the better side
        ...     def start(self, space, seed):
        ...         return HalvesSearcher(space.ranges[0])
        >>> class HalvesSearcher:
        ...     def __init__(self, r):
        ...         self.field, self.low, self.high = r.field, r.lower, r.upper
        ...     def ask(self, room):
        ...         thirds = [self.low + (self.high - self.low) * i / 3 for i in (1, 2)]
        ...         return [mlj.Proposal({self.field: value}) for value in thirds][:room]
        ...     def tell(self, results):
        ...         if len(results) == 2:
        ...             left, right = (each.proposal.values[self.field] for each in results)
        ...             if results[0].loss < results[1].loss:
        ...                 self.high = right
        ...             else:
        ...                 self.low = left
        >>> X, y = mlj.load_diabetes()
        >>> net = mlj.NeuralNetworkRegressor(epochs=2, rng=1)
        >>> r = mlj.param_range(net, "lambda_", lower=0, upper=1)
        >>> tuned = mlj.TunedModel(net, ranges=[r], tuning=Halves(), n=6)
        >>> len(mlj.report(mlj.fit(mlj.machine(tuned, X, y), verbosity=0)).history)
        6

    Source: MLJTuning.jl, src/tuning_strategy_interface.jl (`setup`, `models`, `default_n`).
    """

    def start(self, space: Space, seed: int) -> Searcher:
        """A searcher at its beginning.

        Args: space: the model and its ranges · seed: of all that is random.
        """
        raise NotImplementedError(f"{type(self).__name__} must define start(self, space, seed)")

    def check_space(self, space: Space) -> None:
        """Raise InvalidModelError, before any training, for a space that it cannot search."""
        space.need_ranges(self)

    def default_n(self, space: Space) -> int:
        """How many candidates are tried if nothing is said."""
        return 10


def room_for(proposals: Sequence[Proposal]) -> int:
    """How many new candidates there are among proposals."""
    return sum(proposal.candidate is None for proposal in proposals)
