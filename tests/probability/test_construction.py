"""What `UnivariateFinite(...)` makes of support, probabilities, pool and augmentation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlj_keras.errors import DimensionMismatch, InvalidArgument, TableError, UnseenLevelError
from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector


def test_a_row_of_probabilities_makes_one_distribution_and_a_matrix_a_vector() -> None:
    one = UnivariateFinite(["a", "b"], [0.2, 0.8])
    many = UnivariateFinite(["a", "b"], [[0.2, 0.8], [0.5, 0.5], [1, 0]])
    assert type(one) is UnivariateFinite
    assert type(many) is UnivariateFiniteVector and not isinstance(many, UnivariateFinite)
    assert len(many) == 3
    assert one.levels == many.levels == one.support == many.support == ("a", "b")
    np.testing.assert_array_equal(many.to_numpy(), [[0.2, 0.8], [0.5, 0.5], [1, 0]])


@pytest.mark.parametrize(
    "arguments", [{"probs": [[0.2, 0.5, 0.3]]}, {"support": [[0.2, 0.5, 0.3]]}]
)
def test_probabilities_alone_invent_classes_numbered_from_one(arguments: dict[str, Any]) -> None:
    v = UnivariateFinite(**arguments)
    assert v.levels == ("class_1", "class_2", "class_3")
    np.testing.assert_array_equal(v.to_numpy(), [[0.2, 0.5, 0.3]])


def test_invented_classes_count_the_one_that_augmentation_adds() -> None:
    assert UnivariateFinite(probs=[0.3, 0.7]).levels == ("class_1", "class_2")
    assert UnivariateFinite(probs=0.3, augment=True).levels == ("class_1", "class_2")
    vector = UnivariateFinite(probs=[0.1, 0.2, 0.3], augment=True)
    assert isinstance(vector, UnivariateFiniteVector) and vector.levels == ("class_1", "class_2")
    assert UnivariateFinite(probs=np.full((4, 2), 0.25), augment=True).levels == (
        "class_1",
        "class_2",
        "class_3",
    )


def test_augmenting_two_classes_takes_the_probability_of_the_second_class() -> None:
    one = UnivariateFinite(["no", "yes"], 0.25, augment=True)
    assert isinstance(one, UnivariateFinite)
    assert (one.pdf("no"), one.pdf("yes")) == (0.75, 0.25)
    v = UnivariateFinite(["no", "yes"], [0.1, 0.2], augment=True)
    np.testing.assert_array_equal(v.pdf("yes"), [0.1, 0.2])
    np.testing.assert_array_equal(v.pdf("no"), [0.9, 0.8])
    assert len(UnivariateFinite(["no", "yes"], [0.1], augment=True)) == 1


def test_augmenting_three_classes_puts_the_remainder_first() -> None:
    rest = np.array([[0.25, 0.5], [0.0, 0.0], [0.5, 0.5]])
    v = UnivariateFinite(["a", "b", "c"], rest, augment=True)
    np.testing.assert_array_equal(v.to_numpy(), [[0.25, 0.25, 0.5], [1, 0, 0], [0, 0.5, 0.5]])
    assert UnivariateFinite(["a", "b", "c"], [0.25, 0.5], augment=True) == v[0]


def test_the_first_class_of_augmentation_is_that_of_the_support_and_not_of_the_pool() -> None:
    d = UnivariateFinite(["b", "c", "a"], [0.5, 0.25], pool=["a", "b", "c"], augment=True)
    assert d.pdf(["a", "b", "c"]).tolist() == [0.25, 0.25, 0.5]


@given(
    hnp.arrays(
        np.float64, st.tuples(st.integers(1, 20), st.integers(2, 6)), elements=st.floats(0, 1)
    )
)
def test_augmentation_gives_back_the_column_that_was_left_out(raw: np.ndarray) -> None:
    raw = raw + 1e-3
    matrix = raw / raw.sum(axis=1, keepdims=True)
    classes = [f"c{k}" for k in range(matrix.shape[1])]
    rest = matrix[:, 1] if matrix.shape[1] == 2 else matrix[:, 1:]
    v = UnivariateFinite(classes, rest, augment=True)
    np.testing.assert_array_equal(v.to_numpy()[:, 1:], matrix[:, 1:])
    # K additions, each with a relative rounding of half an ulp of at most 1.
    np.testing.assert_allclose(v.pdf("c0"), matrix[:, 0], rtol=0, atol=len(classes) * 2.3e-16)
    assert (v.to_numpy() >= 0).all()


def test_a_sum_above_one_by_rounding_alone_leaves_the_first_class_zero() -> None:
    rest = [0.1 + 0.2, 0.7]  # the double nearest to 0.1 + 0.2 lies above 0.3
    assert sum(np.nextafter(rest, 1)) > 1
    d = UnivariateFinite(["a", "b", "c"], np.nextafter(rest, 1), augment=True)
    assert d.pdf("a") == 0


@pytest.mark.parametrize("probs", [[0.6, 0.5], [[0.1, 0.1], [0.6, 0.5]]])
def test_augmenting_rows_that_sum_to_more_than_one_raises(probs: Any) -> None:
    with pytest.raises(InvalidArgument, match="must not sum to more than 1, got 1.1. Normalise"):
        UnivariateFinite(["a", "b", "c"], probs, augment=True)


@pytest.mark.parametrize("wrong", [1.5, -0.1, np.nan])
def test_augmenting_an_entry_outside_zero_to_one_raises(wrong: float) -> None:
    with pytest.raises(InvalidArgument, match=rf"lie in \[0, 1\], got {wrong:.3g}. Correct"):
        UnivariateFinite(["a", "b"], [0.5, wrong], augment=True)


@pytest.mark.parametrize("probs", [[0.1, 0.2, 0.3], 0.1, [[[0.1, 0.2]]]])
def test_augmenting_a_wrong_number_of_columns_raises(probs: Any) -> None:
    with pytest.raises(DimensionMismatch, match="all but the first, got the shape .* Leave the"):
        UnivariateFinite(["a", "b", "c"], probs, augment=True)


def test_augmenting_a_binary_matrix_raises_and_asks_for_one_axis() -> None:
    with pytest.raises(DimensionMismatch, match=r"got the shape \(2, 1\). Write probs.ravel\(\)"):
        UnivariateFinite(["no", "yes"], [[0.1], [0.2]], augment=True)


@pytest.mark.parametrize("probs", [[0.5, 0.5], [[0.5, 0.5]], 0.5, np.zeros((2, 2, 3))])
def test_a_wrong_shape_without_augment_raises_and_names_augment(probs: Any) -> None:
    with pytest.raises(DimensionMismatch, match="3 classes 'a', 'b', 'c'.*write augment=True"):
        UnivariateFinite(["a", "b", "c"], probs)


def test_levels_of_the_pool_outside_the_support_have_probability_zero() -> None:
    d = UnivariateFinite(["c", "a"], [0.25, 0.75], pool=["a", "b", "c", "d"])
    assert d.levels == ("a", "b", "c", "d")
    assert d.support == ("a", "c")
    assert d.pdf(["a", "b", "c", "d"]).tolist() == [0.75, 0, 0.25, 0]


def test_a_support_in_another_order_than_the_pool_is_matched_by_label_and_not_by_position() -> (
    None
):
    d = UnivariateFinite(["b", "a"], [0.9, 0.1], pool=["a", "b"])
    assert d.levels == d.support == ("a", "b")
    assert d == UnivariateFinite(["a", "b"], [0.1, 0.9])


@pytest.mark.parametrize(
    "pool",
    [
        pd.Series(pd.Categorical(["a"], categories=["b", "a", "z"], ordered=True)),
        pd.Categorical([], categories=["b", "a", "z"], ordered=True),
        pl.Series(["a"], dtype=pl.Enum(["b", "a", "z"])),
        pa.DictionaryArray.from_arrays(pa.array([0]), pa.array(["b", "a", "z"]), ordered=True),
        UnivariateFinite(["b", "a", "z"], [1, 0, 0], ordered=True),
        UnivariateFinite(["b", "a", "z"], [[1, 0, 0]], ordered=True),
    ],
    ids=["pandas series", "pandas", "polars", "pyarrow", "distribution", "vector"],
)
def test_a_categorical_pool_of_any_kind_brings_levels_and_order(pool: Any) -> None:
    d = UnivariateFinite(["a", "b"], [0.25, 0.75], pool=pool)
    assert d.levels == ("b", "a", "z") and d.ordered
    assert d.support == ("b", "a")
    assert d.pdf(["a", "b", "z"]).tolist() == [0.25, 0.75, 0]


@pytest.mark.parametrize(
    "pool", [("a", "b", "c"), np.array(["a", "b", "c"]), pd.Index(list("abc"))]
)
def test_a_plain_sequence_is_a_pool_in_its_order(pool: Any) -> None:
    d = UnivariateFinite(["b"], [1.0], pool=pool)
    assert d.levels == ("a", "b", "c") and not d.ordered
    assert all(type(level) is str for level in d.levels)
    assert UnivariateFinite(["b"], [1.0], pool=pool, ordered=True).ordered


def test_without_a_pool_the_support_is_the_pool_in_the_order_given() -> None:
    d = UnivariateFinite(["z", "a"], [0.5, 0.5], ordered=True)
    assert d.levels == ("z", "a") and d.ordered


def test_a_categorical_support_brings_its_own_pool() -> None:
    column = pd.Categorical(["c", "a"], categories=["a", "b", "c"], ordered=True)
    d = UnivariateFinite(column, [0.25, 0.75])
    assert d.levels == ("a", "b", "c") and d.support == ("a", "c") and d.ordered
    assert d.pdf("c") == 0.25
    assert UnivariateFinite(column, [0.25, 0.75], pool=["c", "b", "a"]).levels == ("c", "b", "a")


def test_a_class_outside_the_pool_raises_and_names_it() -> None:
    with pytest.raises(
        UnseenLevelError, match="'z' is no level of pool, whose levels are 'a', 'b'"
    ):
        UnivariateFinite(["a", "z"], [0.5, 0.5], pool=["a", "b"])


@pytest.mark.parametrize("probs", [{"b": 0.8, "a": 0.2}, {"b": [0.8], "a": [0.2]}])
def test_a_mapping_gives_each_class_a_number_or_a_column(probs: dict[str, Any]) -> None:
    d = UnivariateFinite(probs, pool=["a", "b", "c"])
    assert isinstance(
        d, UnivariateFiniteVector if isinstance(probs["a"], list) else UnivariateFinite
    )
    assert d.levels == ("a", "b", "c") and d.support == ("a", "b")
    np.testing.assert_array_equal(d.pdf(["a", "b", "c"]).ravel(), [0.2, 0.8, 0])
    assert UnivariateFinite(probs).levels == ("b", "a")


def test_a_mapping_with_columns_of_different_lengths_raises() -> None:
    with pytest.raises(DimensionMismatch, match=r"one shape, got \[\(1,\), \(2,\)\]. Give"):
        UnivariateFinite({"a": [0.2], "b": [0.8, 0.1]})


@pytest.mark.parametrize(
    "more, got", [({"probs": [1]}, "probs"), ({"augment": True}, "augment=True")]
)
def test_a_mapping_beside_other_probabilities_raises(more: dict[str, Any], got: str) -> None:
    with pytest.raises(
        InvalidArgument, match=f"stands alone, got it with {got}. Give every class"
    ):
        UnivariateFinite({"a": 0.2, "b": 0.8}, **more)


@pytest.mark.parametrize(
    "support, pool, message",
    [
        (["a", "a"], None, "support names 'a' more than once. Name each class once"),
        (["a", "b"], ["a", "b", "b"], "pool names 'b' more than once"),
        (["a", None], None, "support contains a missing value, which is no class. Leave it out"),
        ([1.0, np.nan], None, "support contains a missing value"),
        (pd.Categorical(["a", None]), None, "support contains a missing value"),
        ([["a"], ["b"]], None, "labels that do not hash.*Use strings or numbers"),
    ],
)
def test_labels_that_cannot_be_classes_raise(support: Any, pool: Any, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        UnivariateFinite(support, [0.5, 0.5], pool=pool)


@pytest.mark.parametrize("arguments", [([], []), ({},), (None, []), ([], np.empty((3, 0)))])
def test_an_empty_support_raises(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(InvalidArgument, match="at least one class, got an empty support"):
        UnivariateFinite(*arguments)


def test_a_support_that_is_no_column_raises() -> None:
    with pytest.raises(TableError, match="support must be a column"):
        UnivariateFinite("ab", [0.5, 0.5])


def test_no_probabilities_at_all_raise() -> None:
    with pytest.raises(InvalidArgument, match="needs probabilities, got none. Write Univ"):
        UnivariateFinite()


@pytest.mark.parametrize("probs", [["a", "b"], [[0.5], [0.5, 0.5]], [object(), 1], [1j, 0]])
def test_probabilities_that_are_no_numbers_raise(probs: Any) -> None:
    with pytest.raises(
        InvalidArgument, match="must be numbers in rows of equal length.*classes first"
    ):
        UnivariateFinite(["a", "b"], probs)


def test_a_pool_without_a_support_raises() -> None:
    with pytest.raises(
        InvalidArgument, match=r"without a support.*UnivariateFinite\(levels\(pool\)"
    ):
        UnivariateFinite(probs=[0.5, 0.5], pool=["a", "b"])


@pytest.mark.parametrize("wrong", [-0.5, np.inf])
def test_negative_and_infinite_probabilities_raise(wrong: float) -> None:
    with pytest.raises(InvalidArgument, match=f"not negative, got {wrong:.3g}. Apply a softmax"):
        UnivariateFinite(["a", "b"], [0.5, wrong])


def test_probabilities_may_be_missing_and_need_not_sum_to_one() -> None:
    d = UnivariateFinite(["a", "b", "c"], [np.nan, 2.0, 0.5])
    np.testing.assert_array_equal(d.pdf(["a", "b", "c"]), [np.nan, 2, 0.5])


@pytest.mark.parametrize(
    "given_dtype, kept",
    [("f4", "f4"), ("f8", "f8"), ("i8", "f8"), ("?", "f8"), ("f2", "f8"), ("O", "f8")],
)
def test_single_precision_is_kept_and_other_numbers_become_double(
    given_dtype: str, kept: str
) -> None:
    v = UnivariateFinite(["a", "b"], np.array([[0, 1]], dtype=given_dtype), pool=["a", "b", "c"])
    assert v.probabilities.dtype == np.dtype(kept)


def test_the_users_array_is_copied_so_that_later_changes_do_not_reach_the_distribution() -> None:
    matrix = np.array([[0.25, 0.75]])
    v = UnivariateFinite(["a", "b"], matrix)
    matrix[:] = 0
    assert v.pdf("b").tolist() == [0.75]
