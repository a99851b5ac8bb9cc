"""SklearnSplitter: the pairs of scikit-learn's own splitters, on rows and data of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.model_selection import (
    GroupKFold,
    KFold,
    LeaveOneGroupOut,
    LeavePOut,
    PredefinedSplit,
    RepeatedKFold,
    ShuffleSplit,
    StratifiedKFold,
    StratifiedShuffleSplit,
)

from mlj_keras.data.columns import column_of
from mlj_keras.data.images import images_of
from mlj_keras.data.tables import table_of
from mlj_keras.errors import InvalidArgument, InvalidModelError, RowsError
from mlj_keras.resampling.strategies import GroupedCV, SklearnSplitter

N = 12
X = np.arange(24.0).reshape(N, 2)
Y = np.array(list("abcabcaabbca"))
ROWS = np.array([11, 2, 3, 5, 7, 0, 1, 8, 9])


class Spy:
    """A splitter that keeps what it is given, and tests on the first row."""

    def get_n_splits(self, X: Any = None, y: Any = None, groups: Any = None) -> int:
        return 1

    def split(self, X: Any, y: Any, groups: Any) -> Iterator[Any]:
        self.given = X, y, groups
        n = len(X)
        yield np.arange(1, n), np.array([0])


class Listed:
    """A splitter that gives the pairs of a list."""

    def __init__(self, pairs: list[Any]) -> None:
        self.pairs = pairs

    def get_n_splits(self) -> int:
        return len(self.pairs)

    def split(self, X: Any, y: Any, groups: Any) -> list[Any]:
        return self.pairs


@pytest.mark.parametrize(
    "splitter",
    [
        KFold(4),
        KFold(4, shuffle=True, random_state=1),
        RepeatedKFold(n_splits=2, n_repeats=2, random_state=3),
        StratifiedKFold(2),
        StratifiedShuffleSplit(3, test_size=4, random_state=0),
        ShuffleSplit(3, random_state=0),
        LeavePOut(2),
        PredefinedSplit([0, 1, -1] * 3),
    ],
    ids=repr,
)
@pytest.mark.parametrize("y", [Y, pd.Series(Y).astype("category"), column_of(pl.Series(Y))])
def test_the_pairs_are_the_splitters_own_at_the_rows(splitter: Any, y: Any) -> None:
    found = SklearnSplitter(splitter).train_test_pairs(ROWS, X, y)
    expected = splitter.split(X[ROWS], Y[ROWS])
    for (train, test), (train_at, test_at) in zip(found, expected, strict=True):
        assert train.tolist() == ROWS[train_at].tolist()
        assert test.tolist() == ROWS[test_at].tolist()


def test_groups_are_found_by_name_or_label() -> None:
    groups = [0, 0, 1, 1, 2, 2] * 2
    frame = pd.DataFrame({"a": X[:, 0], "site": groups})
    expected = LeaveOneGroupOut().split(ROWS, groups=np.array(groups)[ROWS])
    tests = [sorted(ROWS[test_at].tolist()) for _, test_at in expected]
    for given in (groups, "site"):
        strategy = SklearnSplitter(LeaveOneGroupOut(), groups=given)
        found = strategy.train_test_pairs(ROWS, frame)
        assert sorted(sorted(test.tolist()) for _, test in found) == sorted(tests)
    ours = GroupedCV(groups=groups, nfolds=3).train_test_pairs(range(N))
    theirs = SklearnSplitter(GroupKFold(3), groups=groups).train_test_pairs(range(N))
    for pair, its in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(pair[0], its[0])
        np.testing.assert_array_equal(pair[1], its[1])


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table])
@pytest.mark.parametrize("read", [lambda table: table, table_of])
def test_the_splitter_gets_x_as_the_kind_it_was(kind: Any, read: Any) -> None:
    spy = Spy()
    data = kind({"a": X[:, 0], "b": X[:, 1]})
    SklearnSplitter(spy).train_test_pairs(ROWS, read(data))
    given, y, groups = spy.given
    assert type(given) is type(data) and y is None and groups is None
    np.testing.assert_array_equal(given, X[ROWS])


def test_the_splitter_gets_matrices_mappings_images_and_nothing_as_arrays_with_rows() -> None:
    spy = Spy()
    for data in (X, table_of(X)):
        SklearnSplitter(spy).train_test_pairs(ROWS, data)
        assert isinstance(spy.given[0], np.ndarray)
        np.testing.assert_array_equal(spy.given[0], X[ROWS])
    for table in ({"a": X[:, 0]}, table_of({"a": X[:, 0]})):
        SklearnSplitter(spy).train_test_pairs(ROWS, table)
        assert isinstance(spy.given[0], pd.DataFrame) and len(spy.given[0]) == len(ROWS)
        np.testing.assert_array_equal(spy.given[0]["a"], X[ROWS, 0])
    pixels = np.arange(N * 4.0).reshape(N, 2, 2)
    for images in (pixels, images_of(pixels)):
        SklearnSplitter(spy).train_test_pairs(ROWS, images)
        np.testing.assert_array_equal(spy.given[0].reshape(-1, 2, 2), pixels[ROWS])
    SklearnSplitter(spy).train_test_pairs(ROWS)
    assert spy.given[0].shape == (len(ROWS), 1)


@pytest.mark.parametrize(
    "y", [Y, Y.tolist(), pd.Categorical(Y), pl.Series(Y), column_of(pa.array(Y.tolist()))]
)
def test_the_splitter_gets_y_as_an_array_of_labels(y: Any) -> None:
    spy = Spy()
    SklearnSplitter(spy).train_test_pairs(ROWS, X, y)
    assert isinstance(spy.given[1], np.ndarray) and spy.given[1].tolist() == Y[ROWS].tolist()


def test_a_target_of_several_columns_stays_a_table() -> None:
    spy = Spy()
    SklearnSplitter(spy).train_test_pairs(ROWS, X, pd.DataFrame(X))
    np.testing.assert_array_equal(spy.given[1], X[ROWS])


def test_splitters_with_the_same_settings_make_equal_strategies() -> None:
    assert SklearnSplitter(KFold(3)) == SklearnSplitter(splitter=KFold(3))
    assert SklearnSplitter(KFold(3)) != SklearnSplitter(KFold(4))
    assert SklearnSplitter(KFold(3)) != SklearnSplitter(StratifiedKFold(3))
    assert SklearnSplitter(KFold(3)) != SklearnSplitter(KFold(3), groups="a")
    assert SklearnSplitter(PredefinedSplit([0, 1])) == SklearnSplitter(PredefinedSplit([0, 1]))
    assert SklearnSplitter(PredefinedSplit([0, 1])) != SklearnSplitter(PredefinedSplit([1, 0]))
    assert SklearnSplitter(KFold(3)) != GroupedCV(groups="a")


@pytest.mark.parametrize("splitter", [None, 5, KFold, "a,b"])
def test_what_is_no_splitter_is_refused(splitter: Any) -> None:
    with pytest.raises(InvalidModelError, match=r"must have split\(X, y, groups\) .* Give an"):
        SklearnSplitter(splitter)


@pytest.mark.parametrize(
    ("splitter", "reason"),
    [
        (KFold(20), "n_splits=20 greater than the number of samples"),
        (GroupKFold(2), "The 'groups' parameter should not be None"),
        (StratifiedKFold(2), ""),
    ],
)
def test_what_the_splitter_refuses_is_refused_with_its_reason(splitter: Any, reason: str) -> None:
    with pytest.raises(InvalidArgument, match=f"cannot split these 12 rows: .*{reason}.* Change"):
        SklearnSplitter(splitter).train_test_pairs(range(N), X, np.linspace(0, 1, N))


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        (([0, 1], [1]), "Pair 0 trains and tests on the same 1 row"),
        (([0], [12]), "test of pair 0: rows has 12"),
        (([0, 0], [1]), "train of pair 0 lists rows more than once"),
    ],
)
def test_pairs_that_cannot_be_meant_are_refused(pair: Any, message: str) -> None:
    with pytest.raises(RowsError, match=message):
        SklearnSplitter(Listed([pair])).train_test_pairs(range(N))


def test_a_splitter_without_pairs_is_refused() -> None:
    with pytest.raises(
        InvalidArgument, match="Listed gives no pairs for these 12 rows. Pass more"
    ):
        SklearnSplitter(Listed([])).train_test_pairs(range(N))
