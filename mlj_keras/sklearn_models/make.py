"""A model class for an estimator class: its fields, kind, operations, traits and docstring.

`class_of` makes each class once. They live in `classes.py`, from where they are pickled.
Source: MLJScikitLearnInterface.jl, src/macros.jl (`@sk_reg`, `@sk_clf`, `@sk_uns`).
"""

from __future__ import annotations

import copyreg
import importlib
import inspect
import threading
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.models import Deterministic, Model, Probabilistic, Traits, Unsupervised, param
from mlj_keras.sklearn_models._parameters import random_state_of
from mlj_keras.sklearn_models.base import (
    Clusters,
    EstimatorModel,
    Inverts,
    SupervisedEstimator,
    Transforms,
    UnsupervisedEstimator,
)
from mlj_keras.sklearn_models.left_out import FORMS, LEFT_OUT
from mlj_keras.sklearn_models.traits import parameters_of, required, traits_of

sklearn_base = lazy_module("sklearn.base")
linear_model = lazy_module("sklearn.linear_model")

# The module that holds the classes: pickle looks for them there.
HOME = "mlj_keras.sklearn_models.classes"

_made: dict[Any, type[EstimatorModel]] = {}
_lock = threading.Lock()

_FORM_WORDS = {
    "one_hot": "a Multiclass column becomes 0 and 1, a column `name__level` for each level of its "
    "pool, and an OrderedFactor its code 0, 1, ... in the pool",
    "codes": "a factor becomes its code 0, 1, ... in the pool, and the estimator is told which "
    "columns are categories; for gradient boosting an OrderedFactor is a number",
    "labels": "factors stay labels",
}


def reason_left_out(cls: Any) -> str | None:
    """Why an estimator class is no model here; None if it is one.

    Args: cls: an estimator class. Returns: words that go on after its name, or None.
    Example:
        >>> from sklearn.cluster import DBSCAN, KMeans
        >>> reason_left_out(DBSCAN), reason_left_out(KMeans)
        ('groups its training rows only, and predicts no others', None)

    Source: ours.
    """
    if cls.__name__ in LEFT_OUT:
        return LEFT_OUT[cls.__name__]
    if not (hasattr(cls, "predict") or hasattr(cls, "transform")):
        return "has neither predict nor transform"
    unknown = [name for name in required(cls) if name not in _specimen_parts(cls)]
    return f"needs {' and '.join(unknown)}, of which nothing is known here" if unknown else None


def class_of(cls: Any) -> type[EstimatorModel]:
    """The model class of an estimator class, made at the first call.

    Args: cls: an estimator class that is not left out. Returns: a Model class of the same name.
    Example:
        >>> from sklearn.linear_model import Ridge
        >>> class_of(Ridge).__name__, class_of(Ridge) is class_of(Ridge), class_of(Ridge)().alpha
        ('Ridge', True, 1.0)

    Source: MLJScikitLearnInterface.jl, src/macros.jl.
    """
    with _lock:
        if cls not in _made:
            _made[cls] = _make(cls)
        return _made[cls]


def as_model(value: Any) -> Any:
    """A nested estimator as a model of it, so that its hyper-parameters are reached by path and
    compared by value; anything else as it is.

    Args: value: a hyper-parameter (hence Any). Returns: a model, or the value.
    Example:
        >>> from sklearn.linear_model import Ridge
        >>> as_model(Ridge(alpha=2.0)), as_model((("a", Ridge()),)), as_model(3)
        (Ridge(alpha=2.0), (('a', Ridge()),), 3)

    Source: ours.
    """
    if isinstance(value, tuple):
        return tuple(as_model(item) for item in value)
    own = isinstance(value, sklearn_base.BaseEstimator)
    cls = type(value)
    if not own or not cls.__module__.startswith("sklearn.") or reason_left_out(cls):
        return value
    return class_of(cls)(**value.get_params(deep=False))


def rebuild(module: str, name: str) -> EstimatorModel:
    """An empty model of the estimator class `name` of `module`, which unpickling then fills."""
    cls = class_of(getattr(importlib.import_module(module), name))
    return object.__new__(cls)


