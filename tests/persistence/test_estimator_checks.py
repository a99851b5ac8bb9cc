"""Estimators of safe types that would lead C code out of their arrays: each is refused, both when
it is loaded and when it is saved."""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import scipy.interpolate
import scipy.sparse
from sklearn import ensemble, linear_model, neighbors, preprocessing, svm, tree
from sklearn.cluster import BisectingKMeans, KMeans
from sklearn.pipeline import make_pipeline

from mlj_keras.errors import UnsavableError
from mlj_keras.persistence import estimators
from tests.persistence.small_estimators import CLASSES, NUMBERS, X, round_trip


def _tree(estimator: Any, change: Callable[[dict[str, Any]], None]) -> Any:
    """The estimator with another tree."""
    cls, args, state = estimator.tree_.__reduce__()
    state = {name: copy.copy(value) for name, value in state.items()}
    change(state)
    estimator.tree_ = cls(*args)
    estimator.tree_.__setstate__(state)
    return estimator


def _node(field: str, value: Any, at: int = 0) -> Callable[[dict[str, Any]], None]:
    def change(state: dict[str, Any]) -> None:
        state["nodes"][field][at] = value

    return change


def _leaf(state: dict[str, Any]) -> None:
    state["node_count"] = 1


def _set(estimator: Any, name: str, value: Any) -> Any:
    setattr(estimator, name, value)
    return estimator


def _decision_tree() -> Any:
    return tree.DecisionTreeRegressor(max_depth=3, random_state=0).fit(X, NUMBERS)


def _forest(width: int = 3) -> Any:
    forest = ensemble.RandomForestRegressor(n_estimators=2, max_depth=2, random_state=0)
    return forest.fit(np.resize(X, (40, width)), NUMBERS)


def _boosting() -> Any:
    return ensemble.GradientBoostingClassifier(n_estimators=2, random_state=0).fit(X, CLASSES)


@functools.cache
def _by_histograms() -> Any:
    rng = np.random.default_rng(1)
    colours = rng.integers(0, 5, 200)
    rows = np.column_stack([rng.normal(size=(200, 3)), colours])
    found = ensemble.HistGradientBoostingRegressor(
        max_iter=1, min_samples_leaf=3, categorical_features=[3], max_leaf_nodes=8
    )
    return found.fit(rows, rows[:, 0] + np.array([5.0, -5.0, 4.0, -4.0, 0.0])[colours])


def _histograms(field: str = "", value: Any = 0, **changed: Any) -> Any:
    found = copy.deepcopy(_by_histograms())
    nodes = found._predictors[0][0].nodes
    assert nodes["is_categorical"].any()
    if field:
        inner = nodes["is_categorical"] if field == "bitset_idx" else 1 - nodes["is_leaf"]
        nodes[field][np.flatnonzero(inner)[0]] = value
    return functools.reduce(lambda each, item: _set(each, *item), changed.items(), found)


def _neighbours(at: int = 0, value: Any = None, algorithm: str = "kd_tree", **changed: Any) -> Any:
    near = neighbors.KNeighborsClassifier(algorithm=algorithm, leaf_size=5).fit(X, CLASSES)
    if value is not None:
        state = list(near._tree.__getstate__())
        state[at] = value(np.array(state[at])) if callable(value) else value
        near._tree.__setstate__(tuple(state))
    return functools.reduce(lambda each, item: _set(each, *item), changed.items(), near)


def _field(name: str, at: int, number: int) -> Callable[[np.ndarray], np.ndarray]:
    def change(nodes: np.ndarray) -> np.ndarray:
        nodes[name][at] = number
        return nodes

    return change


def _vectors(kind: Any = svm.SVC, **changed: Any) -> Any:
    found = kind().fit(X, CLASSES)
    return functools.reduce(lambda each, item: _set(each, *item), changed.items(), found)


def _spline(**changed: Any) -> Any:
    found = preprocessing.SplineTransformer(n_knots=4).fit(X)
    own = scipy.interpolate.BSpline(found.bsplines_[0].t, found.bsplines_[0].c, 3)
    found.bsplines_ = [functools.reduce(lambda s, i: _set(s, *i), changed.items(), own)]
    return found


def _generator(pos: int) -> Any:
    state = np.random.RandomState(0)
    state.set_state(("MT19937", state.get_state()[1], pos))
    return state


def _philox(pos: int) -> Any:
    bits = np.random.Philox(0)
    bits.state = {**bits.state, "buffer_pos": pos}
    return np.random.Generator(bits)


def _broken_sparse() -> Any:
    matrix = scipy.sparse.csr_matrix(np.eye(3))
    matrix.indices[0] = 1000
    return matrix


def _boosting_of_other_classes() -> Any:
    found = _boosting()
    found.init_.n_classes_, found.init_.class_prior_ = 2, np.array([0.5, 0.5])
    found.init_.classes_ = np.array([0, 1])
    return found


def _two_levels(found: Any) -> Any:
    found._bisecting_tree.left.center = np.zeros(1)
    return found


