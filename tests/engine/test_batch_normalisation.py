"""Batch normalisation counts the true rows of a batch, and not what fills it up."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from mlj_keras.engine.batch_normalisation import count_rows, counting
from tests.batteries.oracles import CPU

RNG = np.random.default_rng(0)


def network(shape: tuple[int, ...], **given: Any) -> Any:
    inputs = keras.Input(shape)
    return keras.Model(inputs, keras.layers.BatchNormalization(**given)(inputs))


@pytest.mark.parametrize(
    ("shape", "given"),
    [
        ((4,), {}),
        ((4,), {"dtype": "mixed_float16"}),
        ((5, 4), {}),
        ((3, 5, 4), {}),
        ((4, 3, 5), {"axis": 1}),
        ((None, 4), {}),
    ],
)
def test_padding_changes_neither_outputs_nor_statistics(
    shape: tuple[int, ...], given: dict[str, Any]
) -> None:
    x = RNG.normal(3, 2, size=(7, *(n or 6 for n in shape))).astype("float32")
    plain, counted = network(shape, **given), network(shape, **given)
    expected = plain(x, training=True)
    count_rows(counted)
    padded = np.concatenate([x, np.full((3, *x.shape[1:]), 1e3, "float32")])
    mask = tf.constant([1.0] * 7 + [0.0] * 3)
    with counting(mask, CPU):
        found = counted(padded, training=True)
    tol = 1e-2 if given.get("dtype") else 1e-5
    np.testing.assert_allclose(np.asarray(found)[:7], expected, rtol=tol, atol=tol)
    for own, theirs in zip(counted.weights, plain.weights, strict=True):
        np.testing.assert_allclose(np.asarray(own), np.asarray(theirs), rtol=tol, atol=tol)


def test_outside_of_a_program_it_is_the_layer_of_keras() -> None:
    x = RNG.normal(size=(7, 4)).astype("float32")
    plain, counted = network((4,)), network((4,))
    count_rows(counted)
    for training in (True, False):
        expected = np.asarray(plain(x, training=training))
        np.testing.assert_array_equal(np.asarray(counted(x, training=training)), expected)


def test_gradients_pass_through_the_statistics() -> None:
    x = tf.constant(RNG.normal(size=(6, 4)).astype("float32"))
    plain, counted = network((4,)), network((4,))
    count_rows(counted)
    weights = tf.constant(RNG.normal(size=(6, 4)).astype("float32"))

    def gradient(net: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            value = tf.reduce_sum(net(x, training=True) * weights)
        return tape.gradient(value, x)

    with counting(tf.ones(6), CPU):
        found = gradient(counted)
    np.testing.assert_allclose(found, gradient(plain), rtol=1e-4, atol=1e-5)
