"""Facts about layers: padding changes nothing for row-wise ones, and what a network ends in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from mlj_keras.engine.layers import (
    _ROW_WISE,
    can_be_padded,
    ends_in,
    has_convolution,
    is_row_wise,
    keep_from_cudnn,
    uses_cudnn,
)
from mlj_keras.engine.precision import computing_in

Layers = keras.layers

FLAT, SERIES, IMAGE = (4,), (6, 4), (6, 6, 4)
ROW_WISE: list[tuple[Callable[[], Any], tuple[int, ...]]] = [
    (lambda: Layers.Dense(3, "relu"), FLAT),
    (lambda: Layers.PReLU(), FLAT),
    (lambda: Layers.Dense(2, kernel_regularizer="l2"), FLAT),
    (lambda: Layers.Dropout(0.5), FLAT),
    (lambda: Layers.LayerNormalization(), FLAT),
    (lambda: Layers.UnitNormalization(), FLAT),
    (lambda: Layers.RMSNormalization(), FLAT),
    (lambda: Layers.GroupNormalization(2), IMAGE),
    (lambda: Layers.RepeatVector(2), FLAT),
    (lambda: Layers.Reshape((2, 2)), FLAT),
    (lambda: Layers.EinsumDense("ab,bc->ac", 3), FLAT),
    (lambda: Layers.Conv1D(2, 3), SERIES),
    (lambda: Layers.Conv2D(2, 3), IMAGE),
    (lambda: Layers.Conv2DTranspose(2, 3), IMAGE),
    (lambda: Layers.DepthwiseConv2D(3), IMAGE),
    (lambda: Layers.SeparableConv2D(2, 3), IMAGE),
    (lambda: Layers.MaxPooling2D(), IMAGE),
    (lambda: Layers.GlobalAveragePooling2D(), IMAGE),
    (lambda: Layers.Flatten(), IMAGE),
    (lambda: Layers.LSTM(3), SERIES),
    (lambda: Layers.GRU(3, return_sequences=True), SERIES),
    (lambda: Layers.Bidirectional(Layers.SimpleRNN(2)), SERIES),
    (lambda: Layers.RNN(Layers.GRUCell(2)), SERIES),
    (lambda: Layers.TimeDistributed(Layers.Dense(2)), SERIES),
    (lambda: keras.Sequential([Layers.Dense(2), Layers.Softmax()]), FLAT),
]


def network(layer: Callable[[Any], Any], shape: tuple[int, ...]) -> Any:
    inputs = keras.Input(shape)
    return keras.Model(inputs, layer(inputs))


def rows_meet(net: Any, shape: tuple[int, ...], *, training: bool) -> bool:
    """Whether the outputs for three rows change when two more follow them in the batch."""
    x = np.random.default_rng(0).normal(size=(5, *shape)).astype("float32")
    alone, padded = net(x[:3], training=training), net(x, training=training)
    return not np.allclose(np.asarray(alone), np.asarray(padded)[:3], atol=1e-5)


@pytest.mark.parametrize(("make", "shape"), ROW_WISE)
def test_row_wise_layers_are_known_and_give_a_row_the_same_whatever_follows_it(
    make: Callable[[], Any], shape: tuple[int, ...]
) -> None:
    net = network(make(), shape)
    assert is_row_wise(net)
    assert not rows_meet(net, shape, training=False)


def test_attention_works_row_by_row() -> None:
    inputs = keras.Input(SERIES)
    net = keras.Model(inputs, Layers.MultiHeadAttention(2, 3)(inputs, inputs))
    assert is_row_wise(net)
    assert not rows_meet(net, SERIES, training=True)


def test_every_layer_on_the_list_is_one_of_keras() -> None:
    known = {getattr(found, "__name__", "") for found in vars(keras.layers).values()}
    assert _ROW_WISE - known == {"Functional", "Sequential"}


class Scaled(keras.layers.Layer):
    """A layer of a user's own."""

    def call(self, x: Any) -> Any:
        return 2 * x


class Dense(keras.layers.Dense):
    """A layer of a user's own with the name of one of Keras."""


OTHERS = {
    "batch normalisation": lambda x: Layers.BatchNormalization()(x),
    "batch normalisation inside": lambda x: keras.Sequential([Layers.BatchNormalization()])(x),
    "in TimeDistributed": lambda x: Layers.Flatten()(
        Layers.TimeDistributed(Layers.BatchNormalization())(Layers.Reshape((2, 2))(x))
    ),
    "a function": lambda x: Layers.Lambda(lambda t: t, output_shape=FLAT)(x),
    "an own layer": lambda x: Scaled()(x),
    "an own layer named as a known one": lambda x: Dense(2)(x),
    "a regulariser of activities": lambda x: Layers.Dense(2, activity_regularizer="l2")(x),
    "a mean over rows": lambda x: x - keras.ops.mean(x, axis=0, keepdims=True),
    "reversed rows": lambda x: keras.ops.flip(x, axis=0),
    "the first row": lambda x: x + x[0],
}


