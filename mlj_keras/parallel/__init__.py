"""Acceleration: where work runs."""

from mlj_keras.parallel.acceleration import CPU1, GPU, Mirrored

__all__ = ["CPU1", "GPU", "Mirrored"]
