"""Encoded data where a program finds it: on the device for good, or sent there call by call.

Rows are padded to a bucket for XLA. Knows arrays and devices only.
Source: MLJFlux.jl, src/fit_utils.jl (`collate`), which moves every batch on its own.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.data.budget import check_budget
from mlj_keras.engine.batches import PADDING, row_bucket
from mlj_keras.engine.distribution import Place, memory_of

tf = lazy_module("tensorflow")

_FEWEST_WITH_ROOM = 64
_ALIGNMENT = 64  # bytes; what starts there, TensorFlow and XLA use where it is
# The part of a device's memory that data may take for good; the rest is for weights and work.
_RESIDENT_PART = 0.4
_STREAMED_BYTES = 2**25  # sent with one call, at most


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

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        arrays = (*self.inputs, self.target, *(() if self.weights is None else (self.weights,)))
        return sum(array.nbytes for array in arrays)

    def put(self, place: Place, *, padded: bool) -> Resident | Streamed:
        """The data as a program in this place takes them; with `padded`, rows are added up to a
        bucket, never read."""
        memory = memory_of(place.device)
        if memory is not None and self.nbytes > _RESIDENT_PART * memory:
            return Streamed(self)
        size = row_bucket(len(self)) if padded else len(self)

        def tensors() -> tuple[Any, ...]:
            weights = () if self.weights is None else (_tensor(self.weights, size),)
            inputs = tuple(_tensor(array, size) for array in self.inputs)
            return inputs, _tensor(self.target, size), *weights

        inputs, target, *weights = place.copies(tensors)
        shapes = tuple((size, *array.shape[1:]) for array in self.inputs)
        return Resident((list(inputs), target, weights[0] if weights else None), shapes)


@dataclasses.dataclass(frozen=True)
class Resident:
    """(inputs, target, weights or None) as tensors that stay on the device; the shapes of the
    inputs."""

    tensors: tuple[list[Any], Any, Any]
    shapes: tuple[tuple[int, ...], ...]

    def most_batches(self, batch_size: int, wanted: int) -> int:
        """How many batches a call may take: as many as wanted."""
        return wanted

    def for_call(self, batches: np.ndarray, size: int) -> tuple[Any, np.ndarray]:
        """The tensors, and the batches (k, batch size) padded to `size` of them."""
        return self.tensors, pad_batches(batches, size)


@dataclasses.dataclass(frozen=True)
class Streamed:
    """Data too large for the device: each call is sent the rows of its batches, in order."""

    data: EncodedData

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Those of a row: the number of rows is that of the batches."""
        return tuple(array.shape[1:] for array in self.data.inputs)

    def most_batches(self, batch_size: int, wanted: int) -> int:
        """How many batches a call may take: as many as wanted, if their rows are not too large."""
        by_bytes = _STREAMED_BYTES * len(self.data) // (self.data.nbytes * batch_size)
        return max(1, min(wanted, by_bytes))

    def for_call(self, batches: np.ndarray, size: int) -> tuple[Any, np.ndarray]:
        """The rows of these batches as arrays of one shape for each `size`, and the batches in
        terms of them."""
        data = self.data
        padded = pad_batches(batches, size)
        rows = np.maximum(padded.ravel(), 0)
        places = np.arange(padded.size, dtype=np.int32).reshape(padded.shape)
        weights = None if data.weights is None else data.weights[rows]
        tensors = ([array[rows] for array in data.inputs], data.target[rows], weights)
        return tensors, np.where(padded == PADDING, PADDING, places)


def pad_batches(batches: np.ndarray, size: int) -> np.ndarray:
    """`batches` (k, ..., batch size), and empty ones after them up to `size`."""
    padded = np.full((size, *batches.shape[1:]), PADDING, dtype=np.int32)
    padded[: len(batches)] = batches
    return padded


def room_for(n_rows: int, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Zeros (n_rows, *shape) to be filled, with room after them up to the bucket.

    `put` then hands the memory over as it is, without a copy. A few rows get no room: to
    copy them is cheaper.
    """
    whole = (row_bucket(n_rows) if n_rows >= _FEWEST_WITH_ROOM else n_rows, *shape)
    n_bytes = math.prod(whole) * np.dtype(dtype).itemsize
    check_budget(
        n_bytes,
        what=f"An encoded table of {n_rows} rows and {math.prod(shape)} columns",
        advice="Give fewer rows at a time, or fewer columns.",
    )
    memory = np.zeros(n_bytes + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    block: np.ndarray = memory[start : start + n_bytes].view(dtype).reshape(whole)
    return block[:n_rows]


def _tensor(array: np.ndarray, size: int) -> Any:
    """`array` with zeros after it up to `size` rows, as a tensor on the current device."""
    whole = _with_room(array, size)
    if whole is None:
        whole = array
        if len(array) != size:
            whole = np.zeros((size, *array.shape[1:]), dtype=array.dtype)
            whole[: len(array)] = array
        return tf.convert_to_tensor(whole)
    shared = tf.experimental.dlpack.from_dlpack(whole.__dlpack__())
    return tf.identity(shared)  # a copy on other devices only


def _with_room(array: np.ndarray, size: int) -> np.ndarray | None:
    """The memory of an array that `room_for` made, as `size` rows; None for any other."""
    memory = array.base
    if not isinstance(memory, np.ndarray) or memory.dtype != np.uint8 or not len(array):
        return None
    start = array.ctypes.data - memory.ctypes.data
    n_bytes = size * array[0].nbytes
    fits = start < _ALIGNMENT and start + n_bytes <= memory.nbytes
    if not fits or array.ctypes.data % _ALIGNMENT or not array.flags.c_contiguous:
        return None
    return memory[start : start + n_bytes].view(array.dtype).reshape(size, *array.shape[1:])


def slice_inputs(inputs: Sequence[np.ndarray], first: int, last: int) -> list[np.ndarray]:
    """The rows first..last of each input."""
    return [array[first:last] for array in inputs]
