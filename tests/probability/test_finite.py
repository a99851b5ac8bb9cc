"""What single distributions and vectors share: pdf, equality, closeness, arithmetic, copies."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlj_keras.data.inference import elscitype, scitype
from mlj_keras.data.scitypes import Density, Multiclass, OrderedFactor, Vector
from mlj_keras.errors import DimensionMismatch, InvalidArgument, UnseenLevelError
from mlj_keras.probability import UnivariateFinite, UnivariateFiniteVector

MATRICES = hnp.arrays(
    np.float64, st.tuples(st.integers(0, 12), st.integers(1, 5)), elements=st.floats(1e-3, 1)
)


def vector_of(raw: np.ndarray) -> UnivariateFiniteVector:
    """Normalised rows over the labels c0, c1, ..."""
    rows = raw / raw.sum(axis=1, keepdims=True)
    return UnivariateFiniteVector(rows, tuple(f"c{k}" for k in range(raw.shape[1])))


def abc(*probs: float, **more: Any) -> UnivariateFinite:
    """A distribution over a, b, c, ..."""
    d: UnivariateFinite = UnivariateFinite(list("abcdef"[: len(probs)]), list(probs), **more)
    return d


@given(MATRICES)
def test_probabilities_of_all_levels_sum_to_one_and_logpdf_is_their_logarithm(
    raw: np.ndarray,
) -> None:
    v = vector_of(raw)
    total = sum(v.pdf(level) for level in v.levels)
    np.testing.assert_allclose(total, np.ones(len(v)), rtol=0, atol=len(v.levels) * 2.3e-16)
    np.testing.assert_array_equal(v.logpdf(list(v.levels)), np.log(v.to_numpy()))


@given(MATRICES)
def test_logpdf_is_that_of_a_multinomial_with_one_trial(raw: np.ndarray) -> None:
    for d in vector_of(raw):
        one_hot = np.eye(len(d.levels))
        oracle = scipy.stats.multinomial(1, d.probabilities).logpmf(one_hot)
        np.testing.assert_allclose(d.logpdf(list(d.levels)), oracle, rtol=1e-12, atol=1e-12)


def test_pdf_of_a_label_is_a_float_and_of_a_list_an_array() -> None:
    d = UnivariateFinite(["a", "b"], np.array([0.25, 0.75], dtype="f4"), pool=["a", "b", "c"])
    assert type(d.pdf("a")) is float and d.pdf("a") == 0.25
    assert type(d.logpdf("a")) is float and d.logpdf("a") == pytest.approx(np.log(0.25), rel=1e-6)
    assert d.pdf(["c", "b", "c", "b", "a"]).tolist() == [0, 0.75, 0, 0.75, 0.25]


def test_pdf_of_a_vector_has_a_row_for_each_row_and_a_column_for_each_label_listed() -> None:
    v = UnivariateFinite(["a", "b", "c"], [[0.1, 0.2, 0.7], [0.3, 0.3, 0.4]])
    np.testing.assert_array_equal(v.pdf("b"), [0.2, 0.3])
    np.testing.assert_array_equal(v.pdf(["c", "a"]), [[0.7, 0.1], [0.4, 0.3]])
    np.testing.assert_array_equal(v.logpdf(["c", "a"]), np.log([[0.7, 0.1], [0.4, 0.3]]))
    assert v.pdf([]).shape == (2, 0)


@pytest.mark.parametrize(
    "labels",
    [
        ("b", "a"),
        np.array(["b", "a"]),
        pd.Series(["b", "a"]),
        pd.Categorical(["b", "a"]),
        pl.Series(["b", "a"]),
        pa.array(["b", "a"]),
    ],
)
def test_labels_may_come_in_any_kind_of_column(labels: Any) -> None:
    assert abc(0.25, 0.75).pdf(labels).tolist() == [0.75, 0.25]


@pytest.mark.parametrize("label", [2, np.int64(2), np.uint8(2), 2.0, pa.scalar(2)])
def test_a_number_as_label_is_found_whatever_type_it_has(label: Any) -> None:
    assert UnivariateFinite([1, 2], [0.25, 0.75]).pdf(label) == 0.75


@pytest.mark.parametrize("gone", [None, float("nan"), np.nan, pd.NA, pd.NaT])
def test_the_probability_of_a_missing_label_is_nan(gone: Any) -> None:
    d = abc(0.25, 0.75)
    assert np.isnan(d.pdf(gone)) and np.isnan(d.logpdf(gone))
    np.testing.assert_array_equal(d.pdf(["a", None]), [0.25, np.nan])
    v = UnivariateFinite(["a", "b"], [[0.25, 0.75], [1, 0]])
    np.testing.assert_array_equal(v.pdf(gone), [np.nan, np.nan])


@pytest.mark.parametrize("x", ["z", ["a", "z"], 3, ["a", ["b"]]])
def test_a_label_outside_the_pool_raises_and_names_it_and_the_levels(x: Any) -> None:
    label = x[1] if isinstance(x, list) else x
    message = rf"{label!r} is no level of this distribution, whose levels are 'a', 'b'. Use one"
    for d in (abc(0.25, 0.75), UnivariateFinite(["a", "b"], [[0.25, 0.75]])):
        with pytest.raises(UnseenLevelError) as caught:
            d.pdf(x)
        assert message in str(caught.value)


def test_an_unhashable_label_is_in_no_pool() -> None:
    with pytest.raises(UnseenLevelError, match="{} is no level"):
        abc(0.25, 0.75).pdf({})


def test_a_vector_given_more_labels_than_levels_raises_and_points_at_pdf_at() -> None:
    v = UnivariateFinite(["a", "b"], [[0.25, 0.75]] * 3)
    with pytest.raises(InvalidArgument, match=r"at most 2 of them, got 3. Write pdf_at\(y\)"):
        v.pdf(["a", "b", "a"])


def test_logpdf_of_zero_is_minus_infinity_without_a_warning() -> None:
    assert abc(0.0, 1.0).logpdf("a") == -np.inf


def test_results_of_pdf_can_be_changed_without_changing_the_distribution() -> None:
    v = UnivariateFinite(["a", "b"], [[0.25, 0.75]])
    for result in (v.pdf("a"), v.pdf(["a", "b"]), v.pdf_at(["a"]), v.to_numpy()):
        result[...] = 9
    assert v.pdf("a").tolist() == [0.25]


def test_equality_is_exact_and_over_the_pool() -> None:
    d = abc(0.25, 0.75)
    assert d == abc(0.25, 0.75)
    assert d == UnivariateFinite(["b", "a"], [0.75, 0.25], pool=["a", "b"])
    assert d != abc(0.25, np.nextafter(0.75, 1))
    assert d != UnivariateFinite(["b", "a"], [0.75, 0.25])  # another order of levels
    assert d != abc(0.25, 0.75, ordered=True)
    assert d != UnivariateFinite(["a", "b"], [0.25, 0.75], pool=["a", "b", "c"])
    assert abc(np.nan, 1) != abc(np.nan, 1)
    assert d != "a" and d != UnivariateFinite(["a", "b"], [[0.25, 0.75]])


def test_equality_of_vectors_is_one_bool() -> None:
    v = UnivariateFinite(["a", "b"], [[0.25, 0.75], [1, 0]])
    assert (v == UnivariateFinite(["a", "b"], [[0.25, 0.75], [1, 0]])) is True
    assert (v == v[:1]) is False and (v == v[::-1]) is False
    assert v[0] == abc(0.25, 0.75)


def test_distributions_do_not_hash() -> None:
    with pytest.raises(TypeError, match="unhashable"):
        hash(abc(0.5, 0.5))


def test_closeness_compares_all_levels_from_both_sides() -> None:
    # Comparing over the support of the first alone, 'c' of the second would go unseen.
    narrow = UnivariateFinite(["a", "b"], [0.25, 0.75], pool=["a", "b", "c"])
    wide = UnivariateFinite(["a", "b", "c"], [0.25, 0.75, 0.5])
    assert not narrow.allclose(wide) and not wide.allclose(narrow)
    assert narrow.allclose(UnivariateFinite(["c", "b", "a"], [0, 0.75, 0.25]))


def test_closeness_bounds_the_difference_by_atol_and_rtol_of_the_larger_one() -> None:
    x, near, far = abc(0.5), abc(0.54), abc(0.56)
    for a, b in ((x, near), (near, x)):
        assert a.allclose(b, atol=0.05, rtol=0)
        assert a.allclose(b, atol=0, rtol=0.075)  # 0.04 <= 0.075 * 0.54, but 0.04 > 0.075 * 0.5
    for a, b in ((x, far), (far, x)):
        assert not a.allclose(b, atol=0.05, rtol=0)
        assert not a.allclose(b, atol=0, rtol=0.1)  # 0.06 > 0.1 * 0.56


def test_closeness_is_false_for_other_pools_lengths_and_nan() -> None:
    d = abc(0.25, 0.75)
    assert not d.allclose(UnivariateFinite(["a", "c"], [0.25, 0.75]))
    assert not d.allclose(abc(0.25, 0.75, ordered=True))
    assert not abc(0.25, 0.75, ordered=True).allclose(
        UnivariateFinite(["b", "a"], [0.75, 0.25], ordered=True)
    )
    assert not abc(np.nan).allclose(abc(np.nan))
    v = UnivariateFinite(["a", "b"], [[0.25, 0.75], [1, 0]])
    assert v.allclose(UnivariateFinite(["b", "a"], [[0.75, 0.25], [0, 1]]))
    assert not v.allclose(v[:1])


def test_closeness_to_something_else_raises() -> None:
    with pytest.raises(InvalidArgument, match="with another one, got float. Take an element"):
        abc(0.5, 0.5).allclose(0.5)  # type: ignore[arg-type]  # the error is the subject


def test_sums_differences_and_multiples_are_taken_class_by_class() -> None:
    a, b = abc(0.25, 0.75), abc(0.5, 0.5)
    assert (a + b).pdf(["a", "b"]).tolist() == [0.75, 1.25]
    assert (a - b).pdf(["a", "b"]).tolist() == [-0.25, 0.25]
    assert 2 * a == a * 2 == a * np.float64(2) == np.float64(2) * a == a / 0.5 == a + a
    assert (a + b) / 2 == abc(0.375, 0.625)


def test_arithmetic_keeps_pool_order_and_the_union_of_the_supports() -> None:
    pool = pd.Categorical([], categories=list("abcd"), ordered=True)
    a = UnivariateFinite(["d", "a"], [0.5, 0.5], pool=pool)
    b = UnivariateFinite(["c"], [1], pool=pool)
    assert (a + b).support == ("a", "c", "d") and (a + b).levels == ("a", "b", "c", "d")
    assert (a * 2).support == ("a", "d") and (a + b).ordered


def test_vectors_are_added_row_by_row_and_keep_index_and_origin() -> None:
    v = UnivariateFiniteVector(np.eye(2), ("a", "b"), index=pd.Index([7, 9]))
    mean = (v + v[::-1]) / 2
    np.testing.assert_array_equal(mean.to_numpy(), np.full((2, 2), 0.5))
    assert mean.index.tolist() == [7, 9]
    with pytest.raises(
        DimensionMismatch, match="row by row, got 2 and 1 rows. Take the same rows"
    ):
        v + v[:1]


@pytest.mark.parametrize("sign", [1, -1])
def test_adding_over_different_pools_raises(sign: int) -> None:
    other = UnivariateFinite(["b", "a"], [0.5, 0.5])
    with pytest.raises(
        InvalidArgument, match="'a', 'b' and 'b', 'a'. Build both with the same pool"
    ):
        abc(0.5, 0.5) + other if sign == 1 else abc(0.5, 0.5) - other


def test_arithmetic_with_anything_else_is_a_type_error() -> None:
    d: Any = abc(0.5, 0.5)  # Any: the errors are the subject
    v = UnivariateFinite(["a", "b"], [[0.5, 0.5]])
    for attempt in (
        lambda: d + 1,
        lambda: d - 1,
        lambda: d * d,
        lambda: d / "a",
        lambda: d + v,
        lambda: np.ones(2) * v,
        lambda: np.log(v),
    ):
        with pytest.raises(TypeError):
            attempt()


def test_distributions_are_immutable() -> None:
    v = UnivariateFinite(["a", "b"], [[0.25, 0.75]])
    for d in (v, v[0], pickle.loads(pickle.dumps(v))):
        with pytest.raises(AttributeError, match="cannot assign"):
            d.levels = ("x", "y")
        with pytest.raises(ValueError, match="read-only"):
            d.probabilities[:] = 0


@pytest.mark.parametrize(
    "make", [lambda d: pickle.loads(pickle.dumps(d)), copy.copy, copy.deepcopy]
)
def test_copies_and_pickles_are_equal_and_keep_everything(make: Any) -> None:
    d = UnivariateFinite(["b"], [0.5], pool=["a", "b"], ordered=True)
    again = make(d)
    assert again == d and again.support == ("b",) and type(again) is UnivariateFinite
    v = UnivariateFiniteVector(np.eye(2), ("a", "b"), index=pd.Index([7, 9]), support=("b",))
    again = make(v)
    assert again == v and again.support == ("b",) and again.index.tolist() == [7, 9]
    assert again.origin == v.origin


@pytest.mark.parametrize("kind", [Multiclass, OrderedFactor])
def test_the_scitype_is_a_density_over_the_whole_pool(kind: Any) -> None:
    pool = pd.Categorical([], categories=list("abc"), ordered=kind is OrderedFactor)
    d = UnivariateFinite(["a", "b"], [0.5, 0.5], pool=pool)
    v = UnivariateFinite(["a", "b"], [[0.5, 0.5]], pool=pool)
    assert scitype(d) == elscitype(v) == Density[kind[3]]
    assert scitype(v) == Vector[Density[kind[3]]]
