"""What a launched process does, as far as launch and the command do not show it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mlj_keras.launching import worker as module


def test_a_script_runs_as_main_with_its_folder_and_arguments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    joined: list[object] = []
    monkeypatch.setattr(module, "place_of", joined.append)
    monkeypatch.setattr(sys, "argv", ["worker"])
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setattr(sys, "stdout", sys.__stdout__)
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, pathlib\n"
        "pathlib.Path(sys.argv[1]).write_text(f'{__name__} {sys.path[0]} {sys.argv[2]}')\n"
    )
    module.main(["--script", str(script), str(tmp_path / "out"), "more"])
    assert (tmp_path / "out").read_text() == f"__main__ {tmp_path} more"
    assert len(joined) == 1, "the cluster is joined before anything else"
