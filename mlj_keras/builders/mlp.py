"""`MLP`: dense hidden layers. Source: MLJFlux.jl, src/builders.jl, `MLP`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.builders.base import Builder, check_activation, seed_of
from mlj_keras.models import param

keras = lazy_module("keras")


def _check_hidden(value: Any) -> tuple[int, ...]:
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,)
    if (
        not isinstance(value, tuple)
        or not value
        or not all(type(n) is int and n > 0 for n in value)
    ):
        raise ValueError(
            f"hidden must be one or more positive ints, got {value!r}. Write hidden=(64, 32)."
        )
    return value


class MLP(Builder):
    """A multilayer perceptron: dense hidden layers with one activation, then the outputs without.

    Args:
        hidden: units of each hidden layer, default (100,); one int is one layer
        activation: default "relu".
    Raises: InvalidModelError for an empty `hidden`, or units that are no positive ints.
    Example:
        >>> MLP(hidden=[32, 32], activation="tanh")
        MLP(hidden=(32, 32), activation='tanh')

    Source: MLJFlux.jl, src/builders.jl, `MLP(hidden=(100,), σ=relu)`.
    """

    hidden: tuple[int, ...] = param((100,), convert=_check_hidden)
    activation: Any = param("relu", convert=check_activation)

    def n_layers(self) -> int:
        """One for each of `hidden`, and that of the outputs."""
        return len(self.hidden) + 1

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """Dense(h, activation) for each h, then Dense(n_out)."""
        outputs = inputs
        for n_units in self.hidden:
            start = keras.initializers.GlorotUniform(seed=seed_of(rng))
            outputs = keras.layers.Dense(
                n_units, activation=self.activation, kernel_initializer=start
            )(outputs)
        start = keras.initializers.GlorotUniform(seed=seed_of(rng))
        return keras.layers.Dense(n_out, kernel_initializer=start)(outputs)
