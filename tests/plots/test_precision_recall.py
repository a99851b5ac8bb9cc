"""The precision-recall curve: steps whose area is the average precision."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from mlj_keras.plots.precision_recall import plot_precision_recall

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

RECALLS, PRECISIONS = np.array([0, 0.5, 0.5, 1]), np.array([1, 1, 0.5, 2 / 3])


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def test_each_precision_is_kept_until_the_next_recall() -> None:
    axes = plot_precision_recall(RECALLS, PRECISIONS)
    (curve,) = axes.get_lines()
    np.testing.assert_array_equal(curve.get_xdata(), RECALLS)
    np.testing.assert_array_equal(curve.get_ydata(), PRECISIONS)
    assert curve.get_drawstyle() == "steps-post"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("recall", "precision")
    assert axes.get_legend() is None


def test_curves_share_the_axes_given_and_are_told_apart() -> None:
    axes = plot_precision_recall(RECALLS, PRECISIONS, label="net")
    assert plot_precision_recall(RECALLS, PRECISIONS, axes=axes, label="other") is axes
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts == ["net", "other"]
    assert len({line.get_color() for line in axes.get_lines()}) == 2
    assert len(plt.get_fignums()) == 1
