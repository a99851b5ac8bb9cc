"""Files of arrays and facts: what is written comes back, and a file that is not whole does not."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import warnings
import zipfile
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import save

from mlj_keras.errors import (
    CorruptFile,
    FormatTooNewError,
    InvalidArgument,
    LimitExceeded,
    MachineFileError,
    NotAMachineFile,
)
from mlj_keras.storage import members as members_module
from mlj_keras.storage import read_archive, write_archive
from mlj_keras.storage.members import written
from mlj_keras.storage.strict_json import dumped
from mlj_keras.storage.tensors import tensor_bytes

KIND = "example"
FACTS: dict[str, Any] = {"epochs": 2, "losses": [0.5, 0.25], "path": "xla"}
ARRAYS = {"layers/1/kernel": np.arange(3.0), "slots/iteration": np.array(4)}
# The start, the name of the first member, what is in it, and the start of the second.
SAYS_WHAT_IT_IS = {
    *range(4),
    *range(30, 38),
    *range(58, 58 + len("application/x-mlj-example") + 4),
}
SHAPES = {key: array.shape for key, array in ARRAYS.items()}
DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8"]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
arrays_of_any_kind = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(
        st.sampled_from([np.dtype(dtype), np.dtype(dtype).newbyteorder(">")]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of FACTS and ARRAYS."""
    path = tmp_path / "file"
    write_archive(path, KIND, FACTS, ARRAYS)
    return path


def shaped(shapes: Any, facts: Any = FACTS) -> bytes:
    """The member that holds facts and shapes."""
    return json.dumps({"facts": facts, "shapes": shapes}).encode()


def members(**changed: bytes) -> list[tuple[str, bytes]]:
    """The members of the file of FACTS and ARRAYS, in their order, some of them changed."""
    given_ = {
        "kind": KIND.encode(),
        "version": b"1",
        "facts.json": shaped(SHAPES),
        "arrays.safetensors": save({k: np.atleast_1d(a) for k, a in ARRAYS.items()}),
    }
    given_ |= {key.replace("_", "."): part for key, part in changed.items()}
    return list(given_.items())


