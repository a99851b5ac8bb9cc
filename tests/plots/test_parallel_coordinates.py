"""Parallel coordinates: an axis a hyper-parameter, a line a candidate, the best on top."""

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
from mlj_keras.optimisers import Adam
from mlj_keras.plots.parallel_coordinates import plot_parallel_coordinates
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


def candidates(axes: Any) -> list[Any]:
    """The lines of candidates, in the order in which they are painted."""
    lines = [line for line in axes.get_lines() if line.get_gid() == "candidate"]
    return sorted(lines, key=lambda line: line.get_zorder())


def heights(axes: Any) -> list[list[float]]:
    """Where those lines cross the axes, rounded."""
    return [np.round(line.get_ydata(), 6).tolist() for line in candidates(axes)]


def ticks(axes: Any, i: int) -> dict[str, float]:
    """The texts at the i-th axis, and the heights at which they stand."""
    return {text.get_text(): round(text.xy[1], 6) for text in axes.texts if text.xy[0] == i}


def names(axes: Any) -> list[str]:
    """The names below the axes, without breaks of lines."""
    return [text.get_text().replace("\n", "") for text in axes.get_xticklabels()]


def lightness(line: Any) -> float:
    """Of a line's colour, from 0 for black to 1 for white."""
    return float(np.dot(line.get_color()[:3], (0.2126, 0.7152, 0.0722)))


def test_every_hyper_parameter_has_an_axis_and_the_measurement_the_last() -> None:
    axes = plot_parallel_coordinates(COLUMNS, MEASUREMENTS, name="log_loss", title="A search")
    assert names(axes) == [RATE, HIDDEN, "log_loss"]
    verticals = [line for line in axes.get_lines() if list(line.get_ydata()) == [0, 1]]
    assert [list(line.get_xdata()) for line in verticals] == [[0, 0], [1, 1], [2, 2]]
    assert axes.get_title() == "A search"


def test_a_candidate_is_a_line_through_its_values_and_one_that_failed_is_left_out() -> None:
    axes = plot_parallel_coordinates(COLUMNS, MEASUREMENTS, scales={RATE: "log10"})
    third = round(1 / 3, 6)
    assert heights(axes) == [
        [round(2 / 3, 6), 1.0, 1.0],
        [0.0, 0.0, third],
        [third, 0.5, 0.0],
    ]
    assert all(list(line.get_xdata()) == [0, 1, 2] for line in candidates(axes))


@pytest.mark.parametrize("failure", [np.nan, np.inf, -np.inf, None])
def test_what_is_not_finite_is_of_a_candidate_that_failed(failure: Any) -> None:
    axes = plot_parallel_coordinates({"epochs": [1, 2, 3]}, [0.5, failure, 0.4])
    assert heights(axes) == [[0.0, 1.0], [1.0, 0.0]]


@pytest.mark.parametrize(
    ("orientation", "measurements", "label"),
    [
        ("loss", [0.2, 0.9, np.nan, 0.1, 0.5], "best: 0.1 at 3"),
        ("score", [0.8, 0.1, np.nan, 0.9, 0.5], "best: 0.9 at 3"),
    ],
)
def test_the_better_a_candidate_the_darker_and_the_more_in_front_and_the_best_is_thick(
    orientation: str, measurements: list[float], label: str
) -> None:
    columns = {"number": [0, 1, 2, 3, 4]}
    axes = plot_parallel_coordinates(columns, measurements, orientation=orientation)
    lines = candidates(axes)
    assert [line.get_ydata()[0] * 4 for line in lines] == [1, 4, 0, 3]
    shades = [lightness(line) for line in lines]
    assert shades == sorted(shades, reverse=True) and len(set(shades)) == 4
    *others, best = [line.get_linewidth() for line in lines]
    assert best > 2 * max(others)
    assert lines[-1].get_label() == label
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [label]


def test_of_candidates_that_are_as_good_the_first_is_the_best() -> None:
    *_, last = candidates(plot_parallel_coordinates({"a": [1, 2, 3]}, [0.5, 0.5, 0.5]))
    assert last.get_label() == "best: 0.5 at 0"
    assert last.get_ydata()[0] == 0


def test_lines_lie_below_the_axes_and_those_below_their_texts() -> None:
    axes = plot_parallel_coordinates(COLUMNS, MEASUREMENTS)
    highest = max(line.get_zorder() for line in candidates(axes))
    others = [line for line in axes.get_lines() if line.get_gid() != "candidate"]
    assert highest < min(line.get_zorder() for line in others)
    assert max(line.get_zorder() for line in others) < min(t.get_zorder() for t in axes.texts)


