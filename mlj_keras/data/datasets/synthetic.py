"""Made data sets: Gaussian blobs, two circles, two moons, and a linear response.

Holds the four makers. Must not know models, machines or scitypes. They share the options
`as_table`, `eltype` and `rng`. With `as_table=True` X is a pandas frame with columns x1, x2, … and
y a column named `y`, of integer categories for classes; with `as_table=False` both are plain
arrays and classes are integers. Random numbers come from `rng` alone, and the same number of them
is drawn whatever the noise, so that one seed gives the same points under more or less noise.
Source: MLJBase.jl, src/data/datasets_synthetic.jl.
"""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, DTypeLike

from mlj_keras.data.datasets._arguments import (
    check_array,
    check_count,
    check_float_type,
    check_number,
)
from mlj_keras.errors import DimensionMismatch, InvalidArgument
from mlj_keras.rng import Seed, as_generator

# X and y: a frame and a column (or frame), or two arrays, as `as_table` says; hence Any.
Dataset = tuple[Any, Any]

_OUTLIER_SCALE = 20.0  # standard deviation of what turns a response into an outlier, as in MLJBase


def make_blobs(
    n: int = 100,
    p: int = 2,
    *,
    shuffle: bool = True,
    centers: int | ArrayLike = 3,
    cluster_std: float | Sequence[float] | np.ndarray = 1.0,
    center_box: tuple[float, float] = (-10.0, 10.0),
    as_table: bool = True,
    eltype: DTypeLike = np.float64,
    rng: Seed = None,
) -> Dataset:
    """Gaussian blobs, one a class, of equal sizes; the remainder of n goes to the last class.

    Args:
        n: number of points, at least 1.
        p: number of features, at least 1.
        shuffle: whether to permute the rows; False leaves them in the order of their classes.
        centers: number c of blobs, drawn uniformly in the box, or a c x p matrix of their centres.
        cluster_std: standard deviation around the centre, not negative: one for all, or c of them.
        center_box: lower and upper limit of every coordinate of the drawn centres.
        as_table: True for a pandas frame and column, False for arrays.
        eltype: floating type of the points, float16, float32 or float64.
        rng: an int, a numpy.random.Generator, or None for fresh entropy.

    Returns:
        X, n x p (Continuous), and y, n classes 1 to c (Multiclass when categorical).

    Raises:
        InvalidArgument: an argument lies outside what is allowed.
        DimensionMismatch: `centers` does not have p columns, or `cluster_std` not c numbers.
        TypeError, ValueError: `rng` is not a seed.

    Example:
        >>> X, y = make_blobs(10, 2, centers=3, rng=0)
        >>> X.shape, y.value_counts(sort=False).to_dict()
        ((10, 2), {1: 3, 2: 3, 3: 4})

    Source: MLJBase.jl, `make_blobs`. Deviations: the first point of a blob is not moved and scaled
    a second time by the blob before; a deviation of 0 is allowed; an empty class stays a category.
    """
    n, p, dtype = check_count("n", n), check_count("p", p), check_float_type(eltype)
    generator = as_generator(rng)
    means = _centers(centers, p, center_box, generator)
    spreads = _spreads(cluster_std, len(means))
    sizes = np.full(len(means), n // len(means))
    sizes[-1] += n % len(means)
    y = np.repeat(np.arange(len(means)), sizes)
    X = means[y] + spreads[y, np.newaxis] * generator.standard_normal((n, p))
    order = generator.permutation(n) if shuffle else np.arange(n)
    return _classification(
        X[order], y[order], range(1, len(means) + 1), as_table=as_table, dtype=dtype
    )


def make_circles(
    n: int = 100,
    *,
    shuffle: bool = True,
    noise: float = 0.0,
    factor: float = 0.8,
    as_table: bool = True,
    eltype: DTypeLike = np.float64,
    rng: Seed = None,
) -> Dataset:
    """Points at uniform angles on two circles around the origin, of radius `factor` and 1.

    Args:
        n: number of points, at least 1; n // 2 of them on the inner circle.
        shuffle: whether to permute the rows; False puts the inner circle first.
        noise: standard deviation of the Gaussian noise added to both coordinates, not negative.
        factor: radius of the inner circle, strictly between 0 and 1.
        as_table: True for a pandas frame and column, False for arrays.
        eltype: floating type of the points, float16, float32 or float64.
        rng: an int, a numpy.random.Generator, or None for fresh entropy.

    Returns:
        X, n x 2 (Continuous), and y, n classes (Multiclass when categorical): 0 inner, 1 outer.

    Raises:
        InvalidArgument: an argument lies outside what is allowed.
        TypeError, ValueError: `rng` is not a seed.

    Example:
        >>> X, y = make_circles(4, factor=0.5, shuffle=False, as_table=False, rng=0)
        >>> np.hypot(X[:, 0], X[:, 1]).round(6).tolist(), y.tolist()
        ([0.5, 0.5, 1.0, 1.0], [0, 0, 1, 1])

    Source: MLJBase.jl, `make_circles`. Deviations: none.
    """
    n, noise, dtype = check_count("n", n), _noise(noise), check_float_type(eltype)
    factor = check_number("factor", factor, lambda r: 0 < r < 1, allowed="a number in (0, 1)")
    generator = as_generator(rng)
    angles = generator.uniform(0.0, 2 * np.pi, n)
    y = (np.arange(n) >= n // 2).astype(int)
    radii = np.where(y == 0, factor, 1.0)
    X = np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])
    return _noisy_classes(X, y, noise, generator, shuffle=shuffle, as_table=as_table, dtype=dtype)


