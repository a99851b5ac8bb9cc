"""Labels of points: as near as there is room, and one on none."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from mlj_keras.plots._labels import Place, placed

SIZE = (400.0, 300.0)


def boxes(found: dict[int, Place], sizes: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Lower left and upper right corners."""
    middles = {i: np.array([place.x, place.y]) for i, place in found.items()}
    return [(middle - sizes[i] / 2, middle + sizes[i] / 2) for i, middle in middles.items()]


@pytest.mark.parametrize("seed", range(5))
def test_labels_overlap_neither_one_another_nor_points_and_stay_inside(seed: int) -> None:
    draw = np.random.default_rng(seed)
    points = draw.uniform((40, 20), (360, 280), size=(20, 2))
    sizes = np.column_stack([draw.uniform(20, 110, size=20), np.full(20, 11.0)])
    found = placed(points, sizes, np.arange(20), SIZE, 3.0)
    assert sorted(found) == list(range(20))
    placed_boxes = boxes(found, sizes)
    for (low, high), (other_low, other_high) in itertools.combinations(placed_boxes, 2):
        assert (high <= other_low).any() or (other_high <= low).any()
    for low, high in placed_boxes:
        assert (low >= 0).all() and (high <= SIZE).all()
        assert not ((points > low - 2.9) & (points < high + 2.9)).all(axis=1).any()


def test_one_that_has_room_is_beside_its_point_and_away_from_the_middle() -> None:
    points = np.array([[100.0, 150.0], [300.0, 150.0 + 1e-9]])
    found = placed(points, np.full((2, 2), 20.0), np.arange(2), SIZE, 3.0)
    assert found[0].x < 100 - 10 and found[1].x > 300 + 10
    assert not found[0].far and abs(found[0].x - 100) < 20


def test_labels_of_points_on_a_line_stand_above_them() -> None:
    points = np.column_stack([[100.0, 200.0, 300.0], np.full(3, 150.0)])
    found = placed(points, np.full((3, 2), 20.0), np.arange(3), SIZE, 3.0)
    assert [round(place.x) for _, place in sorted(found.items())] == [100, 200, 300]
    assert all(place.y > 160 for place in found.values())


def test_those_of_one_place_are_led_to_it_by_lines_if_they_are_far_off() -> None:
    points = np.full((20, 2), 150.0)
    sizes = np.tile([80.0, 11.0], (20, 1))
    found = placed(points, sizes, np.arange(20), SIZE, 3.0)
    assert len(found) == 20
    assert any(place.far for place in found.values())
    assert not all(place.far for place in found.values())


def test_one_without_room_is_left_out_the_innermost_first() -> None:
    points = np.array([[50.0, 6.0], [10.0, 6.0], [95.0, 6.0]])
    sizes = np.tile([30.0, 11.0], (3, 1))
    found = placed(points, sizes, np.arange(3), (100.0, 12.0), 1.0)
    assert set(found) < {0, 1, 2} and 2 in found


def test_only_the_chosen_ones_get_a_label() -> None:
    points = np.random.default_rng(0).uniform(50, 250, size=(9, 2))
    found = placed(points, np.full((9, 2), 10.0), np.array([2, 7]), SIZE, 3.0)
    assert set(found) == {2, 7}
