"""Grid: how many values each range gets, their order, and refusals."""

from __future__ import annotations

import itertools
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.space import Space, dimensions_of
from mlj_keras.tuning.strategies.grid import MAX_SIZE, Grid


class Wide(mlj.Deterministic):
    """A model with seven numbers, an int and a word."""

    a: float = 0.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 0.0
    f: float = 0.0
    g: float = 0.0
    count: int = 0
    word: str = "p"


def unit(field: str) -> Any:
    return mlj.param_range(Wide(), field, lower=0, upper=1)


A, B = unit("a"), unit("b")
COUNT = mlj.param_range(Wide(), "count", lower=1, upper=4)
WORD = mlj.param_range(Wide(), "word", values=["p", "q", "r", "s"])


def space(*given_: Any) -> Space:
    return Space(Wide(), dimensions_of(list(given_)))


def points(grid: Grid, *given_: Any, seed: int = 0) -> list[tuple[Any, ...]]:
    """All candidates, as tuples."""
    asked = grid.start(space(*given_), seed).ask(10**6)
    return [tuple(each.values.values()) for each in asked]


def test_the_first_range_changes_fastest_unless_shuffled() -> None:
    asked = Grid(resolution=3, shuffle=False).start(space(A, COUNT, WORD), 0).ask(100)
    assert list(asked[0].values) == ["a", "count", "word"]
    found = [tuple(each.values.values()) for each in asked]
    assert found[:4] == [(0, 1, "p"), (0.5, 1, "p"), (1, 1, "p"), (0, 2, "p")]
    expected = itertools.product(["p", "q", "r", "s"], [1, 2, 4], [0, 0.5, 1])
    assert found == [point[::-1] for point in expected]  # ints: 2.5 is rounded to 2


def test_a_shuffle_is_a_permutation_and_the_same_for_the_same_seed() -> None:
    plain = points(Grid(shuffle=False), A, B)
    shuffled, again, other = (points(Grid(), A, B, seed=seed) for seed in (1, 1, 2))
    assert sorted(shuffled) == sorted(plain) and len(plain) == 100
    assert shuffled == again
    # Of 100! orders: equal ones are no chance.
    assert shuffled != plain and shuffled != other
    assert points(Grid(shuffle=False), A, B, seed=9) == plain


@pytest.mark.parametrize(
    ("settings", "given_", "counts"),
    [
        ({"goal": 7}, [A, B], [3, 3]),  # check 21 of the reference: 9 models
        ({"goal": 25}, [A, WORD], [6, 4]),  # 24 models
        ({"goal": 25}, [A], [25]),
        ({"goal": 6}, [A, B], [2, 2]),  # the root is 2.45
        ({"goal": 3}, [WORD, A], [4, 1]),  # no fewer than one
        ({"goal": 1}, [A, B], [1, 1]),
        ({"goal": 24}, [(A, 4), B], [4, 6]),
        ({"goal": 24}, [(A, 2), B, WORD], [2, 3, 4]),
        ({"goal": 9}, [(A, 2), (B, 5)], [2, 5]),
        ({"goal": 9}, [WORD], [4]),
        ({"goal": 10, "resolution": 3}, [A], [10]),
        ({}, [A, COUNT], [10, 4]),
        ({"resolution": 3}, [A, (B, 5), WORD], [3, 5, 4]),
    ],
)
def test_each_range_gets_its_number_of_values(
    settings: dict[str, int], given_: list[Any], counts: list[int]
) -> None:
    found = points(Grid(**settings), *given_)  # type: ignore[arg-type]
    assert [len(set(column)) for column in zip(*found, strict=True)] == counts
    assert len(set(found)) == len(found) == math.prod(counts)
    assert Grid(**settings).default_n(space(*given_)) == len(found)  # type: ignore[arg-type]


