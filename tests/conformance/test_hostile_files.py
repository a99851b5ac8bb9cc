"""Every file that means harm is refused, by an error that says why, and makes nothing happen.

The files are made of a few valid ones, and used in one process of its own, which hears of every
file that is opened, every import and every call of the system.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    CorruptFile,
    LimitExceeded,
    MachineFileWarning,
    NotAMachineFile,
    SchemaMismatch,
    WrongType,
)
from mlj_keras.persistence import inspect_file, load_machine, save
from mlj_keras.storage import members
from tests.persistence import hostile, hostile_content, hostile_records
from tests.persistence.hostile import Case, file_of, manifest_of, parts_of
from tests.persistence.valid import few, mixed, saved

MOST_SECONDS, MOST_MB = 2.0, 200.0
GENERATORS = (
    hostile.other_files,
    hostile.cut_files,
    hostile.zip_files,
    hostile.manifest_files,
    hostile_content.model_files,
    hostile_content.code_files,
    hostile_content.array_files,
    hostile_records.record_files,
    hostile_records.column_files,
    hostile_records.network_files,
)
# scikit-learn's arrays begin with a line that NumPy parses, and does not run.
PARSED = "compile b\"{'descr':"
CHILD = Path(hostile.__file__).with_name("hostile_child.py")


@dataclasses.dataclass(frozen=True)
class Used:
    """A case, the file that it is, and what became of it."""

    case: Case
    path: str
    load: dict[str, Any]
    inspect: dict[str, Any]

    def __str__(self) -> str:
        return f"row {self.case.row}, {self.case.name}"


@pytest.fixture(scope="module")
def X() -> pd.DataFrame:
    """The table that most of the files have learned of."""
    return mixed()


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """A few valid files."""
    return {name: each.content for name, each in few().items()}


@pytest.fixture(scope="module")
def used(files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> list[Used]:
    """All cases, used in one process."""
    folder = tmp_path_factory.mktemp("hostile")
    cases = [case for generator in GENERATORS for case in generator(files)]
    # Those of other versions, too: then networks are asked for an output.
    others = {f"{name} sealed": file_of(parts_of(whole)) for name, whole in files.items()}
    for name, whole in {**files, **others}.items():
        (folder / "valid").mkdir(exist_ok=True)
        (folder / "valid" / name).write_bytes(whole)
    (folder / "hostile").mkdir()
    for i, case in enumerate(cases):
        (folder / "hostile" / f"{i:04d}").write_bytes(case.content)
    done = subprocess.run(
        [sys.executable, str(CHILD), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert len(lines) == len(cases), f"it ended at {cases[len(lines)].name}: {done.stderr[-2000:]}"
    assert sorted(path.name for path in folder.iterdir()) == ["hostile", "valid"]
    return [
        Used(case, str(folder / "hostile" / line["name"]), line["load"], line["inspect"])
        for case, line in zip(cases, lines, strict=True)
    ]


def found(used: list[Used], what: Any) -> list[str]:
    """What is wrong with which cases."""
    return [f"{each}: {wrong}" for each in used for wrong in what(each) if wrong]


def test_there_are_files_for_every_row_of_the_table(used: list[Used]) -> None:
    rows = {each.case.row for each in used}
    # Those that are no files of bytes, that load, or that a fuzzer makes have tests of their own.
    assert rows == set(range(1, 41)) - {5, 7, 25, 27, 31, 37, 38, 39, 40}
    assert len(used) > 600


def test_every_file_is_refused_by_the_error_that_belongs_to_it(used: list[Used]) -> None:
    def wrong(each: Used) -> Iterator[str]:
        named = each.load["error"] == each.case.error
        if not named or not re.search(each.case.words, each.load["message"]):
            yield f"{each.load['error']}: {each.load['message']}"
        if "MachineFileError" not in each.load["kinds"] or "ValueError" not in each.load["kinds"]:
            yield f"it is no MachineFileError: {each.load['kinds']}"

    assert found(used, wrong) == []


def test_looking_into_a_file_raises_the_same_or_builds_nothing_of_it(used: list[Used]) -> None:
    def wrong(each: Used) -> Iterator[str]:
        error = each.inspect["error"]
        if each.case.inspected and error != each.case.error:
            yield f"{error}: {each.inspect['message']}"
        if error is not None and "MachineFileError" not in each.inspect["kinds"]:
            yield f"{error}: {each.inspect['message']}"

    assert found(used, wrong) == []


def test_nothing_is_opened_loaded_run_or_written_but_the_file(used: list[Used]) -> None:
    def wrong(each: Used) -> Iterator[str]:
        own = re.compile(rf"open ({re.escape(repr(each.path))}|\d+)")
        for event in (*each.load["events"], *each.inspect["events"]):
            if not own.fullmatch(event) and not event.startswith(PARSED):
                yield event

    assert found(used, wrong) == []


def test_refusing_takes_little_time_and_memory(used: list[Used]) -> None:
    def wrong(each: Used) -> Iterator[str]:
        for way in (each.load, each.inspect):
            if way["seconds"] > MOST_SECONDS or way["grown"] > MOST_MB:
                yield f"{way['seconds']:.1f} s, {way['grown']:.0f} MB"

    assert found(used, wrong) == []


def test_messages_are_of_one_line_and_not_endless(used: list[Used]) -> None:
    def wrong(each: Used) -> Iterator[str]:
        message = each.load["message"].replace("\n", " ")
        if len(message) > 2000 or not message.isprintable():
            yield repr(message[:300])

    assert found(used, wrong) == []


# Rows 5, 19, 25, 27, 31, 37, 38: what is no file of bytes, or is read.


def test_what_is_no_regular_file_is_refused_at_once(
    files: dict[str, bytes], tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(files["transformer"])
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "link", tmp_path / "pipe", Path("/dev/zero")):
        for use in (load_machine, inspect_file):
            with pytest.raises(NotAMachineFile, match="is not a regular file"):
                use(path)
    for use in (load_machine, inspect_file):
        with pytest.raises(FileNotFoundError):
            use(tmp_path / "nowhere")


def test_a_file_of_a_later_minor_version_is_read(files: dict[str, bytes], X: Any) -> None:
    parts = parts_of(files["transformer"])
    text = json.dumps(manifest_of(parts, format_version=[1, 999])).encode()
    whole = file_of(parts, manifest=text)
    assert mlj.transform(load_machine(io.BytesIO(whole)), X).shape == X.shape


def test_a_class_that_is_registered_with_keras_takes_no_name_from_ours(
    files: dict[str, bytes], X: Any
) -> None:
    import keras

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("the registered class was built")

    with keras.saving.custom_object_scope({"Dense": never, "MLP": never, "softmax": never}):
        mach = load_machine(io.BytesIO(files["classifier"]))
        assert len(mlj.predict(mach, X)) == len(X)


@pytest.mark.parametrize("name", ["../../x", "a/b", "", "x\x1b[31m\n", "\u202ea", "a" * 100_000])
def test_a_column_of_any_name_is_data(name: str, tmp_path: Path) -> None:
    X = pd.DataFrame({name: [1.0, 2.0, 4.0]})
    whole = saved(mlj.fit(mlj.machine(mlj.Standardizer(), X), verbosity=0))
    mach = load_machine(io.BytesIO(whole))
    assert mlj.transform(mach, X)[name].mean() == pytest.approx(0)
    with pytest.raises(SchemaMismatch):
        mlj.transform(mach, pd.DataFrame({"other": [1.0]}))
    assert os.listdir(tmp_path) == []


def test_weights_that_are_not_finite_are_told(files: dict[str, bytes]) -> None:
    parts = parts_of(files["classifier"])
    whole = parts["weights.safetensors"]
    n = 8 + int.from_bytes(whole[:8], "little")
    header = json.loads(whole[8:n])
    kernel = next(a for a in hostile_content.all_of(json.loads(parts["learned.json"]), "arrays"))
    begin, end = header[kernel["layers/4/kernel"]["array"]]["data_offsets"]
    for value in (np.nan, np.inf):
        numbers = np.full((end - begin) // 4, value, "<f4").tobytes()
        changed = whole[: n + begin] + numbers + whole[n + end :]
        content = file_of({**parts, "weights.safetensors": changed})
        with pytest.warns(MachineFileWarning, match="weights that are not finite"):
            load_machine(io.BytesIO(content))


def test_a_file_that_is_cut_while_it_is_read_is_refused(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, check = tmp_path / "file", members.check_kind

    def cut(first: bytes, path: str, kind: str) -> None:
        os.truncate(path, 10_000)
        check(first, path, kind)

    path.write_bytes(files["pipeline"] + bytes(10**6))
    monkeypatch.setattr("mlj_keras.persistence.reader.check_kind", cut)
    with pytest.raises(CorruptFile, match="is truncated"):
        load_machine(path)


def test_files_that_are_too_large_are_refused(files: dict[str, bytes], tmp_path: Path) -> None:
    whole = files["transformer"]
    (tmp_path / "file").write_bytes(whole)
    for source in (tmp_path / "file", io.BytesIO(whole)):
        with pytest.raises(
            LimitExceeded, match=f"more than the {len(whole) - 1:,} bytes|that are"
        ):
            load_machine(source, max_bytes=len(whole) - 1)
    assert load_machine(tmp_path / "file", max_bytes=len(whole)).state == 1


def test_a_file_that_is_open_as_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a")
    with open(tmp_path / "file") as file, pytest.raises(WrongType, match="open as a text"):
        load_machine(file)


def test_errors_of_the_system_keep_the_name_and_the_old_file(
    files: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mach, path = load_machine(io.BytesIO(files["transformer"])), tmp_path / "file"
    path.write_bytes(b"old")

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space") as caught:
            save(path, mach)
    assert caught.value.filename == str(path) and path.read_bytes() == b"old"
    with pytest.raises(IsADirectoryError) as folder:
        save(tmp_path, mach)
    assert folder.value.filename == str(tmp_path) and os.listdir(tmp_path) == ["file"]
