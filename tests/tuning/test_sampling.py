"""Values of ranges: even ones against the reference, random ones against SciPy's distributions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument
from mlj_keras.tuning.ranges import NumericRange
from mlj_keras.tuning.sampling import iterator, sampler

NET = mlj.NeuralNetworkRegressor()
LOSSES = ["mean_squared_error", "mean_absolute_error", "huber"]
LOSS = mlj.param_range(NET, "loss", values=LOSSES)
N = 2000
# The seeds are fixed, so that what passes goes on passing; distribution functions that differ by
# 6 % at some place, which is 2.7 / sqrt(N), give p-values far below this.
ALPHA = 1e-3
# By the reference, of origin o and unit u; those that reach over all numbers, then the positive.
ORIGIN, UNIT = 2.0, 0.5
FAMILIES: dict[str, Any] = {
    "norm": stats.norm(ORIGIN, UNIT),
    "cauchy": stats.cauchy(ORIGIN, UNIT),
    "gumbel_r": stats.gumbel_r(ORIGIN, UNIT),
    "laplace": stats.laplace(ORIGIN, UNIT),
    "logistic": stats.logistic(ORIGIN, UNIT * 3**0.5 / math.pi),
    "cosine": stats.cosine(ORIGIN, UNIT / math.pi),
    "triang": stats.triang(0.5, loc=1.5, scale=1.0),
    "gamma": stats.gamma((ORIGIN / UNIT) ** 2, scale=UNIT**2 / ORIGIN),
    "invgauss": stats.invgauss(mu=ORIGIN / (ORIGIN**3 / UNIT**2), scale=ORIGIN**3 / UNIT**2),
    "lognorm": stats.lognorm(
        math.log(1 + UNIT**2 / ORIGIN**2) ** 0.5, scale=ORIGIN / (1 + UNIT**2 / ORIGIN**2) ** 0.5
    ),
}


class Signed(mlj.Deterministic):
    """A model with a number of any sign, and a whole one."""

    shift: float = 0.0
    count: int = 0


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def shifts(path: str = "shift", **given_: Any) -> NumericRange:
    """A range of a number of any sign."""
    found = mlj.param_range(Signed(), path, **given_)
    assert isinstance(found, NumericRange)
    return found


def drawn(r: Any, distribution: Any = None, n: int = N) -> np.ndarray:
    """Values of a range."""
    return np.array(sampler(r, distribution).sample(rng(), n))


def check_from(
    values: np.ndarray, expected: Any, low: float = -math.inf, high: float = math.inf
) -> None:
    """The values come from a distribution that is cut off at two bounds."""
    below, above = expected.cdf(low), expected.cdf(high)
    assert values.min() >= low and values.max() <= high
    found = stats.kstest(values, lambda x: (expected.cdf(x) - below) / (above - below))
    assert found.pvalue > ALPHA


def test_even_values_are_those_of_the_reference() -> None:
    def lambdas(n: int, **given_: Any) -> list[Any]:
        return iterator(mlj.param_range(NET, "lambda_", **given_), n)

    def epochs(n: int, **given_: Any) -> list[Any]:
        return iterator(mlj.param_range(NET, "epochs", **given_), n)

    # Check 20 of the reference.
    powers = pytest.approx([0.1, 1, 10, 100], rel=1e-14)
    assert lambdas(4, lower=0.1, upper=100, scale="log10") == powers
    assert epochs(4, lower=1, upper=10) == [1, 4, 7, 10]
    assert epochs(7, lower=1, upper=8, scale="log2") == [1, 2, 3, 4, 6, 8]
    assert lambdas(4, lower=-1, upper=2, scale=lambda t: 10**t) == powers


def test_ints_are_rounded_half_to_even_and_come_once() -> None:
    def values(low: int, high: int, n: int) -> list[Any]:
        return iterator(shifts("count", lower=low, upper=high), n)

    assert values(0, 5, 3) == [0, 2, 5]  # 2.5
    assert values(0, 7, 3) == [0, 4, 7]  # 3.5
    assert values(0, 10, 5) == [0, 2, 5, 8, 10]  # 2.5 and 7.5
    assert values(-5, 0, 3) == [-5, -2, 0]  # -2.5
    assert values(1, 10, 30) == list(range(1, 11))
    assert values(0, 1, 4) == [0, 1]
    assert all(type(value) is int for value in values(0, 5, 3))


@given(st.integers(-1000, 1000), st.integers(1, 1000), st.integers(2, 60))
def test_ints_are_what_numpy_rounds(low: int, width: int, n: int) -> None:
    found = iterator(shifts("count", lower=low, upper=low + width), n)
    assert found == np.unique(np.rint(np.linspace(low, low + width, n))).tolist()


@given(
    st.sampled_from(["linear", "log", "log2", "log10"]),
    st.floats(1e-6, 1e5),
    st.floats(1.01, 1e6),
    st.integers(2, 40),
    st.booleans(),
)
def test_values_are_even_on_their_scale_with_the_bounds_among_them(
    scale: str,
    low: float,
    ratio: float,
    n: int,
    negative: bool,  # noqa: FBT001
) -> None:
    high = low * ratio
    if negative:
        low, high = -high, -low
        scale = {"log": "logminus", "log10": "log10minus"}.get(scale, "linear")
    r = shifts(lower=low, upper=high, scale=scale)
    found = iterator(r, n)
    assert (len(found), found[0], found[-1]) == (n, low, high)
    assert all(type(value) is float for value in found)
    assert all(a < b for a, b in zip(found, found[1:], strict=False))
    steps = np.diff(r.layout.to(np.array(found)))
    np.testing.assert_allclose(steps, steps.mean(), rtol=1e-6)


def test_a_range_without_a_bound_is_taken_as_far_as_its_unit() -> None:
    assert iterator(shifts(origin=1, unit=2), 3) == [-1, 1, 3]
    assert iterator(shifts(upper=4, origin=1, unit=2), 3) == [0, 2, 4]
    assert iterator(shifts(lower=-4, origin=1, unit=2), 3) == [-4, -2, 0]
    logs = iterator(shifts(lower=0.25, origin=1, unit=12.375), 4)  # to 25, log10 by default
    ratio = 100 ** (1 / 3)
    assert logs == pytest.approx([0.25, 0.25 * ratio, 0.25 * ratio**2, 25])


def test_a_function_makes_values_of_even_places_and_ints_of_them_are_rounded() -> None:
    assert iterator(shifts("count", lower=0, upper=3, scale=lambda t: 2**t), 4) == [1, 2, 4, 8]
    assert iterator(shifts("count", lower=0, upper=1, scale=lambda t: 5 * t), 3) == [0, 2, 5]
    assert iterator(shifts(lower=0, upper=2, scale=lambda t: -t), 3) == [0, -1, -2]
    assert iterator(shifts(lower=-1, upper=1, scale=abs), 3) == [1, 0]  # equal ones come once


def test_one_value_is_the_lower_end() -> None:
    assert iterator(shifts(lower=0.5, upper=8, scale="log2"), 1) == [0.5]
    assert iterator(shifts(lower=2, upper=3, scale=lambda t: 10**t), 1) == [100]


def test_a_range_of_values_gives_the_first_of_them_or_all() -> None:
    assert iterator(LOSS) == LOSSES == iterator(LOSS, 3) == iterator(LOSS, 9)
    assert iterator(LOSS, 2) == LOSSES[:2]


@pytest.mark.parametrize("n", [0, -1, 2.0, True, "3", np.ones(1)])
def test_a_number_of_values_that_is_none_is_refused(n: Any) -> None:
    for r in (LOSS, shifts(lower=0, upper=1)):
        with pytest.raises(InvalidArgument, match="n must be an int of 1 or more, got"):
            iterator(r, n)


def test_numbers_have_no_end_so_their_number_is_asked_for() -> None:
    with pytest.raises(
        InvalidArgument, match=r"How many values of 'shift'\? Write iterator\(r, 10"
    ):
        iterator(shifts(lower=0, upper=1))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family_is_fitted_to_origin_and_unit(family: str) -> None:
    expected = FAMILIES[family]
    positive = family in ("gamma", "invgauss", "lognorm")
    r = shifts(origin=ORIGIN, unit=UNIT, lower=0 if positive else None)
    values = drawn(r, family)
    check_from(values, expected, low=0 if positive else -math.inf)
    assert (drawn(r, getattr(stats, family)) == values).all()  # as well as by its name


@pytest.mark.parametrize("family", ["norm", "logistic", "gamma", "invgauss", "lognorm"])
def test_origin_and_unit_are_mean_and_standard_deviation_of_these(family: str) -> None:
    values = drawn(shifts(origin=ORIGIN, unit=UNIT), family)
    # The standard error of the mean is 0.011, that of the deviation of these, tails and all, less
    # than 0.015; four of them.
    assert values.mean() == pytest.approx(ORIGIN, abs=0.045)
    assert values.std() == pytest.approx(UNIT, abs=0.06)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("bounds", [(1.8, math.inf), (-math.inf, 2.1)])
def test_a_family_is_cut_off_at_the_bound(family: str, bounds: tuple[float, float]) -> None:
    low, high = bounds
    r = shifts(lower=low, upper=high, origin=ORIGIN, unit=UNIT, scale="linear")
    check_from(drawn(r, family), FAMILIES[family], low, high)


@pytest.mark.parametrize(
    ("family", "expected"), [("uniform", stats.uniform), ("arcsine", stats.arcsine)]
)
def test_families_of_an_interval_fill_the_bounds(family: str, expected: Any) -> None:
    values = drawn(shifts(lower=-1, upper=3), family)
    check_from(values, expected(-1, 4), -1, 3)
    if family == "uniform":
        assert (values == drawn(shifts(lower=-1, upper=3))).all()  # which is the default


def test_the_middle_of_two_bounds_and_half_their_distance_fit_a_family() -> None:
    check_from(drawn(shifts(lower=-1, upper=3), "norm"), stats.norm(1, 2), -1, 3)
    check_from(drawn(shifts(lower=1, upper=3), "gamma"), stats.gamma(4, scale=0.5), 1, 3)


def test_origin_and_unit_that_are_given_with_two_bounds_count() -> None:
    r = shifts(lower=0, upper=10, origin=2, unit=0.5)
    check_from(drawn(r, "norm"), stats.norm(2, 0.5), 0, 10)
    # But uniform values have neither: they follow the scale as ever.
    scaled = drawn(shifts(lower=1e-4, upper=1, origin=0.01, scale="log10"))
    check_from(np.log10(scaled), stats.uniform(-4, 4))


def test_random_values_follow_the_scale() -> None:
    # Check 22 of the reference, overruled: there the values are uniform, and half above 0.5.
    values = drawn(mlj.param_range(NET, "lambda_", lower=1e-4, upper=1, scale="log10"))
    assert 1e-4 <= values.min() and values.max() <= 1
    check_from(np.log10(values), stats.uniform(-4, 4))
    # Half of them below 1e-2, with four standard errors of a proportion.
    assert (values < 1e-2).mean() == pytest.approx(0.5, abs=4 * math.sqrt(0.25 / N))


@pytest.mark.parametrize(
    ("scale", "bounds", "places"),
    [
        ("log", (1, math.e**2), (0, 2)),
        ("log2", (0.5, 8), (-1, 3)),
        ("logminus", (-math.e, -1), (0, 1)),
        ("log10minus", (-100, -0.1), (-1, 2)),
    ],
)
def test_every_scale_is_followed_by_uniform_and_normal_values(
    scale: str, bounds: tuple[float, float], places: tuple[float, float]
) -> None:
    r = shifts(lower=bounds[0], upper=bounds[1], scale=scale)
    left, right = places
    uniform = r.layout.to(drawn(r))
    check_from(uniform, stats.uniform(left, right - left))
    normal = r.layout.to(drawn(r, "norm"))
    middle, half = (left + right) / 2, (right - left) / 2
    inner = np.clip(normal, left, right)
    np.testing.assert_allclose(normal, inner, atol=1e-12)
    check_from(inner, stats.norm(middle, half), left, right)


def test_a_frozen_distribution_is_in_the_unit_of_the_field_and_cut_off() -> None:
    r = shifts(lower=1, upper=100, scale="log10")
    check_from(drawn(r, stats.norm(5, 20)), stats.norm(5, 20), 1, 100)
    check_from(drawn(shifts(lower=0, upper=1), stats.beta(2, 5)), stats.beta(2, 5), 0, 1)
    check_from(drawn(shifts(origin=0, unit=1), stats.norm(3, 2)), stats.norm(3, 2))


def test_a_function_is_applied_to_what_was_drawn_between_places() -> None:
    r = shifts(lower=-2, upper=1, scale=lambda t: 10**t)
    check_from(np.log10(drawn(r)), stats.uniform(-2, 3))
    frozen = np.log10(drawn(r, stats.norm(0, 1)))
    check_from(np.clip(frozen, -2, 1), stats.norm(0, 1), -2, 1)
    unbounded = shifts(origin=1, unit=2, scale=lambda t: -t)
    check_from(-drawn(unbounded, "norm"), stats.norm(1, 2))


def test_ints_are_rounded_from_what_is_uniform() -> None:
    values = drawn(shifts("count", lower=1, upper=4))
    # From [1, 4] half as much is nearest to an end as to a number between.
    expected = N * np.array([1, 2, 2, 1]) / 6
    assert stats.chisquare(np.bincount(values, minlength=5)[1:], expected).pvalue > ALPHA
    assert all(type(v) is int for v in sampler(shifts("count", lower=1, upper=4)).sample(rng(), 5))


def test_a_distribution_of_whole_numbers_is_cut_off_at_its_bounds() -> None:
    expected = stats.poisson(3).pmf(np.arange(2, 6))
    values = drawn(shifts("count", lower=2, upper=5), stats.poisson(3))
    counts = np.bincount(values, minlength=6)
    assert counts[:2].sum() == 0 and len(counts) == 6
    chances = N * expected / expected.sum()
    assert stats.chisquare(counts[2:], chances).pvalue > ALPHA
    fitted = drawn(shifts("count", lower=0, origin=5, unit=3), "poisson")  # of the unit alone
    assert fitted.mean() == pytest.approx(3, abs=4 * math.sqrt(3 / N))


def test_a_distribution_of_whole_numbers_has_nothing_at_a_bound_that_is_none() -> None:
    values = drawn(shifts(lower=0.5, upper=3.5), stats.poisson(1), n=400)
    assert set(values) == {1.0, 2.0, 3.0}


@given(
    st.sampled_from(["linear", "log", "log2", "log10"]),
    st.floats(1e-6, 1e5),
    st.floats(1.01, 1e6),
    st.sampled_from(["uniform", "arcsine", "norm", "cauchy", "laplace"]),
    st.integers(0, 2**32),
)
def test_no_value_is_beyond_the_bounds(
    scale: str, low: float, ratio: float, family: str, seed: int
) -> None:
    r = shifts(lower=low, upper=low * ratio, scale=scale)
    values = sampler(r, family).sample(rng(seed), 20)
    assert all(type(v) is float and r.lower <= v <= r.upper for v in values)
    whole = shifts("count", lower=round(low), upper=round(low) + 7)
    counts = sampler(whole, family).sample(rng(seed), 20)
    assert all(type(v) is int and whole.lower <= v <= whole.upper for v in counts)


def test_each_value_is_as_likely_or_as_its_probability_says() -> None:
    def counts(probabilities: Any = None) -> list[int]:
        values = drawn(LOSS, probabilities).tolist()
        return [values.count(each) for each in LOSSES]

    assert stats.chisquare(counts()).pvalue > ALPHA
    for chances in ([0.25, 0, 0.75], (0.25, 0, 0.75), np.array([0.25, 0, 0.75])):
        found = counts(chances)
        assert found[1] == 0
        assert stats.chisquare(found[::2], [0.25 * N, 0.75 * N]).pvalue > ALPHA


def test_values_that_no_array_holds_are_drawn_as_they_are() -> None:
    r = mlj.param_range(NET, "builder.hidden", values=[(4,), (8, 8), (2, 2)])
    assert set(sampler(r).sample(rng(), 50)) == {(4,), (8, 8), (2, 2)}
    nets = mlj.param_range(NET, "optimiser", values=[mlj.Adam(), mlj.SGD()])
    assert {type(each) for each in sampler(nets).sample(rng(), 30)} == {mlj.Adam, mlj.SGD}


@pytest.mark.parametrize("r", [LOSS, shifts(lower=0, upper=1), shifts("count", lower=0, upper=99)])
def test_equal_generators_draw_equal_values(r: Any) -> None:
    found = sampler(r)
    assert found.field == r.field
    first, twin, other = (found.sample(rng(seed), 20) for seed in (1, 1, 2))
    assert first == twin != other
    assert found.sample(rng(), 0) == []


@pytest.mark.parametrize(
    ("probabilities", "words"),
    [
        ([0.5, 0.5], r"'loss' has 3 values, and got \[0.5, 0.5\]. Give a probability for each"),
        ("norm", "'loss' has 3 values, and got 'norm'"),
        (stats.norm(0, 1), "'loss' has 3 values"),
        (0.5, "'loss' has 3 values, and got 0.5"),
        (np.ones((3, 1)) / 3, "'loss' has 3 values"),
        (["a", "b", "c"], "'loss' has 3 values"),
        ([0.5, 0.6, -0.1], "none may be negative, and their sum is 1"),
        ([0.5, 0.5, 0.5], "The probabilities of 'loss' are .* their sum is 1"),
        ([0.5, 0.5, math.nan], "their sum is 1"),
    ],
)
def test_probabilities_that_are_none_are_refused(probabilities: Any, words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        sampler(LOSS, probabilities)


@pytest.mark.parametrize(
    ("given_", "distribution", "words"),
    [
        ({"lower": 0, "upper": 1}, "beta", "no rule to fit 'beta' .*Give it frozen, as in scipy"),
        ({"lower": 0, "upper": 1}, stats.beta, "no rule to fit 'beta' to the range of 'shift'"),
        ({"lower": 0, "upper": 1}, [0.5, 0.5], "There is no rule to fit"),
        ({"lower": 0, "upper": 1}, np.array([0.5, 0.5]), "There is no rule to fit"),
        ({"lower": 0, "upper": 1}, rng, "There is no rule to fit"),
        (
            {"lower": 0, "origin": 1, "unit": 1},
            None,
            "uniform needs two bounds.*take norm or gamma",
        ),
        ({"origin": 1, "unit": 1}, "arcsine", "arcsine needs two bounds, and 'shift' lacks one"),
        ({"origin": -1, "unit": 1}, "gamma", "gamma is of positive .*origin at -1. Take norm"),
        ({"lower": -3, "upper": 1}, "lognorm", "lognorm is of positive numbers"),
        ({"origin": 0, "unit": 1}, "invgauss", "invgauss is of positive numbers"),
        (
            {"lower": 5, "upper": 6},
            stats.uniform(0, 1),
            "has nothing between 5 and 6. Give another",
        ),
        ({"lower": 0, "upper": 1}, stats.norm(0, -1), "has nothing between 0 and 1"),
        ({"lower": 5.2, "upper": 5.8}, stats.poisson(5), "has nothing between 5.2 and 5.8"),
    ],
)
def test_distributions_that_do_not_suit_a_range_are_refused(
    given_: dict[str, Any], distribution: Any, words: str
) -> None:
    with pytest.raises(InvalidArgument, match=words):
        sampler(shifts(**given_), distribution)
