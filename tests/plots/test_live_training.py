"""The picture of a training that goes on: the right lines, and the same axes drawn anew."""

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
from mlj_keras.plots.live_training import plot_live_training
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

ITERATIONS, LOSSES = [2, 4, 6], [0.9, 0.4, 0.6]
TRAINING = [1.0, 0.8, 0.6, 0.5, 0.4, 0.3]
RATE = "optimiser.learning_rate"
RATES = {RATE: (ITERATIONS, [0.1, 0.05, 0.025])}


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


def test_losses_out_of_sample_are_drawn_at_their_iterations() -> None:
    axes = plot_live_training(ITERATIONS, LOSSES)
    (drawn,) = axes.get_lines()
    np.testing.assert_array_equal(drawn.get_xdata(), ITERATIONS)
    np.testing.assert_array_equal(drawn.get_ydata(), LOSSES)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("iterations", "loss")
    assert legend(axes) == ["out of sample"]


def test_training_losses_are_those_of_the_iterations_from_one() -> None:
    names = ("log_loss", "cross entropy")
    axes = plot_live_training(ITERATIONS, LOSSES, training_losses=TRAINING, names=names)
    drawn = line(axes, "cross entropy")
    np.testing.assert_array_equal(drawn.get_xdata(), [1, 2, 3, 4, 5, 6])
    np.testing.assert_array_equal(drawn.get_ydata(), TRAINING)
    assert axes.get_ylabel() == "log_loss"
    assert legend(axes) == ["cross entropy", "out of sample"]
    assert drawn.get_color() != line(axes, "out of sample").get_color()


def test_hyper_parameters_have_axes_below_that_share_the_iterations() -> None:
    dropout = ([1, 6], [0.5, 0.25])
    upper, lower = plot_live_training(
        ITERATIONS, LOSSES, rates={**RATES, "builder.dropout": dropout}
    )
    for name, (iterations, values) in {**RATES, "builder.dropout": dropout}.items():
        np.testing.assert_array_equal(line(lower, name).get_xdata(), iterations)
        np.testing.assert_array_equal(line(lower, name).get_ydata(), values)
    assert legend(lower) == [RATE, "builder.dropout"]
    assert len({line.get_color() for line in [*upper.get_lines(), *lower.get_lines()]}) == 3
    assert upper.get_shared_x_axes().joined(upper, lower)
    assert upper.get_position().y0 > lower.get_position().y1
    assert (upper.get_xlabel(), lower.get_xlabel()) == ("", "iterations")


def test_no_hyper_parameters_make_no_second_axes() -> None:
    axes = plot_live_training(ITERATIONS, LOSSES, rates={})
    assert axes.figure.axes == [axes]


def test_the_best_iteration_is_a_point_and_a_line_through_all_axes() -> None:
    upper, lower = plot_live_training(ITERATIONS, LOSSES, rates=RATES, best=4)
    point = line(upper, "best: 0.4 at 4")
    assert (list(point.get_xdata()), list(point.get_ydata())) == ([4], [0.4])
    for axes in (upper, lower):
        (vertical,) = [line for line in axes.get_lines() if line.get_linestyle() == "--"]
        assert list(vertical.get_xdata()) == [4, 4]
    assert legend(lower) == [RATE]


def test_missing_losses_leave_a_gap() -> None:
    losses = [0.9, np.nan, 0.6]
    (drawn,) = plot_live_training(ITERATIONS, losses).get_lines()
    np.testing.assert_array_equal(drawn.get_ydata(), losses)


def test_of_many_points_those_alone_between_gaps_are_marked() -> None:
    losses = np.ones(31)
    losses[[9, 11]] = np.nan
    (drawn,) = plot_live_training(range(31), losses).get_lines()
    assert np.flatnonzero(drawn.get_markevery()).tolist() == [10]
    (drawn,) = plot_live_training(range(30), losses[:30]).get_lines()
    assert np.flatnonzero(drawn.get_markevery()).tolist() == list(range(30))


@pytest.mark.parametrize(
    ("losses", "training", "scale"),
    [
        ([1.0, 0.1, 0.01], None, "linear"),  # just two decades
        ([1.0, 0.1, 0.009], None, "log"),
        ([1.0, np.nan, 0.009], None, "log"),
        ([1.0, 0.9, 0.8], [0.001], "log"),  # of all that is drawn
        ([1000.0, 0.0, 1.0], None, "linear"),  # zero has no logarithm
        ([1000.0, -1.0, 1.0], None, "linear"),
        ([np.nan, np.nan, np.nan], None, "linear"),
        ([np.inf, 1.0, 1.0], None, "linear"),
    ],
)
def test_the_scale_is_logarithmic_over_more_than_two_decades_of_positive_values(
    losses: list[float], training: list[float] | None, scale: str
) -> None:
    axes = plot_live_training(ITERATIONS, losses, training_losses=training, best=2)
    assert axes.get_yscale() == scale