@pytest.mark.parametrize(
    ("scale", "values", "places"),
    [
        ("linear", [0, 1, 4], [0, 0.25, 1]),
        ("custom", [0, 1, 4], [0, 0.25, 1]),
        ("log", [1, 10, 10000], [0, 0.25, 1]),
        ("log10", [1, 10, 10000], [0, 0.25, 1]),
        ("log2", [16, 32, 256], [0, 0.25, 1]),
        ("logminus", [-10000, -1000, -1], [0, 0.25, 1]),
        ("log10minus", [-10000, -1000, -1], [0, 0.25, 1]),
    ],
)
def test_an_axis_has_the_scale_of_its_hyper_parameter_and_goes_upward(
    scale: str, values: list[float], places: list[float]
) -> None:
    axes = plot_parallel_coordinates({"a": values}, [3, 2, 1], scales={"a": scale})
    np.testing.assert_allclose([line.get_ydata()[0] for line in candidates(axes)], places)
    texts = {f"{value}": place for value, place in zip(values, places, strict=True)}
    assert ticks(axes, 0) == pytest.approx(texts)


def test_a_few_numbers_have_a_tick_each_unless_they_are_too_near() -> None:
    columns = {"batch_size": [32, 16, 64, 32], "a": [0, 0.01, 1, 0]}
    axes = plot_parallel_coordinates(columns, range(4))
    assert ticks(axes, 0) == {"16": 0.0, "32": round(1 / 3, 6), "64": 1.0}
    assert ticks(axes, 1) == {"0": 0.0, "1": 1.0}


def test_of_many_numbers_the_ends_and_round_ones_between_have_ticks() -> None:
    columns = {
        "linear": np.linspace(-0.95, 1.05, 20),
        "rate": np.geomspace(2e-4, 0.5, 20),
        "shift": -np.geomspace(2e-4, 0.5, 20),
    }
    scales = {"rate": "log10", "shift": "logminus"}
    axes = plot_parallel_coordinates(columns, range(20), scales=scales)
    assert set(ticks(axes, 0)) == {"-0.95", "-0.8", "-0.4", "0", "0.4", "0.8", "1.05"}
    assert set(ticks(axes, 1)) == {"0.0002", "0.001", "0.01", "0.1", "0.5"}
    assert set(ticks(axes, 2)) == {"-0.0002", "-0.001", "-0.01", "-0.1", "-0.5"}


def test_a_hyper_parameter_that_never_changes_lies_in_the_middle() -> None:
    axes = plot_parallel_coordinates({"a": [7, 7], "b": [None, None]}, [1.0, 2.0])
    assert [line[:2] for line in heights(axes)] == [[0.5, 0.5], [0.5, 0.5]]
    assert (ticks(axes, 0), ticks(axes, 1)) == ({"7": 0.5}, {"None": 0.5})


def test_one_candidate_is_enough() -> None:
    assert heights(plot_parallel_coordinates({"a": [7]}, [1.0])) == [[0.5, 0.5]]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (["relu", "tanh", "relu"], ["relu", "tanh"]),
        ([(64, 64), (32,), (64, 64)], ["(64, 64)", "(32,)"]),
        ([[64], [32], [64]], ["[64]", "[32]"]),  # a list has no hash
        ([True, False, True], ["True", "False"]),
        (np.array([True, False, True]), ["True", "False"]),
        ([3, None, 3], ["3", "None"]),
        ([1, True, 1], ["1", "True"]),
        ([0.5, np.nan, 0.5], ["0.5", "nan"]),
        ([0.5, np.inf, 0.5], ["0.5", "inf"]),
        (["", "a  b", ""], ["''", "a b"]),
        ([Adam(), Adam(learning_rate=0.25), Adam()], ["Adam()", "Adam(learni…te=0.25)"]),
        (["a" * 15 + "b" * 15 + "c" * 15] * 3, ["aaaaaaaaaaa…cccccccc"]),
        (["$a$", "$b$", "$a$"], ["$a$", "$b$"]),
    ],
)
def test_what_is_no_number_is_a_category_in_the_order_of_first_appearance(
    values: Any, texts: list[str]
) -> None:
    axes = plot_parallel_coordinates({"a": values}, [1.0, 2.0, 3.0], scales={"a": "log10"})
    assert ticks(axes, 0) == ({texts[0]: 0.5} if len(texts) == 1 else {texts[0]: 0, texts[1]: 1})
    assert list(ticks(axes, 0)) == texts
    assert not any(text.get_parse_math() for text in axes.texts)


