"""Encoded data on the device: inputs, target and weights as tensors, rows padded to a bucket for
XLA.

Knows arrays only. Source: MLJFlux.jl, src/fit_utils.jl (`collate`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.engine.batches import row_bucket

tf = lazy_module("tensorflow")


@dataclasses.dataclass(frozen=True)
class EncodedData:
    """Arrays ready for a network, all of n rows.

    Args:
        inputs: float32 (n, ...) or int32 codes (n, m)
        target: float32 (n, k), or int32 codes (n,)
        weights: float32 (n,) or None.
    """

    inputs: tuple[np.ndarray, ...]
    target: np.ndarray
    weights: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.target)

    def on_device(self, device: str, *, padded: bool) -> tuple[list[Any], Any, Any]:
        """(inputs, target, weights or None) as tensors on `device`; with `padded`, rows are added
        up to a bucket, never read."""
        size = row_bucket(len(self)) if padded else len(self)
        with tf.device(device):
            inputs = [tf.convert_to_tensor(_pad(array, size)) for array in self.inputs]
            weights = (
                None if self.weights is None else tf.convert_to_tensor(_pad(self.weights, size))
            )
            return inputs, tf.convert_to_tensor(_pad(self.target, size)), weights


def _pad(array: np.ndarray, size: int) -> np.ndarray:
    if len(array) == size:
        return array
    result = np.zeros((size, *array.shape[1:]), dtype=array.dtype)
    result[: len(array)] = array
    return result


def slice_inputs(inputs: Sequence[np.ndarray], first: int, last: int) -> list[np.ndarray]:
    """The rows first..last of each input."""
    return [array[first:last] for array in inputs]
