"""Draws: frequencies within binomial bounds, and rows that cannot be drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlj_keras.errors import InvalidArgument
from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector

N_DRAWS = 2000
# Each count leaves its interval with probability 1e-9 at most; some 1e3 are looked at.
TAIL = 5e-10


def assert_binomial(counts: np.ndarray, probabilities: np.ndarray, n_draws: int) -> None:
    """Each count lies within the central 1 - 1e-9 of its binomial distribution."""
    assert (counts >= scipy.stats.binom.ppf(TAIL, n_draws, probabilities)).all()
    assert (counts <= scipy.stats.binom.ppf(1 - TAIL, n_draws, probabilities)).all()


@settings(max_examples=30)
@given(
    hnp.arrays(
        np.float64, st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.floats(0, 5)
    ),
    st.integers(0, 2**32),
)
def test_frequencies_of_many_draws_match_the_normalised_probabilities(
    raw: np.ndarray, seed: int
) -> None:
    raw[:, 0] += 0.5  # so that no row is all zeros
    v = UnivariateFiniteVector(raw, tuple(range(raw.shape[1])))
    draws = v.sample(N_DRAWS, rng=seed)
    assert draws.shape == (len(v), N_DRAWS)
    counts = np.stack([(draws == level).sum(axis=1) for level in v.levels], axis=1)
    assert_binomial(counts, raw / raw.sum(axis=1, keepdims=True), N_DRAWS)


def test_one_draw_a_row_matches_the_probabilities_and_rows_are_drawn_independently() -> None:
    v = UnivariateFinite(["a", "b", "c"], np.tile([0.1, 0.6, 0.3], (N_DRAWS, 1)))
    first, second = np.asarray(v.sample(rng=1)), np.asarray(v.sample(rng=2))
    for column in (first, second):
        counts = np.array([(column == level).sum() for level in v.levels])
        assert_binomial(counts, np.array([0.1, 0.6, 0.3]), N_DRAWS)
    # Of two independent draws from these probabilities, .01 + .36 + .09 agree.
    assert_binomial(np.array([(first == second).sum()]), np.array([0.46]), N_DRAWS)


def test_a_single_distribution_draws_one_label_or_an_array_of_them() -> None:
    d = UnivariateFinite(["a", "b"], [0.25, 0.75])
    assert d.sample(rng=0) in ("a", "b")
    draws = d.sample(N_DRAWS, rng=0)
    assert draws.shape == (N_DRAWS,) and draws.dtype == object
    assert_binomial(np.array([(draws == "b").sum()]), np.array([0.75]), N_DRAWS)
    assert d.sample(0, rng=0).shape == (0,)


@pytest.mark.parametrize("levels, dtype", [((1, 2), "i"), ((0.5, 1.5), "f"), ((False, True), "b")])
def test_draws_of_numbers_are_arrays_of_numbers(levels: tuple[Any, ...], dtype: str) -> None:
    draws = UnivariateFinite(list(levels), [0, 1]).sample(3, rng=0)
    assert draws.dtype.kind == dtype and draws.tolist() == [levels[1]] * 3


def test_the_same_seed_gives_the_same_draws_and_a_generator_moves_on(
    unchanged_generators: None,
) -> None:
    v = UnivariateFiniteVector(np.full((50, 2), 0.5), ("a", "b"))
    assert v.sample(9, rng=5).tolist() == v.sample(9, rng=5).tolist()
    generator = np.random.default_rng(5)
    assert v.sample(9, rng=generator).tolist() != v.sample(9, rng=generator).tolist()


class Highest(np.random.Generator):
    """A generator whose every number is the largest below 1."""

    def random(self, *args: Any, **kwargs: Any) -> Any:
        return np.full(args[0], np.nextafter(1.0, 0))


class Lowest(Highest):
    """A generator whose every number is 0."""

    def random(self, *args: Any, **kwargs: Any) -> Any:
        return np.zeros(args[0])


@pytest.mark.parametrize("total", [5e-324, 1e-300, 0.1, 1.0, 3 * 0.1, 1 + 2**-52, 1e300])
def test_a_class_of_probability_zero_is_never_drawn_even_at_the_ends(total: float) -> None:
    d = UnivariateFinite(["first", "used", "between", "last"], [0, total, 0, 0])
    for generator in (Highest, Lowest):
        assert d.sample(rng=generator(np.random.PCG64(0))) == "used"


def test_a_total_below_one_is_normalised_for_a_single_draw_too() -> None:
    # Upstream compares with the unnormalised sums, and finds no class for numbers above 0.001.
    d = UnivariateFinite(["a", "b"], [0.0005, 0.0005])
    assert {d.sample(rng=seed) for seed in range(50)} == {"a", "b"}


@pytest.mark.parametrize("row", [[np.nan, 1.0], [-0.5, 1.0], [0.0, 0.0], [np.inf, 1.0]])
def test_a_row_that_cannot_be_normalised_raises_and_is_named(row: list[float]) -> None:
    v = UnivariateFiniteVector(np.array([[0.5, 0.5], row]), ("a", "b"))
    for n in (None, 3):
        with pytest.raises(InvalidArgument, match=r"Sampling needs .*\(row 1\). Correct or drop"):
            v.sample(n, rng=0)


@pytest.mark.parametrize("n", [-1, 1.5, True, "a"])
def test_a_number_of_draws_that_is_no_count_raises(n: Any) -> None:
    with pytest.raises(InvalidArgument, match=f"n must be a number of draws.*got {n!r}. Write n="):
        UnivariateFinite(["a", "b"], [0.5, 0.5]).sample(n)


def test_a_seed_that_is_no_seed_raises() -> None:
    with pytest.raises(TypeError, match="rng must be an int"):
        UnivariateFinite(["a", "b"], [0.5, 0.5]).sample(rng="a")
