"""Binding: from a model and the user's data to checked sources.

Knows models, sources and checks; not machines. Source: MLJBase.jl, src/machines.jl (`machine`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlj_keras._logging import logger
from mlj_keras.data.scitypes import Finite, OrderedFactor, Vector
from mlj_keras.data.weights import ClassWeights, read_weights
from mlj_keras.errors import DimensionMismatch, InvalidArgument, WeightsError
from mlj_keras.machine.checking import checking, said_before
from mlj_keras.machine.checks import (
    check_kind,
    check_labels,
    check_lengths,
    check_pool,
    check_scitypes,
    resolved,
)
from mlj_keras.machine.doubts import check_memory, say_doubts
from mlj_keras.machine.node import Node, as_argument, keeps_rows, machines_of, origins_of
from mlj_keras.machine.source import Source
from mlj_keras.models import Model


def bind(model: Model, args: tuple[Any, ...]) -> tuple[Source | Node, ...]:
    """The arguments as sources; weights are read and checked. If some are sources or nodes
    already, the machine is part of a network, whose data are read when it is trained.

    Raises: InvalidArgument for a wrong number of arguments; WeightsError, DimensionMismatch.
    """
    traits: Any = model.own_traits()
    least = 0 if traits.static else 2 if traits.takes_target else 1
    most = 0 if traits.static else 3 if traits.takes_target else 1
    if not least <= len(args) <= most:
        wanted = {0: "no data", 1: "X", 2: "X, y", 3: "X, y or X, y, w"}[most]
        raise InvalidArgument(
            f"machine({type(model).__name__}(), ...) takes {wanted}, got {len(args)} argument(s)."
        )
    arguments = tuple(map(as_argument, args))
    if not in_network(args):
        return bind_data(model, arguments)
    arguments = (*arguments[:2], *map(_weights_of_classes, arguments[2:]))
    _check_origins(arguments)
    return arguments


def _weights_of_classes(arg: Source | Node) -> Source | Node:
    """Weights of classes, which have no rows, as such; others as they are."""
    by_class = isinstance(arg, Source) and isinstance(arg.data, Mapping | str)
    return Source(read_weights(arg.data, 0)) if by_class else arg


def _check_origins(args: tuple[Source | Node, ...]) -> None:
    """Raise DimensionMismatch if nodes stand on sources of other lengths: they are of other
    networks; InvalidArgument for a machine among those needed that learns from what it makes."""
    machines_of(args)
    sources = [s for arg in args if keeps_rows(arg) for s in origins_of(arg)]
    counts = {n_rows for source in sources if (n_rows := source.n_rows) is not None}
    if len(counts) > 1:
        raise DimensionMismatch(
            "The arguments of a machine of a network have the same rows, and these come from "
            f"sources of {' and '.join(map(str, sorted(counts)))} rows: are they nodes of another "
            "network?"
        )


def in_network(args: tuple[Any, ...]) -> bool:
    """Whether a machine of these arguments is part of a network."""
    return any(isinstance(arg, Source | Node) for arg in args)


def bind_data(model: Model, sources: tuple[Any, ...]) -> tuple[Source, ...]:
    """Sources as the model can read them, the third of weights, read and checked.

    Raises: as `bind`.
    """
    traits: Any = model.own_traits()
    if sources and not model.native_data:
        check_kind(traits, sources[0].data, sources[0].inner)
    if len(sources) == 3:
        weights = _weights(type(model).__name__, traits, sources)
        if not isinstance(weights.data, ClassWeights):
            check_labels((sources[0], sources[2]), ("X", "w"))
        sources = (*sources[:2], weights)
    return sources


def _weights(name: str, traits: Any, sources: tuple[Source, ...]) -> Source:
    weights = read_weights(sources[2].data, sources[0].n_rows or 0)
    by_class = isinstance(weights, ClassWeights)
    if not (traits.supports_class_weights if by_class else traits.supports_weights):
        kind = "class weights" if by_class else "weights"
        raise WeightsError(f"{name} takes no {kind}. Leave them out: machine(model, X, y).")
    return Source(weights)


def check_binding(model: Model, sources: tuple[Source, ...], level: int) -> Any:
    """Check the sources against the model that will do the work, which is returned.

    Raises: what `machine` raises for data.
    """
    check_lengths(sources, ("X", "y", "w")[: len(sources)])
    if level > 0:
        check_memory(model, sources)
    picked = resolved(model, sources, level)
    traits = picked.own_traits()
    if len(sources) == 3 and isinstance(sources[2].inner, ClassWeights):
        if not traits.supports_class_weights:
            raise WeightsError(
                "Class weights need a categorical target. Give a vector of weights, one a row."
            )
        sources[2].inner.of_rows(sources[1].inner.values)
    if level > 0 and traits.target_scitype == Vector[Finite[2]] and len(sources) > 1:
        check_pool(sources[1].inner)
    check_scitypes(traits, sources, level, type(picked).__name__)
    if level > 0:
        with checking(level):
            picked.check_data(*(s.rows(None, native=picked.native_data) for s in sources))
        if not said_before():
            say_doubts(picked, sources)
    return picked


def say_positive(traits: Any, sources: tuple[Source, ...]) -> None:
    """Log which class is the positive one, of two that nobody has put in order."""
    if traits.target_scitype != Vector[Finite[2]] or len(sources) < 2:
        return
    if not sources[1].scitype <= Vector[OrderedFactor]:
        positive = sources[1].positive_class
        logger.info("The positive class is %r, the second of the levels of y.", positive)
