"""GroupedCV: groups stay together, as scikit-learn balances them; groups by name and by label."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import GroupKFold

import mlj_keras as mlj
from mlj_keras.data.columns import column_of
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    MissingValuesError,
    RowsError,
    SchemaMismatch,
    TableError,
)
from mlj_keras.resampling.strategies import GroupedCV

WHO = ["ann", "bob", "ann", "cat", "bob", "ann", "dan", "cat"]
labels = st.lists(st.integers(0, 7), min_size=4, max_size=40).filter(lambda g: len(set(g)) >= 3)


def pairs_of(strategy: GroupedCV, n: int, **data: Any) -> list[Any]:
    pairs = strategy.train_test_pairs(range(n), **data)
    return [(train.tolist(), test.tolist()) for train, test in pairs]


def in_order_of_appearance(groups: list[Any]) -> list[int]:
    order = list(dict.fromkeys(groups))
    return [order.index(group) for group in groups]


@given(labels, st.integers(0, 9), st.booleans())
def test_no_group_is_trained_and_tested_on_and_every_row_is_tested_once(
    groups: list[int],
    seed: int,
    shuffle: bool,  # noqa: FBT001
) -> None:
    strategy = GroupedCV(groups=groups, nfolds=3, rng=seed, shuffle=shuffle)
    n = len(groups)
    pairs = pairs_of(strategy, n)
    assert sorted(sum((test for _, test in pairs), [])) == list(range(n))
    for train, test in pairs:
        assert sorted(train + test) == list(range(n))
        assert not {groups[row] for row in train} & {groups[row] for row in test}


@given(labels)
def test_unshuffled_folds_are_those_of_scikit_learn(groups: list[int]) -> None:
    codes = in_order_of_appearance(groups)
    expected = GroupKFold(3).split(codes, groups=codes)
    assert pairs_of(GroupedCV(groups=groups, nfolds=3), len(groups)) == [
        (train.tolist(), test.tolist()) for train, test in expected
    ]


@given(labels, st.integers(0, 9))
def test_shuffled_folds_differ_by_one_group_at_most(groups: list[int], seed: int) -> None:
    strategy = GroupedCV(groups=groups, nfolds=3, rng=seed)
    counts = [len({groups[row] for row in test}) for _, test in pairs_of(strategy, len(groups))]
    assert max(counts) - min(counts) <= 1


@pytest.mark.parametrize(
    "kind",
    [
        list,
        np.array,
        pd.Series,
        pd.Categorical,
        pl.Series,
        pa.array,
        lambda who: in_order_of_appearance(who),
        lambda who: [name.upper() for name in who],
        lambda who: column_of(who),
    ],
)
def test_labels_of_any_kind_and_name_give_the_same_pairs(kind: Any) -> None:
    expected = pairs_of(GroupedCV(groups=WHO, nfolds=2), 8)
    assert pairs_of(GroupedCV(groups=kind(WHO), nfolds=2), 8) == expected
    # ann with dan, bob with cat: 4 rows each
    assert [test for _, test in expected] == [[0, 2, 5, 6], [1, 3, 4, 7]]


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict, table_of])
def test_a_column_of_x_is_taken_by_its_name(kind: Any) -> None:
    X = kind({"a": np.arange(8.0), "who": WHO})
    expected = pairs_of(GroupedCV(groups=WHO, nfolds=2), 8)
    assert pairs_of(GroupedCV(groups="who", nfolds=2), 8, X=X) == expected


def test_a_column_of_a_matrix_is_taken_by_its_position_or_name() -> None:
    X = np.column_stack([np.arange(8.0), in_order_of_appearance(WHO)])
    expected = pairs_of(GroupedCV(groups=WHO, nfolds=2), 8)
    assert pairs_of(GroupedCV(groups=1, nfolds=2), 8, X=X) == expected
    assert pairs_of(GroupedCV(groups="x2", nfolds=2), 8, X=X) == expected
    frame = pd.DataFrame(X, columns=[5, 7])
    assert pairs_of(GroupedCV(groups=7, nfolds=2), 8, X=frame) == expected


def test_only_the_groups_of_the_rows_count() -> None:
    strategy = GroupedCV(groups=WHO, nfolds=2)
    for data in ({}, {"X": {"a": list(range(8))}}, {"y": np.arange(8)}):
        pairs = strategy.train_test_pairs([1, 3, 4], **data)  # bob, cat, bob
        assert [test.tolist() for _, test in pairs] == [[1, 4], [3]]


def test_many_labels_are_shown_in_short() -> None:
    assert repr(GroupedCV(groups=range(1000))) == "GroupedCV(groups=(0, 1, 2, 3, 4, 5, ...))"


def test_fewer_groups_than_folds_are_refused() -> None:
    with pytest.raises(EmptyData, match="needs at least 6 groups, and the rows have 4.*nfolds=4"):
        GroupedCV(groups=WHO).train_test_pairs(range(8))
    with pytest.raises(EmptyData, match="the rows have 1. .* use other resampling"):
        GroupedCV(groups=WHO, nfolds=2).train_test_pairs([0, 2, 5])
    with pytest.raises(EmptyData, match="the rows have 0"):
        GroupedCV(groups=WHO, nfolds=2).train_test_pairs([])


@pytest.mark.parametrize("data", [{"X": np.ones((9, 2))}, {"y": np.ones(9)}])
def test_labels_of_another_length_than_the_data_are_refused(data: dict[str, Any]) -> None:
    with pytest.raises(DimensionMismatch, match="8 labels, and the data have 9 rows. Give one"):
        GroupedCV(groups=WHO).train_test_pairs(range(8), **data)


def test_rows_beyond_the_labels_are_refused() -> None:
    with pytest.raises(RowsError, match="the data have 8 rows"):
        GroupedCV(groups=WHO).train_test_pairs(range(9))


@pytest.mark.parametrize("groups", [["a", None, "b", "a"], [1.0, np.nan, 2.0, 1.0]])
def test_a_row_without_a_group_is_refused_only_among_the_rows(groups: list[Any]) -> None:
    strategy = GroupedCV(groups=groups, nfolds=2)
    with pytest.raises(MissingValuesError, match=r"1 row\(s\), first at \[1\]. Give each row a"):
        strategy.train_test_pairs(range(4))
    assert [test.tolist() for _, test in strategy.train_test_pairs([0, 2, 3])] == [[0, 3], [2]]


def test_a_name_without_its_column_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="groups='who' names a column of X, and there is no"):
        GroupedCV(groups="who").train_test_pairs(range(8))
    with pytest.raises(SchemaMismatch, match="Did you mean 'who'"):
        GroupedCV(groups="whom").train_test_pairs(range(8), {"a": WHO, "who": WHO})
    with pytest.raises(TableError, match="X must be a table"):
        GroupedCV(groups="who").train_test_pairs(range(8), WHO)


@pytest.mark.parametrize("groups", [None, True, 1.5, {"a": 1}, np.ones((2, 2))])
def test_what_is_no_name_and_no_vector_is_refused(groups: Any) -> None:
    with pytest.raises(InvalidModelError, match="GroupedCV.groups: groups must be"):
        GroupedCV(groups=groups)


def test_groups_are_needed() -> None:
    with pytest.raises(InvalidModelError, match=r"write GroupedCV\(groups=...\)"):
        GroupedCV()  # type: ignore[call-arg]


def test_groups_in_another_order_than_the_rows_are_refused() -> None:
    X = pd.DataFrame({"a": [1.0, 2.0, 3.0]}, index=[7, 8, 9])
    groups = pd.Series(["u", "v", "v"], index=[9, 8, 7])
    strategy = GroupedCV(groups=groups, nfolds=2)
    with pytest.raises(InvalidArgument, match="X and groups have the same row labels in another"):
        strategy.train_test_pairs(range(3), X)
    inner = mlj.machine(mlj.Standardizer(), X).args[0].inner
    with pytest.raises(InvalidArgument, match="another order"):
        copy.deepcopy(strategy).train_test_pairs(range(3), inner)
    right = GroupedCV(groups=groups.loc[X.index], nfolds=2)
    assert right == GroupedCV(groups=["v", "v", "u"], nfolds=2)
    assert len(right.train_test_pairs(range(3), X)) == 2
