"""`ASHA`: many candidates trained a little, the better ones trained on. Source: Li, Jamieson,
Rostamizadeh et al.: A system for massively parallel hyperparameter tuning, MLSys 2020,
algorithm 2."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

from mlj_keras.errors import InvalidModelError
from mlj_keras.models import param
from mlj_keras.tuning.space import Space
from mlj_keras.tuning.strategies.random_search import RandomSearch
from mlj_keras.tuning.strategy import Proposal, Result, Searcher, TuningStrategy


def _check_strategy(value: Any) -> Any:
    if isinstance(value, TuningStrategy) and not isinstance(value, ASHA):
        return value
    raise TypeError(f"must be another strategy, such as RandomSearch(), got {value!r:.60}")


class ASHA(TuningStrategy):
    """Asynchronous successive halving: a candidate trains for few iterations; one that is among
    the best of its rung trains on, up to the next rung.

    Hyper-parameters:
        strategy (positional): that proposes candidates, default RandomSearch()
        min_iterations: of the first rung, an int of 1 or more, default 1
        max_iterations: of the last rung; None (default): as many as the model says
        reduction_factor: how many times the iterations of a rung those of the next one are, and
            one of how many candidates trains on; an int of 2 or more, default 3
        n_at_once: how many are decided on before the results of any of them are known, an int of
            1 or more, default 4: as many can be trained side by side.
    Machines train on from where they were: no iteration is done twice. A rung is never waited
    for; when no new candidate may begin, the best one so far trains on to the last rung. Each
    candidate counts as it was on the rung where it was best: the best of a search may be one that
    was stopped early, or that further training spoils. n counts candidates, default as
    `strategy` says. Needs a model that counts iterations.
    Raises: InvalidModelError for such numbers out of place, and for a model that counts none, or
        whose count is itself searched.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> net = mlj.NeuralNetworkClassifier(epochs=9, rng=1)
        >>> r = mlj.param_range(net, "lambda_", lower=1e-4, upper=1, scale="log10")
        >>> tuned = mlj.TunedModel(net, ranges=[r], tuning=ASHA(), n=9)
        >>> history = mlj.report(mlj.fit(mlj.machine(tuned, X, y), verbosity=0)).history
        >>> sorted(set(history["iterations_done"]))
        [1, 3, 9]

    Source: Li et al., MLSys 2020, algorithm 2. Deviation: in place of clocks, `n_at_once` says
        what is known when, so that the search is the same on any number of workers.
    """

    strategy: Any = param(factory=RandomSearch, positional=True, convert=_check_strategy)
    min_iterations: int = param(1, kind=int, ge=1)
    max_iterations: int | None = param(None, kind=int, ge=1, optional=True)
    reduction_factor: int = param(3, kind=int, ge=2)
    n_at_once: int = param(4, kind=int, ge=1)

    def check_space(self, space: Space) -> None:
        """What the strategy needs, and a model that counts iterations."""
        self.strategy.check_space(space)
        self._rungs(space)

    def default_n(self, space: Space) -> int:
        """As the strategy says."""
        return int(self.strategy.default_n(space))

    def start(self, space: Space, seed: int) -> Searcher:
        """See TuningStrategy."""
        inner = self.strategy.start(space, seed)
        return _Halving(inner, self._rungs(space), self.reduction_factor, self.n_at_once)

    def _rungs(self, space: Space) -> list[int]:
        """The iterations of each rung."""
        name = type(space.model).__name__
        path = space.model.own_traits().iteration_parameter
        if path is None:
            raise InvalidModelError(
                f"{name} counts no iterations, of which ASHA does few or many. Take another "
                "strategy, or a model that trains by iterations."
            )
        if path in {each.field for each in space.dimensions}:
            raise InvalidModelError(
                f"ASHA itself says how many {path} are done. Leave the range of {path!r} out."
            )
        last = self.max_iterations or space.model.get(path)
        if self.min_iterations >= last:
            raise InvalidModelError(
                f"ASHA goes from min_iterations={self.min_iterations} to {last}, and needs more "
                f"of them in the end: raise {path} of the model, or max_iterations."
            )
        rungs = [self.min_iterations]
        while rungs[-1] * self.reduction_factor < last:
            rungs.append(rungs[-1] * self.reduction_factor)
        return [*rungs, last]


@dataclasses.dataclass
class _Rung:
    """The losses of candidates with so many iterations, and who has gone on from here."""

    iterations: int
    losses: dict[int, float] = dataclasses.field(default_factory=dict)
    promoted: set[int] = dataclasses.field(default_factory=set)

    def best(self, n: int) -> int | None:
        """The best of the n best that has not gone on."""
        finite = [c for c, loss in self.losses.items() if math.isfinite(loss)]
        ranked = sorted(finite, key=lambda c: (self.losses[c], c))[:n]
        return next((c for c in ranked if c not in self.promoted), None)


class _Halving:
    """Searcher: rungs of candidates."""

    def __init__(self, inner: Searcher, rungs: list[int], factor: int, n_at_once: int) -> None:
        self._inner = inner
        self._rungs = [_Rung(iterations) for iterations in rungs]
        self._factor = factor
        self._n_at_once = n_at_once
        self._proposals: dict[int, Proposal] = {}  # of candidates

    def ask(self, room: int) -> Sequence[Proposal]:
        asked: list[Proposal] = []
        while len(asked) < self._n_at_once and (proposal := self._promotion()) is not None:
            asked.append(proposal)
        begin = min(room, self._n_at_once - len(asked))
        if begin:
            first = self._rungs[0].iterations
            fresh = self._inner.ask(begin)
            asked += [dataclasses.replace(each, iterations=first) for each in fresh]
        return asked or self._finish()

    def _promotion(self) -> Proposal | None:
        """Somebody among the best of a rung, the highest first."""
        for lower, upper in reversed(list(zip(self._rungs, self._rungs[1:], strict=False))):
            candidate = lower.best(len(lower.losses) // self._factor)
            if candidate is not None:
                return self._going_on(candidate, lower, upper)
        return None

    def _going_on(self, candidate: int, lower: _Rung, upper: _Rung) -> Proposal:
        lower.promoted.add(candidate)
        proposal = self._proposals[candidate]
        return dataclasses.replace(proposal, candidate=candidate, iterations=upper.iterations)

    def _finish(self) -> Sequence[Proposal]:
        """Unless somebody has reached the last rung, the best of the highest one goes on."""
        if any(map(math.isfinite, self._rungs[-1].losses.values())):
            return []
        for lower, upper in reversed(list(zip(self._rungs, self._rungs[1:], strict=False))):
            candidate = lower.best(len(lower.losses))
            if candidate is not None:
                return [self._going_on(candidate, lower, upper)]
        return []

    def tell(self, results: Sequence[Result]) -> None:
        for result in results:
            at = next(r for r in self._rungs if r.iterations == result.proposal.iterations)
            at.losses[result.candidate] = result.loss
            if result.proposal.candidate is None:
                self._proposals[result.candidate] = result.proposal
        fresh = [each for each in results if each.proposal.candidate is None]
        if fresh:
            self._inner.tell(fresh)
