"""RandomSearch: which distribution each range gets, what can be sampled from, and refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.space import Space, dimensions_of
from mlj_keras.tuning.strategies.random_search import RandomSearch

N = 1500
ALPHA = 1e-3  # the seeds are fixed: what passes goes on passing


class Own(mlj.Deterministic):
    """A model with two numbers of any sign, an int and a word."""

    a: float = 0.0
    b: float = 0.0
    count: int = 0
    word: str = "p"


A = mlj.param_range(Own(), "a", lower=-1, upper=3)
LOG = mlj.param_range(Own(), "a", lower=1e-4, upper=1, scale="log10")
POSITIVE = mlj.param_range(Own(), "a", lower=0, origin=4, unit=2)
FREE = mlj.param_range(Own(), "a", origin=-4, unit=2)
WORD = mlj.param_range(Own(), "word", values=["p", "q"])
COUNT = mlj.param_range(Own(), "count", lower=1, upper=4)


def space(*given_: Any) -> Space:
    return Space(Own(), dimensions_of(list(given_)))


def drawn(search: RandomSearch, *given_: Any, field: str = "a", n: int = N) -> np.ndarray:
    """Values of a field, of n candidates."""
    searched = space(*given_)
    search.check_space(searched)
    return np.array([each.values[field] for each in search.start(searched, 7).ask(n)])


def check_from(values: np.ndarray, expected: Any) -> None:
    """The values come from a distribution."""
    assert stats.kstest(values, expected.cdf).pvalue > ALPHA


def test_numbers_are_uniform_between_bounds_on_their_scale() -> None:
    check_from(drawn(RandomSearch(), A), stats.uniform(-1, 4))
    # Check 22 of the reference, overruled: there the values themselves are uniform.
    values = drawn(RandomSearch(), LOG)
    check_from(np.log10(values), stats.uniform(-4, 4))
    assert (values < 1e-2).mean() == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / N))


def test_positive_numbers_are_of_gamma_and_others_normal() -> None:
    check_from(drawn(RandomSearch(), POSITIVE), stats.gamma(4, scale=1))  # of mean 4, deviation 2
    check_from(drawn(RandomSearch(), FREE), stats.norm(-4, 2))
    below = mlj.param_range(Own(), "a", lower=-9, origin=-4, unit=2)  # from less than 0: normal
    check_from(drawn(RandomSearch(), below), stats.truncnorm(-2.5, np.inf, -4, 2))
    above = mlj.param_range(Own(), "a", upper=1, origin=-4, unit=2, scale="linear")
    check_from(drawn(RandomSearch(), above), stats.truncnorm(-np.inf, 2.5, -4, 2))


@pytest.mark.parametrize("norm", ["norm", stats.norm, stats.norm(1, 2)], ids=["name", "it", "own"])
def test_families_are_settings_by_name_as_they_are_or_frozen(norm: Any) -> None:
    cut = stats.truncnorm(-1, 1, 1, 2)  # the middle of the bounds and half their distance
    check_from(drawn(RandomSearch(bounded=norm), A), cut)
    loose = RandomSearch(positive_unbounded="lognorm", other="laplace")
    check_from(drawn(loose, FREE), stats.laplace(-4, 2))
    width = math.sqrt(math.log(1.25))
    check_from(drawn(loose, POSITIVE), stats.lognorm(width, scale=4 / math.sqrt(1.25)))


def test_a_pair_says_the_distribution_of_its_range() -> None:
    check_from(drawn(RandomSearch(), (A, "arcsine")), stats.arcsine(-1, 4))
    check_from(drawn(RandomSearch(), (A, stats.uniform(0, 1))), stats.uniform(0, 1))
    words = drawn(RandomSearch(), (WORD, [0.25, 0.75]), field="word")
    assert (words == "p").mean() == pytest.approx(0.25, abs=4 * math.sqrt(0.1875 / N))


@pytest.mark.parametrize(
    "source",
    [
        stats.norm(1, 2),
        lambda rng: float(rng.normal(1, 2)),
        mlj.sampler(mlj.param_range(Own(), "a", origin=1, unit=2), "norm"),
    ],
    ids=["frozen", "function", "sampler"],
)
def test_a_path_goes_with_anything_to_sample_from(source: Any) -> None:
    values = drawn(RandomSearch(), ("a", source), WORD)
    check_from(values, stats.norm(1, 2))
    assert all(
        type(each.values["a"]) is float
        for each in RandomSearch().start(space(("a", source)), 1).ask(5)
    )


def test_ints_of_scipy_are_ints_of_python() -> None:
    asked = RandomSearch().start(space(("count", stats.randint(1, 5))), 0).ask(200)
    assert {type(each.values["count"]) for each in asked} == {int}
    assert {each.values["count"] for each in asked} == {1, 2, 3, 4}


def test_a_sampler_alone_names_its_field() -> None:
    found = drawn(RandomSearch(), mlj.sampler(COUNT), field="count", n=100)
    assert set(found) == {1, 2, 3, 4}


def test_of_two_with_one_field_the_last_counts() -> None:
    assert (
        drawn(RandomSearch(), A, mlj.param_range(Own(), "a", lower=5, upper=6), n=99) >= 5
    ).all()
    assert (drawn(RandomSearch(), ("a", stats.uniform(9, 1)), A, n=99) <= 3).all()


def test_a_candidate_depends_on_its_number_and_the_seed_alone() -> None:
    def asked(*rooms: int, seed: int = 3) -> list[Any]:
        searcher = RandomSearch().start(space(A, COUNT, WORD), seed)
        return [dict(each.values) for room in rooms for each in searcher.ask(room)]

    assert asked(9) == asked(4, 5) == asked(1, 0, 8) == asked(20)[:9]
    assert asked(9) != asked(9, seed=4)
    assert len({each["a"] for each in asked(9)}) == 9


def test_the_values_of_a_candidate_are_independent() -> None:
    asked = RandomSearch().start(space(A, mlj.param_range(Own(), "b", lower=0, upper=1)), 3).ask(N)
    pairs = np.array([[each.values["a"], each.values["b"]] for each in asked])
    neighbours = np.corrcoef(pairs[1:, 0], pairs[:-1, 0])[0, 1]
    # The standard error of a correlation of independent pairs is 1 / sqrt(N); four of them.
    assert abs(np.corrcoef(pairs.T)[0, 1]) < 4 / math.sqrt(N) and abs(neighbours) < 4 / math.sqrt(
        N
    )


def test_the_global_generators_are_left_alone(unchanged_generators: None) -> None:
    drawn(RandomSearch(), A, COUNT, WORD, ("b", stats.norm(0, 1)), n=5)


@pytest.mark.parametrize(
    ("search", "given_", "words"),
    [
        (RandomSearch(bounded="beta"), [A], "no rule to fit 'beta' to the range of 'a'"),
        (RandomSearch(positive_unbounded="uniform"), [POSITIVE], "uniform needs two bounds"),
        (RandomSearch(other="gamma"), [FREE], "gamma is of positive numbers"),
        (RandomSearch(), [(WORD, [1.0])], "'word' has 2 values, and got"),
        (RandomSearch(), [(A, stats.uniform(7, 1))], "has nothing between -1 and 3"),
        (RandomSearch(), [("a", 5)], "'a' is to be sampled from 5. Give a range, a frozen"),
        (RandomSearch(), [("a", "norm")], "'a' is to be sampled from 'norm'"),
    ],
)
def test_what_cannot_be_sampled_from_is_refused(
    search: RandomSearch, given_: list[Any], words: str
) -> None:
    with pytest.raises(InvalidModelError, match=words):
        search.check_space(space(*given_))


def test_a_setting_that_no_range_uses_is_not_looked_at() -> None:
    RandomSearch(bounded="beta").check_space(space(POSITIVE, WORD))
