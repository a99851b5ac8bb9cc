"""Keras models in files: every layer of the tables, and graphs of all forms, come back equal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers, ops

from mlj_keras.builders import KerasModelBuilder
from mlj_keras.persistence import _keras_making
from mlj_keras.persistence._keras_making import arguments_of
from mlj_keras.persistence._keras_tables import CLASSES, FUNCTIONS, TYPES
from tests.persistence.keras_again import (
    ROW,
    again,
    captured,
    check_again,
    outputs,
)

STEPS, IMAGE, VOLUME = (5, 4), (8, 8, 3), (4, 4, 4, 2)
OF_RANK = {1: STEPS, 2: IMAGE, 3: VOLUME}


# What each layer is given, and its arguments.
CASES: dict[str, tuple[tuple[int, ...], tuple[Any, ...]]] = {
    "Activation": (ROW, ("gelu",)),
    "ActivityRegularization": (ROW, (0.1, 0.2)),
    "AlphaDropout": (ROW, (0.2,)),
    "BatchNormalization": (ROW, ()),
    "Bidirectional": (STEPS, (layers.LSTM(2),)),
    "CategoryEncoding": (ROW, (6,)),
    "CenterCrop": (IMAGE, (4, 4)),
    "Dense": (ROW, (3,)),
    "Discretization": (ROW, ([0.0, 1.0],)),
    "Dropout": (ROW, (0.2,)),
    "ELU": (ROW, ()),
    "EinsumDense": (ROW, ("ab,bc->ac", 3)),
    "Embedding": (ROW, (4, 2)),
    "Flatten": (STEPS, ()),
    "GRU": (STEPS, (3,)),
    "GaussianDropout": (ROW, (0.1,)),
    "GaussianNoise": (ROW, (0.1,)),
    "GroupNormalization": (ROW, (2,)),
    "Identity": (ROW, ()),
    "LSTM": (STEPS, (3,)),
    "LayerNormalization": (ROW, ()),
    "LeakyReLU": (ROW, ()),
    "Masking": (STEPS, ()),
    "Normalization": (ROW, (-1, [1.0] * 6, [2.0] * 6)),
    "PReLU": (ROW, ()),
    "Permute": (STEPS, ((2, 1),)),
    "RMSNormalization": (ROW, ()),
    "RNN": (STEPS, ([layers.LSTMCell(2), layers.GRUCell(3), layers.SimpleRNNCell(2)],)),
    "RandomBrightness": (IMAGE, (0.1,)),
    "RandomContrast": (IMAGE, (0.1,)),
    "RandomCrop": (IMAGE, (4, 4)),
    "RandomFlip": (IMAGE, ()),
    "RandomRotation": (IMAGE, (0.1,)),
    "RandomTranslation": (IMAGE, (0.1, 0.1)),
    "RandomZoom": (IMAGE, (0.1,)),
    "ReLU": (ROW, (2.0,)),
    "RepeatVector": (ROW, (2,)),
    "Rescaling": (ROW, (0.5, [1.0] * 6)),
    "Reshape": (ROW, ((3, -1),)),
    "Resizing": (IMAGE, (4, 4)),
    "ReversibleEmbedding": (ROW, (4, 2)),
    "SimpleRNN": (STEPS, (3,)),
    "Softmax": (ROW, ()),
    "SpectralNormalization": (ROW, (layers.Dense(2),)),
    "TimeDistributed": (STEPS, (layers.Dense(2),)),
    "UnitNormalization": (ROW, ()),
}
for rank, shape in OF_RANK.items():
    for kind in ("AdaptiveAveragePooling", "AdaptiveMaxPooling", "AveragePooling", "MaxPooling"):
        CASES[f"{kind}{rank}D"] = (shape, (2,))
    for kind in (
        "Cropping",
        "GlobalAveragePooling",
        "GlobalMaxPooling",
        "UpSampling",
        "ZeroPadding",
    ):
        CASES[f"{kind}{rank}D"] = (shape, ())
    for kind in ("Conv", "SeparableConv", "DepthwiseConv"):
        if kind == "Conv" or rank < 3:
            CASES[f"{kind}{rank}D"] = (shape, (2,) if kind == "DepthwiseConv" else (2, 2))
    CASES[f"Conv{rank}DTranspose"] = (shape, (2, 2))
    CASES[f"ConvLSTM{rank}D"] = ((3, *shape), (2, 2))
    CASES[f"SpatialDropout{rank}D"] = (shape, (0.1,))
MERGING = {name: () for name in ("Add", "Average", "Concatenate", "Maximum", "Minimum")}
MERGING |= {"Dot": (1,), "Multiply": (), "Subtract": ()}  # type: ignore[dict-item]
ATTENTION: dict[str, tuple[Any, ...]] = {
    "AdditiveAttention": (),
    "Attention": (),
    "GroupQueryAttention": (2, 2, 1),
    "MultiHeadAttention": (2, 2),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_layer_of_the_table_comes_back_with_its_arguments_and_weights(name: str) -> None:
    shape, arguments = CASES[name]
    network = keras.Sequential([keras.Input(shape), getattr(layers, name)(*arguments)])
    # Some of those that change images at random do so at prediction, too.
    check_again(network, shape, exact=not name.startswith("Random"))


@pytest.mark.parametrize("name", sorted(MERGING))
def test_a_layer_that_merges_gets_its_inputs_as_a_list(name: str) -> None:
    inputs = keras.Input(ROW)
    both = [layers.Dense(3)(inputs), layers.Dense(3)(inputs)]
    check_again(keras.Model(inputs, getattr(layers, name)(*MERGING[name])(both)), ROW)


@pytest.mark.parametrize("name", sorted(ATTENTION))
def test_attention_gets_its_inputs_one_by_one_or_as_a_list(name: str) -> None:
    inputs, layer = keras.Input(STEPS), getattr(layers, name)(*ATTENTION[name])
    if name.endswith("QueryAttention") or name.startswith("Multi"):
        end = layer(inputs, value=inputs, use_causal_mask=True)
    else:
        end = layer([inputs, inputs])
    check_again(keras.Model(inputs, end), STEPS)


def test_every_layer_of_the_table_is_tested_here() -> None:
    inside = {"InputLayer", "LSTMCell", "GRUCell", "SimpleRNNCell", "StackedRNNCells"}
    assert set(CASES) | set(MERGING) | set(ATTENTION) | inside == set(CLASSES["layers"])


def test_layers_that_run_code_or_read_files_are_in_no_table() -> None:
    never = """FlaxLayer Hashing HashedCrossing IntegerLookup JaxLayer Lambda Layer StringLookup
    TFSMLayer TextVectorization TorchModuleWrapper Wrapper""".split()
    assert not set(never) & set(CLASSES["layers"])
    assert not {"LossScaleOptimizer", "MultiOptimizer", "Optimizer"} & TYPES["optimizers"]
    assert not {"get", "deserialize", "serialize"} & set().union(*FUNCTIONS.values())


def test_arguments_that_are_objects_of_keras_come_back() -> None:
    dense = layers.Dense(
        3,
        activation=keras.activations.gelu,
        dtype="mixed_float16",
        kernel_initializer=keras.initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=3),
        bias_initializer=keras.initializers.Constant(0.5),
        kernel_regularizer=keras.regularizers.L1L2(0.1, 0.2),
        activity_regularizer=keras.regularizers.L2(0.1),
        bias_constraint=keras.constraints.MaxNorm(2.0, axis=0),
    )
    check_again(keras.Sequential([keras.Input(ROW), dense]), ROW)


def test_layers_that_are_shared_stay_shared() -> None:
    inputs, first, second = keras.Input((4,)), layers.Dense(4), layers.Dense(4)
    x = second(first(inputs))
    y = first(x)
    network = check_again(keras.Model(inputs, layers.Add()([x, y, second(y)])), (4,))
    assert len(network.weights) == 4


def test_models_in_models_come_back_with_what_is_frozen_in_them() -> None:
    inputs = keras.Input((4,))
    inner = keras.Model(inputs, layers.Dense(4, name="last")(layers.Dense(5)(inputs)), name="in")
    inner.trainable = False
    inner.get_layer("last").trainable = True
    beside = keras.Sequential([layers.Dense(3), layers.BatchNormalization()], name="beside")
    start = keras.Input((4,))
    x = inner(layers.Dense(4)(inner(start)))
    found = check_again(keras.Model(start, layers.Concatenate()([x, beside(x)])), (4,))
    assert not found.get_layer("in").trainable
    assert found.get_layer("in").get_layer("last").trainable


def test_several_inputs_and_outputs_states_and_masks_come_back() -> None:
    words, numbers = keras.Input((5,), name="words"), keras.Input((3,), name="numbers")
    x = layers.Embedding(9, 4, mask_zero=True)(words)
    x, h, c = layers.LSTM(4, return_sequences=True, return_state=True)(x)
    x = layers.Bidirectional(layers.LSTM(4))(x, initial_state=[h, c, h, c])
    end = layers.Concatenate()([x, numbers])
    check_again(keras.Model([words, numbers], [end, h]), (5,), (3,))
    inner = keras.Model({"words": words, "numbers": numbers}, {"end": end})
    check_again(
        keras.Model([words, numbers], inner({"words": words, "numbers": numbers})["end"]),
        (5,),
        (3,),
    )


def test_what_is_written_on_tensors_comes_back() -> None:
    x = keras.Input((5, 4))
    y = abs(-(((x + x * 2 - 1.5) / 3) ** 2)) + ops.relu(x) + ops.gelu(x) + ops.maximum(x, 0.5)
    y = ops.concatenate([y, ops.where(x > 1, x, 0.0)], axis=1)[:, 1:3] + ops.mean(
        y, axis=1, keepdims=True
    )
    check_again(keras.Model(x, ops.reshape(ops.transpose(y, (0, 2, 1)), (-1, 8))), (5, 4))


def test_a_sequential_model_without_inputs_comes_back_unbuilt() -> None:
    network = keras.Sequential([layers.Dense(2), layers.Dropout(0.1), layers.Dense(3)])
    builder = KerasModelBuilder(network)
    found = again(builder)
    assert captured(found).equals(captured(builder))
    assert not found.model.built


def test_adapted_statistics_are_arguments_in_a_file() -> None:
    scale = layers.Normalization()
    scale.adapt(np.random.default_rng(0).normal(size=(50, 6)))
    network = keras.Sequential([keras.Input(ROW), scale, layers.Dense(2)])
    found = again(KerasModelBuilder(network)).model
    assert found.layers[0].input_mean is not None
    (before,), (now,) = outputs(network, (ROW,)), outputs(found, (ROW,))
    np.testing.assert_allclose(now, before, rtol=1e-5, atol=1e-6)


def test_names_are_data() -> None:
    odd = "..\\x é\u202e"
    found = check_again(keras.Sequential([keras.Input((4,)), layers.Dense(2, name=odd)]), (4,))
    assert found.layers[0].name == odd


SMALL: tuple[Callable[[int], Any], ...] = (
    lambda n: layers.Dense(n, activation="relu", use_bias=n % 2 == 0),
    lambda n: layers.Dropout(n / 10),
    lambda n: layers.BatchNormalization(center=n % 2 == 0),
    lambda n: layers.LayerNormalization(epsilon=n / 1000),
    lambda n: layers.PReLU(),
    lambda n: layers.Rescaling(n, offset=-0.5),
    lambda n: keras.Sequential([layers.Dense(n), layers.ELU()]),
    lambda n: layers.SpectralNormalization(layers.Dense(n), power_iterations=n),
)


@settings(max_examples=10)
@given(st.lists(st.tuples(st.sampled_from(SMALL), st.integers(1, 5), st.booleans()), max_size=4))
def test_small_stacks_come_back(stack: list[tuple[Callable[[int], Any], int, bool]]) -> None:
    parts = [make(n) for make, n, _ in stack]
    network = keras.Sequential([keras.Input((3,)), *parts, layers.Dense(1)])
    for layer, (_, _, trainable) in zip(parts, stack, strict=True):
        layer.trainable = trainable
    check_again(network, (3,))


def test_every_argument_of_the_tables_has_a_rule() -> None:
    for family, classes in CLASSES.items():
        for name in classes:
            for rule, _ in (arguments_of(family, name) or {}).values():
                assert _keras_making._rule(rule) is not None
