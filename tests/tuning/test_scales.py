"""Scales of ranges: known places, back again, and what is none."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.errors import InvalidArgument
from mlj_keras.tuning.scales import NAMES, scale_of

SIGNS = {"linear": 0, "log": 1, "log2": 1, "log10": 1, "logminus": -1, "log10minus": -1}
positive = st.floats(1e-30, 1e30)


def test_the_scales_are_those_of_the_reference() -> None:
    assert set(NAMES) == set(SIGNS)


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("linear", -7.5, -7.5),
        ("log", math.e, 1.0),
        ("log2", 8.0, 3.0),
        ("log2", 0.25, -2.0),
        ("log10", 1000.0, 3.0),
        ("log10", 0.01, -2.0),
        ("logminus", -math.e, 1.0),
        ("log10minus", -1000.0, 3.0),
        ("log10minus", -0.1, -1.0),
    ],
)
def test_a_value_has_its_place_and_the_place_its_value(
    name: str, value: float, place: float
) -> None:
    scale = scale_of(name)
    assert scale.name == name
    assert float(scale.to(value)) == pytest.approx(place, rel=1e-14)
    assert float(scale.back(place)) == pytest.approx(value, rel=1e-14)


@given(st.sampled_from(NAMES), positive)
def test_what_goes_to_the_scale_comes_back(name: str, size: float) -> None:
    scale = scale_of(name)
    value = -size if scale.sign < 0 else size
    # A place of up to 70 is exact to 1e-14, and a value e**place to as much, relatively.
    assert float(scale.back(scale.to(value))) == pytest.approx(value, rel=1e-13)


@given(positive, positive)
def test_scales_keep_the_order_and_those_of_negatives_turn_it_round(a: float, b: float) -> None:
    low, high = sorted((a, b))
    if high < low * 1.001:
        return
    for name, sign in SIGNS.items():
        to = scale_of(name).to
        if sign < 0:
            assert to(-high) > to(-low)
        else:
            assert to(low) < to(high)


@pytest.mark.parametrize(
    ("name", "words"), [("linear", "all"), ("log2", "positive"), ("log10minus", "negative")]
)
def test_a_scale_says_what_values_it_is_for(name: str, words: str) -> None:
    scale = scale_of(name)
    assert (scale.sign, scale.describe()) == (SIGNS[name], words)


def test_a_function_goes_from_places_to_values_and_bounds_are_places() -> None:
    scale = scale_of(lambda t: 10**t)
    assert (scale.name, scale.sign) == ("custom", 0)
    assert (scale.to(-3.0), scale.back(2)) == (-3.0, 100)
    assert scale_of(np.exp2).back(5.0) == 32.0


@pytest.mark.parametrize("given_", ["log3", "LOG", "", None, 10, ["log"], {"log": 1}])
def test_what_is_no_scale_is_refused(given_: Any) -> None:
    with pytest.raises(
        InvalidArgument,
        match="one of linear, log, log2, log10, logminus, log10minus, or a function from even",
    ):
        scale_of(given_)
