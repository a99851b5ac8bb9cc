"""Prediction: the compiled pure function of (weights, inputs), in pieces of bounded size, without
a lock.

Knows networks only. Source: MLJFlux.jl, src/regressor.jl and src/classifier.jl (one forward pass a
row, there).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.engine.data import slice_inputs
from mlj_keras.engine.networks import Network

tf = lazy_module("tensorflow")


def predict_arrays(
    network: Network,
    weights: tuple[list[Any], list[Any]],
    inputs: Sequence[np.ndarray],
    *,
    raw: bool = False,
) -> np.ndarray:
    """The network's outputs (n, n_out), float32, for encoded inputs of n rows; n may be 0.

    Args:
        weights: what `network.tensors(arrays)` gave
        inputs: arrays (n, ...)
        raw: before the finaliser.
    """
    function = network.predict_raw if raw else network.predict
    n_rows, step = len(inputs[0]), network.rows_at_once
    with tf.device(network.place.device):
        if n_rows <= step:
            return np.asarray(function(*weights, list(inputs)))
        parts = [
            function(*weights, slice_inputs(inputs, i, i + step)).numpy()
            for i in range(0, n_rows, step)
        ]
    return np.concatenate(parts)
