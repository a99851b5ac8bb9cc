"""An evaluation of scikit-learn's models gives the numbers of its own cross_validate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.model_selection import cross_val_score, cross_validate

import mlj_keras as mlj

CV6 = mlj.StratifiedCV(nfolds=6, rng=3)
SCORING = {"log_loss": "neg_log_loss", "accuracy": "accuracy", "auc": "roc_auc"}
MODELS: dict[str, dict[str, Any]] = {
    "RandomForestClassifier": {"n_estimators": 10, "random_state": 1},
    "HistGradientBoostingClassifier": {"max_iter": 10, "random_state": 1},
    "LogisticRegression": {"max_iter": 5_000},
}


def test_one_call_compares_a_network_with_models_of_scikit_learn_on_the_same_folds() -> None:
    X, y = mlj.load_breast_cancer()
    models: dict[str, Any] = {
        name: mlj.load(name, package="scikit-learn")(**settings)
        for name, settings in MODELS.items()
    }
    models["network"] = mlj.NeuralNetworkBinaryClassifier(epochs=10, rng=1)
    found = mlj.evaluate(models, X, y, resampling=CV6, measures=list(SCORING), verbosity=0)
    codes = y.cat.codes.to_numpy()
    for name, settings in MODELS.items():
        estimator = mlj.load(name)(**settings).build()
        scores = cross_validate(
            estimator, X.to_numpy(), codes, cv=found[name].train_test_rows, scoring=SCORING
        )
        for i, measure in enumerate(SCORING):
            sign = -1 if measure == "log_loss" else 1
            np.testing.assert_allclose(
                found[name].per_fold[i], sign * scores[f"test_{measure}"], rtol=1e-9
            )
    assert found["network"].measurement[1] > 0.93
    assert len(found.to_pandas()) == 4 and len(found.differences()) == 18


@pytest.mark.slow
def test_cross_val_score_of_our_estimator_gives_the_numbers_of_evaluate() -> None:
    X, y = mlj.load_diabetes()
    model = mlj.NeuralNetworkRegressor(epochs=5, batch_size=16, rng=1)
    folds = mlj.CV(nfolds=4)
    ours = mlj.evaluate(model, X, y, resampling=folds, measure="rsq", verbosity=0)
    theirs = cross_val_score(mlj.as_estimator(model), X, y, cv=ours.train_test_rows)
    np.testing.assert_allclose(theirs, ours.per_fold[0], rtol=1e-6)