@given(st.integers(1, 400), st.integers(1, 3))
def test_a_goal_is_missed_by_no_more_than_rounding(goal: int, n_ranges: int) -> None:
    ranges = [unit(field) for field in "abc"[:n_ranges]]
    size = Grid(goal=goal).default_n(space(*ranges))
    root = goal ** (1 / n_ranges)
    assert max(1, root - 0.5) ** n_ranges <= size * (1 + 1e-9)
    assert size <= (root + 0.5) ** n_ranges * (1 + 1e-9)


def test_two_ranges_of_one_field_follow_each_other() -> None:
    upper = mlj.param_range(Wide(), "a", lower=5, upper=7)
    assert points(Grid(shuffle=False), (A, 2), (upper, 3)) == [(0,), (1,), (5,), (6,), (7,)]
    few = mlj.param_range(Wide(), "word", values=["x"])
    assert points(Grid(shuffle=False), WORD, few) == [("p",), ("q",), ("r",), ("s",), ("x",)]
    both = points(Grid(shuffle=False), (A, 2), (COUNT, 2), (upper, 2))
    assert both[:5] == [(0, 1), (1, 1), (5, 1), (7, 1), (0, 4)]


def test_the_grid_ends_and_says_so() -> None:
    searcher = Grid(resolution=2).start(space(A, B), 0)
    first, rest = searcher.ask(3), searcher.ask(3)
    assert (len(first), len(rest)) == (3, 1)
    assert sorted(tuple(each.values.values()) for each in [*first, *rest]) == [
        (0, 0),
        (0, 1),
        (1, 0),
        (1, 1),
    ]
    assert list(searcher.ask(3)) == []


def test_a_scale_is_followed_and_a_range_without_a_bound_reaches_two_units() -> None:
    scaled = mlj.param_range(Wide(), "a", lower=0.01, upper=100, scale="log10")
    found = [point[0] for point in points(Grid(resolution=3, shuffle=False), scaled)]
    assert found == pytest.approx([0.01, 1, 100])
    unbounded = mlj.param_range(Wide(), "a", origin=1, unit=2)
    assert points(Grid(resolution=3, shuffle=False), unbounded) == [(-1,), (1,), (3,)]


def test_too_large_a_grid_is_refused() -> None:
    fields = [unit(field) for field in "abcdefg"]
    with pytest.raises(
        InvalidModelError,
        match=r"The grid has 10,000,000 candidates, more than 1,000,000. Give goal=.*RandomSearch",
    ):
        Grid().check_space(space(*fields))
    Grid(goal=1000).check_space(space(*fields))
    Grid().check_space(space(*fields[:6]))
    assert Grid().default_n(space(*fields[:6])) == MAX_SIZE


@pytest.mark.parametrize("option", [0, -1, 2.0, "5", True, (0.5, 0.5)])
def test_resolutions_that_are_none_are_refused(option: Any) -> None:
    with pytest.raises(
        InvalidModelError, match="The range of 'a' comes with .*Grid takes an int of 1 or more"
    ):
        Grid().check_space(space((A, option), B))


def test_a_resolution_of_values_is_refused() -> None:
    with pytest.raises(
        InvalidModelError, match="'word' comes with 3: .* of ranges of numbers only"
    ):
        Grid().check_space(space(A, (WORD, 3)))


def test_something_to_sample_from_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="Grid needs a range of 'b', and got something to"):
        Grid().check_space(space(A, mlj.sampler(B)))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"goal": 0}, "Grid.goal must be an int >= 1 or None, got 0"),
        ({"goal": 2.5}, "Grid.goal must be an int"),
        ({"resolution": 0}, "Grid.resolution must be an int >= 1, got 0"),
        ({"resolution": None}, "Grid.resolution must be an int"),
        ({"shuffle": 1}, "Grid.shuffle must be True or False"),
        ({"rng": -1}, "rng must not be negative"),
    ],
)
def test_settings_that_are_none_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidModelError, match=words):
        Grid(**settings)
