"""One file of what a network has learned. Knows machines and archives. Source: MLJIteration.jl,
`Save`, for the use."""

from __future__ import annotations

import os
from typing import Any

from mlj_keras.engine.state import MachineState
from mlj_keras.machine.checkpoint import state_facts, state_from
from mlj_keras.machine.machine import Machine
from mlj_keras.storage import read_archive, write_archive

KIND = "state"


def write_state(path: str | os.PathLike[str], mach: Machine) -> None:
    """Write the state of a network, or of the one that a pipeline ends in.

    Args: path: a file, whose folder exists · mach: trained.
    Raises: UnsupportedOperation for other models; NotTrainedError; OSError.
    Example:
        >>> import tempfile
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> net = mlj.NeuralNetworkClassifier(epochs=1, rng=1)
        >>> mach = mlj.fit(mlj.machine(net, X, y), verbosity=0)
        >>> path = f"{tempfile.mkdtemp()}/iris.state"
        >>> write_state(path, mach)
        >>> mlj.snapshot(mlj.restore(mach, path)).epochs
        1

    Source: ours.
    """
    model, outcome = mach.trained("write_state")
    state: MachineState = model.snapshot(outcome).network
    write_archive(path, KIND, state_facts(state), state.arrays)


def read_state(path: str | os.PathLike[str]) -> Any:
    """The state in a file.

    Raises: as `read_archive`.
    Example: see `write_state`.
    Source: ours.
    """
    return state_from(*read_archive(path, KIND))
