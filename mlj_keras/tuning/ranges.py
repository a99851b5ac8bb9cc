"""Ranges: the values that a hyper-parameter may take in a search.

Knows models and scales; no strategy. Source: MLJBase.jl,
src/hyperparam/one_dimensional_ranges.jl (`range`).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Sequence
from typing import Any

from mlj_keras._display import ends, grid_html, html_table, titled_html
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.errors import InvalidArgument, InvalidModelError, WrongType
from mlj_keras.models import Model
from mlj_keras.models.representation import show_value
from mlj_keras.storage.records import storable
from mlj_keras.tuning.scales import Scale, scale_of

_SHOWN = 20  # values in a notebook


@storable
@dataclasses.dataclass(frozen=True, repr=False)
class NumericRange:
    """Numbers between two bounds, or around an origin. Made by `param_range`.

    Attributes: field, the dotted path; lower, upper, -inf or inf where there is no bound; origin
        and unit, about where and how wide, in the unit of the field; scale, a name or a function;
        integer, whether values are rounded.
    Example:
        >>> import mlj_keras as mlj
        >>> param_range(mlj.NeuralNetworkRegressor(), "epochs", lower=1, upper=9).integer
        True

    Source: MLJBase.jl, `NumericRange`.
    """

    field: str
    lower: float
    upper: float
    origin: float
    unit: float
    scale: Any
    integer: bool

    @property
    def layout(self) -> Scale:
        """The scale."""
        return scale_of(self.scale)

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value that a grid takes."""
        low, high = math.isfinite(self.lower), math.isfinite(self.upper)
        if low and high:
            return self.lower, self.upper
        if high:
            return self.upper - 2 * self.unit, self.upper
        if low:
            return self.lower, self.lower + 2 * self.unit
        return self.origin - self.unit, self.origin + self.unit

    @property
    def is_centred(self) -> bool:
        """Whether origin and unit are those that the two bounds have by default."""
        middle, half = (self.lower + self.upper) / 2, (self.upper - self.lower) / 2
        return (self.origin, self.unit) == (middle, half)

    @property
    def places(self) -> tuple[float, float]:
        """Where the ends are on the scale, the lower place first."""
        low, high = sorted(float(self.layout.to(end)) for end in self.ends)
        return low, high

    def at(self, place: float) -> int | float:
        """The value at a place on the scale; rounding errors stay within the ends."""
        number = self.layout.back(place)
        if self.layout.name != "custom":
            number = min(max(float(number), self.ends[0]), self.ends[1])
        return self.value(number)

    def value(self, number: float) -> int | float:
        """A number as a value of the field: rounded, half to even, if it is to be an int."""
        return round(number) if self.integer else float(number)

    def __repr__(self) -> str:
        bounds = {"lower": self.lower, "upper": self.upper}
        facts = {name: value for name, value in bounds.items() if math.isfinite(value)}
        if not self.is_centred:
            facts |= {"origin": self.origin, "unit": self.unit}
        words = [f"{name}={value!r}" for name, value in facts.items()]
        if self.scale != "linear":
            words.append(f"scale={self.scale!r}")
        return f"NumericRange({', '.join([repr(self.field), *words])})"

    def _repr_html_(self) -> str:
        names = ["lower", "upper", *([] if self.is_centred else ["origin", "unit"])]
        facts = {name: f"{getattr(self, name):.6g}" for name in names}
        scale = self.scale if isinstance(self.scale, str) else repr(self.scale)
        kind = "whole numbers" if self.integer else "numbers"
        return html_table(f"NumericRange of {self.field}", {"of": kind, **facts, "scale": scale})


@storable
@dataclasses.dataclass(frozen=True)
class NominalRange:
    """Values of any kind, one by one. Made by `param_range(model, path, values=[...])`.

    Attributes: field, the dotted path; values, in their order.
    Example:
        >>> import mlj_keras as mlj
        >>> net = mlj.NeuralNetworkRegressor()
        >>> param_range(net, "optimiser", values=[mlj.Adam(), mlj.SGD()]).values[1]
        SGD()

    Source: MLJBase.jl, `NominalRange`.
    """

    field: str
    values: tuple[Any, ...]

    def _repr_html_(self) -> str:
        shown = ends(list(map(show_value, self.values)), _SHOWN)
        return titled_html(
            f"NominalRange of {self.field}", grid_html(["value"], [[s] for s in shown])
        )


