"""Journals: what was appended is there, what a crash has torn is dropped, other files are left."""

from __future__ import annotations

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlj_keras.errors import (
    CorruptFile,
    FormatTooNewError,
    JournalInUseError,
    MachineFileError,
    NotAMachineFile,
)
from mlj_keras.storage import journal as journal_module
from mlj_keras.storage import write_archive
from mlj_keras.storage.journal import Journal
from tests.batteries.processes import lines_of

KIND = "example"
RECORDS: list[dict[str, Any]] = [
    {"n": 1},
    {"loss": 0.5, "word": "über\nzwei"},
    {"deep": [{}, None]},
]
ROOT = Path(__file__).parents[2]

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
records = st.dictionaries(st.text(), json_values, max_size=3)


def written(path: Path, given_: Sequence[Mapping[str, Any]] = RECORDS) -> bytes:
    """A file of these records, in place of what there was; its bytes."""
    path.unlink(missing_ok=True)
    with Journal(path, KIND) as journal:
        for record in given_:
            journal.append(record)
    return path.read_bytes()


def read(path: Path, kind: str = KIND) -> list[Any]:
    with Journal(path, kind) as journal:
        return journal.records


def of_kind(path: Path, kind: str, given_: Sequence[Any] = ()) -> bytes:
    """The bytes of a file of another kind."""
    path.unlink(missing_ok=True)
    with Journal(path, kind) as journal:
        for record in given_:
            journal.append(record)
    return path.read_bytes()


def check_goes_on(path: Path, expected: Sequence[Any]) -> None:
    """The records are these, and another one can be appended."""
    with Journal(path, KIND) as journal:
        assert journal.records == expected
        journal.append({"one": "more"})
    assert read(path) == [*expected, {"one": "more"}]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of RECORDS."""
    path = tmp_path / "journal"
    written(path)
    return path


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A path for properties, each example of which writes it anew."""
    return tmp_path_factory.mktemp("journals") / "journal"


def test_what_is_appended_is_there_when_it_is_opened_again(file: Path) -> None:
    with Journal(file, KIND) as journal:
        assert journal.records == RECORDS
        journal.append({"n": 2})
        assert journal.records == RECORDS  # those that were there before
    check_goes_on(file, [*RECORDS, {"n": 2}])
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_file_that_is_not_there_or_empty_becomes_one(tmp_path: Path) -> None:
    assert read(tmp_path / "new") == []
    (tmp_path / "empty").touch()
    check_goes_on(tmp_path / "empty", [])
    with Journal(str(tmp_path / "text"), KIND) as journal:
        assert journal.path == tmp_path / "text"


@settings(max_examples=40)
@given(st.lists(records, max_size=4))
def test_records_of_json_come_back_as_they_were(shared: Path, given_: list[Any]) -> None:
    written(shared, given_)
    found = read(shared)
    # As text, which tells 1 from 1.0 and from True.
    assert json.dumps(found) == json.dumps(given_)


def test_measurements_that_are_no_finite_numbers_come_back(file: Path) -> None:
    written(file, [{"a": float("nan"), "b": float("inf"), "c": -float("inf")}])
    (found,) = read(file)
    assert np.isnan(found["a"]) and (found["b"], found["c"]) == (np.inf, -np.inf)


@pytest.mark.parametrize("record", [{"a": object()}, {"a": np.float32(1)}, {"a": {1, 2}}])
def test_what_json_cannot_hold_is_refused_and_nothing_of_it_is_written(
    file: Path, record: dict[str, Any]
) -> None:
    before = file.read_bytes()
    with Journal(file, KIND) as journal:
        with pytest.raises(TypeError, match="not JSON serializable"):
            journal.append(record)
        assert file.read_bytes() == before
        journal.append({"n": 3})
    assert read(file) == [*RECORDS, {"n": 3}]


def test_clearing_removes_all_records_and_goes_on(file: Path) -> None:
    with Journal(file, KIND) as journal:
        journal.clear()
        assert journal.records == []
        journal.append({"n": 1})
    check_goes_on(file, [{"n": 1}])


@pytest.mark.parametrize("torn", [b"0", b"1234abcd", b'1234abcd 7 {"n', b"{}", b"\0\0\0"])
def test_a_torn_last_line_is_dropped_and_the_file_goes_on(file: Path, torn: bytes) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole + torn)
    assert read(file) == RECORDS
    assert file.read_bytes() == whole
    check_goes_on(file, RECORDS)


