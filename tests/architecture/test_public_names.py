"""The public face: a sorted `__all__`, documented names, and private ones left in their folder."""

from __future__ import annotations

import ast
import inspect
import types
from pathlib import Path

import pytest

import mlj_keras

PACKAGE = Path(__file__).parents[2] / "mlj_keras"

# Private modules of layer 0, which serve every folder.
SHARED_PRIVATE = {
    *("_display", "_imports", "_logging", "_progress", "_tracebacks", "_warnings"),
}


def documentation_faults(name: str, value: object) -> list[str]:
    """What the docstring of the public object `value` lacks, a line each.

    A module and an error class need a summary only: neither is called by a user.
    """
    doc = value.__doc__
    if not doc or not doc.strip():
        return [f"{name} has no docstring"]
    if isinstance(value, types.ModuleType):
        return []
    if inspect.isclass(value) and issubclass(value, BaseException):
        return []
    faults = []
    if "Example" not in doc and ">>>" not in doc:
        faults.append(f"{name} has no Example")
    if (inspect.isclass(value) or inspect.isroutine(value)) and "Source:" not in doc:
        faults.append(f"{name} has no Source: line")
    return faults


def private_faults(source: str, folder: str) -> list[str]:
    """One line for each private name that `source`, of `folder`, takes from another folder."""
    faults = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            root, *inside = name.split(".")
            if root != "mlj_keras" or not inside or inside[0] == folder:
                continue
            private = [part for part in inside if part.startswith("_")]
            if private and not (inside[0] in SHARED_PRIVATE and private == inside[:1]):
                faults.append(f"line {node.lineno} imports {name}")
    return faults


def test_all_is_sorted_as_python_sorts_and_has_no_name_twice() -> None:
    assert list(mlj_keras.__all__) == sorted(set(mlj_keras.__all__))


def test_every_public_name_can_be_read() -> None:
    missing = [name for name in mlj_keras.__all__ if not hasattr(mlj_keras, name)]
    assert not missing, f"in __all__ but not in the package: {missing}"


def test_every_public_name_is_documented_with_example_and_source() -> None:
    faults = [
        fault
        for name in mlj_keras.__all__
        for fault in documentation_faults(name, getattr(mlj_keras, name))
    ]
    assert not faults, "\n".join(faults)


def test_private_modules_and_names_stay_in_their_folder() -> None:
    faults = [
        f"{path.relative_to(PACKAGE).as_posix()} {fault}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if path != PACKAGE / "__init__.py"
        for fault in private_faults(path.read_text(), path.relative_to(PACKAGE).parts[0])
    ]
    assert not faults, "\n".join(faults)


def test_the_top_module_takes_no_private_name() -> None:
    source = (PACKAGE / "__init__.py").read_text()
    assert private_faults(source, "") == []


@pytest.mark.parametrize(
    ("statement", "n_faults"),
    [
        ("from mlj_keras.containers._network_fit import fit", 1),
        ("from mlj_keras.containers import _network_fit", 1),
        ("import mlj_keras.containers._network_fit", 1),
        ("from mlj_keras.data.tables import _rows", 1),
        ("from mlj_keras._imports import _load", 1),
        ("from mlj_keras._imports import require", 0),
        ("from mlj_keras.machine._private import x", 0),
        ("from mlj_keras.data.tables import rows", 0),
        ("from numpy import _core", 0),
    ],
)
def test_the_check_finds_private_names_of_other_folders(statement: str, n_faults: int) -> None:
    assert len(private_faults(statement, "machine")) == n_faults


def test_the_check_finds_what_a_docstring_lacks() -> None:
    def bare() -> None: ...

    def short() -> None:
        """Does a thing."""

    def full() -> None:
        """Does a thing.

        Example:
            >>> full()

        Source: ours.
        """

    assert documentation_faults("bare", bare) == ["bare has no docstring"]
    assert documentation_faults("short", short) == [
        "short has no Example",
        "short has no Source: line",
    ]
    assert documentation_faults("full", full) == []


def test_tab_shows_the_public_names_and_no_folders() -> None:
    assert dir(mlj_keras) == sorted([*mlj_keras.__all__, "errors", "plots"])
    assert all(hasattr(mlj_keras, name) for name in dir(mlj_keras))
