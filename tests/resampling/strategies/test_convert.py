"""strategy_of: what may be given as resampling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import KFold

from mlj_keras.errors import InvalidModelError, WrongType
from mlj_keras.resampling.strategies import (
    CV,
    ExplicitPairs,
    InSample,
    SklearnSplitter,
    strategy_of,
)


def test_a_strategy_is_returned_as_it_is() -> None:
    strategy = CV(nfolds=3)
    assert strategy_of(strategy) is strategy


def test_a_splitter_becomes_a_strategy() -> None:
    assert strategy_of(KFold(3)) == SklearnSplitter(KFold(3))


@pytest.mark.parametrize("kind", [list, tuple, iter])
def test_pairs_become_a_strategy(kind: Any) -> None:
    pairs = [([0, 1], [2]), (np.array([2]), [0])]
    assert strategy_of(kind(pairs)) == ExplicitPairs(pairs)


@pytest.mark.parametrize(
    ("resampling", "advice"),
    [
        (5, r"got 5. Write CV\(nfolds=5\)"),
        (0.7, r"got 0.7. Write Holdout\(0.7\)"),
        ("cv", r"got 'cv'. Write CV\(nfolds=6\)"),
        (None, r"got None. Write CV\(nfolds=6\)"),
        ({"nfolds": 5}, r"Write CV\(nfolds=6\)"),
        (InSample, r"Write InSample\(\), an instance"),
        (KFold, r"Write KFold\(\), an instance"),
    ],
)
def test_anything_else_is_refused_with_what_to_write(resampling: Any, advice: str) -> None:
    with pytest.raises(WrongType, match="resampling must be a strategy, .*" + advice):
        strategy_of(resampling)


def test_a_list_without_pairs_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="pairs is empty"):
        strategy_of([])
    with pytest.raises(InvalidModelError, match="pair 0 is 3, which is no pair"):
        strategy_of([3, 4])
