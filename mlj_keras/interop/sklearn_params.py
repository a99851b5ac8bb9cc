"""Hyper-parameters of a model under the names of scikit-learn: `model__optimiser__learning_rate`.

Knows models only. Source: scikit-learn's `get_params` and `set_params`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlj_keras.errors import InvalidArgument, UnknownFieldError
from mlj_keras.models import Model


def split_parameters(
    parameters: Mapping[str, Any], name: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is set of an estimator itself, and what is set inside its parameter `name`.

    Args:
        parameters: names → values; inside `name` the parts of a name are joined by two underscores
            or by dots
        name: of the parameter that holds the model.
    Returns: (own names → values, dotted paths in the model → values).
    Example:
        >>> split_parameters({"verbosity": 1, "model__epochs": 3, "model.rng": 7}, "model")
        ({'verbosity': 1}, {'epochs': 3, 'rng': 7})

    Source: scikit-learn, `BaseEstimator.set_params`; the dots are ours.
    """
    own, inside = {}, {}
    for key, value in parameters.items():
        for joint in ("__", "."):
            if key.startswith(name + joint):
                inside[key.removeprefix(name + joint).replace("__", ".")] = value
                break
        else:
            own[key] = value
    return own, inside


def replaced(model: Model, changes: Mapping[str, Any]) -> Model:
    """A copy of the model with other hyper-parameters; parts before what is inside them.

    Args: model · changes: dotted path → value. Returns: a model of the same class.
    Raises: InvalidArgument for a name that does not exist, as scikit-learn wants a ValueError;
        InvalidModelError for an impossible value.
    Example:
        >>> from mlj_keras.containers import NeuralNetworkRegressor
        >>> replaced(NeuralNetworkRegressor(), {"optimiser.learning_rate": 0.5, "epochs": 3})
        NeuralNetworkRegressor(optimiser=Adam(learning_rate=0.5), epochs=3)

    Source: scikit-learn, `BaseEstimator.set_params`, which changes the nested object in place.
    """
    try:
        return model.replace(dict(sorted(changes.items(), key=lambda item: item[0].count("."))))
    except UnknownFieldError as error:
        raise InvalidArgument(str(error)) from error
