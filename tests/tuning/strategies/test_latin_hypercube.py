"""LatinHypercube: each part of each range is used once, on its scale; values come up evenly."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import qmc

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.space import Space, dimensions_of
from mlj_keras.tuning.strategies.latin_hypercube import LatinHypercube


class Own(mlj.Deterministic):
    """A model with three numbers of any sign, an int and a word."""

    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    count: int = 0
    word: str = "p"


A = mlj.param_range(Own(), "a", lower=-1, upper=3)
B = mlj.param_range(Own(), "b", lower=1e-3, upper=10, scale="log10")
C = mlj.param_range(Own(), "c", lower=-2, upper=1, scale=lambda t: 10**t)
UNBOUNDED = mlj.param_range(Own(), "a", origin=1, unit=2)
NEGATIVE = mlj.param_range(Own(), "b", lower=-100, upper=-0.1, scale="log10minus")
COUNT = mlj.param_range(Own(), "count", lower=1, upper=5)
WORD = mlj.param_range(Own(), "word", values=["p", "q", "r"])


def space(*given_: Any) -> Space:
    return Space(Own(), dimensions_of(list(given_)))


def columns(n: int, *ranges: Any, spread: bool = True, seed: int = 0) -> dict[str, np.ndarray]:
    """The values of n candidates, by field."""
    strategy = LatinHypercube(spread=spread)
    strategy.check_space(space(*ranges))
    asked = strategy.start(space(*ranges), seed).ask(n)
    assert len(asked) == n
    return {r.field: np.array([each.values[r.field] for each in asked]) for r in ranges}


def parts(places: np.ndarray, low: float, high: float) -> list[int]:
    """In which of len(places) equal parts of [low, high] each place lies, sorted."""
    return sorted(int(part) for part in (places - low) / (high - low) * len(places))


@pytest.mark.parametrize("spread", [True, False])
@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_each_part_of_each_range_is_used_once_on_its_scale(n: int, *, spread: bool) -> None:
    found = columns(n, A, B, C, spread=spread)
    assert parts(found["a"], -1, 3) == list(range(n))
    assert parts(np.log10(found["b"]), -3, 1) == list(range(n))
    assert parts(np.log10(found["c"]), -2, 1) == list(range(n))


@pytest.mark.parametrize("spread", [True, False])
def test_a_single_range_is_divided_as_well(*, spread: bool) -> None:
    found = columns(9, UNBOUNDED, spread=spread)
    assert parts(found["a"], -1, 3) == list(range(9))  # as far as a grid goes


@given(st.integers(1, 25), st.integers(0, 2**40))
def test_whatever_the_number_and_seed_each_part_is_used_once(n: int, seed: int) -> None:
    found = columns(n, A, NEGATIVE, spread=False, seed=seed)
    assert parts(found["a"], -1, 3) == list(range(n))
    assert parts(np.log10(-found["b"]), -1, 2) == list(range(n))


@pytest.mark.parametrize("n", [1, 3, 6, 7, 8, 20])
def test_values_come_up_equally_often_as_nearly_as_their_number_allows(n: int) -> None:
    for seed in range(20):
        counts = Counter(columns(n, WORD, A, spread=False, seed=seed)["word"].tolist())
        times = [counts[word] for word in WORD.values]
        assert sum(times) == n and max(times) - min(times) <= 1, times


def test_ints_are_rounded() -> None:
    found = columns(40, COUNT, A)["count"]
    assert found.dtype.kind == "i" and set(found) == {1, 2, 3, 4, 5}
    # Half as many at an end as between: 40 parts of [1, 5], the first 5 of which are nearest to 1.
    assert np.bincount(found)[1:].tolist() == [5, 10, 10, 10, 5]


def test_points_are_spread_more_evenly_than_those_of_chance() -> None:
    def discrepancy(*, spread: bool) -> float:
        found = [columns(12, A, C, spread=spread, seed=seed) for seed in range(10)]
        units = [
            np.column_stack([(each["a"] + 1) / 4, (np.log10(each["c"]) + 2) / 3]) for each in found
        ]
        return float(np.mean([qmc.discrepancy(np.clip(each, 0, 1)) for each in units]))

    assert discrepancy(spread=True) < discrepancy(spread=False)


def test_a_later_call_makes_a_design_of_its_own() -> None:
    searcher = LatinHypercube().start(space(A), 3)
    first, second = ([each.values["a"] for each in searcher.ask(n)] for n in (6, 4))
    assert parts(np.array(first), -1, 3) == list(range(6))
    assert parts(np.array(second), -1, 3) == list(range(4))
    assert not set(first) & set(second)
    twin = LatinHypercube().start(space(A), 3)
    assert [each.values["a"] for n in (6, 4) for each in twin.ask(n)] == first + second
    same = [[each.values["a"] for each in searcher.ask(6)] for _ in range(2)]
    assert same[0] != same[1]


def test_the_global_generators_are_left_alone(unchanged_generators: None) -> None:
    columns(5, A, B, WORD)


@pytest.mark.parametrize("option", [5, [0.2, 0.3, 0.5]])
def test_options_are_refused(option: Any) -> None:
    given_ = A if option == 5 else WORD
    with pytest.raises(
        InvalidModelError, match="which LatinHypercube does not take. Give the range"
    ):
        LatinHypercube().check_space(space((given_, option), B))


def test_something_to_sample_from_is_refused() -> None:
    with pytest.raises(
        InvalidModelError, match="LatinHypercube needs a range of 'a', and got some"
    ):
        LatinHypercube().check_space(space(mlj.sampler(A), B))


def test_settings_that_are_none_are_refused() -> None:
    with pytest.raises(InvalidModelError, match="LatinHypercube.spread must be True or False"):
        LatinHypercube(spread="random-cd")  # type: ignore[arg-type]
    with pytest.raises(InvalidModelError, match="rng must not be negative"):
        LatinHypercube(rng=-1)