def test_categories_whose_texts_are_cut_to_the_same_are_told_apart() -> None:
    values = [f"{'a' * 15}{number}{'b' * 15}" for number in range(2)]
    axes = plot_parallel_coordinates({"a": values}, [1.0, 2.0])
    assert list(ticks(axes, 0)) == ["aaaaaaaaaaa…bbbbbbbb", "aaaaaaaaaaa…bbbbbbbb #2"]


def test_of_many_categories_those_with_room_have_a_text() -> None:
    axes = plot_parallel_coordinates({"a": [f"{i}th" for i in range(60)]}, range(60))
    places = list(ticks(axes, 0).values())
    assert 10 < len(places) < 30
    assert min(np.diff(places)) >= 0.045


@pytest.mark.parametrize(
    ("measurements", "middle"),
    [([1.0, 0.1, 0.001], round(2 / 3, 6)), ([1.0, 0.1, 0.01], round(0.09 / 0.99, 6))],
)
def test_the_last_axis_is_logarithmic_over_more_than_two_decades(
    measurements: list[float], middle: float
) -> None:
    axes = plot_parallel_coordinates({"a": [1, 2, 3]}, measurements)
    assert [line[1] for line in heights(axes)] == [1.0, middle, 0.0]


def test_texts_and_long_names_do_not_overlap() -> None:
    long = [f"neural_network_classifier.{name}" for name in (RATE, HIDDEN, "batch_size", "epochs")]
    columns = {name: np.linspace(1, 2, 30) for name in long}
    axes = plot_parallel_coordinates(columns, np.arange(30), title="A search")
    axes.figure.canvas.draw()
    assert names(axes) == [*long, "measurement"]
    boxes = [text.get_window_extent() for text in axes.get_xticklabels()]
    assert all(left.x1 < right.x0 for left, right in zip(boxes, boxes[1:], strict=False))
    for i in range(5):
        texts = [text for text in axes.texts if text.xy[0] == i]
        spans = sorted((t.get_window_extent().y0, t.get_window_extent().y1) for t in texts)
        assert all(low[1] < high[0] for low, high in zip(spans, spans[1:], strict=False))
    figure, legend = axes.figure.bbox, axes.get_legend().get_window_extent()
    for box in [*boxes, *(text.get_window_extent() for text in axes.texts), legend]:
        assert figure.x0 <= box.x0 and box.x1 <= figure.x1 and figure.y0 <= box.y0
    assert legend.y1 <= axes.title.get_window_extent().y0


def test_axes_of_the_user_are_drawn_on_and_no_other_figure_is_made() -> None:
    _, made = plt.subplots()
    assert plot_parallel_coordinates(COLUMNS, MEASUREMENTS, axes=made) is made
    assert len(plt.get_fignums()) == 1


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
        (
            {"scales": {RATE: "ln"}},
            InvalidArgument,
            f"scale of '{RATE}' must be one of linear, log, .*, got 'ln'. Write 'custom' for a",
        ),
        ({"scales": {HIDDEN: "ln"}}, InvalidArgument, "got 'ln'. Write 'custom'"),
        (
            {"scales": {"rate": "log"}},
            InvalidArgument,
            f"which are {RATE}, {HIDDEN}, got 'rate'. Leave it out, or correct the name",
        ),
        (
            {"columns": {"a": [1, 0, 2, 3]}, "scales": {"a": "log"}},
            InvalidArgument,
            "scale 'log' of 'a' holds positive numbers only, got 0. Take 'linear'",
        ),
        (
            {"scales": {RATE: "logminus"}},
            InvalidArgument,
            "'logminus' .* holds negative numbers only, got 0.0001. Take 'linear'",
        ),
    ],
)
def test_impossible_arguments_raise_with_advice_before_a_figure_is_made(
    changes: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    arguments: dict[str, Any] = {"columns": COLUMNS, "measurements": MEASUREMENTS, **changes}
    with pytest.raises(error, match=advice):
        plot_parallel_coordinates(**arguments)
    assert not plt.get_fignums()


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = check_nothing_is_shown(
        lambda: plot_parallel_coordinates(COLUMNS, MEASUREMENTS), monkeypatch
    )
    assert plt.get_fignums() == [axes.figure.number]


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_parallel_coordinates(COLUMNS, MEASUREMENTS), monkeypatch)
