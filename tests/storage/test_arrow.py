"""Arrow arrays in files: all kinds that columns are of, and nothing that means harm."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc
import pytest

from mlj_keras.storage.arrow import array_from, arrow_bytes
from tests.persistence.hostile_records import arrow

KINDS = {
    "floats": pa.array([1.5, None, float("nan")]),
    "float32": pa.array(np.float32([1, 2])),
    "ints": pa.array([1, None], pa.int8()),
    "booleans": pa.array([True, None, False]),
    "texts": pa.array(["a", "", None, "ä" * 50]),
    "large texts": pa.array(["a"], pa.large_string()),
    "bytes": pa.array([b"a", None]),
    "fixed bytes": pa.array([b"ab"], pa.binary(2)),
    "factor": pa.array(["a", None, "b", "a"]).dictionary_encode(),
    "ordered factor": pa.DictionaryArray.from_arrays(
        pa.array([1, 0], pa.int32()), pa.array(["lo", "hi"]), ordered=True
    ),
    "dates": pa.array([datetime.date(2020, 1, 2), None]),
    "instants": pa.array([0, 1], pa.timestamp("us", tz="Europe/Berlin")),
    "lengths of time": pa.array([1], pa.duration("ns")),
    "decimals": pa.array([decimal.Decimal("1.25")]),
    "lists": pa.array([["a"], [], None]),
    "fixed lists": pa.array([[1, 2]], pa.list_(pa.int64(), 2)),
    "structs": pa.array([{"a": 1, "b": "x"}]),
    "nothing": pa.nulls(5),
    "none": pa.array([], pa.string()),
}


@pytest.mark.parametrize("array", KINDS.values(), ids=KINDS.keys())
def test_a_column_comes_back_as_it_was(array: pa.Array) -> None:
    whole = arrow_bytes(array)
    found = array_from(whole)
    assert found.type == array.type and found.equals(array) or array is KINDS["floats"]
    assert str(found) == str(array) and arrow_bytes(found) == whole


def test_any_reader_of_arrow_reads_it() -> None:
    with pa.ipc.open_file(arrow_bytes(KINDS["factor"])) as reader:
        table = reader.read_all()
    assert table.column_names == ["values"]
    assert table.column(0).to_pylist() == ["a", None, "b", "a"]


@pytest.mark.parametrize(
    "array",
    [
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16)], pa.binary(16))),
        pa.array([[[[[1]]]]]),
        pa.array(["a"], pa.string_view()),
        pa.array([[None]], pa.list_(pa.null())),
        pa.array([b""], pa.binary(0)),
        pa.RunEndEncodedArray.from_arrays(pa.array([9], pa.int32()), pa.array([1])),
    ],
    ids=lambda array: str(array.type)[:30],
)
def test_a_type_that_is_not_read_is_not_written_and_refused(array: Any) -> None:
    with pytest.raises(TypeError, match="a file cannot hold an Arrow array of"):
        arrow_bytes(array)
    with pytest.raises(ValueError, match=r"a file cannot hold|no sound Arrow"):
        array_from(arrow(array))


def test_compressed_columns_are_refused_before_they_grow() -> None:
    plain, factor = pa.array(np.zeros(10**7)), pa.array(["a" * 10**6] * 9).dictionary_encode()
    for array in (plain, factor):
        for compression in ("zstd", "lz4"):
            whole = arrow(array, compression=compression)
            before = pa.total_allocated_bytes()
            with pytest.raises(ValueError, match="a body that is compressed"):
                array_from(whole)
            assert pa.total_allocated_bytes() - before < 10**6


def test_columns_that_claim_more_than_they_have_are_refused() -> None:
    with pytest.raises(ValueError, match="claims 1,073,741,824 values"):
        array_from(arrow(pa.nulls(2**30)))


def test_other_columns_notes_and_batches_are_refused() -> None:
    one = pa.array([1])
    for whole in (
        arrow(one, name="x"),
        arrow(one, notes={"a": "b"}),
        arrow(one, field_notes={"a": "b"}),
    ):
        with pytest.raises(ValueError, match="other columns or notes"):
            array_from(whole)
    for n in (0, 2):
        with pytest.raises(ValueError, match=f"it has {n} batches, not one"):
            array_from(arrow(one, n=n))


def test_every_cut_is_refused() -> None:
    whole = arrow_bytes(KINDS["factor"])
    for n in range(len(whole)):
        with pytest.raises(ValueError, match="Arrow"):
            array_from(whole[:n])


def test_changed_bytes_give_an_array_or_a_value_error() -> None:
    rng = np.random.default_rng(0)
    n_refused = 0
    for array in KINDS.values():
        whole = arrow_bytes(array)
        for _ in range(60):
            changed = bytearray(whole)
            for at in rng.integers(len(whole), size=3):
                changed[at] = rng.integers(256)
            try:
                array_from(bytes(changed)).validate(full=True)
            except ValueError:
                n_refused += 1
    assert n_refused > 100
