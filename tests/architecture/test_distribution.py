"""What the built wheel and source distribution hold: the whole package, and nothing beside it."""

from __future__ import annotations

import email
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILT_FROM = ("setup.cfg", "setup.py", "pyproject.toml", "MANIFEST.in", "README.md", "LICENSE")


def modules() -> set[str]:
    """The files of the package as they should be installed."""
    found = [*(ROOT / "mlj_keras").rglob("*.py"), ROOT / "mlj_keras" / "py.typed"]
    return {path.relative_to(ROOT).as_posix() for path in found}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both, built from a copy of the sources by what is installed."""
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    for name in BUILT_FROM:
        shutil.copy(ROOT / name, source)
    shutil.copytree(
        ROOT / "mlj_keras", source / "mlj_keras", ignore=shutil.ignore_patterns("__pycache__")
    )
    (source / "tests").mkdir()
    (source / "tests" / "test_rng.py").touch()
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(built), "."]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return built


@pytest.mark.slow
def test_the_wheel_holds_the_whole_package_and_nothing_else(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    beside = {name for name in names if ".dist-info/" not in name}
    assert wheel.name.endswith("-py3-none-any.whl")
    assert beside == modules()


@pytest.mark.slow
def test_the_wheel_says_what_the_package_is(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        folder = f"{'-'.join(wheel.name.split('-')[:2])}.dist-info"
        facts = email.message_from_bytes(archive.read(f"{folder}/METADATA"))
        commands = archive.read(f"{folder}/entry_points.txt").decode()
        assert f"{folder}/licenses/LICENSE" in archive.namelist()
    assert facts["Name"] in ("mlj_keras", "mlj-keras")
    assert facts["Requires-Python"] == ">=3.11"
    assert facts["License-Expression"] == "MIT"
    assert facts["Description-Content-Type"] == "text/markdown"
    assert facts.get_payload() == (ROOT / "README.md").read_text()
    assert "mlj-keras = mlj_keras.launching.command:main" in commands


@pytest.mark.slow
def test_the_source_distribution_holds_what_building_needs_and_no_tests(built: Path) -> None:
    (source,) = built.glob("*.tar.gz")
    with tarfile.open(source) as archive:
        files = [member.name for member in archive.getmembers() if member.isfile()]
    names = {name.partition("/")[2] for name in files}
    beside = {name for name in names if ".egg-info/" not in name}
    assert beside == modules() | set(BUILT_FROM) | {"PKG-INFO"}
