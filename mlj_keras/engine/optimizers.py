"""The slots of a Keras optimizer under positional names, in and out of plain arrays.

Knows Keras optimizers and the parameters they move. Source: Optimisers.jl keeps such state beside
the weights.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.engine.memory import read_value
from mlj_keras.engine.parameters import Parameter, Parameters
from mlj_keras.engine.state import EMA_SLOT, MachineState
from mlj_keras.errors import MissingPackageError

keras = lazy_module("keras")

# Rules whose step for a number depends on that number's own gradient and slots alone.
_ALIKE = (
    "SGD RMSprop Adam AdamW Adadelta Adagrad Adamax Nadam Ftrl Lion".split()  # not Lamb, Adafactor
)


def treats_alike(optimizer: Any) -> bool:
    """True if it does not matter to the optimizer which variable a number is in."""
    own = any(type(optimizer) is getattr(keras.optimizers, name) for name in _ALIKE)
    return own and optimizer.clipnorm is None


def leaves_untouched(optimizer: Any) -> bool:
    """True if a number without gradient and without moments stays as it is."""
    settings = ("global_clipnorm", "weight_decay", "gradient_accumulation_steps")
    return (
        treats_alike(optimizer)
        and not isinstance(optimizer, keras.optimizers.Ftrl)  # it sets such a number to zero
        and not optimizer.use_ema
        and not any(getattr(optimizer, name, None) for name in settings)
    )


@dataclasses.dataclass(frozen=True)
class _Slot:
    """A variable of the optimizer: its name, what it belongs to (None: to all), where it is."""

    name: str
    owner: Parameter | None
    variable: Any

    def pack(self, arrays: Mapping[str, np.ndarray]) -> np.ndarray:
        if self.owner is None:
            return arrays[f"slots/{self.name}"]
        return self.owner.pack(arrays, f"slots/{self.name}/")

    def unpack(self, value: np.ndarray) -> dict[str, np.ndarray]:
        if self.owner is None:
            return {f"slots/{self.name}": value}
        return self.owner.unpack(value, f"slots/{self.name}/")


class Slots:
    """A Keras optimizer built for parameters, and its variables by name: `slots/<name>/<key>`."""

    def __init__(self, optimizer: Any, parameters: Parameters) -> None:
        self.optimizer = optimizer
        self._rule = getattr(optimizer, "inner_optimizer", optimizer)
        # On one device there is nothing to reduce, and Keras' all-reduce registers a gradient of
        # its own for each program, by which TensorFlow would keep the whole graph for good.
        if not hasattr(optimizer, "_all_reduce_sum_gradients"):
            raise MissingPackageError(
                f"Keras {keras.version()} has optimizers of another kind than this package "
                "knows. Install the version that it was tested with: see constraints.txt."
            )
        optimizer._all_reduce_sum_gradients = self._rule._all_reduce_sum_gradients = _unreduced
        optimizer.build(parameters.variables)
        learned = self._rule._learning_rate
        self.learning_rate = (
            learned if hasattr(learned, "assign") else None
        )  # None: a schedule of the step count
        self._rate: float | None = None  # that was assigned last
        self._slots = list(self._named(parameters))
        self._fresh = self.read()
        self.shapes = {key: array.shape for key, array in self._fresh.items()}

    def _named(self, parameters: Parameters) -> list[_Slot]:
        optimizer = self.optimizer
        averages = {
            id(v) for v in getattr(self._rule, "_model_variables_moving_average", None) or []
        }
        owners = _reference_names(parameters)
        slots: list[_Slot] = []
        for variable in optimizer.variables:
            if variable is self.learning_rate or variable is optimizer._learning_rate:
                continue
            name, owner = _split(variable, owners)
            if id(variable) in averages:
                name = EMA_SLOT
            taken = [slot.name for slot in slots if slot.owner is owner]
            base, count = name, 1
            while name in taken:
                count += 1
                name = f"{base}_{count}"
            kept = variable if owner is None else owner.storage(variable)
            slots.append(_Slot(name, owner, kept))
        return slots

    def fresh(self) -> dict[str, np.ndarray]:
        """The slots before the first step."""
        return dict(self._fresh)

    def load(self, arrays: Mapping[str, np.ndarray]) -> None:
        """Assign the slots."""
        for slot in self._slots:
            slot.variable.assign(slot.pack(arrays))

    def set_rate(self, learning_rate: float | None) -> None:
        """Assign the learning rate where it is no schedule."""
        if self.learning_rate is None or learning_rate in (None, self._rate):
            return
        self.learning_rate.assign(learning_rate)
        self._rate = learning_rate

    def read(self) -> dict[str, np.ndarray]:
        """The slots as arrays of their own."""
        arrays: dict[str, np.ndarray] = {}
        for slot in self._slots:
            arrays.update(slot.unpack(read_value(slot.variable)))
        return arrays

    @property
    def rule(self) -> str:
        """The name of the optimiser's class."""
        return type(self._rule).__name__

    def fits(self, state: MachineState) -> bool:
        """True if the state holds exactly this optimiser's slots, so that its moments go on."""
        arrays = state.arrays if state.rule == self.rule else {}
        theirs = {key: array.shape for key, array in arrays.items() if key.startswith("slots/")}
        return theirs == self.shapes


def _unreduced(pairs: Any) -> Any:
    return pairs


def _reference_names(parameters: Parameters) -> list[tuple[str, Parameter]]:
    """(name that Keras gives to slots of a parameter, the parameter), longest first."""
    names = [(p.variable.path.replace("/", "_"), p) for p in parameters.all]
    return sorted(names, key=lambda pair: -len(pair[0]))


def _split(variable: Any, owners: list[tuple[str, Parameter]]) -> tuple[str, Parameter | None]:
    for prefix, owner in owners:
        if variable.name.startswith(prefix + "_"):
            return variable.name[len(prefix) + 1 :], owner
    return re.sub(r"_\d+$", "", variable.name), None