def test_a_last_line_of_which_the_middle_was_not_written_is_dropped(file: Path) -> None:
    whole = file.read_bytes()
    longer = written(file, [*RECORDS, {"word": "x" * 99}])
    file.write_bytes(longer.replace(b"x" * 50, bytes(50), 1))
    assert read(file) == RECORDS
    assert file.read_bytes() == whole
    check_goes_on(file, RECORDS)


@settings(max_examples=60)
@given(st.lists(records, max_size=3), st.floats(0, 1))
def test_a_file_cut_anywhere_has_the_records_before_and_goes_on(
    shared: Path, given_: list[Any], where: float
) -> None:
    whole = written(shared, given_)
    cut = round(where * len(whole))
    shared.write_bytes(whole[:cut])
    n_whole = max(whole[:cut].count(b"\n") - 1, 0)  # without the head
    check_goes_on(shared, given_[:n_whole])


@pytest.mark.slow
@settings(max_examples=8)
@given(st.lists(records, max_size=3), st.integers(1, 255))
def test_a_byte_that_is_changed_is_noticed_or_costs_the_last_record_alone(
    shared: Path, given_: list[Any], flipped: int
) -> None:
    whole = written(shared, given_)
    for at in range(len(whole)):
        changed = bytearray(whole)
        changed[at] ^= flipped
        shared.write_bytes(changed)
        try:
            found = read(shared)
        except MachineFileError:
            continue
        assert found in (given_, given_[:-1]), at


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_changed_end_of_a_line_does_not_lose_two_records_in_silence(file: Path, n: int) -> None:
    given_ = [{"n": i} for i in range(n)]
    whole = written(file, given_)
    at = whole[:-1].rindex(b"\n")  # before the last record
    file.write_bytes(whole[:at] + b" " + whole[at + 1 :])
    try:
        found = read(file)
    except MachineFileError:
        assert len(file.read_bytes()) == len(whole)  # and what is there is left for a rescue
    else:
        assert found == given_[:-1]


def test_a_damaged_record_before_the_last_is_an_error_and_the_file_is_left(file: Path) -> None:
    whole = file.read_bytes()
    damaged = whole.replace(b'{"n":1}', b'{"n":7}')
    for content in (damaged, damaged + b"1234abcd {"):
        file.write_bytes(content)
        with pytest.raises(
            CorruptFile, match=r"Line 2 of '.*' has been changed .*delete it to begin anew"
        ):
            read(file)
        assert file.read_bytes().startswith(damaged)
    file.write_bytes(whole)
    assert read(file) == RECORDS


@pytest.mark.parametrize("value", [[1], 3, "a", None])
def test_a_line_that_is_no_record_is_damaged_whatever_its_checksum(file: Path, value: Any) -> None:
    written(file, [*RECORDS, value, {"n": 4}])
    with pytest.raises(CorruptFile, match="Line 5 of"):
        read(file)


