"""The calibration curve: a point for each bin, one diagonal however many curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mlj_keras.plots.calibration import plot_calibration

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

PREDICTED, OBSERVED = np.array([0.1, 0.5, 0.9]), np.array([0.0, 0.6, 1.0])


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def test_each_bin_is_a_marked_point_beside_the_diagonal() -> None:
    axes = plot_calibration(PREDICTED, OBSERVED)
    diagonal, curve = axes.get_lines()
    np.testing.assert_array_equal(curve.get_xdata(), PREDICTED)
    np.testing.assert_array_equal(curve.get_ydata(), OBSERVED)
    assert curve.get_marker() == "o" and diagonal.get_label() == "calibrated"
    assert axes.get_xlabel() == "mean predicted probability"
    assert axes.get_ylabel() == "observed frequency"


def test_curves_share_the_axes_given_and_one_diagonal() -> None:
    axes = plot_calibration(PREDICTED, OBSERVED, label="net")
    assert plot_calibration(OBSERVED, PREDICTED, axes=axes, label="other") is axes
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["calibrated", "net", "other"]
    assert len(plt.get_fignums()) == 1
