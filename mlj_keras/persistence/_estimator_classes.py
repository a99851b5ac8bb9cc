"""Classes and functions of libraries by name, for models that have them as hyper-parameters: the
public estimators of imbalanced-learn and scikit-learn, NumPy's types of numbers, and functions
that only compute. Each has its name in the public module that lists it; others are not looked up.

Knows names; loads a module when something in it is asked for. Source: ours.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import numpy as np

from mlj_keras._imports import require

_SAMPLERS = (
    "imblearn",
    "imblearn.combine",
    "imblearn.over_sampling",
    "imblearn.under_sampling",
)
_ESTIMATORS = tuple(
    f"sklearn.{name}"
    for name in (
        *("calibration", "cluster", "compose", "covariance", "cross_decomposition"),
        *("decomposition", "discriminant_analysis", "dummy", "ensemble", "feature_selection"),
        *("gaussian_process", "impute", "isotonic", "kernel_approximation", "kernel_ridge"),
        *("linear_model", "manifold", "mixture", "multiclass", "multioutput", "naive_bayes"),
        *("neighbors", "neural_network", "pipeline", "preprocessing", "random_projection"),
        *("semi_supervised", "svm", "tree"),
    )
)
MODULES = frozenset((*_SAMPLERS, *_ESTIMATORS))
_NUMBERS = frozenset(
    (
        *("bool", "complex128", "complex64", "float16", "float32", "float64", "int16", "int32"),
        *("int64", "int8", "str_", "uint16", "uint32", "uint64", "uint8"),
    )
)
_FUNCTIONS = {
    "numpy": ("max", "mean", "median", "min", "std", "sum", "var"),
    "sklearn.feature_selection": (
        *("chi2", "f_classif", "f_oneway", "f_regression", "mutual_info_classif"),
        *("mutual_info_regression", "r_regression"),
    ),
    "sklearn.metrics": (
        *("accuracy_score", "average_precision_score", "balanced_accuracy_score"),
        *("brier_score_loss", "cohen_kappa_score", "d2_absolute_error_score", "f1_score"),
        *("explained_variance_score", "fbeta_score", "hamming_loss", "hinge_loss"),
        *("jaccard_score", "log_loss", "matthews_corrcoef", "max_error", "mean_absolute_error"),
        *("mean_absolute_percentage_error", "mean_gamma_deviance", "mean_pinball_loss"),
        *("mean_poisson_deviance", "mean_squared_error", "mean_squared_log_error"),
        *("median_absolute_error", "precision_score", "r2_score", "recall_score"),
        *("roc_auc_score", "root_mean_squared_error", "root_mean_squared_log_error"),
        *("top_k_accuracy_score", "zero_one_loss"),
    ),
}


def class_id(cls: type) -> str | None:
    """What files call a class of imbalanced-learn's samplers, of scikit-learn's estimators, or of
    NumPy's numbers; None for any other.

    Example:
        >>> from sklearn.neighbors import NearestNeighbors
        >>> class_id(NearestNeighbors), class_id(dict)
        ('sklearn.neighbors.NearestNeighbors', None)

    Source: ours.
    """
    if issubclass(cls, np.generic):
        return f"numpy.{cls.__name__}" if class_of_id(f"numpy.{cls.__name__}") is cls else None
    module = cls.__module__
    while module and module not in MODULES:
        module = module.rpartition(".")[0]
    name = f"{module}.{cls.__name__}"
    return name if module and class_of_id(name) is cls else None


def class_of_id(name: str) -> type | None:
    """The class that files call so, or None.

    Raises: MissingPackageError for one of imbalanced-learn where that is not installed.
    Example:
        >>> class_of_id("sklearn.tree.DecisionTreeClassifier").__name__, class_of_id("os.system")
        ('DecisionTreeClassifier', None)

    Source: ours.
    """
    place, _, own = name.rpartition(".")
    if place == "numpy" and own in _NUMBERS:
        number: type = getattr(np, own)
        return number
    if place not in MODULES:
        return None
    if place in _SAMPLERS:
        require("imblearn", extra="imbalanced")
    module = importlib.import_module(place)
    found: Any = getattr(module, own, None) if own in module.__all__ else None
    return found if isinstance(found, type) and hasattr(found, "get_params") else None


def function_id(function: Callable[..., Any]) -> str | None:
    """What files call a function of NumPy or scikit-learn that models have as a hyper-parameter;
    None for any other.

    Example:
        >>> import numpy as np
        >>> function_id(np.mean), function_id(np.load)
        ('numpy.mean', None)

    Source: ours.
    """
    for module, names in _FUNCTIONS.items():
        own = getattr(function, "__name__", "")
        if own in names and function_of_id(f"{module}.{own}") is function:
            return f"{module}.{own}"
    return None


def function_of_id(name: str) -> Callable[..., Any] | None:
    """The function that files call so, or None.

    Example:
        >>> function_of_id("numpy.mean")([1.0, 3.0]).item(), function_of_id("numpy.load")
        (2.0, None)

    Source: ours.
    """
    place, _, own = name.rpartition(".")
    if own not in _FUNCTIONS.get(place, ()):
        return None
    found: Callable[..., Any] = getattr(importlib.import_module(place), own)
    return found
