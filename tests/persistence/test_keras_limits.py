"""Descriptions of Keras models that no model made: all are refused, quickly and before anything
large is made."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from typing import Any

import keras
import pytest
from keras import layers

from mlj_keras.builders import KerasModelBuilder
from mlj_keras.persistence.encoding import Encoder
from tests.persistence.keras_again import (
    decoded,
    encoded,
)


def described() -> tuple[Any, Encoder]:
    """The tree of a small functional model."""
    inputs = keras.Input((4,))
    x = layers.Dense(4, name="first")(inputs)
    return encoded(KerasModelBuilder(keras.Model(inputs, layers.Dense(2, name="last")(x))))


def refused(change: Callable[[dict[str, Any]], Any]) -> str:
    """The message for a description that was changed; it comes within two seconds."""
    tree, encoder = described()
    change(tree["keras"][1])
    start = time.perf_counter()
    with pytest.raises(ValueError) as caught:
        decoded(tree, encoder)
    assert time.perf_counter() - start < 2
    return str(caught.value)


def dense(content: dict[str, Any]) -> dict[str, Any]:
    """The arguments of the first Dense layer."""
    kind, arguments = content["network"]["layers"][1]
    assert kind == "Dense"
    return arguments  # type: ignore[no-any-return]  # of a tree


@pytest.mark.parametrize(
    ("argument", "value", "what"),
    [
        ("units", 0, "units must be an int of 1 to"),
        ("units", -3, "units must be an int"),
        ("units", True, "units must be an int"),
        ("units", 2.0, "units must be an int"),
        ("units", 2**40, "units must be an int"),
        ("units", 10**9, "other weights than its layers"),
        ("use_bias", 1, "use_bias must be a bool"),
        ("use_bias", False, "other weights than its layers"),
        ("activation", "os.system", "names 'os.system' of Keras' activations"),
        ("activation", {"class_name": "function", "config": "relu"}, "names {'class_name'"),
        ("activation", "get", "names 'get'"),
        ("kernel_initializer", "zeros", "must be one of Keras' initializers"),
        ("kernel_initializer", {"initializers": ["STFT", {}]}, "which files do not hold"),
        ("kernel_initializer", {"initializers": ["Zeros", {"a": 1}]}, "'a' too many or too few"),
        ("kernel_regularizer", {"constraints": ["NonNeg", {}]}, "must be one of Keras' regul"),
        ("kernel_regularizer", {"regularizers": ["L2", {"l2": "x"}]}, "l2 must be a finite"),
        ("dtype", "int8_from_float32", "dtype must be one of"),
        ("dtype", {"module": "os", "class_name": "system"}, "dtype must be one of"),
        ("name", "", "name must be a text"),
        ("name", "x" * 10**7, "name must be a text"),
        ("name", "a/b", "cannot contain"),
        ("trainable", None, "trainable must be a bool"),
        ("lora_rank", 2, "'lora_rank' too many"),
    ],
)
def test_an_argument_that_its_rule_does_not_take_is_refused(
    argument: str, value: Any, what: str
) -> None:
    message = refused(lambda content: dense(content).update({argument: value}))
    assert what in message


def test_a_missing_argument_is_refused() -> None:
    assert "'units' too many or too few" in refused(lambda content: dense(content).pop("units"))


@pytest.mark.parametrize(
    "layer",
    [
        ["Lambda", {"function": "os.system"}],
        ["TFSMLayer", {"filepath": "/tmp/x"}],
        ["StringLookup", {"vocabulary": "/etc/passwd"}],
        ["keras.layers.Dense", {}],
        ["os.system", {}],
        ["src.ops.numpy.Load", {"name": "x"}],
        ["Functional", {"class": "Functional", "layers": []}],
        ["Dense"],
        {"module": "keras.layers", "class_name": "Dense", "config": {"units": 4}},
        [
            "TimeDistributed",
            {"name": "x", "dtype": "float32", "layer": {"layers": ["Lambda", {}]}},
        ],
    ],
)
def test_a_layer_that_is_not_in_the_table_is_refused(layer: Any) -> None:
    def change(content: dict[str, Any]) -> None:
        content["network"]["layers"][1] = layer

    refused(change)


def calls(content: dict[str, Any]) -> Any:
    """The calls of the model."""
    return content["network"]["calls"]


def given_tensor(number: Any, output: Any = 0) -> Any:
    """What a call is given, in place of the inputs."""
    return {"tuple": [{"tensor": [number, output]}]}


@pytest.mark.parametrize(
    "call",
    [
        [1, given_tensor(1), {"map": []}],  # itself
        [1, given_tensor(2), {"map": []}],  # what comes later
        [1, given_tensor(-1), {"map": []}],
        [1, given_tensor("0"), {"map": []}],
        [1, given_tensor(0, 1), {"map": []}],
        [9, given_tensor(0), {"map": []}],
        [1, given_tensor(0), {"map": [["os", None]]}],
        [1, given_tensor(0), None],
        [1, {"tuple": []}, {"map": []}],
        [1, {"tuple": [{"slice": ["x", None, None]}]}, {"map": []}],
        [1, {"tuple": [{"class_name": "__keras_tensor__"}]}, {"map": []}],
        [1],
    ],
)
def test_a_call_of_what_is_not_there_is_refused(call: Any) -> None:
    refused(lambda content: calls(content).__setitem__(1, call))


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(weights=content["weights"][:-1]),
        lambda content: content.update(weights=content["weights"][::-1]),
        lambda content: content.update(weights=None),
        lambda content: content.update(weights="x"),
        lambda content: content.update(trainable=content["trainable"][:-1]),
        lambda content: content.update(trainable=[1, 1, 1]),
        lambda content: content.update(network=None),
        lambda content: content.update(more=1),
        lambda content: content["network"].update({"class": "Model"}),
        lambda content: content["network"].update({"class": "Sequential"}),
        lambda content: content["network"].update(output={"tensor": [7, 0]}),
        lambda content: content["network"].update(input=None),
        lambda content: content["network"].update(calls={}),
        lambda content: content["network"].update(more=1),
    ],
)
def test_a_description_that_none_is_made_of_is_refused(change: Any) -> None:
    refused(change)


def many_layers(content: dict[str, Any], n: int) -> None:
    """A chain of n layers."""
    network = content["network"]
    network["layers"][1:] = [network["layers"][1]] * n
    network["calls"][1:] = [[i + 1, given_tensor(i), {"map": []}] for i in range(n)]
    network["output"] = {"tensor": [n, 0]}


def test_a_network_that_is_too_large_is_refused_before_it_is_made() -> None:
    message = refused(lambda content: many_layers(content, 100_000))
    assert "has 100001 layers, and 2000 are the most" in message
    assert "in a row" in refused(lambda content: many_layers(content, 1900))
    repeated = [1, given_tensor(0), {"map": []}]
    message = refused(lambda content: calls(content).extend([repeated] * 5000))
    assert "calls, and 4000 are the most" in message


def test_models_in_models_cannot_multiply_their_calls() -> None:
    def change(content: dict[str, Any]) -> None:
        inner = copy.deepcopy(content["network"])
        for i in range(14):
            outer = copy.deepcopy(content["network"])
            outer["name"] = f"n{i}"
            outer["layers"] = [outer["layers"][0], ["Functional", inner]]
            outer["calls"][1:] = [[1, given_tensor(k), {"map": []}] for k in range(3)]
            outer["output"] = {"tensor": [3, 0]}
            inner = outer
        content["network"] = inner

    assert "are the most" in refused(change)


def test_deep_trees_are_refused() -> None:
    def change(content: dict[str, Any]) -> None:
        deep: Any = 0
        for _ in range(500):
            deep = [deep]
        dense(content)["units"] = deep

    assert "nested too deeply" in refused(change)


@pytest.mark.parametrize(
    "inside",
    [
        None,
        [],
        [[]],
        "losses",
        ["losses", "deserialize"],
        ["losses", "Loss", {}],
        ["losses", "Huber", {"delta": 1.0}],
        ["optimizers", "LossScaleOptimizer"],
        ["optimizers.schedules", "LearningRateSchedule", {}],
        ["saving", "load_model"],
        ["layers", "Dense", {"units": 2}],
        ["builder"],
        ["builder", {}],
        {"class_name": "Huber", "config": {"delta": 1.0}},
    ],
)
def test_other_content_is_refused(inside: Any) -> None:
    with pytest.raises(ValueError):
        decoded({"keras": inside}, Encoder())


def test_nothing_waits_in_keras_after_a_refusal() -> None:
    refused(lambda content: dense(content).update(units=10**9))
    with keras.StatelessScope():
        pass  # whatever waits would be made here, at the end
    layer = layers.Dense(2)
    layer.build((None, 3))
    assert layer.kernel.shape == (3, 2)


@pytest.mark.parametrize("name", ["Dense", "GlorotUniform", "relu", "Zeros", "Huber"])
def test_a_registered_object_of_the_same_name_is_not_used(name: str) -> None:
    class Other:
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            raise AssertionError("it was used")

    tree, encoder = described()
    loss, beside = encoded(keras.losses.Huber(2.0))
    with keras.saving.custom_object_scope({name: Other, f"Custom>{name}": Other}):
        found = decoded(tree, encoder)
        assert type(decoded(loss, beside)) is keras.losses.Huber
    assert type(found.model.get_layer("first")) is layers.Dense


def test_a_tree_is_plain_json() -> None:
    tree, _ = described()
    assert json.loads(json.dumps(tree)) == tree
    assert '"class_name"' not in json.dumps(tree)
