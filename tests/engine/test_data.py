"""Encoded rows on the device, as they are or padded to a bucket."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.engine import data as module
from mlj_keras.engine.batches import PADDING
from mlj_keras.engine.data import (
    EncodedData,
    Resident,
    Streamed,
    pad_batches,
    room_for,
    slice_inputs,
)
from tests.batteries.oracles import CPU, X11, Y11, fitted, numbers, regressor

NUMBERS = np.arange(10, dtype="float32").reshape(5, 2)
CODES = np.array([[0], [2], [1], [0], [1]], dtype="int32")
TARGET = np.array([0, 1, 2, 1, 0], dtype="int32")
WEIGHTS = np.linspace(0, 1, 5).astype("float32")


def test_the_length_is_the_number_of_rows() -> None:
    assert len(EncodedData((NUMBERS, CODES), TARGET)) == 5


@pytest.mark.parametrize("padded", [False, True], ids=["unpadded", "padded"])
def test_tensors_begin_with_the_rows_and_keep_their_dtypes(padded: bool) -> None:  # noqa: FBT001
    data = EncodedData((NUMBERS, CODES), TARGET, WEIGHTS)
    inputs, target, weights = data.put(CPU, padded=padded).tensors
    arrays = (NUMBERS, CODES, TARGET, WEIGHTS)
    for tensor, array in zip((*inputs, target, weights), arrays, strict=True):
        assert tensor.dtype == array.dtype
        assert tensor.shape == (64 if padded else 5, *array.shape[1:])
        assert tensor.device.endswith("CPU:0")
        np.testing.assert_array_equal(tensor[:5], array)
        assert not tensor[5:].numpy().any()


def test_without_weights_there_is_no_tensor_of_them() -> None:
    assert EncodedData((NUMBERS,), TARGET).put(CPU, padded=True).tensors[2] is None


def test_data_of_nearly_equal_length_have_tensors_of_one_shape() -> None:
    shapes = {
        EncodedData((np.zeros((n, 2), "float32"),), np.zeros((n, 1), "float32"))
        .put(CPU, padded=True)
        .tensors[1]
        .shape.as_list()[0]
        for n in range(65, 81)
    }
    assert shapes == {80}


def test_batches_are_padded_by_empty_ones_of_several_networks_too() -> None:
    batches = np.arange(4, dtype=np.int32).reshape(2, 2)
    assert pad_batches(batches, 3).tolist() == [[0, 1], [2, 3], [PADDING, PADDING]]
    both = np.stack([batches, batches], axis=1)
    assert pad_batches(both, 3).shape == (3, 2, 2)
    np.testing.assert_array_equal(pad_batches(both, 3)[:, 1], pad_batches(batches, 3))


def test_slices_take_the_same_rows_of_each_input() -> None:
    numbers, codes = slice_inputs((NUMBERS, CODES), 1, 3)
    assert numbers.tolist() == [[2, 3], [4, 5]] and codes.tolist() == [[2], [1]]


@pytest.mark.parametrize("shape", [(2,), (3, 2, 1)])
@pytest.mark.parametrize("n_rows", [64, 65, 1000])
def test_room_is_made_for_the_bucket_and_handed_over_without_a_copy(
    n_rows: int, shape: tuple[int, ...]
) -> None:
    numbers = room_for(n_rows, shape, np.float32)
    assert numbers.shape == (n_rows, *shape) and not numbers.any()
    numbers[:] = np.arange(numbers.size).reshape(numbers.shape)
    target = np.zeros((n_rows, 1), np.float32)
    for padded in (True, False):
        placed = EncodedData((numbers,), target).put(CPU, padded=padded)
        assert isinstance(placed, Resident)
        (tensor,), _, _ = placed.tensors
        np.testing.assert_array_equal(tensor[:n_rows], numbers)
        assert not tensor[n_rows:].numpy().any()
        assert np.asarray(tensor).ctypes.data == numbers.ctypes.data


@pytest.mark.parametrize("array", [NUMBERS, room_for(9, (2,), np.float32)[2:7], NUMBERS[::-1]])
def test_other_arrays_are_copied(array: np.ndarray) -> None:
    (tensor,), _, _ = EncodedData((array,), TARGET).put(CPU, padded=True).tensors
    assert np.asarray(tensor).ctypes.data != array.ctypes.data
    np.testing.assert_array_equal(tensor[:5], array)


def test_a_few_rows_get_no_room() -> None:
    few = room_for(5, (1000,), np.float32)
    assert few.base is not None and few.base.nbytes < 2 * few.nbytes
    (tensor,), _, _ = EncodedData((few,), TARGET).put(CPU, padded=True).tensors
    assert tensor.shape == (64, 1000)


def test_what_is_streamed_to_a_call_are_the_rows_of_its_batches() -> None:
    data = EncodedData((NUMBERS, CODES), TARGET, WEIGHTS)
    batches = np.array([[3, 0], [4, PADDING]], np.int32)
    (numbers, codes), target, weights = data.inputs, data.target, data.weights
    tensors, places = Streamed(data).for_call(batches, 3)
    assert places.tolist() == [[0, 1], [2, PADDING], [PADDING, PADDING]]
    used = places[places != PADDING]
    rows = batches[batches != PADDING]
    for sent, array in zip(
        (*tensors[0], *tensors[1:]), (numbers, codes, target, weights), strict=True
    ):
        assert len(sent) == 6
        np.testing.assert_array_equal(sent[used], array[rows])


def test_a_call_is_sent_no_more_than_its_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    data = EncodedData((NUMBERS,), TARGET)  # 12 bytes a row
    monkeypatch.setattr(module, "_STREAMED_BYTES", 100)
    assert Streamed(data).most_batches(2, 50) == 4
    assert Streamed(data).most_batches(2, 3) == 3
    assert Streamed(data).most_batches(64, 50) == 1


@pytest.mark.parametrize("path", ["xla", "graph"])
@pytest.mark.parametrize("batch_size", [4, 11])
def test_data_too_large_for_a_device_train_to_the_same_bytes(
    path: str, batch_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = regressor(
        epochs=3, batch_size=batch_size, jit_compile=path == "xla", shuffle=True, rng=5
    )
    resident = mlj.snapshot(fitted(model, X11, Y11))
    monkeypatch.setattr(module, "memory_of", lambda device: 100)
    monkeypatch.setattr(module, "_STREAMED_BYTES", 150)  # two batches of four a call
    assert isinstance(EncodedData((X11,), Y11[:, None]).put(CPU, padded=True), Streamed)
    assert mlj.snapshot(fitted(model, X11, Y11)) == resident


def test_each_call_is_sent_as_many_batches_as_may_be_and_a_true_tail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def build(inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        mean = keras.ops.mean(inputs, axis=0, keepdims=True)
        return keras.layers.Dense(n_out)(inputs - mean)

    X, y = numbers(70, 3), numbers(70, 1)[:, 0]
    model = regressor(builder=mlj.builder_from(build), epochs=2, batch_size=16)
    resident = mlj.snapshot(fitted(model, X, y))
    monkeypatch.setattr(module, "memory_of", lambda device: 100)
    monkeypatch.setattr(module, "_STREAMED_BYTES", 2 * 16 * 16)  # two batches
    sent: list[tuple[int, int]] = []
    for_call = Streamed.for_call

    def heard(self: Streamed, batches: np.ndarray, size: int) -> Any:
        sent.append((len(batches), size))
        return for_call(self, batches, size)

    monkeypatch.setattr(Streamed, "for_call", heard)
    assert mlj.snapshot(fitted(model, X, y)) == resident
    assert sent == [(2, 2), (2, 2), (1, 1)] * 2
