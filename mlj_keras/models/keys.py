"""Hashable keys of hyper-parameters: two values with equal keys build the same network.

Plain data enter by value. Functions enter by identity, with their defaults, closure and the
globals they name, so that a function that reads a changed number, list or setting is another one.
Anything else enters by identity and is kept alive by its key. Knows nothing of networks.
Source: ours.
"""

from __future__ import annotations

import hashlib
import types
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mlj_keras.models.base import Model

_PLAIN = (int, float, str, bool, bytes, type(None))
Path = tuple[int, ...]  # ids of what is being walked: a value that holds itself ends there


class ByIdentity:
    """A hashable stand-in for an object that has no faithful value: equal only to itself."""

    def __init__(self, obj: Any) -> None:
        self.obj = obj

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and self.obj is other.obj

    def __hash__(self) -> int:
        return id(self.obj)


def structural_key(value: Any) -> Any:
    """A hashable key of a hyper-parameter's value."""
    return _key(value, ())


def model_key(model: Model, *, skip: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """The key of a model: its class and every field but those in `skip`."""
    return _model_key(model, (), skip)


def function_key(function: types.FunctionType) -> tuple[Any, ...]:
    """The key of a function: itself, its defaults, what it closes over, and the plain values,
    functions, classes and settings among the globals that its code names."""
    return _function_key(function, ())


def _key(value: Any, path: Path) -> Any:
    if isinstance(value, _PLAIN):
        return (type(value).__name__, value)
    if id(value) in path:
        return ("itself", path.index(id(value)))
    inside = (*path, id(value))
    if isinstance(value, tuple | list):
        return ("sequence", *(_key(item, inside) for item in value))
    if isinstance(value, Mapping):
        return ("mapping", *((str(name), _key(item, inside)) for name, item in value.items()))
    if isinstance(value, np.ndarray) and value.dtype != object:
        digest = hashlib.sha256(np.ascontiguousarray(value).tobytes()).digest()
        return ("array", value.dtype.str, value.shape, digest)
    if isinstance(value, Model):
        return _model_key(value, inside)
    if isinstance(value, types.FunctionType):
        return _function_key(value, path)
    return ByIdentity(value)


def _model_key(model: Model, path: Path, skip: tuple[str, ...] = ()) -> tuple[Any, ...]:
    names = (name for name in model.fields() if name not in skip)
    return (ByIdentity(type(model)), *((n, _key(getattr(model, n), path)) for n in names))


def _function_key(function: types.FunctionType, path: Path) -> tuple[Any, ...]:
    if id(function) in path:  # it calls itself
        return ("itself", path.index(id(function)))
    inside = (*path, id(function))
    closed = tuple(_cell_key(cell, inside) for cell in function.__closure__ or ())
    known = function.__globals__
    names = sorted({name for name in _names(function.__code__) if name in known})
    module = function.__module__
    read = tuple((name, _global_key(known[name], module, inside)) for name in names)
    defaults = (_key(function.__defaults__, inside), _key(function.__kwdefaults__, inside))
    return (ByIdentity(function), defaults, closed, read)


def _names(code: types.CodeType) -> Iterator[str]:
    """The names that a function's code reads, functions and lambdas inside it too."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)


def _global_key(value: Any, module: str, path: Path) -> Any:
    """A global by value where it is data, or stands beside the function and may be written anew;
    modules, and functions and classes of libraries, do not change."""
    if isinstance(value, types.FunctionType):
        return _function_key(value, path) if value.__module__ == module else ByIdentity(value)
    if isinstance(value, type):
        return _attributes_key(value, module, path)
    if isinstance(value, types.ModuleType) or callable(value):
        return ByIdentity(value)
    held = _key(value, path)
    own = isinstance(value, types.SimpleNamespace) or type(value).__module__ == module
    return _attributes_key(value, module, path) if isinstance(held, ByIdentity) and own else held


def _attributes_key(value: Any, module: str, path: Path) -> Any:
    """A class or a bag of settings beside the function: itself, and its attributes by value."""
    of_library = isinstance(value, type) and value.__module__ != module
    if of_library or id(value) in path or not hasattr(value, "__dict__"):
        return ByIdentity(value)
    inside = (*path, id(value))
    names = [name for name in vars(value) if not name.startswith("__")]
    return (ByIdentity(value), *((name, _key(vars(value)[name], inside)) for name in names))


def _cell_key(cell: types.CellType, path: Path) -> Any:
    try:
        value = cell.cell_contents
    except ValueError:  # not yet filled
        return "empty"
    # `__class__` of a method that calls super() is a cell, too, and says nothing of structure.
    return "class" if isinstance(value, type) else _key(value, path)
