"""Keras' objects among hyper-parameters: losses, functions, schedules, classes of optimizers,
initialisers and the like, and Keras models as builders.

What is not in the closed tables is not known here. Source: ours.
"""

from __future__ import annotations

import copy
import sys
import weakref
from collections.abc import Mapping
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.builders import KerasModelBuilder
from mlj_keras.errors import UnsavableError
from mlj_keras.persistence._keras_description import arguments_described, network_described
from mlj_keras.persistence._keras_limits import check_size
from mlj_keras.persistence._keras_making import (
    arguments_of,
    calling,
    generator_kept,
    made,
    module_of,
    named,
)
from mlj_keras.persistence._keras_networks import (
    network_again,
    network_made,
    shapes_of,
)
from mlj_keras.persistence._keras_tables import CLASSES, FUNCTIONS, TYPES
from mlj_keras.storage.strict_json import dumped

keras = lazy_module("keras")

_OBJECTS = ("losses", "optimizers.schedules", "initializers", "regularizers", "constraints")
_BUILDER = "builder"
# What each Decoder has made, by its content.
_made: weakref.WeakKeyDictionary[Any, dict[bytes, Any]] = weakref.WeakKeyDictionary()


def tree_of_builder(trees: Any, model: Any, where: str) -> Any:
    """The tree of a `KerasModelBuilder`; None for any other model.

    Args: trees: an Encoder · model: of this package · where: it is, for messages.
    Raises: UnsavableError for a Keras model that is no plain graph of layers of the tables, naming
        the layer.
    """
    if type(model) is not KerasModelBuilder:
        return None
    captured = model.__getstate__()["_captured"]
    kind = _kind(captured.kind)
    if kind is None:
        raise UnsavableError(
            f"A file cannot hold {where}: {captured.config.get('name', 'it')!r:.60} is a Keras "
            f"model of the class {captured.kind.__name__}. Make it with keras.Sequential or "
            "keras.Model(inputs, outputs), or write a Builder class that makes its layers in a "
            "module of its own, which load_machine takes with trusted=."
        )
    network = network_described(kind, captured.config, where)
    shapes = None if captured.weights is None else shapes_of(captured.weights)
    _check_again(network, shapes, where)
    arrays = None
    if captured.weights is not None:
        arrays = [trees.array(array, f"{where}: its weights") for array in captured.weights]
    flags = list(captured.trainable)
    return {"keras": [_BUILDER, {"network": network, "trainable": flags, "weights": arrays}]}


def _kind(cls: type) -> str | None:
    # Keras has no public name for the class of functional models.
    from keras.src.models.functional import Functional

    return {keras.Sequential: "Sequential", Functional: "Functional"}.get(cls)


def _check_again(network: Any, shapes: Any, where: str) -> None:
    """Raise UnsavableError unless a description says all of a network: better than at loading."""
    try:
        found = network_again(network, where)
    except ValueError as error:
        reason = str(error).strip().split("\n")[0]
        raise UnsavableError(
            f"A file cannot hold {where}: its Keras model cannot be made again ({reason}) Write a "
            "Builder class that makes its layers in a module of its own."
        ) from error
    if found != (network, shapes):
        raise UnsavableError(
            f"A file cannot hold {where}: a Keras model made of its layers is another one. Write "
            "a Builder class that makes its layers in a module of its own."
        )


def tree_of(trees: Any, value: Any, where: str) -> Any:
    """The tree of an object, a function or a class of Keras that is in the tables; None for
    anything else.

    Args: trees: an Encoder · value · where: it is, for messages.
    Raises: UnsavableError for one that has arguments which a file cannot hold.
    """
    if "keras" not in sys.modules:  # then it cannot be of Keras
        return None
    name = getattr(value, "__name__", None)
    for table in (FUNCTIONS, TYPES):
        for family, names in table.items():
            if name in names and getattr(module_of(family), name) is value:
                return {"keras": [family, name]}
    name = type(value).__name__
    for family in _OBJECTS:
        if name in CLASSES[family] and type(value) is getattr(module_of(family), name):
            arguments = arguments_described(family, name, _settings(family, name, value), where)
            return {"keras": [family, name, arguments]}
    return None


def _settings(family: str, name: str, value: Any) -> Mapping[str, Any]:
    """The arguments that an object was made with."""
    if family != "losses":
        found: Mapping[str, Any] = value.get_config()
        return found
    # Not the config alone: Huber leaves its delta out of it, and CosineSimilarity its axis.
    whole = {**value.get_config(), **value._fn_kwargs, "dtype": value.dtype}
    return {key: each for key, each in whole.items() if key in (arguments_of(family, name) or ())}


def value_of(values: Any, inside: Any, where: str) -> Any:
    """The object, function, class or builder of a tree.

    What is said in one way twice is one object, as it was before: models compare most of these by
    identity.
    Args: values: a Decoder · inside: the content of the tree · where: it is, for messages.
    Raises: ValueError for what `tree_of` and `tree_of_builder` do not make.
    """
    if type(inside) is list and inside[:1] == [_BUILDER]:
        _check_builder(inside, where)
    known = _made.setdefault(values, {})
    key = calling(lambda: dumped(inside), where)
    if key not in known:
        with generator_kept():
            known[key] = _value(values, inside, where)
    found = known[key]
    # Builders can be set; copies of one share the Keras model.
    return copy.deepcopy(found) if isinstance(found, KerasModelBuilder) else found


def _check_builder(inside: list[Any], where: str) -> None:
    content = inside[1] if len(inside) == 2 else None
    if type(content) is not dict or set(content) != {"network", "trainable", "weights"}:
        raise ValueError(f"{where} has no description of a network")
    check_size(content["network"], where)


def _value(values: Any, inside: Any, where: str) -> Any:
    if type(inside) is not list or not inside or type(inside[0]) is not str:
        raise ValueError(f"{where} is no object of Keras that a file holds")
    kind, *rest = inside
    if kind == _BUILDER:
        return _builder(values, rest[0], where)
    if len(rest) == 1:
        return named(FUNCTIONS if kind in FUNCTIONS else TYPES, kind, rest[0], where)
    if kind in _OBJECTS and len(rest) == 2:
        return made(kind, rest[0], rest[1], where)
    raise ValueError(f"{where} is no object of Keras that a file holds")


def _builder(values: Any, content: dict[str, Any], where: str) -> KerasModelBuilder:
    trees, weights = content["weights"], None
    if trees is not None:
        if type(trees) is not list:
            raise ValueError(f"{where} has no list of weights")
        weights = [values.array(each, f"{where}: its weights") for each in trees]
    return KerasModelBuilder(
        network_made(content["network"], content["trainable"], weights, where)
    )
