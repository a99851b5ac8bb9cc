"""Confusion matrices as values: what is looked up, added, compared, copied and drawn."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from mlj_keras.errors import InvalidArgument, UnseenLevelError, UnsupportedOperation
from mlj_keras.measures.confusion_value import (
    ConfusionMatrixValue,
    counted,
    permuted,
    ratio,
    with_levels,
)
from mlj_keras.measures.reading import read_classes

CM = ConfusionMatrixValue(("no", "yes"), [[5, 1], [2, 7]])  # type: ignore[arg-type]
ORDERED = ConfusionMatrixValue(("no", "yes"), [[5, 1], [2, 7]], ordered=True)  # type: ignore[arg-type]


def test_labels_look_up_a_count_and_unknown_ones_raise() -> None:
    assert (CM("yes", "no"), CM("no", "yes")) == (2, 1)
    assert type(CM("yes", "no")) is int
    with pytest.raises(UnseenLevelError, match=r"'maybe' is no level.*\['no', 'yes'\]"):
        CM("yes", "maybe")


def test_an_index_needs_an_order_and_the_error_says_what_to_write() -> None:
    assert ORDERED[1, 0] == 2
    np.testing.assert_array_equal(ORDERED[0], [5, 1])
    with pytest.raises(UnsupportedOperation, match=r"Write cm\(prediction, truth\) with labels"):
        CM[1, 0]


def test_the_matrix_can_be_read_only_also_in_a_copy() -> None:
    source = np.array([[5, 1], [2, 7]])
    cm = ConfusionMatrixValue(("no", "yes"), source)
    source[0, 0] = 99
    assert cm("no", "no") == 5
    for one in (cm, copy.deepcopy(cm), pickle.loads(pickle.dumps(cm))):
        assert one == cm
        with pytest.raises(ValueError, match="read-only"):
            one.matrix[0, 0] = 3


@pytest.mark.parametrize(
    ("levels", "matrix"), [(("a", "b"), [[1]]), (("a",), [[1, 2]]), (("a", "a"), np.eye(2))]
)
def test_a_matrix_of_another_shape_or_a_repeated_level_raises(
    levels: tuple[str, ...], matrix: np.ndarray
) -> None:
    with pytest.raises(InvalidArgument, match="one row and one column for each level, all diff"):
        ConfusionMatrixValue(levels, matrix)


def test_matrices_of_the_same_levels_add_up_by_label() -> None:
    swapped = permuted(CM, (1, 0))
    unordered = ConfusionMatrixValue(swapped.levels, swapped.matrix)
    both = CM + unordered
    assert both.levels == CM.levels
    np.testing.assert_array_equal(both.matrix, 2 * CM.matrix)
    assert not both.ordered and (ORDERED + ORDERED).ordered


def test_matrices_of_other_levels_or_another_order_do_not_add_up() -> None:
    other = ConfusionMatrixValue(("no", "maybe"), [[1, 0], [0, 1]])  # type: ignore[arg-type]
    for left, right in ((CM, other), (ORDERED, permuted(ORDERED, (1, 0)))):
        with pytest.raises(InvalidArgument, match=r"Make both with ConfusionMatrix\(levels="):
            left + right
    with pytest.raises(TypeError, match="unsupported operand"):
        CM + 1


def test_equality_is_of_labels_unless_both_are_ordered() -> None:
    swapped = permuted(CM, (1, 0))
    assert CM == ORDERED and CM == swapped
    assert ORDERED != swapped
    assert CM != CM + CM and CM != "cm"
    assert CM != ConfusionMatrixValue(("a", "b"), CM.matrix)
    assert ConfusionMatrixValue.__hash__ is None


def test_levels_are_rearranged_with_zeros_for_new_ones() -> None:
    wide = with_levels(CM, ["yes", "new", "no"])
    np.testing.assert_array_equal(wide.matrix, [[7, 0, 2], [0, 0, 0], [1, 0, 5]])
    assert wide.ordered


def test_levels_that_occur_are_left_out_only_without_checks() -> None:
    with pytest.raises(UnseenLevelError, match=r"levels=\['yes'\] lack \['no'\].*checks=False"):
        with_levels(CM, ["yes"])
    np.testing.assert_array_equal(with_levels(CM, ["yes"], checks=False).matrix, [[7]])
    idle = ConfusionMatrixValue(("no", "yes", "idle"), np.diag([5, 7, 0]))
    np.testing.assert_array_equal(with_levels(idle, ["yes", "no"]).matrix, [[7, 0], [0, 5]])


def test_codes_are_counted_with_predictions_as_rows() -> None:
    pair = read_classes("test", [3, 1, 3, 3], [1, 1, 3, 2])
    cm = counted(pair)
    assert cm.levels == (1, 2, 3)
    np.testing.assert_array_equal(cm.matrix, [[1, 0, 0], [0, 0, 0], [1, 1, 1]])


def test_a_quotient_of_nothing_is_nan() -> None:
    np.testing.assert_array_equal(ratio(np.array([0, 1]), np.array([0, 4])), [np.nan, 0.25])
    assert np.isnan(ratio(0, 0))


def test_the_frame_has_predictions_down_and_the_truth_across() -> None:
    frame = CM.to_pandas()
    assert (frame.index.name, frame.columns.name) == ("predicted", "ground_truth")
    assert frame.loc["yes", "no"] == 2
    frame.loc["yes", "no"] = 99
    assert CM("yes", "no") == 2


def test_plot_draws_the_counts_on_the_axes_given() -> None:
    plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")
    _, axes = plt.subplots()
    assert CM.plot(axes=axes, title="folds") is axes
    assert [text.get_text() for text in axes.texts] == ["5", "1", "2", "7"]
    assert axes.get_title() == "folds"
    plt.close("all")
