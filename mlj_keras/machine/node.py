"""Nodes: what a machine or a function makes of other nodes, computed when it is called.

Sources and nodes are the arguments of machines and of further nodes, and so make a learning
network. Knows of machines only what they can be asked.
Source: MLJBase.jl, src/composition/learning_networks/nodes.jl.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from mlj_keras.data.edges import inward, outward
from mlj_keras.data.rows import nrows
from mlj_keras.data.scitypes import Scitype
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import DimensionMismatch, InvalidArgument, WrongType
from mlj_keras.machine.source import Source


class _Trained(Protocol):
    """What a node asks of a machine."""

    args: tuple[Any, ...]
    state: int


class Node:
    """What an operation of a machine, or a function, makes of other nodes. Made by calling an
    operation on a node, `predict(mach, node)`, or by `node(function, ...)`.

    Call it for its value: on the data of its sources, on rows of these, or on new data if all of
    it comes from one source.

    Attributes: `origins`, the sources that it is computed from; `machines`, all that it needs to
        be trained, each after those that it needs itself; `state`, which changes when one of those
        that compute it has learned anew.
    Raises, when called: InvalidArgument for new data if there are several origins; what the
        operations raise; DimensionMismatch for a function that changes the number of rows.
    Example:
        >>> import mlj_keras as mlj
        >>> Xs = mlj.source([1.0, 2.0, 3.0])
        >>> mach = mlj.machine(mlj.Standardizer(), Xs)
        >>> Z = mlj.transform(mach, Xs)
        >>> mlj.fit(Z, verbosity=0)().tolist(), Z([5.0]).tolist(), Z(rows=[0]).tolist()
        ([-1.0, 0.0, 1.0], [3.0], [-1.0])

    Source: MLJBase.jl, src/composition/learning_networks/nodes.jl.
    """

    def __init__(
        self,
        operation: str | Callable[..., Any],
        machine: _Trained | None,
        args: tuple[Node | Source, ...],
        *,
        keeps_rows: bool = True,
        takes_inner: bool = False,
    ) -> None:
        self.operation = operation
        self.machine = machine
        self.args = args
        self.keeps_rows = keeps_rows
        self.takes_inner = takes_inner  # whether its function takes data in the package's own form
        self.kept: tuple[Any, Source] | None = None  # the state, and the value in it

    @property
    def origins(self) -> tuple[Source, ...]:
        """The sources that the value is computed from, without what machines learn from."""
        return tuple(each for each in _reached(self) if isinstance(each, Source))

    @property
    def machines(self) -> tuple[Any, ...]:
        """All machines that have to be trained, in an order in which they can be."""
        return machines_of((self,))

    @property
    def state(self) -> Any:
        """A value that changes when a machine that it is computed by has learned anew."""
        nodes = (each for each in _reached(self) if isinstance(each, Node))
        return tuple(each.machine.state for each in nodes if each.machine is not None)

    def __call__(self, Xnew: Any = None, *, rows: Any = None) -> Any:
        """The value: on all data, on rows of them, or on new data."""
        if Xnew is None:
            return self.value().data if rows is None else _Call(self, None, rows).value_of(self)
        if rows is not None:
            raise InvalidArgument("A node takes new data or rows, got both. Give one of them.")
        if len(self.origins) != 1:
            raise InvalidArgument(
                f"This node is computed from {len(self.origins)} sources, and new data stand in "
                "for one. Call it without, or make a node that needs one source only."
            )
        return _Call(self, Xnew, None).value_of(self)

    def apply(self, values: list[Any]) -> Any:
        """The value, from those of the arguments."""
        if self.machine is not None:
            return getattr(self.machine, str(self.operation))(*values)
        assert callable(self.operation)  # a node without a machine has a function
        inside = not self.takes_inner and any(isinstance(value, InnerTable) for value in values)
        values = values if self.takes_inner else [outward(value) for value in values]
        try:
            result = self.operation(*values)
        except Exception as error:
            error.add_note(f"It was raised by the function {_name(self.operation)} of a network.")
            raise
        if self.keeps_rows:
            _check_rows(self.operation, values, result)
        return inward(result) if inside else result

    def value(self) -> Source:
        """The value on the data of the sources, as a source; computed once."""
        if self.kept is None or self.kept[0] != self.state:
            self.kept = (self.state, Source(_Call(self, None, None).value_of(self)))
        return self.kept[1]

    # What machines ask of their arguments, as of sources.

    @property
    def data(self) -> Any:
        """The value on the data of the sources."""
        return self.value().data

    @property
    def inner(self) -> Any:
        """The value in the package's own form."""
        return self.value().inner

    @property
    def scitype(self) -> Scitype:
        """The scitype of the value."""
        return self.value().scitype

    @property
    def n_rows(self) -> int | None:
        """The number of rows of the value, or None for what has none."""
        return self.value().n_rows

    @property
    def positive_class(self) -> Any:
        """The second level of a value of two classes."""
        return self.value().positive_class

    def at(self, rows: np.ndarray | None) -> Source:
        """The value at these rows, as a source."""
        return self.value() if rows is None else Source(self(rows=rows))

    def rows(self, rows: np.ndarray | None, *, native: bool) -> Any:
        """The value at these rows, as it is or in the package's own form."""
        return self.at(rows).rows(None, native=native)

    def describe(self) -> str:
        """What it is computed from."""
        return repr(self)

    def __repr__(self) -> str:
        if self.machine is None:
            name = _name(self.operation)
        else:
            model = type(self.machine.model).__name__  # type: ignore[attr-defined]  # a machine's
            name = f"{self.operation}({model}, ...)"
        return f"node({name})"


