"""One file of named members: what is written is a zip like any other, and only that is read."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

import numpy as np
import pytest

from mlj_keras.errors import CorruptFile, FormatTooNewError, MachineFileError, NotAMachineFile
from mlj_keras.storage import members as module
from mlj_keras.storage.members import check_kind, members_of, written
from tests.persistence.hostile import Entry, file_of, manifest_of, zip_of

PARTS = {"model.json": b'{"a":1}', "weights.bin": bytes(range(256)), "tables/000000.x": b""}


def file(kind: str = "machine", **parts: bytes) -> bytes:
    return b"".join(written(kind, {**PARTS, **parts}, {"n": 1}, (1, 0)))


def test_the_members_come_back_with_the_facts() -> None:
    found = members_of(file(), "it", "machine")
    assert found.kind == "machine" and found.facts == {"n": 1}
    assert {name: bytes(part) for name, part in found.parts.items()} == PARTS
    assert (
        members_of(b"".join(written("two words", {}, {}, (1, 0))), "it", "two words").parts == {}
    )


def test_another_program_reads_it_as_a_zip_of_stored_members() -> None:
    with zipfile.ZipFile(io.BytesIO(file())) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["mimetype", "manifest.json", *PARTS]
        infos = archive.infolist()
        assert {(i.compress_type, i.date_time) for i in infos} == {(0, (1980, 1, 1, 0, 0, 0))}
        assert archive.read("mimetype") == b"application/x-mlj-machine"
        manifest = json.loads(archive.read("manifest.json"))
        assert {name: archive.read(name) for name in PARTS} == PARTS
        rest = file()[archive.start_dir : -64]
        checksum = hashlib.sha256(archive.read("manifest.json") + rest).hexdigest()
        assert archive.comment == checksum.encode()
    assert manifest["format_version"] == [1, 0] and manifest["members"]["model.json"] == {
        "sha256": hashlib.sha256(PARTS["model.json"]).hexdigest(),
        "size": 7,
    }


def test_the_description_of_the_format_makes_the_same_bytes() -> None:
    told = manifest_of(PARTS, facts={"n": 1})
    text = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    assert file_of(PARTS, manifest=text) == file()


def test_equal_contents_make_equal_bytes_and_other_contents_others() -> None:
    assert file() == file() != file(more=b"")
    assert len({file(), file(**{"model.json": b"{}"}), file(kind="state")}) == 3


def test_every_changed_byte_is_refused() -> None:
    whole = file()
    for position in range(len(whole)):
        for bits in (1 << position % 8, 0xFF):
            changed = bytearray(whole)
            changed[position] ^= bits
            with pytest.raises(MachineFileError):
                members_of(bytes(changed), "it", "machine")


def test_every_cut_and_all_that_is_put_in_is_refused() -> None:
    whole = file()
    for position in range(len(whole)):
        for changed in (whole[:position], whole[:position] + b"\0" + whole[position:]):
            with pytest.raises(MachineFileError):
                members_of(changed, "it", "machine")


def test_a_member_that_is_changed_is_named() -> None:
    whole = file().replace(PARTS["weights.bin"], bytes(reversed(PARTS["weights.bin"])))
    with pytest.raises(CorruptFile, match=r"'it' has been changed: .* 'weights.bin' is another"):
        members_of(whole, "it", "machine")


def test_a_first_member_that_says_more_than_the_kind_is_refused() -> None:
    for more in (b"PK\x03\x04", b"PK\x03\x04" + bytes(99)):
        content = b"application/x-mlj-machine" + more

        def change(entries: list[Entry], content: bytes = content) -> None:
            entries[0].content = content

        with pytest.raises(CorruptFile, match="its first member is another"):
            members_of(file_of(PARTS, change=change), "it", "machine")


def test_a_wrong_checksum_of_the_zip_is_refused_of_every_member() -> None:
    for i in range(2 + len(PARTS)):

        def change(entries: list[Entry], i: int = i) -> None:
            entries[i].checksum = 5

        with pytest.raises(CorruptFile, match="checksum of its (manifest|member '.*') is another"):
            members_of(file_of(PARTS, change=change), "it", "machine")


def test_the_kind_is_known_from_the_first_bytes() -> None:
    whole = file()
    check_kind(whole[:200], "it", "machine")
    with pytest.raises(NotAMachineFile, match="'it' holds a machine, not a state"):
        check_kind(whole[:200], "it", "state")
    for content in (whole[:60], b"", whole[1:], zip_of([Entry(b"mimetype", b"text/plain")])):
        with pytest.raises(NotAMachineFile, match="'it' is no file of mlj_keras"):
            check_kind(content, "it", "machine")


def test_a_kind_with_signs_that_move_the_cursor_is_not_shown() -> None:
    odd = b"application/x-mlj-\x1b[31m"
    whole = file_of({}, change=lambda entries: setattr(entries[0], "content", odd))
    with pytest.raises(NotAMachineFile) as caught:
        members_of(whole, "it", "machine")
    assert str(caught.value).isprintable()


def test_files_of_later_versions_are_read_if_they_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def later(version: tuple[int, int], least: tuple[int, int]) -> bytes:
        with monkeypatch.context() as patch:
            patch.setattr(module, "FORMAT_VERSION", version)
            return b"".join(written("machine", PARTS, {}, least))

    assert len(members_of(later((1, 999), (1, 0)), "it", "machine").parts) == 3
    for version in ((1, 1), (2, 0)):
        words = f"has the format {version[0]}.{version[1]}, .* reads up to 1.0. Install a later"
        with pytest.raises(FormatTooNewError, match=words):
            members_of(later(version, version), "it", "machine")


def test_many_members_are_read_and_the_names_stay_in_order() -> None:
    parts = {f"tables/{i:06d}.x": np.int32([i]).tobytes() for i in range(2000)}
    whole = b"".join(written("machine", parts, {}, (1, 0)))
    found: Any = members_of(whole, "it", "machine").parts
    assert [*found] == [*parts] and bytes(found["tables/000007.x"]) == b"\7\0\0\0"
