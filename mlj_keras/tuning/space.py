"""`Space`: a model, and what of it is searched. Knows ranges; no strategy. Source: MLJTuning.jl,
src/range_methods.jl."""

from __future__ import annotations

import dataclasses
from typing import Any

from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.ranges import NominalRange, NumericRange, Range
from mlj_keras.tuning.sampling import Sampler


@dataclasses.dataclass(frozen=True)
class Dimension:
    """A hyper-parameter that is searched.

    Args: field: the dotted path · range: its range, or None if only `option` says what it may be ·
        option: what a strategy takes besides: a resolution, a distribution, probabilities.
    """

    field: str
    range: Range | None = None
    option: Any = None


@dataclasses.dataclass(frozen=True)
class Space:
    """What is searched.

    Attributes: model: that values are put into · dimensions: of hyper-parameters, in their order ·
        models: a list of them in place of dimensions; empty if there is none.
    Example:
        >>> import mlj_keras as mlj
        >>> Space(mlj.NeuralNetworkRegressor()).ranges
        ()

    Source: MLJTuning.jl, src/range_methods.jl.
    """

    model: Any
    dimensions: tuple[Dimension, ...] = ()
    models: tuple[Any, ...] = ()

    @property
    def ranges(self) -> tuple[Range, ...]:
        """The ranges of the dimensions that have one."""
        return tuple(each.range for each in self.dimensions if each.range is not None)

    def need_ranges(self, strategy: Any) -> None:
        """Raise InvalidModelError if there is none for a strategy that needs one, or only what is
        no range."""
        name = type(strategy).__name__
        if self.models or not self.dimensions:
            raise InvalidModelError(
                f"{name} needs ranges=[...], made by param_range(model, path, ...). A list of "
                "models goes with tuning=Explicit()."
            )
        without = [each.field for each in self.dimensions if each.range is None]
        if without:
            raise InvalidModelError(
                f"{name} needs a range of {', '.join(map(repr, without))}, and got something to "
                "sample from, which RandomSearch takes. Use param_range(model, path, ...)."
            )

    def need_no_options(self, strategy: Any) -> None:
        """Raise InvalidModelError if a range comes with something that a strategy does not
        take."""
        given = [each for each in self.dimensions if each.option is not None]
        if given:
            raise InvalidModelError(
                f"The range of {given[0].field!r} comes with {given[0].option!r:.60}, which "
                f"{type(strategy).__name__} does not take. Give the range alone."
            )


def is_range(value: Any) -> bool:
    """Whether a value was made by `param_range`."""
    return isinstance(value, NumericRange | NominalRange)


def dimension_of(given: Any) -> Dimension:
    """A range, (range, option) or (path, what to sample from), as a dimension.

    Raises: TypeError for anything else.
    """
    if is_range(given):
        return Dimension(given.field, given)
    if isinstance(given, Sampler):
        return Dimension(given.field, None, given)
    if isinstance(given, tuple) and len(given) == 2:
        first, option = given
        if is_range(first):
            return Dimension(first.field, first, option)
        if isinstance(first, str):
            return Dimension(first, None, option)
    raise TypeError(
        "must be a range made by param_range(model, path, ...), or a list of them, or pairs "
        f"(range, option), got {given!r:.60}"
    )


def dimensions_of(given: Any) -> tuple[Dimension, ...]:
    """One range or several, as dimensions."""
    if given is None:
        return ()
    single = not isinstance(given, list | tuple) or _is_pair(given)
    return tuple(map(dimension_of, (given,) if single else given))


def _is_pair(given: Any) -> bool:
    """(range, option), and not two ranges."""
    if (
        not isinstance(given, tuple)
        or len(given) != 2
        or not (is_range(given[0]) or isinstance(given[0], str))
    ):
        return False
    if isinstance(given[0], str):
        return True
    second = given[1]
    listed = is_range(second) or isinstance(second, Sampler)
    paired = isinstance(second, tuple) and bool(second) and _names_something(second[0])
    return not listed and not paired


def _names_something(value: Any) -> bool:
    return is_range(value) or isinstance(value, str)
