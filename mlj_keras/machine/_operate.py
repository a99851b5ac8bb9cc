"""What all operations share: the model and data that they work on, and points of distributions.

Knows the attributes of a machine. Source: MLJBase.jl, src/operations.jl.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.data.edges import outward
from mlj_keras.data.scitypes import Finite, Vector
from mlj_keras.errors import InvalidArgument, NotTrainedError, UnsupportedOperation
from mlj_keras.machine.checks import check_kind
from mlj_keras.machine.node import Node
from mlj_keras.machine.source import Source, labelled, read


def operate(mach: Any, operation: str, Xnew: Any = None, rows: Any = None) -> Any:
    """Call an operation of a machine's model on new data, or on rows of the bound data.

    Raises: UnsupportedOperation if the model has none of that name; NotTrainedError.
    """
    if isinstance(Xnew, Node | Source):
        return Node(operation, mach, (Xnew,))
    static = not mach.args and mach.model.own_traits().static  # there is nothing to learn
    if static and (not mach.state or mach.model != mach.current_model()):
        mach.fit(verbosity=0)
    model = mach.current_model()
    if not model.has_operation(operation):
        raise _unsupported(model, operation)
    if not mach.state:
        raise NotTrainedError.of(f"machine({mach.model!r}, ...)", operation)
    _, outcome = mach.trained(operation)
    method = getattr(type(model), operation)
    return method(model, outcome.fitresult, _operand(mach, operation, model, Xnew, rows))


def point(mach: Any, what: str, Xnew: Any = None, rows: Any = None) -> Any:
    """The "mode", "mean" or "median" of each predicted distribution.

    Raises: UnsupportedOperation for deterministic models, and for means and medians of classes.
    """
    if isinstance(Xnew, Node | Source):
        return Node(f"predict_{what}", mach, (Xnew,))
    model = mach.current_model()
    if model.has_operation(f"predict_{what}"):
        return operate(mach, f"predict_{what}", Xnew, rows)
    traits = model.own_traits()
    if traits.prediction_type == "deterministic":
        raise UnsupportedOperation(
            f"{type(model).__name__} is deterministic: its predictions are values, no "
            "distributions. Use predict(mach, Xnew)."
        )
    if what != "mode" and traits.target_scitype <= Vector[Finite]:
        raise UnsupportedOperation(
            f"Classes have no {what}: use predict_mode(mach, Xnew), or predict_proba(mach, Xnew)."
        )
    distributions = operate(mach, "predict", Xnew, rows)
    if hasattr(distributions, what):
        return getattr(distributions, what)()
    return [getattr(distribution, what)() for distribution in distributions]


def _operand(mach: Any, operation: str, model: Any, Xnew: Any, rows: Any) -> Any:
    if Xnew is not None and rows is not None:
        raise InvalidArgument(
            f"{operation} takes new data or rows of the bound data, got both. Give one of them."
        )
    if Xnew is not None:
        if model.native_data:
            return outward(Xnew)
        inner = read(Xnew)
        if operation != "inverse_transform":
            check_kind(model.own_traits(), Xnew, inner)
        return inner
    if operation == "inverse_transform" or not mach.args:
        raise InvalidArgument(f"{operation} needs data: {operation}(mach, Xnew).")
    positions = mach.positions(rows)
    data = mach.args[0].rows(positions, native=model.native_data)
    if model.native_data or len(mach.args) < 2:
        return data
    return labelled(data, mach.args[1].rows(positions, native=False))


def _unsupported(model: Any, operation: str) -> UnsupportedOperation:
    known = ("predict", "predict_mode", "transform", "inverse_transform")
    has = [name for name in known if model.has_operation(name)]
    return UnsupportedOperation(
        f"{type(model).__name__} has no {operation}. It has: {', '.join(has) or 'none'}."
    )
