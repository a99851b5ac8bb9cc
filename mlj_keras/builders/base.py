"""`Builder`: hyper-parameters from which a Keras network is built, once the shape of the data is
known.

Knows Keras tensors only: nothing of data, losses or training. Source: MLJFlux.jl, src/builders.jl,
`Builder`.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras.models import Model
from mlj_keras.models.keys import function_key, model_key


class Builder(Model):
    """Base of all builders. A subclass has fields, and `build` that adds Keras layers to a Keras
    tensor.

    The structure may depend on the fields, on the shape of `inputs` and on `n_out`, not on `rng`:
    networks of one structure are built once and shared; the weights of every cold fit are drawn
    anew from the model's `rng`.

    Example:
        >>> class Wide(Builder):
        ...     n1: int = 16
        ...     def build(self, inputs, n_out, rng):
        ...         import keras
        ...         hidden = keras.layers.Dense(self.n1, activation="relu")(inputs)
        ...         return keras.layers.Dense(n_out)(hidden)
        >>> Wide(n1=8)
        Wide(n1=8)

    Source: MLJFlux.jl, src/builders.jl (`build(builder, rng, n_in, n_out)`).
    """

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """Add layers to `inputs` and return the output tensor.

        Args:
            inputs: Keras tensor (None, n_in), n_in after embedding of factors; for images (None,
                height, width, channels)
            n_out: number of outputs
            rng: NumPy generator for layers that want explicit seeds.
        Returns: Keras tensor (None, n_out), without the finaliser (softmax or sigmoid), which
            classifiers add.
        """
        raise NotImplementedError(
            f"{type(self).__name__} must define build(self, inputs, n_out, rng)"
        )

    def n_layers(self) -> int:
        """At least how many layers with weights `build` makes, as far as the fields alone say it:
        what is stored is checked by it before anything is built."""
        return 1

    def initial_weights(self) -> Sequence[np.ndarray] | None:
        """Values of the variables that `build` creates, in Keras' order, or None: drawn from the
        initialisers."""
        return None

    def key(self) -> tuple[Any, ...]:
        """A hashable key: builders with equal keys build the same structure."""
        build: Any = type(self).build  # a plain function, where mypy sees a callable
        return (*model_key(self), function_key(build))


def seed_of(rng: np.random.Generator) -> int:
    """A seed for one Keras layer or initialiser."""
    return int(rng.integers(2**31))


def check_activation(value: Any) -> Any:
    """An activation: a name that Keras knows, or a callable. Names are checked without loading
    Keras where possible."""
    if callable(value) and not isinstance(value, type):
        return value
    if not isinstance(value, str):
        raise TypeError(
            f"an activation is a name such as 'relu' or a function of a tensor, got {value!r}"
        )
    if value not in _ACTIVATIONS:
        near = difflib.get_close_matches(value, _ACTIVATIONS, n=3)
        raise ValueError(
            f"{value!r} is no activation of Keras. Did you mean "
            f"{' or '.join(near or _ACTIVATIONS[:6])}? A function of your own is given itself."
        )
    return value


_ACTIVATIONS = (
    "linear relu sigmoid tanh softmax gelu elu selu silu swish mish softplus softsign leaky_relu "
    "relu6 hard_sigmoid hard_silu hard_swish hard_tanh exponential celu glu log_sigmoid "
    "log_softmax soft_shrink hard_shrink tanh_shrink squareplus sparse_plus sparse_sigmoid "
    "sparsemax"
).split()
