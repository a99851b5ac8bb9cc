"""Encoded rows on the device, as they are or padded to a bucket."""

from __future__ import annotations

import numpy as np
import pytest

from mlj_keras.engine.data import EncodedData, slice_inputs

NUMBERS = np.arange(10, dtype="float32").reshape(5, 2)
CODES = np.array([[0], [2], [1], [0], [1]], dtype="int32")
TARGET = np.array([0, 1, 2, 1, 0], dtype="int32")
WEIGHTS = np.linspace(0, 1, 5).astype("float32")


def test_the_length_is_the_number_of_rows() -> None:
    assert len(EncodedData((NUMBERS, CODES), TARGET)) == 5


@pytest.mark.parametrize("padded", [False, True], ids=["unpadded", "padded"])
def test_tensors_begin_with_the_rows_and_keep_their_dtypes(padded: bool) -> None:  # noqa: FBT001
    data = EncodedData((NUMBERS, CODES), TARGET, WEIGHTS)
    inputs, target, weights = data.on_device("/CPU:0", padded=padded)
    arrays = (NUMBERS, CODES, TARGET, WEIGHTS)
    for tensor, array in zip((*inputs, target, weights), arrays, strict=True):
        assert tensor.dtype == array.dtype
        assert tensor.shape == (64 if padded else 5, *array.shape[1:])
        assert tensor.device.endswith("CPU:0")
        np.testing.assert_array_equal(tensor[:5], array)
        assert not tensor[5:].numpy().any()


def test_without_weights_there_is_no_tensor_of_them() -> None:
    assert EncodedData((NUMBERS,), TARGET).on_device("/CPU:0", padded=True)[2] is None


def test_data_of_nearly_equal_length_have_tensors_of_one_shape() -> None:
    shapes = {
        EncodedData((np.zeros((n, 2), "float32"),), np.zeros((n, 1), "float32"))
        .on_device("/CPU:0", padded=True)[1]
        .shape.as_list()[0]
        for n in range(65, 81)
    }
    assert shapes == {80}


def test_slices_take_the_same_rows_of_each_input() -> None:
    numbers, codes = slice_inputs((NUMBERS, CODES), 1, 3)
    assert numbers.tolist() == [[2, 3], [4, 5]] and codes.tolist() == [[2], [1]]
