"""Texts of plots: names that fit, ticks that do not run together, legends that cover nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mlj_keras.plots import _axes, _texts

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

LONG = "a name of a machine that is long and goes on_and_on.until_it_ends"


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def within(axes: Any, *texts: Any) -> bool:
    """Whether texts lie in the figure, once it is drawn."""
    axes.figure.canvas.draw()
    figure = axes.figure.bbox
    boxes = [text.get_window_extent() for text in texts]
    return all(
        box.x0 >= 0 and box.y0 >= 0 and box.x1 <= figure.x1 and box.y1 <= figure.y1
        for box in boxes
    )


@pytest.mark.parametrize("most", [8, 20, 24, 40])
def test_a_long_text_loses_its_middle(most: int) -> None:
    found = _texts.short(LONG, most)
    assert len(found) == most
    start, end = found.split("…")
    assert LONG.startswith(start) and LONG.endswith(end) and end
    assert _texts.short("x" * most, most) == "x" * most


@pytest.mark.parametrize(
    ("name", "room", "lines"),
    [
        ("optimiser.learning_rate", 30, ["optimiser.learning_rate"]),
        ("optimiser.learning_rate", 15, ["optimiser.", "learning_rate"]),
        ("neural_network_classifier.builder", 15, ["neural_network_", "classifier.", "builder"]),
        ("an increase of a loss", 12, ["an increase", "of a loss"]),
        ("unbreakable", 4, ["unbreakable"]),
        ("", 4, [""]),
    ],
)
def test_names_are_broken_after_spaces_and_dots_and_then_underscores(
    name: str, room: int, lines: list[str]
) -> None:
    assert _texts.wrapped(name, room).split("\n") == lines


def test_of_too_many_lines_the_middle_is_lost() -> None:
    assert _texts.wrapped("a.b.c.d.e", 1, most=3).split("\n") == ["a.", "b.", "…e"]


def test_names_of_axes_and_titles_fit_and_are_no_formulas() -> None:
    axes = _axes.given_or_new(None)
    name = " ".join([LONG] * 3) + " $x_1$"
    _texts.name_axes(axes, x=name, y=name)
    _texts.entitle(axes, name)
    texts = [axes.xaxis.label, axes.yaxis.label, axes.title]
    assert within(axes, *texts)
    for text in texts:
        assert text.get_text().endswith("$x_1$") and not text.get_parse_math()
    _texts.name_axes(axes, y="b")
    assert axes.get_ylabel() == "b" and axes.get_xlabel().endswith("$x_1$")


@pytest.mark.parametrize("n", [1, 10, 100, 1000])
def test_so_many_texts_at_ticks_find_room(n: int) -> None:
    axes = plt.figure().subplots()
    for upright in (False, True):
        shown = -(-n // _texts.every(axes, n, upright=upright))
        height = axes.xaxis.label.get_fontsize()
        assert 1 <= shown and shown * height <= _texts.points_of(axes, upright=upright) + height


def test_a_short_legend_is_inside() -> None:
    axes = _axes.given_or_new(None)
    axes.plot([0, 1], label="$net$")
    _texts.legend(axes, loc="lower right")
    axes.figure.canvas.draw()
    box = axes.get_legend().get_window_extent()
    assert axes.bbox.x0 < box.x0 and box.x1 < axes.bbox.x1
    (text,) = axes.get_legend().get_texts()
    assert text.get_text() == "$net$" and not text.get_parse_math()
    assert axes.figure.get_size_inches().tolist() == list(_axes.PLAIN)


def test_without_names_there_is_no_legend() -> None:
    axes = _axes.given_or_new(None)
    axes.plot([0, 1])
    _texts.legend(axes)
    assert axes.get_legend() is None


@pytest.mark.parametrize("n", [1, 12, 50])
def test_a_long_legend_is_beside_the_axes_for_which_their_figure_grows(n: int) -> None:
    axes = _axes.given_or_new(None)
    for i in range(n):
        axes.plot([0, 1], label=f"{LONG} {i}")
        _texts.legend(axes, outside=n == 1)
    axes.figure.canvas.draw()
    box, figure = axes.get_legend().get_window_extent(), axes.figure
    assert axes.bbox.x1 <= box.x0 and box.x1 <= figure.bbox.x1 + 1 and box.y0 >= 0
    assert len(axes.get_legend().get_texts()) == n
    grown = box.width / figure.dpi  # by the last legend, and not by each
    np.testing.assert_allclose(figure.get_size_inches(), [_axes.PLAIN[0] + grown, _axes.PLAIN[1]])


def test_beside_axes_that_were_given_what_has_room_is_named() -> None:
    axes = plt.figure(figsize=(6, 3), layout="constrained").subplots()
    for i in range(100):
        axes.plot([0, 1], label=f"number {i}")
    _texts.legend(axes)
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert texts[0] == "number 0" and texts[-1] == f"and {100 - len(texts) + 1} more"
    assert axes.figure.get_size_inches().tolist() == [6, 3]
    assert within(axes, axes.get_legend())


def test_a_legend_above_has_fewer_columns_if_the_axes_are_narrow_and_the_title_above_it() -> None:
    for width in (7, 3):
        axes = plt.figure(figsize=(width, 3), layout="constrained").subplots()
        for i in range(3):
            axes.plot([0, 1], label=f"the curve number {i}")
        _texts.above(axes, "A title", n_columns=3)
        drawn = axes.get_legend()
        assert within(axes, drawn, axes.title)
        assert drawn.get_window_extent().y0 >= axes.bbox.y1
        assert drawn.get_window_extent().y1 <= axes.title.get_window_extent().y0


def test_faint_points_are_seen_in_the_legend() -> None:
    axes = _axes.given_or_new(None)
    axes.scatter([0, 1], [0, 1], s=1, alpha=0.1, label="rows")
    _texts.legend(axes)
    (handle,) = axes.get_legend().legend_handles
    assert handle.get_alpha() == 1 and handle.get_sizes()[0] == 20
