"""The made data sets: geometry without noise, sizes, levels, reproducibility, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlj_keras.data.datasets import make_blobs, make_circles, make_moons, make_regression
from mlj_keras.errors import DimensionMismatch, InvalidArgument

MAKERS = [make_blobs, make_circles, make_moons, make_regression]
sizes = st.integers(1, 60)
seeds = st.integers(0, 2**32)


def refit(X: np.ndarray, y: np.ndarray, *, intercept: bool) -> np.ndarray:
    """Least-squares weights of y on X; asserts that y is linear in X up to rounding."""
    design = np.column_stack([X, np.ones(len(X))]) if intercept else X
    weights = np.linalg.lstsq(design, y)[0]
    # 1e-12: some thousand units in the last place of responses of order one
    np.testing.assert_allclose(design @ weights, y, rtol=0, atol=1e-12)
    return weights


# What all makers share


@pytest.mark.parametrize("make", MAKERS)
def test_an_int_seed_gives_the_same_data_twice_and_another_seed_other_data(
    make: Callable[..., Any],
) -> None:
    X, y = make(20, rng=7)
    X_again, y_again = make(20, rng=7)
    pd.testing.assert_frame_equal(X, X_again)
    pd.testing.assert_series_equal(y, y_again)
    assert not X.equals(make(20, rng=8)[0])


@pytest.mark.parametrize("make", MAKERS)
def test_a_generator_is_advanced_and_none_draws_afresh(make: Callable[..., Any]) -> None:
    generator = np.random.default_rng(0)
    first, second = make(20, rng=generator)[0], make(20, rng=generator)[0]
    assert not first.equals(second)
    pd.testing.assert_frame_equal(first, make(20, rng=np.random.default_rng(0))[0])
    assert not make(20)[0].equals(make(20)[0])


@pytest.mark.parametrize("make", MAKERS)
def test_the_global_generator_of_numpy_is_neither_read_nor_moved(make: Callable[..., Any]) -> None:
    kind, keys, *rest = np.random.get_state(legacy=True)
    make(20)
    make(20, rng=1)
    kind_after, keys_after, *rest_after = np.random.get_state(legacy=True)
    assert (kind, rest) == (kind_after, rest_after)
    np.testing.assert_array_equal(keys, keys_after)


@pytest.mark.parametrize("make", MAKERS)
def test_tables_have_float64_columns_x1_x2_and_a_target_named_y(make: Callable[..., Any]) -> None:
    X, y = make(11, rng=0)
    assert isinstance(X, pd.DataFrame) and list(X.columns) == ["x1", "x2"]
    assert (X.dtypes == np.float64).all()
    assert isinstance(y, pd.Series) and y.name == "y"
    pd.testing.assert_index_equal(X.index, pd.RangeIndex(11), exact=True)
    pd.testing.assert_index_equal(y.index, pd.RangeIndex(11), exact=True)


@pytest.mark.parametrize("make", MAKERS)
def test_arrays_hold_the_same_numbers_as_tables(make: Callable[..., Any]) -> None:
    table, column = make(11, rng=0)
    X, y = make(11, rng=0, as_table=False)
    assert type(X) is np.ndarray and type(y) is np.ndarray
    np.testing.assert_array_equal(X, table.to_numpy())
    np.testing.assert_array_equal(y, column.to_numpy())


@pytest.mark.parametrize("make", [make_blobs, make_circles, make_moons])
def test_classes_are_unordered_categories_of_ints_and_plain_ints_in_arrays(
    make: Callable[..., Any],
) -> None:
    _, y = make(12, rng=0)
    assert isinstance(y.dtype, pd.CategoricalDtype) and not y.cat.ordered
    assert list(y.cat.categories) == ([1, 2, 3] if make is make_blobs else [0, 1])
    assert y.cat.categories.dtype == np.int64
    assert make(12, rng=0, as_table=False)[1].dtype == np.int64


@pytest.mark.parametrize("make", MAKERS)
def test_eltype_rounds_the_same_points(make: Callable[..., Any]) -> None:
    X, _ = make(20, rng=3, eltype=np.float32)
    assert (X.dtypes == np.float32).all()
    pd.testing.assert_frame_equal(X, make(20, rng=3)[0].astype(np.float32))


@pytest.mark.parametrize("make", [make_blobs, make_circles, make_moons])
def test_shuffling_permutes_the_rows_and_keeps_points_with_their_labels(
    make: Callable[..., Any],
) -> None:
    X, y = make(50, rng=5, as_table=False)
    X_sorted, y_sorted = make(50, rng=5, as_table=False, shuffle=False)
    assert (np.diff(y_sorted) >= 0).all()
    assert (np.diff(y) < 0).any()
    rows, rows_sorted = np.column_stack([X, y]), np.column_stack([X_sorted, y_sorted])
    np.testing.assert_array_equal(rows[np.lexsort(rows.T)], rows_sorted[np.lexsort(rows_sorted.T)])


@pytest.mark.parametrize("make", [make_circles, make_moons, make_regression])
def test_one_seed_gives_the_same_points_under_more_or_less_noise(make: Callable[..., Any]) -> None:
    quiet, small, large = (make(30, rng=2, noise=s, as_table=False) for s in (0.0, 0.1, 0.2))
    part = 1 if make is make_regression else 0
    difference = small[part] - quiet[part]
    assert (difference != 0).all()
    # atol: rounding of coordinates of order one
    np.testing.assert_allclose(large[part] - quiet[part], 2 * difference, atol=1e-14)


# Blobs


@given(n=sizes, p=st.integers(1, 4), c=st.integers(1, 5), seed=seeds)
@settings(deadline=None, max_examples=50)
def test_blobs_have_equal_sizes_with_the_remainder_in_the_last_class(
    n: int, p: int, c: int, seed: int
) -> None:
    X, y = make_blobs(n, p, centers=c, rng=seed)
    assert X.shape == (n, p)
    counts = y.value_counts(sort=False)
    assert list(counts.index) == list(range(1, c + 1))
    assert counts.tolist() == [n // c] * (c - 1) + [n // c + n % c]


def test_blobs_without_spread_sit_on_the_given_centres() -> None:
    centers = np.array([[1.0, 2.0, 3.0], [-4.0, 5.5, 0.0]])
    X, y = make_blobs(25, 3, centers=centers, cluster_std=0, rng=0, as_table=False)
    np.testing.assert_array_equal(X, centers[y - 1])


def test_given_centres_may_be_lists_and_are_left_alone() -> None:
    centers = [[0, 0], [1, 1]]
    X, _ = make_blobs(4, centers=centers, cluster_std=0.0, shuffle=False, rng=0, as_table=False)
    assert X.tolist() == [[0, 0], [0, 0], [1, 1], [1, 1]]
    assert centers == [[0, 0], [1, 1]]


@given(seed=seeds, low=st.floats(-50, 49), width=st.floats(0.01, 10))
@settings(deadline=None, max_examples=50)
def test_drawn_centres_lie_in_the_box_one_point_a_class(
    seed: int, low: float, width: float
) -> None:
    box = (low, low + width)
    X, y = make_blobs(12, 3, centers=4, cluster_std=0, center_box=box, rng=seed, as_table=False)
    assert (X >= box[0]).all() and (X <= box[1]).all()
    assert len(np.unique(X, axis=0)) == len(np.unique(y)) == 4


def test_each_blob_is_spread_by_its_own_standard_deviation_around_its_centre() -> None:
    centers = np.array([[0.0, 0.0], [100.0, 50.0]])
    one: dict[str, Any] = {"centers": centers, "rng": 1, "shuffle": False, "as_table": False}
    X, y = make_blobs(4000, cluster_std=[1.0, 3.0], **one)
    unit, _ = make_blobs(4000, cluster_std=1.0, **one)
    z = (X - centers[y - 1]) / np.array([1.0, 3.0])[y - 1, np.newaxis]
    np.testing.assert_allclose(z, unit - centers[y - 1], atol=1e-12)
    # 8000 standard normal numbers: the mean has deviation 0.011, the standard deviation 0.008.
    assert abs(z.mean()) < 5 * 0.0112
    assert abs(z.std() - 1) < 5 * 0.0079


# Circles and moons


@given(n=sizes, seed=seeds, factor=st.floats(0.01, 0.99))
@settings(deadline=None, max_examples=50)
def test_circles_without_noise_have_radius_factor_inside_and_one_outside(
    n: int, seed: int, factor: float
) -> None:
    X, y = make_circles(n, factor=factor, rng=seed, as_table=False)
    assert int((y == 0).sum()) == n // 2
    radii = np.hypot(X[:, 0], X[:, 1])
    np.testing.assert_allclose(radii, np.where(y == 0, factor, 1.0), rtol=1e-14)


def test_circles_are_covered_all_around() -> None:
    X, _ = make_circles(4000, rng=0, as_table=False)
    quadrant = 2 * (X[:, 0] > 0) + (X[:, 1] > 0)
    # binomial(4000, 1/4): deviation 27.4
    assert (abs(np.bincount(quadrant) - 1000) < 5 * 27.4).all()


@given(n=sizes, seed=seeds, xshift=st.floats(-3, 3), yshift=st.floats(-3, 3))
@settings(deadline=None, max_examples=50)
def test_moons_without_noise_are_an_upper_and_a_shifted_lower_half_circle(
    n: int, seed: int, xshift: float, yshift: float
) -> None:
    X, y = make_moons(n, noise=0.0, xshift=xshift, yshift=yshift, rng=seed, as_table=False)
    assert int((y == 0).sum()) == n // 2
    upper, lower = X[y == 0], X[y == 1] - [xshift, yshift]
    np.testing.assert_allclose(np.hypot(upper[:, 0], upper[:, 1]), 1.0, rtol=1e-14)
    # Adding the shift and taking it off again rounds coordinates of order one.
    np.testing.assert_allclose(np.hypot(lower[:, 0], lower[:, 1]), 1.0, rtol=1e-14)
    assert (upper[:, 1] >= 0).all()
    assert (lower[:, 1] <= 1e-14).all()


def test_moons_are_covered_from_end_to_end() -> None:
    X, y = make_moons(4000, noise=0.0, rng=0, as_table=False)
    left = X[:, 0] < np.where(y == 0, 0.0, 1.0)
    # binomial(4000, 1/2): deviation 31.6
    assert abs(int(left.sum()) - 2000) < 5 * 31.6


def test_the_defaults_are_those_of_mljbase() -> None:
    assert len(make_blobs(rng=0)[0]) == len(make_circles(rng=0)[0]) == 100
    assert len(make_regression(rng=0)[0]) == 100
    assert len(make_moons(rng=0)[0]) == 150
    for make, given_out in (
        (make_circles, {"noise": 0.0, "factor": 0.8}),
        (make_moons, {"noise": 0.1, "xshift": 1.0, "yshift": 0.3}),
        (make_regression, {"noise": 0.1, "sparse": 0.0, "outliers": 0.0, "intercept": True}),
        (make_blobs, {"centers": 3, "cluster_std": 1.0, "center_box": (-10.0, 10.0)}),
    ):
        pd.testing.assert_frame_equal(make(rng=4)[0], make(rng=4, **given_out)[0])


# Regression


@pytest.mark.parametrize("intercept", [True, False])
@given(p=st.integers(1, 5), seed=seeds)
@settings(deadline=None, max_examples=50)
def test_a_response_without_noise_is_linear_with_an_intercept_only_if_wanted(
    p: int, seed: int, *, intercept: bool
) -> None:
    X, y = make_regression(40, p, noise=0, intercept=intercept, rng=seed, as_table=False)
    assert X.shape == (40, p) and y.shape == (40,)
    weights = refit(X, y, intercept=True)
    if intercept:
        assert abs(weights[-1]) > 1e-10
    else:
        refit(X, y, intercept=False)


@pytest.mark.parametrize(
    ("sparse", "n_zeros"), [(0.0, 0), (0.2, 2), (0.5, 5), (0.8, 8), (0.99, 9)]
)
def test_sparse_is_the_proportion_of_weights_of_each_response_that_is_zero(
    sparse: float, n_zeros: int
) -> None:
    X, y = make_regression(60, 9, n_targets=3, sparse=sparse, noise=0, rng=0, as_table=False)
    weights = refit(X, y, intercept=True)
    assert (np.count_nonzero(abs(weights) < 1e-10, axis=0) == n_zeros).all()


@pytest.mark.parametrize(("outliers", "count"), [(0.0, 0), (0.1, 20), (1.0, 200)])
def test_outliers_move_the_stated_proportion_of_responses_by_twenty_normals(
    outliers: float, count: int
) -> None:
    X, y = make_regression(200, outliers=outliers, rng=0, as_table=False)
    X_clean, y_clean = make_regression(200, rng=0, as_table=False)
    moved = y != y_clean
    np.testing.assert_array_equal(X, X_clean)
    assert int(moved.sum()) == count
    if count == 200:
        # the standard deviation of 200 normals is within 5 % of its own, in deviation
        assert abs((y - y_clean).std() / 20 - 1) < 5 * 0.05


def test_noise_has_the_stated_standard_deviation() -> None:
    y, y_clean = (make_regression(4000, noise=s, rng=0, as_table=False)[1] for s in (0.5, 0.0))
    # the standard deviation of 4000 normals has a relative deviation of 0.0112
    assert abs((y - y_clean).std() / 0.5 - 1) < 5 * 0.0112


def test_a_binary_target_is_one_with_the_probability_that_the_sigmoid_of_the_response_says() -> (
    None
):
    X, y = make_regression(4000, binary=True, noise=0, rng=0, as_table=False)
    X_same, z = make_regression(4000, noise=0, rng=0, as_table=False)
    np.testing.assert_array_equal(X, X_same)
    probability = 1 / (1 + np.exp(-z))
    surprise = y - probability
    deviation = np.sqrt((probability * (1 - probability)).sum())
    assert abs(surprise.sum()) < 5 * deviation
    assert abs((surprise * np.sign(z)).sum()) < 5 * deviation
    assert set(np.unique(y)) == {0, 1}


def test_a_binary_target_has_both_categories_even_if_one_is_not_seen() -> None:
    _, y = make_regression(1, binary=True, rng=0)
    assert list(y.cat.categories) == [0, 1] and not y.cat.ordered


def test_several_targets_are_a_frame_or_a_matrix_each_with_its_own_weights() -> None:
    X, y = make_regression(30, 4, n_targets=3, noise=0, rng=0)
    assert isinstance(y, pd.DataFrame) and list(y.columns) == ["y1", "y2", "y3"]
    assert (y.dtypes == np.float64).all()
    assert np.linalg.matrix_rank(refit(X.to_numpy(), y.to_numpy(), intercept=True)) == 3
    array = make_regression(30, 4, n_targets=3, noise=0, rng=0, as_table=False)[1]
    np.testing.assert_array_equal(array, y.to_numpy())
    _, classes = make_regression(30, n_targets=2, binary=True, rng=0)
    assert [list(classes[name].cat.categories) for name in ("y1", "y2")] == [[0, 1], [0, 1]]


def test_features_are_standard_normal_and_eltype_applies_to_the_response_too() -> None:
    X, y = make_regression(4000, rng=0, as_table=False, eltype="float32")
    assert X.dtype == y.dtype == np.float32
    assert abs(X.mean()) < 5 * 0.0112 and abs(X.std() - 1) < 5 * 0.0079


# Refusals


@pytest.mark.parametrize(
    ("make", "arguments", "message"),
    [
        (make_blobs, {"n": 0}, r"n must be an int of at least 1, got 0\. Write n="),
        (make_circles, {"n": -3}, r"n must be an int of at least 1, got -3"),
        (make_moons, {"n": 10.0}, r"n must be an int of at least 1, got 10\.0"),
        (make_regression, {"n": True}, r"n must be an int of at least 1, got True"),
        (make_blobs, {"p": 0}, r"p must be an int of at least 1, got 0"),
        (make_regression, {"p": 0}, r"p must be an int of at least 1, got 0"),
        (make_regression, {"n_targets": 0}, r"n_targets must be an int of at least 1, got 0"),
        (make_blobs, {"centers": 0}, r"centers must be an int of at least 1, got 0"),
        (make_blobs, {"centers": 2.5}, r"centers must be an int of at least 1, got 2\.5"),
        (make_blobs, {"centers": [[1, 2], [3]]}, r"centers must hold numbers, in rows of equal"),
        (make_blobs, {"centers": [[1, np.nan]]}, r"centers must be finite.*Replace missing"),
        (
            make_blobs,
            {"cluster_std": -1.0},
            r"cluster_std must not be negative, got -1\.0\. Write",
        ),
        (make_blobs, {"cluster_std": [1, -1, 1]}, r"cluster_std must not be negative"),
        (make_blobs, {"cluster_std": "wide"}, r"cluster_std must hold numbers.*Pass numbers"),
        (make_blobs, {"center_box": (1, 1)}, r"center_box must be a pair \(a, b\) with a < b"),
        (make_blobs, {"center_box": (0, 1, 2)}, r"pair .* got \(0, 1, 2\)\. Write center_box="),
        (make_circles, {"noise": -0.1}, r"noise must be a number of at least 0, got -0\.1\. Pass"),
        (make_moons, {"noise": float("nan")}, r"noise must be a number of at least 0, got nan"),
        (make_regression, {"noise": "0.1"}, r"noise must be a number of at least 0, got '0\.1'"),
        (make_circles, {"factor": 1.0}, r"factor must be a number in \(0, 1\), got 1\.0"),
        (make_circles, {"factor": 0}, r"factor must be a number in \(0, 1\), got 0"),
        (make_moons, {"xshift": float("inf")}, r"xshift must be a finite number, got inf"),
        (make_moons, {"yshift": None}, r"yshift must be a finite number, got None"),
        (make_regression, {"sparse": 1.0}, r"sparse must be a number in \[0, 1\), got 1\.0"),
        (make_regression, {"outliers": 1.1}, r"outliers must be a number in \[0, 1\], got 1\.1"),
        (make_blobs, {"eltype": int}, r"eltype must be float16, float32 or float64, got .*int"),
        (make_moons, {"eltype": "wide"}, r"eltype must be float16.*got 'wide'\. Write eltype="),
    ],
)
def test_impossible_arguments_are_refused_with_name_value_and_advice(
    make: Callable[..., Any], arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidArgument, match=message):
        make(**arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"centers": [[1, 2, 3]]}, r"p=2 columns, got shape \(1, 3\)\. Pass another p"),
        ({"centers": [1, 2]}, r"p=2 columns, got shape \(2,\)"),
        ({"centers": np.empty((0, 2))}, r"a row for each blob.*got shape \(0, 2\)"),
        ({"cluster_std": [1, 2]}, r"or 3 of them, one a blob, got shape \(2,\)\. Give as many"),
        ({"cluster_std": [[1, 2, 3]]}, r"cluster_std must be one number.*got shape \(1, 3\)"),
    ],
)
def test_centres_and_deviations_of_the_wrong_shape_are_refused(
    arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(DimensionMismatch, match=message):
        make_blobs(**arguments)


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_no_seed_is_refused(make: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="rng must be an int, None or a numpy.random.Generator"):
        make(rng="seed")
