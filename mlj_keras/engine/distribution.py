"""From an acceleration to the device that TensorFlow uses.

Knows accelerations and TensorFlow's devices. Source: MLJFlux.jl, src/mlj_model_interface.jl
(`gpu_isdead`, `Mover`).
"""

from __future__ import annotations

import functools

from mlj_keras._imports import lazy_module
from mlj_keras.errors import DeviceError
from mlj_keras.parallel import CPU1, GPU

device_lib = lazy_module("tensorflow.python.client.device_lib")
tf = lazy_module("tensorflow")


def device_of(acceleration: CPU1 | GPU | None) -> str:
    """The device name: for None the first GPU that TensorFlow sees, else the CPU.

    Raises: DeviceError if the GPU asked for is not there; lists those that are.
    """
    if isinstance(acceleration, CPU1):
        return "/CPU:0"
    gpus = tf.config.list_logical_devices("GPU")
    if acceleration is None:
        return "/GPU:0" if gpus else "/CPU:0"
    if acceleration.index >= len(gpus):
        found = ", ".join(device.name for device in gpus) or "no GPU"
        raise DeviceError(
            f"GPU({acceleration.index}) is not there: TensorFlow sees {found}. Use "
            "acceleration=None or CPU1()."
        )
    return f"/GPU:{acceleration.index}"


@functools.cache  # TensorFlow opens every device anew to list them
def memory_of(device: str) -> int | None:
    """Bytes of memory that TensorFlow may use on a device, None for the CPU, whose memory holds
    the data already."""
    if "CPU" in device:
        return None
    found = {d.name: d.memory_limit for d in device_lib.list_local_devices()}
    return found.get("/device:" + device.lstrip("/"))
