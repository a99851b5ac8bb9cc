"""Names that are safe are there, and lead to estimators that give the same after as before."""

from __future__ import annotations

import numpy as np
from sklearn import neighbors

from mlj_keras.persistence._estimator_checks import _CHECKS, _LATE
from mlj_keras.persistence.safe_types import SAFE_TYPES
from tests.persistence.small_estimators import CLASSES, NUMBERS, X, round_trip


def test_every_safe_name_is_there_and_every_check_is_of_a_class() -> None:
    for name in [*SAFE_TYPES, *_CHECKS, *_LATE]:
        module, _, own = name.rpartition(".")
        assert hasattr(__import__(module, fromlist=["x"]), own), name


def test_other_kernels_distances_and_functions_are_safe_too() -> None:
    from sklearn.cluster import FeatureAgglomeration
    from sklearn.gaussian_process import GaussianProcessRegressor, kernels

    kernel = kernels.Matern() + kernels.WhiteKernel() * kernels.RationalQuadratic()
    round_trip(GaussianProcessRegressor(kernel**2, optimizer=None).fit(X, NUMBERS))
    round_trip(FeatureAgglomeration(2, pooling_func=np.median).fit(X))
    for metric in ("manhattan", "chebyshev", "minkowski"):
        for algorithm in ("kd_tree", "ball_tree", "brute"):
            near = neighbors.KNeighborsClassifier(
                metric=metric, p=3, algorithm=algorithm, leaf_size=2
            )
            found = round_trip(near.fit(X, CLASSES))
            assert np.array_equal(found.predict_proba(X), near.predict_proba(X))
