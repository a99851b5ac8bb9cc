"""Hashable keys of hyper-parameters: two values with equal keys build the same network.

Plain data enter by value. Functions enter by identity, with their defaults, closure and the
globals they name, so that a function that reads a changed number, list or setting is another
function. Anything else enters by identity and is kept alive by its key. Knows nothing of networks.
Source: ours.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.models.base import Model

_PLAIN = (int, float, str, bool, bytes, type(None))


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
    if isinstance(value, _PLAIN):
        return (type(value).__name__, value)
    if isinstance(value, tuple | list):
        return ("sequence", *map(structural_key, value))
    if isinstance(value, Mapping):
        return ("mapping", *((str(name), structural_key(item)) for name, item in value.items()))
    if isinstance(value, np.ndarray):
        return ("array", value.dtype.str, value.shape, value.tobytes())
    if isinstance(value, Model):
        return model_key(value)
    if isinstance(value, types.FunctionType):
        return function_key(value)
    held = getattr(value, "__dict__", None)
    if isinstance(held, dict) and all(
        isinstance(v, (*_PLAIN, tuple, list)) for v in held.values()
    ):
        return (ByIdentity(value), structural_key(held))  # a bag of settings, changed in place
    return ByIdentity(value)


def model_key(model: Model, *, skip: tuple[str, ...] = ()) -> tuple[Any, ...]:
    """The key of a model: its class and every field but those in `skip`."""
    values = (
        (name, structural_key(getattr(model, name))) for name in model.fields() if name not in skip
    )
    return (ByIdentity(type(model)), *values)


def function_key(function: types.FunctionType) -> tuple[Any, ...]:
    """The key of a function: itself, its defaults, what it closes over, and the plain values and
    functions among the globals that its code names."""
    return _function_key(function, ())


def _function_key(function: types.FunctionType, above: tuple[Any, ...]) -> tuple[Any, ...]:
    if function in above:  # it calls itself
        return ("recursion",)
    cells = function.__closure__ or ()
    closed = tuple(_cell_key(cell, (*above, function)) for cell in cells)
    names = [name for name in function.__code__.co_names if name in function.__globals__]
    read = tuple(
        (name, _global_key(function.__globals__[name], function, above)) for name in names
    )
    return (ByIdentity(function), structural_key(function.__defaults__), closed, read)


def _global_key(value: Any, function: types.FunctionType, above: tuple[Any, ...]) -> Any:
    if isinstance(value, types.FunctionType):
        # Functions of libraries do not change; those beside this one may be written anew.
        beside = value.__module__ == function.__module__
        return _function_key(value, (*above, function)) if beside else ByIdentity(value)
    if isinstance(value, types.ModuleType) or callable(value):
        return ByIdentity(value)
    return structural_key(value)


def _cell_key(cell: types.CellType, above: tuple[Any, ...]) -> Any:
    try:
        value = cell.cell_contents
    except ValueError:  # not yet filled
        return "empty"
    if isinstance(value, types.FunctionType):
        return _function_key(value, above)
    # `__class__` of a method that calls super() is a cell, too, and says nothing of structure.
    return "class" if isinstance(value, type) else structural_key(value)
