"""The ROC curve: the right points, one diagonal however many curves, on the axes given."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mlj_keras.plots.roc import plot_roc
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

FALSE_RATES, TRUE_RATES = np.array([0, 0, 0.5, 1]), np.array([0, 0.5, 1, 1])


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def test_the_curve_has_every_point_and_its_axes_are_named() -> None:
    axes = plot_roc(FALSE_RATES, TRUE_RATES)
    chance, curve = axes.get_lines()
    np.testing.assert_array_equal(curve.get_xdata(), FALSE_RATES)
    np.testing.assert_array_equal(curve.get_ydata(), TRUE_RATES)
    assert chance.get_label() == "chance"
    assert axes.get_xlabel() == "false positive rate"
    assert axes.get_ylabel() == "true positive rate"
    assert axes.get_aspect() == 1


def test_curves_share_the_axes_one_diagonal_and_differ_in_colour() -> None:
    axes = plot_roc(FALSE_RATES, TRUE_RATES, label="net")
    assert plot_roc(FALSE_RATES[::-1], TRUE_RATES, axes=axes, label="other") is axes
    assert len(plt.get_fignums()) == 1
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["chance", "net", "other"]
    assert [line.get_color() for line in axes.get_lines()[1:]] == ["#0072B2", "#D55E00"]


def test_curves_on_axes_of_the_user_take_the_colours_of_those() -> None:
    _, axes = plt.subplots()
    axes.set_prop_cycle(color=["red", "green"])
    plot_roc(FALSE_RATES, TRUE_RATES, axes=axes)
    plot_roc(FALSE_RATES, TRUE_RATES, axes=axes)
    assert [line.get_color() for line in axes.get_lines()[1:]] == ["red", "green"]


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    check_nothing_is_shown(lambda: plot_roc(FALSE_RATES, TRUE_RATES), monkeypatch)


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_roc(FALSE_RATES, TRUE_RATES), monkeypatch)
