"""`Short`: one hidden layer with dropout. Source: MLJFlux.jl, src/builders.jl, `Short`."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.builders.base import Builder, check_activation, seed_of
from mlj_keras.models import param

keras = lazy_module("keras")


class Short(Builder):
    """One hidden layer, then dropout, then the outputs.

    Args:
        n_hidden: units, 0 (the default) for round(sqrt(n_in * n_out))
        dropout: fraction in [0, 1), default 0.5
        activation: of the hidden layer, default "sigmoid".
    Raises: InvalidModelError for values outside these ranges.
    Example:
        >>> Short(n_hidden=6, dropout=0.2)
        Short(n_hidden=6, dropout=0.2)

    Source: MLJFlux.jl, src/builders.jl, `Short(n_hidden=0, dropout=0.5, σ=sigmoid)`.
    """

    n_hidden: int = param(0, kind=int, ge=0)
    dropout: float = param(0.5, kind=float, ge=0, lt=1)
    activation: Any = param("sigmoid", convert=check_activation)

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """Dense(hidden), Dropout, Dense(n_out)."""
        n_in = inputs.shape[-1]
        n_hidden = self.n_hidden or max(1, round((n_in * n_out) ** 0.5))
        starts = [keras.initializers.GlorotUniform(seed=seed_of(rng)) for _ in range(2)]
        hidden = keras.layers.Dense(
            n_hidden, activation=self.activation, kernel_initializer=starts[0]
        )(inputs)
        hidden = keras.layers.Dropout(self.dropout, seed=seed_of(rng))(hidden)
        return keras.layers.Dense(n_out, kernel_initializer=starts[1])(hidden)
