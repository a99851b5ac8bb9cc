"""The slots of a Keras optimizer under positional names, in and out of plain arrays.

Knows Keras optimizers and networks' keys. Source: Optimisers.jl keeps such state beside the
weights.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.engine.networks import Network
from mlj_keras.engine.state import EMA_SLOT, MachineState


class Slots:
    """A Keras optimizer built for a network, and its variables by name: `slots/<name>/<key>`."""

    def __init__(self, optimizer: Any, network: Network) -> None:
        self.optimizer = optimizer
        # On one device there is nothing to reduce, and Keras' all-reduce registers a gradient of
        # its own for each program, by which TensorFlow would keep the whole graph for good.
        assert hasattr(optimizer, "_all_reduce_sum_gradients"), "Keras has another optimizer now"
        optimizer._all_reduce_sum_gradients = lambda pairs: pairs
        optimizer.build(network.keras.trainable_variables)
        learned = optimizer._learning_rate
        self.learning_rate = (
            learned if hasattr(learned, "assign") else None
        )  # None: a schedule of the step count
        self.variables: dict[str, Any] = {}
        averages = {
            id(v) for v in getattr(optimizer, "_model_variables_moving_average", None) or []
        }
        owners = _reference_names(network)
        for variable in optimizer.variables:
            if variable is self.learning_rate:
                continue
            name, owner = _split(variable, owners)
            if id(variable) in averages:
                name = EMA_SLOT
            key = f"slots/{name}/{owner}" if owner else f"slots/{name}"
            count = 1
            while key in self.variables:
                count += 1
                key = f"slots/{name}_{count}/{owner}" if owner else f"slots/{name}_{count}"
            self.variables[key] = variable
        self._fresh = {key: np.array(variable.numpy()) for key, variable in self.variables.items()}

    def fresh(self) -> dict[str, np.ndarray]:
        """The slots before the first step."""
        return dict(self._fresh)

    def load(self, arrays: Mapping[str, np.ndarray], learning_rate: float | None) -> None:
        """Assign the slots, and the learning rate where it is no schedule."""
        for key, variable in self.variables.items():
            variable.assign(arrays[key])
        if self.learning_rate is not None and learning_rate is not None:
            self.learning_rate.assign(learning_rate)

    def read(self) -> dict[str, np.ndarray]:
        """The slots as arrays of their own."""
        return {key: np.array(variable.numpy()) for key, variable in self.variables.items()}

    @property
    def rule(self) -> str:
        """The name of the optimiser's class."""
        return type(self.optimizer).__name__

    def fits(self, state: MachineState) -> bool:
        """True if the state holds exactly this optimiser's slots, so that its moments go on."""
        arrays = state.arrays if state.rule == self.rule else {}
        theirs = {key for key in arrays if key.startswith("slots/")}
        return theirs == set(self.variables) and all(
            tuple(arrays[key].shape) == tuple(variable.shape)
            for key, variable in self.variables.items()
        )


def _reference_names(network: Network) -> list[tuple[str, str]]:
    """(name that Keras gives to slots of a variable, key of the variable), longest first."""
    names = [
        (network.variables[key].path.replace("/", "_"), key) for key in network.trainable_keys
    ]
    return sorted(names, key=lambda pair: -len(pair[0]))


def _split(variable: Any, owners: list[tuple[str, str]]) -> tuple[str, str]:
    for prefix, key in owners:
        if variable.name.startswith(prefix + "_"):
            return variable.name[len(prefix) + 1 :], key
    return re.sub(r"_\d+$", "", variable.name), ""
