"""Values of one column converted: the defined conversions, and a message for each that is not."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data.columns import column_of
from mlj_keras.data.conversion import convert
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.scitypes import (
    Binary,
    Continuous,
    Count,
    Finite,
    GrayImage,
    Infinite,
    Known,
    Multiclass,
    OrderedFactor,
    ScientificDate,
    Scitype,
    Textual,
    Unknown,
    non_missing,
)
from mlj_keras.errors import CoercionError, ScitypeWarning


def converted(items: Any, target: Scitype, pool: Any = None) -> Any:
    """The Arrow values that `items` become."""
    return convert(column_of(items).values, target, "column 'a'", pool=pool)


NUMBERS: list[tuple[Any, Scitype, list[Any]]] = [
    ([1.0, 2.0], Count, [1, 2]),
    ([-0.0, 1e15], Count, [0, 10**15]),
    ([1.0, float("nan")], Count, [1, None]),
    ([1, 2], Continuous, [1.0, 2.0]),
    ([True, False, None], Continuous, [1.0, 0.0, None]),
    ([1, None], Continuous, [1.0, None]),
    (["52", "15"], Count, [52, 15]),
    ([" -7 ", "+3", "1e3", "5.0", None], Count, [-7, 3, 1000, 5, None]),
    (["9007199254740993"], Count, [2**53 + 1]),
    (["52", ".5", "-1.5E-2", "inf", None], Continuous, [52.0, 0.5, -0.015, np.inf, None]),
    ([1, 2.5, "3", None, Decimal("4")], Continuous, [1.0, 2.5, 3.0, None, 4.0]),
    ([Decimal("4"), Decimal("5")], Count, [4, 5]),
    (pd.Categorical([10, 20, 10]), Continuous, [1.0, 2.0, 1.0]),
    (pd.Categorical([10, 20, 10]), Count, [1, 2, 1]),
    (pd.Categorical(["b", None, "a"], categories=["b", "c", "a"]), Count, [1, None, 3]),
    ([None, None], Continuous, [None, None]),
    ([None, None], Count, [None, None]),
]


@pytest.mark.parametrize(("items", "target", "expected"), NUMBERS)
def test_conversions_to_numbers(items: Any, target: Scitype, expected: list[Any]) -> None:
    values = converted(items, target)
    assert values.to_pylist() == expected
    assert non_missing(values_scitype(values)) == target


@pytest.mark.parametrize(
    ("items", "target"),
    [
        ([1, 2], Count),
        ([0.5], Continuous),
        ([True], Count),
        (pd.Categorical(["a"]), Multiclass),
        (pd.Categorical(["a"]), Finite),
        ([1], Known),
        ([datetime.date(2020, 1, 1)], ScientificDate),
    ],
)
def test_values_that_have_the_scitype_are_not_touched(items: Any, target: Scitype) -> None:
    values = column_of(items).values
    assert convert(values, target, "a") is values


FACTORS: list[tuple[Any, list[Any]]] = [
    ([10, 9, None], [9, 10]),
    ([0.5, -1.5], [-1.5, 0.5]),
    (["b", "a", "b"], ["a", "b"]),
    ([True, False], [False, True]),
    ([None, None], []),
    ([], []),
]


@pytest.mark.parametrize("target", [Multiclass, OrderedFactor, Finite])
@pytest.mark.parametrize(("items", "levels"), FACTORS)
def test_plain_values_become_factors_with_ascending_levels(
    items: list[Any], levels: list[Any], target: Scitype
) -> None:
    values = converted(items, target)
    assert values.dictionary.to_pylist() == levels
    assert values.to_pylist() == items
    assert values.type.ordered is (target == OrderedFactor)


@given(st.permutations("abc"), st.booleans(), st.sampled_from([Multiclass, OrderedFactor, Finite]))
def test_a_factor_keeps_its_levels_and_their_order(
    pool: list[str],
    ordered: bool,  # noqa: FBT001
    target: Scitype,
) -> None:
    column = pd.Categorical(["b", None, "a"], categories=list(pool), ordered=ordered)
    values = converted(column, target)
    assert values.dictionary.to_pylist() == list(pool)
    assert values.to_pylist() == ["b", None, "a"]
    assert values.type.ordered is (ordered if target == Finite else target == OrderedFactor)


def test_levels_set_the_pool_of_plain_values_and_of_factors() -> None:
    for items in (["b", "a"], pd.Categorical(["b", "a"])):
        values = converted(items, Multiclass, ["b", "z", "a"])
        assert values.dictionary.to_pylist() == ["b", "z", "a"]
        assert values.to_pylist() == ["b", "a"]


@pytest.mark.parametrize(
    ("items", "levels"),
    [
        ([datetime.date(2020, 1, 2), None], ["2020-01-02"]),
        ([1, "a", None], ["1", "a"]),
        ([Decimal("1.5"), None], ["1.5"]),
        ([[1], [2], None], ["[1]", "[2]"]),
    ],
    ids=["dates", "mixed", "decimals", "lists"],
)
def test_other_values_become_strings_with_a_warning(items: list[Any], levels: list[str]) -> None:
    with pytest.warns(ScitypeWarning, match="column 'a' holds values such as .* become strings"):
        values = converted(items, Multiclass)
    assert values.dictionary.to_pylist() == levels
    assert values.to_pylist()[-1] is None


@pytest.mark.parametrize(
    ("items", "target", "message"),
    [
        ([1.0, 1.5], Count, r"column 'a'.*: 1\.5 at row 1 is not a whole number"),
        ([1.0, np.inf], Count, "inf at row 1"),
        ([2.0**63], Count, "at row 0"),
        (["1", "x"], Count, "'x' at row 1 is not a whole number"),
        (["1.5"], Count, "'1.5' at row 0"),
        (["9223372036854775808"], Count, "at row 0"),
        (["1", None, "x"], Continuous, "'x' at row 2 is not a number"),
        (["nan"], Continuous, "'nan' at row 0.*write None where they mean a missing value"),
        (["1_000"], Continuous, "'1_000' at row 0"),
        ([""], Continuous, "'' at row 0"),
        ([1, 2j], Continuous, "2j at row 1"),
        ([1, 10**400], Continuous, "at row 1"),
        ([Decimal("1.5")], Count, r"Decimal\('1.5'\) at row 0"),
        ([datetime.date(2020, 1, 1)], Continuous, "ScientificDate.*at row 0"),
        ([[1], [2]], Continuous, "no numbers or strings"),
        (np.array([{}, 1, "a"], dtype=object), Count, "no numbers or strings"),
        (["a"], Textual, "Nothing can be coerced to Textual"),
        ([1], Textual, "Nothing can be coerced to Textual"),
        (["1"], Infinite, "Write Count for whole numbers"),
        (["2020-01-01"], ScientificDate, "such as pandas.to_datetime"),
        ([1], Unknown, "Data are coerced to Continuous"),
        (["a.png"], GrayImage, r"no column of a table holds.*coerce\(list\(X\['name'\]\), Gray"),
        (["a", "b", "c"], Binary, r"has 3 levels \['a', 'b', 'c'\].*levels=\[...\]"),
        (pd.Categorical(["a"]), Multiclass[2], "has 1 levels"),
    ],
)
def test_conversions_that_are_not_defined_raise(items: Any, target: Scitype, message: str) -> None:
    with pytest.raises(CoercionError, match=message):
        converted(items, target)


@given(st.lists(st.one_of(st.none(), st.integers(-(2**53), 2**53)), min_size=1))
def test_counts_survive_the_way_through_floats_and_strings(items: list[int | None]) -> None:
    floats = converted(items, Continuous)
    assert convert(floats, Count, "a").to_pylist() == items
    strings = [None if item is None else str(item) for item in items]
    assert converted(strings, Count).to_pylist() == items


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_floats_survive_the_way_through_strings(items: list[float]) -> None:
    assert converted([repr(item) for item in items], Continuous).to_pylist() == items


@given(st.lists(st.sampled_from([3, 1, 2, None]), min_size=1))
def test_positions_are_those_of_the_sorted_levels(items: list[int | None]) -> None:
    values = converted(items, OrderedFactor)
    present = sorted({item for item in items if item is not None})
    expected = [None if item is None else present.index(item) + 1 for item in items]
    assert convert(values, Count, "a").to_pylist() == expected
