"""The classes and functions of this package that a file may name: a closed table.

`storable` puts a dataclass or a function of this package into it; what is not there is never built
from a file. Fields are checked against their annotations when a record is made. Knows nothing of
what records mean. Source: ours.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

_PACKAGE = __name__.partition(".")[0]
_CLASSES: dict[str, type] = {}
_FUNCTIONS: dict[str, Callable[..., Any]] = {}


def storable(thing: T) -> T:
    """Let files hold instances of a dataclass, or name a function. For this package alone.

    A field with `compare=False` is no part of what is stored. A method `check_stored`, if there is
    one, raises ValueError for values that do not go together.

    Args: thing: a dataclass or a function of this package.
    Returns: itself.
    Raises: TypeError for a thing of elsewhere, or for a name that is taken.
    Example:
        >>> storable(dict)
        Traceback (most recent call last):
        TypeError: builtins.dict is not of mlj_keras.

    Source: ours.
    """
    table: dict[str, Any] = _CLASSES if isinstance(thing, type) else _FUNCTIONS
    name = name_of(thing)
    if not thing.__module__.startswith(f"{_PACKAGE}."):
        raise TypeError(f"{thing.__module__}.{_own_name(thing)} is not of {_PACKAGE}.")
    if name in table:
        raise TypeError(f"There are two things called {name}.")
    table[name] = thing
    return thing


def name_of(thing: Any) -> str:
    """What files call a class or function of this package: its folder and its name, which a move
    from file to file leaves as they are."""
    folder = ".".join(thing.__module__.split(".")[1:2])
    return f"{folder}.{_own_name(thing)}"


def _own_name(thing: Any) -> str:
    return str(thing.__qualname__)


def is_storable(thing: Any) -> bool:
    """Whether a class or function itself is in the table."""
    table: Mapping[str, Any] = _CLASSES if isinstance(thing, type) else _FUNCTIONS
    return hasattr(thing, "__qualname__") and table.get(name_of(thing)) is thing


def class_named(name: str) -> type | None:
    """The class of this name, or None."""
    return _CLASSES.get(name)


def function_named(name: str) -> Callable[..., Any] | None:
    """The function of this name, or None."""
    return _FUNCTIONS.get(name)


def stored_fields(record: Any) -> tuple[str, ...]:
    """The names of the fields of a dataclass, or an instance of one, that are stored."""
    fields = dataclasses.fields(record)
    return tuple(field.name for field in fields if field.init and (field.compare or _whole(field)))


def _whole(field: dataclasses.Field[Any]) -> bool:
    """Whether a field that does not count in comparisons has no default: it cannot be left out."""
    missing = dataclasses.MISSING
    return field.default is missing and field.default_factory is missing


def made(cls: type, fields: Mapping[str, Any]) -> Any:
    """An instance of a class of the table.

    Raises: ValueError naming the field that is missing, unknown, or not of its annotated type;
        what `check_stored` says.
    Example:
        >>> from mlj_keras.data.columns import ColumnOrigin
        >>> made(ColumnOrigin, {"kind": "pandas", "name": "a", "float_dtype": "float32"})
        ColumnOrigin(kind='pandas', name='a', float_dtype='float32')
        >>> made(ColumnOrigin, {"kind": 1, "name": "a", "float_dtype": "float32"})
        Traceback (most recent call last):
        ValueError: kind of ColumnOrigin must be str, got 1

    Source: ours.
    """
    wanted = stored_fields(cls)
    if set(fields) != set(wanted):
        unlike = sorted(set(fields) ^ set(wanted))
        raise ValueError(f"{cls.__name__} has the fields {list(wanted)}; {unlike} are not alike")
    check_types(cls, fields)
    result = cls(**fields)
    if hasattr(result, "check_stored"):
        result.check_stored()
    return result


def check_types(cls: type, fields: Mapping[str, Any]) -> None:
    """Raise ValueError, naming the field, for a value that is not of the annotated type.

    Example:
        >>> from mlj_keras.data.columns import ColumnOrigin
        >>> check_types(ColumnOrigin, {"kind": "pandas"})

    Source: ours.
    """
    for name, hint in _hints(cls).items():
        if name in fields and not fits(fields[name], hint):
            kind = getattr(hint, "__name__", None) or str(hint).replace("typing.", "")
            raise ValueError(f"{name} of {cls.__name__} must be {kind}, got {fields[name]!r:.60}")


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of an annotated type; True for annotations that say nothing of values.

    Example:
        >>> fits((1, 2), tuple[int, ...]), fits((1, "2"), tuple[int, ...]), fits(None, int | None)
        (True, False, True)

    Source: ours.
    """
    if hint is Any or isinstance(hint, TypeVar):
        return True
    if hint is None or hint is type(None):
        return value is None
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, each) for each in inside)
    if origin is typing.Literal:
        return any(type(value) is type(each) and value == each for each in inside)
    if origin is not None and isinstance(origin, type):
        return _fits_inside(value, origin, inside)
    if not isinstance(hint, type):
        return True
    if getattr(hint, "_is_protocol", False):
        return all(hasattr(value, name) for name in vars(hint) if not name.startswith("_"))
    if hint is float:
        return type(value) in (int, float) or isinstance(value, np.floating | np.integer)
    if hint is int:
        return type(value) is int or isinstance(value, np.integer)
    return isinstance(value, hint)


def _fits_inside(value: Any, origin: Any, inside: tuple[Any, ...]) -> bool:
    if origin is type or issubclass(origin, Callable):  # type: ignore[arg-type]  # an abstract base
        return callable(value)
    if not isinstance(value, origin):
        return False
    if issubclass(origin, np.ndarray) or not inside:
        return True
    if issubclass(origin, Mapping):
        key, item = inside
        return all(fits(k, key) and fits(v, item) for k, v in value.items())
    if issubclass(origin, tuple) and inside[-1] is not Ellipsis:
        return len(value) == len(inside) and all(map(fits, value, inside))
    return all(fits(each, inside[0]) for each in value)
