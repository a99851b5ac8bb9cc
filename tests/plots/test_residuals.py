"""Residuals: a point for each row, one line of zero however many models."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mlj_keras.plots.residuals import plot_residuals

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

PREDICTION, VALUES = np.array([10.0, 20.0, 30.0]), np.array([0.5, -1.0, 0.0])


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def test_each_row_is_a_point_beside_the_line_of_zero() -> None:
    axes = plot_residuals(PREDICTION, VALUES)
    points = axes.collections[0].get_offsets()
    np.testing.assert_array_equal(points, np.column_stack([PREDICTION, VALUES]))
    (zero,) = axes.get_lines()
    assert list(zero.get_ydata()) == [0, 0]
    assert axes.get_xlabel() == "prediction (unit of the target)"
    assert axes.get_ylabel() == "truth - prediction (same unit)"
    assert axes.get_legend() is None


def test_the_axes_hold_the_points_and_not_the_origin_of_predictions() -> None:
    low, high = plot_residuals(PREDICTION, VALUES).get_xlim()
    assert 5 < low < 10 and 30 < high < 35


def test_many_points_are_smaller_and_fainter() -> None:
    few = plot_residuals(PREDICTION, VALUES).collections[0]
    many = plot_residuals(np.arange(50000.0), np.zeros(50000)).collections[0]
    assert many.get_alpha() < few.get_alpha() / 2
    assert many.get_sizes()[0] < few.get_sizes()[0]


def test_models_share_the_axes_given_and_one_line_of_zero() -> None:
    axes = plot_residuals(PREDICTION, VALUES, label="net")
    assert plot_residuals(PREDICTION, -VALUES, axes=axes, label="other") is axes
    assert len(axes.get_lines()) == 1 and len(axes.collections) == 2
    colours = [tuple(points.get_facecolor()[0]) for points in axes.collections]
    assert colours[0] != colours[1]
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["net", "other"]
