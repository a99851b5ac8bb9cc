"""Which operation of a machine gives a measure what it compares with the truth.

Knows measures and the traits of models. Source: MLJBase.jl, src/resampling/evaluate.jl
(`_actual_operations`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlj_keras.data.scitypes import (
    Finite,
    Infinite,
    OrderedFactor,
    Scitype,
    Table,
    Unknown,
    Vector,
)
from mlj_keras.errors import DimensionMismatch, InvalidArgument, InvalidModelError
from mlj_keras.measures.base import Measure
from mlj_keras.models.traits import Traits

OPERATIONS = ("predict", "predict_mode", "predict_mean", "predict_median")


def operations_for(
    given: Any, measures: Sequence[Measure], traits: Traits, target: Scitype, who: str
) -> tuple[str, ...]:
    """The operation of each measure.

    Args:
        given: the user's: None, one for all measures, or a sequence with one each
        traits: of the model that does the work
        target: the scitype of the target
        who: the model's name.
    Raises: InvalidArgument for an unknown operation, or a measure that no prediction of the model
        suits; DimensionMismatch for another number of operations than measures.
    """
    if given is None:
        return tuple(_deduced(measure, traits, target, who) for measure in measures)
    listed = [given] * len(measures) if not isinstance(given, list | tuple) else list(given)
    if len(listed) != len(measures):
        raise DimensionMismatch(
            f"{len(listed)} operations were given for {len(measures)} measures. Give one for "
            "all, or one each."
        )
    names = tuple(_named(operation) for operation in listed)
    for name, measure in zip(names, measures, strict=True):
        _check_fits(name, measure, traits, who)
    return names


def _check_fits(operation: str, measure: Measure, traits: Traits, who: str) -> None:
    """Raise InvalidArgument if a measure of ours cannot take what the operation gives."""
    if not hasattr(type(measure), "reads") or traits.prediction_type == "unknown":
        return
    probabilistic = traits.prediction_type == "probabilistic"
    gives = "probabilistic" if probabilistic and operation == "predict" else "deterministic"
    if not probabilistic and operation != "predict":
        raise InvalidArgument(f"{who} predicts values: it has predict, and no {operation}.")
    if measure.prediction_type != gives:
        what = "distributions" if gives == "probabilistic" else "values"
        raise InvalidArgument(
            f"{operation} of {who} gives {what}, which {measure.name} does not take. Leave "
            "operation out: it is found for each measure."
        )


def _named(operation: Any) -> str:
    name = getattr(operation, "__name__", operation)
    if name not in OPERATIONS:
        raise InvalidArgument(
            f"operation must be one of {', '.join(OPERATIONS)}, got {operation!r:.60}."
        )
    return str(name)


def _deduced(measure: Measure, traits: Traits, target: Scitype, who: str) -> str:
    kind = traits.prediction_type
    if measure.prediction_type == kind or kind == "unknown":
        return "predict"
    if kind == "deterministic":
        raise InvalidArgument(
            f"{measure.name} compares predicted distributions, and {who} predicts values. Choose "
            "a measure of values, such as "
            f"{'accuracy' if target <= Vector[Finite] else 'rms'}, or a probabilistic model."
        )
    wanted = target if measure.target_scitype == Unknown else measure.target_scitype
    if wanted <= Vector[Finite] or wanted <= Table[Finite]:
        return "predict_mode"
    if wanted <= Vector[Infinite] or wanted <= Table[Infinite]:
        return "predict_mean"
    raise InvalidArgument(
        f"{measure.name} does not say whether it takes the mode or the mean of a predicted "
        "distribution. Give operation='predict_mode' or 'predict_mean'."
    )


def check_measure(measure: Measure, target: Scitype) -> None:
    """Raise InvalidArgument if a measure does not suit a target."""
    wanted = measure.target_scitype
    if wanted == Unknown or target == Unknown:
        return
    if not measure.takes(target):
        raise InvalidArgument(
            f"{measure.name} needs a target of scitype {wanted}, and this one has {target}. "
            + (
                "If its last level is the positive one, write y = coerce(y, OrderedFactor)."
                if _ordered(target) <= wanted
                else "See measures(scitype(y)) for those that suit it, or set check_measure=False."
            )
        )


def check_oriented(measure: Measure, purpose: str) -> None:
    """Raise InvalidModelError if no value of a measure is better than another, as it has to be for
    this purpose."""
    if measure.orientation not in ("loss", "score"):
        raise InvalidModelError(
            f"Of two values of {measure.name} none is the better, so that it cannot {purpose}. "
            "Put a loss or a score first."
        )


def _ordered(target: Scitype) -> Scitype:
    """The scitype that a target of classes would have with an order."""
    if not target <= Vector[Finite] or not target.args or not target.args[0].args:
        return target
    return Vector[OrderedFactor[target.args[0].args[0]]]
