"""Suggested scitypes: each rule, their order, and that `coerce` takes the answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlj_keras.data import autotype, coerce, schema
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Finite,
    Multiclass,
    Optional,
    OrderedFactor,
    Textual,
    Unknown,
    non_missing,
)
from mlj_keras.errors import InvalidArgument, TableError

N = 50
X: dict[str, list[Any]] = {
    "grade": [1 + i % 3 for i in range(N)],
    "colour": ["red" if i % 3 else "blue" for i in range(N)],
    "length": np.random.default_rng(0).normal(size=N).tolist(),
    "rank": list(range(N)),
    "half": [0.5 * (i % 2) for i in range(N)],
    "smokes": [i % 2 == 0 for i in range(N)],
    "gap": [None if i == 0 else 1 + i % 2 for i in range(N)],
}


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_few_distinct_values_make_a_column_finite(kind: Any) -> None:
    suggested = autotype(kind(X))
    assert suggested == {
        "grade": OrderedFactor,
        "colour": Multiclass,
        "half": OrderedFactor,
        "smokes": OrderedFactor,
        "gap": Optional[OrderedFactor],
    }
    assert list(suggested) == ["grade", "colour", "half", "smokes", "gap"]


@pytest.mark.parametrize("kind", [pd.DataFrame, pa.table, dict])
def test_coerce_takes_the_answer(kind: Any) -> None:
    suggested = autotype(kind(X))
    found = schema(coerce(kind(X), suggested, verbosity=0))
    after = dict(zip(found.names, found.scitypes, strict=True))
    for name, scitype in suggested.items():
        assert non_missing(after[name]) <= Finite and after[name] <= scitype
    assert after["length"] == Continuous and after["rank"] == Count


@pytest.mark.parametrize(
    ("n", "n_values", "is_few"),
    [
        (4, 4, True),  # 4 values are few, whatever n
        (4, 3, True),
        (50, 5, True),  # a tenth of the rows
        (49, 5, False),
        (1000, 100, True),
        (1009, 100, True),
        (2000, 100, True),
        (2000, 101, False),  # and never more than 100
    ],
)
def test_the_bounds_of_few(n: int, n_values: int, is_few: bool) -> None:  # noqa: FBT001
    column = [i % n_values for i in range(n)]
    assert (autotype({"a": column}) == {"a": OrderedFactor}) is is_few
    assert (autotype({"a": [str(i) for i in column]}) == {"a": Multiclass}) is is_few


def test_discrete_to_continuous_takes_counts_only() -> None:
    suggested = autotype(X, "discrete_to_continuous")
    assert {name: s for name, s in suggested.items() if name != "gap"} == {
        "grade": Continuous,
        "rank": Continuous,
        "smokes": Continuous,
    }
    assert suggested["gap"] == Optional[Continuous]


def test_string_to_multiclass_takes_strings_however_many() -> None:
    names = {"id": [f"n{i}" for i in range(N)], "rank": list(range(N))}
    assert autotype(names) == {}
    assert autotype(names, rules=("string_to_multiclass",)) == {"id": Multiclass}


def test_rules_apply_in_order_each_to_what_the_one_before_suggests() -> None:
    both = ("few_to_finite", "discrete_to_continuous")
    assert autotype({"a": X["grade"], "b": X["rank"]}, both) == {
        "a": OrderedFactor,
        "b": Continuous,
    }
    assert autotype({"a": X["grade"]}, both[::-1]) == {"a": OrderedFactor}
    assert autotype({"a": X["grade"]}, ()) == {}


def test_all_columns_are_named_if_asked_for() -> None:
    table = {"a": [0.5 * i for i in range(N)], "s": [str(i) for i in range(N)], "g": X["grade"]}
    assert autotype(table, only_changes=False) == {
        "a": Continuous,
        "s": Textual,
        "g": OrderedFactor,
    }


def test_finite_columns_and_columns_without_values_are_left_alone() -> None:
    table = {"f": pd.Categorical(["a", "b"]), "m": [None, None]}
    assert autotype(table, ("few_to_finite", "string_to_multiclass")) == {}
    assert autotype({"a": np.array([], dtype=float)}) == {}


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_columns_of_lists_and_other_unknown_values_are_left_alone(kind: Any) -> None:
    table = kind({"a": [[1], [1, 2], [1], None, [1]], "b": [b"x"] * 5, "c": [1, 2, 1, 2, 1]})
    assert autotype(table) == {"c": OrderedFactor}
    mixed = {"a": np.array([[1], {}, [1], None, "x"], dtype=object)}
    assert autotype(mixed) == {}
    assert autotype(mixed, only_changes=False) == {"a": Unknown}


def test_an_unknown_rule_raises_with_the_nearest() -> None:
    with pytest.raises(InvalidArgument, match=r"no rule 'few_to_finit'.*'few_to_finite'\?.*The"):
        autotype(X, "few_to_finit")


def test_a_column_is_no_table() -> None:
    with pytest.raises(TableError, match="must be a table"):
        autotype([1, 2])
