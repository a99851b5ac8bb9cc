"""From trees to plain values: numbers, texts, times, arrays, columns, tuples and mappings.

Knows what stands beside a tree; no models. Source: ours.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from mlj_keras.data.scitypes import Scitype
from mlj_keras.errors import LimitExceeded
from mlj_keras.persistence import frames
from mlj_keras.persistence.encoding import SECOND
from mlj_keras.storage.records import fits

Tree = Any
Make = Callable[[Any, Any, str], Any]
_TIMES = (datetime.date, datetime.datetime, datetime.time)
_ROOM = 2**26  # bytes of what is copied, at least


class PlainDecoder:
    """Makes plain values of trees; a subclass knows further kinds.

    Args: arrays: by number · columns: Arrow arrays by number.
    """

    kinds: ClassVar[Mapping[str, Make]] = {}

    def __init__(self, arrays: Mapping[str, np.ndarray], columns: Mapping[str, pa.Array]) -> None:
        self.arrays = arrays
        self.columns = columns
        self._used: set[tuple[str, Any]] = set()
        n_bytes = sum(each.nbytes for each in (*arrays.values(), *columns.values()))
        self._room = _ROOM + 16 * n_bytes

    def check_used(self) -> None:
        """Raise ValueError for an array, column or estimator that no tree had a use for."""
        there = [("array", name) for name in self.arrays]
        there += [("column", name) for name in self.columns]
        there += self._further()
        for kind, name in there:
            if (kind, name) not in self._used:
                raise ValueError(f"it has the {kind} {name!r:.60}, which belongs to nothing")

    def _further(self) -> list[tuple[str, Any]]:
        """What stands beside the tree besides, by kind and number."""
        return []

    def take_room(self, n_bytes: int) -> None:
        """Raise LimitExceeded once copies of what is in the file take very much more memory than
        the file."""
        self._room -= n_bytes
        if self._room < 0:
            raise LimitExceeded("would take very much more memory than it has bytes.")

    def value(self, tree: Tree, where: str) -> Any:
        """The value of a tree.

        Args: tree · where: it is, for messages.
        Raises: ValueError, KeyError, TypeError, AttributeError for a tree that no Encoder makes;
            InvalidStoredModel for a model with impossible hyper-parameters; UntrustedModelError.
        """
        if tree is None or type(tree) in (bool, int, float, str):
            return tree
        if type(tree) is list:
            return [self.value(each, f"{where}[{i}]") for i, each in enumerate(tree)]
        ((kind, inside),) = tree.items()
        make = self.kinds.get(kind)
        if make is None:
            raise ValueError(f"{where} is of the kind {kind!r:.40}, which there is not")
        return make(self, inside, where)

    def checked(self, tree: Tree, kind: Any, where: str) -> Any:
        """The value of a tree, which is of this type."""
        found = self.value(tree, where)
        if not fits(found, kind):
            raise ValueError(
                f"{where} must be {getattr(kind, '__name__', kind)}, got {found!r:.60}"
            )
        return found

    def fields(self, trees: Mapping[str, Tree], where: str) -> dict[str, Any]:
        """Trees by name as values by name."""
        return {name: self.value(tree, f"{where}.{name}") for name, tree in trees.items()}

    def array(self, tree: Tree, where: str) -> np.ndarray:
        """The array of a tree."""
        found: np.ndarray = self.checked(tree, np.ndarray, where)
        return found

    def _float(self, inside: str, where: str) -> float:
        return {"nan": float("nan"), "inf": float("inf"), "-inf": -float("inf")}[inside]

    def _tuple(self, inside: list[Tree], where: str) -> tuple[Any, ...]:
        return tuple(self.value(inside, where))

    def _set(self, inside: list[Tree], where: str) -> set[Any]:
        return set(self.value(inside, where))

    def _frozenset(self, inside: list[Tree], where: str) -> frozenset[Any]:
        return frozenset(self.value(inside, where))

    def _map(self, inside: list[Tree], where: str) -> dict[Any, Any]:
        found = {self.value(k, where): self.value(v, f"{where}[{k!r:.30}]") for k, v in inside}
        if len(found) < len(inside):
            raise ValueError(f"{where} has an entry twice")
        return found

    def _array(self, inside: str, where: str) -> np.ndarray:
        self._used.add(("array", inside))
        return self.arrays[inside]

    def _scalar(self, inside: Tree, where: str) -> Any:
        found = self.array(inside, where)
        if found.shape != ():
            raise ValueError(f"{where} is no single number")
        number: Any = found[()]
        return number

    def _objects(self, inside: list[Any], where: str) -> np.ndarray:
        shape, items = inside
        found = np.empty(len(items), dtype=object)
        for i, item in enumerate(items):
            found[i] = self.value(item, f"{where}[{i}]")
        return found.reshape(_shape(shape))

    def _texts(self, inside: list[Any], where: str) -> np.ndarray:
        dtype, shape, items = inside
        if not fits(items, list[str]):
            raise ValueError(f"{where} has what is no text")
        if _dtype(dtype, "U", where).itemsize < 4 * max(map(len, items), default=0):
            raise ValueError(f"{where} has longer texts than {dtype!r:.20}")
        self.take_room(np.dtype(dtype).itemsize * len(items))
        return np.array(items, dtype=dtype).reshape(_shape(shape))

    def _times(self, inside: list[Any], where: str) -> np.ndarray:
        dtype, tree = inside
        numbers = self.array(tree, where)
        if numbers.dtype != np.int64:
            raise ValueError(f"{where} is of the dtype {dtype!r:.20}")
        return numbers.view(_dtype(dtype, "mM", where))

    def _column(self, inside: str, where: str) -> pa.Array:
        self._used.add(("column", inside))
        return self.columns[inside]

    def _time(self, inside: list[Any], where: str) -> Any:
        kind, said = inside
        if kind == "delta":
            days, seconds, microseconds = said
            return datetime.timedelta(days, seconds, microseconds)
        kinds: dict[str, Any] = {each.__name__: each for each in _TIMES}
        found = kinds[kind].fromisoformat(said.removesuffix(SECOND))
        return found.replace(fold=1) if said.endswith(SECOND) else found

    def _decimal(self, inside: str, where: str) -> decimal.Decimal:
        if not isinstance(inside, str) or len(inside) > 1000:
            raise ValueError(f"{where} is no number")
        try:
            return decimal.Decimal(inside)
        except decimal.InvalidOperation as error:
            raise ValueError(f"{where} is no number") from error

    def _scitype(self, inside: list[Any], where: str) -> Scitype:
        name, args, kind = inside
        found = None if args is None else tuple(self.value(args, where))
        if not isinstance(name, str) or kind not in ("atom", "union", "container"):
            raise ValueError(f"{where} is no scitype")
        return Scitype(name, found, kind)

    def _pandas(self, inside: list[Any], where: str) -> Any:
        return frames.time_from(inside)

    def _frame(self, inside: Any, where: str) -> Any:
        return frames.value_of(self, inside, where)


def _dtype(name: Any, kinds: str, where: str) -> np.dtype:
    found = np.dtype(name) if isinstance(name, str) and name[1:2] in [*kinds] else None
    if found is None or found.kind not in kinds:
        raise ValueError(f"{where} is of the dtype {name!r:.20}")
    return found


def _shape(value: Any) -> tuple[int, ...]:
    if not fits(value, list[int]) or any(n < 0 for n in value) or len(value) > 32:
        raise ValueError(f"{value!r:.40} is no shape")
    return tuple(value)


PLAIN_KINDS: dict[str, Make] = {
    "array": PlainDecoder._array,
    "column": PlainDecoder._column,
    "decimal": PlainDecoder._decimal,
    "float": PlainDecoder._float,
    "frame": PlainDecoder._frame,
    "map": PlainDecoder._map,
    "objects": PlainDecoder._objects,
    "pandas": PlainDecoder._pandas,
    "scalar": PlainDecoder._scalar,
    "scitype": PlainDecoder._scitype,
    "set": PlainDecoder._set,
    "frozenset": PlainDecoder._frozenset,
    "texts": PlainDecoder._texts,
    "time": PlainDecoder._time,
    "times": PlainDecoder._times,
    "tuple": PlainDecoder._tuple,
}
