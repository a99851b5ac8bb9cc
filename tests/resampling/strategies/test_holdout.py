"""Holdout: sizes by half-even rounding, order, shuffling, classes divided alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.errors import EmptyData, InvalidModelError, MissingValuesError, ScitypeError
from mlj_keras.resampling.strategies import Holdout


@pytest.mark.parametrize(
    ("n", "fraction", "n_train"),
    [(10, 0.7, 7), (5, 0.7, 4), (15, 0.7, 10), (5, 0.5, 2), (7, 0.5, 4), (2, 0.5, 1)],
)
def test_the_first_rows_train_half_a_row_going_to_the_even_number(
    n: int, fraction: float, n_train: int
) -> None:
    # Check 5 of the reference: 3.5 rounds to 4, and 10.5 to 10.
    rows = np.arange(100, 100 + n)
    [(train, test)] = Holdout(fraction).train_test_pairs(rows)
    assert (train.tolist(), test.tolist()) == (rows[:n_train].tolist(), rows[n_train:].tolist())


def test_the_fraction_may_come_first_without_its_name() -> None:
    assert Holdout(0.6, shuffle=True) == Holdout(fraction_train=0.6, shuffle=True)
    assert Holdout() == Holdout(0.7)


@given(st.integers(2, 60), st.integers(0, 9), st.integers(0, 3))
def test_shuffled_parts_divide_the_rows_in_the_same_sizes(n: int, seed: int, repeat: int) -> None:
    [(train, test)] = Holdout(0.5, rng=seed).train_test_pairs(range(n), repeat=repeat)
    assert sorted([*train, *test]) == list(range(n))
    assert len(train) == round(0.5 * n)


@given(st.integers(0, 9), st.booleans(), st.floats(0.2, 0.8))
def test_stratify_divides_every_class_alike(seed: int, shuffle: bool, share: float) -> None:  # noqa: FBT001
    y = pd.Categorical(np.random.default_rng(seed).permutation(list("a" * 40 + "b" * 25)))
    strategy = Holdout(share, rng=seed, shuffle=shuffle, stratify=True)
    [(train, test)] = strategy.train_test_pairs(range(65), y=y)
    assert len(train) == round(share * 65)
    for label, total in (("a", 40), ("b", 25)):
        assert abs((y[train] == label).sum() - share * total) < 1.5
    assert sorted([*train, *test]) == list(range(65))


def test_stratify_looks_at_the_classes_of_the_rows_only() -> None:
    y = pd.Series(list("aaaa" + "abab"), dtype="category")
    [(train, test)] = Holdout(0.5, stratify=True).train_test_pairs([4, 5, 6, 7], y=y)
    assert (train.tolist(), test.tolist()) == ([4, 5], [6, 7])
    [(train, test)] = Holdout(0.5, stratify=True).train_test_pairs([4, 6, 5, 7], y=y)
    assert (train.tolist(), test.tolist()) == ([4, 5], [6, 7])


@pytest.mark.parametrize("fraction", [0, 1, 0.0, 1.0, -0.1, 1.5, float("nan"), "half", None])
def test_a_fraction_outside_0_to_1_is_refused(fraction: Any) -> None:
    with pytest.raises(InvalidModelError, match=r"Holdout.fraction_train must be a number > 0"):
        Holdout(fraction)


def test_fewer_than_two_rows_are_refused() -> None:
    with pytest.raises(EmptyData, match="Holdout needs at least 2 rows, got 1. Pass more rows"):
        Holdout().train_test_pairs([3])


def test_stratify_without_classes_is_refused_with_the_line_to_write() -> None:
    strategy = Holdout(stratify=True)
    with pytest.raises(ScitypeError, match=r"Holdout\(stratify=True\) needs .* got none"):
        strategy.train_test_pairs(range(4))
    with pytest.raises(ScitypeError, match=r"y = coerce\(y, Multiclass\)"):
        strategy.train_test_pairs(range(4), y=["a", "b", "a", "b"])
    with pytest.raises(MissingValuesError, match=r"first at \[2\]"):
        strategy.train_test_pairs(range(4), y=pd.Categorical(["a", "b", None, "b"]))