Range = NumericRange | NominalRange


@short_tracebacks
def param_range(
    model: Any,
    path: str,
    *,
    values: Sequence[Any] | None = None,
    lower: float | None = None,
    upper: float | None = None,
    origin: float | None = None,
    unit: float | None = None,
    scale: Any = None,
) -> Range:
    """The values that a hyper-parameter may take.

    Args:
        model, path: an instance, and the dotted path, such as "optimiser.learning_rate" or, in a
            pipeline, "neural_network_regressor.builder.hidden"
        values: of any kind, one by one
        lower, upper: bounds of a number, in its unit; without both, origin and unit are needed
        origin, unit: about where values lie and how far from there; default the middle of the
            bounds and half their distance
        scale: "linear", "log", "log2", "log10", "logminus", "log10minus" (of the negative), or a
            function from even places to values, of which lower and upper are places then; default
            "linear", and "log10" for positive numbers without an upper bound ("log10minus" for
            negative ones without a lower bound).
    Returns: NumericRange or NominalRange. Whether numbers are rounded says the hyper-parameter.
    Raises: UnknownFieldError for a path that does not exist, with the nearest names; WrongType if
        model is none; InvalidArgument for bounds that are reversed or missing, that the model does
        not allow, or that the scale cannot hold.
    Example:
        >>> import mlj_keras as mlj
        >>> net = mlj.NeuralNetworkClassifier()
        >>> r = param_range(net, "optimiser.learning_rate", lower=1e-4, upper=1e-1, scale="log10")
        >>> [round(value, 4) for value in mlj.iterator(r, 4)]
        [0.0001, 0.001, 0.01, 0.1]

    Source: MLJBase.jl, `range`. Deviation: log10 needs bounds that are positive.
    """
    if isinstance(model, type) and issubclass(model, Model):
        model = model()
    if not isinstance(model, Model):
        raise WrongType(
            f"param_range needs a model, got {model!r:.60}. Write param_range(model, "
            "'optimiser.learning_rate', lower=..., upper=...)."
        )
    present = _present(model, path)
    numbers = {"lower": lower, "upper": upper, "origin": origin, "unit": unit}
    given = {name: number for name, number in numbers.items() if number is not None}
    if values is not None:
        _check_alone(path, [*given, *(["scale"] if scale is not None else [])])
        return _nominal(model, path, values)
    kind = _kind_of(model, path, present)
    if kind is None:
        raise InvalidArgument(
            f"{path!r} of {type(model).__name__} is {present!r:.60}, which is no number. Give "
            "values=[...]."
        )
    for name, number in given.items():
        _check_number(path, name, number)
    return _numeric(model, path, kind, given, scale)


def _present(model: Any, path: Any) -> Any:
    """What the model has there."""
    if not isinstance(path, str):
        raise WrongType(
            f"The path of a range is a text such as 'optimiser.learning_rate', got {path!r:.60}."
        )
    return model.get(path)


def _check_alone(path: str, others: Sequence[str]) -> None:
    if others:
        raise InvalidArgument(
            f"The range of {path!r} got values, and {', '.join(others)}. Give values alone, or "
            "bounds."
        )


def _kind_of(model: Any, path: str, present: Any) -> type | None:
    """int or float, or None for what is no number."""
    if type(present) in (int, float):
        declared = _declared(model, path)
        return float if declared is float else type(present)
    return _declared(model, path) if present is None else None


def _declared(model: Any, path: str) -> type | None:
    """The kind of number that a model's class says a field is."""
    parent, _, name = path.rpartition(".")
    owner = model.get(parent) if parent else model
    name = owner.aliases.get(name, name)
    rule = getattr(owner, "_rules", {}).get(name)
    kind = getattr(rule, "kind", None)
    return kind if kind in (int, float) else None


def _check_number(path: str, name: str, number: Any) -> None:
    if isinstance(number, bool) or not isinstance(number, int | float) and not _is_real(number):
        raise InvalidArgument(f"{name} of {path!r} must be a number, got {number!r:.60}.")
    if math.isnan(number):
        raise InvalidArgument(f"{name} of {path!r} must be a number, got nan.")


def _is_real(number: Any) -> bool:
    return (
        hasattr(number, "dtype") and getattr(number, "ndim", 1) == 0 and number.dtype.kind in "iuf"
    )


