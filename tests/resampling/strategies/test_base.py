"""What holds of every strategy: parts of the rows, values like any model, seeds, refusals."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GroupKFold, KFold

from mlj_keras.errors import InvalidModelError, RowsError, UnknownFieldError
from mlj_keras.resampling.strategies import (
    CV,
    ExplicitPairs,
    GroupedCV,
    Holdout,
    InSample,
    ResamplingStrategy,
    SklearnSplitter,
    StratifiedCV,
    TimeSeriesCV,
)

N = 24
Y = pd.Categorical(list("abcd") * 6)
GROUPS = [row // 2 for row in range(N)]
SHUFFLING: list[ResamplingStrategy] = [
    Holdout(0.5, rng=1),
    Holdout(0.5, rng=1, stratify=True),
    CV(nfolds=3, rng=1),
    StratifiedCV(nfolds=3, rng=1),
    GroupedCV(groups=GROUPS, nfolds=3, rng=1),
]
FIXED: list[ResamplingStrategy] = [
    InSample(),
    Holdout(),
    CV(nfolds=3),
    StratifiedCV(nfolds=3),
    GroupedCV(groups=GROUPS, nfolds=3),
    TimeSeriesCV(nfolds=3),
    SklearnSplitter(KFold(3)),
    SklearnSplitter(GroupKFold(3), groups=GROUPS),
    ExplicitPairs([([0, 1], [2]), (slice(3), slice(3, None)), ([True] * 5 + [False] * 19, [9])]),
]


def drawn(strategy: ResamplingStrategy, rows: Any = None, repeat: int = 0) -> list[Any]:
    """The pairs as lists, of all rows unless told."""
    rows = range(N) if rows is None else rows
    pairs = strategy.train_test_pairs(rows, None, Y, repeat=repeat)
    return [(train.tolist(), test.tolist()) for train, test in pairs]


@pytest.mark.parametrize("strategy", SHUFFLING + FIXED, ids=repr)
def test_both_parts_are_int_positions_among_the_rows_given(strategy: ResamplingStrategy) -> None:
    rows = np.arange(3, 21) if strategy.takes_rows else np.arange(N)
    for pair in strategy.train_test_pairs(rows, None, Y):
        for part in pair:
            assert part.dtype == np.int64 and part.ndim == 1 and len(part)
            assert set(part.tolist()) <= set(rows.tolist())


@pytest.mark.parametrize("strategy", SHUFFLING, ids=repr)
@pytest.mark.usefixtures("unchanged_generators")
def test_an_int_rng_gives_the_same_pairs_at_every_use_and_others_at_every_repeat(
    strategy: ResamplingStrategy,
) -> None:
    assert drawn(strategy) == drawn(strategy) == drawn(copy.deepcopy(strategy))
    repeats = [drawn(strategy, repeat=repeat) for repeat in range(4)]
    assert all(a != b for i, a in enumerate(repeats) for b in repeats[:i])
    assert repeats[3] == drawn(strategy, repeat=3)
    assert drawn(strategy) != drawn(strategy.replace({"rng": 2}))
    assert drawn(strategy) != drawn(strategy.replace({"shuffle": False}))


@pytest.mark.parametrize("strategy", SHUFFLING, ids=repr)
def test_shuffling_without_a_seed_gives_other_pairs_at_every_use(
    strategy: ResamplingStrategy,
) -> None:
    unseeded = strategy.replace({"rng": None, "shuffle": True})
    assert len({repr(drawn(unseeded)) for _ in range(4)}) > 1


@pytest.mark.parametrize("strategy", FIXED, ids=repr)
def test_what_does_not_shuffle_gives_the_same_pairs_at_every_repeat(
    strategy: ResamplingStrategy,
) -> None:
    assert drawn(strategy) == drawn(strategy, repeat=5)


@pytest.mark.parametrize("strategy", SHUFFLING + FIXED, ids=repr)
def test_a_strategy_equals_its_copies_and_pickles_and_gives_their_pairs(
    strategy: ResamplingStrategy,
) -> None:
    for twin in (copy.deepcopy(strategy), pickle.loads(pickle.dumps(strategy))):
        assert twin == strategy and repr(twin) == repr(strategy)
        assert drawn(twin) == drawn(strategy)
        twin.check()
        assert twin == strategy
    assert sum(strategy == other for other in SHUFFLING + FIXED) == 1


def test_a_generator_becomes_a_seed_when_assigned() -> None:
    one, other = (CV(nfolds=3, rng=np.random.default_rng(5)) for _ in range(2))
    assert type(one.rng) is int and one == other
    assert drawn(one) == drawn(one) == drawn(other)


def test_a_range_a_list_and_an_array_are_rows_alike() -> None:
    strategy = CV(nfolds=2)
    assert drawn(strategy, range(2, 8)) == drawn(strategy, list(range(2, 8)))
    assert drawn(strategy, range(2, 8)) == drawn(strategy, np.arange(2, 8, dtype=np.int32))


@pytest.mark.parametrize("rows", [[0.0, 1.0], [[0, 1], [2, 3]], "all", [True, False], None])
@pytest.mark.parametrize("strategy", [InSample(), CV(), TimeSeriesCV()], ids=repr)
def test_rows_that_are_no_positions_are_refused(strategy: Any, rows: Any) -> None:
    with pytest.raises(RowsError, match=r"Write range\(len\(y\)\) for all rows"):
        strategy.train_test_pairs(rows)


def test_fields_are_checked_when_assigned() -> None:
    strategy = CV()
    with pytest.raises(InvalidModelError, match="CV.nfolds must be an int >= 2, got 1"):
        strategy.nfolds = 1
    with pytest.raises(UnknownFieldError, match="Did you mean 'nfolds'"):
        CV(n_folds=3)  # type: ignore[call-arg]
    with pytest.raises(InvalidModelError, match="shuffle must be True or False or None"):
        strategy.shuffle = 1  # type: ignore[assignment]


def test_a_strategy_of_ones_own_needs_pairs_only() -> None:
    class Halves(ResamplingStrategy):
        first: bool = True

        def train_test_pairs(
            self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
        ) -> Any:
            half = len(rows) // 2
            return [(rows[:half], rows[half:]) if self.first else (rows[half:], rows[:half])]

    assert drawn(Halves(first=False), np.arange(4)) == [([2, 3], [0, 1])]
    assert Halves() == Halves(first=True) != Halves(first=False)
    assert Halves().takes_rows


def test_a_strategy_without_pairs_says_what_to_write() -> None:
    class Empty(ResamplingStrategy):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty must define train_test_pairs\(self"):
        Empty().train_test_pairs(range(3))