class _Call:
    """One computation of a node: each node on the way once, and no value kept for longer than it
    is needed.

    Args: node · Xnew: new data in the place of sources, or None · rows: of the sources, or None.
    """

    def __init__(self, node: Node, Xnew: Any, rows: Any) -> None:
        self.Xnew, self.rows = Xnew, rows
        self.known: dict[int, Any] = {}
        self.uses: dict[int, int] = {}  # by nodes that are still to be computed
        self._count(node)

    def _count(self, node: Node) -> None:
        seen = id(node) in self.uses
        self.uses[id(node)] = self.uses.get(id(node), 0) + 1
        for arg in () if seen else node.args:
            if isinstance(arg, Node):
                self._count(arg)

    def value_of(self, arg: Node | Source) -> Any:
        """The value of a node, or the data of a source."""
        if isinstance(arg, Source):
            return arg(self.Xnew, rows=self.rows)
        key = id(arg)
        if key in self.known:
            value = self.known.pop(key)
        else:
            value = arg.apply([self.value_of(each) for each in arg.args])
        self.uses[key] -= 1
        if self.uses[key]:
            self.known[key] = value
        return value


def node(function: Callable[..., Any], *args: Any) -> Node:
    """A node that applies a function to the values of other nodes.

    Args: function: of as many values as there are args · args: sources, nodes, or data.
    Returns: Node. Raises: WrongType if function is none.
    Example:
        >>> import mlj_keras as mlj
        >>> double = node(lambda x: [2 * each for each in x], mlj.source([1, 2]))
        >>> double(), double([5])
        ([2, 4], [10])

    Source: MLJBase.jl, src/composition/learning_networks/nodes.jl, `node`.
    """
    if not callable(function) or isinstance(function, type) or isinstance(function, Node):
        raise WrongType(f"node takes a function and nodes, got {function!r:.60} as function.")
    return Node(function, None, tuple(as_argument(arg) for arg in args))


def as_argument(data: Any) -> Node | Source:
    """A source or node as it is; anything else as a source."""
    return data if isinstance(data, Node | Source) else Source(data)


def keeps_rows(arg: Node | Source) -> bool:
    """Whether an argument has as many rows as the sources that it is computed from."""
    return all(each.keeps_rows for each in _reached(arg) if isinstance(each, Node))


def _reached(arg: Node | Source) -> list[Node | Source]:
    """A node and all that it is computed from, each once; not what machines learn from."""
    found: dict[int, Node | Source] = {}
    waiting = [arg]
    while waiting:
        each = waiting.pop()
        if id(each) not in found and isinstance(each, Node):
            waiting += reversed(each.args)
        found.setdefault(id(each), each)
    return list(found.values())


def origins_of(arg: Node | Source) -> tuple[Source, ...]:
    """The sources that an argument is computed from."""
    return arg.origins if isinstance(arg, Node) else (arg,)


def machines_of(nodes: tuple[Any, ...]) -> tuple[Any, ...]:
    """The machines that nodes need, each after those that it needs itself, none twice.

    Raises: InvalidArgument for a machine that learns from what it makes itself.
    """
    found: dict[int, Any] = {}
    seen: set[int] = set()
    for each in nodes:
        _find_machines(each, found, seen, under_way=set())
    return tuple(found.values())


def _find_machines(each: Any, found: dict[int, Any], seen: set[int], under_way: set[int]) -> None:
    if not isinstance(each, Node) or id(each) in seen:
        return
    for arg in each.args:
        _find_machines(arg, found, seen, under_way)
    machine = each.machine
    if machine is not None and id(machine) not in found:
        if id(machine) in under_way:
            raise InvalidArgument(
                f"A machine of this network learns from what it makes itself: {each!r}. Give it "
                "other arguments."
            )
        for arg in machine.args:
            _find_machines(arg, found, seen, under_way | {id(machine)})
        found[id(machine)] = machine
    seen.add(id(each))


def _check_rows(function: Any, values: list[Any], result: Any) -> None:
    """Raise DimensionMismatch if a function of data with rows has made another number of them."""
    try:
        given, made = {nrows(value) for value in values}, nrows(result)
    except (TypeError, ValueError):  # what has no rows to count
        return
    if given and made not in given:
        counts = " and ".join(map(str, sorted(given)))
        raise DimensionMismatch(
            f"The function {_name(function)} was given {counts} rows and gave {made}. A step of a "
            "network keeps the rows: change the function."
        )


def _name(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))
