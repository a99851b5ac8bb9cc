"""Slices of a tuning: a panel for each hyper-parameter, with a point for each candidate."""

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
from mlj_keras.plots.slices import plot_slices
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

RATE, HIDDEN = "optimiser.learning_rate", "builder.hidden"
COLUMNS: dict[str, Any] = {
    RATE: [1e-4, 1e-3, 1e-1, 1e-2],
    HIDDEN: [(32,), (64, 64), (32,), (16,)],
}
MEASUREMENTS = [0.5, 0.25, np.nan, 1.0]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def points(axes: Any) -> Any:
    """The line of all candidates of a panel."""
    return axes.get_lines()[0]


def name(axes: Any) -> str:
    """The name below a panel, without breaks of lines."""
    return str(axes.get_xlabel().replace("\n", ""))


def texts(axes: Any) -> list[str]:
    """The texts of the ticks below a panel."""
    return [text.get_text() for text in axes.get_xticklabels()]


def test_every_hyper_parameter_has_a_panel_with_a_point_for_each_candidate() -> None:
    panels = plot_slices(COLUMNS, MEASUREMENTS, name="log_loss", title="A search")
    assert isinstance(panels, tuple)
    assert [name(panel) for panel in panels] == [RATE, HIDDEN]
    np.testing.assert_array_equal(points(panels[0]).get_xdata(), COLUMNS[RATE])
    for panel in panels:
        np.testing.assert_array_equal(points(panel).get_ydata(), MEASUREMENTS)
        assert points(panel).get_linestyle() == "None"
    assert [panel.get_ylabel() for panel in panels] == ["log_loss", ""]
    assert panels[0].get_title(loc="left") == "A search"
    assert panels[0].figure.axes == list(panels)


def test_panels_share_the_measurements_and_stand_four_a_row() -> None:
    columns = {f"p{i}": [1, 2] for i in range(6)}
    panels = plot_slices(columns, [0.5, 0.6])
    panels[0].figure.canvas.draw()
    assert all(panels[0].get_shared_y_axes().joined(panels[0], panel) for panel in panels)
    tops = [round(panel.get_position().y1, 2) for panel in panels]
    assert len(set(tops[:4])) == len(set(tops[4:])) == 1 and tops[4] < tops[0]
    assert [panel.get_ylabel() for panel in panels] == ["measurement", "", "", ""] + [
        "measurement",
        "",
    ]
    assert len(panels[0].figure.axes) == 6


@pytest.mark.parametrize(("orientation", "best"), [("loss", (1, 0.25)), ("score", (3, 1.0))])
def test_the_best_has_a_ring_in_every_panel_and_one_legend(
    orientation: str, best: tuple[int, float]
) -> None:
    panels = plot_slices(COLUMNS, MEASUREMENTS, orientation=orientation)
    for panel in panels:
        _, ring = panel.get_lines()
        assert ring.get_xdata() == [points(panel).get_xdata()[best[0]]]
        assert ring.get_ydata() == [best[1]]
        assert ring.get_fillstyle() == "none"
    (text,) = panels[0].get_legend().get_texts()
    assert text.get_text() == f"best: {best[1]:g} at {best[0]}"
    assert panels[1].get_legend() is None


def test_categories_lie_a_little_beside_one_another_in_the_order_of_first_appearance() -> None:
    values = ["b", "a", "b", "b", "a", "b"]
    axes, again = plot_slices({"x": values, "y": values}, range(6))
    places = points(axes).get_xdata()
    assert np.round(places).tolist() == [0, 1, 0, 0, 1, 0]
    assert len(set(places)) == 6
    assert np.all(np.abs(places - np.round(places)) <= 0.15)
    np.testing.assert_array_equal(places, points(again).get_xdata())
    assert axes.get_xticks().tolist() == [0, 1]
    assert texts(axes) == ["b", "a"]


@pytest.mark.parametrize(
    ("scale", "values", "drawn"),
    [
        ("linear", [1, 2, 4], "linear"),
        ("custom", [1, 2, 4], "linear"),
        ("log", [1, 2, 4], "log"),
        ("log2", [1, 2, 4], "log"),
        ("log10", [1, 2, 4], "log"),
        ("logminus", [-100, -10, -1], "symlog"),
        ("log10minus", [-100, -10, -1], "symlog"),
        ("log10", ["a", "b", "c"], "linear"),  # categories have no scale
    ],
)
def test_a_panel_has_the_scale_of_its_hyper_parameter(
    scale: str, values: list[Any], drawn: str
) -> None:
    axes, other = plot_slices({"a": values, "b": [1, 2, 3]}, [1, 2, 3], scales={"a": scale})
    assert (axes.get_xscale(), other.get_xscale()) == (drawn, "linear")


def test_negative_numbers_on_a_logarithmic_scale_are_evenly_spaced_powers() -> None:
    (axes,) = plot_slices({"a": [-100, -10, -1]}, [1, 2, 3], scales={"a": "logminus"})
    places = axes.transData.transform(points(axes).get_xydata())[:, 0]
    np.testing.assert_allclose(*np.diff(places), rtol=1e-6)
    assert places[0] < places[-1]


def test_powers_of_two_are_written_out() -> None:
    (axes,) = plot_slices({"a": [16, 64, 256]}, [1, 2, 3], scales={"a": "log2"})
    axes.figure.canvas.draw()
    assert {"16", "64", "256"} <= set(texts(axes))


