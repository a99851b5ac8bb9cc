"""The style of all plots: colours, panels, scales, and whose size is free."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mlj_keras.errors import InvalidArgument
from mlj_keras.plots import _axes

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2, from 0 for black to 1 for white."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


def test_colours_of_the_palette_are_seen_on_white_and_on_black() -> None:
    assert len(set(_axes.PALETTE)) == 6
    for colour in (*_axes.PALETTE, _axes.GREY):
        assert 1.05 / (luminance(colour) + 0.05) > 2  # the contrast with white
        assert (luminance(colour) + 0.05) / 0.05 > 3


def test_new_axes_have_the_palette_and_then_other_lines() -> None:
    axes = _axes.given_or_new(None, size=_axes.SQUARE)
    lines = [axes.plot([0, 1])[0] for _ in range(24)]
    assert [line.get_color() for line in lines[:6]] == list(_axes.PALETTE)
    assert len({(line.get_color(), line.get_linestyle()) for line in lines}) == 24
    assert {line.get_linestyle() for line in lines[:6]} == {"-"}
    assert axes.figure.get_size_inches().tolist() == list(_axes.SQUARE)
    assert _axes.is_own(axes)


def test_axes_that_are_given_stay_as_they_are() -> None:
    made = plt.figure().subplots()
    made.set_prop_cycle(color=["red"])
    assert _axes.given_or_new(made) is made
    assert made.plot([0, 1])[0].get_color() == "red"
    assert not _axes.is_own(made)


def test_panels_are_the_axes_given_or_new_ones_so_many_a_row() -> None:
    found = _axes.panels(None, 5, a_row=3, what="factors", size=(2, 1))
    assert len(found) == 5 == len(found[0].figure.axes)
    assert found[0].figure.get_size_inches().tolist() == [6, 2]
    assert not any(map(_axes.is_own, found))
    made = plt.figure().subplots(2, 2)
    given = _axes.panels(made, 4, a_row=3, what="factors", size=(2, 1))
    assert given == list(made.flat)
    with pytest.raises(InvalidArgument, match="each of 3 factors, got 4 axes. Give 3, or None"):
        _axes.panels(made, 3, a_row=3, what="factors", size=(2, 1))


def test_the_ink_is_that_of_the_users_style() -> None:
    with plt.style.context("dark_background"):
        assert _axes.ink(plt.figure().subplots()) == "white"
    assert _axes.ink(plt.figure().subplots()) == "black"


def test_whole_numbers_are_ticks_where_the_scale_is_linear() -> None:
    axes = plt.figure().subplots()
    axes.plot([3], [0.5], "o")
    _axes.whole_numbers(axes)
    assert 3 in axes.get_xticks()
    assert all(tick == round(tick) for tick in axes.get_xticks())
    axes.set_xscale("log")
    _axes.whole_numbers(axes)
    assert axes.get_xscale() == "log"


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1.0, 0.009], "log"),
        ([1.0, np.nan, 0.009], "log"),
        ([1.0, 0.01], "linear"),
        ([1.0, 0.0], "linear"),
        ([1000.0, -1.0], "linear"),
        ([np.nan], "linear"),
        ([], "linear"),
    ],
)
def test_the_scale_is_logarithmic_over_more_than_two_decades_of_positive_values(
    values: list[float], scale: str
) -> None:
    axes = plt.figure().subplots()
    axes.plot(values)
    axes.axvline(0)  # which is 0 to 1 of the height, and no value
    _axes.scale_y(axes)
    assert axes.get_yscale() == scale
    assert _axes.is_wide(np.array(values)) == (scale == "log")


def test_a_curve_that_is_not_positive_makes_the_scale_linear_again() -> None:
    axes = plt.figure().subplots()
    axes.plot([1e3, 1e-3])
    _axes.scale_y(axes)
    axes.plot([-1, 1])
    _axes.scale_y(axes)
    assert axes.get_yscale() == "linear"


def test_points_are_marked_if_they_are_few_or_alone() -> None:
    assert _axes.marks(np.ones(30)).all()
    assert not _axes.marks(np.ones(31)).any()
    values = np.ones(31)
    values[[9, 11, 29]] = np.nan
    assert np.flatnonzero(_axes.marks(values)).tolist() == [10, 30]
