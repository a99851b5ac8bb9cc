"""Acceleration: where work runs."""

from mlj_keras.parallel.acceleration import CPU1, GPU

__all__ = ["CPU1", "GPU"]
