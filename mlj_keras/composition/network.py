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

from mlj_keras.errors import InvalidArgument
from mlj_keras.machine import Machine, Node, Source
from mlj_keras.machine.node import machines_of, origins_of
from mlj_keras.machine.record import Record
from mlj_keras.models import FitOutcome
from mlj_keras.models.representation import snake_case
from mlj_keras.storage.records import storable


@storable
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
        names: of each machine: the hyper-parameter of the composite that is its model, or None
        told, learned: nodes by name whose values go to the report and to the fitted parameters
        values: of `learned`, once trained.
    """

    nodes: dict[str, Node]
    sources: tuple[Source, ...]
    machines: tuple[Machine, ...]
    names: tuple[str | None, ...]
    told: dict[str, Node] = dataclasses.field(default_factory=dict)
    learned: dict[str, Node] = dataclasses.field(default_factory=dict)
    values: dict[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Mapping[str, Any], sources: tuple[Source, ...], model: Any) -> Network:
        """The network of what `prefit` gave, whose machines have parts of the model as models.

        Raises: InvalidArgument for machines in a circle, or nodes of another network.
        """
        answers = {name: each for name, each in nodes.items() if isinstance(each, Node)}
        told, learned = (dict(nodes.get(name, {})) for name in ("report", "fitted_params"))
        machines = machines_of((*answers.values(), *told.values(), *learned.values()))
        parts = {id(getattr(model, name)): name for name in model.fields()}
        names = tuple(parts.get(id(machine.model)) for machine in machines)
        clash = sorted({*told, *learned} & {*names})
        if clash:
            raise InvalidArgument(
                f"prefit of {type(model).__name__} gives a further node the name {clash[0]!r}, "
                "which is that of a model. Give it another one."
            )
        network = cls(answers, sources, machines, names, told, learned)
        network._check_sources(type(model).__name__)
        return network

    def _check_sources(self, who: str) -> None:
        own = {id(source) for source in self.sources}
        for machine in (None, *self.machines):
            args = self._ends() if machine is None else machine.args
            found = [source for arg in args for source in origins_of(arg)]
            if all(id(source) in own or source.data is None for source in found):
                continue
            what = "A node" if machine is None else f"The machine of {machine.model!r:.60}"
            raise InvalidArgument(
                f"{what} in the network of {who} stands on data that {who} was not given: it is "
                "of another network. In prefit make all nodes of its sources."
            )

    def _ends(self) -> tuple[Node, ...]:
        return (*self.nodes.values(), *self.told.values(), *self.learned.values())

    def copy(self) -> Network:
        """The same network of new machines and nodes, which have learned the same."""
        known: dict[int, Any] = {}
        nodes, told, learned = (
            {name: _copied(node, known) for name, node in each.items()}
            for each in (self.nodes, self.told, self.learned)
        )
        sources = tuple(_copied(source, known) for source in self.sources)
        machines = tuple(_copied(machine, known) for machine in self.machines)
        return Network(nodes, sources, machines, self.names, told, learned, self.values)

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

    def paused(self, caches: Caches | None) -> Caches | None:
        """What of the caches a file can hold: of machines, as values without data; None for
        nothing."""
        if caches is None:
            return None
        found = tuple(
            _paused(machine, cache)
            for machine, cache in zip(self.machines, caches.of_machines, strict=True)
        )
        nothing = (None,) * len(caches.of_nodes)
        return Caches(found, nothing) if any(each is not None for each in found) else None

    def all_nodes(self) -> tuple[Node, ...]:
        """Every node, those that machines learn from too, in an order of its own."""
        found: dict[int, Node] = {}
        for each in (*self._ends(), *(arg for m in self.machines for arg in m.args)):
            _collect(each, found)
        return tuple(found.values())

    def machine_of(self, name: str) -> Machine | None:
        """The first machine whose model is the hyper-parameter `name`."""
        return next((m for m, n in zip(self.machines, self.names, strict=True) if n == name), None)

    def by_place(self) -> dict[tuple[str | None, int], Machine]:
        """Machines by the names of their models, and their order among those of one name."""
        found: dict[tuple[str | None, int], Machine] = {}
        for machine, name in zip(self.machines, self.names, strict=True):
            found[name, sum(known == name for known, _ in found)] = machine
        return found

    def name_of(self, machine: Machine) -> str | None:
        """The hyper-parameter that is the model of a machine."""
        pairs = zip(self.machines, self.names, strict=True)
        return next(name for each, name in pairs if each is machine)

    def by_name(self, value: Any, *, others: bool = False) -> dict[str, Any]:
        """What `value(machine)` gives, by the names of the machines' models; a list for several
        machines of one. `others`: those too that are no hyper-parameters, by their classes."""
        found: dict[str, list[Any]] = {}
        for machine, name in zip(self.machines, self.names, strict=True):
            if name is None and others:
                name = snake_case(type(machine.model).__name__)
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


def _paused(machine: Machine, cache: Any) -> Any:
    if cache is None or not machine.state:
        return None
    model, outcome = machine.trained("save")
    return model.paused(dataclasses.replace(outcome, cache=cache)).cache


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
        made = copy.copy(each)
        made.machine, made.args, made.kept = machine, args, None
    else:
        made = copy.copy(each)  # what it has learned is immutable, and shared
        made.args = tuple(_copied(arg, known) for arg in each.args)
    known[id(each)] = made
    return made
