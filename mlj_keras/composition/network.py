"""`Network`: what a composite model learns: its nodes, and the machines behind them, without data.

Knows machines and nodes; no composite. A network is a value: training works on a copy, so that
what was learned before is whole whatever happens.
Source: MLJBase.jl, src/composition/learning_networks (signatures and `fit!`).
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Mapping
from typing import Any

from mlj_keras.machine import Machine, Node, Source
from mlj_keras.machine.node import machines_of
from mlj_keras.machine.record import Record
from mlj_keras.models import FitOutcome


@dataclasses.dataclass(frozen=True, eq=False)
class Caches:
    """What warm restarts take, by machine and by node; None where there is nothing."""

    of_machines: tuple[Any, ...]
    of_nodes: tuple[Any, ...]


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """Nodes by the operations that they answer, and all machines that they need.

    Args:
        nodes: by name, such as "predict"
        sources: of the data that the composite was given, in their order
        machines: each after those that it needs itself
        names: of each machine: the hyper-parameter of the composite that is its model, or None.
    """

    nodes: dict[str, Node]
    sources: tuple[Source, ...]
    machines: tuple[Machine, ...]
    names: tuple[str | None, ...]

    @classmethod
    def of(cls, nodes: Mapping[str, Node], sources: tuple[Source, ...], model: Any) -> Network:
        """The network of these nodes, whose machines have parts of the model as models."""
        machines = machines_of(tuple(nodes.values()))
        parts = {id(getattr(model, name)): name for name in model.fields()}
        names = tuple(parts.get(id(machine.model)) for machine in machines)
        return cls(dict(nodes), sources, machines, names)

    def copy(self) -> Network:
        """The same network of new machines and nodes, which have learned the same."""
        known: dict[int, Any] = {}
        return Network(
            {name: _copied(node, known) for name, node in self.nodes.items()},
            tuple(_copied(source, known) for source in self.sources),
            tuple(_copied(machine, known) for machine in self.machines),
            self.names,
        )

    def bind(self, data: tuple[Any, ...], caches: Caches | None = None) -> None:
        """Put the data, and what was kept for warm restarts, in their places."""
        for source, own in zip(self.sources, data, strict=True):
            source.__dict__.clear()  # what was read of other data
            source.data = own
        if caches is None:
            return
        for machine, cache in zip(self.machines, caches.of_machines, strict=True):
            if machine.state:
                model, outcome = machine.trained("update")
                kept = dataclasses.replace(outcome, cache=cache)
                machine.replace_outcome(model, kept, anew=False)
        for node, kept in zip(self.all_nodes(), caches.of_nodes, strict=True):
            node.kept = kept

    def stripped(self) -> tuple[Network, Caches]:
        """The network without data, and what it takes for warm restarts."""
        nodes = self.all_nodes()
        outcomes = [m.trained("update")[1] if m.state else None for m in self.machines]
        caches = Caches(
            tuple(None if outcome is None else outcome.cache for outcome in outcomes),
            tuple(node.kept for node in nodes),
        )
        bare, nothing = self.copy(), Caches((None,) * len(outcomes), (None,) * len(nodes))
        bare.bind((None,) * len(self.sources), nothing)
        return bare, caches

    def all_nodes(self) -> tuple[Node, ...]:
        """Every node, those that machines learn from too, in an order of its own."""
        found: dict[int, Node] = {}
        for each in (*self.nodes.values(), *(arg for m in self.machines for arg in m.args)):
            _collect(each, found)
        return tuple(found.values())

    def machine_of(self, name: str) -> Machine | None:
        """The first machine whose model is the hyper-parameter `name`."""
        return next((m for m, n in zip(self.machines, self.names, strict=True) if n == name), None)

    def by_name(self, value: Any) -> dict[str, Any]:
        """What `value(machine)` gives, by the names of the machines' models; a list for several
        machines of one."""
        found: dict[str, list[Any]] = {}
        for machine, name in zip(self.machines, self.names, strict=True):
            if name is not None and machine.state:
                found.setdefault(name, []).append(value(machine))
        return {name: v[0] if len(v) == 1 else v for name, v in found.items()}

    def report(self) -> dict[str, Any]:
        """The report of each machine, by name."""
        return self.by_name(lambda machine: machine.report())

    def fitted_params(self) -> dict[str, Record]:
        """What each machine has learned, by name."""
        return self.by_name(lambda machine: machine.fitted_params())

    def outcomes(self) -> tuple[tuple[Any, FitOutcome] | None, ...]:
        """What each machine has learned, with its model as it was trained."""
        return tuple(m.trained("snapshot") if m.state else None for m in self.machines)


def _collect(each: Any, found: dict[int, Node]) -> None:
    if isinstance(each, Node) and id(each) not in found:
        found[id(each)] = each
        for arg in each.args:
            _collect(arg, found)


def _copied(each: Any, known: dict[int, Any]) -> Any:
    """A source, a node or a machine with what it stands on, each copied once."""
    if id(each) in known:
        return known[id(each)]
    if isinstance(each, Source):
        made: Any = copy.copy(each)
    elif isinstance(each, Node):
        machine = None if each.machine is None else _copied(each.machine, known)
        args = tuple(_copied(arg, known) for arg in each.args)
        made = Node(each.operation, machine, args, keeps_rows=each.keeps_rows)
    else:
        made = copy.copy(each)  # what it has learned is immutable, and shared
        made.args = tuple(_copied(arg, known) for arg in each.args)
    known[id(each)] = made
    return made
