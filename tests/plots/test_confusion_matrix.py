"""The picture of a confusion matrix: counts in their cells, on the axes given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mlj_keras.plots.confusion_matrix import plot_confusion_matrix
from tests.batteries.plots import check_names_the_extra

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

MATRIX = np.array([[9, 1, 0], [2, 7, 0], [0, 0, 0]])
LABELS = ["a", "b", "c"]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def test_counts_stand_in_their_cells_with_the_truth_across_the_top() -> None:
    axes = plot_confusion_matrix(MATRIX, LABELS, title="Net")
    found = {text.get_position(): text.get_text() for text in axes.texts}
    assert found == {(j, i): str(MATRIX[i, j]) for i in range(3) for j in range(3)}
    np.testing.assert_array_equal(axes.images[0].get_array(), MATRIX)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("ground truth", "predicted")
    assert axes.xaxis.get_label_position() == "top"
    for axis in (axes.xaxis, axes.yaxis):
        assert [label.get_text() for label in axis.get_ticklabels()] == LABELS
    assert axes.get_title() == "Net"


def test_counts_are_white_on_dark_and_black_on_light_cells() -> None:
    colours = {
        text.get_text(): text.get_color() for text in plot_confusion_matrix(MATRIX, LABELS).texts
    }
    assert colours == {"9": "white", "7": "white", "2": "black", "1": "black", "0": "black"}


def test_a_matrix_without_counts_can_be_drawn() -> None:
    axes = plot_confusion_matrix(np.zeros((2, 2), dtype=int), ["a", "b"])
    assert {text.get_color() for text in axes.texts} == {"black"}


def test_many_levels_are_shades_with_a_scale_and_long_labels_stand_upright() -> None:
    axes = plot_confusion_matrix(np.eye(21, dtype=int), [f"level number {i}" for i in range(21)])
    assert not axes.texts
    assert [other.get_ylabel() for other in axes.figure.axes] == ["predicted", "rows"]
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {90.0}


@pytest.mark.parametrize(
    ("n", "name"), [(1, "a"), (3, "a level with a name that is long"), (20, "species")]
)
def test_names_and_counts_do_not_overlap(n: int, name: str) -> None:
    matrix = np.full((n, n), 12345)
    axes = plot_confusion_matrix(matrix, [f"{name} {i}" for i in range(n)])
    axes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) == n * n
    wide, high = axes.bbox.width / n, axes.bbox.height / n
    assert all(box.width < wide and box.height < high for box in boxes)
    for axis, side in ((axes.xaxis, "x"), (axes.yaxis, "y")):
        spans = sorted(
            (getattr(b, f"{side}0"), getattr(b, f"{side}1"))
            for b in (label.get_window_extent() for label in axis.get_ticklabels())
        )
        assert all(low[1] <= high[0] for low, high in zip(spans, spans[1:], strict=False))


def test_of_a_hundred_levels_some_are_named() -> None:
    axes = plot_confusion_matrix(np.eye(100, dtype=int), [f"class {i}" for i in range(100)])
    axes.figure.canvas.draw()
    labels = axes.get_yticklabels()
    assert 10 < len(labels) < 50 and labels[0].get_text() == "class 0"
    boxes = [label.get_window_extent() for label in labels]
    assert all(above.y0 >= below.y1 for above, below in zip(boxes, boxes[1:], strict=False))


def test_counts_without_room_are_not_written() -> None:
    small = plt.figure(figsize=(1.5, 1.5)).subplots()
    axes = plot_confusion_matrix(np.full((9, 9), 10**6), list("abcdefghi"), axes=small)
    assert not axes.texts and len(axes.figure.axes) == 2


def test_the_axes_given_are_drawn_on_and_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(*_: Any, **__: Any) -> None:
        raise AssertionError("plots return axes and never show them")

    monkeypatch.setattr(plt, "show", shown)
    before = dict(plt.rcParams)
    _, axes = plt.subplots()
    assert plot_confusion_matrix(MATRIX, LABELS, axes=axes) is axes
    assert len(plt.get_fignums()) == 1
    assert dict(plt.rcParams) == before


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_confusion_matrix(MATRIX, LABELS), monkeypatch)
