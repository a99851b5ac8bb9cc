"""Plain values as JSON and arrays, and back.

`packed` takes numbers, texts, None, lists, tuples, mappings and NumPy arrays, one in another;
`unpacked` gives equal values of the same types. Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.errors import InvalidArgument

Arrays = dict[str, np.ndarray]


def packed(value: Any) -> tuple[Any, Arrays]:
    """(what JSON can hold, the arrays in it by name).

    Raises: InvalidArgument for anything else, naming where it is.
    Example:
        >>> text, arrays = packed({"loss": float("nan"), "pair": (1, np.zeros(2))})
        >>> unpacked(text, arrays)
        {'loss': nan, 'pair': (1, array([0., 0.]))}

    Source: ours.
    """
    arrays: Arrays = {}
    return _packed(value, arrays, "value"), arrays


def unpacked(text: Any, arrays: Mapping[str, np.ndarray]) -> Any:
    """The value that `packed` was given.

    Raises: ValueError, KeyError, TypeError for what `packed` does not make.
    Example: see `packed`.
    Source: ours.
    """
    if isinstance(text, list):
        return [unpacked(each, arrays) for each in text]
    if not isinstance(text, dict):
        return text
    ((kind, inside),) = text.items()
    if kind == "float":
        return float(inside)
    if kind == "tuple":
        return tuple(unpacked(each, arrays) for each in inside)
    if kind == "map":
        return {unpacked(k, arrays): unpacked(v, arrays) for k, v in inside}
    if kind == "array":
        return arrays[inside]
    raise ValueError(f"there is no plain value of the kind {kind!r}")


def _packed(value: Any, arrays: Arrays, where: str) -> Any:
    if value is None or type(value) in (bool, int, str):
        return value
    if type(value) is float:
        return value if math.isfinite(value) else {"float": repr(value)}
    if isinstance(value, np.generic):
        return _packed(value.item(), arrays, where)
    if isinstance(value, np.ndarray):
        name = f"{len(arrays):06d}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, Mapping):
        items = [
            [_packed(k, arrays, where), _packed(v, arrays, f"{where}[{k!r}]")]
            for k, v in value.items()
        ]
        return {"map": items}
    if isinstance(value, list | tuple):
        found = [_packed(each, arrays, f"{where}[{i}]") for i, each in enumerate(value)]
        return found if isinstance(value, list) else {"tuple": found}
    raise InvalidArgument(
        f"{where} is {value!r:.60}, which a file cannot hold: give numbers, texts, None, lists, "
        "tuples, mappings and NumPy arrays."
    )
