"""Importances of features: a bar for each, the most important on top."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlj_keras.errors import EmptyData, InvalidArgument, MLJKerasError
from mlj_keras.plots.importances import plot_importances
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

REPEATED = [("age", [0.1, 0.3]), ("income", [0.5, 0.7]), ("noise", [-0.2, 0.1])]


def widths(axes: Any) -> list[float]:
    """The lengths of the bars, from the top."""
    return [bar.get_width() for bar in axes.patches]


def texts(axes: Any) -> list[str]:
    """The names beside the bars, from the top."""
    return [text.get_text() for text in axes.get_yticklabels()]


def test_the_most_important_is_on_top_with_a_point_for_each_repeat() -> None:
    axes = plot_importances(REPEATED, name="increase of l2", title="A forest")
    np.testing.assert_allclose(widths(axes), [0.6, 0.2, -0.05])
    assert texts(axes) == ["income", "age", "noise"]
    (points,) = [line for line in axes.get_lines() if line.get_gid() == "repeats"]
    assert points.get_xdata().tolist() == [0.5, 0.7, 0.1, 0.3, -0.2, 0.1]
    assert points.get_ydata().tolist() == [0, 0, 1, 1, 2, 2]
    assert axes.get_ylim()[0] > axes.get_ylim()[1]
    assert (axes.get_xlabel(), axes.get_title()) == ("increase of l2", "A forest")
    assert [line.get_xdata() for line in axes.get_lines() if line.get_gid() == "zero"] == [[0, 0]]


def test_plain_pairs_are_bars_without_points_or_a_legend() -> None:
    axes = plot_importances([("a", 1), ("b", 3.0), ("c", np.float64(2))])
    assert widths(axes) == [3, 2, 1] and texts(axes) == ["b", "c", "a"]
    assert [line.get_gid() for line in axes.get_lines()] == ["zero"]
    assert axes.get_legend() is None and axes.get_xlabel() == "importance"


def test_of_many_the_most_important_are_drawn_and_that_is_said() -> None:
    axes = plot_importances([(f"f{i}", i) for i in range(40)])
    assert texts(axes) == [f"f{i}" for i in range(39, 9, -1)]
    assert axes.get_xlabel() == "importance (30 features of 40)"
    assert texts(plot_importances([(f"f{i}", i) for i in range(40)], most=2)) == ["f39", "f38"]


def test_what_is_not_finite_is_left_out() -> None:
    axes = plot_importances([("a", np.nan), ("b", [1.0, np.inf, 3.0]), ("c", 1.0)])
    assert texts(axes) == ["b", "c"] and widths(axes) == [2, 1]


def test_long_names_and_groups_are_wrapped_and_not_cut() -> None:
    pairs = [
        ("a long name of words that has no place on a single line, nor on two, nor on three", 5),
        ("another_long_name_without_any_space", 4),
        ("x" * 40, 3),
        (("colour", "grade"), 2),
        (("red", "green", "blue", "white"), 1),
        ("$a$", 0),
    ]
    axes = plot_importances(pairs)
    words, underscores, letters, pair, group, math = texts(axes)
    assert words.count("\n") == 2 and words.split("\n")[2] == "…three"
    assert underscores.replace("\n", "") == pairs[1][0] and underscores.count("\n") == 1
    assert letters.replace("\n", "") == "x" * 40
    assert (pair, group, math) == ("colour + grade", "red + green + 2 more", "$a$")
    assert not any(text.get_parse_math() for text in axes.get_yticklabels())
    axes.figure.canvas.draw()
    boxes = [text.get_window_extent() for text in axes.get_yticklabels()]
    assert all(box.x0 >= 0 for box in boxes)
    assert all(up.y0 >= down.y1 for up, down in zip(boxes, boxes[1:], strict=False))


def test_axes_of_the_user_are_drawn_on() -> None:
    _, mine = plt.subplots()
    assert plot_importances(REPEATED, axes=mine) is mine
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize(
    ("importances", "options", "error", "advice"),
    [
        ([], {}, EmptyData, "nothing to draw, got no importance that is a finite number"),
        ([("a", np.nan)], {}, EmptyData, "nothing to draw"),
        ([1.0, 2.0], {}, InvalidArgument, r"pairs .* Write \[\('age', 0.3\)"),
        ([("a", "much")], {}, InvalidArgument, "must be pairs"),
        (REPEATED, {"most": 0}, InvalidArgument, "most must be an int of 1 or more, got 0. Write"),
    ],
)
def test_impossible_arguments_raise_with_advice_before_a_figure_is_made(
    importances: Any, options: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    with pytest.raises(error, match=advice):
        plot_importances(importances, **options)
    assert not plt.get_fignums()


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = check_nothing_is_shown(lambda: plot_importances(REPEATED), monkeypatch)
    assert plt.get_fignums() == [axes.figure.number]


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_importances(REPEATED), monkeypatch)
