"""Precision: what the layers of a network compute in, while its weights stay float32.

Knows Keras' dtype policies and optimizers. Source: Keras' mixed precision; Micikevicius et al.,
"Mixed precision training" (2018). MLJFlux has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.errors import InvalidModelError

keras = lazy_module("keras")
tf = lazy_module("tensorflow")

PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def check_precision(precision: str, device: str) -> None:
    """Raise InvalidModelError if a device does not compute in it."""
    if precision == "mixed_float16" and "TPU" in device:
        wanted = "A TPU computes in bfloat16, not in float16"
    elif precision == "mixed_bfloat16" and "GPU" in device and _capability(device) < (8, 0):
        wanted = f"bfloat16 needs a GPU of compute capability 8.0, and {device} is older"
    else:
        return
    other = "mixed_bfloat16" if precision == "mixed_float16" else "mixed_float16"
    raise InvalidModelError(f"{wanted}. Set precision={other!r}, or 'float32'.")


def _capability(device: str) -> tuple[int, int]:
    """The compute capability of a GPU; the latest where TensorFlow does not say."""
    index = int(device.rpartition(":")[2])
    found = tf.config.list_physical_devices("GPU")
    details = tf.config.experimental.get_device_details(found[index]) if found[index:] else {}
    capability: tuple[int, int] = details.get("compute_capability", (99, 0))
    return capability


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
