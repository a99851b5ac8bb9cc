"""Arrays as safetensors: what another program reads, and what is refused."""

from __future__ import annotations

import json
import struct
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlj_keras.errors import InvalidArgument
from mlj_keras.storage import tensors
from mlj_keras.storage.tensors import DTYPES, arrays_from, tensor_bytes

ARRAYS = {"a": np.arange(6.0).reshape(2, 3), "b": np.array([True]), "c": np.empty((0, 2), "int8")}
any_arrays = st.sampled_from(DTYPES).flatmap(
    lambda name: hnp.arrays(np.dtype(name), hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
)


def test_another_reader_finds_the_same_and_its_files_are_read() -> None:
    whole = tensor_bytes(ARRAYS)
    found = safetensors.numpy.load(whole)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype and found[name].tobytes() == array.tobytes()
    ours = arrays_from(memoryview(safetensors.numpy.save(ARRAYS)))
    assert all(ours[name].tobytes() == array.tobytes() for name, array in ARRAYS.items())


@settings(max_examples=60)
@given(arrays=st.dictionaries(st.text().filter(lambda n: n != "__metadata__"), any_arrays))
def test_all_arrays_come_back(arrays: dict[str, np.ndarray]) -> None:
    found = arrays_from(memoryview(tensor_bytes(arrays)))
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert (found[name].shape, found[name].dtype) == (array.shape, array.dtype)
        assert found[name].tobytes() == array.tobytes()
        assert found[name].flags.aligned and found[name].flags.owndata


def test_layout_and_byte_order_of_arrays_do_not_count() -> None:
    grid = ARRAYS["a"]
    for layout in (np.asfortranarray(grid), grid.astype(">f8"), np.repeat(grid, 2, axis=0)[::2]):
        assert tensor_bytes({"a": layout}) == tensor_bytes({"a": grid})


@pytest.mark.parametrize("dtype", [object, "U1", "S1", "M8[D]", "c16", "V3", ml_dtypes.bfloat16])
def test_an_array_of_another_dtype_is_not_written(dtype: Any) -> None:
    with pytest.raises(InvalidArgument, match="'odd' has the dtype .*which a file cannot hold"):
        tensor_bytes({"odd": np.zeros(2, dtype)})


def test_a_name_that_cannot_be_written_is_told() -> None:
    for name in ("__metadata__", "\ud800"):
        with pytest.raises(InvalidArgument, match="cannot have the name .*Rename it"):
            tensor_bytes({name: np.zeros(1)})


def test_more_arrays_than_are_read_are_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tensors, "MAX_ARRAYS", 2)
    with pytest.raises(InvalidArgument, match="up to 2 arrays, got 3.*for_inference=True"):
        tensor_bytes(ARRAYS)


def made(header: Any, body: bytes = b"") -> memoryview:
    text = json.dumps(header).encode()
    return memoryview(struct.pack("<Q", len(text)) + text + body)


def one(**changed: Any) -> dict[str, Any]:
    return {"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changed}}


def test_a_file_made_by_hand_is_read() -> None:
    assert arrays_from(made(one(), np.float32([1, 2]).tobytes()))["x"].tolist() == [1, 2]
    assert arrays_from(made({})) == {}


@pytest.mark.parametrize(
    ("whole", "words"),
    [
        (memoryview(b""), "header that is longer"),
        (memoryview(bytes(8)), "header that is longer"),
        (memoryview(struct.pack("<Q", 2**63) + bytes(99)), "header that is longer"),
        (made([]), "no header"),
        (made(1), "header that is longer"),
        (made({"__metadata__": {"a": "b"}}), "told of in another way"),
        (made(one(more=1), bytes(8)), "told of in another way"),
        (made({"x": 1}), "told of in another way"),
        (made(one(dtype="BF16"), bytes(8)), "has the dtype 'BF16'"),
        (made(one(dtype=None), bytes(8)), "has the dtype None"),
        (made(one(dtype="F64"), bytes(8)), "not where it has to be"),
        (made(one(shape=[3]), bytes(8)), "not where it has to be"),
        (made(one(shape=[2**40, 2**40]), bytes(8)), "not where it has to be"),
        (made(one(shape=[-2]), bytes(8)), "no count"),
        (made(one(shape=[True, 2]), bytes(8)), "no count"),
        (made(one(shape=[1] * 33), bytes(4)), "no count"),
        (made(one(shape="2"), bytes(8)), "no shape"),
        (made(one(data_offsets=[8, 0]), bytes(8)), "not where it has to be"),
        (made(one(data_offsets=[0, 2**63]), bytes(8)), "no count"),
        (made(one(data_offsets=[0, 1.0]), bytes(8)), "no count"),
        (made(one(data_offsets=[0]), bytes(8)), "no shape, or no place"),
        (made(one(), bytes(7)), "not where it has to be"),
        (made(one(), bytes(9)), "bytes that belong to none"),
        (made({**one(), "y": one()["x"]}, bytes(8)), "not where it has to be"),
        (made(one(dtype="BOOL"), b"\1\2"), "not where it has to be"),
        (made(one(dtype="BOOL", data_offsets=[0, 2]), b"\1\2"), "neither true nor false"),
    ],
)
def test_what_nobody_writes_is_refused(whole: memoryview, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        arrays_from(whole)


def test_a_name_twice_and_too_many_names_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    about = '{"dtype":"F32","shape":[0],"data_offsets":[0,0]}'
    text = f'{{"x":{about},"x":{about}}}'.encode()
    with pytest.raises(ValueError, match="has the name 'x' twice"):
        arrays_from(memoryview(struct.pack("<Q", len(text)) + text))
    whole = tensor_bytes(ARRAYS)
    monkeypatch.setattr(tensors, "MAX_ARRAYS", 2)
    with pytest.raises(ValueError, match="too many names"):
        arrays_from(memoryview(whole))