@pytest.mark.slow
def test_a_process_that_is_killed_leaves_what_it_has_appended(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from mlj_keras.storage.journal import Journal
journal = Journal(sys.argv[1], "example")
for n in range(3):
    journal.append({"n": n})
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = tmp_path / "journal"
    command = [sys.executable, "-c", script, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == -signal.SIGKILL, done.stderr
    check_goes_on(path, [{"n": 0}, {"n": 1}, {"n": 2}])  # nobody keeps it locked


@pytest.mark.slow
def test_a_full_disk_is_an_error_and_costs_no_other_record(tmp_path: Path) -> None:
    # The limit of the size of a file stands for the end of the disk: 10 bytes of a record fit.
    path = str(tmp_path / "journal")
    found = lines_of(f"""
import os, resource, signal
from mlj_keras.storage.journal import Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
none = resource.RLIM_INFINITY
with Journal({path!r}, "example") as journal:
    journal.append({{"n": 0}})
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize({path!r}) + 10, none))
    try:
        journal.append({{"n": 1}})
        print("no error")
    except OSError as error:
        print("OSError")
    resource.setrlimit(resource.RLIMIT_FSIZE, (none, none))
    journal.append({{"n": 2}})
    journal.append({{"n": 3}})
""")
    assert found == ["OSError"]
    assert read(Path(path)) == [{"n": 0}, {"n": 2}, {"n": 3}]


OTHERS = {
    "a word": b"hello",
    "a line": b"hello\n",
    "lines": b"a,b\n1,2\n3,4\n",
    "lines without an end": b"a,b\n1,2\n3,4",
    "empty lines": b"\n\n",
    "json": b'{"journal": "mlj_keras journal"}\n',
    "a pickle": pickle.dumps({"a": list(range(20))}),
    "zeros": bytes(64),
}


@pytest.mark.parametrize("content", OTHERS.values(), ids=OTHERS.keys())
def test_another_file_is_refused_and_left_byte_for_byte_as_it_was(
    tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "precious"
    path.write_bytes(content)
    for _ in range(2):
        with pytest.raises(NotAMachineFile, match="'.*precious' is no .*: name another file"):
            Journal(path, KIND)
        assert path.read_bytes() == content


@pytest.mark.parametrize("torn", [b"", b"1234abcd {", b"1234abcd\n"])
@pytest.mark.parametrize("n", [0, 1, 2])
def test_a_journal_of_another_kind_is_left_as_it_was(tmp_path: Path, n: int, torn: bytes) -> None:
    path = tmp_path / "other"
    before = of_kind(path, "other", RECORDS[:n]) + torn
    path.write_bytes(before)
    with pytest.raises(NotAMachineFile, match="'.*other' is no example: name another file"):
        Journal(path, KIND)
    assert path.read_bytes() == before


@pytest.mark.parametrize("n", [1, 2])
def test_records_without_a_head_are_left_as_they_were(file: Path, n: int) -> None:
    lines = file.read_bytes().splitlines(keepends=True)[1 : n + 1]
    file.write_bytes(b"".join(lines))
    with pytest.raises(NotAMachineFile, match="is no example: name another file"):
        Journal(file, KIND)
    assert file.read_bytes() == b"".join(lines)


def test_a_machine_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "machine"
    write_archive(path, "machine", {"a": 1}, {"x": np.arange(100.0)})
    before = path.read_bytes()
    with pytest.raises(NotAMachineFile, match="name another file"):
        Journal(path, KIND)
    assert path.read_bytes() == before


@settings(max_examples=60)
@given(st.binary(min_size=1, max_size=40))
def test_no_other_bytes_are_changed(shared: Path, content: bytes) -> None:
    # The beginning of a head is what a crash leaves, and one of a few bytes comes up by chance.
    assume(not of_kind(shared, KIND).startswith(content))
    shared.write_bytes(content)
    with pytest.raises(NotAMachineFile):
        Journal(shared, KIND)
    assert shared.read_bytes() == content


@pytest.mark.parametrize("rest", [b"", b"7 a record of another form\n", b"torn"])
def test_a_file_of_a_later_version_is_refused_and_left_as_it_was(
    file: Path, rest: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as later:
        later.setattr(journal_module, "VERSION", 2)
        whole = written(file) + rest
    file.write_bytes(whole)
    with pytest.raises(FormatTooNewError, match="format 2, and .* reads 1. Install a later one"):
        Journal(file, KIND)
    assert file.read_bytes() == whole


def test_a_journal_of_another_kind_opens_as_what_it_is_after_it_was_refused(file: Path) -> None:
    with pytest.raises(NotAMachineFile, match="is no other: name another file"):
        Journal(file, "other")
    assert read(file) == RECORDS


def test_folders_and_files_in_none_are_errors_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        Journal(tmp_path, KIND)
    with pytest.raises(FileNotFoundError):
        Journal(tmp_path / "nowhere" / "journal", KIND)


def test_a_second_one_of_this_process_is_refused_until_the_first_is_closed(file: Path) -> None:
    before = file.read_bytes()
    with Journal(file, KIND) as journal:
        with pytest.raises(
            JournalInUseError, match="Another process writes to '.*journal'. Wait until it has"
        ):
            Journal(file, KIND)
        assert file.read_bytes() == before
        journal.append({"n": 9})
    check_goes_on(file, [*RECORDS, {"n": 9}])


@pytest.mark.slow
def test_another_process_is_refused_until_this_one_has_closed_it(file: Path) -> None:
    script = f"""
from mlj_keras.errors import JournalInUseError
from mlj_keras.storage.journal import Journal
try:
    with Journal({os.fspath(file)!r}, "example") as journal:
        print(len(journal.records))
except JournalInUseError as error:
    print("in use")
"""
    with Journal(file, KIND):
        assert lines_of(script) == ["in use"]
    assert lines_of(script) == ["3"]


def test_a_journal_is_closed_at_the_end_of_a_block_even_if_that_fails(file: Path) -> None:
    with pytest.raises(RuntimeError, match="on purpose"), Journal(file, KIND) as journal:
        raise RuntimeError("on purpose")
    with pytest.raises(ValueError, match="closed file"):
        journal.append({"n": 1})
    assert read(file) == RECORDS
