"""What can be known of a stack before it is trained: models that predict, all of one kind.

Knows traits and scitypes. Source: MLJBase.jl, src/composition/models/stacking.jl (`check_valid`
and the inner constructor).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlj_keras.data.scitypes import (
    Continuous,
    Finite,
    Infinite,
    Scitype,
    Table,
    Unknown,
    Vector,
    members,
)
from mlj_keras.errors import InvalidModelError
from mlj_keras.models.wrapper import check_model

KINDS = ("regressor", "classifier", "model of several targets")


RESERVED = ("cv_report", "folds")  # of the report


def check_bases(models: Mapping[str, Any]) -> None:
    """Raise InvalidModelError for no models, and for those that a stack cannot learn from."""
    if not models:
        raise InvalidModelError(
            "A stack has at least one base model, got none. Give them by name: Stack(..., "
            "net=NeuralNetworkClassifier())."
        )
    for name, model in models.items():
        if name in RESERVED:
            raise InvalidModelError(
                f"The report of a stack has something called {name!r} of its own. Give the base "
                "model another name."
            )
        try:
            check_model(model)
        except TypeError as error:
            raise InvalidModelError(f"The base model {name} {error}.") from None
        traits = model.own_traits()
        if not traits.supervised:
            raise InvalidModelError(
                f"{name} ({type(model).__name__}) does not predict, and cannot be in a stack."
            )
        if "classifier" in kinds_of(model) and traits.prediction_type == "deterministic":
            raise InvalidModelError(
                f"{name} ({type(model).__name__}) predicts labels, and a stack learns from "
                "probabilities. Take a classifier that predicts these."
            )
    kinds = {name: found for name, model in models.items() if (found := kinds_of(model))}
    if kinds and not set.intersection(*map(set, kinds.values())):
        told = ", ".join(f"{name} is a {found[0]}" for name, found in kinds.items())
        raise InvalidModelError(
            f"The base models of a stack are all regressors or all classifiers: {told}."
        )


def check_metalearner(metalearner: Any, models: Mapping[str, Any]) -> None:
    """Raise InvalidModelError for a metalearner that predicts another kind of target."""
    if not metalearner.own_traits().supervised:
        raise InvalidModelError(
            f"The metalearner predicts, and {type(metalearner).__name__} does not."
        )
    wanted = metalearner.own_traits().input_scitype
    if wanted != Unknown and not any(Table[Continuous] <= each for each in members(wanted)):
        raise InvalidModelError(
            f"The metalearner learns from a table of numbers, and {type(metalearner).__name__} "
            f"takes {wanted}."
        )
    kinds = kinds_of(metalearner)
    for name, model in models.items():
        others = kinds_of(model)
        if kinds and others and not {*kinds} & {*others}:
            raise InvalidModelError(
                f"The metalearner {type(metalearner).__name__} is a {kinds[0]}, and the base "
                f"model {name} is a {others[0]}."
            )


def kinds_of(model: Any) -> tuple[str, ...]:
    """What a model can be: "regressor", "classifier", "model of several targets"; nothing if that
    is known with data only."""
    target = model.own_traits().target_scitype
    if target == Unknown:
        return ()
    return tuple(sorted({_kind_of(each) for each in members(target)}, key=KINDS.index))


def _kind_of(target: Scitype) -> str:
    if target <= Vector[Finite]:
        return "classifier"
    return "regressor" if target <= Vector[Infinite] else "model of several targets"


def common_scitype(scitypes: Sequence[Scitype]) -> Scitype:
    """The one of these that is a special case of all; Unknown if there is none."""
    found = (one for one in scitypes if all(one <= other for other in scitypes))
    return next(found, Unknown)