def _reduce(self: EstimatorModel) -> tuple[Any, ...]:
    """How a model is pickled: by the name of its estimator class, so that a fresh process makes
    this one class and no other."""
    cls = type(self)
    if cls.__module__ != HOME:  # a subclass of the user's own is found where it was defined
        return copyreg.__newobj__, (cls,), self.__getstate__()  # type: ignore[attr-defined]  # undocumented
    estimator = self.estimator_class
    return rebuild, (estimator.__module__, estimator.__name__), self.__getstate__()


def _make(cls: Any) -> type[EstimatorModel]:
    traits = traits_of(cls, _specimen(cls))
    defaults = parameters_of(cls)
    aliases = {"rng": "random_state"} if "random_state" in defaults else {}
    body: dict[str, Any] = {
        "__module__": HOME,
        "__qualname__": cls.__name__,
        "__doc__": _doc(cls, traits),
        "__annotations__": dict.fromkeys(defaults, Any),
        "__reduce__": _reduce,
        "estimator_class": cls,
        "traits": traits,
        "aliases": aliases,
        **{name: _field(name, default) for name, default in defaults.items()},
    }
    return type(cls.__name__, _bases(cls, traits), body)


def _field(name: str, default: Any) -> Any:
    convert = random_state_of if name == "random_state" else as_model
    if default is inspect.Parameter.empty:
        return param(convert=convert, positional=name in ("estimator", "estimators"))
    if isinstance(default, list | dict | set | np.ndarray):
        return param(factory=lambda: default, convert=convert)
    return param(default, convert=convert)


def _bases(cls: Any, traits: Traits) -> tuple[type[Model], ...]:
    bases: list[type[Model]] = []
    if hasattr(cls, "transform"):
        bases.append(Transforms)
    if hasattr(cls, "inverse_transform"):
        bases.append(Inverts)
    if not traits.supervised:
        clusters = [Clusters] if issubclass(cls, sklearn_base.ClusterMixin) else []
        clusters = clusters if hasattr(cls, "predict") else []
        return (*bases, *clusters, UnsupervisedEstimator, Unsupervised)
    probabilistic = traits.prediction_type == "probabilistic"
    return (*bases, SupervisedEstimator, Probabilistic if probabilistic else Deterministic)


def _specimen_parts(cls: Any) -> dict[str, Any]:
    """Values for parameters without default, good enough to ask an instance for its tags."""
    regressor = issubclass(cls, sklearn_base.RegressorMixin)
    part = linear_model.LinearRegression() if regressor else linear_model.LogisticRegression()
    return {"estimator": part, "estimators": [("part", part)], "dictionary": np.eye(1)}


def _specimen(cls: Any) -> Any:
    parts = _specimen_parts(cls)
    return cls(**{name: parts[name] for name in required(cls)})


def _doc(cls: Any, traits: Traits) -> str:
    # Its examples come last, and are of scikit-learn's own functions.
    own = inspect.cleandoc(cls.__doc__ or "").split("\nExamples\n")[0].rstrip()
    summary = " ".join(own.split("\n\n")[0].split())
    module = ".".join(part for part in cls.__module__.split(".") if not part.startswith("_"))
    takes = ", y" if traits.takes_target else ""
    weights = " (and w)" if traits.supports_weights else ""
    form = _FORM_WORDS[FORMS.get(cls.__name__, "one_hot")]
    target = f" and y of scitype {traits.target_scitype}" if takes else ""
    return (
        f"{summary}\n\nThe model of scikit-learn's `{module}.{cls.__name__}`.\n\n"
        f"Training data: `machine(model, X{takes})`{weights} with X a table of scitype "
        f"{traits.input_scitype}{target}. The estimator gets a matrix (of float64, row by "
        f"row): numbers as they are; {form}. Levels that the pool of the training rows does not "
        "have raise.\n"
        "Hyper-parameters: the parameters of scikit-learn's constructor, with its defaults, "
        "checked when training starts; `rng` is another name of random_state."
        f"{_iterates(traits)}\n"
        "Fitted parameters: `estimator`, and what it has learned without the underscore at the "
        "end: `coef_` is `coef`.\nReport: `features`, the columns of the matrix; random_state, as "
        "drawn if it was None; training_losses of the iterations, where the estimator keeps "
        "them.\n\n"
        f"Source: scikit-learn, which says:\n\n{own}"
    )


def _iterates(traits: Traits) -> str:
    if traits.iteration_parameter is None:
        return ""
    return f" If only `{traits.iteration_parameter}` is raised, training goes on, where it can."