def test_hyper_parameters_have_a_scale_of_their_own() -> None:
    upper, lower = plot_live_training(
        ITERATIONS, LOSSES, rates={"a": (ITERATIONS, [1, 1e-2, 1e-4])}
    )
    assert (upper.get_yscale(), lower.get_yscale()) == ("linear", "log")


def test_iterations_are_whole_numbers_on_the_axis_from_the_first_on() -> None:
    for n in (1, 2, 3):
        axes = plot_live_training(ITERATIONS[:n], LOSSES[:n])
        ticks = axes.get_xticks()
        assert len(ticks) and np.all(ticks == np.round(ticks))


def test_the_legend_stands_above_the_data_and_within_the_figure() -> None:
    panes = plot_live_training(ITERATIONS, LOSSES, training_losses=TRAINING, rates=RATES, best=4)
    figure = panes[0].figure
    figure.canvas.draw()
    for axes in panes:
        box = axes.get_legend().get_window_extent()
        assert box.y0 >= axes.get_window_extent().y1 - 1
        assert box.y1 <= figure.bbox.y1 and box.x1 <= figure.bbox.x1


def test_drawing_again_replaces_what_was_drawn_and_adds_nothing() -> None:
    def draw(n: int, axes: Any = None) -> Any:
        at = ITERATIONS[n - 1]
        rates = {RATE: (ITERATIONS[:n], RATES[RATE][1][:n])}
        training = TRAINING[:at]
        given: dict[str, Any] = {"training_losses": training, "rates": rates, "best": at}
        return plot_live_training(ITERATIONS[:n], LOSSES[:n], axes=axes, **given)

    panes = draw(1)
    counts = [len(axes.get_children()) for axes in panes]
    for n in (2, 3):
        assert draw(n, axes=panes) == panes
    assert [len(axes.get_children()) for axes in panes] == counts
    assert panes[0].figure.axes == list(panes) and len(plt.get_fignums()) == 1
    np.testing.assert_array_equal(line(panes[0], "out of sample").get_ydata(), LOSSES)
    assert panes[0].get_shared_x_axes().joined(*panes)
    assert not any(text.get_visible() for text in panes[0].get_xticklabels())


def test_a_drawing_after_a_logarithmic_one_may_be_linear_again() -> None:
    axes = plot_live_training(ITERATIONS, [1.0, 1e-3, 1e-5])
    plot_live_training(ITERATIONS, LOSSES, axes=axes)
    assert axes.get_yscale() == "linear"


def test_axes_of_the_user_are_taken_as_subplots_gives_them() -> None:
    _, made = plt.subplots(2, sharex=True)
    made[0].plot([100, 200], [5, 6])
    upper, lower = plot_live_training(ITERATIONS, LOSSES, rates=RATES, axes=made)
    assert (upper, lower) == tuple(made)
    assert len(upper.get_lines()) == 1
    assert upper.get_xlim()[1] < 10


@pytest.mark.parametrize(
    ("changes", "error", "advice"),
    [
        ({"iterations": [], "losses": []}, EmptyData, "Call it once the first is there"),
        (
            {"losses": [0.5]},
            DimensionMismatch,
            r"'losses' .* \(3,\) .* \(1,\).*of the same length",
        ),
        ({"training_losses": [[1.0, 2.0]]}, DimensionMismatch, "'training_losses' needs"),
        ({"rates": {"a.b": ([1], [0.1, 0.2])}}, DimensionMismatch, "'a.b' needs an iteration"),
        ({"best": 5}, InvalidArgument, "2 to 6, got 5. Give the iteration count"),
        ({"names": "log_loss"}, InvalidArgument, r"Write for example names=\('log_loss', "),
        ({"names": ("log_loss",)}, InvalidArgument, "names must be two"),
    ],
)
def test_impossible_arguments_raise_with_advice_and_leave_the_axes_as_they_were(
    changes: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    axes = plot_live_training(ITERATIONS, LOSSES)
    before = axes.get_children()
    arguments: dict[str, Any] = {"iterations": ITERATIONS, "losses": LOSSES, **changes}
    with pytest.raises(error, match=advice):
        plot_live_training(**arguments, axes=axes)
    assert axes.get_children() == before


def test_as_many_axes_are_wanted_as_are_drawn() -> None:
    one = plot_live_training(ITERATIONS, LOSSES)
    with pytest.raises(InvalidArgument, match=r"2 axes with rates, got 1.*subplots\(2, sharex"):
        plot_live_training(ITERATIONS, LOSSES, rates=RATES, axes=one)
    two = plot_live_training(ITERATIONS, LOSSES, rates=RATES)
    with pytest.raises(InvalidArgument, match="1 axes without rates, got 2"):
        plot_live_training(ITERATIONS, LOSSES, axes=two)


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    check_nothing_is_shown(
        lambda: plot_live_training(ITERATIONS, LOSSES, rates=RATES, best=4), monkeypatch
    )


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_live_training(ITERATIONS, LOSSES), monkeypatch)
