"""Batch normalisation that counts the rows of a batch, and not what fills it up.

The statistics of a batch are those of its true rows, on all replicas together: so a batch may be
padded, and cut into shares. Knows Keras layers and places.
Source: S. Ioffe and C. Szegedy, Batch Normalization (2015); Keras has a mask, but reduces it on
one device only.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.engine.distribution import Place

keras = lazy_module("keras")
tf = lazy_module("tensorflow")

_counted = threading.local()  # a program's replicas are traced in threads of their own


def count_rows(network: Any) -> None:
    """Let the normalising layers of a network heed `counting`."""
    for layer in network._flatten_layers():
        if type(layer) is keras.layers.BatchNormalization:
            layer._moments = partial(_moments, layer, layer._moments)


@contextmanager
def counting(mask: Any, place: Place) -> Iterator[None]:
    """Meanwhile rows count by a mask.

    Args: mask: float32 (n,), 1 for the true rows of this replica's share, 0 for others.
    """
    _counted.mask, _counted.place = mask, place
    try:
        yield
    finally:
        _counted.mask = None


def _moments(layer: Any, keras_moments: Any, inputs: Any, mask: Any) -> tuple[Any, Any]:
    """Mean and variance of each channel."""
    rows = getattr(_counted, "mask", None)
    if mask is not None or rows is None:
        plain: tuple[Any, Any] = keras_moments(inputs, mask)
        return plain
    place, axes = _counted.place, layer._reduction_axes
    given, inputs = inputs.dtype, tf.cast(inputs, tf.float32)
    weights = tf.reshape(rows, [-1] + [1] * (len(inputs.shape) - 1))
    in_row = [inputs.shape[axis] for axis in axes if axis != 0]
    size = math.prod(in_row) if None not in in_row else tf.size(inputs[0]) // inputs.shape[-1]
    number, total = place.sums([tf.reduce_sum(rows), tf.reduce_sum(inputs * weights, axes)])
    number = number * tf.cast(size, tf.float32)
    mean = total / number
    shape = [1] * len(inputs.shape)
    shape[layer.axis] = -1
    squares = tf.square(inputs - tf.reshape(mean, shape)) * weights
    (deviation,) = place.sums([tf.reduce_sum(squares, axes)])
    return tf.cast(mean, given), tf.cast(deviation / number, given)
