"""Losses: a Keras name, a Keras object or a function, resolved to one loss a row.

Knows Keras' losses and the kind of target; nothing of models or data. Source: MLJFlux.jl,
src/core.jl (`loss(yhat, y)`); there a loss is a scalar of the batch and from-logits losses leave
predictions unnormalised.
"""

from __future__ import annotations

import dataclasses
import difflib
import sys
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


# The names that `keras.losses.get` takes, so that a wrong one is known before Keras is loaded.
KNOWN_NAMES = tuple(
    """mean_squared_error mse MSE MeanSquaredError mean_absolute_error mae MAE MeanAbsoluteError
    mean_absolute_percentage_error mape MAPE MeanAbsolutePercentageError
    mean_squared_logarithmic_error msle MSLE MeanSquaredLogarithmicError cosine_similarity
    CosineSimilarity huber Huber log_cosh LogCosh poisson Poisson tversky Tversky dice Dice
    categorical_crossentropy CategoricalCrossentropy sparse_categorical_crossentropy
    SparseCategoricalCrossentropy categorical_focal_crossentropy CategoricalFocalCrossentropy
    binary_crossentropy bce BCE BinaryCrossentropy binary_focal_crossentropy
    BinaryFocalCrossentropy kl_divergence kld KLD  KLDivergence
    hinge Hinge squared_hinge SquaredHinge categorical_hinge CategoricalHinge ctc CTC circle
    Circle""".split()
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

    Args:
        loss: Keras name, Loss object, or callable (y_true, y_pred) → (n,)
        kind of target: "numbers" (n, m), "classes" (K outputs), "binary" (one output)
        finaliser: what follows the network, or None
        finalised: the network already ends in it.
    Raises: InvalidModelError for an unknown name, and for a loss that does not fit the kind of
        target.
    """
    name, from_logits = name_and_logits(loss)
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


def check_loss_value(value: Any) -> Any:
    """A loss as a hyper-parameter: a name that Keras knows, a loss object or a function.

    Raises: TypeError or ValueError with what to write. Loads Keras only for names it may know.
    """
    if isinstance(value, type):
        raise TypeError(f"loss is a class. Give an instance: {value.__name__}()")
    if isinstance(value, str):
        canonical_name(value) if "keras" in sys.modules else _check_known(value)
        return value
    if not callable(value):
        raise TypeError(
            "loss must be a Keras name such as 'mean_squared_error', a Keras loss object or a "
            f"function (y_true, y_pred), got {value!r}"
        )
    return value


def _check_known(name: str) -> None:
    if name not in KNOWN_NAMES:
        raise ValueError(_unknown_loss(name))


def _unknown_loss(name: str) -> str:
    near = difflib.get_close_matches(name, KNOWN_NAMES, n=3)
    near = near or ["mean_squared_error", "categorical_crossentropy"]
    return f"loss={name!r} is no loss of Keras. Did you mean {' or '.join(map(repr, near))}?"


def _on_logits(function: Callable[..., Any]) -> Callable[[Any, Any], Any]:
    return lambda y_true, y_pred: function(y_true, y_pred, from_logits=True)


def name_and_logits(loss: Any) -> tuple[str, bool]:
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
        raise InvalidModelError(_unknown_loss(name))
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
