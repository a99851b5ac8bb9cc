"""`Grid`: evenly spaced values of each range, in all combinations. Source: MLJTuning.jl,
src/strategies/grid.jl."""

from __future__ import annotations

import math
from typing import Any

from mlj_keras.errors import InvalidModelError
from mlj_keras.models import param
from mlj_keras.rng import stream
from mlj_keras.tuning.ranges import NominalRange, NumericRange
from mlj_keras.tuning.sampling import iterator
from mlj_keras.tuning.space import Dimension, Space
from mlj_keras.tuning.strategies._listed import Listed
from mlj_keras.tuning.strategy import Proposal, Searcher, TuningStrategy

MAX_SIZE = 10**6


class Grid(TuningStrategy):
    """Try every combination of evenly spaced values.

    Hyper-parameters:
        goal: about how many candidates, an int of 1 or more, or None (default): ranges of numbers
            get the same number of values, as near as whole numbers come to that
        resolution: values of each range of numbers, an int of 1 or more, default 10, where there
            is no goal; a pair (range, 5) among the ranges says it for that one
        shuffle: whether combinations are tried in random order, default True; else the first
            range changes fastest
        rng: of the shuffle; None (default): that of the model.
    Ranges of values are exhausted; two of one field follow each other. Default n: all of them.
    Raises: InvalidModelError for a resolution that is no such int, and for a grid of more than a
        million candidates.
    Example:
        >>> import mlj_keras as mlj
        >>> from mlj_keras.tuning.space import Space, dimensions_of
        >>> net = mlj.NeuralNetworkRegressor()
        >>> r = mlj.param_range(net, "epochs", lower=1, upper=10)
        >>> space = Space(net, dimensions_of([(r, 4)]))
        >>> [dict(each.values) for each in Grid(shuffle=False).start(space, 0).ask(2)]
        [{'epochs': 1}, {'epochs': 4}]

    Source: MLJTuning.jl, src/strategies/grid.jl, `Grid`.
    """

    goal: int | None = param(None, kind=int, ge=1, optional=True)
    resolution: int = param(10, kind=int, ge=1)
    shuffle: bool = param(True, kind=bool)
    rng: int | None = param(None)

    def check_space(self, space: Space) -> None:
        """Ranges, with resolutions that are ints, and no more than a million combinations."""
        super().check_space(space)
        for each in space.dimensions:
            option = each.option
            if option is None:
                continue
            numeric = isinstance(each.range, NumericRange)
            if not numeric or type(option) is not int or option < 1:
                raise InvalidModelError(
                    f"The range of {each.field!r} comes with {option!r:.60}: Grid takes an int of "
                    "1 or more, the number of values, and of ranges of numbers only."
                )
        size = self._at_most(space)
        if size > MAX_SIZE:
            raise InvalidModelError(
                f"The grid has {size:,} candidates, more than {MAX_SIZE:,}. Give goal=..., or "
                "take RandomSearch()."
            )

    def default_n(self, space: Space) -> int:
        """All combinations."""
        return math.prod(map(len, self._values(space).values()))

    def start(self, space: Space, seed: int) -> Searcher:
        """See TuningStrategy."""
        values = self._values(space)
        size = math.prod(map(len, values.values()))
        order = stream(seed, "grid").permutation(size) if self.shuffle else range(size)

        def proposal(number: int) -> Proposal:
            place, point = int(order[number]), {}
            for field, listed in values.items():
                place, at = divmod(place, len(listed))
                point[field] = listed[at]
            return Proposal(point)

        return Listed(proposal, size)

    def _at_most(self, space: Space) -> int:
        """How many candidates there are, or more where rounded values are equal."""
        counts: dict[str, int] = {}
        for each in space.dimensions:
            values = each.range.values if isinstance(each.range, NominalRange) else ()
            count = self._count(each, space) or len(values)
            if isinstance(each.range, NumericRange) and each.range.integer:
                low, high = map(each.range.at, each.range.places)
                count = min(count, abs(int(high) - int(low)) + 1)
            counts[each.field] = counts.get(each.field, 0) + count
        return math.prod(counts.values())

    def _values(self, space: Space) -> dict[str, list[Any]]:
        """The values of each field."""
        found: dict[str, list[Any]] = {}
        for each in space.dimensions:
            if each.range is not None:
                values = iterator(each.range, self._count(each, space))
                found[each.field] = found.get(each.field, []) + values
        return found

    def _count(self, dimension: Dimension, space: Space) -> int | None:
        if not isinstance(dimension.range, NumericRange):
            return None
        if dimension.option is not None:
            return int(dimension.option)
        if self.goal is None:
            return self.resolution
        others = math.prod(
            each.option if isinstance(each.range, NumericRange) else len(each.range.values)
            for each in space.dimensions
            if each.range is not None
            and (each.option is not None or not isinstance(each.range, NumericRange))
        )
        free = sum(
            isinstance(each.range, NumericRange) and each.option is None
            for each in space.dimensions
        )
        points: float = (self.goal / others) ** (1 / free)
        return max(1, round(points))
