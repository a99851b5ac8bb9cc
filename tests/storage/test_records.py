"""The classes that a file may name: a closed table, whose fields are checked."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.data.columns import ColumnOrigin
from mlj_keras.data.tables import TableOrigin
from mlj_keras.persistence.known import model_of_id
from mlj_keras.storage import records
from mlj_keras.storage.records import (
    check_types,
    class_named,
    fits,
    function_named,
    is_storable,
    made,
    name_of,
    storable,
    stored_fields,
)

ORIGIN = {"kind": "pandas", "name": "a", "float_dtype": "float32"}


def test_a_record_is_made_of_its_fields_and_checked() -> None:
    assert made(ColumnOrigin, ORIGIN) == ColumnOrigin("pandas", "a", "float32")
    with pytest.raises(ValueError, match="kind of ColumnOrigin must be str, got 1"):
        made(ColumnOrigin, {**ORIGIN, "kind": 1})
    with pytest.raises(ValueError, match="its kind of column is 'os', which there is not"):
        made(ColumnOrigin, {**ORIGIN, "kind": "os"})
    with pytest.raises(ValueError, match=r"has the fields .*; \['odd'\] are not alike"):
        made(ColumnOrigin, {**ORIGIN, "odd": 1})
    with pytest.raises(ValueError, match=r"\['kind'\] are not alike"):
        made(ColumnOrigin, {name: ORIGIN[name] for name in ("name", "float_dtype")})
    first = TableOrigin("dict", ("a",))
    assert made(TableOrigin, {**vars(TableOrigin("inner")), "first": first}).own is first


def test_only_the_package_puts_something_into_the_table() -> None:
    with pytest.raises(TypeError, match="pathlib.Path is not of mlj_keras"):
        storable(Path)
    with pytest.raises(TypeError, match="two things called data.ColumnOrigin"):
        storable(ColumnOrigin)
    assert class_named("data.ColumnOrigin") is ColumnOrigin
    for name in ("os.system", "builtins.eval", "data.columns.ColumnOrigin", "", "ColumnOrigin"):
        assert class_named(name) is None and function_named(name) is None
    assert is_storable(ColumnOrigin) and not is_storable(Path) and not is_storable(3)


def test_a_thing_of_the_same_name_is_not_the_one_of_the_table() -> None:
    other = type("ColumnOrigin", (), {"__module__": "mlj_keras.data.columns"})
    assert name_of(other) == "data.ColumnOrigin" and not is_storable(other)


def test_every_class_of_the_table_is_a_dataclass_of_which_the_types_are_known() -> None:
    assert mlj.MLP is model_of_id("builders.MLP")  # all folders are loaded now
    for name, cls in records._CLASSES.items():
        assert dataclasses.is_dataclass(cls) and name == name_of(cls)
        hints = typing.get_type_hints(cls)
        assert set(stored_fields(cls)) <= set(hints), name
    for name, function in records._FUNCTIONS.items():
        assert function_named(name) is function and function.__module__.startswith("mlj_keras.")


def test_fields_that_do_not_count_are_not_stored_unless_they_cannot_be_left_out() -> None:
    @dataclasses.dataclass
    class Example:
        a: int
        b: int = dataclasses.field(default=1, compare=False)
        c: Any = dataclasses.field(compare=False, kw_only=True)
        d: int = dataclasses.field(init=False, default=2)

    assert stored_fields(Example) == ("a", "c")


@pytest.mark.parametrize(
    ("value", "hint", "fitting"),
    [
        *((1, int, True), (True, int, False), (1.0, int, False), (np.int64(1), int, True)),
        *(
            (1, float, True),
            (True, float, False),
            (np.float32(1), float, True),
            ("1", float, False),
        ),
        *((True, bool, True), (1, bool, False), (None, None, True), (None, int | None, True)),
        *(("a", str | None, True), (1, str | None, False), (object(), Any, True)),
        *(
            ((1, 2), tuple[int, ...], True),
            ((), tuple[int, ...], True),
            ([1], tuple[int, ...], False),
        ),
        *(((1, "a"), tuple[int, str], True), ((1,), tuple[int, str], False)),
        *(({"a": 1}, dict[str, int], True), ({1: 1}, dict[str, int], False)),
        *(
            ({"a": "1"}, Mapping[str, int], False),
            ({"a": (1,)}, Mapping[str, tuple[int, ...]], True),
        ),
        *(
            ("a", Literal["a", "b"], True),
            ("c", Literal["a", "b"], False),
            (1, Literal[True], False),
        ),
        *((len, Callable[[str], bool], True), ("len", Callable[[str], bool], False)),
        *((np.zeros(1), np.ndarray, True), ([0.0], np.ndarray, False)),
        *((frozenset("a"), frozenset[str], True), (frozenset([1]), frozenset[str], False)),
        *((int, type, True), (3, type, False), (ColumnOrigin(), ColumnOrigin, True)),
    ],
)
def test_values_are_told_by_their_annotations(value: Any, hint: Any, fitting: bool) -> None:  # noqa: FBT001
    assert fits(value, hint) is fitting


def test_some_fields_can_be_checked_alone() -> None:
    check_types(ColumnOrigin, {"kind": "pandas"})
    check_types(ColumnOrigin, {})
    with pytest.raises(ValueError, match="float_dtype of ColumnOrigin must be str, got None"):
        check_types(ColumnOrigin, {"float_dtype": None})
