"""Factors: their pools, codes, encoding into another pool, and the refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data import coerce, levels, scitype, selectrows, set_levels
from mlj_keras.data.categorical import encode, factor_codes, sorted_factor
from mlj_keras.data.columns import column_of
from mlj_keras.data.scitypes import Multiclass, OrderedFactor, Vector
from mlj_keras.errors import CoercionError, InvalidArgument, ScitypeError, UnseenLevelError

letters = st.lists(st.sampled_from("abcd"), min_size=1)


def kinds_of(items: list[str | None], pool: list[str]) -> dict[str, Any]:
    """The same ordered factor in each kind of column that has factors with a pool."""
    codes = [None if item is None else pool.index(item) for item in items]
    categorical = pd.Categorical(items, categories=pool, ordered=True)
    return {
        "categorical": categorical,
        "pandas": pd.Series(categorical),
        "polars": pl.Series("a", items, dtype=pl.Enum(pool)),
        "pyarrow": pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pool, ordered=True),
    }


@given(letters, st.permutations("abcd"), st.data())
def test_a_pool_survives_any_selection_of_rows(
    items: list[str], pool: list[str], data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(items) - 1)))
    for kind, column in kinds_of(list(items), list(pool)).items():
        taken = selectrows(column, rows)
        assert levels(taken) == tuple(pool), kind
        assert column_of(taken).values.to_pylist() == [items[row] for row in rows]


@pytest.mark.parametrize("kind", ["categorical", "pandas", "polars", "pyarrow"])
def test_set_levels_reorders_and_extends_without_touching_values_or_input(kind: str) -> None:
    column = kinds_of(["b", "a", None], ["a", "b"])[kind]
    changed = set_levels(column, ["b", "z", "a"])
    assert levels(changed) == ("b", "z", "a") and levels(column) == ("a", "b")
    assert type(changed) is type(column)
    assert column_of(changed).values.to_pylist() == ["b", "a", None]
    assert column_of(changed).values.type.ordered


def test_set_levels_may_drop_what_is_unused_but_not_what_is_used() -> None:
    column = pd.Categorical(["b"], categories=["a", "b"])
    assert levels(set_levels(column, ["b"])) == ("b",)
    with pytest.raises(CoercionError, match=r"drop \['b'\].*Add them to levels"):
        set_levels(column, ["a"])


@pytest.mark.parametrize(
    ("pool", "message"),
    [(["a", "a"], "'a' more than once"), (["a", None], "missing value"), ([np.nan], "missing")],
)
def test_a_pool_has_each_level_once_and_none_missing(pool: list[Any], message: str) -> None:
    with pytest.raises(CoercionError, match=message):
        set_levels(pd.Categorical(["a"]), pool)


@pytest.mark.parametrize("column", [["a", "b"], np.array([1, 2]), pd.Series(["a"])])
def test_levels_of_a_plain_column_raise_with_the_remedy(column: Any) -> None:
    with pytest.raises(ScitypeError, match=r"levels\(coerce\(y, Multiclass\)\)"):
        levels(column)
    with pytest.raises(ScitypeError, match="needs a categorical column"):
        set_levels(column, ["a", "b"])


@given(letters, st.permutations("abcd"))
def test_encoding_a_factor_into_another_pool_goes_by_label(
    items: list[str], pool: list[str]
) -> None:
    for column in (list(items), pd.Categorical(items), pd.Categorical(items, categories=pool)):
        codes = encode(column_of(column).values, tuple(pool), "column 'a'")
        assert codes.dtype == np.int32
        assert [pool[code] for code in codes] == list(items)


@pytest.mark.parametrize(
    "items",
    [["b", None], pd.Categorical(["b", None]), np.array(["b", np.nan], dtype=object)],
    ids=["list", "categorical", "objects"],
)
def test_missing_is_encoded_as_minus_one(items: Any) -> None:
    assert encode(column_of(items).values, ("a", "b"), "y").tolist() == [1, -1]


def test_missing_among_objects_is_no_level() -> None:
    values = column_of(np.array([(1,), None, "b"], dtype=object)).values
    assert encode(values, ((1,), "b"), "y").tolist() == [0, -1, 1]


def test_an_unseen_level_is_named_with_its_row_and_an_unused_one_is_not() -> None:
    column = pd.Categorical(["a", "new"], categories=["a", "new", "unused"])
    with pytest.raises(UnseenLevelError, match=r"column 'c' has 1 .*'new' \(first at row 1\)"):
        encode(column_of(column).values, ("a", "b"), "column 'c'")
    assert encode(column_of(column[:1]).values, ("a", "b"), "column 'c'").tolist() == [0]


def test_many_unseen_levels_are_cut_short() -> None:
    with pytest.raises(UnseenLevelError, match=r"\.\.\. \(20 in all\)"):
        encode(pa.array([str(i) for i in range(20)]), ("x",), "y")


def test_codes_follow_the_pool() -> None:
    values = column_of(pd.Categorical(["b", None, "a"], categories=["b", "a"])).values
    assert factor_codes(values).tolist() == [0, -1, 1]


def test_values_become_a_factor_with_sorted_levels() -> None:
    values = sorted_factor(pa.array([10, 9, None]), ordered=True, pool=None, name="a")
    assert values.dictionary.to_pylist() == [9, 10] and values.type.ordered
    with pytest.raises(CoercionError, match="no common order"):
        sorted_factor(np.array(["a", 1], dtype=object), ordered=True, pool=None, name="a")
    with pytest.raises(CoercionError, match=r"lack 9"):
        sorted_factor(pa.array([10, 9]), ordered=True, pool=[10], name="a")


def test_unordered_and_ordered_pools_are_multiclass_and_ordered_factor() -> None:
    column = pd.Categorical(["a"], categories=["a", "b", "c"])
    assert scitype(column) == Vector[Multiclass[3]]
    assert scitype(coerce(column, OrderedFactor)) == Vector[OrderedFactor[3]]


def test_objects_with_levels_of_their_own_answer_for_themselves() -> None:
    class Distribution:
        levels = ("x", "y")

    assert levels(Distribution()) == ("x", "y")


@pytest.mark.parametrize("wrong", ["ab", b"ab", {"a": 1}, 3])
def test_new_levels_that_are_no_list_raise(wrong: Any) -> None:
    with pytest.raises(
        InvalidArgument, match=r"must be a list of labels, got .*\['low', 'high'\]"
    ):
        set_levels(pd.Categorical(["a", "b"]), wrong)
