"""From a Keras model, or rather its config, to what a file says of it: layers by class and
arguments, calls by number.

Keras gives the config, and never gets one of a file. Knows the form of Keras' configs; makes
nothing. Source: `get_config` of Keras 3.15.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.errors import UnsavableError
from mlj_keras.persistence._keras_making import arguments_of
from mlj_keras.persistence._keras_tables import OPERATIONS

Description = dict[str, Any]

_OF_MODULES = {
    "keras.layers": "layers",
    "keras.initializers": "initializers",
    "keras.regularizers": "regularizers",
    "keras.constraints": "constraints",
    **{f"keras.{family}": family for family in OPERATIONS},
}
_MODEL_MODULES = {"Sequential": "keras", "Functional": "keras.src.models.functional"}
_ADVICE = (
    "Write a Builder class that makes the layers in a module of its own, which load_machine takes "
    "with trusted=."
)


def network_described(kind: str, config: Mapping[str, Any], where: str) -> Description:
    """What a file says of a sequential or functional model.

    Args: kind: "Sequential" or "Functional" · config: of the model · where: it is, for messages.
    Raises: UnsavableError naming the first layer that is not in the tables, or that has arguments
        which a file cannot hold.
    """
    named = f"{where}: the Keras model {config['name']!r:.60}"
    facts = {"class": kind, "name": config["name"], "trainable": bool(config["trainable"])}
    layers = [_layer(each, named) for each in config["layers"]]
    if kind == "Sequential":
        return {**facts, "layers": layers, "shape": plain(config.get("build_input_shape"), named)}
    return {**facts, "layers": layers, **_graph(config, named)}


def plain(value: Any, where: str) -> Any:
    """A value of a config as a file says it.

    Raises: UnsavableError for what is no plain value and no object of the tables.
    """
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, np.generic):
        return plain(value.item(), where)
    if type(value) is float and math.isfinite(value):
        return value
    if isinstance(value, list):
        return [plain(each, where) for each in value]
    if isinstance(value, tuple):
        return {"tuple": [plain(each, where) for each in value]}
    if isinstance(value, Mapping) and "class_name" in value:
        return _object(value, where)
    raise _unsavable(where, f"{value!r:.60}, a {type(value).__name__}")


def arguments_described(
    family: str, name: str, config: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """The arguments of a class of the tables as a file says them.

    Raises: UnsavableError for an argument that the tables do not have, unless it is None.
    """
    known = arguments_of(family, name) or {}
    found = {}
    for argument, value in config.items():
        if argument in known:
            found[argument] = plain(value, f"{where}.{argument}")
        elif value is not None:
            raise _unsavable(f"{where}.{argument}", f"{value!r:.60}, of a {name}")
    return found


def _object(value: Mapping[str, Any], where: str) -> Any:
    module, name, config = value.get("module"), value["class_name"], value.get("config")
    if name == "DTypePolicy" and module == "keras":
        return config["name"]  # type: ignore[index]  # it has a config
    if isinstance(config, Mapping) and "trainable" in config:
        return {"layers": _layer(value, where)}
    family = _OF_MODULES.get(str(module), "")
    if value.get("registered_name") or arguments_of(family, name) is None:
        own = config if isinstance(config, str) else name
        raise _unsavable(where, f"{own!r:.60}, which is not among those that files hold")
    return {family: [name, arguments_described(family, name, config or {}, where)]}


def _layer(entry: Mapping[str, Any], where: str) -> list[Any]:
    module, name, config = str(entry.get("module")), entry["class_name"], entry["config"]
    own = f"{where}: the layer {config.get('name', '')!r:.60}"
    registered = entry.get("registered_name")
    if _MODEL_MODULES.get(name) == module and registered in (None, name):
        return [name, network_described(name, config, where)]
    family = _OF_MODULES.get(module, "")
    if family in OPERATIONS and arguments_of(family, name) is not None:
        return [f"{family}.{name}", arguments_described(family, name, config, own)]
    if family != "layers" or registered or arguments_of(family, name) is None:
        raise _unsavable(own, f"a {name}, and files hold no such layers")
    return [name, arguments_described(family, name, config, own)]


def _graph(config: Mapping[str, Any], where: str) -> Description:
    """The calls of a functional model in an order in which each has its inputs, and its inputs and
    outputs."""
    entries = config["layers"]
    kinds = {entry["name"]: entry["class_name"] for entry in entries}
    numbers: dict[tuple[str, int], int] = {}  # of calls, by layer and which of its calls
    calls: list[list[Any]] = []
    waiting = {entry["name"]: list(entry["inbound_nodes"]) for entry in entries}
    for number, entry in enumerate(entries):
        if entry["class_name"] == "InputLayer":
            numbers[entry["name"], 0] = len(calls)
            calls.append([number, None, None])
    while any(waiting.values()):
        before = len(calls)
        for number, entry in enumerate(entries):
            nodes, done = waiting[entry["name"]], 0
            while nodes and _ready(nodes[0], numbers):
                node = nodes.pop(0)
                done = sum(1 for name, _ in numbers if name == entry["name"])
                numbers[entry["name"], done] = len(calls)
                calls.append([number, *(_tensors(node[part], numbers, where) for part in _PARTS)])
        if len(calls) == before:
            raise _unsavable(where, "a graph of calls without a beginning")

    def ends(value: Any) -> Any:
        if isinstance(value, list) and len(value) == 3 and isinstance(value[0], str):
            name, node, output = value
            # Keras counts the calls of functional models from one here.
            return {"tensor": [numbers[name, node - (kinds[name] == "Functional")], output]}
        return _inside(value, ends, where)

    return {"calls": calls, **{part: ends(config[f"{part}_layers"]) for part in ENDS}}


_PARTS = ("args", "kwargs")
ENDS = ("input", "output")


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get("class_name") == "__keras_tensor__"


def _ready(node: Any, numbers: Mapping[tuple[str, int], int]) -> bool:
    """Whether the inputs of a call have been made."""
    if _is_tensor(node):
        name, call, _ = node["config"]["keras_history"]
        return (name, call) in numbers
    inside = node.values() if isinstance(node, Mapping) else node
    return not isinstance(node, Mapping | list | tuple) or all(_ready(e, numbers) for e in inside)


def _tensors(value: Any, numbers: Mapping[tuple[str, int], int], where: str) -> Any:
    """What a call is given, with tensors by the number of the call they come from."""
    if _is_tensor(value):
        name, call, output = value["config"]["keras_history"]
        return {"tensor": [numbers[name, call], output]}
    return _inside(value, lambda each: _tensors(each, numbers, where), where)


def _inside(value: Any, function: Any, where: str) -> Any:
    finite = type(value) in (int, float) and math.isfinite(value)
    if value is None or type(value) is bool or finite:
        return value
    if isinstance(value, list):
        return [function(each) for each in value]
    if isinstance(value, tuple):
        return {"tuple": [function(each) for each in value]}
    if isinstance(value, Mapping) and "class_name" not in value:
        return {"map": [[str(key), function(each)] for key, each in value.items()]}
    if isinstance(value, Mapping) and value["class_name"] == "__slice__":
        return {"slice": [value["config"][end] for end in ("start", "stop", "step")]}
    raise _unsavable(where, f"a call with {value!r:.60}")


def _unsavable(where: str, what: str) -> UnsavableError:
    return UnsavableError(f"A file cannot hold {where}: it is {what}. {_ADVICE}")
