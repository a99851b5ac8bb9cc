"""What is checked of learned values from files."""

from __future__ import annotations

import datetime
import decimal
import math
from typing import Any

import numpy as np
import pytest

from mlj_keras.data.stored import (
    check_finite_numbers,
    check_levels,
    check_names,
    check_number,
    check_one_of,
    check_pools,
)

DAY = datetime.date(2020, 1, 1)


@pytest.mark.parametrize(
    "levels",
    [(), ("a", "b"), ["a"], (1, 2), (1.5,), (True, False), (DAY,), (decimal.Decimal(1),), (b"a",)],
)
def test_labels_are_levels(levels: Any) -> None:
    check_levels(levels)


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        (("a", "a"), "its levels have 'a' twice"),
        ((1, True), "have True twice"),
        (("a", None), "have None, which is no label"),
        ((math.nan,), "have nan, which is no label"),
        ((np.float64("nan"),), "which is no label"),
        ((np.datetime64("NaT"),), "which is no label"),
        ((["a"],), r"have \['a'\], which is no label"),
        (({},), "which is no label"),
        ("ab", "are no levels: 'ab'"),
        (None, "are no levels: None"),
    ],
)
def test_anything_else_is_none(levels: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check_levels(levels)


def test_pools_are_of_columns_and_names_are_there_once() -> None:
    check_pools({"a": ("x", "y")}, ("a", "b"))
    with pytest.raises(ValueError, match="its levels are of 'c', which is no column"):
        check_pools({"c": ("x",)}, ("a", "b"))
    with pytest.raises(ValueError, match="its levels of 'a' have 'x' twice"):
        check_pools({"a": ("x", "x")}, ("a",))
    check_names(("a", "b"))
    with pytest.raises(ValueError, match="names of columns have one twice"):
        check_names(("a", "b", "a"))


def test_numbers_are_finite_and_of_their_shape() -> None:
    check_finite_numbers(1, "scale", least=0)
    check_finite_numbers((1, 2.5), "power", (2,))
    check_finite_numbers(np.zeros((2, 1)), "matrix", (2, 1))
    for value, shape, words in (
        (np.zeros(2), (3,), r"its x has the shape \(2,\) of float64, not \(3,\)"),
        (np.zeros(2, int), (2,), "of int64"),
        ((1, math.inf), (2,), "numbers that mean nothing"),
        (np.array([math.nan]), (1,), "numbers that mean nothing"),
        ("1", (), "has the shape"),
    ):
        with pytest.raises(ValueError, match=words):
            check_finite_numbers(value, "x", shape)
    with pytest.raises(ValueError, match="its scale has numbers that mean nothing"):
        check_finite_numbers(np.array([1.0, 0.0]), "scale", (2,), least=0)


def test_a_number_is_a_number() -> None:
    check_number(3, "filler")
    check_number(np.float32(0.5), "filler")
    for value in (True, "3", None):
        with pytest.raises(ValueError, match="and no number"):
            check_number(value, "filler")
    with pytest.raises(ValueError, match="its filler is nan, which means nothing"):
        check_number(math.nan, "filler")


def test_a_value_is_one_of_those_that_there_are() -> None:
    check_one_of("a", ("a", "b"), "kind")
    with pytest.raises(ValueError, match="its kind is 'c', which there is not"):
        check_one_of("c", ("a", "b"), "kind")
