"""`model_class` and `model_names`: scikit-learn's models by name.

Loads scikit-learn when it is called. Source: MLJModels.jl, src/loading.jl, for the manner.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidArgument
from mlj_keras.sklearn_models.base import EstimatorModel
from mlj_keras.sklearn_models.make import class_of, reason_left_out

sklearn_base = lazy_module("sklearn.base")

# Where scikit-learn's public estimators are. Its own all_estimators finds the same ones, and
# imports 1,200 other modules on the way: a fresh worker process would wait for them, and one of
# them is torch where it is installed, which is no company for TensorFlow.
MODULES = (
    *("calibration", "cluster", "compose", "covariance", "cross_decomposition", "decomposition"),
    *("discriminant_analysis", "dummy", "ensemble", "feature_extraction"),
    *("feature_extraction.image", "feature_extraction.text", "feature_selection", "frozen"),
    *("gaussian_process", "impute", "isotonic", "kernel_approximation", "kernel_ridge"),
    *("linear_model", "manifold", "mixture", "model_selection", "multiclass", "multioutput"),
    *("naive_bayes", "neighbors", "neural_network", "pipeline", "preprocessing"),
    *("random_projection", "semi_supervised", "svm", "tree"),
)


@functools.cache
def _estimators() -> dict[str, Any]:
    """Every public estimator class of scikit-learn, by name."""
    found: dict[str, Any] = {}
    for module in map(importlib.import_module, (f"sklearn.{name}" for name in MODULES)):
        found |= {cls.__name__: cls for cls in vars(module).values() if _is_estimator(cls)}
    return found


def _is_estimator(value: Any) -> bool:
    if not isinstance(value, type) or not issubclass(value, sklearn_base.BaseEstimator):
        return False
    abstract = inspect.isabstract(value) or value is sklearn_base.BaseEstimator
    return not abstract and not value.__name__.startswith("_")


def model_names() -> tuple[str, ...]:
    """The names of all estimators of scikit-learn that are models here, sorted.

    Returns: tuple of names for `model_class`; those that are left out are listed with their
        reasons in `sklearn_models/left_out.py`.
    Example:
        >>> [name for name in model_names() if "KMeans" in name]
        ['BisectingKMeans', 'KMeans', 'MiniBatchKMeans']

    Source: ours.
    """
    return tuple(
        sorted(name for name, cls in _estimators().items() if reason_left_out(cls) is None)
    )


def left_out(name: str) -> str | None:
    """Why the estimator of this name is no model here, in words that go on after its name; None
    if it is one, or scikit-learn has none.

    Args: name: of an estimator class.
    Example:
        >>> left_out("DBSCAN"), left_out("KMeans")
        ('groups its training rows only, and predicts no others', None)

    Source: ours.
    """
    cls = _estimators().get(name)
    return None if cls is None else reason_left_out(cls)


def model_class(name: str) -> type[EstimatorModel]:
    """The model class of a classifier, regressor, transformer or clusterer of scikit-learn.

    Args: name: of the estimator class, such as "RandomForestClassifier".
    Returns: a Model class of the same name, always the same object; its fields are the
        constructor's parameters with their defaults, and `rng` is another name of random_state.
    Raises: InvalidArgument for a name that scikit-learn does not have, with the nearest ones, and
        for one that is left out, with the reason.
    Example:
        >>> Forest = model_class("RandomForestClassifier")
        >>> Forest(n_estimators=10, rng=3)
        RandomForestClassifier(n_estimators=10, random_state=3)

    Source: MLJModels.jl, `@load`.
    """
    cls = _estimators().get(name)
    if cls is None:
        near = difflib.get_close_matches(str(name), model_names(), n=3, cutoff=0.5)
        advice = f"Did you mean {' or '.join(map(repr, near))}?" if near else "See model_names()."
        raise InvalidArgument(f"scikit-learn has no estimator {name!r}. {advice}")
    reason = reason_left_out(cls)
    if reason is not None:
        raise InvalidArgument(f"There is no model of scikit-learn's {name}: it {reason}.")
    return class_of(cls)
