"""Tests of code: what can be imported by name is named, and only named code is ever imported."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidArgument,
    MachineFileWarning,
    MissingPackageError,
    UnsavableError,
    UntrustedModelError,
    WrongType,
)
from mlj_keras.persistence.code import (
    TrustedCode,
    check_needed,
    check_trusted,
    code_name,
    digest_of,
    function_behind,
)
from tests.batteries.saving import Wide

NAME = "tests.batteries.saving:Wide"


def net(inputs: Any, n_out: int, n1: int) -> Any:
    """A network by a function."""
    import keras

    return keras.layers.Dense(n_out)(keras.layers.Dense(n1)(inputs))


def test_a_class_and_a_function_of_a_module_have_names() -> None:
    assert code_name(Wide, "it") == (NAME, digest_of(Wide))
    assert code_name(net, "it")[0] == "tests.persistence.test_code:net"
    assert code_name(np.mean, "it")[0] == "numpy:mean"


def test_what_no_import_finds_has_none() -> None:
    def inner() -> None:
        """Only here."""

    for value, message in (
        (inner, "a function that is defined where no import finds it"),
        (lambda: None, "<lambda>"),
        (type("Made", (), {}), "a class that is defined where"),
    ):
        with pytest.raises(UnsavableError, match=message):
            code_name(value, "it")
    here = type("Here", (), {"__module__": "__main__"})
    with pytest.raises(UnsavableError, match="in a script or notebook"):
        code_name(here, "it")


def test_an_impostor_of_a_name_is_not_taken_for_it() -> None:
    false = type("Wide", (mlj.Builder,), {"__module__": "tests.batteries.saving"})
    with pytest.raises(UnsavableError, match="where no import finds it"):
        code_name(false, "it")


def test_the_function_of_a_builder_is_found() -> None:
    builder = mlj.builder_from(net, n1=3)
    assert function_behind(builder) is net
    assert function_behind(mlj.MLP()) is None and function_behind(3) is None


@pytest.mark.parametrize(
    "trusted", [(), ["a:b"], ("a.b_c:D.e", "x:y"), ["sklearn.tree._tree.Tree"]]
)
def test_exact_names_are_taken(trusted: Any) -> None:
    assert check_trusted(trusted) == tuple(trusted)


@pytest.mark.parametrize(
    ("trusted", "kind"),
    [
        (True, WrongType),
        (None, WrongType),
        ("a:b", WrongType),
        ([""], InvalidArgument),
        (["a:*"], InvalidArgument),
        (["a:b()"], InvalidArgument),
        (["../a:b"], InvalidArgument),
        (["a:b", 3], InvalidArgument),
    ],
)
def test_anything_else_is_refused(trusted: Any, kind: Any) -> None:
    with pytest.raises(kind, match="exact names"):
        check_trusted(trusted)


def test_all_that_is_lacking_is_named_with_the_call_that_allows_it() -> None:
    check_needed(["a:b"], ("a:b", "c:d"), "file")
    with pytest.raises(UntrustedModelError, match=r"e:f, g:h.*trusted=\['a:b', 'e:f', 'g:h'\]"):
        check_needed(["a:b", "g:h", "e:f"], ("a:b",), "file")


def test_only_what_the_caller_named_is_imported() -> None:
    module = "tests.batteries.oracles_that_are_not_there"
    code = TrustedCode((NAME, f"{module}:x"), {})
    assert code.named(NAME) is Wide
    for name in ("os:system", 3, None, ["os:system"]):
        with pytest.raises(UntrustedModelError, match="not among `trusted`"):
            code.named(name)
    with pytest.raises(MissingPackageError, match=f"'{module}' cannot be imported.*file is fine"):
        code.named(f"{module}:x")
    assert module not in sys.modules


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("import nothing_of_this_name", MissingPackageError, "No module named 'nothing_of_this"),
        ("1 / 0", InvalidArgument, "'odd_module' raises ZeroDivisionError: division by zero"),
        ("def (", InvalidArgument, "'odd_module' raises SyntaxError: invalid syntax"),
    ],
)
def test_a_module_that_cannot_be_imported_is_named_and_not_the_file_blamed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, kind: Any, message: str
) -> None:
    (tmp_path / "odd_module.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(kind, match=f"needs 'odd_module:x'.*{message}.*file is fine") as caught:
        TrustedCode(("odd_module:x",), {}).named("odd_module:x")
    assert caught.value.__cause__ is not None


def test_a_name_that_is_no_class_or_function_is_refused() -> None:
    for name in ("tests.batteries.saving:TRUSTED", "tests.batteries.saving:nothing"):
        with pytest.raises(UntrustedModelError, match="no class or function"):
            TrustedCode((name,), {}).named(name)


def test_another_source_is_warned_of_once() -> None:
    code = TrustedCode((NAME,), {NAME: "0" * 64})
    with pytest.warns(MachineFileWarning, match="The source of tests.batteries.saving:Wide"):
        assert code.named(NAME) is Wide
    assert code.named(NAME) is Wide
    assert TrustedCode((NAME,), {NAME: digest_of(Wide)}).named(NAME) is Wide
