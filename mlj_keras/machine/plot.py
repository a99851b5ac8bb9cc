"""`plot`: the picture of a machine or a network. Knows machines, graphs and plots. Source: ours;
MLJ leaves plotting to recipes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.errors import InvalidArgument, UnsupportedOperation, WrongType
from mlj_keras.machine._embedded import factors_of, loss_in_words
from mlj_keras.machine.graph import graph_of, has_network
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.node import Node
from mlj_keras.machine.record import Record
from mlj_keras.plots import (
    plot_embeddings,
    plot_live_training,
    plot_losses,
    plot_network,
    plot_parallel_coordinates,
    plot_slices,
    plot_tuning_history,
)

_NETWORK, _EMBEDDINGS = "network", "embeddings"
# Of tuned machines.
_KINDS: dict[str, Any] = {
    "history": plot_tuning_history,
    "parallel_coordinates": plot_parallel_coordinates,
    "slices": plot_slices,
}


@short_tracebacks
def plot(
    what: Any,
    *,
    kind: str | None = None,
    axes: Any = None,
    label: str = "",
    feature: str | None = None,
) -> Any:
    """Draw the training losses of a machine, epoch by epoch, of which the first is from before
    training; the search of a tuned one; the losses that the controls of an iterated one saw, and
    the best; the embeddings of factors; or the network of a composite or a node.

    Args:
        what: a machine, trained, of a model that reports training losses; or of a composite, such
            as a pipeline, which for its network need not be trained; or a node, or a mapping of
            operations to nodes
        kind: of a tuned machine: "history" (default), the measurement of each candidate and the
            best so far; "slices", against each hyper-parameter; "parallel_coordinates", each
            candidate a line. Of a composite: "network", its sources, machines and nodes; None
            (default): its training losses. Of any machine in which a network was trained on
            factors: "embeddings", a panel for each factor with a point for each level. Of nodes:
            "network" (default)
        axes: matplotlib axes to draw on, None for new ones; of slices as many as
            hyper-parameters, of embeddings as factors; of an iterated model cleared first
        label: of a curve of training losses, for a legend
        feature: of embeddings, the one factor to draw; None (default): all.
    Returns: the matplotlib axes, of slices and embeddings a tuple (of one feature its axes);
        nothing is shown by itself. Needs the extra `plots`.
    Raises: NotTrainedError; UnsupportedOperation for models without training losses, network or
        embeddings; InvalidArgument for a kind or a feature that there is not, or a composite
        without data; WrongType for anything else than these; MissingPackageError without
        matplotlib.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=2, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> mlj.plot(mach).get_xlabel()
        'epochs done'
        >>> Xs = mlj.source(X)
        >>> Z = mlj.transform(mlj.machine(mlj.Standardizer(), Xs), Xs)
        >>> [text.get_text() for text in mlj.plot(Z).texts]
        ['source 1', 'Standardizer', 'transform']

    Source: ours.
    """
    _check(what, kind, feature)
    if label and (kind is not None or isinstance(what, Node | Mapping)):
        raise _no_label(label)
    if kind == _NETWORK or isinstance(what, Node | Mapping):
        return _network(what, axes)
    if kind == _EMBEDDINGS:
        return _embeddings(what, feature, axes)
    return _learned(what, kind, axes, label)


def _check(what: Any, kind: str | None, feature: str | None) -> None:
    """Raise for questions that make no sense, whatever was learned."""
    if feature is not None and kind != _EMBEDDINGS:
        raise InvalidArgument(
            f"feature says whose embedding is drawn, got {feature!r} with kind={kind!r}. Write "
            "kind='embeddings', or leave it out."
        )
    if isinstance(what, Node | Mapping) and kind not in (None, _NETWORK):
        raise InvalidArgument(
            f"Nodes are drawn as a network, got kind={kind!r}. Write 'network', or leave it out."
        )
    if not isinstance(what, Machine | Node | Mapping) and kind != _NETWORK:
        drawn = "; kind='network' draws its parts" if hasattr(what, "prefit") else ""
        raise WrongType(
            f"plot draws a machine or a node, got {what!r:.60}. Give a machine: machine(model, X, "
            f"y){drawn}."
        )


def _no_label(label: str) -> InvalidArgument:
    return InvalidArgument(
        f"label names a curve of training losses, and this picture has a legend of its own, got "
        f"{label!r}. Leave it out."
    )


def _network(what: Any, axes: Any) -> Any:
    """Sources, machines and nodes."""
    graph = graph_of(what)
    title = type(what.model).__name__ if isinstance(what, Machine) else ""
    outputs = set(graph.outputs.values())
    return plot_network(graph.vertices, graph.edges, outputs=outputs, axes=axes, title=title)


def _learned(mach: Machine, kind: str | None, axes: Any, label: str) -> Any:
    """What training has found: losses, or a search."""
    model, outcome = mach.trained("plot")
    iterated = {"iterations", "losses"} <= outcome.report.keys() and outcome.report["losses"]
    if label and (iterated or "plotting" in outcome.report):
        raise _no_label(label)
    if "plotting" in outcome.report:
        return _tuned(outcome.report["plotting"], kind or "history", axes)
    if kind is not None:
        name = type(mach.model).__name__
        others = " 'network' draws its machines." if has_network(mach) else ""
        raise InvalidArgument(
            f"kind says how a search is drawn, and {name} is none, got {kind!r}. Leave it out for "
            f"the training losses.{others}"
        )
    if iterated:
        return _iterated(outcome.report, model.training_losses(outcome.report), axes)
    parameter = model.own_traits().iteration_parameter or ""
    losses = _losses(outcome.report, parameter.split(".")[0])
    if losses is None:
        others = " Its network has a picture: kind='network'." if has_network(mach) else ""
        raise UnsupportedOperation(
            f"{mach.model!r} reports no training losses, so there is nothing to plot.{others}"
        )
    given: dict[str, Any] = {"axes": axes, "label": label, "title": type(mach.model).__name__}
    # Networks report the loss before training, too, and each as a mean over batches.
    if len(losses) > len(model.training_losses(outcome.report)):
        words = loss_in_words(model, outcome, parameter.split(".")[0])
        unit = f"{words}, mean over batches" if words else "mean over batches"
        return plot_losses(losses, **given, unit=unit)
    return plot_losses(losses, **given, first=1, unit="", steps="iterations")


def _embeddings(mach: Machine, feature: str | None, axes: Any) -> Any:
    """What networks have learned of factors."""
    factors = factors_of(*mach.trained("plot"), feature)
    levels = {name: each[0] for name, each in factors.items()}
    vectors = {name: each[1] for name, each in factors.items()}
    panels = plot_embeddings(vectors, levels, axes=axes)
    return panels if feature is None else panels[0]


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
    if found is not None or not isinstance(inner, Record):
        return found
    return _losses(vars(inner), "model")
