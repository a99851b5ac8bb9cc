"""`KerasModelBuilder`: an existing Keras model as a builder. Source: ours; MLJFlux takes Flux
chains through `@builder`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.builders.base import Builder
from mlj_keras.models import param
from mlj_keras.models.keys import ByIdentity

keras = lazy_module("keras")


def _check_model(value: Any) -> Any:
    if not isinstance(value, keras.Model):
        raise TypeError(f"a keras.Model instance is wanted, got {value!r}")
    return value


class KerasModelBuilder(Builder):
    """An existing Keras model: copied at each cold fit, its weights the start, its frozen layers
    left frozen.

    The weights are those that the Keras model has when this builder is made; what happens to it
    later does not matter, and it is never changed. `builder=keras_model` in any container makes
    one of these.

    Args: model: a functional, sequential or subclassed Keras model that can be rebuilt from its
        config.
    Raises: InvalidModelError if it is no Keras model, or cannot be copied.
    Example:
        >>> import keras
        >>> net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        >>> KerasModelBuilder(net).initial_weights()[0].shape
        (4, 3)

    Source: ours.
    """

    model: Any = param(convert=_check_model, positional=True)

    def __setattr__(self, name: str, value: Any) -> None:
        before = self.__dict__.get("model")
        super().__setattr__(name, value)
        if name == "model" and value is not before:  # a check assigns every field once more
            weights = [np.array(weight) for weight in value.get_weights()] if value.built else None
            object.__setattr__(self, "_weights", weights)

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """A copy of the Keras model, called on the inputs."""
        try:
            copy = type(self.model).from_config(self.model.get_config())
        except Exception as error:  # any failure of a user's own from_config means the same
            reason = " ".join(str(error).strip().split("\n\n")[0].split())
            raise ValueError(
                f"the Keras model {self.model.name!r} of class {type(self.model).__name__} cannot "
                f"be rebuilt from its config ({reason}) Define get_config and from_config, or "
                "write a Builder that makes its layers"
            ) from error
        copy.trainable = self.model.trainable
        for layer, original in zip(copy.layers, self.model.layers, strict=False):
            layer.trainable = original.trainable
        return copy(inputs)

    def initial_weights(self) -> Sequence[np.ndarray] | None:
        """The weights of the Keras model when this builder was made, or None if it had none
        yet."""
        weights: list[np.ndarray] | None = self.__dict__["_weights"]
        return weights

    def key(self) -> tuple[Any, ...]:
        """By identity of the Keras model, with what may be frozen later."""
        flags = tuple(bool(layer.trainable) for layer in self.model._flatten_layers())
        return (ByIdentity(type(self)), ByIdentity(self.model), flags)

    def __eq__(self, other: object) -> bool:
        """Builders of one Keras model that took its weights at different times may differ."""
        if not isinstance(other, KerasModelBuilder) or not super().__eq__(other):
            return super().__eq__(other)
        own, others = self.initial_weights(), other.initial_weights()
        if own is None or others is None:
            return own is others
        return all(map(np.array_equal, own, others))

    __hash__ = None  # type: ignore[assignment]  # models are mutable

    def __deepcopy__(self, memo: dict[int, Any]) -> KerasModelBuilder:
        result = object.__new__(type(self))
        result.__dict__.update(self.__dict__)
        return result
