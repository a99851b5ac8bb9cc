"""TimeSeriesCV: growing train blocks, as the reference and scikit-learn cut them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import TimeSeriesSplit

from mlj_keras.errors import EmptyData, InvalidModelError, MLJKerasWarning
from mlj_keras.resampling.strategies import TimeSeriesCV


def test_every_block_is_tested_after_training_on_all_rows_before_it() -> None:
    pairs = TimeSeriesCV(nfolds=3).train_test_pairs(range(1, 11))  # check 3 of the reference
    assert [(train.tolist(), test.tolist()) for train, test in pairs] == [
        ([1, 2, 3, 4], [5, 6]),
        ([1, 2, 3, 4, 5, 6], [7, 8]),
        ([1, 2, 3, 4, 5, 6, 7, 8], [9, 10]),
    ]


@given(st.integers(2, 9).flatmap(lambda k: st.tuples(st.integers(k + 1, 60), st.just(k))))
def test_the_pairs_are_those_of_scikit_learn(case: tuple[int, int]) -> None:
    n, k = case
    rows = np.arange(n) * 2
    found = TimeSeriesCV(nfolds=k).train_test_pairs(rows)
    for (train, test), (train_at, test_at) in zip(
        found, TimeSeriesSplit(k).split(rows), strict=True
    ):
        assert train.tolist() == rows[train_at].tolist()
        assert test.tolist() == rows[test_at].tolist()


def test_a_single_fold_tests_on_the_second_half() -> None:
    [(train, test)] = TimeSeriesCV(nfolds=1).train_test_pairs(range(5))
    assert (train.tolist(), test.tolist()) == ([0, 1, 2], [3, 4])


def test_rows_out_of_order_are_kept_with_a_warning() -> None:
    with pytest.warns(MLJKerasWarning, match="not in ascending order. Sort the data by time"):
        [(train, test)] = TimeSeriesCV(nfolds=1).train_test_pairs([3, 2, 1, 0])
    assert (train.tolist(), test.tolist()) == ([3, 2], [1, 0])


def test_too_few_rows_or_folds_are_refused() -> None:
    with pytest.raises(EmptyData, match=r"TimeSeriesCV\(nfolds=4\) needs at least 5 rows, got 4"):
        TimeSeriesCV().train_test_pairs(range(4))
    with pytest.raises(InvalidModelError, match="TimeSeriesCV.nfolds must be an int >= 1, got 0"):
        TimeSeriesCV(nfolds=0)
