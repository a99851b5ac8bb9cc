"""Hyper-parameters of a model and of the models in it, by names joined with two underscores.

Knows models only. Source: MLJBase.jl, `flat_params`; scikit-learn, `BaseEstimator.get_params`.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.models.base import Model


def nested_params(model: Any, prefix: str = "") -> dict[str, Any]:
    """Every hyper-parameter inside a model: a part, then what is inside it.

    Args: model: anything but a model has none · prefix: before every name.
    Returns: dict name → value.
    Example:
        >>> from mlj_keras.optimisers import SGD
        >>> nested_params(SGD(0.5), "optimiser__")["optimiser__learning_rate"]
        0.5

    Source: scikit-learn, `BaseEstimator.get_params`.
    """
    found: dict[str, Any] = {}
    for name in model.fields() if isinstance(model, Model) else ():
        value = model.get(name)
        found[prefix + name] = value
        found |= nested_params(value, f"{prefix}{name}__")
    return found


def flat_params(model: Any) -> dict[str, Any]:
    """The hyper-parameters of a model that are no models with hyper-parameters themselves.

    Args: model. Returns: dict name → value.
    Example:
        >>> import mlj_keras as mlj
        >>> flat_params(mlj.NeuralNetworkClassifier())["optimiser__learning_rate"]
        0.001

    Source: MLJBase.jl, `flat_params`.
    """
    return {
        name: value
        for name, value in nested_params(model).items()
        if not (isinstance(value, Model) and value.fields())
    }
