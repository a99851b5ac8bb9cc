"""What is drawn from ranges: evenly spaced values, and random ones.

Knows ranges and the distributions of SciPy. Source: MLJBase.jl,
src/hyperparam/one_dimensional_range_methods.jl (`iterator`, `sampler`).
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidArgument
from mlj_keras.tuning.ranges import NominalRange, NumericRange, Range

stats = lazy_module("scipy.stats")

Rng = np.random.Generator


def iterator(r: Range, n: int | None = None) -> list[Any]:
    """The values of a range that a grid takes.

    Args:
        r: a range
        n: how many; of a range of values the first n, None for all of them.
    Returns: n values, evenly spaced on the scale, both ends among them; of ints those that differ,
        so there may be fewer.
    Raises: InvalidArgument if n is no int of 1 or more, or missing for a range of numbers.
    Example:
        >>> import mlj_keras as mlj
        >>> r = mlj.param_range(mlj.NeuralNetworkRegressor(), "epochs", lower=1, upper=10)
        >>> iterator(r, 4)
        [1, 4, 7, 10]

    Source: MLJBase.jl, `iterator`.
    """
    if n is not None and (type(n) is not int or n < 1):
        raise InvalidArgument(f"n must be an int of 1 or more, got {n!r}.")
    if isinstance(r, NominalRange):
        return list(r.values[:n])
    if n is None:
        raise InvalidArgument(
            f"How many values of {r.field!r}? Write iterator(r, 10): a range of numbers has no "
            "end of them."
        )
    first, last = (float(r.layout.to(end)) for end in r.ends)
    values = [r.at(place) for place in np.linspace(first, last, n)]
    if r.layout.name != "custom":
        values[0] = r.value(r.ends[0])
        values[-1] = r.value(r.ends[1]) if n > 1 else values[0]
    return list(dict.fromkeys(values))


@dataclasses.dataclass(frozen=True)
class Sampler:
    """Draws values of a range. Made by `sampler`.

    Args: field: the dotted path · draw: from a numpy Generator, one value.
    Example:
        >>> Sampler("epochs", lambda rng: 3).sample(np.random.default_rng(0), 2)
        [3, 3]

    Source: MLJBase.jl, `NumericSampler`.
    """

    field: str
    draw: Callable[[Rng], Any]

    def sample(self, rng: Rng, n: int) -> list[Any]:
        """n values."""
        return [self.draw(rng) for _ in range(n)]


def sampler(r: Range, distribution: Any = None) -> Sampler:
    """Random values of a range.

    Args:
        r: a range
        distribution: of a range of values: None (each as likely), or probabilities (k,). Of
            numbers a distribution of scipy.stats: frozen, such as norm(5, 2), in the unit of the
            field and cut off at the bounds; or its family, such as norm or gamma, which is fitted
            to origin and unit, or on the scale of a range with two bounds to their middle and half
            their distance; None is uniform.
    Returns: Sampler, with `sample(rng, n)`.
    Raises: InvalidArgument for probabilities that are none or of another number, a family that is
        not known, or a uniform one without bounds.
    Example:
        >>> import mlj_keras as mlj, numpy as np
        >>> net = mlj.NeuralNetworkRegressor()
        >>> r = mlj.param_range(net, "lambda_", lower=1e-4, upper=1.0, scale="log10")
        >>> values = sampler(r).sample(np.random.default_rng(0), 1000)
        >>> sum(value < 0.01 for value in values) in range(450, 550)  # half of them
        True

    Source: MLJBase.jl, `sampler`. Deviation: there a scale by name is not honoured.
    """
    if isinstance(r, NominalRange):
        return _nominal(r, distribution)
    return _numeric(r, stats.uniform if distribution is None else distribution)


def _nominal(r: NominalRange, probabilities: Any) -> Sampler:
    chances = None
    if probabilities is not None:
        chances = _vector(probabilities)
        if chances is None or chances.shape != (len(r.values),):
            raise InvalidArgument(
                f"{r.field!r} has {len(r.values)} values, and got {probabilities!r:.60}. Give a "
                "probability for each."
            )
        if not (chances >= 0).all() or not math.isclose(chances.sum(), 1, abs_tol=1e-6):
            raise InvalidArgument(
                f"The probabilities of {r.field!r} are {chances.tolist()}: none may be negative, "
                "and their sum is 1."
            )
        chances = chances / chances.sum()
    return Sampler(r.field, functools.partial(_draw_one, r.values, chances))


def _draw_one(values: tuple[Any, ...], chances: np.ndarray | None, rng: Rng) -> Any:
    return values[int(rng.choice(len(values), p=chances))]


def _vector(value: Any) -> np.ndarray | None:
    """Numbers, or None for anything else."""
    if not isinstance(value, Sequence | np.ndarray) or isinstance(value, str):
        return None
    try:
        return np.asarray(value, dtype=float)
    except ValueError:
        return None


def _numeric(r: NumericRange, distribution: Any) -> Sampler:
    bounded = math.isfinite(r.lower) and math.isfinite(r.upper)
    on_scale = custom = r.layout.name == "custom"
    (low, high), frozen = (r.lower, r.upper), distribution
    if not (hasattr(distribution, "cdf") and hasattr(distribution, "dist")):  # not frozen
        even = _name(distribution) in _BETWEEN  # whatever the origin
        on_scale = custom or (bounded and (r.is_centred or even))
        if on_scale and bounded:
            low, high = r.places
        around = (r.origin, r.unit)
        if bounded and r.is_centred:
            around = (low + high) / 2, (high - low) / 2
        frozen = _fitted(r, distribution, (low, high) if bounded else None, *around)
    discrete = not hasattr(frozen.dist, "pdf")
    lowest = math.ceil(low) - 1 if discrete and math.isfinite(low) else low
    below = float(frozen.cdf(lowest)) if math.isfinite(low) else 0.0
    above = float(frozen.cdf(high)) if math.isfinite(high) else 1.0
    if not above > below:
        raise InvalidArgument(
            f"The distribution of {r.field!r} has nothing between {r.lower:g} and {r.upper:g}. "
            "Give another one, or other bounds."
        )
    truncated = _Truncated(frozen, (below, above), None if discrete else (low, high))
    return Sampler(r.field, functools.partial(_draw_number, r, truncated, on_scale=on_scale))


@dataclasses.dataclass(frozen=True)
class _Truncated:
    """A frozen distribution between two of its probabilities, and two values if it has a
    density."""

    frozen: Any
    between: tuple[float, float]
    ends: tuple[float, float] | None

    def draw(self, rng: Rng) -> float:
        below, above = self.between
        place = float(self.frozen.ppf(below + (above - below) * rng.random()))
        return place if self.ends is None else min(max(place, self.ends[0]), self.ends[1])


def _draw_number(r: NumericRange, truncated: _Truncated, rng: Rng, *, on_scale: bool) -> Any:
    place = truncated.draw(rng)
    return r.at(place) if on_scale else r.value(place)


def _name(family: Any) -> str:
    name = getattr(family, "name", family)
    return name if isinstance(name, str) else repr(name)


def _fitted(
    r: NumericRange,
    family: Any,
    bounds: tuple[float, float] | None,
    origin: float,
    unit: float,
) -> Any:
    """A distribution of the family that lies about the origin, as wide as the unit."""
    name = _name(family)
    if name in _BETWEEN:
        if bounds is None:
            raise InvalidArgument(
                f"{name} needs two bounds, and {r.field!r} lacks one. Give both, or take norm or "
                "gamma."
            )
        return getattr(stats, name)(bounds[0], bounds[1] - bounds[0])
    make = _FAMILIES.get(name)
    if make is None:
        known = ", ".join(["uniform", "arcsine", *_FAMILIES])
        raise InvalidArgument(
            f"There is no rule to fit {name!r:.60} to the range of {r.field!r}: there is one for "
            f"{known}. Give it frozen, as in scipy.stats.beta(2, 5)."
        )
    if name in ("gamma", "invgauss", "lognorm") and origin <= 0:
        raise InvalidArgument(
            f"{name} is of positive numbers, and the range of {r.field!r} has its origin at "
            f"{origin:g}. Take norm."
        )
    return make(origin, unit)


_BETWEEN = ("uniform", "arcsine")  # families between two bounds
# Families by SciPy's name, fitted to (origin, unit).
_FAMILIES: dict[str, Callable[[float, float], Any]] = {
    "norm": lambda o, u: stats.norm(o, u),
    "cauchy": lambda o, u: stats.cauchy(o, u),
    "gumbel_r": lambda o, u: stats.gumbel_r(o, u),
    "laplace": lambda o, u: stats.laplace(o, u),
    "logistic": lambda o, u: stats.logistic(o, math.sqrt(3) * u / math.pi),
    "cosine": lambda o, u: stats.cosine(o, u / math.pi),  # SciPy's reaches from -pi to pi
    "triang": lambda o, u: stats.triang(0.5, o - u, 2 * u),
    "gamma": lambda o, u: stats.gamma((o / u) ** 2, scale=u**2 / o),
    "invgauss": lambda o, u: stats.invgauss(u**2 / o**2, scale=o**3 / u**2),
    "lognorm": lambda o, u: stats.lognorm(
        math.sqrt(math.log1p((u / o) ** 2)), scale=o / math.sqrt(1 + (u / o) ** 2)
    ),
    "poisson": lambda o, u: stats.poisson(u),
}
