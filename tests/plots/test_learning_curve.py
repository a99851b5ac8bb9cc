"""A learning curve: the right line, the mean of repetitions, and the scale of the values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    MLJKerasError,
)
from mlj_keras.plots.learning_curve import plot_learning_curve
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

VALUES, MEASUREMENTS = [1, 10, 100], [0.9, 0.4, 0.6]
REPEATED = np.array([[0.9, 0.7], [0.4, 0.2], [0.6, 0.8]])


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def legend(axes: Any) -> list[str]:
    """The texts of the legend."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_measurements_are_drawn_against_the_values_and_axes_are_named() -> None:
    axes = plot_learning_curve(VALUES, MEASUREMENTS, parameter="epochs", measure="log_loss")
    (drawn,) = axes.get_lines()
    np.testing.assert_array_equal(drawn.get_xdata(), VALUES)
    np.testing.assert_array_equal(drawn.get_ydata(), MEASUREMENTS)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epochs", "log_loss")
    assert axes.get_legend() is None


def test_numbers_are_drawn_in_ascending_order() -> None:
    (drawn,) = plot_learning_curve([10, 100, 1], MEASUREMENTS).get_lines()
    np.testing.assert_array_equal(drawn.get_xdata(), [1, 10, 100])
    np.testing.assert_array_equal(drawn.get_ydata(), [0.6, 0.9, 0.4])


def test_repetitions_are_thin_lines_and_their_mean_a_thick_one_on_top() -> None:
    axes = plot_learning_curve([100, 10, 1], REPEATED)
    mean, *each = axes.get_lines()
    np.testing.assert_allclose(mean.get_ydata(), [0.7, 0.3, 0.8])
    for line, repetition in zip(each, REPEATED.T, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), [1, 10, 100])
        np.testing.assert_array_equal(line.get_ydata(), repetition[::-1])
        assert line.get_color() == mean.get_color()
        assert line.get_linewidth() < mean.get_linewidth() / 2
        assert line.get_zorder() < mean.get_zorder()
    assert legend(axes) == ["mean of 2"]


def test_one_repetition_is_a_curve_without_a_mean() -> None:
    axes = plot_learning_curve(VALUES, REPEATED[:, :1])
    (drawn,) = axes.get_lines()
    np.testing.assert_array_equal(drawn.get_ydata(), REPEATED[:, 0])
    assert axes.get_legend() is None


@pytest.mark.parametrize("missing", [np.nan, np.inf, None])
def test_what_is_missing_leaves_a_gap_and_is_left_out_of_the_mean(missing: Any) -> None:
    axes = plot_learning_curve(VALUES, [[0.9, 0.7], [missing, 0.2], [missing, missing]])
    mean, first, second = axes.get_lines()
    np.testing.assert_allclose(mean.get_ydata(), [0.8, 0.2, np.nan])
    np.testing.assert_array_equal(first.get_ydata(), [0.9, np.nan, np.nan])
    np.testing.assert_array_equal(second.get_ydata(), [0.7, 0.2, np.nan])


def test_of_many_points_those_alone_between_gaps_are_marked() -> None:
    measurements = np.ones(31)
    measurements[[9, 11]] = np.nan
    (drawn,) = plot_learning_curve(range(31), measurements).get_lines()
    assert np.flatnonzero(drawn.get_markevery()).tolist() == [10]
    (drawn,) = plot_learning_curve(VALUES, MEASUREMENTS).get_lines()
    assert np.flatnonzero(drawn.get_markevery()).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("scale", "values", "drawn"),
    [
        ("linear", VALUES, "linear"),
        ("custom", VALUES, "linear"),
        ("log", VALUES, "log"),
        ("log10", VALUES, "log"),
        ("log2", VALUES, "log"),
        ("logminus", [-100, -10, -1], "symlog"),
        ("log10minus", [-100, -10, -1], "symlog"),
    ],
)
def test_the_horizontal_axis_has_the_scale(scale: str, values: list[int], drawn: str) -> None:
    assert plot_learning_curve(values, MEASUREMENTS, scale=scale).get_xscale() == drawn


@pytest.mark.parametrize(("scale", "base"), [("log", 10), ("log10", 10), ("log2", 2)])
def test_ticks_are_powers_of_the_base(scale: str, base: int) -> None:
    axes = plot_learning_curve([1, 10, 128], MEASUREMENTS, scale=scale)
    powers = np.emath.logn(base, axes.get_xticks())
    np.testing.assert_allclose(powers, np.round(powers), atol=1e-9)


def test_powers_of_two_are_written_out_unless_they_are_fractions() -> None:
    axes = plot_learning_curve([16, 32, 64], MEASUREMENTS, scale="log2")
    axes.figure.canvas.draw()
    assert {"16", "32", "64"} <= {text.get_text() for text in axes.get_xticklabels()}
    axes = plot_learning_curve([2**-10, 2**-9, 2**-8], MEASUREMENTS, scale="log2")
    axes.figure.canvas.draw()
    assert any("2^{-9}" in text.get_text() for text in axes.get_xticklabels())


