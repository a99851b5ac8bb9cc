"""`KerasModelBuilder`: an existing Keras model as a builder. Source: ours; MLJFlux takes Flux
chains through `@builder`."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.builders.base import Builder
from mlj_keras.errors import InvalidModelError
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
            try:
                captured = _capture(value)
            except Exception as error:  # any failure of a user's own get_config means the same
                raise InvalidModelError(_no_copy(value, error)) from error
            object.__setattr__(self, "_captured", captured)

    def build(self, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        """A copy of the Keras model, called on the inputs."""
        captured: _Captured = self.__dict__["_captured"]
        try:
            # Keras takes entries out of the config that it is given.
            network = captured.kind.from_config(copy.deepcopy(captured.config))
        except Exception as error:  # any failure of a user's own from_config means the same
            raise ValueError(_no_copy(self.model, error)) from error
        # Unbuilt models have their layers before they are called, some subclassed ones after it.
        done = _set_trainable(network, captured.trainable)
        outputs = network(inputs)
        if not done and not _set_trainable(network, captured.trainable):
            raise ValueError(
                f"the copy of the Keras model {self.model.name!r} has other layers than the "
                "model, so that its frozen layers cannot be told. Call the model once before you "
                "give it"
            )
        return outputs

    def initial_weights(self) -> Sequence[np.ndarray] | None:
        """The weights of the Keras model when this builder was made, or None if it had none
        yet."""
        captured: _Captured = self.__dict__["_captured"]
        return captured.weights

    def key(self) -> tuple[Any, ...]:
        """By identity of what was captured of the Keras model."""
        return (ByIdentity(type(self)), ByIdentity(self.__dict__["_captured"]))

    def __eq__(self, other: object) -> bool:
        """Builders are equal if what they have captured of Keras models is; those of one that was
        captured at different times may differ."""
        if not isinstance(other, KerasModelBuilder):
            return super().__eq__(other)
        own: _Captured = self.__dict__["_captured"]
        return own.equals(other.__dict__["_captured"])

    __hash__ = None  # type: ignore[assignment]  # models are mutable

    def __deepcopy__(self, memo: dict[int, Any]) -> KerasModelBuilder:
        result = object.__new__(type(self))
        result.__dict__.update(self.__dict__)
        return result

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


@dataclasses.dataclass(frozen=True, eq=False)
class _Captured:
    """A Keras model as it was: class, config, which layers train, and weights if it had any."""

    kind: type[Any]
    config: dict[str, Any]
    trainable: tuple[bool, ...]
    weights: list[np.ndarray] | None

    def equals(self, other: _Captured) -> bool:
        """The same config, flags and weights, bit for bit."""
        if self is other:
            return True
        if (self.kind, self.config, self.trainable) != (other.kind, other.config, other.trainable):
            return False
        if self.weights is None or other.weights is None:
            return self.weights is other.weights
        return all(map(np.array_equal, self.weights, other.weights))


def _no_copy(model: Any, error: Exception) -> str:
    reason = " ".join(str(error).strip().split("\n\n")[0].split())
    return (
        f"the Keras model {model.name!r} of class {type(model).__name__} cannot be rebuilt from "
        f"its config ({reason}) Define get_config and from_config, or write a Builder that makes "
        "its layers"
    )


def _own_layers(model: Any) -> list[Any]:
    """Every layer of a model but its inputs, which Keras adds when it is called."""
    return [layer for layer in model._flatten_layers() if type(layer).__name__ != "InputLayer"]


def _set_trainable(model: Any, flags: tuple[bool, ...]) -> bool:
    """Freeze layers as they were; False if they are not the same number of layers."""
    layers = _own_layers(model)
    if len(layers) != len(flags):
        return False
    for layer, trainable in zip(layers, flags, strict=True):
        layer.trainable = trainable
    return True


def _capture(model: Any) -> _Captured:
    config, weights = model.get_config(), None
    flags = tuple(bool(layer.trainable) for layer in _own_layers(model))
    learned = [layer for layer in _own_layers(model) if layer.weights]
    if learned and not model.built:
        raise ValueError(
            f"it is not built, and its layer {learned[0].name!r} has weights, which would be "
            "lost. Begin it with keras.Input(...), or call it once before you give it."
        )
    if model.built:
        # An adapted Normalization computes with constants that its weights alone do not restore:
        # in the copy its statistics are settings, and no weights.
        settled = _settle(model, config)
        lost = [layer for layer in _own_layers(model) if _is_adapted(layer)]
        lost = [layer for layer in lost if layer not in settled]
        if lost:
            raise ValueError(
                f"its adapted Normalization {lost[0].name!r} is inside a layer of its own. Make "
                "it with mean= and variance= instead of adapt."
            )
        gone = {id(variable) for layer in settled for variable in layer.variables}
        weights = [np.array(v.numpy()) for v in model.weights if id(v) not in gone]
    return _Captured(type(model), config, flags, weights)


def _is_adapted(layer: Any) -> bool:
    own = isinstance(layer, keras.layers.Normalization)
    return own and layer.built and layer.input_mean is None


def _settle(model: Any, config: Any) -> list[Any]:
    """Write the statistics of adapted Normalization layers into the config of a sequential or
    functional model, nested models and wrapped layers too; those layers."""
    entries = config.get("layers") if isinstance(config, dict) else None
    if not isinstance(entries, list | tuple):
        return []
    by_name = {layer.name: layer for layer in model.layers}
    settled = []
    for entry in entries:
        own = entry.get("config") if isinstance(entry, dict) else None
        layer = by_name.get(own.get("name")) if isinstance(own, dict) else None
        while layer is not None and isinstance(own, dict) and isinstance(own.get("layer"), dict):
            layer, own = getattr(layer, "layer", None), own["layer"].get("config")
        if layer is None or not isinstance(own, dict):
            continue
        if _is_adapted(layer):
            own["mean"] = keras.ops.convert_to_numpy(layer.adapt_mean).tolist()
            own["variance"] = keras.ops.convert_to_numpy(layer.adapt_variance).tolist()
            settled.append(layer)
        elif isinstance(layer, keras.Model):
            settled += _settle(layer, own)
    return settled
