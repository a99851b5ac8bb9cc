"""Precision: what the layers of a network compute in, while its weights stay float32.

Knows Keras' dtype policies and optimizers. Source: Keras' mixed precision; Micikevicius et al.,
"Mixed precision training" (2018). MLJFlux has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlj_keras._imports import lazy_module

keras = lazy_module("keras")

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


@contextmanager
def computing_in(precision: str) -> Iterator[None]:
    """Layers made inside compute in it if they state nothing else; Keras' policy, one a thread, is
    given back as it was."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def scaled_for(precision: str, optimizer: Any) -> Any:
    """The optimizer, or around it one that scales the loss so that float16 gradients are no
    zeros."""
    if precision == "mixed_float16":
        return keras.optimizers.LossScaleOptimizer(optimizer, name="loss_scale")
    return optimizer


def at_least_float32(outputs: Any) -> Any:
    """What a network gives, as float32 if it is shorter."""
    if outputs.dtype in ("bfloat16", "float16"):
        return keras.ops.cast(outputs, "float32")
    return outputs
