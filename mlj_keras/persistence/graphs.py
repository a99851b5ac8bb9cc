"""Networks of machines as lists: each source, node and machine after those that it needs.

So no file can describe a circle. Knows networks, machines and nodes; not how trees are written.
Source: ours.
"""

from __future__ import annotations

from typing import Any, Protocol

from mlj_keras.composition.network import Network
from mlj_keras.errors import LimitExceeded, UnsavableError
from mlj_keras.machine import Machine, Node, Source
from mlj_keras.machine.stored import facts_of, revived
from mlj_keras.models import Model
from mlj_keras.models.interface import FitOutcome

Tree = Any
_DEEPEST = 200  # steps of a network, one after the other


class Trees(Protocol):
    """What makes trees of values."""

    def tree(self, value: Any, where: str) -> Tree:
        """The tree of a value."""

    def fields(self, values: Any, where: str) -> dict[str, Tree]:
        """Values by name as trees by name."""


class Values(Protocol):
    """What makes values of trees."""

    def value(self, tree: Tree, where: str) -> Any:
        """The value of a tree."""

    def checked(self, tree: Tree, kind: Any, where: str) -> Any:
        """The value of a tree, which is of this type."""


def machine_facts(trees: Trees, mach: Machine, where: str) -> dict[str, Tree]:
    """What a machine has learned and of which model, by name; not its data."""
    return trees.fields(facts_of(mach), where)


def machine_from(values: Values, facts: Any, args: tuple[Any, ...], where: str) -> Machine:
    """The machine of these facts.

    Raises: ValueError for facts of other names or types.
    """
    if not isinstance(facts, dict) or facts.keys() != _FACTS.keys():
        raise ValueError(f"{where} has other facts than a machine has")
    found = {n: values.checked(facts[n], kind, f"{where}.{n}") for n, kind in _FACTS.items()}
    return revived(args, found)


_FACTS: dict[str, Any] = {
    "model": Model,
    "trained_model": Model | None,
    "outcome": FitOutcome | None,
    "state": int,
    "frozen": bool,
    "cache": bool,
    "scitype_check_level": int,
    "rows": Any,
    "upstream": tuple[Any, ...],
    "in_network": bool,
}


def tree_of(trees: Trees, network: Network, where: str) -> dict[str, Tree]:
    """A network as a list of all that is in it, and what of that answers what."""
    listed = _Listing(trees, where)
    for source in network.sources:
        listed.place(source)
    for machine in network.machines:
        listed.place(machine)
    return {
        "fitted_params": listed.named(network.learned),
        "nodes": listed.named(network.nodes),
        "report": listed.named(network.told),
        "sources": [listed.place(source) for source in network.sources],
        "machines": [listed.place(machine) for machine in network.machines],
        "names": list(network.names),
        "values": trees.tree(network.values, where),
        "all": listed.items,  # the last: it is complete only now
    }


class _Listing:
    """The sources, nodes and machines of a network by their places in a list."""

    def __init__(self, trees: Trees, where: str) -> None:
        self.trees, self.where = trees, where
        self.items: list[Tree] = []
        self._places: dict[int, int] = {}

    def named(self, nodes: dict[str, Node]) -> list[list[Any]]:
        """Pairs of name and place."""
        return [[name, self.place(node)] for name, node in nodes.items()]

    def place(self, each: Any) -> int:
        """The place of a source, node or machine, which is put into the list after what it
        needs."""
        if id(each) not in self._places:
            args = [] if isinstance(each, Source) else [self.place(arg) for arg in each.args]
            item = self._item(each, args)
            self._places[id(each)] = len(self.items)
            self.items.append(item)
        return self._places[id(each)]

    def _item(self, each: Any, args: list[int]) -> Tree:
        if isinstance(each, Source):
            return {"source": self._constant(each)}
        if isinstance(each, Machine):
            where = f"{self.where}, {type(each.model).__name__}"
            return {"args": args, "machine": machine_facts(self.trees, each, where)}
        where = f"{self.where}, a node"
        return {
            "args": args,
            "by": None if each.machine is None else self.place(each.machine),
            "keeps_rows": each.keeps_rows,
            "operation": self.trees.tree(each.operation, where),
            "takes_inner": each.takes_inner,
        }

    def _constant(self, source: Source) -> Tree:
        """What a source holds that has no rows: weights of classes; nothing otherwise."""
        if source.data is None:
            return None
        if source.n_rows is not None:
            raise UnsavableError(
                f"A file cannot hold {self.where}: it has data of {source.n_rows} rows, and files "
                "hold no data. Save a machine whose composite was given its data."
            )
        return self.trees.tree(source.data, self.where)


def network_from(values: Values, content: Any, where: str) -> Network:
    """The network of such a tree.

    Raises: ValueError for one that is not as `tree_of` makes it.
    """
    made: list[Any] = []
    depths: list[int] = []
    for item in content["all"]:
        made.append(_made(values, item, made, where))
        needed = [*item.get("args", ()), *([item["by"]] if item.get("by") is not None else [])]
        depths.append(1 + max((depths[place] for place in needed), default=0))
        if depths[-1] > _DEEPEST:
            raise LimitExceeded(f"has a network in {where} of more than {_DEEPEST} steps.")

    def at(place: Any, kind: type) -> Any:
        found = made[_count(place, made)]
        if not isinstance(found, kind):
            raise ValueError(f"{where} has a {type(found).__name__} for a {kind.__name__}")
        return found

    nodes, told, learned = (
        {str(name): at(place, Node) for name, place in content[key]}
        for key in ("nodes", "report", "fitted_params")
    )
    machines = tuple(at(place, Machine) for place in content["machines"])
    sources = tuple(at(place, Source) for place in content["sources"])
    names = tuple(content["names"])
    if len(names) != len(machines) or not all(isinstance(n, str | None) for n in names):
        raise ValueError(f"{where} has other names than machines")
    kept = values.checked(content["values"], dict[str, Any], where)
    return Network(nodes, sources, machines, names, told, learned, kept)


def _made(values: Values, item: Any, made: list[Any], where: str) -> Any:
    if item.keys() == {"source"}:
        return Source(values.value(item["source"], where))
    args = tuple(made[_count(place, made)] for place in item["args"])
    if any(isinstance(arg, Machine) for arg in args):
        raise ValueError(f"{where} has a machine as data")
    if item.keys() == {"args", "machine"}:
        return machine_from(values, item["machine"], args, where)
    operation = values.value(item["operation"], where)
    by = None if item["by"] is None else made[_count(item["by"], made)]
    wanted = callable(operation) if by is None else operation in _OPERATIONS
    if not wanted or not (by is None or isinstance(by, Machine)):
        raise ValueError(f"{where} has a node of {operation!r:.60}")
    flags = {name: values.checked(item[name], bool, where) for name in _FLAGS}
    return Node(operation, by, args, **flags)


_FLAGS = ("keeps_rows", "takes_inner")
_OPERATIONS = frozenset(
    ("predict", "predict_mode", "predict_mean", "predict_median", "transform", "inverse_transform")
)


def _count(place: Any, made: list[Any]) -> int:
    if type(place) is not int or not 0 <= place < len(made):
        raise ValueError(f"it refers to number {place!r:.20} of {len(made)} before it")
    return place