def _nominal(model: Any, path: str, values: Sequence[Any]) -> NominalRange:
    listed = tuple(values) if isinstance(values, Iterable) and not isinstance(values, str) else ()
    if not listed:
        raise InvalidArgument(
            f"The range of {path!r} has no values, got {values!r}. List one or more, as in "
            "values=[16, 32]."
        )
    stored = []
    for value in listed:
        changed = _allowed(model, path, value)
        stored.append(changed.get(path))
    return NominalRange(path, tuple(stored))


def _allowed(model: Any, path: str, value: Any) -> Any:
    try:
        return model.replace({path: value})
    except InvalidModelError as error:
        raise InvalidArgument(
            f"The range of {path!r} holds {value!r:.60}, which the model does not allow: {error}"
        ) from error


def _numeric(model: Any, path: str, kind: type, given: dict[str, Any], scale: Any) -> NumericRange:
    lower = float(given.get("lower", -math.inf))
    upper = float(given.get("upper", math.inf))
    if not lower < upper:
        raise InvalidArgument(
            f"The range of {path!r} has lower={lower:g} and upper={upper:g}. Give a lower bound "
            "that is less than the upper one, or values=[...]."
        )
    origin, unit = _around(path, lower, upper, given)
    if scale is None:
        scale = _default_scale(lower, upper)
    found = NumericRange(path, lower, upper, origin, unit, scale, kind is int)
    _check_scale(found)
    _check_ends(model, found)
    return found


def _around(path: str, lower: float, upper: float, given: dict[str, Any]) -> tuple[float, float]:
    bounded = math.isfinite(lower) and math.isfinite(upper)
    lacking = [name for name in ("origin", "unit") if name not in given]
    if lacking and not bounded:
        raise InvalidArgument(
            f"The range of {path!r} has no {'lower' if math.isinf(lower) else 'upper'} bound and "
            f"no {' and '.join(lacking)}. Give both bounds, or origin and unit: about where "
            "values are, and how far from there."
        )
    origin = float(given.get("origin", (lower + upper) / 2))
    unit = float(given.get("unit", (upper - lower) / 2))
    if not lower < origin < upper or not 0 < unit < math.inf or math.isinf(origin):
        raise InvalidArgument(
            f"The range of {path!r} has origin={origin:g} and unit={unit:g}. The origin lies "
            f"between the bounds {lower:g} and {upper:g}, and the unit is positive."
        )
    return origin, unit


def _default_scale(lower: float, upper: float) -> str:
    if math.isinf(upper) and 0 < lower < math.inf:
        return "log10"
    if math.isinf(lower) and -math.inf < upper < 0:
        return "log10minus"
    return "linear"


def _check_scale(found: NumericRange) -> None:
    layout = found.layout
    low, high = found.ends
    if (layout.sign > 0 and low <= 0) or (layout.sign < 0 and high >= 0):
        raise InvalidArgument(
            f"The range of {found.field!r} goes from {low:g} to {high:g}, and the scale "
            f"{layout.name} holds {layout.describe()} numbers only. Change the bounds, or write "
            "scale='linear'."
        )


def _check_ends(model: Any, found: NumericRange) -> None:
    """Raise unless the model allows both ends, as values."""
    for end, bound in zip(found.ends, (found.lower, found.upper), strict=True):
        custom = found.layout.name == "custom"
        number = _value_of(found, end) if custom else end
        if not _is_number(number):
            raise InvalidArgument(
                f"The scale of {found.field!r} makes {number!r:.60} of {end:g}, which is no "
                "finite number. Give a function from a number to a number."
            )
        if found.integer and not custom and math.isfinite(bound) and bound != round(bound):
            raise InvalidArgument(
                f"{found.field!r} takes whole numbers, and its range ends at {bound:g}. Give "
                "whole bounds."
            )
        _allowed(model, found.field, found.value(number))


def _value_of(found: NumericRange, place: float) -> Any:
    try:
        return found.layout.back(place)
    except Exception as error:  # whatever a user's function raises
        raise InvalidArgument(
            f"The scale of {found.field!r} has no value at {place:g}: {type(error).__name__}: "
            f"{error}. Give a function of all numbers between the bounds."
        ) from error


def _is_number(value: Any) -> bool:
    try:
        return math.isfinite(value)
    except TypeError:
        return False
