"""`as_builder`: what containers accept as their builder, and what they say to the rest."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.builders import KerasModelBuilder
from mlj_keras.builders.convert import as_builder
from mlj_keras.errors import InvalidModelError


def net(inputs: Any, n_out: int) -> Any:
    """A function that is no builder yet."""
    return inputs


def test_a_builder_is_returned_as_it_is() -> None:
    builder = mlj.MLP()
    assert as_builder(builder) is builder


def test_a_keras_model_becomes_a_builder() -> None:
    import keras

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    builder = as_builder(model)
    assert isinstance(builder, KerasModelBuilder)
    assert builder.model is model


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (mlj.MLP, r"builder is the class MLP. Give an instance: MLP\(\)\."),
        (net, r"builder is a function. Write builder_from\(net\)\."),
        (lambda inputs, n_out: inputs, r"Write builder_from\(f\)\."),
        ("mlp", r"a Builder such as MLP\(hidden=\(32,\)\), or a keras.Model, got 'mlp'\."),
        (None, "or a keras.Model, got None"),
        ((32, 32), r"or a keras.Model, got \(32, 32\)"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        as_builder(value)
    with pytest.raises(InvalidModelError, match=f"NeuralNetworkRegressor.builder: .*{message}"):
        mlj.NeuralNetworkRegressor(builder=value)


def test_keras_classes_and_layers_are_no_builders() -> None:
    import keras

    with pytest.raises(TypeError, match="builder is the class Sequential"):
        as_builder(keras.Sequential)
    with pytest.raises(TypeError, match="or a keras.Model, got <Dense"):
        as_builder(keras.layers.Dense(1))