HOSTILE: dict[str, tuple[Callable[[], Any], str]] = {
    "child": (lambda: _tree(_decision_tree(), _node("left_child", 9999)), "child of one"),
    "loop": (lambda: _tree(_decision_tree(), _node("left_child", 0)), "child of one"),
    "negative child": (lambda: _tree(_decision_tree(), _node("right_child", -7)), "child of one"),
    "half a leaf": (lambda: _tree(_decision_tree(), _node("left_child", -1)), "child of one"),
    "column": (lambda: _tree(_decision_tree(), _node("feature", 3)), "column that there is not"),
    "no column": (lambda: _tree(_decision_tree(), _node("feature", -2)), "column that there is"),
    "fewer nodes": (lambda: _tree(_decision_tree(), _leaf), "child of one"),
    "depth": (lambda: _tree(_decision_tree(), lambda s: s.update(max_depth=1)), "another depth"),
    "narrow tree": (lambda: _set(_decision_tree(), "n_features_in_", 2), "other rows"),
    "boundless tree": (lambda: _set(_decision_tree(), "n_features_in_", None), "no count"),
    "forest": (lambda: _set(_forest(), "estimators_", _forest(5).estimators_), "other rows"),
    "no forest": (lambda: _set(_forest(), "estimators_", [KMeans()]), "forest of other things"),
    "method": (lambda: _set(_forest(), "_validate_X_predict", np.float32), "is changed"),
    "constant": (lambda: _set(_vectors(svm.SVR), "_impl", "c_svc"), "is changed"),
    "stages": (
        lambda: _set(_boosting(), "estimators_", np.repeat(_boosting().estimators_, 2, axis=1)),
        "more trees in a stage",
    ),
    "start": (_boosting_of_other_classes, "more trees in a stage"),
    "bins child": (lambda: _histograms("left", 10**6), "child of one"),
    "bins column": (lambda: _histograms("feature_idx", 4), "column that there is not"),
    "bins set": (lambda: _histograms("bitset_idx", 77), "other categories"),
    "bins numbers": (lambda: _histograms("feature_idx", 1), "categories of numbers"),
    "bins fit": (lambda: _histograms(_in_fit=True), "still in its fit"),
    "bins encoder": (
        lambda: _histograms(_preprocessor=preprocessing.StandardScaler().fit(X)),
        "another encoder",
    ),
    "rows of a leaf": (lambda: _neighbours(2, _field("idx_end", 0, 900)), "without all rows"),
    "overlap": (lambda: _neighbours(2, _field("idx_start", 1, 5)), "a node with other rows"),
    "no leaves": (lambda: _neighbours(2, lambda n: _field("is_leaf", -1, 0)(n)), "without leaves"),
    "places": (lambda: _neighbours(1, lambda places: places + 1), "of other rows"),
    "leaf size": (lambda: _neighbours(4, 0), "without rows"),
    "levels": (lambda: _neighbours(5, 9), "another size"),
    "bounds": (lambda: _neighbours(3, lambda bounds: bounds[:, :1].copy()), "another size"),
    "ball": (lambda: _neighbours(1, lambda p: p * 0, algorithm="ball_tree"), "of other rows"),
    "votes": (lambda: _neighbours(algorithm="brute", _y=CLASSES + 1), "a class that there is not"),
    "neighbours": (lambda: _neighbours(algorithm="brute", _fit_X=X[:, :2].copy()), "other rows"),
    "count": (lambda: _neighbours(algorithm="brute", n_samples_fit_=50), "other rows"),
    "coefficients": (lambda: _vectors(_dual_coef_=np.zeros((2, 1))), "other sizes"),
    "thresholds": (lambda: _vectors(_intercept_=np.zeros(1)), "other sizes"),
    "support": (lambda: _vectors(_n_support=np.array([-5, 5, 5], np.int32)), "less than no"),
    "supports": (lambda: _vectors(_n_support=np.array([99, 5, 5], np.int32)), "other counts"),
    "vectors": (lambda: _vectors(support_vectors_=np.zeros((1, 3))), "other sizes"),
    "chances": (lambda: _vectors(_probA=np.zeros(1)), "other probabilities"),
    "sparse": (lambda: _vectors(_sparse=True), "of sparse data"),
    "centres": (lambda: _set(KMeans(2).fit(X), "cluster_centers_", X[:2, :1]), "other rows"),
    "bisected": (lambda: _two_levels(BisectingKMeans(3).fit(X)), "centres of other rows"),
    "called": (
        lambda: preprocessing.FunctionTransformer(BisectingKMeans(2).fit(X)._kmeans_single),
        "called with anything",
    ),
    "weights": (
        lambda: _set(linear_model.SGDClassifier().fit(X, CLASSES), "coef_", np.zeros((1, 3))),
        "weights of other rows",
    ),
    "knots": (lambda: _spline(_c=np.zeros(2)), "a spline"),
    "degree": (lambda: _spline(k=50), "a spline"),
    "matrix": (lambda: _set(KMeans(2), "matrix", _broken_sparse()), "ind"),
    "place": (lambda: _set(KMeans(2), "random_state", _generator(5000)), "random number"),
    "buffer": (lambda: _set(KMeans(2), "random_state", _philox(-9)), "random number"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_estimator_that_would_leave_its_arrays_is_neither_loaded_nor_saved(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make, words = HOSTILE[name]
    hostile = make()
    with pytest.raises(UnsavableError):
        estimators.dumped([hostile])
    with monkeypatch.context() as patch:
        patch.setattr(estimators, "check_estimators", len)
        whole = estimators.dumped([make_pipeline(hostile)])
    with pytest.raises(ValueError, match=words):
        estimators.opened(whole).loaded(estimators.opened(whole).needed)


def test_the_estimators_that_hostile_ones_are_made_of_are_loaded() -> None:
    for estimator in (_decision_tree(), _forest(), _boosting(), _histograms(), _neighbours()):
        round_trip(estimator)
    for estimator in (_neighbours(algorithm="ball_tree"), _vectors(), _vectors(svm.OneClassSVM)):
        round_trip(estimator)
    for estimator in (_spline(), ensemble.IsolationForest(n_estimators=2, max_features=2).fit(X)):
        round_trip(estimator)
    one = svm.SVC(kernel="precomputed").fit(X @ X.T, CLASSES)
    assert np.array_equal(round_trip(one).predict(X @ X.T), one.predict(X @ X.T))
