"""What training learns, as plain read-only arrays under positional names.

`layers/<index>/<variable>` for the network (generator states of random layers included),
`slots/<name>/<key>` for the optimiser. Knows NumPy only. Source: ours; MLJFlux keeps live objects
in its cache.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

EMA_SLOT = "average"


@dataclasses.dataclass(frozen=True)
class MachineState:
    """All that training has learned: arrays, epochs done, losses, and the path that computed them.

    Args: arrays: read-only mapping of read-only arrays · epochs: whole epochs done · losses:
        epochs + 1 floats, the first before training · path: "xla" or "graph" · seed: the int that
        every stream of randomness derives from · rule: the class of the optimiser that the slots
        belong to · encoding: what a container learned of the rows beside the weights (pools,
        statistics), opaque here.
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

    def digest(self) -> str:
        """SHA-256 over every array, the epochs and the losses: equal iff the states are equal bit
        for bit."""
        result = hashlib.sha256(repr((self.epochs, self.losses, self.path, self.seed)).encode())
        for key in sorted(self.arrays):
            array = self.arrays[key]
            result.update(f"{key}{array.dtype.str}{array.shape}".encode())
            result.update(np.ascontiguousarray(array).tobytes())
        return result.hexdigest()

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
