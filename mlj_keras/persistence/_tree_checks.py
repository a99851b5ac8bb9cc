"""Whether the trees of scikit-learn lead its C code out of their arrays: decision trees, those of
boosting by histograms, k-d and ball trees.

That code follows indices without a look at them. A tree of a file is followed here first: every
node but the first is the child of one node before it, asks for a column that there is, and so on.
Knows the arrays of trees; asks estimators for their attributes only, but for gradient boosting,
which is asked for the shape of its first prediction.
Source: scikit-learn, sklearn/tree/_tree.pyx, ensemble/_gradient_boosting.pyx,
ensemble/_hist_gradient_boosting/_predictor.pyx and neighbors/_binary_tree.pxi.tp.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mlj_keras._warnings import ignoring

_BITSET = (8,)  # 256 bits, in words of 32


def ensure(whether: Any, what: str) -> None:
    """Raise ValueError, with what is wrong, unless it is as it has to be."""
    if not bool(whether):
        raise ValueError(f"its estimators have {what}")


def count_of(owner: Any, name: str = "n_features_in_") -> int:
    """A count that an estimator has of its own, as an attribute that is no property."""
    found = vars(owner).get(name)
    whole = isinstance(found, int | np.integer) and not isinstance(found, bool)
    ensure(whole and found > 0, f"a {type(owner).__name__} whose {name} is no count")
    return int(found)


def is_a(value: Any, name: str) -> bool:
    """Whether a value is of a class of this full name, without a need to import it."""
    return any(f"{cls.__module__}.{cls.__qualname__}" == name for cls in type(value).__mro__)


def _check_shape(left: np.ndarray, right: np.ndarray, inner: np.ndarray) -> None:
    """Raise ValueError unless every node but the first is the child of one inner node, which
    stands before it."""
    own = np.flatnonzero(inner)
    children = np.concatenate([left[own], right[own]]).astype(np.int64)
    ensure(
        len(inner) > 0 and np.array_equal(np.sort(children), np.arange(1, len(inner))),
        "a tree whose nodes are not each the child of one",
    )
    ensure((children > np.tile(own, 2)).all(), "a tree with a child before its parent")


def _depth(left: np.ndarray, right: np.ndarray, inner: np.ndarray) -> int:
    """How far the farthest leaf of a tree, whose shape is right, is from its first node."""
    level, depth = np.zeros(1, dtype=np.int64), 0
    while (level := level[inner[level]]).size:
        level, depth = np.concatenate([left[level], right[level]]), depth + 1
    return depth


def check_tree(tree: Any) -> None:
    """Raise ValueError for a Tree that is none."""
    count = tree.node_count
    ensure(count > 0 and (tree.n_classes > 0).all(), "a tree without nodes or values")
    nodes, values = tree.__getstate__()["nodes"], tree.value
    ensure(values.ndim == 3 and values.shape[0] == count and values.size, "a tree without values")
    left, right = nodes["left_child"], nodes["right_child"]
    inner = left != -1
    _check_shape(left, right, inner)
    features = nodes["feature"][inner]
    known = (features >= 0) & (features < tree.n_features)
    ensure(known.all(), "a tree that asks for a column that there is not")
    ensure(tree.max_depth == _depth(left, right, inner), "a tree of another depth than it says")


def check_decision_tree(estimator: Any) -> None:
    """Raise ValueError for a decision tree for other rows than its estimator takes."""
    tree = vars(estimator).get("tree_")
    if tree is not None:
        _check_columns(tree, count_of(estimator))


def _check_columns(tree: Any, n_features: int) -> None:
    ensure(is_a(tree, "sklearn.tree._tree.Tree"), "a decision tree without a tree")
    ensure(tree.n_features == n_features, "a tree for other rows than its estimator takes")


def _decision_trees(found: Any) -> Iterator[Any]:
    """The trees of fitted decision trees in a list or an array."""
    for each in np.asarray(found, dtype=object).ravel():
        ensure(is_a(each, "sklearn.tree._classes.BaseDecisionTree"), "a forest of other things")
        yield vars(each)["tree_"]


def check_forest(estimator: Any) -> None:
    """Raise ValueError for a forest with a tree for other rows than it takes."""
    for tree in _decision_trees(vars(estimator).get("estimators_", [])):
        _check_columns(tree, count_of(estimator))


def check_isolation_forest(estimator: Any) -> None:
    """Raise ValueError for an isolation forest with a tree for other rows than it gets."""
    if "estimators_" in vars(estimator):
        trees = list(_decision_trees(estimator.estimators_))
        picked, width = estimator.estimators_features_, count_of(estimator)
        ensure(len(trees) == len(picked), "a forest whose trees have no columns")
        for tree, columns in zip(trees, picked, strict=True):
            # it is the first of these two that a tree gets if it picks all columns
            ensure(columns is None or len(columns) <= width, "a forest with more columns than X")
            _check_columns(tree, width if columns is None else len(columns))


def check_boosting(estimator: Any) -> None:
    """Raise ValueError for gradient boosting whose trees do not fit to what they are added to."""
    if "estimators_" in vars(estimator):
        check_forest(estimator)
        trees, width = estimator.estimators_, count_of(estimator)
        ensure(isinstance(trees, np.ndarray) and trees.ndim == 2 and trees.size, "no stages")
        for each in trees.ravel():
            ensure(count_of(each) == width, "a tree for other rows than its estimator takes")
            ensure(vars(each)["tree_"].value.shape[1:] == (1, 1), "a stage of more than a number")
        with ignoring():
            start = estimator._raw_predict_init(np.zeros((1, width), dtype=np.float32))
        ensure(
            start.shape == (1, trees.shape[1]), "more trees in a stage than it predicts numbers"
        )


def check_histograms(estimator: Any) -> None:
    """Raise ValueError for boosting by histograms whose trees do not fit to its rows."""
    if "_predictors" not in vars(estimator):
        return
    width, mapper = count_of(estimator), estimator._bin_mapper
    factors = np.asarray(mapper.is_categorical_)
    thresholds = mapper.bin_thresholds_
    ensure("_in_fit" not in vars(estimator), "boosting that is still in its fit")
    ensure(
        factors.shape == (width,) and factors.dtype.kind in "bu" and len(thresholds) == width,
        "boosting with other bins than columns",
    )
    ensure(
        np.shape(mapper.n_bins_non_missing_) == (width,), "boosting with other bins than columns"
    )
    _check_preprocessor(vars(estimator).get("_preprocessor"), width)
    for stage in estimator._predictors:
        for predictor in stage:
            _check_predictor(predictor, factors != 0)


def _check_predictor(predictor: Any, factors: np.ndarray) -> None:
    name = "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"
    ensure(is_a(predictor, name), "boosting with something that is no tree")
    nodes = predictor.nodes
    inner = nodes["is_leaf"] == 0
    _check_shape(nodes["left"], nodes["right"], inner)
    ensure(nodes.ndim == 1, "a tree of more than one dimension")
    columns = nodes["feature_idx"][inner]
    known = (columns >= 0) & (columns < len(factors))
    ensure(known.all(), "a tree that asks for a column that there is not")
    by_category = nodes["is_categorical"][inner] != 0
    ensure(factors[columns[by_category]].all(), "a tree that asks for categories of numbers")
    asked = nodes["bitset_idx"][inner][by_category]
    for name in ("binned_left_cat_bitsets", "raw_left_cat_bitsets"):
        sets = getattr(predictor, name)
        fits = sets.dtype == np.uint32 and sets.shape[1:] == _BITSET
        ensure(fits and (asked < len(sets)).all(), "a tree with other categories than it asks for")


def _check_preprocessor(found: Any, width: int) -> None:
    """Raise ValueError unless what encodes the categories gives as many columns as it takes."""
    if found is None:
        return
    ensure(is_a(found, "sklearn.compose._column_transformer.ColumnTransformer"), "another encoder")
    parts = [each for each in found.transformers_ if not isinstance(each[1], str)]
    kinds = [type(part).__name__ for _, part, _ in parts]
    ensure(
        kinds == ["OrdinalEncoder", "FunctionTransformer"], "another encoder than boosting makes"
    )
    encoded, others = (np.asarray(columns) for _, _, columns in parts)
    ensure(
        encoded.dtype == others.dtype == bool
        and encoded.shape == others.shape == (width,)
        and (encoded ^ others).all(),
        "an encoder of other columns than there are",
    )
    check = getattr(parts[1][1].func, "func", None)
    named = getattr(check, "__module__", ""), getattr(check, "__name__", "")
    ensure(named == ("sklearn.utils.validation", "check_array"), "an encoder that does more")


def check_neighbour_tree(tree: Any) -> None:
    """Raise ValueError for a k-d or ball tree whose nodes are not parts of its rows."""
    data, places, nodes, bounds = tree.get_arrays()
    _, _, _, _, leaf_size, n_levels, n_nodes, *_, metric, weights = tree.__getstate__()
    count, width = data.shape
    ensure(
        data.size and leaf_size >= 1 and 1 <= n_levels < 48, "a tree of neighbours without rows"
    )
    ensure(
        n_nodes == 2**n_levels - 1 == len(nodes) and bounds.shape[1:] == (n_nodes, width),
        "a tree of neighbours of another size than it says",
    )
    sides = 1 if is_a(tree, "sklearn.neighbors._ball_tree.BinaryTree64") else 2
    sides = 1 if is_a(tree, "sklearn.neighbors._ball_tree.BinaryTree32") else sides
    ensure(bounds.shape[0] == sides, "a tree of neighbours with other bounds")
    ensure(np.array_equal(np.sort(places), np.arange(count)), "a tree of neighbours of other rows")
    ensure(weights is None or weights.shape == (count,), "a tree of neighbours of other weights")
    known = is_a(metric, f"{_METRICS}64") or is_a(metric, f"{_METRICS}32")
    ensure(known, "a tree of neighbours without a distance")
    lengths = (0, width) if type(metric).__name__.startswith("Minkowski") else (1, 0, width)
    ensure(len(metric.__getstate__()[1]) in lengths, "a distance for other rows")
    _check_ranges(nodes, count, n_levels)


_METRICS = "sklearn.metrics._dist_metrics.DistanceMetric"


def _check_ranges(nodes: np.ndarray, count: int, n_levels: int) -> None:
    """Raise ValueError unless the first node has all rows, and two children part those of theirs,
    down to leaves."""
    start, end, leaf = nodes["idx_start"], nodes["idx_end"], nodes["is_leaf"] != 0
    ensure(start[0] == 0 and end[0] == count, "a tree of neighbours without all rows")
    level = np.zeros(1, dtype=np.int64)
    for deep in range(n_levels):
        level = level[~leaf[level]]
        ensure(deep < n_levels - 1 or not level.size, "a tree of neighbours without leaves")
        one, two = 2 * level + 1, 2 * level + 2
        if level.size:
            parted = (start[one] == start[level]) & (end[one] == start[two])
            ordered = (start[one] <= end[one]) & (start[two] <= end[two])
            ensure((parted & ordered & (end[two] == end[level])).all(), "a node with other rows")
        level = np.concatenate([one, two])
