"""Predictions against one feature, or two: lines, points, surfaces and tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlj_keras.errors import DimensionMismatch, EmptyData, InvalidArgument, MLJKerasError
from mlj_keras.plots.partial_dependence import plot_partial_dependence
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

X = np.linspace(0, 2, 20)
COLOURS = ["red", "green", "blue"]
PAIR: dict[str, Any] = {"features": ["a", "b"]}


def draw(grid: Any = (X,), average: Any = (X**2,), **options: Any) -> Any:
    """The plot of one feature called a, or of what the options say."""
    return plot_partial_dependence(grid, average, **{"features": ["a"], **options})


def named(axes: Any) -> dict[str, Any]:
    """The lines that have a name."""
    lines = {line.get_label(): line for line in axes.get_lines()}
    return {name: line for name, line in lines.items() if not name.startswith("_")}


def marked(axes: Any, name: str) -> list[Any]:
    """The lines of a kind."""
    return [line for line in axes.get_lines() if line.get_gid() == name]


def texts(axis: Any) -> list[str]:
    """The texts of the ticks of an axis."""
    return [text.get_text() for text in axis.get_ticklabels()]


def test_numbers_are_a_line_with_the_deciles_below() -> None:
    axes = draw(deciles=[[-1, 0.5, 1, 5]], outputs=["price"], title="A net")
    line = named(axes)["price"]
    np.testing.assert_array_equal(line.get_xydata(), np.column_stack([X, X**2]))
    assert line.get_linestyle() == "-" and line.get_marker() == "None"
    (ticks,) = marked(axes, "deciles in black")
    assert ticks.get_xdata().tolist() == [0.5, 1] and ticks.get_linestyle() == "None"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("a", "mean prediction of price")
    assert axes.get_legend() is None and axes.get_title() == "A net"


def test_few_numbers_have_points_too() -> None:
    assert named(draw([[1, 2]], [[3, 4]], outputs=["y"]))["y"].get_marker() == "o"
    assert named(draw([[1]], [[3]], outputs=["y"]))["y"].get_marker() == "o"


def test_several_outputs_have_colours_and_a_legend_beside_the_axes() -> None:
    axes = draw(average=[X, 1 - X, X / 2], outputs=COLOURS, response="probability")
    lines = named(axes)
    assert list(lines) == COLOURS
    assert len({line.get_color() for line in lines.values()}) == 3
    assert axes.get_ylabel() == "mean probability"
    axes.figure.canvas.draw()
    assert axes.get_legend().get_window_extent().x0 >= axes.bbox.x1
    assert axes.get_legend().get_window_extent().x1 <= axes.figure.bbox.x1


def test_more_outputs_than_colours_have_other_lines_and_long_names_stay_unlike() -> None:
    names = [f"the level number {i} of very many levels" for i in range(8)]
    lines = named(draw(average=[X] * 8, outputs=names))
    assert len(lines) == 8
    assert len({(line.get_color(), line.get_linestyle()) for line in lines.values()}) == 8


def test_curves_of_single_rows_are_thin_and_behind_their_mean() -> None:
    rows = np.arange(30)[:, None] + X
    axes = draw(average=[rows.mean(axis=0)], individual=[rows], outputs=["y"])
    drawn, mean = marked(axes, "row"), named(axes)["y"]
    assert len(drawn) == 30
    np.testing.assert_array_equal(drawn[4].get_ydata(), rows[4])
    assert drawn[0].get_linewidth() < 1 < mean.get_linewidth()
    assert drawn[0].get_zorder() < mean.get_zorder()
    alone = draw(average=None, individual=[rows])
    assert alone.get_ylabel() == "prediction" and len(marked(alone, "row")) == 30
    several = draw(average=None, individual=[rows, rows], outputs=["u", "v"])
    assert [text.get_text() for text in several.get_legend().get_texts()] == ["u", "v"]


def test_of_many_curves_some_are_drawn_evenly() -> None:
    rows = np.arange(1000.0)[:, None] + 0 * X
    drawn = marked(draw(average=None, individual=[rows]), "row")
    heights = [line.get_ydata()[0] for line in drawn]
    assert len(heights) == 200 and heights[0] == 0 and heights[-1] == 999


def test_categories_are_points_and_several_outputs_stand_side_by_side() -> None:
    axes = draw([COLOURS], [[1, 2, 3]], outputs=["y"])
    line = named(axes)["y"]
    assert line.get_xdata().tolist() == [0, 1, 2] and line.get_ydata().tolist() == [1, 2, 3]
    assert line.get_linestyle() == "None" and line.get_marker() == "o"
    assert texts(axes.xaxis) == COLOURS
    rows = np.arange(12.0).reshape(4, 3)
    axes = draw([COLOURS], [[1, 2, 3]] * 2, individual=[rows, rows], outputs=["u", "v"])
    left, right = named(axes).values()
    assert np.all(left.get_xdata() < [0, 1, 2]) and np.all(right.get_xdata() > [0, 1, 2])
    points = marked(axes, "row")
    assert [len(each.get_xdata()) for each in points] == [12, 12]
    assert points[0].get_xdata().max() < 2 < points[1].get_xdata().max()
    np.testing.assert_array_equal(points[0].get_ydata(), rows.T.ravel())


def test_texts_of_numbers_are_categories_in_the_order_given() -> None:
    assert texts(draw([["10", "2"]], [[1, 2]]).xaxis) == ["10", "2"]


def test_two_numbers_are_a_surface_with_a_scale() -> None:
    z = np.linspace(5, 6, 7)
    values = X[:, None] + 0 * z
    axes = draw([X, z], [values], deciles=[[1.0], [5.5, 9]], outputs=["price"], **PAIR)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("a", "b")
    assert axes.get_xlim() == (0, 2) and axes.get_ylim() == (5, 6)
    _, bar = axes.figure.axes
    assert bar.get_ylabel() == "mean prediction of price"
    below, left = marked(axes, "deciles in black")
    assert below.get_xdata().tolist() == [1] and left.get_ydata().tolist() == [5.5]
    surface = axes.collections[0]  # which grows to the right, and not upwards
    assert surface.get_cmap().name == "viridis"
    levels = surface.levels[1:-1]
    paths = [path for path in surface.get_paths() if len(path.vertices)]
    assert len(paths) >= len(levels)
    for path in paths:
        assert path.vertices[:, 1].min() == 5 and path.vertices[:, 1].max() == 6


def test_a_plane_is_drawn_too() -> None:
    assert draw([X, X], np.zeros((1, 20, 20)), **PAIR).figure.axes[1].get_ylabel()


@pytest.mark.parametrize("first", [True, False])
def test_a_number_and_a_category_are_lines_over_the_number(first: bool) -> None:  # noqa: FBT001
    values = X[:, None] * [1, 2, 3]
    grid, features = [X, COLOURS], ["a", "colour"]
    if not first:
        grid, features, values = grid[::-1], features[::-1], values.T
    axes = draw(grid, [values], features=features, deciles=[[1.0], []])
    assert axes.get_xlabel() == "a" and axes.get_ylabel() == "mean prediction"
    lines = named(axes)
    assert list(lines) == COLOURS
    np.testing.assert_array_equal(lines["blue"].get_ydata(), 3 * X)
    assert axes.get_legend().get_title().get_text() == "colour"


def test_a_single_number_is_a_category() -> None:
    axes = draw([X, [1.5]], [X[:, None]], **PAIR)
    assert list(named(axes)) == ["1.5"] and axes.get_xlabel() == "a"
    axes = draw([[2], [1.5]], [[[3]]], **PAIR)
    assert texts(axes.xaxis) == ["2"] and texts(axes.yaxis) == ["1.5"]


def test_two_categories_are_a_table_with_its_numbers() -> None:
    values = np.arange(6.0).reshape(3, 2)
    axes = draw([COLOURS, ["low", "high"]], [values], **PAIR)
    assert texts(axes.xaxis) == COLOURS and texts(axes.yaxis) == ["low", "high"]
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written[2, 1] == "5" and written[0, 1] == "1" and len(written) == 6
    np.testing.assert_array_equal(axes.images[0].get_array(), values.T)
    many = [[f"c{i}" for i in range(12)], [f"d{i}" for i in range(12)]]
    assert not draw(many, [np.zeros((12, 12))], **PAIR).texts


def test_several_outputs_of_two_features_have_a_panel_each() -> None:
    values = np.zeros((4, 20, 3)) + np.arange(4)[:, None, None]
    panels = draw([X, COLOURS], values, outputs=list("uvwx"), title="A net", **PAIR)
    assert isinstance(panels, tuple)
    assert [panel.get_ylabel() for panel in panels] == [
        f"mean prediction of {name}" for name in "uvwx"
    ]
    assert panels[0].get_title() == "A net"
    tops = [round(panel.get_position().y1, 2) for panel in panels]
    assert len(set(tops[:3])) == 1 and tops[3] < tops[0]
    _, mine = plt.subplots(2, 2)
    assert draw([X, COLOURS], values, outputs=list("uvwx"), axes=mine, **PAIR) == tuple(mine.flat)


def test_axes_of_the_user_are_drawn_on() -> None:
    _, mine = plt.subplots()
    assert draw(axes=mine) is mine
    assert len(plt.get_fignums()) == 1


def test_long_names_are_no_formulas_and_lie_within_the_figure() -> None:
    levels = [f"the_${i}$_level_of_a_factor" for i in range(6)]
    axes = draw([levels], [range(6)], features=["a_$name$.of_a_column" * 5])
    axes.figure.canvas.draw()
    labels = axes.get_xticklabels()
    assert not any(text.get_parse_math() for text in [axes.xaxis.label, *labels])
    boxes = [text.get_window_extent() for text in [axes.xaxis.label, *labels]]
    assert all(box.x0 >= 0 and box.y0 >= 0 for box in boxes)
    assert axes.xaxis.label.get_window_extent().y1 <= min(box.y0 for box in boxes[1:])
    assert "\n" in axes.get_xlabel()


@pytest.mark.parametrize(
    ("options", "error", "advice"),
    [
        ({"features": []}, InvalidArgument, "got 0 features and 1 grids. Give grid="),
        ({"features": ["a", "b", "c"], "grid": [X] * 3}, InvalidArgument, "got 3 features"),
        (PAIR, InvalidArgument, "got 2 features and 1 grids"),
        ({"grid": [[]]}, EmptyData, "grid of 'a' has no values. Give one or more"),
        ({"average": [X, X]}, DimensionMismatch, r"average must have the shape \(1, 20\)"),
        ({"individual": [X]}, DimensionMismatch, r"individual must have the shape \(1, 0, 20\)"),
        ({"average": None}, InvalidArgument, "nothing to draw, got neither"),
        ({"average": None, "grid": [X, X], **PAIR}, InvalidArgument, "Two features need averages"),
    ],
)
def test_impossible_arguments_raise_with_advice_before_a_figure_is_made(
    options: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    with pytest.raises(error, match=advice):
        draw(**options)
    assert not plt.get_fignums()


def test_as_many_axes_are_wanted_as_there_are_outputs() -> None:
    _, mine = plt.subplots(1, 3)
    with pytest.raises(InvalidArgument, match="each of 1 outputs, got 3 axes. Give 1, or None"):
        draw([X, X], np.zeros((1, 20, 20)), axes=mine, **PAIR)


@pytest.mark.parametrize(
    "arguments", [{}, {"grid": [X, X], "average": np.zeros((1, 20, 20)), **PAIR}]
)
def test_nothing_is_shown_and_no_style_is_left_changed(
    arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    axes = check_nothing_is_shown(lambda: draw(**arguments), monkeypatch)
    assert plt.get_fignums() == [axes.figure.number]


@pytest.mark.parametrize(
    "arguments", [{}, {"grid": [X, X], "average": np.zeros((1, 20, 20)), **PAIR}]
)
def test_without_matplotlib_the_error_names_the_extra(
    arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    check_names_the_extra(lambda: draw(**arguments), monkeypatch)
