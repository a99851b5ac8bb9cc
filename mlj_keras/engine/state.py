"""What training learns, as plain read-only arrays under positional names.

`layers/<index>/<variable>` for the network (generator states of random layers included),
`slots/<name>/<key>` for the optimiser. Knows NumPy only. Source: ours; MLJFlux keeps live objects
in its cache.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from types import FunctionType, MappingProxyType, SimpleNamespace
from typing import Any

import joblib
import numpy as np

from mlj_keras.storage.records import storable

EMA_SLOT = "average"


@storable
@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class MachineState:
    """All that training has learned: arrays, epochs done, losses, and the path that computed them.

    Args:
        arrays: read-only mapping of read-only arrays
        epochs: whole epochs done
        losses: epochs + 1 floats, the first before training
        path: "xla" or "graph"
        seed: the int that every stream of randomness derives from
        rule: the class of the optimiser that the slots belong to
        encoding: what a container learned of the rows beside the weights (pools, statistics),
            opaque here.
    Example:
        >>> import numpy as np
        >>> arrays = {"layers/1/kernel": np.zeros((2, 1))}
        >>> state = MachineState.of(arrays, epochs=0, losses=(1.0,), path="xla", seed=3)
        >>> state.arrays["layers/1/kernel"].flags.writeable, state.epochs
        (False, 0)

    Source: ours.
    """

    arrays: Mapping[str, np.ndarray]
    epochs: int
    losses: tuple[float, ...]
    path: str
    seed: int
    rule: str = ""
    encoding: Any = None

    @classmethod
    def of(
        cls,
        arrays: Mapping[str, np.ndarray],
        *,
        epochs: int,
        losses: tuple[float, ...],
        path: str,
        seed: int,
        rule: str = "",
    ) -> MachineState:
        """A state of these values; the arrays become read-only."""
        frozen = {}
        for key, array in arrays.items():
            array = np.asarray(array)
            array.flags.writeable = False
            frozen[key] = array
        return cls(MappingProxyType(frozen), epochs, losses, path, seed, rule)

    @property
    def network(self) -> MachineState:
        """The state without what was learned of the rows before training."""
        return dataclasses.replace(self, encoding=None)

    def with_arrays(self, changed: Mapping[str, np.ndarray]) -> MachineState:
        """A state with some of its arrays replaced."""
        arrays = {**self.arrays, **changed}
        fresh = MachineState.of(arrays, epochs=0, losses=(), path="", seed=0)
        return dataclasses.replace(self, arrays=fresh.arrays)

    @staticmethod
    def mean(states: Sequence[MachineState]) -> MachineState:
        """The last of some states of one network, with the means of their weights; counters and
        generators are those of the last."""
        last = states[-1]
        arrays = {
            key: np.mean([state.arrays[key] for state in states], axis=0, dtype=np.float64).astype(
                array.dtype
            )
            if np.issubdtype(array.dtype, np.floating) and not key.startswith("slots/")
            else array.copy()
            for key, array in last.arrays.items()
        }
        return last.with_arrays(arrays)

    def digest(self) -> str:
        """SHA-256 over every value of the state: equal iff the states are equal bit for bit."""
        result = hashlib.sha256()
        facts = (self.epochs, self.losses, self.path, self.seed, self.rule)
        for part in parts_of((facts, dict(self.arrays), self.encoding)):
            result.update(part)
        return result.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MachineState) and self.digest() == other.digest()

    def __hash__(self) -> int:
        return hash(self.digest())

    def __repr__(self) -> str:
        loss = f"{self.losses[-1]:.4g}" if self.losses else "unknown"
        n_numbers = sum(a.size for key, a in self.arrays.items() if not key.startswith("slots/"))
        return (
            f"MachineState(epochs={self.epochs}, loss {loss}, {n_numbers} numbers, "
            f"path={self.path!r}, seed={self.seed})"
        )

    def prediction_arrays(self) -> Mapping[str, np.ndarray]:
        """The values to predict with: the optimiser's moving averages of the weights where it
        keeps them."""
        if not self.epochs:  # Keras' averages start at zero and mean nothing before the first step
            return {
                key: array for key, array in self.arrays.items() if not key.startswith("slots/")
            }
        averages = {
            key.removeprefix(f"slots/{EMA_SLOT}/"): array
            for key, array in self.arrays.items()
            if key.startswith(f"slots/{EMA_SLOT}/")
        }
        return {
            key: averages.get(key, array)
            for key, array in self.arrays.items()
            if not key.startswith("slots/")
        }

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "arrays": dict(self.arrays)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for array in state["arrays"].values():
            array.flags.writeable = False
        state["arrays"] = MappingProxyType(state["arrays"])
        self.__dict__.update(state)

    def __deepcopy__(self, memo: dict[int, Any]) -> MachineState:
        return self  # immutable


def parts_of(value: Any) -> Iterator[bytes]:
    """A value of plain data, arrays and dataclasses as bytes, in a fixed order; objects of other
    packages by what pickle keeps of them."""
    if isinstance(value, np.ndarray):
        yield f"{value.dtype.str}{value.shape}".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif isinstance(value, Mapping):
        for key in sorted(value, key=repr):
            yield repr(key).encode()
            yield from parts_of(value[key])
    elif isinstance(value, tuple | list):
        yield f"sequence{len(value)}".encode()
        for item in value:
            yield from parts_of(item)
    elif dataclasses.is_dataclass(value):
        yield type(value).__name__.encode()
        for field in dataclasses.fields(value):
            if field.compare:
                yield field.name.encode()
                yield from parts_of(getattr(value, field.name))
    elif isinstance(value, set | frozenset):  # whose order is of the process
        yield f"set{len(value)}".encode()
        for item in sorted(value, key=repr):
            yield from parts_of(item)
    elif isinstance(value, SimpleNamespace):
        yield type(value).__name__.encode()
        yield from parts_of(vars(value))
    else:
        yield _told(value).encode()


def _told(value: Any) -> str:
    """A single value in words: of another package what can be pickled of it, as its representation
    may leave out what it has learned, or name the place in memory."""
    if isinstance(value, FunctionType):
        return f"{value.__module__}.{value.__qualname__}"
    if type(value).__module__.partition(".")[0] not in ("builtins", "mlj_keras", "numpy"):
        with contextlib.suppress(Exception):  # whatever pickle cannot do
            return f"{type(value).__qualname__} {joblib.hash(value, hash_name='sha1')}"
    return repr(value)
