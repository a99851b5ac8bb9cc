"""The traits of scikit-learn's estimators, read off their classes and tags.

Knows scikit-learn's tags, not our model classes. Source: MLJScikitLearnInterface.jl, where the
traits of each model are written out.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Finite,
    Missing,
    Scitype,
    Table,
    Unknown,
    Vector,
    union,
)
from mlj_keras.models import Traits
from mlj_keras.sklearn_models.iteration import goes_on, iteration_parameter, keeps_losses
from mlj_keras.sklearn_models.left_out import FORMS, TARGETS, THRESHOLDED

sklearn_base = lazy_module("sklearn.base")
sklearn_utils = lazy_module("sklearn.utils")
sklearn_validation = lazy_module("sklearn.utils.validation")


def gives_distributions(estimator: Any) -> bool:
    """True for a classifier whose predictions are distributions: it has probabilities, and no
    threshold of its own decides.

    Args: estimator: an instance. Returns: bool.
    Example:
        >>> from sklearn.svm import SVC, LinearSVC
        >>> from sklearn.naive_bayes import GaussianNB
        >>> [gives_distributions(e) for e in (GaussianNB(), LinearSVC())]
        [True, False]

    Source: MLJScikitLearnInterface.jl, which of its classifiers are Probabilistic.
    """
    if type(estimator).__name__ in THRESHOLDED:
        return False
    # Before it is fitted, a stack without a final estimator does not know that it will take
    # LogisticRegression.
    stack = sklearn_base.is_classifier(estimator) and hasattr(estimator, "final_estimator")
    return hasattr(estimator, "predict_proba") or (stack and estimator.final_estimator is None)


def takes_missing(estimator: Any) -> bool:
    """True if the estimator's tags allow NaN.

    Args: estimator: an instance. Returns: bool.
    Example:
        >>> from sklearn.preprocessing import StandardScaler
        >>> takes_missing(StandardScaler())
        True

    Source: scikit-learn, `InputTags.allow_nan`.
    """
    return bool(sklearn_utils.get_tags(estimator).input_tags.allow_nan)


def traits_of(cls: Any, estimator: Any) -> Traits:
    """The traits of an estimator class.

    Args: cls: an estimator class · estimator: an instance, for what its tags say. Returns: Traits.
    Example:
        >>> from sklearn.linear_model import Ridge
        >>> traits_of(Ridge, Ridge()).target_scitype
        Table[Continuous] | Vector[Continuous]

    Source: MLJScikitLearnInterface.jl, the `metadata_model` of each.
    """
    transformer = cls.__name__ in TARGETS  # whatever the estimator inside is
    classifier = sklearn_base.is_classifier(estimator) and not transformer
    supervised = (classifier or sklearn_base.is_regressor(estimator)) and not transformer
    weights = supervised and sklearn_validation.has_fit_parameter(cls, "sample_weight")
    target = _target_scitype(cls, estimator, classifier=classifier, supervised=supervised)
    kind = "deterministic" if supervised else "unknown"
    return Traits(
        input_scitype=_input_scitype(cls, estimator),
        target_scitype=target,
        output_scitype=Table if hasattr(cls, "transform") else Unknown,
        prediction_type="probabilistic" if classifier and gives_distributions(estimator) else kind,
        supervised=supervised,
        target_in_fit=target != Unknown,
        is_wrapper=any(name.startswith("estimator") for name in required(cls)),
        supports_weights=weights,
        supports_class_weights=weights and classifier,
        reports_feature_importances=supervised and _has_importances(cls),
        iteration_parameter=iteration_parameter(cls, parameters_of(cls)),
        supports_training_losses=keeps_losses(estimator),
        package_name="scikit-learn",
        package_license="BSD-3-Clause",
    )


def traits_with(traits: Traits, cls: Any, estimator: Any) -> Traits:
    """The traits of a class with what the hyper-parameters of an instance decide: probabilities,
    missing values, whether training can go on, and whether losses are kept.

    Args: traits: of the class · cls, estimator: as traits_of. Returns: Traits.
    Example:
        >>> from sklearn.linear_model import SGDClassifier
        >>> traits = traits_of(SGDClassifier, SGDClassifier())
        >>> own = traits_with(traits, SGDClassifier, SGDClassifier(loss="log_loss"))
        >>> traits.prediction_type, own.prediction_type
        ('deterministic', 'probabilistic')

    Source: ours.
    """
    kind = traits.prediction_type
    if traits.supervised and sklearn_base.is_classifier(estimator):
        kind = "probabilistic" if gives_distributions(estimator) else "deterministic"
    return dataclasses.replace(
        traits,
        input_scitype=_input_scitype(cls, estimator),
        prediction_type=kind,
        iteration_parameter=traits.iteration_parameter if goes_on(estimator) else None,
        supports_training_losses=keeps_losses(estimator),
    )


def parameters_of(cls: Any) -> dict[str, Any]:
    """The parameters of an estimator's constructor with their defaults.

    Args: cls: an estimator class. Returns: dict, in the order of the constructor;
        `inspect.Parameter.empty` for a parameter that has no default.
    Example:
        >>> from sklearn.preprocessing import Binarizer
        >>> parameters_of(Binarizer)
        {'threshold': 0.0, 'copy': True}

    Source: ours.
    """
    own = inspect.signature(cls).parameters.values()
    named = [p for p in own if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    return {parameter.name: parameter.default for parameter in named}


def required(cls: Any) -> tuple[str, ...]:
    """The parameters of an estimator's constructor that have no default.

    Args: cls: an estimator class. Returns: tuple of names.
    Example:
        >>> from sklearn.multioutput import RegressorChain
        >>> required(RegressorChain)
        ('estimator',)

    Source: ours.
    """
    defaults = parameters_of(cls)
    return tuple(name for name in defaults if defaults[name] is inspect.Parameter.empty)


_COMPLETE = Table[Continuous, Count, Finite]
_NUMBERS_MISSING = Table[Continuous | Missing, Count | Missing, Finite]
_ALL_MISSING = Table[Continuous | Missing, Count | Missing, Finite | Missing]


def _input_scitype(cls: Any, estimator: Any) -> Scitype:
    if not takes_missing(estimator):
        return _COMPLETE
    # A factor that is spread over several columns has no place for a missing value.
    spread = FORMS.get(cls.__name__, "one_hot") == "one_hot"
    return _NUMBERS_MISSING if spread else _ALL_MISSING


def _target_scitype(cls: Any, estimator: Any, *, classifier: bool, supervised: bool) -> Scitype:
    tags = sklearn_utils.get_tags(estimator)
    if classifier:
        many = tags.classifier_tags is None or tags.classifier_tags.multi_class
        return Vector[Finite] if many else Vector[Finite[2]]
    if supervised:
        several = tags.target_tags.multi_output
        if not several:
            return Vector[Continuous]
        single = tags.target_tags.single_output
        return union(Vector[Continuous], Table[Continuous]) if single else Table[Continuous]
    if cls.__name__ in TARGETS:
        return TARGETS[cls.__name__]
    return Vector[Finite | Continuous] if tags.target_tags.required else Unknown


def _has_importances(cls: Any) -> bool:
    documented = re.search(r"^ *coef_ :", cls.__doc__ or "", re.MULTILINE)
    return hasattr(cls, "feature_importances_") or documented is not None
