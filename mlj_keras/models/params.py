"""Hyper-parameters: how a field of a model is declared, normalised and checked.

`param(default, ...)` declares a field with its bounds; `normalise` turns what a user assigns into
plain, immutable Python data. Knows nothing of particular models. Source: MLJModelInterface.jl,
src/model_def.jl (`@mlj_model` and its `clean!`).
"""

from __future__ import annotations

import copyreg
import dataclasses
import math
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mlj_keras import rng as rng_module
from mlj_keras.errors import InvalidModelError

# "No default" is one object, also after a pickle: classes that are pickled by value, as those of a
# script are for other processes, hold it in their fields, where dataclasses look for no other.
copyreg.pickle(type(dataclasses.MISSING), lambda _: "MISSING")

_RULE = "mlj_keras.rule"
LARGEST_INT = 2**63 - 1  # what arrays of ints, files and other programs hold


@dataclasses.dataclass(frozen=True)
class Rule:
    """What a hyper-parameter may be: a type, bounds, a choice, or a function that converts or
    raises."""

    kind: type | None = None
    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    options: tuple[Any, ...] | None = None
    optional: bool = False
    convert: Callable[[Any], Any] | None = None

    def describe(self) -> str:
        """The allowed values in words."""
        if self.options is not None:
            return "one of " + ", ".join(map(repr, self.options))
        words = {int: "an int", float: "a number", bool: "True or False", str: "a string"}
        parts = [words.get(self.kind, self.kind.__name__ if self.kind else "a value")]  # type: ignore[arg-type]  # None is no key
        bounds = ((self.ge, ">="), (self.gt, ">"), (self.le, "<="), (self.lt, "<"))
        limits = " and ".join(f"{sign} {bound}" for bound, sign in bounds if bound is not None)
        return " ".join([*parts, limits]).rstrip() + (" or None" if self.optional else "")


def param(
    default: Any = dataclasses.MISSING,
    *,
    factory: Callable[[], Any] | None = None,
    kind: type | None = None,
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    options: tuple[Any, ...] | None = None,
    optional: bool = False,
    convert: Callable[[Any], Any] | None = None,
    positional: bool = False,
) -> Any:
    """Declare a hyper-parameter in the body of a model class.

    Args:
        default, or factory (called for each instance)
        kind: int, float, bool or str
        ge, gt, le, lt: bounds, in the unit of the field
        options: the values allowed
        optional: None is allowed
        convert: called with the value, returns what is stored or raises ValueError or TypeError
        positional: may be given without its name.
    Returns: a dataclass field.
    Raises: nothing; a value that breaks the rule raises InvalidModelError when it is assigned.
    Example:
        >>> from mlj_keras.models.base import Deterministic
        >>> class Ridge(Deterministic):
        ...     lambda_: float = param(1.0, kind=float, ge=0)
        >>> Ridge(lambda_=2).lambda_
        2.0

    Source: MLJModelInterface.jl, src/model_def.jl.
    """
    rule = Rule(kind, ge, gt, le, lt, options, optional, convert)
    if factory is not None:
        return dataclasses.field(
            default_factory=factory, metadata={_RULE: rule}, kw_only=not positional
        )
    return dataclasses.field(default=default, metadata={_RULE: rule}, kw_only=not positional)


def rule_of(field: dataclasses.Field[Any]) -> Rule | None:
    """The rule declared by `param`, or one read off a plain annotation such as `epochs: int =
    10`."""
    rule: Rule | None = field.metadata.get(_RULE)
    if rule is not None:
        return rule
    annotation = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", "")
    kind = {"int": int, "float": float, "bool": bool, "str": str}.get(annotation)
    return Rule(kind=kind) if kind else None


def normalise(value: Any) -> Any:
    """Plain immutable data: NumPy scalars become Python numbers, sequences tuples, mappings
    read-only copies."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, list | tuple) and type(value) in (list, tuple):
        return tuple(normalise(item) for item in value)
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iufb":
        return tuple(value.tolist())
    if isinstance(value, Mapping):
        return types.MappingProxyType({key: normalise(item) for key, item in value.items()})
    return value


def check_value(owner: str, name: str, value: Any, rule: Rule | None) -> Any:
    """The value to store in the field `name` of the model class `owner`.

    Raises: InvalidModelError naming the field, the value and what is allowed.
    """
    if name == "rng":
        return _check_rng(owner, value)
    value = normalise(value)
    if rule is None or (value is None and rule.optional):
        return value
    if rule.convert is not None:
        try:
            return rule.convert(value)
        except (ValueError, TypeError, OverflowError) as error:
            raise InvalidModelError(f"{owner}.{name}: {error}") from error
    if rule.options is not None:
        if not any(
            value is option or (type(value) is type(option) and value == option)
            for option in rule.options
        ):
            raise _impossible(owner, name, value, rule)
        return value
    return _check_kind(owner, name, value, rule)


def _check_kind(owner: str, name: str, value: Any, rule: Rule) -> Any:
    if rule.kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = as_float(value)
    if rule.kind is not None and (
        not isinstance(value, rule.kind) or (isinstance(value, bool) and rule.kind is not bool)
    ):
        raise _impossible(owner, name, value, rule)
    if isinstance(value, float) and math.isnan(value):
        raise _impossible(owner, name, value, rule)
    broken = (
        (rule.ge is not None and value < rule.ge)
        or (rule.gt is not None and value <= rule.gt)
        or (rule.le is not None and value > rule.le)
        or (rule.lt is not None and value >= rule.lt)
    )
    too_large = isinstance(value, int) and abs(value) > LARGEST_INT
    if broken or too_large or (isinstance(value, float) and math.isinf(value)):
        raise _impossible(owner, name, value, rule)
    return value


def as_float(value: float) -> float:
    """A number as a float, infinite where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def short(value: Any) -> str:
    """The repr of a value for a message, cut to 120 characters; its type where it has none."""
    try:
        text = repr(value)
    except Exception:  # an int of more than 4300 digits, or an object of the user's
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= 120 else f"{text[:117]}..."


def _impossible(owner: str, name: str, value: Any, rule: Rule) -> InvalidModelError:
    limit = ""
    if isinstance(value, int) and abs(value) > LARGEST_INT:
        limit = f" and at most {LARGEST_INT}"
    return InvalidModelError(
        f"{owner}.{name} must be {rule.describe()}{limit}, got {short(value)}. Set {name} to such "
        "a value."
    )


def _check_rng(owner: str, value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, np.random.Generator):
        return int(value.integers(2**31))
    try:
        return rng_module.check_seed(value)
    except (TypeError, ValueError) as error:
        raise InvalidModelError(f"{owner}.rng: {error}") from error


def same(a: Any, b: Any) -> bool:
    """Equality by value of two hyper-parameters, with arrays compared entry by entry and NaN equal
    to itself."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.dtype == b.dtype
            and np.array_equal(a, b)
        )
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if type(a) is not type(b):
        return False
    if isinstance(a, float) and math.isnan(a):
        return math.isnan(b)
    return bool(a == b)
