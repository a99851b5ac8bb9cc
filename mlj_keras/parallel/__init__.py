"""Acceleration: where work runs."""

from mlj_keras.parallel.acceleration import CPU1, GPU, TPU, Mirrored, MultiWorker

__all__ = ["CPU1", "GPU", "TPU", "Mirrored", "MultiWorker"]
