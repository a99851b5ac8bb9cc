"""Acceleration: where work runs."""

from mlj_keras.parallel.acceleration import CPU1, GPU, TPU, Mirrored, MultiWorker
from mlj_keras.parallel.jobs import CPUProcesses, CPUThreads

__all__ = ["CPU1", "GPU", "TPU", "CPUProcesses", "CPUThreads", "Mirrored", "MultiWorker"]
