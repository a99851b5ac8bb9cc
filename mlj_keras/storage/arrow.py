"""Arrow arrays as bytes, and back, with everything checked that Arrow itself takes on trust.

Knows nothing of tables of ours. Source: the Arrow IPC file format; Message.fbs for its messages.
"""

from __future__ import annotations

import struct

import pyarrow as pa
import pyarrow.ipc

_NAME = "values"
_START = b"ARROW1"
_DEEPEST = 3  # lists of dictionaries of texts
_LONGEST = 2**24  # of an array whose values take no bytes


def arrow_bytes(array: pa.Array) -> bytes:
    """An array as an Arrow IPC file of one column.

    Raises: TypeError for an extension type.
    Example:
        >>> array_from(arrow_bytes(pa.array(["a", None]))).to_pylist()
        ['a', None]

    Source: Arrow.
    """
    check_type(array.type, 0)
    batch = pa.record_batch([array], names=[_NAME])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue())


def array_from(whole: bytes | memoryview) -> pa.Array:
    """The array of such a file; it is fully checked.

    Raises: ValueError for anything that `arrow_bytes` does not write.
    Example: see `arrow_bytes`.
    Source: Arrow.
    """
    if bytes(whole[: len(_START)]) != _START or bytes(whole[-len(_START) :]) != _START:
        raise ValueError("it is no Arrow file, or a part of one")
    content = pa.py_buffer(bytes(whole))
    try:
        with pa.ipc.open_file(content) as reader:  # which reads no more than the last part
            _check_schema(reader.schema)
            if reader.num_record_batches != 1:
                raise ValueError(f"it has {reader.num_record_batches} batches, not one")
        return _checked(_batch(content.slice(8)), len(whole))
    except (pa.ArrowException, OSError, MemoryError, OverflowError, struct.error) as error:
        raise ValueError(f"it is no sound Arrow file ({error})") from error


def _batch(stream: pa.Buffer) -> pa.RecordBatch:
    """The one batch of a stream, once nothing in it is compressed: a small body could become a
    very large one."""
    messages = pa.ipc.MessageReader.open_stream(pa.BufferReader(stream))
    kinds = []
    for message in messages:
        kinds.append(message.type)
        if _is_compressed(message.metadata.to_pybytes(), message.type):
            raise ValueError("it has a body that is compressed")
    if kinds[:1] != ["schema"] or kinds[-1] != "record batch" or "schema" in kinds[1:]:
        raise ValueError("it has other messages than it has to")
    if set(kinds[1:-1]) - {"dictionary"}:
        raise ValueError("it has other messages than it has to")
    with pa.ipc.open_stream(pa.BufferReader(stream)) as reader:
        _check_schema(reader.schema)
        batch = reader.read_next_batch()
    batch.validate(full=True)
    return batch


def _is_compressed(message: bytes, kind: str) -> bool:
    """Whether a message says so: by the fourth field of its batch."""
    at = struct.unpack_from("<I", message)[0]
    if kind == "schema":
        return False
    batch = _field(message, at, 2)
    if kind == "dictionary":
        batch = _field(message, batch, 1)
    return _field(message, batch, 3) != 0


def _field(message: bytes, table: int, index: int) -> int:
    """Where the table begins that is this field of a table; 0 if there is none."""
    entries = table - struct.unpack_from("<i", message, table)[0]
    slot = 4 + 2 * index
    if slot >= struct.unpack_from("<H", message, entries)[0]:
        return 0
    offset = struct.unpack_from("<H", message, entries + slot)[0]
    if not offset:
        return 0
    return int(table + offset + struct.unpack_from("<I", message, table + offset)[0])


def _checked(batch: pa.RecordBatch, n_bytes: int) -> pa.Array:
    array = batch.column(0)
    if array.nbytes > 2 * n_bytes + 1024:  # bytes that are counted twice
        raise ValueError("it claims more bytes than it has")
    if len(array) > (_LONGEST if pa.types.is_null(array.type) else 8 * n_bytes):
        raise ValueError(f"it claims {len(array):,} values, more than it has bytes for")
    return array


def _check_schema(schema: pa.Schema) -> None:
    if schema.names != [_NAME] or schema.metadata or schema.field(0).metadata:
        raise ValueError("it has other columns or notes than it has to")
    try:
        check_type(schema.field(0).type, 0)
    except TypeError as error:
        raise ValueError(str(error)) from error


def check_type(kind: pa.DataType, depth: int = 0) -> None:
    """Raise TypeError for types that code outside Arrow gives a meaning, for those of which a few
    bytes can stand for very many values, and for deep nesting."""
    if depth > _DEEPEST or not _is_plain(kind, depth):
        raise TypeError(f"a file cannot hold an Arrow array of {str(kind):.60}")
    if pa.types.is_dictionary(kind):
        check_type(kind.value_type, depth + 1)
        check_type(kind.index_type, depth + 1)
    for i in range(kind.num_fields):
        check_type(kind.field(i).type, depth + 1)


def _is_plain(kind: pa.DataType, depth: int) -> bool:
    types = pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return False
    if types.is_null(kind):
        return depth == 0
    if types.is_fixed_size_binary(kind):
        return bool(kind.byte_width)
    if types.is_fixed_size_list(kind):
        return bool(kind.list_size)
    if types.is_struct(kind):
        return bool(kind.num_fields)
    return any(
        is_one(kind)
        for is_one in (
            *(types.is_boolean, types.is_integer, types.is_floating, types.is_decimal),
            *(types.is_string, types.is_large_string, types.is_binary, types.is_large_binary),
            *(types.is_temporal, types.is_dictionary, types.is_list, types.is_large_list),
        )
    )
