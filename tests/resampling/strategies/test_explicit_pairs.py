"""ExplicitPairs: pairs as they are listed, every way to write rows, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.model_selection import KFold

from mlj_keras.errors import EmptyData, InvalidModelError, RowsError
from mlj_keras.resampling.strategies import CV, ExplicitPairs

EXPECTED = [([4, 0, 1], [2, 3])]


def pairs_of(pairs: Any, n: int = 5, **data: Any) -> list[Any]:
    found = ExplicitPairs(pairs).train_test_pairs(range(n), **data)
    return [(train.tolist(), test.tolist()) for train, test in found]


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ([4, 0, 1], [2, 3]),
        ((4, 0, 1), range(2, 4)),
        (np.array([4, 0, 1]), slice(2, 4)),
        (pd.Index([4, 0, 1]), pd.Series([2, 3])),
        (pl.Series([4, 0, 1]), slice(-3, -1)),
        (np.array([4, 0, 1], dtype=np.uint8), [False, False, True, True, False]),
        ([4, 0, 1], np.array([0, 0, 1, 1, 0], dtype=bool)),
    ],
)
def test_rows_may_be_written_in_every_way(train: Any, test: Any) -> None:
    assert pairs_of([(train, test)]) == EXPECTED
    assert pairs_of(((train, test),)) == EXPECTED
    assert pairs_of([[train, test]]) == EXPECTED


def test_pairs_may_come_from_a_generator() -> None:
    strategy = ExplicitPairs(KFold(2).split(np.ones(5)))
    for _ in range(2):  # which is read once
        found = strategy.train_test_pairs(range(5))
        assert [test.tolist() for _, test in found] == [[0, 1, 2], [3, 4]]
        assert [train.tolist() for train, _ in found] == [[3, 4], [0, 1, 2]]


def test_pairs_are_equal_however_their_rows_are_written() -> None:
    assert ExplicitPairs([([0, 1], [2])]) == ExplicitPairs([(range(2), np.array([2]))])
    assert ExplicitPairs([([0, 1], [2])]) != ExplicitPairs([([1, 0], [2])])
    assert ExplicitPairs([(None, [2])]) == ExplicitPairs([(slice(None), [2])])


def test_rows_count_in_the_whole_data() -> None:
    # Without data the rows tell how many there are.
    assert pairs_of([(slice(None, -1), [4])]) == [([0, 1, 2, 3], [4])]
    for data in ({"X": {"a": [0.0] * 6}}, {"y": [0.0] * 6}):
        assert pairs_of([(slice(None, -1), [5])], **data) == [([0, 1, 2, 3, 4], [5])]


def test_it_takes_no_rows_of_ones_own_and_changes_no_list() -> None:
    train = [0, 1]
    strategy = ExplicitPairs([(train, [2])])
    train.append(2)
    [(found, _)] = strategy.train_test_pairs(range(3))
    assert found.tolist() == [0, 1]
    assert not strategy.takes_rows and CV().takes_rows


def test_many_rows_are_shown_in_short() -> None:
    shown = repr(ExplicitPairs([(range(1000), [1000])]))
    assert shown == "ExplicitPairs(pairs=(((0, 1, 2, 3, 4, 5, ...), (1000,)),))"


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([], "pairs is empty.* Write "),
        (iter([]), "pairs is empty"),
        (5, "pairs must be a list of pairs, got 5. Write"),
        ("ab", "pairs must be a list of pairs, got 'ab'"),
        ({0: 1}, "pairs must be a list of pairs"),
        ([0, 1], "pair 0 is 0, which is no pair. Write"),
        (np.arange(4), "pair 0 is 0, which is no pair"),
        ([([0], [1]), ([0], [1], [2])], "pair 1 is .* which is no pair"),
        (([0, 1], [2, 3]), "train of pair 0 is 0, which are no rows. Write"),
        ([([0], "b")], "test of pair 0 is 'b', which are no rows"),
        ([([0.0, 1.0], [2])], "train of pair 0 is .* which are no rows"),
        ([([[0, 1]], [2])], "train of pair 0 is .* which are no rows"),
        ([([[0], [1, 2]], [2])], "train of pair 0 is .* which are no rows"),
        ([([0], [1]), ([], [1])], "train of pair 1 has no rows. Give it at least one"),
    ],
)
def test_what_is_no_list_of_pairs_is_refused(pairs: Any, message: str) -> None:
    with pytest.raises(InvalidModelError, match="ExplicitPairs.pairs: " + message):
        ExplicitPairs(pairs)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ([([0], [1]), ([0, 1], [2, 5])], "test of pair 1: rows has 5 .* lie in 0..4"),
        ([([-1], [1])], "train of pair 0: rows has -1 .* Count from the start"),
        ([([True, False], [1])], "train of pair 0: rows is a mask of 2 booleans, .* 5 rows"),
        ([([0, 1, 0], [2])], r"train of pair 0 lists rows more than once: \[0\]. List each"),
        ([([0], [2, 2])], r"test of pair 0 lists rows more than once: \[2\]"),
        ([([0, 1], [1, 0, 2])], r"Pair 0 trains and tests on the same 2 row\(s\), first \[1, 0\]"),
        ([(None, [3])], r"the same 1 row\(s\), first \[3\]. Leave them out .* InSample\(\)"),
    ],
)
def test_rows_that_cannot_be_meant_are_refused_with_the_pair(pairs: Any, message: str) -> None:
    with pytest.raises(RowsError, match=message):
        pairs_of(pairs)


@pytest.mark.parametrize("nothing", [[False] * 5, slice(3, 3)])
def test_a_part_that_selects_nothing_is_refused(nothing: Any) -> None:
    with pytest.raises(EmptyData, match="test of pair 0: rows selects no row"):
        pairs_of([([0], nothing)])
