"""`Linear`: one dense layer. Source: MLJFlux.jl, src/builders.jl, `Linear`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.builders.base import Builder, check_activation, seed_of
from mlj_keras.models import param

keras = lazy_module("keras")


class Linear(Builder):
    """One dense layer from inputs to outputs, with an activation; no hidden layer.

    Args: activation: name or function, default "relu" as in MLJFlux (a regressor whose target has
        negative values wants "linear").
    Raises: InvalidModelError for an unknown activation.
    Example:
        >>> Linear(activation="linear")
        Linear(activation='linear')

    Source: MLJFlux.jl, src/builders.jl, `Linear(σ=relu)`.
    """

    activation: Any = param("relu", convert=check_activation)

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """One Dense(n_out)."""
        start = keras.initializers.GlorotUniform(seed=seed_of(rng))
        return keras.layers.Dense(n_out, activation=self.activation, kernel_initializer=start)(
            inputs
        )
