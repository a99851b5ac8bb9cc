"""Mixtures of distributions: what they tell is the weighted sum of what their parts tell."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import expon, gamma, norm, poisson, uniform

from mlj_keras.errors import UnsupportedOperation
from mlj_keras.probability.mixture import Mixture

PARTS = (norm(0, 1), norm(4, 2), expon(1))
WEIGHTS = (0.5, 0.2, 0.3)
POINTS = np.linspace(-3, 9, 25)


def test_means_densities_and_probabilities_are_weighted_sums() -> None:
    mixture = Mixture(PARTS, WEIGHTS)
    pairs = list(zip(WEIGHTS, PARTS, strict=True))
    assert mixture.mean() == pytest.approx(0.5 * 0 + 0.2 * 4 + 0.3 * 2)
    for x in (POINTS, POINTS[3], list(POINTS)):
        np.testing.assert_allclose(mixture.pdf(x), sum(w * part.pdf(x) for w, part in pairs))
        np.testing.assert_allclose(mixture.cdf(x), sum(w * part.cdf(x) for w, part in pairs))
    assert type(mixture.pdf(1.0)) is type(mixture.mean()) is float
    assert mixture.pdf(POINTS).shape == POINTS.shape


def test_a_density_has_the_integral_one_and_is_the_slope_of_the_probability() -> None:
    mixture, x = Mixture(PARTS[:2], (0.25, 0.75)), np.linspace(-20, 30, 20_001)
    np.testing.assert_allclose(np.trapezoid(mixture.pdf(x), x), 1.0, rtol=1e-9)
    np.testing.assert_allclose(np.gradient(mixture.cdf(x), x), mixture.pdf(x), atol=1e-5)


@given(
    st.lists(
        st.tuples(st.floats(-50, 50), st.floats(0.1, 5), st.floats(0.01, 1)),
        min_size=1,
        max_size=5,
    )
)
def test_half_of_the_probability_is_below_the_median(parts: list[tuple[float, ...]]) -> None:
    weights = np.array([w for *_, w in parts])
    mixture = Mixture(
        tuple(norm(mean, scale) for mean, scale, _ in parts), tuple(weights / weights.sum())
    )
    assert mixture.cdf(mixture.median()) == pytest.approx(0.5, abs=1e-6)
    middles = [mean for mean, *_ in parts]
    assert min(middles) <= mixture.median() <= max(middles)


def test_the_median_of_equal_parts_is_theirs() -> None:
    assert Mixture((norm(3, 1), norm(3, 9)), (0.5, 0.5)).median() == 3.0
    # Between two that share nothing any point will do.
    apart = Mixture((uniform(0, 1), uniform(5, 1)), (0.5, 0.5)).median()
    assert 1 <= apart <= 5


def test_parts_without_weight_and_rounded_medians_do_no_harm() -> None:
    for weights in ((1.0, 0.0), (0.0, 1.0)):
        mixture = Mixture((gamma(2.3), gamma(7.1)), weights)
        expected = float((gamma(2.3) if weights[0] else gamma(7.1)).median())
        assert mixture.median() == pytest.approx(expected)
    assert Mixture((gamma(2.3),) * 2, (0.3, 0.7)).median() == float(gamma(2.3).median())


def test_counts_are_mixed_too() -> None:
    mixture = Mixture((poisson(2), poisson(9)), (0.7, 0.3))
    assert mixture.mean() == pytest.approx(4.1)
    for name, found in (("pmf", mixture.pdf(3)), ("cdf", mixture.cdf(3))):
        ask = [getattr(part, name)(3) for part in mixture.components]
        assert found == pytest.approx(0.7 * ask[0] + 0.3 * ask[1])
    assert mixture.cdf(2) < 0.5 < mixture.cdf(3) and mixture.median() == pytest.approx(3)
    assert Mixture(mixture.components, (0.9, 0.1)).median() == 2


class OnlyMean:
    """A distribution of a model's own."""

    def mean(self) -> float:
        return 3.0


@pytest.mark.parametrize(
    ("ask", "name"),
    [
        (lambda mixture: mixture.pdf(0.0), "pdf"),
        (lambda mixture: mixture.cdf(0.0), "cdf"),
        (lambda mixture: mixture.median(), "median"),
    ],
)
def test_what_a_part_does_not_tell_the_mixture_does_not(ask: Any, name: str) -> None:
    mixture = Mixture((norm(0, 1), OnlyMean()), (0.5, 0.5))
    assert mixture.mean() == 1.5
    expected = f"A mixture has a {name} if its components have one, and OnlyMean has none"
    with pytest.raises(UnsupportedOperation, match=expected):
        ask(mixture)


def test_it_is_plain_data() -> None:
    mixture = Mixture(PARTS, WEIGHTS)
    again = pickle.loads(pickle.dumps(mixture))
    assert again.weights == WEIGHTS and again.cdf(2.0) == mixture.cdf(2.0)
    with pytest.raises(AttributeError):
        mixture.weights = (1.0,)  # type: ignore[misc]


def test_a_mixture_has_no_mode_of_its_own() -> None:
    with pytest.raises(UnsupportedOperation, match="may have several modes"):
        Mixture((norm(0, 1), norm(4, 1)), (0.5, 0.5)).mode()
