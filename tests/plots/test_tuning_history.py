"""The history of a tuning: every candidate, the best so far, and the failed ones at the border."""

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
from mlj_keras.plots.tuning_history import plot_tuning_history
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

MEASUREMENTS = [0.9, np.nan, 0.4, 0.6, 0.4, np.nan]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def line(axes: Any, label: str) -> Any:
    """The one line of this label."""
    (found,) = [line for line in axes.get_lines() if line.get_label() == label]
    return found


def legend(axes: Any) -> list[str]:
    """The texts of the legend."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_every_candidate_is_a_point_at_its_number() -> None:
    axes = plot_tuning_history(MEASUREMENTS, name="log_loss", title="A search")
    drawn = line(axes, "candidate")
    np.testing.assert_array_equal(drawn.get_xdata(), range(6))
    np.testing.assert_array_equal(drawn.get_ydata(), MEASUREMENTS)
    assert (drawn.get_linestyle(), drawn.get_marker()) == ("None", "o")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("candidate", "log_loss")
    assert axes.get_title() == "A search"
    assert legend(axes) == ["candidate", "best so far", "best: 0.4 at 2", "failed: 2"]


@pytest.mark.parametrize(
    ("orientation", "so_far", "best"),
    [
        ("loss", [0.9, 0.9, 0.4, 0.4, 0.4, 0.4], (2, 0.4)),  # the first of two that are as good
        ("score", [0.9] * 6, (0, 0.9)),
    ],
)
def test_the_best_so_far_is_a_step_line_and_the_best_has_a_ring(
    orientation: str, so_far: list[float], best: tuple[int, float]
) -> None:
    axes = plot_tuning_history(MEASUREMENTS, orientation=orientation)
    steps = line(axes, "best so far")
    np.testing.assert_array_equal(steps.get_ydata(), so_far)
    assert steps.get_drawstyle() == "steps-post"
    ring = line(axes, f"best: {best[1]:g} at {best[0]}")
    assert (list(ring.get_xdata()), list(ring.get_ydata())) == ([best[0]], [best[1]])
    assert ring.get_fillstyle() == "none"
    points = line(axes, "candidate")
    assert steps.get_zorder() < points.get_zorder() < ring.get_zorder()
    assert steps.get_color() != points.get_color()


def test_the_best_so_far_begins_with_the_first_that_did_not_fail() -> None:
    axes = plot_tuning_history([np.nan, 0.5, 0.7])
    np.testing.assert_array_equal(line(axes, "best so far").get_ydata(), [np.nan, 0.5, 0.5])


@pytest.mark.parametrize("failure", [np.nan, np.inf, -np.inf, None])
def test_a_measurement_that_is_not_finite_is_a_cross_at_the_lower_border(failure: Any) -> None:
    axes = plot_tuning_history([1.0, failure, 1e-5, failure])
    crosses = line(axes, "failed: 2")
    assert list(crosses.get_xdata()) == [1, 3]
    assert crosses.get_marker() == "x"
    heights = crosses.get_transform().transform(crosses.get_xydata())[:, 1]
    low, high = axes.get_window_extent().y0, axes.get_window_extent().y1
    assert np.all((heights > low) & (heights < low + 0.05 * (high - low)))
    np.testing.assert_array_equal(line(axes, "candidate").get_ydata(), [1, np.nan, 1e-5, np.nan])


def test_where_all_failed_there_are_crosses_alone() -> None:
    axes = plot_tuning_history([np.nan, np.nan])
    assert legend(axes) == ["failed: 2"]


def test_where_none_failed_there_are_no_crosses() -> None:
    assert legend(plot_tuning_history([0.5])) == ["candidate", "best so far", "best: 0.5 at 0"]


@pytest.mark.parametrize(
    ("measurements", "scale"),
    [
        ([1.0, 0.1, 0.01], "linear"),  # just two decades
        ([1.0, 0.1, 0.009], "log"),
        ([1.0, np.nan, 0.009], "log"),
        ([1000.0, 0.0, 1.0], "linear"),  # zero has no logarithm
        ([1000.0, -1.0, 1.0], "linear"),
        ([np.nan, np.nan, np.nan], "linear"),
    ],
)
def test_the_scale_is_logarithmic_over_more_than_two_decades_of_positive_measurements(
    measurements: list[float], scale: str
) -> None:
    assert plot_tuning_history(measurements).get_yscale() == scale


def test_candidates_are_whole_numbers_on_the_axis_from_the_first_on() -> None:
    for n in (1, 2, 3, 150):
        ticks = plot_tuning_history(np.ones(n)).get_xticks()
        assert len(ticks) and np.all(ticks == np.round(ticks))


def test_points_of_many_candidates_are_smaller() -> None:
    few, many = (line(plot_tuning_history(np.ones(n)), "candidate") for n in (100, 101))
    assert many.get_markersize() < few.get_markersize()


def test_the_legend_stands_between_the_data_and_the_title_and_within_the_figure() -> None:
    axes = plot_tuning_history(MEASUREMENTS, title="A search")
    axes.figure.canvas.draw()
    box = axes.get_legend().get_window_extent()
    assert box.y0 >= axes.get_window_extent().y1 - 1
    assert box.y1 <= axes.title.get_window_extent().y0
    assert box.x1 <= axes.figure.bbox.x1
    assert axes.title.get_window_extent().y1 <= axes.figure.bbox.y1


def test_axes_of_the_user_are_drawn_on_and_no_other_figure_is_made() -> None:
    _, made = plt.subplots()
    assert plot_tuning_history(MEASUREMENTS, axes=made) is made
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize(
    ("measurements", "orientation", "error", "advice"),
    [
        ([], "loss", EmptyData, "no candidate to draw, got no measurements. Give one or more"),
        ([[1.0, 2.0]], "loss", DimensionMismatch, r"vector, got the shape \(1, 2\). Give one for"),
        (0.5, "loss", DimensionMismatch, r"got the shape \(\)"),
        ([1.0], "least", InvalidArgument, "'loss' or 'score', got 'least'. Write 'loss' where"),
    ],
)
def test_impossible_arguments_raise_with_advice_before_a_figure_is_made(
    measurements: Any, orientation: str, error: type[MLJKerasError], advice: str
) -> None:
    with pytest.raises(error, match=advice):
        plot_tuning_history(measurements, orientation=orientation)
    assert not plt.get_fignums()


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = check_nothing_is_shown(lambda: plot_tuning_history(MEASUREMENTS), monkeypatch)
    assert plt.get_fignums() == [axes.figure.number]


def test_the_measurements_of_the_user_stay_as_they_were() -> None:
    measurements = np.array([np.inf, 0.5])
    plot_tuning_history(measurements)
    np.testing.assert_array_equal(measurements, [np.inf, 0.5])


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_tuning_history(MEASUREMENTS), monkeypatch)
