"""`Graph`: a learning network as plain data, for whatever draws it.

Knows machines, nodes and sources, and what is made of them; no composite in particular, and no
drawing. Source: ours.
"""

from __future__ import annotations

import copy
import dataclasses
from collections import Counter
from collections.abc import Mapping
from typing import Any

from mlj_keras.data.edges import inward
from mlj_keras.errors import InvalidArgument, UnsupportedOperation, WrongType
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.node import Node, machines_of
from mlj_keras.machine.source import Source
from mlj_keras.models import Model

_SOURCES = ("X", "y", "w")  # what the sources of a composite are, in their order


@dataclasses.dataclass(frozen=True)
class Graph:
    """A learning network as names and texts.

    Args:
        vertices: (name, label, kind), each after those that it needs, but sources first; kind is
            "source", "node" or "machine"; names are "source1", "node1", "machine1" and so on
        edges: (from, to, kind), names of vertices; kind is "data" for what a node is computed
            from, its machine too, and "training" for what a machine learns from
        outputs: operation to the name of the node that answers it.
    """

    vertices: tuple[tuple[str, str, str], ...]
    edges: tuple[tuple[str, str, str], ...]
    outputs: Mapping[str, str]


@dataclasses.dataclass(frozen=True, eq=False)
class _Network:
    """What is asked for: nodes by operation; the sources of a composite, in their order; and the
    hyper-parameters that are the models of its machines, by the identity of the machines."""

    nodes: Mapping[str, Node]
    sources: tuple[Source, ...] = ()
    names: Mapping[int, str | None] = dataclasses.field(default_factory=dict)


def graph_of(what: Any) -> Graph:
    """The network behind a node, several nodes, or a machine of a composite.

    Sources are called X, y and w as a composite has them, others "source 1" and so on; machines
    by the hyper-parameter of the composite and the class, "standardizer: Standardizer", or by the
    class alone; nodes by their operation, such as "predict", or function, and by the operation of
    the composite if that is another. Where several machines would be called the same, models and
    then the machines of one model are numbered: "knn 3: KNNClassifier" is the third of the model
    `knn`, "KNNClassifier 2.3" the third of the second model of this class.

    Args: what: a node, a mapping of operations to nodes, or a machine of a composite, such as a
        pipeline; one that is not trained is not trained by this.
    Returns: Graph, the same for the same network.
    Raises: InvalidArgument for a composite without data, or a machine that learns from what it
        makes itself; UnsupportedOperation for a model that is no network; WrongType for anything
        else.
    Example:
        >>> import mlj_keras as mlj
        >>> Xs = mlj.source([1.0, 2.0, 3.0])
        >>> graph = graph_of(mlj.transform(mlj.machine(mlj.Standardizer(), Xs), Xs))
        >>> graph.vertices[1:]
        (('machine1', 'Standardizer', 'machine'), ('node1', 'transform', 'node'))
        >>> graph.edges[0], graph.outputs
        (('source1', 'machine1', 'training'), {'transform': 'node1'})

    Source: ours.
    """
    if isinstance(what, Node):
        return _drawn(_Network({_operation(what): what}))
    if isinstance(what, Mapping):
        return _drawn(_Network(_checked(what, "A network")))
    if isinstance(what, Machine):
        return _drawn(_of_machine(what))
    if hasattr(what, "prefit"):
        raise InvalidArgument(
            f"The network of a composite is known with its data, got {what!r:.60} without. Give a "
            "machine: machine(model, X, y)."
        )
    raise WrongType(
        f"A network is that of a node, of nodes by operation, or of a machine, got {what!r:.60}. "
        "Give one of these."
    )


def has_network(mach: Machine) -> bool:
    """Whether a machine is of a model that is a network."""
    return hasattr(mach.model, "prefit") or _learned(mach) is not None


def _learned(mach: Machine) -> Any:
    """The network that a machine has learned, or None."""
    found = mach.trained("graph_of")[1].fitresult if mach.state else None
    is_network = all(hasattr(found, name) for name in ("nodes", "names", "machines"))
    return found if is_network else None


def _of_machine(mach: Machine) -> _Network:
    learned = _learned(mach)
    if learned is not None:
        names = dict(zip(map(id, learned.machines), learned.names, strict=True))
        return _Network(learned.nodes, tuple(getattr(learned, "sources", ())), names)
    if not has_network(mach):
        raise UnsupportedOperation(
            f"{mach.model!r} is one model and no network. Give a machine of a composite, such as "
            "a pipeline, or a node."
        )
    model: Any = copy.deepcopy(mach.current_model())
    parts = {name: getattr(model, name) for name in model.fields()}
    for name, part in parts.items():
        if isinstance(part, Model):  # one that was given twice is two
            setattr(model, name, copy.deepcopy(part))
    data = (arg.rows(None, native=model.native_data) for arg in mach.args)
    sources = tuple(Source(inward(each)) for each in data)
    given = model.prefit(0, *sources)
    if isinstance(given, Mapping):  # whose other values are no operations
        given = {name: each for name, each in given.items() if isinstance(each, Node)}
    nodes = _checked(given, f"prefit of {type(model).__name__}")
    fields = {id(getattr(model, name)): name for name in parts}
    machines = machines_of(tuple(nodes.values()))
    return _Network(nodes, sources, {id(m): fields.get(id(m.model)) for m in machines})


