"""The picture of a network: what is drawn, and that nothing covers anything else."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import EmptyData, InvalidArgument, MLJKerasError
from mlj_keras.machine.graph import graph_of
from mlj_keras.plots.network import plot_network
from tests.batteries.counting import Mean, Shift, X, Y
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

VERTICES = [("s", "X", "source"), ("m", "scaler: Shift", "machine"), ("n", "transform", "node")]
EDGES = [("s", "m", "training"), ("s", "n", "data"), ("m", "n", "data")]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def pipeline() -> Any:
    return mlj.machine(mlj.Pipeline(shift=Shift(), mean=Mean()), X, Y)


def blend() -> Any:
    """Two models on standardised input, of the logarithm of the target."""
    Xs, ys = mlj.source(X), mlj.source(Y)
    Z = mlj.transform(mlj.machine(Shift(), Xs), Xs)
    z = mlj.node(np.log, ys)
    one, two = (mlj.predict(mlj.machine(Mean(bias=b), Z, z), Z) for b in (0.0, 1.0))
    return mlj.node(np.exp, mlj.node(np.add, one, two))


def stacked(n_models: int = 12, n_folds: int = 6) -> Any:
    """Models trained on folds, whose predictions one more learns from."""
    Xs, ys = mlj.source(X), mlj.source(Y)
    predictions = []
    for i in range(n_models):
        model = Mean(bias=float(i))
        folds = [mlj.machine(model, Xs, ys) for _ in range(n_folds)]
        predictions.append(mlj.node(np.concatenate, *(mlj.predict(each, Xs) for each in folds)))
    Z = mlj.node(np.column_stack, *predictions)
    return mlj.predict(mlj.machine(Mean(), Z, ys), Z)


def drawn(what: Any, **options: Any) -> tuple[Any, Any]:
    """The graph, and the axes that it is drawn on."""
    graph = graph_of(what)
    outputs = set(graph.outputs.values())
    axes = plot_network(graph.vertices, graph.edges, outputs=outputs, **options)
    axes.figure.canvas.draw()
    return graph, axes


def patch(axes: Any, name: str) -> Any:
    """What is drawn under a name."""
    (found,) = [each for each in axes.patches if each.get_gid() == name]
    return found


def boxes(axes: Any, names: Any) -> dict[str, Any]:
    """Where boxes are, in pixels."""
    return {name: patch(axes, name).get_window_extent() for name in names}


def inside(inner: Any, outer: Any, *, by: float = 0.0) -> bool:
    low, high = np.array([inner.min, inner.max]), np.array([outer.min, outer.max])
    return bool(np.all(low[0] >= high[0] + by) and np.all(low[1] <= high[1] - by))


def check_readable(graph: Any, axes: Any) -> None:
    """No two boxes meet, each text is in its box, all is in the figure, and lines pass through no
    box but that where they begin."""
    names = [name for name, *_ in graph.vertices]
    found = boxes(axes, names)
    for a, b in itertools.combinations(found.values(), 2):
        apart = max(a.x0 - b.x1, b.x0 - a.x1, a.y0 - b.y1, b.y0 - a.y1)
        assert apart > 0.0
    extents = [text.get_window_extent() for text in axes.texts]
    for box, text in zip(found.values(), extents, strict=True):
        assert inside(text, box, by=2)
    whole = axes.figure.bbox
    legend, title = axes.get_legend().get_window_extent(), axes.title.get_window_extent()
    assert all(inside(each, whole) for each in [*found.values(), legend])
    assert not axes.get_title() or inside(title, whole)
    assert all(box.y0 > legend.y1 for box in found.values())
    for line in axes.patches:
        start = (line.get_gid() or "").split("-")
        if len(start) == 2:  # a line, and not its heads
            points = flattened(line)
            for name in set(names) - {start[0]}:
                box = found[name]
                within = (points > [box.x0 + 1, box.y0 + 1]) & (points < [box.x1 - 1, box.y1 - 1])
                assert not within.all(axis=1).any(), (line.get_gid(), name)


def flattened(line: Any) -> np.ndarray:
    """Points on a line in pixels, from each to the next 4 pixels at most."""
    path = line.get_transform().transform_path(line.get_path())
    points = path.vertices
    starts = [i for i, code in enumerate(path.codes) if code == path.MOVETO]
    parts = []
    for begin, end in itertools.pairwise([*starts, len(points)]):
        for i in range(begin, end - 1, 3):
            a, b, c, d = points[i : i + 4]
            t = np.linspace(0, 1, int(np.abs(d - a).sum() // 4) + 2)[:, None]
            parts.append((1 - t) ** 3 * a + 3 * t * (1 - t) * ((1 - t) * b + t * c) + t**3 * d)
    return np.concatenate(parts)


def test_boxes_are_told_apart_by_shape_and_colour_and_named_in_the_legend() -> None:
    axes = plot_network(VERTICES, EDGES, outputs=["n"], title="A network")
    assert [text.get_text() for text in axes.texts] == ["X", "scaler: Shift", "transform"]
    shapes = [patch(axes, name) for name in "smn"]
    assert len({type(shape).__name__ for shape in shapes}) == 2
    assert [len(shape.get_path().vertices) for shape in shapes[1:]] == [9, 9]
    assert len({shape.get_edgecolor() for shape in shapes}) == 3
    assert [shape.get_linewidth() for shape in shapes] == [1, 1, 2.5]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "source",
        "machine",
        "node",
        "output",
        "data, what was learned",
        "training",
    ]
    assert axes.get_title() == "A network" and not axes.axison


def test_the_legend_names_what_there_is_alone() -> None:
    axes = plot_network([("s", "X", "source")], [])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["source"]


def test_training_is_dashed_and_data_is_not_and_each_edge_has_a_head() -> None:
    axes = plot_network(VERTICES, [*EDGES, EDGES[0]])
    assert patch(axes, "s-data").get_linestyle() == "-"
    assert patch(axes, "s-training").get_linestyle() != "-"
    heads = [each for each in axes.patches if str(each.get_gid()).endswith("-heads")]
    assert sum(len(each.get_path().vertices) // 4 for each in heads) == 3


@pytest.mark.parametrize("make", [pipeline, blend, stacked])
def test_no_box_or_line_covers_another_box_and_no_text_is_cut(make: Any) -> None:
    graph, axes = drawn(make(), title="A network that has a title")
    check_readable(graph, axes)
    if make is stacked:
        assert len(graph.vertices) == 2 + 2 * 72 + 12 + 3


def test_the_figure_grows_with_the_network_whose_texts_stay_as_large() -> None:
    (_, small), (_, large) = drawn(stacked(2, 2)), drawn(stacked(6, 4))
    assert np.prod(large.figure.get_size_inches()) > 2 * np.prod(small.figure.get_size_inches())
    assert {text.get_fontsize() for text in (*small.texts, *large.texts)} == {10.0}


def test_a_long_chain_goes_down_and_a_short_one_to_the_right() -> None:
    for n, down in ((3, False), (14, True)):
        names = [f"v{i}" for i in range(n)]
        edges = [(a, b, "data") for a, b in itertools.pairwise(names)]
        axes = plot_network([(name, "standardised", "node") for name in names], edges)
        first, last = (boxes(axes, names)[name] for name in (names[0], names[-1]))
        assert (first.y0 > last.y1) == down and (last.x0 > first.x1) != down


def test_texts_are_broken_after_a_colon_if_long_and_are_no_formulas() -> None:
    vertices = [("a", "neural_network: NeuralNetworkRegressor", "machine"), ("b", "$x$", "node")]
    axes = plot_network(vertices, [])
    texts = [text.get_text() for text in axes.texts]
    assert texts == ["neural_network:\nNeuralNetworkRegressor", "$x$"]
    assert not any(text.get_parse_math() for text in axes.texts)


@pytest.mark.parametrize("what", [pipeline, lambda: stacked(3, 4)])
def test_on_axes_of_the_user_all_is_made_small_enough_for_them(what: Any) -> None:
    figure, (axes, other) = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
    graph, given = drawn(what(), axes=axes, title="Here")
    assert given is axes and axes.figure is figure and len(plt.get_fignums()) == 1
    names = [name for name, *_ in graph.vertices]
    found = boxes(axes, names)
    assert all(inside(box, axes.bbox) for box in found.values())
    for box, text in zip(found.values(), axes.texts, strict=True):
        assert inside(text.get_window_extent(), box)
    assert {text.get_fontsize() < 10 for text in axes.texts} == {True}
    assert other.axison and tuple(figure.get_size_inches()) == (9, 4)


def test_a_network_smaller_than_the_axes_keeps_the_size_of_its_texts() -> None:
    axes = plot_network(VERTICES, EDGES, axes=plt.figure(figsize=(12, 6)).subplots())
    assert {text.get_fontsize() for text in axes.texts} == {10.0}


def test_the_same_network_is_drawn_in_the_same_way() -> None:
    (_, one), (_, two) = drawn(blend()), drawn(blend())
    for a, b in zip(one.patches, two.patches, strict=True):
        np.testing.assert_array_equal(a.get_path().vertices, b.get_path().vertices)


def test_it_can_be_saved_as_an_svg_with_its_texts_and_names_and_as_a_png() -> None:
    graph, axes = drawn(blend())
    file, picture = io.BytesIO(), io.BytesIO()
    with plt.rc_context({"svg.fonttype": "none"}):
        axes.figure.savefig(file, format="svg")
    text = file.getvalue().decode()
    for name, label, _ in graph.vertices:
        assert text.count(f'id="{name}"') == 1 and f">{label}<" in text
    axes.figure.savefig(picture, format="png")
    assert picture.getvalue().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("changes", "error", "advice"),
    [
        ({"vertices": []}, EmptyData, "no network to draw, got no vertices. Give one or more"),
        ({"vertices": VERTICES * 2}, InvalidArgument, "Two vertices have the name 's'. Give each"),
        (
            {"vertices": [("s", "X", "spring")]},
            InvalidArgument,
            "one of source, machine, node, got 'spring'",
        ),
        ({"edges": [("s", "n", "love")]}, InvalidArgument, "one of data, training, got 'love'"),
        ({"edges": [("s", "z", "data")]}, InvalidArgument, "got 'z', which is none. Add it to"),
        ({"outputs": ["z"]}, InvalidArgument, "got 'z', which is none. Add it to the vertices"),
        (
            {"edges": [*EDGES, ("n", "m", "training")]},
            InvalidArgument,
            "in a circle, as they do at m, n. Leave one out",
        ),
    ],
)
def test_impossible_arguments_raise_with_advice_before_a_figure_is_made(
    changes: dict[str, Any], error: type[MLJKerasError], advice: str
) -> None:
    arguments: dict[str, Any] = {"vertices": VERTICES, "edges": EDGES, **changes}
    with pytest.raises(error, match=advice):
        plot_network(**arguments)
    assert not plt.get_fignums()


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = check_nothing_is_shown(lambda: plot_network(VERTICES, EDGES), monkeypatch)
    assert plt.get_fignums() == [axes.figure.number]


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: plot_network(VERTICES, EDGES), monkeypatch)