def make_moons(
    n: int = 150,
    *,
    shuffle: bool = True,
    noise: float = 0.1,
    xshift: float = 1.0,
    yshift: float = 0.3,
    as_table: bool = True,
    eltype: DTypeLike = np.float64,
    rng: Seed = None,
) -> Dataset:
    """Points at uniform angles on two interleaved half circles of radius 1.

    Args:
        n: number of points, at least 1; n // 2 of them on the upper half circle.
        shuffle: whether to permute the rows; False puts the upper half circle first.
        noise: standard deviation of the Gaussian noise added to both coordinates, not negative.
        xshift: first coordinate of the lower half circle's centre; the upper one's is the origin.
        yshift: second coordinate of the lower half circle's centre.
        as_table: True for a pandas frame and column, False for arrays.
        eltype: floating type of the points, float16, float32 or float64.
        rng: an int, a numpy.random.Generator, or None for fresh entropy.

    Returns:
        X, n x 2 (Continuous), and y, n classes (Multiclass when categorical): 0 upper, 1 lower.

    Raises:
        InvalidArgument: an argument lies outside what is allowed.
        TypeError, ValueError: `rng` is not a seed.

    Example:
        >>> X, y = make_moons(4, noise=0.0, shuffle=False, rng=0)
        >>> (X["x2"] >= 0).tolist()[:2], (X["x2"] <= 0.3).tolist()[2:], y.tolist()
        ([True, True], [True, True], [0, 0, 1, 1])

    Source: MLJBase.jl, `make_moons`. Deviation: the label is always that of the half circle; for
    odd n MLJBase labels one point of the upper one as 1.
    """
    n, noise, dtype = check_count("n", n), _noise(noise), check_float_type(eltype)
    centre = [_shift("xshift", xshift), _shift("yshift", yshift)]
    generator = as_generator(rng)
    angles = generator.uniform(0.0, np.pi, n)
    y = (np.arange(n) >= n // 2).astype(int)
    lower = y[:, np.newaxis]
    X = (
        np.column_stack([np.cos(angles), np.where(y == 0, 1, -1) * np.sin(angles)])
        + lower * centre
    )
    return _noisy_classes(X, y, noise, generator, shuffle=shuffle, as_table=as_table, dtype=dtype)


def make_regression(
    n: int = 100,
    p: int = 2,
    *,
    n_targets: int = 1,
    intercept: bool = True,
    sparse: float = 0.0,
    noise: float = 0.1,
    outliers: float = 0.0,
    binary: bool = False,
    as_table: bool = True,
    eltype: DTypeLike = np.float64,
    rng: Seed = None,
) -> Dataset:
    """Standard normal features and a response linear in them, with Gaussian noise.

    Args:
        n, p: number of rows, never permuted, and of features; each at least 1.
        n_targets: number of responses, at least 1, each with standard normal weights of its own.
        intercept: whether to add a constant, drawn like a weight, to each response.
        sparse: proportion in [0, 1) of the weights (intercept included) of each response that is
            set to zero; their number is rounded, and one weight is always kept.
        noise: standard deviation of the Gaussian noise added to the response, not negative.
        outliers: proportion in [0, 1] of each response that is made an outlier by adding 20 times
            a standard normal number; their number is rounded. Without effect if `binary`.
        binary: whether to draw class 1 with probability sigmoid(response), else class 0.
        as_table, eltype: pandas objects or arrays; their type, float16, float32 or float64.
        rng: an int, a numpy.random.Generator, or None for fresh entropy.

    Returns:
        X, n x p (Continuous), and y, n numbers (Continuous) or, if `binary`, n classes 0 and 1
        (Multiclass when categorical). With n_targets > 1 a frame y1, y2, … or a matrix of them.

    Raises:
        InvalidArgument, or TypeError for `rng`: an argument lies outside what is allowed.

    Example:
        >>> X, y = make_regression(50, 3, noise=0.0, intercept=False, as_table=False, rng=0)
        >>> bool(np.linalg.lstsq(X, y)[1][0] < 1e-20)
        True

    Source: MLJBase.jl, `make_regression`. Deviations: `sparse` is the proportion set to zero, as
    MLJBase documents it (its code keeps that proportion); proportions are exact, where MLJBase
    draws each place with that probability; several targets are y1, y2, … and not target1, ….
    """
    n, p, n_targets = check_count("n", n), check_count("p", p), check_count("n_targets", n_targets)
    noise, dtype = _noise(noise), check_float_type(eltype)
    sparse = check_number("sparse", sparse, lambda s: 0 <= s < 1, allowed="a number in [0, 1)")
    outliers = check_number(
        "outliers", outliers, lambda s: 0 <= s <= 1, allowed="a number in [0, 1]"
    )
    generator = as_generator(rng)
    X = generator.standard_normal((n, p))
    y = _linear(X, n_targets, generator, intercept=intercept, sparse=sparse)
    y = y + noise * generator.standard_normal(y.shape)
    X = X.astype(dtype)
    if binary:
        return _regression(X, _bernoulli(y, generator), as_table=as_table, binary=True)
    y = _with_outliers(y, outliers, generator).astype(dtype)
    return _regression(X, y, as_table=as_table, binary=False)


def _linear(
    X: np.ndarray,
    n_targets: int,
    generator: np.random.Generator,
    *,
    intercept: bool,
    sparse: float,
) -> np.ndarray:
    """Responses (n, n_targets) without noise, from weights drawn here."""
    design = np.column_stack([X, np.ones(len(X))]) if intercept else X
    n_weights = design.shape[1]
    weights = generator.standard_normal((n_weights, n_targets))
    n_zeros = min(round(sparse * n_weights), n_weights - 1)
    weights[_marks(weights.shape, n_zeros, generator)] = 0.0
    return design @ weights


def _marks(shape: tuple[int, ...], count: int, generator: np.random.Generator) -> np.ndarray:
    """A boolean matrix with `count` True in each column, at random rows."""
    ranks = np.broadcast_to(np.arange(shape[0])[:, np.newaxis], shape)
    return generator.permuted(ranks, axis=0) < count


def _with_outliers(y: np.ndarray, proportion: float, generator: np.random.Generator) -> np.ndarray:
    """Responses of which the given proportion of each column has a large number added."""
    marks = _marks(y.shape, round(proportion * len(y)), generator)
    return y + marks * _OUTLIER_SCALE * generator.standard_normal(y.shape)


def _bernoulli(z: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Zeros and ones; 1 with probability sigmoid(z)."""
    # sigmoid(z) = (1 + tanh(z / 2)) / 2, which cannot overflow.
    return (generator.random(z.shape) < (1 + np.tanh(z / 2)) / 2).astype(int)


def _noisy_classes(
    X: np.ndarray,
    y: np.ndarray,
    noise: float,
    generator: np.random.Generator,
    *,
    shuffle: bool,
    as_table: bool,
    dtype: np.dtype[Any],
) -> Dataset:
    """Points of two classes with noise added, permuted if wanted."""
    X = X + noise * generator.standard_normal(X.shape)
    order = generator.permutation(len(X)) if shuffle else np.arange(len(X))
    return _classification(X[order], y[order], range(2), as_table=as_table, dtype=dtype)


def _classification(
    X: np.ndarray, codes: np.ndarray, levels: range, *, as_table: bool, dtype: np.dtype[Any]
) -> Dataset:
    """X and the level of each code, as pandas objects or as arrays."""
    X = X.astype(dtype)
    if not as_table:
        return X, codes + levels.start
    y = pd.Categorical.from_codes(codes, categories=pd.Index(levels, dtype=int))
    return _frame(X, "x"), pd.Series(y, name="y")


def _regression(X: np.ndarray, y: np.ndarray, *, as_table: bool, binary: bool) -> Dataset:
    """X and one or several responses (n, n_targets), as pandas objects or as arrays."""
    single = y.shape[1] == 1
    if not as_table:
        return X, y[:, 0] if single else y
    targets = _frame(y, "y").astype(pd.CategoricalDtype([0, 1])) if binary else _frame(y, "y")
    return _frame(X, "x"), targets["y1"].rename("y") if single else targets


def _frame(matrix: np.ndarray, prefix: str) -> pd.DataFrame:
    return pd.DataFrame(matrix, columns=[f"{prefix}{j}" for j in range(1, matrix.shape[1] + 1)])


def _centers(
    centers: int | ArrayLike, p: int, box: tuple[float, float], generator: np.random.Generator
) -> np.ndarray:
    """The c x p matrix of centres, given or drawn in the box."""
    if isinstance(centers, numbers.Number):
        low, high = _box(box)
        return generator.uniform(low, high, (check_count("centers", centers), p))
    matrix = check_array("centers", centers)
    if matrix.ndim != 2 or len(matrix) == 0 or matrix.shape[1] != p:
        raise DimensionMismatch(
            f"centers must be a matrix with a row for each blob and p={p} columns, "
            f"got shape {matrix.shape}. Pass another p, or write centers=3 to have them drawn."
        )
    return matrix


def _box(box: tuple[float, float]) -> tuple[float, float]:
    limits = check_array("center_box", box)
    if limits.shape != (2,) or limits[0] >= limits[1]:
        raise InvalidArgument(
            f"center_box must be a pair (a, b) with a < b, got {box!r}. "
            "Write center_box=(-10.0, 10.0)."
        )
    return float(limits[0]), float(limits[1])


def _spreads(cluster_std: float | Sequence[float] | np.ndarray, n_centers: int) -> np.ndarray:
    """One standard deviation a blob."""
    spreads = check_array("cluster_std", cluster_std)
    if spreads.ndim > 0 and spreads.shape != (n_centers,):
        raise DimensionMismatch(
            f"cluster_std must be one number, or {n_centers} of them, one a blob, "
            f"got shape {spreads.shape}. Give as many as there are centers."
        )
    if (spreads < 0).any():
        raise InvalidArgument(
            f"cluster_std must not be negative, got {cluster_std!r}. Write cluster_std=1.0."
        )
    return np.broadcast_to(spreads, (n_centers,))


def _noise(noise: float) -> float:
    return check_number("noise", noise, lambda sd: sd >= 0, allowed="a number of at least 0")


def _shift(name: str, value: float) -> float:
    return check_number(name, value, lambda _: True, allowed="a finite number")
