"""How large a network in a file may be, looked at before any of it is made: layers, calls, the
longest way through it; and calls only of what is there before them.

Knows descriptions, as `_keras_description` makes them; nothing of Keras. Source: ours.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from mlj_keras.persistence._keras_rules import pair, refused

MODELS = ("Functional", "Sequential")
MOST_LAYERS = 2000
_MOST_CALLS = 4000  # those inside of a model that is called count each time
_DEEPEST = 16  # models in models
_DEEPEST_TREE = 128


def check_size(network: Any, where: str) -> None:
    """Raise ValueError for a description that is nested deeply, has many layers or calls, or calls
    a layer with what comes later."""
    _check_layers(network, where)
    _calls(network, where, depth=0)


def index(value: Any, length: int, where: str) -> int:
    """A place in a list of this length.

    Raises: ValueError for anything else.
    """
    if type(value) is not int or not 0 <= value < length:
        raise ValueError(f"{where} refers to {value!r:.20} of {length}")
    return value


def _check_layers(network: Any, where: str) -> None:
    """Models in models and layers in layers count, too."""
    waiting, n_layers = [(network, 0)], 0
    while waiting:
        tree, depth = waiting.pop()
        if depth > _DEEPEST_TREE:
            raise ValueError(f"{where} is nested too deeply")
        if isinstance(tree, dict):
            inside = tree.get("layers")
            n_layers += len(inside) if isinstance(inside, list) else 0
        if n_layers > MOST_LAYERS:
            raise ValueError(f"{where} has {n_layers} layers, and {MOST_LAYERS} are the most")
        inside = tree.values() if isinstance(tree, dict) else tree
        if isinstance(tree, dict | list):
            waiting += [(each, depth + 1) for each in inside]


def _calls(network: Any, where: str, *, depth: int) -> int:
    """How many layers one call of a model calls."""
    layers = network.get("layers") if type(network) is dict else None
    if type(layers) is not list or depth > _DEEPEST:
        raise ValueError(f"{where} has no description of a network")
    costs = []
    for each in layers:
        kind, inside = pair(each, where)
        costs.append(_calls(inside, where, depth=depth + 1) if kind in MODELS else 1)
    longest = len(layers)
    if network.get("class") == "Functional":
        called, longest = _called(network.get("calls"), len(layers), where)
        costs = [costs[layer] for layer in called]
    if sum(costs) > _MOST_CALLS:
        raise ValueError(f"{where} has {sum(costs)} calls, and {_MOST_CALLS} are the most")
    if longest > sys.getrecursionlimit():  # Keras follows the way back by recursion
        raise ValueError(f"{where} has {longest} layers in a row, more than Keras can follow")
    return sum(costs)


def _called(calls: Any, n_layers: int, where: str) -> tuple[list[int], int]:
    """(the layer of each call, the longest way)."""
    if type(calls) is not list:
        raise ValueError(f"{where} has no calls")
    called: list[int] = []
    lengths: list[int] = []
    for number, call in enumerate(calls):
        if type(call) is not list or len(call) != 3:
            raise refused(where, "calls of three parts", call)
        called.append(index(call[0], n_layers, where))
        before = [lengths[index(each, number, where)] for each in _inputs(call[1:])]
        lengths.append(1 + max(before, default=0))
    return called, max(lengths, default=0)


def _inputs(tree: Any) -> Iterator[Any]:
    """The numbers of the calls whose tensors a call is given."""
    if isinstance(tree, dict) and type(tree.get("tensor")) is list and tree["tensor"]:
        yield tree["tensor"][0]
    inside = tree.values() if isinstance(tree, dict) else tree
    if isinstance(tree, dict | list):
        for each in inside:
            yield from _inputs(each)
