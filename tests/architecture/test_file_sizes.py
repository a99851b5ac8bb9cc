"""Sizes and habits: short files, functions and classes; no dumping ground; no `print`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE_FILES = sorted((ROOT / "mlj_keras").rglob("*.py"))
ALL_FILES = [
    *PACKAGE_FILES,
    *sorted((ROOT / "tests").rglob("*.py")),
    *sorted((ROOT / "tutorials").rglob("*.py")),
]

MAX_LINES = 400
MAX_FUNCTION_LINES = 60
MAX_PUBLIC_METHODS = 15

Function = ast.FunctionDef | ast.AsyncFunctionDef


def long_functions(source: str) -> Iterator[str]:
    """A line for each function of `source` that is too long, its docstring counted."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            n_lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if n_lines > MAX_FUNCTION_LINES:
                yield f"line {node.lineno} {node.name} has {n_lines} lines"


def wide_classes(source: str) -> Iterator[str]:
    """A line for each class of `source` with too many public methods; a property counts once."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            names = {item.name for item in node.body if isinstance(item, Function)}
            public = [name for name in names if not name.startswith("_")]
            if len(public) > MAX_PUBLIC_METHODS:
                yield f"line {node.lineno} {node.name} has {len(public)} public methods"


def prints(source: str) -> Iterator[str]:
    """A line for each call of `print` in `source`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "print":
                yield f"line {node.lineno} prints"


def label(path: Path) -> str:
    """The path from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


def test_no_file_has_more_than_400_lines() -> None:
    # A list of names is as long as there are names.
    files = [path for path in ALL_FILES if path.name != "__init__.py"]
    counts = {label(path): len(path.read_text().splitlines()) for path in files}
    long = {name: count for name, count in counts.items() if count > MAX_LINES}
    assert not long, f"split these: {long}"


def test_no_function_has_more_than_60_lines() -> None:
    faults = [f"{label(p)} {fault}" for p in ALL_FILES for fault in long_functions(p.read_text())]
    assert not faults, "\n".join(faults)


def test_no_class_has_more_than_15_public_methods() -> None:
    faults = [
        f"{label(p)} {fault}" for p in PACKAGE_FILES for fault in wide_classes(p.read_text())
    ]
    assert not faults, "\n".join(faults)


def test_no_file_is_a_dumping_ground() -> None:
    names = {"utils", "util", "utilities", "helpers", "misc", "common"}
    found = [label(path) for path in PACKAGE_FILES if path.stem.strip("_") in names]
    assert not found, f"name these after what they hold: {found}"


def test_the_package_prints_nothing() -> None:
    faults = [f"{label(p)} {fault}" for p in PACKAGE_FILES for fault in prints(p.read_text())]
    assert not faults, "use the logger mlj_keras:\n" + "\n".join(faults)


@pytest.mark.parametrize(("n_lines", "n_faults"), [(60, 0), (61, 1)])
def test_the_function_check_allows_60_lines_and_no_more(n_lines: int, n_faults: int) -> None:
    source = "def f():\n" + "    x = 1\n" * (n_lines - 1)
    assert len(list(long_functions(source))) == n_faults


@pytest.mark.parametrize(("n_methods", "n_faults"), [(15, 0), (16, 1)])
def test_the_class_check_allows_15_public_methods_and_no_more(
    n_methods: int, n_faults: int
) -> None:
    public = "".join(f"    def m{i}(self): ...\n" for i in range(n_methods))
    source = f"class A:\n{public}    def _private(self): ...\n"
    assert len(list(wide_classes(source))) == n_faults


def test_the_print_check_sees_calls_and_not_docstrings() -> None:
    assert list(prints('"""print(1)"""\nprint(1)')) == ["line 2 prints"]
