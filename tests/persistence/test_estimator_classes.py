"""Classes and functions of libraries are known by their public names, and no other names are."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import neighbors
from sklearn.cluster import KMeans

from mlj_keras.persistence._estimator_classes import (
    class_id,
    class_of_id,
    function_id,
    function_of_id,
)


def test_samplers_and_estimators_are_known_by_their_public_names() -> None:
    from imblearn.over_sampling import SMOTE, RandomOverSampler

    for cls, name in {
        RandomOverSampler: "imblearn.over_sampling.RandomOverSampler",
        SMOTE: "imblearn.over_sampling.SMOTE",
        neighbors.NearestNeighbors: "sklearn.neighbors.NearestNeighbors",
        KMeans: "sklearn.cluster.KMeans",
    }.items():
        assert class_id(cls) == name and class_of_id(name) is cls


@pytest.mark.parametrize(
    "name",
    [
        *(
            "os.system",
            "system",
            "",
            "sklearn.os.system",
            "sklearn.tree.os",
            "sklearn.tree.__doc__",
        ),
        *("sklearn.tree.export_text", "imblearn.over_sampling._smote.base.SMOTE", "numpy.ndarray"),
        "sklearn.tree._classes.DecisionTreeClassifier",
    ],
)
def test_other_names_are_of_no_class(name: str) -> None:
    assert class_of_id(name) is None


def test_numbers_and_functions_of_hyper_parameters_are_known_by_name() -> None:
    for name in ("numpy.float64", "numpy.bool", "numpy.uint8"):
        cls = class_of_id(name)
        assert cls is getattr(np, name.partition(".")[2]) and class_id(cls) == name
    for name in ("numpy.mean", "sklearn.feature_selection.f_classif"):
        function = function_of_id(name)
        assert function is not None and function_id(function) == name
    for name in ("numpy.load", "numpy.object_", "numpy.void", "os.system", "builtins.eval"):
        assert function_of_id(name) is None and class_of_id(name) is None
    assert function_id(np.load) is None and function_id(len) is None and class_id(np.void) is None


def test_a_class_of_the_user_has_no_name() -> None:
    class Own(KMeans):
        pass

    Own.__module__ = "sklearn.cluster._own"
    assert class_id(Own) is None and class_id(dict) is None
