"""Networks of Keras from what a file says of them: layers of the tables, called in their order,
with weights whose shapes are checked before there is room for any.

Knows descriptions, as `_keras_description` makes them, and Keras' layers. Source: ours.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.persistence._keras_description import Description, network_described
from mlj_keras.persistence._keras_limits import MODELS, check_size, index
from mlj_keras.persistence._keras_making import calling, generator_kept, made
from mlj_keras.persistence._keras_rules import RULES, name, optional, pair
from mlj_keras.persistence._keras_tables import OPERATIONS

keras = lazy_module("keras")

Shapes = list[tuple[tuple[int, ...], str]]

_MOST_OTHERS = 2**22  # numbers in variables that get no weights, such as the state of an LSTM
_CALL_ARGUMENTS = frozenset(
    """attention_mask initial_state inputs key key_mask mask query query_mask
    return_attention_scores reverse sequences training use_causal_mask value value_mask""".split()
)


def network_made(
    network: Any, flags: Any, weights: Sequence[np.ndarray] | None, where: str
) -> Any:
    """The Keras model of a description, with its weights.

    Args: network: its description · flags: which layers are trained · weights: arrays, in Keras'
        order, or None for a model that has none yet · where: for messages. The description has
        passed `check_size`.
    Raises: ValueError for what no description says, and for weights of other shapes or dtypes than
        the layers have; before anything large is made.
    """
    with _values_later():
        model = calling(lambda: _network(network, where), where)
        _set_trainable(model, flags, where)
        if _shapes(model) != (None if weights is None else shapes_of(weights)):
            raise ValueError(f"{where} has other weights than its layers")
        for variable, array in zip(model.weights if weights else (), weights or (), strict=True):
            _give(variable, array)
    return model


def network_again(network: Description, where: str) -> tuple[Description, Shapes | None]:
    """What a description gives when it is made, without any values: a description, and (shape,
    dtype) of the weights.

    Raises: ValueError for what no description says.
    """
    check_size(network, where)
    with _values_later(never=True):
        model = calling(lambda: _network(network, where), where)
        described = network_described(network["class"], model.get_config(), where)
        return described, _shapes(model)


def shapes_of(arrays: Sequence[np.ndarray]) -> Shapes:
    """(shape, dtype) of arrays."""
    return [(array.shape, array.dtype.name) for array in arrays]


def _shapes(model: Any) -> Shapes | None:
    """(shape, dtype) of the weights of a model; None if it is not built."""
    weights = model.weights if model.built else []
    known = {id(variable) for variable in weights}
    others = [variable for variable in model.variables if id(variable) not in known]
    if sum(math.prod(variable.shape) for variable in others) > _MOST_OTHERS:
        raise ValueError(
            f"it has large variables that are no weights, such as {others[0].path!r:.80}"
        )
    if not model.built:
        return None
    return [(tuple(v.shape), keras.backend.standardize_dtype(v.dtype)) for v in weights]


@contextlib.contextmanager
def _values_later(*, never: bool = False) -> Iterator[None]:
    """A block in which Keras makes variables without values, which they get at its end; not if it
    fails."""
    # Keras has no public name for the list of variables that wait.
    from keras.src.backend.common import global_state

    try:
        with generator_kept():
            with keras.StatelessScope(initialize_variables=False):
                yield
            if not never:
                with keras.StatelessScope():
                    pass  # at its end all that wait get their values
    finally:
        global_state.set_global_attribute("uninitialized_variables", [])


def _give(variable: Any, array: np.ndarray) -> None:
    variable._initializer = lambda shape, dtype=None: keras.ops.convert_to_tensor(array, dtype)


_FIELDS = {
    "Sequential": {"class", "name", "trainable", "layers", "shape"},
    "Functional": {"class", "name", "trainable", "layers", "calls", "input", "output"},
}


def _network(network: Any, where: str) -> Any:
    kind = network.get("class")
    if type(kind) is not str or set(network) != _FIELDS.get(kind):
        raise ValueError(f"{where} has no description of a network")
    own = name(network["name"], where)
    trainable = RULES["trainable"](network["trainable"], where)
    layers = [_layer(each, where) for each in network["layers"]]
    if kind == "Sequential":
        model = keras.Sequential(layers, name=own, trainable=trainable)
        shape = optional(RULES["batch_shape"])(network["shape"], where)
        if shape is not None and not model.built:
            model.build(shape)
        return model
    outputs: list[list[Any]] = []
    for call in network["calls"]:
        outputs.append(_called(call, layers, outputs, where))
    ends = (_given(network[part], outputs, where) for part in ("input", "output"))
    return keras.Model(*ends, name=own, trainable=trainable)


def _layer(value: Any, where: str) -> Any:
    kind, inside = pair(value, where)
    if kind in MODELS:
        if inside.get("class") != kind:
            raise ValueError(f"{where} has a model that is no {kind}")
        return _network(inside, where)
    family, _, own = kind.rpartition(".") if type(kind) is str else ("", "", kind)
    if family not in ("", *OPERATIONS):
        raise ValueError(f"{where} has a layer {kind!r:.60}, which files do not hold")
    return made(family or "layers", own, inside, where)


def _called(call: list[Any], layers: list[Any], outputs: list[list[Any]], where: str) -> list[Any]:
    """The tensors that a call of a layer gives."""
    layer = layers[index(call[0], len(layers), where)]
    if type(layer) is keras.layers.InputLayer:
        return [layer.output]
    args = _given(call[1], outputs, where)
    named = _given(call[2], outputs, where)
    if (
        not isinstance(args, tuple)
        or not isinstance(named, dict)
        or not set(named) <= _CALL_ARGUMENTS
    ):
        raise ValueError(f"{where} has a call with {named!r:.60}")
    return list(keras.tree.flatten(layer(*args, **named)))


def _given(value: Any, outputs: list[list[Any]], where: str) -> Any:
    """What a call is given: tensors of calls before it, in lists, tuples and mappings."""
    if value is None or type(value) is bool:
        return value
    if type(value) in (int, float):
        return RULES["number"](value, where)
    if type(value) is list:
        return [_given(each, outputs, where) for each in value]
    if type(value) is not dict or len(value) != 1:
        raise ValueError(f"{where} has a call with {value!r:.60}")
    ((kind, inside),) = value.items()
    if kind == "tuple" and type(inside) is list:
        return tuple(_given(each, outputs, where) for each in inside)
    if kind == "map" and type(inside) is list:
        pairs = (pair(each, where) for each in inside)
        return {name(key, where): _given(each, outputs, where) for key, each in pairs}
    if kind == "slice" and type(inside) is list and len(inside) == 3:
        return slice(*(RULES["whole_or_None"](end, where) for end in inside))
    if kind == "tensor":
        call, output = pair(inside, where)
        found = outputs[index(call, len(outputs), where)]
        return found[index(output, len(found), where)]
    raise ValueError(f"{where} has a call with {value!r:.60}")


def _set_trainable(model: Any, flags: Any, where: str) -> None:
    layers = [
        each for each in model._flatten_layers() if type(each) is not keras.layers.InputLayer
    ]
    known = type(flags) is list and all(type(flag) is bool for flag in flags)
    if not known or len(flags) != len(layers):
        raise ValueError(f"{where} does not say of each layer whether it is trained")
    for layer, trainable in zip(layers, flags, strict=True):
        layer.trainable = trainable
