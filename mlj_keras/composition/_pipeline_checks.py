"""What can be known of a pipeline before it is trained: an order that is possible, and columns
that each component can take.

Knows traits and scitypes. Source: ours; MLJBase.jl checks the number of supervised components.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.data.edges import outward
from mlj_keras.data.scitypes import (
    Continuous,
    Count,
    Finite,
    Scitype,
    Table,
    Unknown,
    Vector,
    non_missing,
)
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    ScitypeError,
    ScitypeWarning,
)
from mlj_keras.machine import Source
from mlj_keras.machine.checking import level_around
from mlj_keras.models import Model


def check_order(components: Mapping[str, Any]) -> None:
    """Raise InvalidModelError for no components, two that predict, or an order in which one could
    not do its part."""
    if not components:
        raise InvalidModelError("A pipeline has at least one component, got none.")
    models = {n: c for n, c in components.items() if isinstance(c, Model)}
    predictors = [name for name, c in models.items() if c.own_traits().supervised]
    if len(predictors) > 1:
        raise InvalidModelError(
            f"One component of a pipeline predicts, and {' and '.join(predictors)} do. To feed "
            "predictions to another model, make a network of nodes: see NetworkComposite."
        )
    after = False
    for name, component in models.items():
        if name in predictors:
            after = True
        elif not component.has_operation("transform"):
            raise InvalidModelError(
                f"{name} ({type(component).__name__}) has no transform, and cannot be a step of a "
                "pipeline."
            )
        elif after and component.own_traits().takes_target:
            raise InvalidModelError(
                f"{name} learns from the target, and comes after {predictors[0]}, which predicts "
                "it. Put it before."
            )


def check_options(pipe: Any) -> None:
    """Raise InvalidModelError for an operation or prediction type that the component that
    predicts cannot have; what is known of it only with data is checked then."""
    if pipe.predictor is None:
        if pipe.operation != "predict" or pipe.prediction_type is not None:
            raise InvalidModelError(
                "operation and prediction_type are of pipelines with a component that predicts, "
                "and this one has none. Leave them out."
            )
        return
    component = getattr(pipe, pipe.predictor)
    traits = component.own_traits()
    kind, who = traits.prediction_type, type(component).__name__
    if kind == "deterministic" and pipe.operation != "predict":
        raise InvalidModelError(
            f"operation={pipe.operation!r} is of distributions, and {who} predicts values. Leave "
            "it out."
        )
    classes = traits.target_scitype != Unknown and traits.target_scitype <= Vector[Finite]
    if classes and pipe.operation in ("predict_mean", "predict_median"):
        raise InvalidModelError(
            f"Classes have no {pipe.operation.removeprefix('predict_')}: write "
            "operation='predict_mode'."
        )
    is_last = pipe.predictor == list(pipe.components)[-1]
    given = pipe.prediction_type
    own = "deterministic" if pipe.operation != "predict" else kind
    if given is not None and is_last and own != "unknown" and given != own:
        raise InvalidModelError(
            f"prediction_type={given!r} is not that of {who}, the last component, which is {own}. "
            "Leave it out."
        )


def check_targets(components: Mapping[str, Any], y: Any) -> None:
    """Raise if a component cannot learn from the target."""
    target = Source(y).scitype
    for place, (name, component) in enumerate(components.items()):
        if not isinstance(component, Model) or not component.own_traits().takes_target:
            continue
        traits = component.own_traits()
        wanted = traits.target_scitype
        if wanted != Unknown and not traits.supervised and not target <= wanted:
            raise ScitypeError(
                f"{type(component).__name__} ({name} of the pipeline) takes a target of {wanted}, "
                f"and this one is {target}. Coerce y, or take another component."
            )
        if place:  # the first has been asked, with X
            component.check_target(outward(y) if component.native_data else y)


def check_columns(pipe: Any, columns: Mapping[Any, Scitype]) -> None:
    """Raise for columns that would reach a component that cannot take them.

    Args: pipe: the pipeline, resolved · columns: the scitypes of the columns of X.
    """
    known: Any = columns
    for name, component in pipe.components.items():
        if not isinstance(component, Model):
            return  # of what a function makes nothing is known
        _check_component(name, component, known)
        if name == pipe.predictor:
            return
        known = columns_after(component, known)
        if known is None:
            return


def columns_after(component: Any, columns: Mapping[Any, Scitype]) -> Any:
    """The scitypes of the columns that a component makes of these, or None if that is not known:
    of a function, and where columns are chosen by names that depend on levels."""
    if not isinstance(component, Model):
        return None
    by_name = bool(getattr(component, "features", ()))
    if by_name and not all(isinstance(name, str) for name in columns):
        return None
    return component.transformed_columns(columns)


def _check_component(name: str, component: Any, columns: Mapping[Any, Scitype]) -> None:
    wanted = component.own_traits().input_scitype
    if wanted == Unknown or wanted.name != "Table" or not wanted.args:
        return
    who = f"{type(component).__name__} ({name} of the pipeline)"
    wrong = {column: s for column, s in columns.items() if not _fits(s, wanted)}
    if not wrong:
        _check_converted(who, {c: s for c, s in columns.items() if not Table[s] <= wanted})
        return
    shown = _listed(wrong)
    if all(_fits(non_missing(s), wanted) for s in wrong.values()):
        raise MissingValuesError(
            f"{who} takes no missing values, and would be given {shown}. Put FillImputer() before "
            "it."
        )
    raise ScitypeError(
        f"{who} takes {wanted}, and would be given {shown}. Coerce these columns, for example to "
        "Multiclass, or put a transformer before it: OneHotEncoder() or ContinuousEncoder() for "
        "factors, FeatureSelector(features=[...], ignore=True) to leave columns out."
    )


def _check_converted(who: str, columns: Mapping[Any, Scitype]) -> None:
    """Say which columns are converted without loss; at level 2 that is an error."""
    if not columns:
        return
    if level_around() >= 2:
        raise ScitypeError(
            f"{who} takes Continuous, and would be given {_listed(columns)}. Coerce these columns."
        )
    warn(
        f"{who} takes these columns as Continuous: {_listed(columns)}. To say so yourself, coerce "
        "them.",
        ScitypeWarning,
    )


def _listed(columns: Mapping[Any, Scitype]) -> str:
    return ", ".join(f"{_shown(column)} of {s}" for column, s in list(columns.items())[:6])


def _fits(scitype: Scitype, wanted: Scitype) -> bool:
    # Counts are converted without loss.
    counts = scitype <= Count and Continuous in (wanted.args or ())
    return bool(Table[scitype] <= wanted) or counts


def _shown(column: Any) -> str:
    return f"column {column!r}" if isinstance(column, str) else f"columns made of {column[0]!r}"