@pytest.mark.parametrize(
    ("measurements", "scale"),
    [([1.0, 0.1, 0.01], "linear"), ([1.0, 0.1, 0.009], "log"), ([1000.0, 0.0, 1.0], "linear")],
)
def test_measurements_are_logarithmic_over_more_than_two_decades_if_positive(
    measurements: list[float], scale: str
) -> None:
    panels = plot_slices({"a": [1, 2, 3], "b": "xyz"}, measurements)
    assert [panel.get_yscale() for panel in panels] == [scale, scale]


def test_long_names_and_categories_do_not_overlap() -> None:
    long = [f"neural_network_classifier.{name}" for name in (RATE, HIDDEN, "batch_size", "epochs")]
    columns = {name: [(128, 64, 32), (256, 128, 64), (1024,), (7, 7)] for name in long}
    panels = plot_slices(columns, [1, 2, 3, 4], title="A search")
    panels[0].figure.canvas.draw()
    assert [name(panel) for panel in panels] == long
    boxes = [panel.xaxis.label.get_window_extent() for panel in panels]
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
    for panel, box in zip(panels, boxes, strict=True):
        for text in panel.get_xticklabels():
            assert text.get_rotation() == 30
            assert text.get_window_extent().y0 >= box.y1
    legend, title = panels[0].get_legend(), panels[0]._left_title
    assert legend.get_window_extent().y1 <= title.get_window_extent().y0


def test_short_categories_stand_upright_and_are_no_formulas() -> None:
    (axes,) = plot_slices({"a": ["$a$", "$b$"]}, [1, 2])
    assert texts(axes) == ["$a$", "$b$"]
    assert [text.get_rotation() for text in axes.get_xticklabels()] == [0, 0]
    assert not any(text.get_parse_math() for text in axes.get_xticklabels())


def test_of_many_categories_some_have_a_text() -> None:
    values = [f"{i}th" for i in range(60)]
    (axes,) = plot_slices({"a": values}, range(60))
    step = int(axes.get_xticks()[1])
    assert 2 <= step <= 12
    assert texts(axes) == values[::step]
    assert np.round(points(axes).get_xdata()).tolist() == list(range(60))


def test_axes_of_the_user_are_drawn_on_whatever_their_shape() -> None:
    columns = {f"p{i}": [1, 2] for i in range(4)}
    _, made = plt.subplots(2, 2)
    panels = plot_slices(columns, [0.5, 0.6], axes=made)
    assert panels == tuple(made.flat)
    assert [panel.get_ylabel() for panel in panels] == ["measurement", ""] * 2
    loose = plt.figure().add_axes((0, 0, 1, 1))
    assert plot_slices({"a": [1, 2]}, [0.5, 0.6], axes=[loose]) == (loose,)
    assert loose.get_ylabel() == "measurement"
    assert len(plt.get_fignums()) == 2


def test_as_many_axes_are_wanted_as_there_are_hyper_parameters() -> None:
    _, made = plt.subplots(1, 3)
    with pytest.raises(
        InvalidArgument, match="each of 2 hyper-parameters, got 3 axes. Give 2, or"
    ):
        plot_slices(COLUMNS, MEASUREMENTS, axes=made)
    assert not any(axes.get_lines() for axes in made)


@pytest.mark.parametrize(
    ("changes", "error", "advice"),
    [
        ({"columns": {}}, EmptyData, "no hyper-parameter to draw, got no columns. Give one"),
        (
            {"columns": {"a": []}, "measurements": []},
            EmptyData,
            "no candidate .* Give one or more",
        ),
        ({"measurements": [np.nan, np.inf, None, np.nan]}, EmptyData, "got 4 .* Give one or more"),
        (
            {"columns": {"a": [1, 2]}},
            DimensionMismatch,
            "'a' has 2 values, and there are 4 measurements. Give a value for each candidate",
        ),
        ({"measurements": [[1.0]]}, DimensionMismatch, r"shape \(1, 1\). Give one for each"),
        ({"orientation": "least"}, InvalidArgument, "got 'least'. Write 'loss' where less is"),
        ({"scales": {RATE: "ln"}}, InvalidArgument, "got 'ln'. Write 'custom' for a function"),
        ({"scales": {"rate": "log"}}, InvalidArgument, "got 'rate'. Leave it out, or correct"),
        (
            {"scales": {RATE: "logminus"}},
            InvalidArgument,
            "negative numbers only, .* Take 'linear",
        ),
    ],
)
def test_impossible_arguments_raise_with_advice_before_a_figure_is_made(
    changes: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    arguments: dict[str, Any] = {"columns": COLUMNS, "measurements": MEASUREMENTS, **changes}
    with pytest.raises(error, match=advice):
        plot_slices(**arguments)
    assert not plt.get_fignums()


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = check_nothing_is_shown(lambda: plot_slices(COLUMNS, MEASUREMENTS), monkeypatch)
    assert plt.get_fignums() == [axes[0].figure.number]


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_slices(COLUMNS, MEASUREMENTS), monkeypatch)


def test_categories_have_the_order_that_is_given() -> None:
    panels = plot_slices(
        {"hidden": [(64,), (32,), "x"]},
        [0.5, 0.1, 0.2],
        orders={"hidden": [(16,), (32,), (64,)]},
        axes=[plt.figure().subplots()],
    )
    assert [text.get_text() for text in panels[0].get_xticklabels()] == ["(32,)", "(64,)", "x"]
