"""`as_estimator`: our models where scikit-learn's are used.

Loads scikit-learn on use: the classes are in `sklearn_adapters`. Source: ours.
"""

from __future__ import annotations

import importlib
from typing import Any

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.data.scitypes import Finite, Infinite, Table, Unknown, Vector, union
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.models import Model
from mlj_keras.models.interface import Operations

_ADAPTERS = {
    "classifier": "MachineClassifier",
    "regressor": "MachineRegressor",
    "transformer": "MachineTransformer",
}


@short_tracebacks
def as_estimator(model: Model, kind: str | None = None) -> Any:
    """A model as a scikit-learn estimator: for Pipeline, GridSearchCV, cross_val_score and the
    rest.

    Args:
        model: a model; the estimator holds this object, and never changes it
        kind: "classifier", "regressor" or "transformer"; None reads it off the model. Needed for
            NeuralNetwork, and for models of your own that state no target scitype; "transformer"
            of an EntityEmbedder, or of a network with factors, gives the embeddings.
    Returns: MachineClassifier, MachineRegressor or MachineTransformer, untrained.
    Raises: WrongType if model is no model; InvalidArgument if the kind cannot be known, or is not
        what the model is.
    Example:
        >>> import mlj_keras as mlj
        >>> net = as_estimator(mlj.NeuralNetworkClassifier(epochs=20, rng=1))
        >>> X, y = mlj.load_iris()
        >>> net.fit(X, y).score(X, y) > 0.9
        True
        >>> net.set_params(model__optimiser__learning_rate=0.1, model__epochs=5).fit(X, y).n_iter_
        5

    Source: ours; skorch and SciKeras for the manner.
    """
    if not (isinstance(model, Model) and isinstance(model, Operations)):
        given = f"the class {model.__name__}" if isinstance(model, type) else repr(model)
        raise WrongType(
            f"as_estimator takes a model such as NeuralNetworkClassifier(), got {given}."
        )
    kinds = kinds_of(model)
    if kind is None and len(kinds) == 1:
        kind = kinds[0]
    if kind is None:
        raise InvalidArgument(
            f"{type(model).__name__} does not say what it predicts until it meets data. Write "
            "as_estimator(model, kind='classifier') or as_estimator(model, kind='regressor')."
        )
    if kind not in _ADAPTERS:
        raise InvalidArgument(f"kind must be one of {', '.join(_ADAPTERS)}, got {kind!r}.")
    if kind not in kinds and not (kind == "transformer" and hasattr(type(model), "transform")):
        raise InvalidArgument(
            f"{type(model).__name__} is no {kind}. Leave kind out, or write kind={kinds[0]!r}."
        )
    adapters = importlib.import_module("mlj_keras.interop.sklearn_adapters")
    return getattr(adapters, _ADAPTERS[kind])(model)


def kinds_of(model: Any) -> tuple[str, ...]:
    """What a model can be in scikit-learn's terms, by its traits.

    Args: model. Returns: one kind, or both "classifier" and "regressor" if it states no target.
    Example:
        >>> from mlj_keras.containers import NeuralNetwork, NeuralNetworkRegressor
        >>> kinds_of(NeuralNetwork()), kinds_of(NeuralNetworkRegressor())
        (('classifier', 'regressor'), ('regressor',))

    Source: ours.
    """
    traits = model.own_traits()
    if not traits.supervised:
        return ("transformer",)
    target = traits.target_scitype
    if target != Unknown and target <= Vector[Finite]:
        return ("classifier",)
    if target != Unknown and target <= union(Vector[Infinite], Table[Infinite]):
        return ("regressor",)
    inner = getattr(model, "model", None)  # of a wrapper that states no target itself
    return kinds_of(inner) if isinstance(inner, Model) else ("classifier", "regressor")


def __getattr__(name: str) -> Any:
    """The classes of estimators, which load scikit-learn when they are asked for."""
    if name in _ADAPTERS.values():
        return getattr(importlib.import_module("mlj_keras.interop.sklearn_adapters"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
