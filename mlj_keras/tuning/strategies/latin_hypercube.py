"""`LatinHypercube`: candidates spread evenly over all ranges at once. Source: MLJTuning.jl,
src/strategies/latin_hypercube.jl; the design is SciPy's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.models import param
from mlj_keras.rng import derive_seed
from mlj_keras.tuning.ranges import NominalRange, Range
from mlj_keras.tuning.space import Space
from mlj_keras.tuning.strategy import Proposal, Result, Searcher, TuningStrategy

qmc = lazy_module("scipy.stats.qmc")


class LatinHypercube(TuningStrategy):
    """Divide each range into as many parts as there are candidates, and use each part once.

    Hyper-parameters:
        spread: whether points are exchanged until they fill the space evenly, by their
            discrepancy, default True
        rng: int, None or a numpy.random.Generator; None (default): that of the model.
    Parts are even on the scale of a range; a range without a bound is taken as far as a grid
    goes. Values of a range of values come up equally often, as nearly as their number allows. The
    design is made for the n of a fit; raising n later adds a design of its own for the rest.
    Default n: 10.
    Raises: InvalidModelError for ranges with options.
    Example:
        >>> import mlj_keras as mlj
        >>> from mlj_keras.tuning.space import Space, dimensions_of
        >>> net = mlj.NeuralNetworkRegressor()
        >>> r = mlj.param_range(net, "lambda_", lower=0, upper=1)
        >>> asked = LatinHypercube().start(Space(net, dimensions_of(r)), 0).ask(4)
        >>> sorted(int(4 * each.values["lambda_"]) for each in asked)
        [0, 1, 2, 3]

    Source: MLJTuning.jl, src/strategies/latin_hypercube.jl. Deviations: the design is that of
        scipy.stats.qmc, where MLJ has a genetic one with options of its own; functions are scales,
        too.
    """

    spread: bool = param(True, kind=bool)
    rng: int | None = param(None)

    def check_space(self, space: Space) -> None:
        """Ranges alone."""
        super().check_space(space)
        space.need_no_options(self)

    def start(self, space: Space, seed: int) -> Searcher:
        """See TuningStrategy."""
        return _Designs(space.ranges, seed, spread=self.spread)


class _Designs:
    """Searcher: a design for all that there is room for, and then another."""

    def __init__(self, ranges: tuple[Range, ...], seed: int, *, spread: bool) -> None:
        self._ranges = ranges
        self._spread = spread
        self._seed = seed
        self._designs = 0

    def ask(self, room: int) -> Sequence[Proposal]:
        if not room:
            return []
        design = qmc.LatinHypercube(
            len(self._ranges),
            optimization="random-cd" if self._spread else None,
            rng=np.random.default_rng(derive_seed(self._seed, "design", self._designs)),
        )
        self._designs += 1
        return [
            Proposal({r.field: _value(r, u, room) for r, u in zip(self._ranges, row, strict=True)})
            for row in design.random(room)
        ]

    def tell(self, results: Sequence[Result]) -> None:
        """Nothing: the design does not depend on results."""


def _value(r: Range, u: float, n: int) -> Any:
    """The value at the place u, in [0, 1), of a range, of which each n-th part has one."""
    if isinstance(r, NominalRange):
        return r.values[int(u * n) * len(r.values) // n]
    low, high = r.places
    return r.at(low + u * (high - low))
