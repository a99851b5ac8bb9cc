"""The layers of a graph: the longest way, few crossings, places apart, straight lanes."""

from __future__ import annotations

import numpy as np
from sklearn.isotonic import IsotonicRegression

from mlj_keras.plots._layers import (
    _GAP,
    _crossings,
    _nearest,
    layers_of,
    links_of,
    ordered,
    placed,
    straightened,
)

DATA = "data"


def test_the_layer_is_that_of_the_longest_way_and_a_circle_has_none() -> None:
    edges = [("a", "b", DATA), ("b", "c", DATA), ("a", "c", DATA), ("d", "c", DATA)]
    assert layers_of("dcba", edges) == {"d": 0, "a": 0, "b": 1, "c": 2}
    assert layers_of("abe", [("a", "b", DATA), ("b", "a", DATA)]) == {"e": 0}


def test_an_edge_over_layers_has_a_lane_in_each_and_edges_of_a_kind_share_them() -> None:
    edges = [("a", "b", DATA), ("b", "c", DATA), ("b", "d", DATA), ("c", "e", DATA)]
    long = [("a", "d", DATA), ("a", "e", DATA), ("a", "e", "training")]
    links = links_of(layers_of("abcde", edges + long), edges + long)
    lanes = [[slot for slot in row if isinstance(slot, tuple)] for row in links.rows]
    data, training = ("a", DATA), ("a", "training")
    assert lanes == [[], [(*data, 1), (*training, 1)], [(*data, 2), (*training, 2)], []]
    assert list(links.after[*data, 1]) == [("d", DATA), ((*data, 2), DATA)]
    assert list(links.before["d"]) == [("b", DATA), ((*data, 1), DATA)]
    assert links.most_ports("e") == 3 and links.most_ports("a") == 2


def test_crossings_are_counted_and_those_that_need_not_be_are_taken_away() -> None:
    edges = [("a", "z", DATA), ("b", "y", DATA), ("c", "x", DATA)]
    names = list("abcxyz")
    links = links_of(layers_of(names, edges), edges)
    assert links.rows == [["a", "b", "c"], ["x", "y", "z"]]
    assert _crossings(links.rows, links) == 3
    assert ordered(links) == [["a", "b", "c"], ["z", "y", "x"]]


def test_a_crossing_that_has_to_be_is_left() -> None:
    edges = [(a, b, DATA) for a in "ab" for b in "xy"]
    links = links_of(layers_of("abxy", edges), edges)
    assert _crossings(ordered(links), links) == 1


def test_places_leave_room_for_boxes_and_put_one_in_the_middle_of_its_links() -> None:
    edges = [(name, "z", DATA) for name in "abc"]
    links = links_of(layers_of("abcz", edges), edges)
    sizes = {"a": 1.0, "b": 3.0, "c": 1.0, "z": 1.0}
    found = placed(links.rows, links, sizes)
    np.testing.assert_allclose(found["b"] - found["a"], 2 + _GAP)
    np.testing.assert_allclose(found["c"] - found["b"], 2 + _GAP)
    np.testing.assert_allclose(found["z"], found["b"], atol=1e-3)


def test_pooling_is_isotonic_regression() -> None:
    draws = np.random.default_rng(0)
    values, weights = draws.normal(size=50), draws.uniform(0.1, 2, size=50)
    wanted = IsotonicRegression().fit_transform(np.arange(50), values, sample_weight=weights)
    np.testing.assert_allclose(_nearest(values, weights), wanted)


def test_lanes_go_on_at_the_height_of_their_start_as_far_as_there_is_room() -> None:
    lanes = [("a", DATA, layer) for layer in range(1, 5)]
    rows = [["a"], [lanes[0]], [lanes[1], "b"], ["c", lanes[2]], [lanes[3]]]
    across = {"a": 0.0, "b": 2.0, "c": 0.5, **dict(zip(lanes, [0.3, 0.2, 1.5, 0.1], strict=True))}
    found = straightened(rows, across, {"a": 1, "b": 1, "c": 1}, {("a", DATA): 0.0})
    high = 0.5 + 0.5 + _GAP
    assert [found[lane] for lane in lanes] == [high, high, high, high]
    across["b"] = 1.5  # the lanes cannot pass it at the height that c asks for
    found = straightened(rows, across, {"a": 1, "b": 1, "c": 1}, {("a", DATA): 0.0})
    assert [found[lane] for lane in lanes] == [0.0, 0.0, high, high]
