"""Stacks against scikit-learn's, of the same models and folds: predictions agree to 1e-8."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import StackingClassifier, StackingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import KFold
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import mlj_keras as mlj
from mlj_keras.resampling.strategies import CV, ResamplingStrategy, StratifiedCV
from tests.batteries.stacking import IRIS, LEVELS, diabetes, fitted, learner, mixed

REGRESSORS: dict[str, tuple[Any, dict[str, Any]]] = {
    "ridge": (Ridge, {"alpha": 10.0}),
    "near": (KNeighborsRegressor, {"n_neighbors": 7}),
    "tree": (DecisionTreeRegressor, {"max_depth": 3, "random_state": 1}),
}
CLASSIFIERS: dict[str, tuple[Any, dict[str, Any]]] = {
    "bayes": (GaussianNB, {}),
    "near": (KNeighborsClassifier, {"n_neighbors": 9}),
    "tree": (DecisionTreeClassifier, {"max_depth": 3, "random_state": 1}),
}
EXACT = {"tol": 1e-12, "max_iter": 10_000, "solver": "newton-cg"}


def both(
    parts: dict[str, tuple[Any, dict[str, Any]]],
) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """The models as ours and as scikit-learn's."""
    ours = {name: learner(kind.__name__, **hyper) for name, (kind, hyper) in parts.items()}
    return ours, [(name, kind(**hyper)) for name, (kind, hyper) in parts.items()]


def pairs_of(strategy: ResamplingStrategy, X: Any, y: Any) -> list[Any]:
    return list(strategy.train_test_pairs(range(len(y)), X, y))


@pytest.mark.parametrize("strategy", [CV(nfolds=5), CV(nfolds=4, rng=3)], ids=str)
@pytest.mark.parametrize(
    ("meta", "hyper"), [(LinearRegression, {}), (Ridge, {"alpha": 3.0})], ids=["linear", "ridge"]
)
def test_regressors(strategy: Any, meta: Any, hyper: dict[str, Any]) -> None:
    X, y = diabetes(120)
    ours, theirs = both(REGRESSORS)
    stack = mlj.Stack(**ours, metalearner=learner(meta.__name__, **hyper), resampling=strategy)
    oracle = StackingRegressor(theirs, meta(**hyper), cv=pairs_of(strategy, X, y))
    wanted = oracle.fit(X.to_numpy(), y.to_numpy()).predict(X.to_numpy())
    np.testing.assert_allclose(mlj.predict(fitted(stack, X, y), X), wanted, rtol=1e-8)


def test_folds_in_the_order_of_rows_as_scikit_learn_cuts_them_itself() -> None:
    X, y = diabetes(121)
    ours, theirs = both(REGRESSORS)
    meta = learner("DecisionTreeRegressor", max_depth=2, random_state=0)  # the order may matter
    stack = mlj.Stack(**ours, metalearner=meta, resampling=mlj.CV(nfolds=3))
    oracle = StackingRegressor(
        theirs, DecisionTreeRegressor(max_depth=2, random_state=0), cv=KFold(3)
    )
    wanted = oracle.fit(X.to_numpy(), y.to_numpy()).predict(X.to_numpy())
    np.testing.assert_allclose(mlj.predict(fitted(stack, X, y), X), wanted, rtol=1e-8)


@pytest.mark.parametrize("strategy", [CV(nfolds=3), StratifiedCV(nfolds=4, rng=2)], ids=str)
def test_classifiers_of_three_classes(strategy: Any) -> None:
    X, y = mixed(90)
    ours, theirs = both(CLASSIFIERS)
    stack = mlj.Stack(
        **ours, metalearner=learner("LogisticRegression", **EXACT), resampling=strategy
    )
    oracle = StackingClassifier(
        theirs,
        LogisticRegression(**EXACT),
        cv=pairs_of(strategy, X, y),
        stack_method="predict_proba",
        passthrough=False,
    )
    oracle.fit(X.to_numpy(), np.asarray(y))
    found = mlj.predict(fitted(stack, X, y), IRIS)
    assert found.levels == tuple(oracle.classes_) == LEVELS
    np.testing.assert_allclose(found.to_numpy(), oracle.predict_proba(IRIS.to_numpy()), atol=1e-8)


def test_two_classes_keep_both_columns_where_scikit_learn_drops_one() -> None:
    X, y = mixed(90)
    y = pd.Series(pd.Categorical(np.where(y == "setosa", "no", "yes")), index=y.index)
    ours, _ = both(CLASSIFIERS)
    strategy = mlj.CV(nfolds=3)
    stack = mlj.Stack(
        **ours, metalearner=learner("LogisticRegression", **EXACT), resampling=strategy
    )
    Z = np.zeros((90, 6))
    whole = np.zeros((150, 6))
    for i, (kind, hyper) in enumerate(CLASSIFIERS.values()):
        columns = slice(2 * i, 2 * i + 2)
        for train, test in pairs_of(strategy, X, y):
            part = kind(**hyper).fit(X.to_numpy()[train], np.asarray(y)[train])
            Z[test, columns] = part.predict_proba(X.to_numpy()[test])
        model = kind(**hyper).fit(X.to_numpy(), np.asarray(y))
        whole[:, columns] = model.predict_proba(IRIS.to_numpy())
    wanted = LogisticRegression(**EXACT).fit(Z, np.asarray(y)).predict_proba(whole)
    found = mlj.predict(fitted(stack, X, y), IRIS).to_numpy()
    np.testing.assert_allclose(found, wanted, atol=1e-8)


def test_weights_reach_models_and_metalearner_as_in_scikit_learn() -> None:
    X, y = diabetes(120)
    w = np.random.default_rng(1).integers(1, 5, 120).astype(float)
    parts = {name: REGRESSORS[name] for name in ("ridge", "tree")}  # which both take weights
    ours, theirs = both(parts)
    strategy = mlj.CV(nfolds=3)
    stack = mlj.Stack(**ours, metalearner=learner("Ridge"), resampling=strategy)
    X_, y_, Z = X.to_numpy(), y.to_numpy(), np.zeros((120, 2))
    for i, (_, model) in enumerate(theirs):
        for train, test in pairs_of(strategy, X, y):
            model.fit(X_[train], y_[train], sample_weight=w[train])
            Z[test, i] = model.predict(X_[test])
    meta = Ridge().fit(Z, y_, sample_weight=w)
    features = [model.fit(X_, y_, sample_weight=w).predict(X_) for _, model in theirs]
    found = mlj.predict(fitted(stack, X, y, w), X)
    np.testing.assert_allclose(found, meta.predict(np.column_stack(features)), rtol=1e-8)
    unweighted = mlj.predict(fitted(stack, X, y), X)
    assert np.abs(np.asarray(found) - np.asarray(unweighted)).max() > 0.1


def test_columns_that_the_metalearner_is_given_are_called_x1_x2() -> None:
    X, y = diabetes(60)
    ours, _ = both(REGRESSORS)
    meta = mlj.Pipeline(scaler=mlj.Standardizer(), ridge=learner("Ridge"))
    mach = fitted(mlj.Stack(**ours, metalearner=meta, resampling=mlj.CV(nfolds=3)), X, y)
    assert list(mlj.fitted_params(mach).metalearner.scaler.means) == ["x1", "x2", "x3"]
