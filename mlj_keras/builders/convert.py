"""`as_builder`: what a container accepts as its builder. Source: ours."""

from __future__ import annotations

import sys
import types
from typing import Any

from mlj_keras.builders.base import Builder
from mlj_keras.builders.keras_model import KerasModelBuilder


def as_builder(value: Any) -> Builder:
    """A Builder as it is, a keras.Model as a KerasModelBuilder.

    Raises: TypeError for anything else, with what to write.
    """
    if isinstance(value, Builder):
        return value
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(value, keras.Model):
        return KerasModelBuilder(value)
    if isinstance(value, type):
        raise TypeError(
            f"builder is the class {value.__name__}. Give an instance: {value.__name__}()."
        )
    if isinstance(value, types.FunctionType):
        name = value.__name__.replace("<lambda>", "f")
        raise TypeError(f"builder is a function. Write builder_from({name}).")
    raise TypeError(
        f"builder must be a Builder such as MLP(hidden=(32,)), or a keras.Model, got {value!r}."
    )
