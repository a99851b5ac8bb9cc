"""Whether estimators that come from a file lead scikit-learn, SciPy or NumPy out of their arrays.

Their types are safe, and what they hold is whatever the file says. Most of it meets NumPy, which
checks; some of it meets C code that does not. All objects that can be reached are looked at before
any is used: their shapes and indices here, those of trees in `_tree_checks`. Beside that, nothing
of a file may stand in the place of a method. Knows attributes of fitted estimators.
Source: scikit-learn, sklearn/svm/_base.py and src/libsvm/libsvm_helper.c,
neighbors/_classification.py, cluster/_k_means_lloyd.pyx, linear_model/_sgd_fast.pyx.tp,
cluster/_hdbscan/_tree.pyx; SciPy, scipy/interpolate/_bsplines.py and scipy/sparse/_compressed.py;
NumPy, numpy/random/_mt19937.pyx.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mlj_keras.persistence import _tree_checks as trees
from mlj_keras.persistence._tree_checks import count_of, ensure

_PACKAGES = frozenset(("imblearn", "scipy", "sklearn"))
_CENTRES = "sklearn.cluster._kmeans"
_BISECTING = "sklearn.cluster._bisect_k_means.BisectingKMeans"


def check_estimators(found: list[Any]) -> None:
    """Look at all that estimators hold.

    Raises: ValueError for what would lead C code astray; whatever an object raises that lacks what
        it has to have.
    """
    late = []
    for each in reached(found):
        _check_names(each)
        for cls in type(each).__mro__:
            name = f"{cls.__module__}.{cls.__qualname__}"
            if name in _CHECKS:
                _CHECKS[name](each)
            elif name in _LATE:
                late.append((_LATE[name], each))
    for check, each in late:
        check(each)


def reached(found: list[Any]) -> Iterator[Any]:
    """All objects in a list of them, once, and what is in them."""
    waiting, seen = [found], set()
    while waiting:
        each = waiting.pop()
        if id(each) not in seen and not isinstance(each, str | bytes | int | float | None):
            seen.add(id(each))
            yield each
            waiting += _inside(each)


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, np.ndarray):
        return value.ravel().tolist() if value.dtype.kind == "O" else []
    if isinstance(value, type):
        return []
    held = (
        [value.func, *value.args, value.keywords] if isinstance(value, functools.partial) else []
    )
    own = dict(getattr(value, "__dict__", {}))
    if trees.is_a(value, _BISECTING):
        own.pop("_kmeans_single", None)  # a function that is nobody else's
    return [*held, *own.values()]


def _check_names(value: Any) -> None:
    """Raise ValueError for what stands in the place of a method or constant of its class, and for
    a function that is to be called by its own estimator only."""
    private = callable(value) and getattr(value, "__name__", "").startswith("_kmeans_single")
    ensure(not private, "a function in a place where it may be called with anything")
    if type(value).__module__.partition(".")[0] in _PACKAGES:
        for name in getattr(value, "__dict__", ()):
            default = getattr(type(value), name, True)
            ensure(
                isinstance(default, bool), f"a {type(value).__name__} whose {name:.40} is changed"
            )


def _check_libsvm(estimator: Any) -> None:
    """libsvm reads as many vectors, coefficients and thresholds as there are classes and support
    vectors."""
    if "support_vectors_" not in vars(estimator):
        return
    ensure(estimator._sparse is False, "a support vector machine of sparse data")
    rows, vectors, counts = estimator.support_, estimator.support_vectors_, estimator._n_support
    coefficients, thresholds = estimator._dual_coef_, estimator._intercept_
    length, kinds = len(rows), len(counts)
    pairs = kinds * (kinds - 1) // 2
    computed = callable(estimator.kernel) or estimator.kernel == "precomputed"
    ensure(rows.ndim == counts.ndim == 1 and kinds > 1, "a support vector machine without classes")
    ensure(
        vectors.ndim == 2
        and (computed or vectors.shape == (length, count_of(estimator)))
        and coefficients.shape == (kinds - 1, length)
        and thresholds.shape == (pairs,),
        "a support vector machine whose parts have other sizes",
    )
    ensure((counts >= 0).all(), "a support vector machine with less than no vectors")
    if trees.is_a(estimator, "sklearn.svm._base.BaseSVC"):
        ensure(counts.sum() == length, "a support vector machine with other counts of vectors")
    among = (rows >= 0) & (rows < max(estimator.shape_fit_[0], 0))
    ensure(among.all(), "a support vector machine with vectors of other rows")
    chances = {estimator._probA.shape, estimator._probB.shape}
    ensure(chances in ({(0,)}, {(pairs,)}), "a support vector machine with other probabilities")


def _check_centres(estimator: Any) -> None:
    """The search for the nearest centre believes that centres are as wide as rows."""
    centres = vars(estimator).get("cluster_centers_")
    if centres is None:
        return
    width = count_of(estimator)
    ensure(
        centres.ndim == 2 and centres.shape[1] == width and len(centres), "centres of other rows"
    )
    weights = vars(estimator).get("_counts")
    ensure(weights is None or weights.shape == (len(centres),), "counts of other centres")
    function = vars(estimator).get("_kmeans_single")
    own = function is None or getattr(function, "__module__", "") == _CENTRES
    ensure(own, "a search for centres by another function")
    waiting = [estimator._bisecting_tree] if trees.is_a(estimator, _BISECTING) else []
    while waiting:
        each = waiting.pop()
        ensure(np.shape(each.center) == (width,), "centres of other rows")
        waiting += [child for child in (each.left, each.right) if child is not None]


def _check_neighbours(estimator: Any) -> None:
    """Distances are computed of as many columns as X has, and votes counted by code of class."""
    rows = vars(estimator).get("_fit_X")
    if rows is None:
        return
    count = count_of(estimator, "n_samples_fit_")
    ensure(rows.shape == (count, count_of(estimator)), "neighbours of other rows than it takes")
    tree = vars(estimator).get("_tree")
    if tree is not None:
        data = tree.get_arrays()[0]
        ensure(data.shape == rows.shape, "a tree of other neighbours")
    codes, classes = vars(estimator).get("_y"), vars(estimator).get("classes_")
    if codes is not None:
        ensure(len(codes) == count, "neighbours without a target")
    if codes is not None and classes is not None:
        pools = classes if isinstance(classes, list) else [classes]
        columns = np.reshape(codes, (count, len(pools)))
        ensure(columns.dtype.kind in "iu" and (columns >= 0).all(), "neighbours of no class")
        inside = (columns < [len(pool) for pool in pools]).all()
        ensure(inside, "neighbours of a class that there is not")


def _check_descent(estimator: Any) -> None:
    """Stochastic gradient descent goes on in weights that it believes to be as wide as rows."""
    classes = vars(estimator).get("classes_", ())
    rows = len(classes) if len(classes) > 2 else 1
    names = ("coef_", "standard_coef_", "_standard_coef", "_average_coef")
    for weights in (vars(estimator).get(name) for name in names):
        if weights is not None:
            width = count_of(estimator)
            ensure(
                weights.shape in ((width,), (rows, width)), "weights of other rows than it takes"
            )
            ensure(weights.ndim == 2 or rows == 1, "weights of fewer classes than there are")


def _check_spline(spline: Any) -> None:
    """A spline is evaluated by as many coefficients as its knots and degree call for."""
    knots, coefficients, degree = spline.t, spline.c, spline.k
    ensure(type(degree) is int and 0 <= degree <= 100, "a spline without a degree")
    ensure(
        knots.ndim == 1
        and knots.dtype == coefficients.dtype == np.float64
        and len(knots) >= 2 * degree + 2
        and len(coefficients) >= len(knots) - degree - 1
        and np.isfinite(knots).all()
        and (np.diff(knots) >= 0).all(),
        "a spline whose parts do not fit",
    )


def _check_sparse(matrix: Any) -> None:
    """Products believe the indices of a sparse matrix, and SciPy does not check them."""
    ensure(matrix.format in ("csc", "csr"), "a sparse matrix of another format")
    matrix.check_format(full_check=True)


def _check_random(generator: Any) -> None:
    """Generators read on from a place that they keep, without a look at it."""
    state = getattr(generator, "bit_generator", None)
    kept = generator.get_state(legacy=False) if state is None else state.state
    places = [(kept["state"].get("pos", 0), 624)] if isinstance(kept["state"], dict) else []
    for place, size in [*places, (kept.get("buffer_pos", 0), 4)]:
        ensure(0 <= place <= size, "a random number generator at no place of its own")


def _check_hierarchy(estimator: Any) -> None:
    """Clusters are cut from a list of pairs that were joined, one after the other."""
    pairs = vars(estimator).get("_single_linkage_tree_")
    if pairs is not None:
        for name in ("left_node", "right_node"):
            known = (pairs[name] >= 0) & (pairs[name] <= len(pairs) + np.arange(len(pairs)))
            ensure(known.all(), "clusters that are joined before they are there")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "numpy.random._generator.Generator": _check_random,
    "numpy.random.mtrand.RandomState": _check_random,
    "scipy.interpolate._bsplines.BSpline": _check_spline,
    "scipy.sparse._base._spbase": _check_sparse,
    "sklearn.cluster._hdbscan.hdbscan.HDBSCAN": _check_hierarchy,
    "sklearn.cluster._kmeans._BaseKMeans": _check_centres,
    "sklearn.ensemble._forest.BaseForest": trees.check_forest,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.BaseHistGradientBoosting": (
        trees.check_histograms
    ),
    "sklearn.ensemble._iforest.IsolationForest": trees.check_isolation_forest,
    "sklearn.linear_model._stochastic_gradient.BaseSGD": _check_descent,
    "sklearn.neighbors._ball_tree.BinaryTree32": trees.check_neighbour_tree,
    "sklearn.neighbors._ball_tree.BinaryTree64": trees.check_neighbour_tree,
    "sklearn.neighbors._base.NeighborsBase": _check_neighbours,
    "sklearn.neighbors._kd_tree.BinaryTree32": trees.check_neighbour_tree,
    "sklearn.neighbors._kd_tree.BinaryTree64": trees.check_neighbour_tree,
    "sklearn.svm._base.BaseLibSVM": _check_libsvm,
    "sklearn.tree._classes.BaseDecisionTree": trees.check_decision_tree,
    "sklearn.tree._tree.Tree": trees.check_tree,
}
# These predict, and so come when all else is known to be right.
_LATE: dict[str, Callable[[Any], None]] = {
    "sklearn.ensemble._gb.BaseGradientBoosting": trees.check_boosting,
}
