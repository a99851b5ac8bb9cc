"""Losses: a Keras name, a Keras object or a function, resolved to one loss a row.

Knows Keras' losses and the kind of target; nothing of models or data. Source: MLJFlux.jl,
src/core.jl (`loss(yhat, y)`); there a loss is a scalar of the batch and from-logits losses leave
predictions unnormalised.
"""

from __future__ import annotations

import dataclasses
import difflib
import types
from collections.abc import Callable
from typing import Any, Literal

from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidModelError
from mlj_keras.models.keys import ByIdentity, function_key, structural_key

keras = lazy_module("keras")

TargetKind = Literal["numbers", "classes", "binary"]
_CROSSENTROPIES = {
    "categorical_crossentropy": "softmax",
    "sparse_categorical_crossentropy": "softmax",
    "categorical_focal_crossentropy": "softmax",
    "binary_crossentropy": "sigmoid",
    "binary_focal_crossentropy": "sigmoid",
}
# Focal losses have the probabilities in their formula: only these gain by working on logits, with
# the same gradient.
_BETTER_ON_LOGITS = (
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
    "binary_crossentropy",
)


@dataclasses.dataclass(frozen=True)
class RowLoss:
    """A loss ready to use: `function(y_true, y_pred)` → (n,); what it wants of both; a key for
    compiled programs."""

    function: Callable[[Any, Any], Any]
    key: Any
    on_logits: bool = False  # y_pred is taken before the finaliser
    wants_codes: bool = False  # y_true is class codes (n,), not one-hot


def resolve_loss(loss: Any, kind: TargetKind, finaliser: Any, *, finalised: bool) -> RowLoss:
    """The loss of a container as a loss for each row.

    Args: loss: Keras name, Loss object, or callable (y_true, y_pred) → (n,) · kind of target:
        "numbers" (n, m), "classes" (K outputs), "binary" (one output) · finaliser: what follows
        the network, or None · finalised: the network already ends in it.
    Raises: InvalidModelError for an unknown name, and for a loss that does not fit the kind of
        target.
    """
    name, from_logits = _name_of(loss)
    _check_fit(name, loss, kind)
    wants_codes = name.startswith("sparse_")
    if isinstance(loss, str):
        function = keras.losses.get(name)
        if not finalised and name in _BETTER_ON_LOGITS and finaliser == _CROSSENTROPIES[name]:
            return RowLoss(_on_logits(function), name, on_logits=True, wants_codes=wants_codes)
        return RowLoss(function, name, wants_codes=wants_codes)
    if isinstance(loss, keras.losses.Loss):
        # Not by the config: Huber leaves its delta out of it, and CosineSimilarity its axis.
        settings = getattr(loss, "_fn_kwargs", None)
        known = type(loss).__module__.startswith("keras.") and settings is not None
        key: Any = ByIdentity(loss)
        if known:
            key = (ByIdentity(type(loss)), structural_key(settings))
        return RowLoss(loss.call, key, on_logits=from_logits, wants_codes=wants_codes)
    key = function_key(loss) if isinstance(loss, types.FunctionType) else ByIdentity(loss)
    return RowLoss(loss, key, wants_codes=wants_codes)


def _on_logits(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda y_true, y_pred: function(y_true, y_pred, from_logits=True)


def _name_of(loss: Any) -> tuple[str, bool]:
    """The snake-case name of a loss, and whether it works on logits."""
    if isinstance(loss, str):
        return canonical_name(loss), False
    if isinstance(loss, keras.losses.Loss):
        function = getattr(loss, "fn", None)
        name = getattr(function, "__name__", type(loss).__name__)
        return name, bool(loss.get_config().get("from_logits", False))
    return getattr(loss, "__name__", type(loss).__name__), False


def canonical_name(name: str) -> str:
    """The Keras function that `name` means ("mse", "MeanSquaredError" and "mean_squared_error" are
    one).

    Raises: InvalidModelError for a name that Keras does not know, with the nearest ones.
    """
    try:
        found = keras.losses.get(name)
    except (ValueError, TypeError):
        found = None
    if found is None:
        known = sorted(
            n
            for n in dir(keras.losses)
            if n[0].islower() and n not in ("get", "serialize", "deserialize")
        )
        near = difflib.get_close_matches(name, known, n=3) or [
            "mean_squared_error",
            "categorical_crossentropy",
        ]
        raise InvalidModelError(
            f"loss={name!r} is no loss of Keras. Did you mean {' or '.join(map(repr, near))}?"
        )
    function = getattr(found, "fn", found)
    return str(getattr(function, "__name__", name))


def works_on_logits(loss: Any) -> bool:
    """True for a Keras loss object with from_logits=True; loads nothing for anything else."""
    return hasattr(loss, "get_config") and bool(loss.get_config().get("from_logits", False))


def _check_fit(name: str, loss: Any, kind: TargetKind) -> None:
    if loss is not None and not isinstance(loss, str | keras.losses.Loss) and not callable(loss):
        raise InvalidModelError(
            "loss must be a Keras name, a Keras loss or a function (y_true, y_pred), got "
            f"{loss!r}."
        )
    if isinstance(loss, type):
        raise InvalidModelError(
            f"loss is the class {loss.__name__}. Give an instance: {loss.__name__}()."
        )
    if name not in _CROSSENTROPIES:
        return
    wanted = {"numbers": None, "classes": "softmax", "binary": "sigmoid"}[kind]
    if wanted is None:
        raise InvalidModelError(
            f"loss={name!r} compares probabilities of classes, and the target is Continuous. "
            "Use 'mean_squared_error', 'mean_absolute_error' or 'huber'; or coerce the target to "
            "Multiclass for a classifier."
        )
    if kind == "binary" and name != "binary_crossentropy" and name != "binary_focal_crossentropy":
        raise InvalidModelError(
            f"loss={name!r} needs an output for each class, and a binary classifier has one. "
            "Use 'binary_crossentropy', or NeuralNetworkClassifier."
        )
