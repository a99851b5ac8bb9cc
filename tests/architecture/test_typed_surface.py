"""The public names have types: each function and method says what it takes and gives, and
`py.typed`, which tells type checkers so, is installed with the package."""

from __future__ import annotations

import configparser
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import mlj_keras

ROOT = Path(__file__).parents[2]
SPECIAL = ("__init__", "__call__")  # methods that a user calls without their names
IGNORED = re.compile(
    r"# type: ignore(?!\[[a-z, -]+\]  # \S)"
)  # without the error's code or a reason


def unannotated(function: Callable[..., Any]) -> list[str]:
    """The parameters of a function that say no type, and "return" if it does not say its own."""
    signature = inspect.signature(function)
    lacking = [
        each.name
        for each in signature.parameters.values()
        if each.annotation is inspect.Parameter.empty and each.name not in ("self", "cls")
    ]
    silent = signature.return_annotation is inspect.Signature.empty
    return [*lacking, "return"] if silent else lacking


def public_methods(kind: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods and properties of a class that Python code of ours defines, inherited
    ones included."""
    for name in dir(kind):
        if name.startswith("_") and name not in SPECIAL:
            continue
        value = inspect.getattr_static(kind, name)
        if isinstance(value, staticmethod | classmethod):
            value = value.__func__
        elif isinstance(value, property):
            value = value.fget
        if inspect.isfunction(value) and value.__module__.startswith("mlj_keras"):
            yield name, value


def faults(name: str, value: Any) -> list[str]:
    """A line for each annotation that the public object `value` lacks."""
    if inspect.isclass(value):
        functions = [(f"{name}.{method}", each) for method, each in public_methods(value)]
    else:
        functions = [(name, value)] if inspect.isroutine(value) else []
    return [f"{where}: {lack}" for where, each in functions for lack in unannotated(each)]


def test_every_public_function_and_method_is_annotated() -> None:
    lines = [line for name in mlj_keras.__all__ for line in faults(name, getattr(mlj_keras, name))]
    assert not lines, "\n".join(sorted(lines))


def test_a_public_object_that_is_called_has_a_class_with_annotations() -> None:
    kinds = {type(getattr(mlj_keras, name)) for name in mlj_keras.__all__}
    ours = [kind for kind in kinds if kind.__module__.startswith("mlj_keras")]
    lines = [line for kind in ours for line in faults(kind.__name__, kind)]
    assert ours and not lines, "\n".join(sorted(lines))


def test_the_mark_of_a_typed_package_is_installed_with_it() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    assert (ROOT / "mlj_keras" / "py.typed").is_file()
    assert "py.typed" in settings["options.package_data"]["mlj_keras"].split()


def test_types_are_checked_strictly() -> None:
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    assert settings["mypy"]["strict"] == "True"
    assert settings["mypy"]["files"] == "mlj_keras"


def test_each_error_of_types_that_is_ignored_has_a_code_and_a_reason() -> None:
    lines = [
        f"{path.relative_to(ROOT).as_posix()} line {number}"
        for path in sorted((ROOT / "mlj_keras").rglob("*.py"))
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if IGNORED.search(line)
    ]
    assert not lines, "write `# type: ignore[code]  # why`:\n" + "\n".join(lines)


class Half:
    """A class some of whose annotations are missing."""

    def __init__(self, a) -> None: ...  # type: ignore[no-untyped-def]  # missing on purpose

    def told(self, a: int) -> int:
        return a

    @staticmethod
    def silent(a, b: int):  # type: ignore[no-untyped-def]  # missing on purpose
        return a

    @property
    def size(self):  # type: ignore[no-untyped-def]  # missing on purpose
        return 0

    def _private(self, a): ...  # type: ignore[no-untyped-def]  # missing on purpose


def test_the_check_finds_what_a_class_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in (Half.__init__, Half.silent, Half.told, Half.size.fget):
        monkeypatch.setattr(each, "__module__", "mlj_keras.half")
    assert faults("Half", Half) == [
        "Half.__init__: a",
        "Half.silent: a",
        "Half.silent: return",
        "Half.size: return",
    ]
    assert faults("silent", Half.silent) == ["silent: a", "silent: return"]
    assert faults("a number", 3) == []