@pytest.mark.parametrize(
    ("measurements", "scale"),
    [
        ([1.0, 0.1, 0.01], "linear"),  # just two decades
        ([1.0, 0.1, 0.009], "log"),
        ([1.0, np.nan, 0.009], "log"),
        ([[1.0, 1.0], [1.0, 1.0], [1.0, 0.009]], "log"),  # of all that is drawn
        ([1000.0, 0.0, 1.0], "linear"),  # zero has no logarithm
        ([1000.0, -1.0, 1.0], "linear"),
    ],
)
def test_the_vertical_scale_is_logarithmic_over_more_than_two_decades_of_positive_values(
    measurements: Any, scale: str
) -> None:
    assert plot_learning_curve(VALUES, measurements).get_yscale() == scale


def test_categories_are_drawn_in_the_order_of_first_appearance() -> None:
    axes = plot_learning_curve([(64, 64), (32,), None], MEASUREMENTS)
    axes.figure.canvas.draw()
    (drawn,) = axes.get_lines()
    assert drawn.get_xdata(orig=False).tolist() == [0, 1, 2]
    np.testing.assert_array_equal(drawn.get_ydata(), MEASUREMENTS)
    texts = axes.get_xticklabels()
    assert [text.get_text() for text in texts] == ["(64, 64)", "(32,)", "None"]
    assert [text.get_rotation() for text in texts] == [0, 0, 0]


def test_long_categories_are_slanted_and_within_the_figure() -> None:
    values = [f"a_rather_long_name_{i}" for i in range(5)]
    axes = plot_learning_curve(values, range(5), parameter="a")
    axes.figure.canvas.draw()
    for text in axes.get_xticklabels():
        assert text.get_rotation() == 30
        assert text.get_window_extent().x0 >= 0
        assert text.get_window_extent().y0 >= axes.xaxis.label.get_window_extent().y1


def test_curves_share_the_axes_and_the_places_of_categories_and_differ_in_colour() -> None:
    axes = plot_learning_curve(["a", "b", "c"], MEASUREMENTS, label="net")
    assert plot_learning_curve(["c", "a", "d"], REPEATED, axes=axes, label="other") is axes
    first, second, *_ = axes.get_lines()
    assert first.get_xdata(orig=False).tolist() == [0, 1, 2]
    assert second.get_xdata(orig=False).tolist() == [2, 0, 3]
    assert legend(axes) == ["net", "other, mean of 2"]
    assert [line.get_color() for line in (first, second)] == ["#0072B2", "#D55E00"]
    assert len(plt.get_fignums()) == 1


def test_the_vertical_scale_is_that_of_all_curves() -> None:
    axes = plot_learning_curve(VALUES, MEASUREMENTS)
    plot_learning_curve(VALUES, [0.01, 0.005, 0.001], axes=axes)
    assert axes.get_yscale() == "log"


@pytest.mark.parametrize(
    ("changes", "error", "advice"),
    [
        ({"values": [], "measurements": []}, EmptyData, "no curve to draw, .* Give one or more"),
        ({"measurements": np.ones((3, 0))}, EmptyData, "got no measurements. Give one or more"),
        ({"measurements": [[np.nan, np.inf]] * 3}, EmptyData, "got 6 measurements .* Give one or"),
        (
            {"measurements": [0.5]},
            DimensionMismatch,
            r"shape \(3,\), or \(3, k\) .*, got \(1,\). Give a row for each value",
        ),
        ({"measurements": REPEATED.T}, DimensionMismatch, r"got \(2, 3\). Give a row for each"),
        ({"measurements": np.ones((3, 1, 1))}, DimensionMismatch, r"got \(3, 1, 1\)"),
        ({"measurements": 0.5}, DimensionMismatch, r"got \(\)"),
        (
            {"scale": "ln", "parameter": "epochs"},
            InvalidArgument,
            "scale of 'epochs' must be one of linear, .*, custom, got 'ln'. Write 'custom' for a",
        ),
        (
            {"values": [0, 1, 2], "scale": "log2"},
            InvalidArgument,
            "scale 'log2' of 'values' holds positive numbers only, got 0. Take 'linear'",
        ),
    ],
)
def test_impossible_arguments_raise_with_advice_before_a_figure_is_made(
    changes: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    arguments: dict[str, Any] = {"values": VALUES, "measurements": MEASUREMENTS, **changes}
    with pytest.raises(error, match=advice):
        plot_learning_curve(**arguments)
    assert not plt.get_fignums()


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = check_nothing_is_shown(lambda: plot_learning_curve(VALUES, MEASUREMENTS), monkeypatch)
    assert plt.get_fignums() == [axes.figure.number]


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_learning_curve(VALUES, MEASUREMENTS), monkeypatch)
