"""A model of each estimator of scikit-learn with hyper-parameters that suit a small table."""

from __future__ import annotations

from typing import Any

import numpy as np

import mlj_keras as mlj
from mlj_keras.sklearn_models import model_class
from mlj_keras.sklearn_models.traits import required

# What an estimator needs to work at all on 48 rows of 8 columns, or to be quick.
SETTINGS: dict[str, dict[str, Any]] = {
    "AdaBoostClassifier": {"n_estimators": 3},
    "AdaBoostRegressor": {"n_estimators": 3},
    "AffinityPropagation": {"max_iter": 50},
    "BisectingKMeans": {"n_clusters": 3},
    "CalibratedClassifierCV": {"cv": 2},
    "CCA": {"n_components": 1},
    "DictionaryLearning": {"n_components": 2, "max_iter": 5},
    "ElasticNetCV": {"cv": 2, "alphas": 5},
    "ExtraTreesClassifier": {"n_estimators": 5},
    "ExtraTreesRegressor": {"n_estimators": 5},
    "FastICA": {"n_components": 2},
    "GaussianRandomProjection": {"n_components": 2},
    "GenericUnivariateSelect": {"mode": "k_best", "param": 3},
    "GradientBoostingClassifier": {"n_estimators": 5},
    "GradientBoostingRegressor": {"n_estimators": 5},
    "HistGradientBoostingClassifier": {"max_iter": 3, "min_samples_leaf": 4},
    "HistGradientBoostingRegressor": {"max_iter": 3, "min_samples_leaf": 4},
    "IncrementalPCA": {"n_components": 2},
    "KernelPCA": {"n_components": 2, "fit_inverse_transform": True},
    "LassoCV": {"cv": 2, "alphas": 5},
    "LatentDirichletAllocation": {"n_components": 2, "max_iter": 2},
    "LinearSVC": {"C": 0.01},
    "LogisticRegressionCV": {"Cs": 2, "cv": 2, "max_iter": 10},
    "MLPClassifier": {"max_iter": 5},
    "MLPRegressor": {"max_iter": 5},
    "MeanShift": {"bandwidth": 2.0},
    "MultiTaskElasticNetCV": {"cv": 2, "alphas": 5},
    "MultiTaskLassoCV": {"cv": 2, "alphas": 5},
    "MiniBatchNMF": {"n_components": 2, "max_iter": 3},
    "MiniBatchDictionaryLearning": {"n_components": 2, "max_iter": 2},
    "MiniBatchSparsePCA": {"n_components": 2, "max_iter": 5},
    "MiniBatchKMeans": {"n_clusters": 3, "batch_size": 20, "max_iter": 3},
    "NuSVC": {"nu": 0.1},
    "PLSCanonical": {"n_components": 1},
    "PLSRegression": {"n_components": 1},
    "PLSSVD": {"n_components": 1},
    "QuadraticDiscriminantAnalysis": {"solver": "eigen", "shrinkage": 0.5},
    "QuantileTransformer": {"n_quantiles": 10},
    "RFECV": {"cv": 2, "step": 4},
    "RandomForestClassifier": {"n_estimators": 5},
    "RandomForestRegressor": {"n_estimators": 5},
    "RandomTreesEmbedding": {"n_estimators": 3, "max_depth": 2},
    "RadiusNeighborsClassifier": {"radius": 10.0},
    "RadiusNeighborsRegressor": {"radius": 10.0},
    "SelectFdr": {"alpha": 0.9},
    "SelectFpr": {"alpha": 0.9},
    "SelectFwe": {"alpha": 0.9},
    "SelectKBest": {"k": 2},
    "SequentialFeatureSelector": {"n_features_to_select": 1, "cv": 2},
    "SimpleImputer": {"add_indicator": True},
    "SparsePCA": {"n_components": 2, "max_iter": 5},
    "SparseRandomProjection": {"n_components": 2},
    "StackingClassifier": {"cv": 2},
    "StackingRegressor": {"cv": 2},
    "TunedThresholdClassifierCV": {"cv": 2, "thresholds": 5},
    "TheilSenRegressor": {"max_subpopulation": 50},
}


def model_of(name: str, n_features: int) -> Any:
    """A model of this name with settings for a test."""
    cls = model_class(name)
    fields = set(mlj.info(cls)["hyperparameters"])
    regressor = cls.traits.supervised and not cls.traits.target_scitype <= mlj.Vector[mlj.Finite]
    inner = model_class("Ridge" if regressor else "LogisticRegression")(
        random_state=1, max_iter=20
    )
    parts = {
        "estimator": inner,
        "estimators": [("one", inner)],
        "dictionary": np.eye(n_features)[:3],
    }
    given = {part: parts[part] for part in required(cls.estimator_class)}
    seed = {"random_state": 0} if "random_state" in fields else {}
    return cls(**given | seed | SETTINGS.get(name, {}))
