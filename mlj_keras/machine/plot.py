"""`plot`: the picture of a machine. Knows machines and plots. Source: ours; MLJ leaves plotting to
recipes."""

from __future__ import annotations

from typing import Any

from mlj_keras.errors import InvalidArgument, UnsupportedOperation
from mlj_keras.machine.machine import Machine
from mlj_keras.plots import (
    plot_live_training,
    plot_losses,
    plot_parallel_coordinates,
    plot_slices,
    plot_tuning_history,
)

# Of tuned machines.
_KINDS: dict[str, Any] = {
    "history": plot_tuning_history,
    "parallel_coordinates": plot_parallel_coordinates,
    "slices": plot_slices,
}


def plot(mach: Machine, *, kind: str | None = None, axes: Any = None, label: str = "") -> Any:
    """Draw the training losses of a machine, epoch by epoch, of which the first is from before
    training; or the search of a tuned one.

    Args:
        mach: trained, of a model that reports training losses
        kind: of a tuned machine: "history" (default), the measurement of each candidate and the
            best so far; "slices", against each hyper-parameter; "parallel_coordinates", each
            candidate a line
        axes: matplotlib axes to draw on, None for new ones; of slices as many as hyper-parameters
        label: of the curve, for a legend.
    Of an iterated model the losses are drawn that its controls saw, and the best one.
    Returns: the matplotlib axes, of slices a tuple; nothing is shown by itself. Needs the extra
        `plots`.
    Raises: NotTrainedError; UnsupportedOperation for models without training losses;
        InvalidArgument for a kind that there is not; MissingPackageError without matplotlib.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=2, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.plot(mach).get_xlabel()
        'epochs done'

    Source: ours.
    """
    model, outcome = mach.trained("plot")
    if "plotting" in outcome.report:
        return _tuned(outcome.report["plotting"], kind or "history", axes)
    if kind is not None:
        raise InvalidArgument(
            f"kind says how a search is drawn, and {type(mach.model).__name__} is none. Leave it "
            "out."
        )
    if {"iterations", "losses"} <= outcome.report.keys() and outcome.report["losses"]:
        return _iterated(outcome.report, model.training_losses(outcome.report), axes)
    parameter = model.own_traits().iteration_parameter or ""
    losses = _losses(outcome.report, parameter.split(".")[0])
    if losses is None:
        raise UnsupportedOperation(
            f"{mach.model!r} reports no training losses, so there is nothing to plot."
        )
    # Networks report the loss before training, too.
    first = 0 if len(losses) > len(model.training_losses(outcome.report)) else 1
    title = type(mach.model).__name__
    return plot_losses(losses, axes=axes, label=label, title=title, first=first)


def _iterated(report: Any, training: Any, axes: Any) -> Any:
    """The losses of an iterated model, on which its controls have acted."""
    measure, best = report["measure"], report["best_iteration"]
    if measure is None:  # of training alone
        names, training = ("training loss", "training"), None
    else:
        names = (measure if training is None else f"{measure}, training loss", "training")
    return plot_live_training(
        report["iterations"],
        report["losses"],
        training_losses=training,
        best=best,
        names=names,
        axes=axes,
    )


def _tuned(facts: Any, kind: str, axes: Any) -> Any:
    """A search."""
    if kind not in _KINDS:
        raise InvalidArgument(f"kind must be one of {', '.join(_KINDS)}, got {kind!r}.")
    options = {"orientation": facts.orientation, "name": facts.measure, "axes": axes}
    if kind == "history":
        return plot_tuning_history(facts.measurements, **options)
    if not facts.parameter_names:
        raise UnsupportedOperation(
            f"kind={kind!r} draws hyper-parameters, and this search is of whole models. Take "
            "kind='history'."
        )
    scales = dict(zip(facts.parameter_names, facts.parameter_scales, strict=True))
    draw = _KINDS[kind]
    orders = facts.parameter_orders
    values, found = facts.parameter_values, facts.measurements
    return draw(values, found, scales=scales, orders=orders, **options)


def _losses(report: Any, part: str) -> Any:
    """The losses in a report, or in the report of the part of a composite that iterates."""
    found = report.get("training_losses")
    inner = report.get(part)
    return found if found is not None or inner is None else _losses(vars(inner), "model")
