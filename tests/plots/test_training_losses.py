"""The curve of training losses: the right points, on the axes given."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mlj_keras.plots import plot_losses
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

LOSSES = [2.0, 1.0, 0.5]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def test_the_curve_has_a_point_for_every_loss_the_first_before_training() -> None:
    axes = plot_losses(LOSSES, title="Net")
    (line,) = axes.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2])
    np.testing.assert_array_equal(line.get_ydata(), LOSSES)
    assert axes.get_xlabel() == "epochs done"
    assert axes.get_ylabel() == "training loss (mean over batches)"
    assert axes.get_title() == "Net"
    assert axes.get_legend() is None


def test_curves_share_the_axes_given_and_are_told_apart_by_their_labels() -> None:
    _, axes = plt.subplots()
    assert plot_losses(LOSSES, axes=axes, label="first") is axes
    plot_losses(LOSSES[::-1], axes=axes, label="second")
    assert len(plt.get_fignums()) == 1
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["first", "second"]
    first, second = axes.get_lines()
    assert first.get_color() != second.get_color()


def test_single_points_are_marked_only_while_they_can_be_told_apart() -> None:
    short, long = plot_losses([1.0] * 30), plot_losses([1.0] * 31)
    assert short.get_lines()[0].get_markevery().all()
    assert not long.get_lines()[0].get_markevery().any()


def test_what_is_known_of_the_losses_is_said() -> None:
    axes = plot_losses(LOSSES, first=1, unit="mean squared error", steps="iterations")
    assert axes.get_ylabel().replace("\n", " ") == "training loss (mean squared error)"
    assert axes.get_xlabel() == "iterations done"
    assert plot_losses(LOSSES, unit="").get_ylabel() == "training loss"


def test_the_scale_is_logarithmic_over_more_than_two_decades_of_positive_losses() -> None:
    axes = plot_losses([100.0, 10.0, 0.5])
    assert axes.get_yscale() == "log"
    plot_losses([1.0, -1.0], axes=axes)
    assert axes.get_yscale() == "linear"


def test_one_loss_and_gaps_can_be_drawn() -> None:
    axes = plot_losses([0.5])
    assert all(tick == round(tick) for tick in axes.get_xticks())
    (line,) = plot_losses([1.0, np.nan, 0.5, np.nan]).get_lines()
    assert line.get_markevery().all()


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    check_nothing_is_shown(lambda: plot_losses(LOSSES), monkeypatch)


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_losses(LOSSES), monkeypatch)