def write_sealed(
    path: Path, parts: list[tuple[str, bytes]], *, compressed: tuple[str, ...] = ()
) -> None:
    """A zip of any members, with the checksum that belongs to it."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w") as archive:
        warnings.simplefilter("ignore")  # zipfile warns of members of one name
        for name, part in parts:
            method = zipfile.ZIP_DEFLATED if name in compressed else zipfile.ZIP_STORED
            archive.writestr(name, part, method)
        archive.comment = b"0" * 64
    body = buffer.getvalue()[:-64]
    path.write_bytes(body + hashlib.sha256(body).hexdigest().encode())


def check_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    """Equal names, shapes, dtypes but for the byte order, and bits."""
    assert found.keys() == expected.keys()
    for name, array in expected.items():
        native = array.astype(array.dtype.newbyteorder("="))
        assert (found[name].shape, found[name].dtype) == (native.shape, native.dtype), name
        assert found[name].tobytes() == native.tobytes(), name


def check_untouched(file: Path) -> None:
    """The file is that of FACTS and ARRAYS, alone in its folder."""
    facts, arrays = read_archive(file, KIND)
    assert facts == FACTS
    check_same(arrays, ARRAYS)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@settings(max_examples=50)
@given(
    facts=st.dictionaries(st.text(), json_values),
    arrays=st.dictionaries(st.text(), arrays_of_any_kind, max_size=3),
)
def test_facts_and_arrays_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, facts: dict[str, Any], arrays: dict[str, np.ndarray]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round_trip"
    write_archive(path, KIND, facts, arrays)
    found, found_arrays = read_archive(path, KIND)
    # As text, which tells 1 from 1.0 and from True.
    assert json.dumps(found, sort_keys=True) == json.dumps(facts, sort_keys=True)
    check_same(found_arrays, arrays)


@pytest.mark.parametrize("shape", [(), (0,), (2, 0, 3), (1,), (2, 3)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_and_shape_comes_back(
    tmp_path: Path, dtype: str, shape: tuple[int, ...]
) -> None:
    array = np.arange(int(np.prod(shape))).astype(dtype).reshape(shape)
    write_archive(tmp_path / "file", KIND, {}, {"x": array})
    check_same(read_archive(tmp_path / "file", KIND)[1], {"x": array})


@pytest.mark.parametrize(("dtype", "bits"), [("f2", "u2"), ("f4", "u4"), ("f8", "u8")])
def test_nan_infinities_and_signed_zeros_come_back_bit_for_bit(
    tmp_path: Path, dtype: str, bits: str
) -> None:
    plain = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, np.finfo(dtype).smallest_subnormal])
    # Two more NaNs: one with its sign set, one with a payload.
    more = plain.astype(dtype)[[0, 0]].view(bits) | np.array(
        [1 << (8 * int(bits[1]) - 1), 5], bits
    )
    array = np.concatenate([plain.astype(dtype), more.view(dtype)])
    write_archive(tmp_path / "file", KIND, {}, {"x": array})
    found = read_archive(tmp_path / "file", KIND)[1]["x"]
    assert found.view(bits).tolist() == array.view(bits).tolist()


def test_equal_contents_make_equal_bytes(file: Path) -> None:
    grid = np.arange(6.0).reshape(2, 3)
    wide = np.zeros((4, 3))
    wide[::2] = grid
    layouts = [grid, np.asfortranarray(grid), wide[::2], grid.astype(">f8")]
    made = set()
    for layout in layouts:
        write_archive(file, KIND, {"a": 1, "b": 2}, {"x": layout, "y": np.ones(2, "i4")})
        made.add(file.read_bytes())
        write_archive(file, KIND, {"b": 2, "a": 1}, {"y": np.ones(2, "i4"), "x": layout})
        made.add(file.read_bytes())
    assert len(made) == 1
    write_archive(file, KIND, {"a": 1, "b": 3}, {"x": grid, "y": np.ones(2, "i4")})
    assert file.read_bytes() not in made


@pytest.mark.parametrize(
    "array",
    [
        np.array([None, 1]),
        np.array(["a"]),
        np.array([b"a"]),
        np.array(["2020-01-01"], "M8[D]"),
        np.array([1j], "c16"),
        np.zeros(2, [("a", "i4")]),
        np.zeros(2, "V3"),
        np.zeros(2, ml_dtypes.bfloat16),
    ],
    ids=lambda array: str(array.dtype),
)
def test_an_array_of_a_dtype_that_cannot_be_read_back_is_not_written(
    file: Path, array: np.ndarray
) -> None:
    with pytest.raises(InvalidArgument, match=r"array 'odd' has the dtype .*astype\('float32'\)"):
        write_archive(file, KIND, {}, {"fine": np.ones(2), "odd": array})
    check_untouched(file)


@pytest.mark.parametrize("name", ["__metadata__", "a\ud800"])
def test_a_name_that_cannot_be_read_back_is_not_written(file: Path, name: str) -> None:
    with pytest.raises(InvalidArgument, match="An array cannot have the name .*Rename it"):
        write_archive(file, KIND, {}, {name: np.ones(2)})
    check_untouched(file)


@pytest.mark.parametrize("fact", [object(), {1, 2}, b"x", np.datetime64("2020")])
def test_a_fact_that_a_file_cannot_hold_is_not_written(file: Path, fact: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"value\['a'\] is .*, which a file cannot hold"):
        write_archive(file, KIND, {"a": fact}, ARRAYS)
    check_untouched(file)


def test_facts_keep_their_types_and_numbers_that_json_does_not_know(file: Path) -> None:
    facts = {"pair": (1, [2.0, float("inf")]), "by number": {1: "a", (2,): None}, "n": np.int8(3)}
    write_archive(file, KIND, facts, {})
    assert read_archive(file, KIND)[0] == {**facts, "n": 3}


def test_a_changed_byte_is_refused_wherever_it_is(file: Path) -> None:
    whole = file.read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << position % 8
        file.write_bytes(changed)
        with pytest.raises(MachineFileError) as caught:
            read_archive(file, KIND)
        # The first ones say what the file is, and kind and number of its members are told, too.
        assert (caught.type is NotAMachineFile) == (position in SAYS_WHAT_IT_IS)


def test_a_file_that_is_cut_is_refused_whatever_its_length(file: Path) -> None:
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        with pytest.raises(MachineFileError):
            read_archive(file, KIND)


@pytest.mark.parametrize("junk", [b"\0", b"PK\x03\x04", b"junk" * 100, "itself"], ids=repr)
def test_anything_before_or_behind_is_refused(file: Path, junk: Any) -> None:
    whole = file.read_bytes()
    junk = whole if junk == "itself" else junk
    for content in (junk + whole, whole + junk, whole[:50] + junk + whole[50:]):
        file.write_bytes(content)
        with pytest.raises(MachineFileError):
            read_archive(file, KIND)


def random_bytes() -> bytes:
    """1,000 of them, always the same."""
    return np.random.default_rng(0).bytes(1_000)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it has 0 bytes"),
        (b"PK\x03\x04", "it is a zip that begins with b''"),
        (random_bytes(), "is no file of mlj_keras: it begins with b'"),
        (pickle.dumps({"a": "b" * 200}), "looks like a pickle, which is never loaded"),
        (b"\x89HDF\r\n\x1a\n" + bytes(200), "is an HDF5 file"),
        (b'{"a": 1}' * 50, r"it begins with b'\{\"a\": 1\}'"),
    ],
    ids=["empty", "start", "random", "pickle", "hdf5", "json"],
)
def test_another_file_is_refused_by_what_it_is(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(NotAMachineFile, match=words):
        read_archive(tmp_path / "file", KIND)


def test_a_file_is_refused_if_it_is_larger_than_allowed(file: Path) -> None:
    size = file.stat().st_size
    assert read_archive(file, KIND, max_bytes=size)[0] == FACTS
    with pytest.raises(LimitExceeded, match=f"has {size:,} bytes, more than the {size - 1:,}"):
        read_archive(file, KIND, max_bytes=size - 1)


def test_a_file_of_another_kind_is_refused(file: Path) -> None:
    with pytest.raises(NotAMachineFile, match="holds a example, not a machine"):
        read_archive(file, "machine")


def test_a_file_made_by_hand_of_the_right_members_is_read(file: Path) -> None:
    write_sealed(file, members())
    check_untouched(file)


def test_a_file_of_a_later_version_is_told_from_a_damaged_one(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for version in ((2, 0), (10, 3)):
        with monkeypatch.context() as later:
            later.setattr(members_module, "FORMAT_VERSION", version)
            write_archive(file, KIND, FACTS, ARRAYS)
        words = (
            f"has the format {version[0]}.{version[1]}, .* reads up to 1.0. Install a later one"
        )
        with pytest.raises(FormatTooNewError, match=words):
            read_archive(file, KIND)
    with monkeypatch.context() as later:
        later.setattr(members_module, "FORMAT_VERSION", (1, 999))
        write_archive(file, KIND, FACTS, ARRAYS)
    check_untouched(file)


def test_files_of_other_members_or_facts_are_refused(file: Path) -> None:
    facts, arrays = dumped({"map": []}), tensor_bytes(ARRAYS)
    for parts in (
        {"facts.json": facts},
        {"facts.json": facts, "arrays.safetensors": arrays, "more": b""},
        {"facts.json": b"[]", "arrays.safetensors": arrays},
        {"facts.json": b'{"map": [[1]]}', "arrays.safetensors": arrays},
        {"facts.json": b'{"eval": "1"}', "arrays.safetensors": arrays},
        {"facts.json": b'{"array": "x"}', "arrays.safetensors": arrays},
        {"facts.json": b'{"map": [[[], 1]]}', "arrays.safetensors": arrays},
        {"facts.json": b"1", "arrays.safetensors": arrays[:-1]},
        {"facts.json": b"[" * 900 + b"]" * 900, "arrays.safetensors": arrays},
    ):
        file.write_bytes(b"".join(written(KIND, parts, {}, (1, 0))))
        with pytest.raises(CorruptFile, match="file' cannot be understood.*Take a copy"):
            read_archive(file, KIND)


# Of before the manifest: kind, version, facts and arrays, and a checksum of it all.

FILES = Path(__file__).parent / "files"


def test_files_of_before_the_manifest_are_read() -> None:
    facts, arrays = read_archive(FILES / "before.state", "state")
    assert facts == {"epochs": 1, "losses": [0.5, 0.25], "path": "xla", "rule": "SGD", "seed": 3}
    kernel = np.array([[0.5], [-0.25]], "float32")
    expected = {"layers/1/kernel": kernel, "layers/1/bias": np.array([0.125], "float32")}
    expected |= {"layers/2/seed_generator_state": np.array([7, 9], "uint32")}
    check_same(arrays, {**expected, "slots/iteration": np.array(3)})
    facts, same = read_archive(FILES / "before.ckpt", "checkpoint")
    check_same(same, arrays)
    assert facts["losses"][:2] == [0.5, np.inf] and np.isnan(facts["losses"][2])
    assert facts["belongs_to"]["data"] == {
        "columns": "none",
        "rows": "2",
        "values": "0123456789ab",
    }
    with pytest.raises(NotAMachineFile, match="holds a checkpoint, not a state"):
        read_archive(FILES / "before.ckpt", "state")


def test_a_changed_byte_of_a_file_of_before_is_refused(tmp_path: Path) -> None:
    whole = (FILES / "before.state").read_bytes()
    for position in range(len(whole)):
        changed = bytearray(whole)
        changed[position] ^= 1 << position % 8
        (tmp_path / "file").write_bytes(changed)
        with pytest.raises(MachineFileError):
            read_archive(tmp_path / "file", "state")


MADE_UP = {
    "an extra member": [*members(), ("more", b"")],
    "a member too few": members()[:-1],
    "a member twice": [*members(), members()[0]],
    "a version twice": [*members(), ("version", b"1")],
    "another order": [*members()[:1], *members()[:0:-1]],
    "another version": members(version=b"2"),
    "a kind that is no text": members(kind=b"\xff"),
    "no JSON": members(facts_json=b"{'facts': 1}"),
    "JSON nested without end": members(facts_json=b"[" * 200_000),
    "JSON without shapes": members(facts_json=b'{"facts": {}}'),
    "facts that are a list": members(facts_json=shaped(SHAPES, [1])),
    "shapes that are a list": members(facts_json=shaped([1])),
    "shapes of no array": members(facts_json=shaped({"x": [1]})),
    "shapes of too few arrays": members(facts_json=shaped({"slots/iteration": []})),
    "shapes that do not fit": members(facts_json=shaped(dict.fromkeys(ARRAYS, [7]))),
    "shapes in words": members(facts_json=shaped(dict.fromkeys(ARRAYS, "ab"))),
    "arrays that are cut": members(arrays_safetensors=members()[3][1][:-1]),
    "arrays that are random": members(arrays_safetensors=random_bytes()),
}


@pytest.mark.parametrize("parts", MADE_UP.values(), ids=MADE_UP.keys())
def test_a_made_up_file_with_a_right_checksum_is_refused(
    file: Path, parts: list[tuple[str, bytes]]
) -> None:
    write_sealed(file, parts)
    with pytest.raises(CorruptFile, match="file' cannot be understood"):
        read_archive(file, KIND)


@pytest.mark.parametrize("name", [name for name, _ in members()])
def test_a_compressed_member_is_refused(file: Path, name: str) -> None:
    write_sealed(file, members(), compressed=(name,))
    with pytest.raises(CorruptFile, match="or compressed ones.*Take a copy of it"):
        read_archive(file, KIND)