@pytest.mark.parametrize("name", OTHERS)
def test_what_mixes_rows_or_is_unknown_is_not_row_wise(name: str) -> None:
    net = network(OTHERS[name], FLAT)
    assert not is_row_wise(net)
    outer = keras.Input(FLAT)
    assert not is_row_wise(keras.Model(outer, net(outer))), "nor inside another network"


@pytest.mark.parametrize("name", OTHERS)
def test_only_batch_normalisation_may_be_padded_besides(name: str) -> None:
    padded = name in ("batch normalisation", "batch normalisation inside")
    assert can_be_padded(network(OTHERS[name], FLAT)) is padded


@pytest.mark.parametrize("name", ["batch normalisation", "a mean over rows", "the first row"])
def test_rows_do_meet_in_layers_that_mix_them(name: str) -> None:
    net = network(OTHERS[name], FLAT)
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
    alone, shifted = net(x[1:4], training=True), net(x, training=True)
    assert not np.allclose(np.asarray(alone), np.asarray(shifted)[1:4], atol=1e-3)


def test_arithmetic_and_columns_of_tensors_are_row_wise() -> None:
    net = network(
        lambda x: keras.ops.concatenate(
            [keras.ops.relu(x[:, :2] * 3 + 1) / 2, -keras.ops.sqrt(keras.ops.square(x))], axis=1
        ),
        FLAT,
    )
    assert is_row_wise(net)
    assert not rows_meet(net, FLAT, training=True)


def test_convolutions_are_found_at_any_depth() -> None:
    inner = keras.Sequential([Layers.Conv1D(2, 3)])
    assert has_convolution(network(inner, SERIES))
    assert has_convolution(network(Layers.SeparableConv2D(2, 3), IMAGE))
    assert has_convolution(network(Layers.DepthwiseConv2D(3), IMAGE))
    assert not has_convolution(network(Layers.LSTM(2), SERIES))


class Subclassed(keras.Model):
    """A network of a user's own, into which nobody can look."""

    def __init__(self) -> None:
        super().__init__()
        self.outer = Layers.Dense(2, "softmax")

    def call(self, x: Any) -> Any:
        return self.outer(x)


ENDS = {
    "an activation of the last layer": (lambda x: Layers.Dense(2, "softmax")(x), "softmax"),
    "an Activation layer": (lambda x: Layers.Activation("sigmoid")(x), "sigmoid"),
    "a Softmax layer": (lambda x: Layers.Softmax()(x), "softmax"),
    "an operation": (lambda x: keras.ops.sigmoid(x), "sigmoid"),
    "a network that ends so": (
        lambda x: keras.Sequential([keras.Sequential([Layers.Dense(2, "softmax")])])(x),
        "softmax",
    ),
    "a linear layer": (lambda x: Layers.Dense(2)(x), None),
    "another activation": (lambda x: Layers.Dense(2, "relu")(x), None),
    "softmax before the end": (lambda x: Layers.Dense(2)(Layers.Softmax()(x)), None),
    "a subclassed network": (lambda x: Subclassed()(x), None),
}


@pytest.mark.parametrize("name", ENDS)
def test_the_end_of_a_network_is_softmax_or_sigmoid_only_if_that_comes_last(name: str) -> None:
    layer, expected = ENDS[name]
    assert ends_in(network(layer, FLAT)) == expected


CUDNN = {
    "LSTM": (lambda: Layers.LSTM(3), True),
    "GRU": (lambda: Layers.GRU(3), True),
    "both ways": (lambda: Layers.Bidirectional(Layers.LSTM(3)), True),
    "told not to": (lambda: Layers.LSTM(3, use_cudnn=False), False),
    "another activation": (lambda: Layers.LSTM(3, activation="relu"), False),
    "no bias": (lambda: Layers.GRU(3, use_bias=False), False),
    "reset before": (lambda: Layers.GRU(3, reset_after=False), False),
    "recurrent dropout": (lambda: Layers.LSTM(3, recurrent_dropout=0.1), False),
    "unrolled": (lambda: Layers.LSTM(3, unroll=True), False),
    "plain": (lambda: Layers.SimpleRNN(3), False),
}


@pytest.mark.parametrize("case", CUDNN)
def test_recurrent_layers_are_left_to_cudnn_on_a_gpu_alone(case: str) -> None:
    make, expected = CUDNN[case]
    net = network(make(), SERIES)
    keep_from_cudnn(net, "/GPU:0")
    assert uses_cudnn(net) is expected
    keep_from_cudnn(net, "/CPU:0")
    assert not uses_cudnn(net)


def test_cudnn_is_not_used_in_bfloat16() -> None:
    with computing_in("mixed_bfloat16"):
        net = network(Layers.LSTM(3), SERIES)
    keep_from_cudnn(net, "/GPU:0")
    assert not uses_cudnn(net)
