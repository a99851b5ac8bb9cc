"""Embeddings in the plane: a point for each level, named where there is room."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from mlj_keras.errors import DimensionMismatch, EmptyData, InvalidArgument, MLJKerasError
from mlj_keras.plots.embeddings import plot_embeddings
from tests.batteries.plots import check_names_the_extra, check_nothing_is_shown

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

DRAW = np.random.default_rng(0)
SIZES = {"size": ["small", "medium", "large"]}


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def drawn(vectors: Any, levels: Any = None, **options: Any) -> Any:
    """The panel of one factor called f."""
    names = levels or [f"level {i}" for i in range(len(vectors))]
    (axes,) = plot_embeddings({"f": vectors}, {"f": names}, **options)
    return axes


def points(axes: Any) -> np.ndarray:
    """Where the levels are."""
    (line,) = axes.get_lines()
    return np.asarray(line.get_xydata())


def names(axes: Any) -> dict[str, Any]:
    """The texts of levels, lines to them left out."""
    return {text.get_text(): text for text in axes.texts if text.get_text()}


def test_vectors_of_two_numbers_are_drawn_as_they_are() -> None:
    vectors = DRAW.normal(size=(6, 2))
    axes = drawn(vectors, list("abcdef"), title="A net")
    np.testing.assert_array_equal(points(axes), vectors)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("f_1", "f_2")
    assert axes.get_title() == "A net: f: 6 levels, 2 dimensions"
    assert {name: text.xy for name, text in names(axes).items()} == dict(
        zip("abcdef", map(tuple, vectors), strict=True)
    )


def test_a_unit_is_as_long_across_as_it_is_upward() -> None:
    axes = drawn(DRAW.normal(size=(6, 2)) * [10, 1])
    axes.figure.canvas.draw()
    across, upward = np.diff(axes.transData.transform([[0, 0], [1, 1]]), axis=0)[0]
    assert across == pytest.approx(upward)


def test_single_numbers_lie_on_a_line() -> None:
    (axes,) = plot_embeddings({"size": [[-1], [0.2], [0.9]]}, SIZES)
    np.testing.assert_array_equal(points(axes), [[-1, 0], [0.2, 0], [0.9, 0]])
    assert axes.get_xlabel() == "size_1" and axes.get_ylabel() == ""
    assert axes.get_yticks().tolist() == []
    assert axes.get_title() == "size: 3 levels, 1 dimension"
    assert set(names(axes)) == {"small", "medium", "large"}


def test_longer_vectors_are_drawn_by_their_principal_components() -> None:
    plane = DRAW.normal(size=(9, 2)) * [3, 1]
    turned = np.linalg.qr(DRAW.normal(size=(5, 5)))[0][:2]
    vectors = plane @ turned + 7  # two dimensions, hidden in five
    axes = drawn(vectors)
    found = points(axes)
    np.testing.assert_allclose(
        np.linalg.norm(found[:, None] - found, axis=-1),
        np.linalg.norm(plane[:, None] - plane, axis=-1),
        atol=1e-9,
    )
    spread = found.var(axis=0)
    np.testing.assert_allclose(found.mean(axis=0), 0, atol=1e-9)
    assert spread[0] > spread[1]
    share = spread[0] / spread.sum()
    assert axes.get_xlabel() == f"first principal component ({share:.0%} of variance)"
    assert axes.get_ylabel() == f"second principal component ({1 - share:.0%} of variance)"


def test_the_sign_of_components_is_that_of_their_greatest_part() -> None:
    vectors = np.outer([-1.0, 0.0, 1.0], [0.1, -3.0, 0.2])
    np.testing.assert_allclose(points(drawn(vectors))[:, 0], np.array([1, 0, -1]) * 9.05**0.5)


@pytest.mark.parametrize(
    ("vectors", "x", "y"),
    [
        (np.ones((1, 3)), "no variance", "no variance"),
        (np.ones((4, 3)), "no variance", "no variance"),
        (np.array([[0.0, 0, 0], [1, 2, 3]]), "100% of variance", "0% of variance"),
    ],
)
def test_vectors_that_differ_in_little_are_drawn_too(vectors: Any, x: str, y: str) -> None:
    axes = drawn(vectors)
    assert x in axes.get_xlabel() and y in axes.get_ylabel()
    assert len(names(axes)) == len(vectors)


@pytest.mark.parametrize("width", [1, 2, 7])
def test_up_to_twenty_levels_have_names_that_do_not_overlap(width: int) -> None:
    levels = [f"a level with a name {i}" for i in range(20)]
    axes = drawn(np.random.default_rng(width).normal(size=(20, width)), levels)
    axes.figure.canvas.draw()
    assert set(names(axes)) == set(levels)
    boxes = [text.get_window_extent() for text in names(axes).values()]
    for one, other in itertools.combinations(boxes, 2):
        apart = min(one.x1, other.x1) - max(one.x0, other.x0) < 1
        assert apart or min(one.y1, other.y1) - max(one.y0, other.y0) < 1
    frame = axes.get_window_extent()
    assert all(frame.x0 <= box.x0 and box.x1 <= frame.x1 for box in boxes)
    assert all(frame.y0 <= box.y0 and box.y1 <= frame.y1 for box in boxes)


def test_of_more_levels_the_outermost_are_named() -> None:
    vectors = np.random.default_rng(1).normal(size=(60, 2))
    axes = drawn(vectors)
    away = np.linalg.norm(vectors - vectors.mean(axis=0), axis=1)
    wanted = {f"level {i}" for i in np.argsort(-away)[:20]}
    assert set(names(axes)) == wanted
    assert axes.get_title().replace("\n", " ") == "f: 60 levels, 2 dimensions, 20 outermost named"


def test_each_factor_has_a_panel() -> None:
    vectors = {name: DRAW.normal(size=(3, i + 1)) for i, name in enumerate("abcd")}
    panels = plot_embeddings(vectors, {name: [1, 2, 3] for name in vectors})
    assert isinstance(panels, tuple)
    assert [panel.get_title()[0] for panel in panels] == list("abcd")
    assert [set(names(panel)) for panel in panels] == [{"1", "2", "3"}] * 4
    made = plt.figure().subplots(2, 2)
    assert plot_embeddings(vectors, {name: [1, 2, 3] for name in vectors}, axes=made) == tuple(
        made.flat
    )


def test_a_level_whose_vector_is_not_finite_is_left_out() -> None:
    axes = drawn([[1.0, 2.0, 0.0], [np.nan, 1.0, 0.0], [3.0, 4.0, 0.0]], ["a", "b", "c"])
    assert set(names(axes)) == {"a", "c"}
    assert np.isnan(points(axes)[1]).all() and np.isfinite(points(axes)[[0, 2]]).all()


def test_names_are_no_formulas_and_long_ones_lose_their_middle() -> None:
    (axes,) = plot_embeddings({"$f$": [[0, 0], [1, 1]]}, {"$f$": ["$a$", "x" * 99]})
    assert set(names(axes)) == {"$a$", "x" * 15 + "…" + "x" * 8}
    texts = [axes.title, axes.xaxis.label, axes.yaxis.label, *names(axes).values()]
    assert not any(text.get_parse_math() for text in texts)


@pytest.mark.parametrize(
    ("vectors", "levels", "error", "advice"),
    [
        ({}, {}, EmptyData, "no factor to draw, got no vectors. Give one or more"),
        ({"f": [[1, 2]]}, {}, DimensionMismatch, r"'f' have the shape \(1, 2\), and there are 0"),
        ({"f": [[1, 2]]}, {"f": "ab"}, DimensionMismatch, "are 2 levels. Give .* for each row"),
        ({"f": [1, 2]}, {"f": "ab"}, DimensionMismatch, r"have the shape \(2,\)"),
        ({"f": [[], []]}, {"f": "ab"}, DimensionMismatch, r"have the shape \(2, 0\)"),
        ({"f": [[np.nan]]}, {"f": "a"}, EmptyData, "nothing to draw of 'f', got 1 vectors"),
    ],
)
def test_impossible_arguments_raise_with_advice_before_a_figure_is_made(
    vectors: Any, levels: Any, error: type[MLJKerasError], advice: str
) -> None:
    with pytest.raises(error, match=advice):
        plot_embeddings(vectors, levels)
    assert not plt.get_fignums()


def test_as_many_axes_are_wanted_as_there_are_factors() -> None:
    with pytest.raises(InvalidArgument, match="each of 1 factors, got 3 axes"):
        drawn([[1, 2]], axes=plt.figure().subplots(1, 3))


def test_nothing_is_shown_and_no_style_is_left_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    axes = check_nothing_is_shown(lambda: drawn([[1, 2], [3, 4]]), monkeypatch)
    assert plt.get_fignums() == [axes.figure.number]


def test_without_matplotlib_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    check_names_the_extra(lambda: drawn([[1, 2], [3, 4]]), monkeypatch)
