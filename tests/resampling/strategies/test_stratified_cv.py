"""StratifiedCV: the reference's own dealing of classes to folds, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data.columns import column_of
from mlj_keras.errors import (
    EmptyData,
    InvalidModelError,
    MissingValuesError,
    RowsError,
    ScitypeError,
)
from mlj_keras.resampling.strategies import StratifiedCV

Y = list("bcabbbcccaaa")
classes = st.lists(st.sampled_from("abcd"), min_size=6, max_size=60)


def folds_of(strategy: StratifiedCV, y: Any, repeat: int = 0) -> list[list[int]]:
    pairs = strategy.train_test_pairs(range(len(y)), y=y, repeat=repeat)
    return [test.tolist() for _, test in pairs]


def dealt(y: list[str], k: int) -> list[list[int]]:
    """The algorithm of the reference, as it is written there: chunks of the cyclic sequence."""
    folds: list[list[int]] = [[] for _ in range(k)]
    start, chunk = 0, {}
    for label in dict.fromkeys(y):
        chunk[label] = iter([(start + i) % k for i in range(y.count(label))])
        start += y.count(label)
    for row, label in enumerate(y):
        folds[next(chunk[label])].append(row)
    return folds


@pytest.mark.parametrize("names", [("a", "b", "c"), ("c", "a", "b"), ("z", "y", "x"), (3, 1, 2)])
def test_the_folds_are_those_of_the_reference_whatever_the_classes_are_called(
    names: tuple[Any, ...],
) -> None:
    y = pd.Categorical([dict(zip("abc", names, strict=True))[label] for label in Y])
    pairs = StratifiedCV(nfolds=3).train_test_pairs(range(12), y=y)  # check 4, which counts from 1
    assert [(test + 1).tolist() for _, test in pairs] == [
        [1, 6, 8, 10],
        [2, 4, 9, 11],
        [3, 5, 7, 12],
    ]
    assert (pairs[0][0] + 1).tolist() == [2, 4, 9, 11, 3, 5, 7, 12]


@pytest.mark.parametrize(
    "kind",
    [
        pd.Categorical,
        lambda y: pd.Series(pd.Categorical(y), index=range(50, 62)),
        lambda y: pd.Series(pd.Categorical(y, categories=["c", "q", "b", "a"], ordered=True)),
        lambda y: pl.Series(y, dtype=pl.Enum(["c", "b", "a"])),
        lambda y: pa.array(y).dictionary_encode(),
        lambda y: column_of(pd.Categorical(y)),
    ],
)
def test_any_kind_of_categorical_column_gives_the_same_folds(kind: Any) -> None:
    assert folds_of(StratifiedCV(nfolds=3), kind(Y)) == dealt(Y, 3)


@given(classes, st.integers(2, 6))
def test_unshuffled_folds_follow_the_algorithm_of_the_reference(y: list[str], k: int) -> None:
    assert folds_of(StratifiedCV(nfolds=k), pd.Categorical(y)) == dealt(y, k)


@given(classes, st.integers(2, 6), st.integers(0, 99), st.integers(0, 2))
def test_folds_differ_by_a_row_at_most_in_all_and_in_each_class(
    y: list[str], k: int, seed: int, repeat: int
) -> None:
    folds = folds_of(StratifiedCV(nfolds=k, rng=seed), pd.Categorical(y), repeat)
    assert sorted(sum(folds, [])) == list(range(len(y)))
    sizes = [len(fold) for fold in folds]
    assert max(sizes) - min(sizes) <= 1
    for label in set(y):
        counts = [sum(y[row] == label for row in fold) for fold in folds]
        assert max(counts) - min(counts) <= 1


@given(classes, st.permutations("abcd"), st.integers(0, 99))
def test_shuffled_folds_do_not_depend_on_the_names_of_classes(
    y: list[str], names: list[str], seed: int
) -> None:
    renamed = [names["abcd".index(label)] for label in y]
    strategy = StratifiedCV(nfolds=3, rng=seed)
    assert folds_of(strategy, pd.Categorical(y)) == folds_of(strategy, pd.Categorical(renamed))


def test_the_rows_given_are_dealt_and_no_others() -> None:
    y = pd.Categorical(["z"] * 5 + Y)
    pairs = StratifiedCV(nfolds=3).train_test_pairs(np.arange(5, 17), y=y)
    assert [(test - 5).tolist() for _, test in pairs] == dealt(Y, 3)


@pytest.mark.parametrize(
    ("y", "found"),
    [
        (["a", "b"] * 6, r"got Vector\[Textual\]. Write y = coerce\(y, Multiclass\), or use"),
        (np.arange(12), r"got Vector\[Count\]. Write y = coerce\(y, Multiclass\), or use"),
        (np.ones(12), r"got Vector\[Continuous\]"),
        (np.ones((12, 2)), r"got Table\[Continuous\]. Use resampling that does not look at class"),
        (None, "got none. Give y, or use resampling .* such as CV"),
    ],
)
def test_a_target_without_classes_is_refused(y: Any, found: str) -> None:
    with pytest.raises(ScitypeError, match=r"StratifiedCV\(nfolds=3\) needs .*" + found):
        StratifiedCV(nfolds=3).train_test_pairs(range(12), y=y)


def test_a_missing_class_is_refused_only_among_the_rows() -> None:
    y = pd.Categorical([None, *Y])
    with pytest.raises(MissingValuesError, match=r"1 row\(s\), first at \[0\]. Leave these rows"):
        StratifiedCV(nfolds=3).train_test_pairs(range(13), y=y)
    pairs = StratifiedCV(nfolds=3).train_test_pairs(range(1, 13), y=y)
    assert [(test - 1).tolist() for _, test in pairs] == dealt(Y, 3)


def test_rows_that_are_too_few_or_outside_the_target_are_refused() -> None:
    y = pd.Categorical(Y)
    with pytest.raises(EmptyData, match="needs at least 6 rows, got 4.* nfolds=4"):
        StratifiedCV().train_test_pairs(range(4), y=y)
    with pytest.raises(RowsError, match="the data have 12 rows"):
        StratifiedCV().train_test_pairs(range(13), y=y)
    with pytest.raises(InvalidModelError, match="StratifiedCV.nfolds must be an int >= 2"):
        StratifiedCV(nfolds=1)
