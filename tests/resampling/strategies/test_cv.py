"""CV: blocks as the reference and scikit-learn cut them, and refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import KFold

from mlj_keras.errors import EmptyData, InvalidModelError
from mlj_keras.resampling.strategies import CV

n_and_folds = st.integers(2, 9).flatmap(lambda k: st.tuples(st.integers(k, 60), st.just(k)))


def test_the_first_folds_take_the_remainder_and_train_rows_keep_their_order() -> None:
    pairs = CV(nfolds=3).train_test_pairs(range(1, 11))  # check 1 of the reference
    assert [test.tolist() for _, test in pairs] == [[1, 2, 3, 4], [5, 6, 7], [8, 9, 10]]
    assert pairs[1][0].tolist() == [1, 2, 3, 4, 8, 9, 10]


def test_too_few_rows_or_folds_are_refused() -> None:
    with pytest.raises(EmptyData, match=r"CV\(nfolds=6\) needs at least 6 rows, got 5.*nfolds=5"):
        CV(nfolds=6).train_test_pairs(range(5))  # check 2
    with pytest.raises(EmptyData, match="got 1. Pass more rows, or use other resampling"):
        CV(nfolds=2).train_test_pairs([7])
    with pytest.raises(InvalidModelError, match="CV.nfolds must be an int >= 2, got 1"):
        CV(nfolds=1)
    with pytest.raises(InvalidModelError, match="must be an int >= 2, got 2.5"):
        CV(nfolds=2.5)  # type: ignore[arg-type]


def test_one_object_repeats_its_pairs_and_its_twin_gives_the_same() -> None:
    # Check 7, where upstream gives another shuffle at the second use; here `repeat` asks for it.
    one, other = CV(rng=1), CV(rng=1)
    first, again, twin = (
        [test.tolist() for _, test in strategy.train_test_pairs(range(30))]
        for strategy in (one, one, other)
    )
    assert first == again == twin
    repeated = [test.tolist() for _, test in one.train_test_pairs(range(30), repeat=1)]
    assert repeated != first


@given(n_and_folds)
def test_unshuffled_folds_are_those_of_scikit_learn(case: tuple[int, int]) -> None:
    n, k = case
    rows = np.arange(n) * 3
    expected = KFold(k).split(rows)
    for (train, test), (train_at, test_at) in zip(
        CV(nfolds=k).train_test_pairs(rows), expected, strict=True
    ):
        assert train.tolist() == rows[train_at].tolist()
        assert test.tolist() == rows[test_at].tolist()


@given(n_and_folds, st.integers(0, 99), st.integers(0, 3))
def test_the_tests_divide_the_rows_and_each_train_is_what_its_test_is_not(
    case: tuple[int, int], seed: int, repeat: int
) -> None:
    n, k = case
    pairs = CV(nfolds=k, rng=seed).train_test_pairs(range(n), repeat=repeat)
    tests = [test for _, test in pairs]
    assert sorted(np.concatenate(tests).tolist()) == list(range(n))
    assert max(map(len, tests)) - min(map(len, tests)) <= 1
    for train, test in pairs:
        assert sorted([*train, *test]) == list(range(n))


@pytest.mark.parametrize(
    ("settings", "shuffles"),
    [
        ({}, False),
        ({"rng": 1}, True),
        ({"rng": 1, "shuffle": False}, False),
        ({"rng": 1, "shuffle": True}, True),
        ({"shuffle": True}, True),
        ({"shuffle": False}, False),
    ],
)
def test_a_seed_means_shuffling_unless_it_is_refused(
    settings: dict[str, int],
    shuffles: bool,  # noqa: FBT001
) -> None:
    strategy = CV(nfolds=2, **settings)  # type: ignore[arg-type]
    [(_, first), _] = strategy.train_test_pairs(range(200))
    assert (first.tolist() != list(range(100))) is shuffles
