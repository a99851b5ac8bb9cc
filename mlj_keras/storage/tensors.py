"""Arrays by name as safetensors, and back.

Knows NumPy only. Source: the format safetensors. Its own code copies all arrays to write them;
reading is stricter here, and makes nothing of a header before all of it is checked.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.errors import InvalidArgument
from mlj_keras.storage.strict_json import dumped, loaded

_RESERVED = "__metadata__"  # of safetensors
MAX_ARRAYS = 100_000
_MOST_AXES = 32
_ABOUT = {"dtype", "shape", "data_offsets"}
_MAX_HEADER = 2**24
_CODES = {
    "BOOL": np.dtype(bool),
    **{f"I{n}": np.dtype(f"int{n}") for n in (8, 16, 32, 64)},
    **{f"U{n}": np.dtype(f"uint{n}") for n in (8, 16, 32, 64)},
    **{f"F{n}": np.dtype(f"float{n}") for n in (16, 32, 64)},
    "C64": np.dtype("complex64"),
}
DTYPES = tuple(dtype.name for dtype in _CODES.values())
_NAMES = {dtype.name: code for code, dtype in _CODES.items()}


def tensor_bytes(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays as the bytes of a safetensors file; equal arrays give equal bytes.

    Raises: as `tensor_pieces`.
    Example:
        >>> arrays_from(memoryview(tensor_bytes({"x": np.float32([1, 2]).reshape(1, 2)})))
        {'x': array([[1., 2.]], dtype=float32)}

    Source: safetensors.
    """
    return b"".join(tensor_pieces(arrays))


def tensor_pieces(arrays: Mapping[str, np.ndarray]) -> list[memoryview]:
    """The same in pieces, which are the arrays themselves where that can be.

    Raises: InvalidArgument for an array of another dtype than DTYPES, a name that cannot be
        written, or too many arrays.
    Example:
        >>> [len(piece) for piece in tensor_pieces({"x": np.zeros(4, "float32")})][1:]
        [16]

    Source: safetensors.
    """
    if len(arrays) > MAX_ARRAYS:
        raise InvalidArgument(
            f"A file holds up to {MAX_ARRAYS:,} arrays, got {len(arrays):,}. Save with "
            "for_inference=True, or fewer members of an ensemble."
        )
    found = {key: _contiguous(key, array) for key, array in sorted(arrays.items())}
    header, at = {}, 0
    for name, array in found.items():
        end = at + array.nbytes
        code, shape = _NAMES[array.dtype.name], list(array.shape)
        header[name] = {"data_offsets": [at, end], "dtype": code, "shape": shape}
        at = end
    text = dumped(header)
    text += b" " * (-len(text) % 8)  # arrays begin at multiples of their size
    parts = (array.reshape(-1).view(np.uint8).data for array in found.values())
    return [memoryview(len(text).to_bytes(8, "little") + text), *parts]


def _contiguous(name: str, array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    array = np.ascontiguousarray(array).reshape(array.shape)  # which makes (1,) of ()
    found = array.astype(array.dtype.newbyteorder("<"), copy=False)
    if found.dtype.name not in DTYPES:
        raise InvalidArgument(
            f"The array {name!r} has the dtype {found.dtype}, which a file cannot hold. Convert "
            f"it to one of {', '.join(DTYPES)}, as in array.astype('float32')."
        )
    if name == _RESERVED or name != name.encode(errors="ignore").decode():
        raise InvalidArgument(f"An array cannot have the name {name!r} in a file. Rename it.")
    return found


def arrays_from(whole: memoryview) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file.

    Raises: ValueError for anything that `tensor_bytes` does not write.
    Example: see `tensor_bytes`.
    Source: safetensors.
    """
    length = int.from_bytes(whole[:8], "little")
    if len(whole) < 8 or not 2 <= length <= min(len(whole) - 8, _MAX_HEADER):
        raise ValueError("its arrays have a header that is longer than they are")
    header = loaded(whole[8 : 8 + length], "the header of its arrays")
    if not isinstance(header, dict) or len(header) > MAX_ARRAYS:
        raise ValueError("its arrays have no header, or too many names")
    return _arrays(header, whole[8 + length :])


def _arrays(header: dict[str, Any], body: memoryview) -> dict[str, np.ndarray]:
    """The arrays that a header tells of: each byte belongs to one, and no size is believed that
    is not that of the bytes."""
    found, at = {}, 0
    places = {name: _place(name, about) for name, about in header.items()}
    for name, (begin, end, dtype, shape) in sorted(places.items(), key=lambda item: item[1][:2]):
        if begin != at or end > len(body) or math.prod(shape) * dtype.itemsize != end - begin:
            raise ValueError(f"its array {name!r:.60} is not where it has to be")
        array = np.frombuffer(body[begin:end], dtype.newbyteorder("<")).reshape(shape)
        if dtype.kind == "b" and array.view(np.uint8).max(initial=0) > 1:
            raise ValueError(f"its array {name!r:.60} has what is neither true nor false")
        found[name], at = array.astype(dtype), end
    if at != len(body):
        raise ValueError("its arrays have bytes that belong to none")
    return found


def _place(name: str, about: Any) -> tuple[int, int, np.dtype, tuple[int, ...]]:
    """Where an array begins and ends, its dtype and shape."""
    if name == _RESERVED or not isinstance(about, dict) or about.keys() != _ABOUT:
        raise ValueError(f"its array {name!r:.60} is told of in another way than it has to be")
    dtype, shape, place = _CODES.get(str(about["dtype"])), about["shape"], about["data_offsets"]
    if dtype is None:
        raise ValueError(f"its array {name!r:.60} has the dtype {about['dtype']!r:.20}")
    if not isinstance(shape, list) or not isinstance(place, list) or len(place) != 2:
        raise ValueError(f"its array {name!r:.60} has no shape, or no place")
    if len(shape) > _MOST_AXES or not all(
        type(n) is int and 0 <= n < 2**48 for n in shape + place
    ):
        raise ValueError(f"its array {name!r:.60} has a shape or place that is no count")
    return place[0], place[1], dtype, tuple(shape)
