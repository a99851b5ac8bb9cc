"""The layout of boxes and lines: boxes apart, lines between them from border to border."""

from __future__ import annotations

import pytest

from mlj_keras.plots._routes import _PORT, HEAD, layout

EDGES = [("a", "b", "data"), ("b", "c", "data"), ("a", "c", "data"), ("a", "b", "training")]
SIZES = {"a": (1.0, 0.5), "b": (2.0, 0.5), "c": (1.0, 0.5)}


def test_everything_lies_between_zero_and_the_size_and_layers_follow_one_another() -> None:
    found = layout(SIZES, EDGES)
    assert list(found.boxes) == ["a", "b", "c"]
    ends = [0.0]
    for box in found.boxes.values():
        assert box.along - box.size[0] / 2 >= ends[-1]
        low, high = box.across - box.size[1] / 2, box.across + box.size[1] / 2
        assert -1e-12 <= low < high <= found.size[1] + 1e-12
        ends.append(box.along + box.size[0] / 2)
    assert found.size[0] == ends[-1]
    assert found == layout(SIZES, EDGES)


def test_lines_begin_in_a_box_and_arrows_end_at_borders_each_at_a_place_of_its_own() -> None:
    found = layout(SIZES, EDGES)
    lines = sorted((line.start, line.kind) for line in found.lines)
    assert lines == [("a", "data"), ("a", "training"), ("b", "data")]
    tips = sorted(tip for line in found.lines for tip in line.tips)
    borders = {name: box.along - box.size[0] / 2 for name, box in found.boxes.items()}
    assert [along for along, _ in tips] == [borders["b"]] * 2 + [borders["c"]] * 2
    for first, second in (tips[:2], tips[2:]):
        assert second[1] - first[1] == pytest.approx(_PORT)
    for line in found.lines:
        assert line.strokes[0][0][0] == found.boxes[line.start].along
        ends = [(along + HEAD, across) for stroke in line.strokes for along, across in stroke[-1:]]
        assert sorted(ends) == [pytest.approx(tip) for tip in sorted(line.tips)]


def test_a_box_grows_where_many_arrows_end() -> None:
    names = [f"s{i}" for i in range(12)]
    sizes = {name: (1.0, 0.3) for name in [*names, "z"]}
    found = layout(sizes, [(name, "z", "data") for name in names])
    assert found.boxes["z"].size == (1.0, pytest.approx(13 * _PORT))
    assert found.boxes["s0"].size == (1.0, 0.3)


def test_one_box_alone_has_no_lines() -> None:
    found = layout({"a": (1.0, 0.5)}, [])
    assert found.lines == () and found.size == (1.0, 0.5)
