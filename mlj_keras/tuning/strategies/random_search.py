"""`RandomSearch`: values drawn at random, independently. Source: MLJTuning.jl,
src/strategies/random_search.jl."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from mlj_keras.errors import InvalidModelError
from mlj_keras.models import param
from mlj_keras.rng import stream
from mlj_keras.tuning.ranges import NumericRange
from mlj_keras.tuning.sampling import Sampler, sampler
from mlj_keras.tuning.space import Dimension, Space
from mlj_keras.tuning.strategies._listed import Listed
from mlj_keras.tuning.strategy import Proposal, Searcher, TuningStrategy

Draw = Callable[[np.random.Generator], Any]


class RandomSearch(TuningStrategy):
    """Draw every value at random; a candidate does not depend on others.

    Hyper-parameters:
        bounded: the distribution of numbers between two bounds, default "uniform", which follows
            the scale of the range
        positive_unbounded: of numbers from 0 or more without upper bound, default "gamma"
        other: of other numbers, default "norm". All three: the name of a family of scipy.stats,
            the family, or a frozen one, as in `sampler`
        rng: int, None or a numpy.random.Generator; None (default): that of the model.
    Among the ranges may be pairs: (range, distribution), (range, probabilities) of a range of
    values, and (path, anything to sample from): a frozen distribution, an object with
    rvs(random_state=...), or a function of a numpy Generator. Of two with one field the last
    counts. Default n: 10.
    Raises: InvalidModelError for what cannot be sampled from.
    Example:
        >>> import mlj_keras as mlj
        >>> from mlj_keras.tuning.space import Space, dimensions_of
        >>> net = mlj.NeuralNetworkRegressor(rng=1)
        >>> r = mlj.param_range(net, "lambda_", lower=1e-4, upper=1, scale="log10")
        >>> space = Space(net, dimensions_of(r))
        >>> RandomSearch().start(space, 1).ask(1)[0].values.keys()
        dict_keys(['lambda_'])

    Source: MLJTuning.jl, src/strategies/random_search.jl, `RandomSearch`. Deviation: the scale of
        a range is honoured.
    """

    bounded: Any = param("uniform")
    positive_unbounded: Any = param("gamma")
    other: Any = param("norm")
    rng: int | None = param(None)

    def check_space(self, space: Space) -> None:
        """Ranges, or something to sample from."""
        if space.models or not space.dimensions:
            space.need_ranges(self)
        self._draws(space)

    def start(self, space: Space, seed: int) -> Searcher:
        """See TuningStrategy."""
        draws = self._draws(space)

        def proposal(number: int) -> Proposal:
            rng = stream(seed, "candidate", number)
            return Proposal({field: draw(rng) for field, draw in draws.items()})

        return Listed(proposal)

    def _draws(self, space: Space) -> dict[str, Draw]:
        return {each.field: self._draw(each) for each in space.dimensions}

    def _draw(self, dimension: Dimension) -> Draw:
        given, option = dimension.range, dimension.option
        if given is None:
            return _draw_from(dimension.field, option)
        if isinstance(given, NumericRange) and option is None:
            option = self._family(given)
        try:
            return sampler(given, option).draw
        except ValueError as error:
            raise InvalidModelError(str(error)) from error

    def _family(self, r: NumericRange) -> Any:
        if math.isfinite(r.lower) and math.isfinite(r.upper):
            return self.bounded
        return self.positive_unbounded if r.lower >= 0 else self.other


def _draw_from(field: str, source: Any) -> Draw:
    """How values come from something that is no range."""
    if isinstance(source, Sampler):
        return source.draw
    if hasattr(source, "rvs"):
        return functools.partial(_rvs, source)
    if callable(source):
        draw: Draw = source
        return draw
    raise InvalidModelError(
        f"{field!r} is to be sampled from {source!r:.60}. Give a range, a frozen distribution of "
        "scipy.stats, or a function of a numpy.random.Generator."
    )


def _rvs(source: Any, rng: np.random.Generator) -> Any:
    value = source.rvs(random_state=rng)
    return value.item() if isinstance(value, np.generic) else value