def _checked(nodes: Any, who: str) -> Mapping[str, Node]:
    """Nodes by operation; raises WrongType for anything else."""
    if isinstance(nodes, Mapping) and nodes and all(isinstance(n, Node) for n in nodes.values()):
        return nodes
    raise WrongType(
        f"{who} must be nodes by the names of operations, got {nodes!r:.80}. Write "
        '{"predict": predict(mach, X)}.'
    )


def _drawn(network: _Network) -> Graph:
    machines_of(tuple(network.nodes.values()))  # which raises for one that goes in a circle
    found: dict[int, Any] = {}
    for node in network.nodes.values():
        _collect(node, found)
    sources = [s for s in network.sources if id(s) in found]
    sources += [s for s in found.values() if isinstance(s, Source) and s not in sources]
    ordered = sources + [each for each in found.values() if not isinstance(each, Source)]
    labels = _source_labels(sources, network) | _node_labels(ordered, network)
    labels |= _machine_labels([each for each in ordered if _kind(each) == "machine"], network)
    names: dict[int, str] = {}
    counts: Counter[str] = Counter()
    for each in ordered:
        kind = _kind(each)
        counts[kind] += 1
        names[id(each)] = f"{kind}{counts[kind]}"
    edges = {
        (names[id(needed)], names[id(each)], "data" if isinstance(each, Node) else "training")
        for each in ordered
        for needed in _needed(each)
    }
    order = {name: position for position, name in enumerate(names.values())}
    return Graph(
        tuple((names[id(each)], labels[id(each)], _kind(each)) for each in ordered),
        tuple(sorted(edges, key=lambda edge: (order[edge[1]], order[edge[0]]))),
        {name: names[id(node)] for name, node in network.nodes.items()},
    )


def _needed(each: Any) -> tuple[Any, ...]:
    """The arguments of a node or machine, and a node's machine."""
    if isinstance(each, Source):
        return ()
    own = getattr(each, "machine", None)
    return each.args if own is None else (*each.args, own)


def _collect(each: Any, found: dict[int, Any]) -> None:
    """Put what is needed into `found`, each after what it needs itself."""
    if id(each) in found:
        return
    for needed in _needed(each):
        _collect(needed, found)
    found[id(each)] = each


def _kind(each: Any) -> str:
    if isinstance(each, Source):
        return "source"
    return "node" if isinstance(each, Node) else "machine"


def _source_labels(sources: list[Source], network: _Network) -> dict[int, str]:
    own = {id(source): position for position, source in enumerate(network.sources)}
    labels, others = {}, 0
    for each in sources:
        position = own.get(id(each), len(_SOURCES))
        others += position >= len(_SOURCES)
        named = position < len(_SOURCES)
        labels[id(each)] = _SOURCES[position] if named else f"source {others}"
    return labels


def _node_labels(ordered: list[Any], network: _Network) -> dict[int, str]:
    labels = {}
    for each in ordered:
        if isinstance(each, Node):
            own = _operation(each)
            answered = [name for name, node in network.nodes.items() if node is each]
            known = not answered or own in answered
            labels[id(each)] = own if known else f"{', '.join(answered)}: {own}"
    return labels


def _machine_labels(machines: list[Any], network: _Network) -> dict[int, str]:
    """Texts of machines in their order, with numbers where several would have the same one."""
    named = [(network.names.get(id(m)), type(m.model).__name__, id(m.model)) for m in machines]
    of_text: dict[Any, dict[int, list[int]]] = {}  # machines by model, of the models of a text
    for machine, (name, kind, model) in zip(machines, named, strict=True):
        of_text.setdefault((name, kind), {}).setdefault(model, []).append(id(machine))
    labels = {}
    for (name, kind), models in of_text.items():
        for i, own in enumerate(models.values(), 1):
            for j, machine in enumerate(own, 1):
                parts = [str(i)] * (len(models) > 1) + [str(j)] * (len(own) > 1)
                number = f" {'.'.join(parts)}" if parts else ""
                labels[machine] = f"{kind}{number}" if name is None else f"{name}{number}: {kind}"
    return labels


def _operation(node: Node) -> str:
    """The name of the operation or function of a node."""
    operation: Any = node.operation
    while hasattr(operation, "func"):  # functools.partial
        operation = operation.func
    if isinstance(operation, str):
        return operation
    return str(getattr(operation, "__name__", type(operation).__name__))
