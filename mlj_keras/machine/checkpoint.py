"""Training that writes what it has learned to a file now and then, and goes on from there.

Two fits of 5 epochs give the bytes of one of 10; so a training that was cut off, and is started
again, ends as if it had not been. Knows machines, their states and archives.
Source: Keras' BackupAndRestore for the manner; MLJIteration.jl, `Save`.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from mlj_keras._logging import logger
from mlj_keras.engine.distribution import place_of
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import InvalidArgument, UnsupportedOperation
from mlj_keras.machine.machine import Machine
from mlj_keras.optimisers import Adam
from mlj_keras.storage import read_archive, write_archive

KIND = "checkpoint"
_UNLIKE = {"model": "another model", "data": "other data"}
# What a repr has from its process: addresses, and the names of Keras models, which are counted.
_PROCESS = re.compile(r" at 0x[0-9a-f]+|(?<=<Sequential) \w+|(?<=<Functional) \w+")


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A file that a training writes, and goes on from if it is there.

    Args:
        path: the file; its folder exists, and all hosts of a cluster share it
        every: epochs between writings.
    Raises: InvalidArgument if there is no such folder, or `every` is no number of epochs.
    Example:
        >>> import tempfile
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=4, rng=1)
        >>> checkpoint = mlj.Checkpoint(f"{tempfile.mkdtemp()}/iris.ckpt", every=2)
        >>> mach = mlj.fit(mlj.machine(model, X, y), checkpoint=checkpoint, verbosity=0)
        >>> again = mlj.fit(mlj.machine(model, X, y), checkpoint=checkpoint, verbosity=0)
        >>> mlj.snapshot(again) == mlj.snapshot(mach)
        True

    Source: Keras, `BackupAndRestore`.
    """

    path: str | os.PathLike[str]
    every: int = 1

    def __post_init__(self) -> None:
        if type(self.every) is not int or self.every < 1:
            raise InvalidArgument(f"every must be an int of 1 or more, got {self.every!r}.")
        folder = Path(self.path).absolute().parent
        if not folder.is_dir():
            raise InvalidArgument(f"There is no folder {str(folder)!r} for a checkpoint. Make it.")


def fit_with_checkpoint(
    mach: Machine, checkpoint: Any, *, rows: Any, verbosity: int, force: bool
) -> Machine:
    """Train as `fit` does, and write the state every few epochs."""
    if not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint)
    model, name = mach.model, _iteration_parameter(mach)
    total = model.get(name)
    try:
        if force or mach.state == 0 or _state_of(mach).epochs == 0:
            model.set(name, 0)
            mach.fit(rows=rows, verbosity=verbosity, force=force)
            if Path(checkpoint.path).exists() and not force:
                _go_on_from(mach, checkpoint, total, verbosity)
        done, belongs_to = _state_of(mach).epochs, None
        for end in [*range(done + checkpoint.every, total, checkpoint.every), total]:
            model.set(name, end)
            mach.fit(rows=rows, verbosity=max(verbosity - 1, 0))
            belongs_to = belongs_to or _belongs_to(mach)  # the same for all that follow
            _write(mach, checkpoint, belongs_to)
    finally:
        model.set(name, total)
    return mach


def _iteration_parameter(mach: Machine) -> str:
    name = mach.model.own_traits().iteration_parameter
    resolved = mach.model.resolve(*(source.scitype for source in mach.args))
    if name is None or not resolved.checkpoints:
        raise UnsupportedOperation(
            f"{type(mach.model).__name__} does not train by steps with a state that could be "
            "written: single networks do. Leave checkpoint= out."
        )
    return name


def _state_of(mach: Machine) -> MachineState:
    model, outcome = mach.trained("fit with a checkpoint")
    state: MachineState = model.snapshot(outcome)
    return state


def _go_on_from(mach: Machine, checkpoint: Checkpoint, total: int, verbosity: int) -> None:
    """Put the state of the file into a machine that has been trained for no epoch."""
    facts, arrays = read_archive(checkpoint.path, KIND)
    own, its = _belongs_to(mach), facts.pop("belongs_to")
    unlike = [words for key, words in _UNLIKE.items() if own[key] != its.get(key)]
    state = MachineState.of(arrays, **{**facts, "losses": tuple(facts["losses"])})
    fresh = _state_of(mach)
    # The loss before training tells other data and weights; its last digits are the device's.
    if fresh.seed == state.seed and not np.isclose(fresh.losses[0], state.losses[0], rtol=1e-3):
        unlike.append(_UNLIKE["data"])
    if unlike:
        raise InvalidArgument(
            f"The checkpoint {os.fspath(checkpoint.path)!r} is of {' and '.join(set(unlike))} "
            "than this machine. Name another file, or write force=True to begin anew in its place."
        )
    if state.epochs > total:
        raise InvalidArgument(
            f"The checkpoint {os.fspath(checkpoint.path)!r} has {state.epochs} epochs, more than "
            f"the {total} that are to be trained. Name another file, or raise epochs."
        )
    model, outcome = mach.trained("fit with a checkpoint")
    restored, model = model.restore(outcome, state)
    mach.replace_outcome(model, restored)
    if verbosity > 0:
        logger.info("Going on from epoch %d of %s.", state.epochs, os.fspath(checkpoint.path))


def _write(mach: Machine, checkpoint: Checkpoint, belongs_to: dict[str, str]) -> None:
    """Write the state; of a cluster, only the first worker does."""
    if not place_of(_get(mach.model, "acceleration")).is_first:
        return
    state = _state_of(mach)
    facts = {
        "epochs": state.epochs,
        "losses": list(map(float, state.losses)),
        "path": state.path,
        "seed": state.seed,
        "rule": state.rule,
        "belongs_to": belongs_to,
    }
    write_archive(checkpoint.path, KIND, facts, state.arrays)


def _belongs_to(mach: Machine) -> dict[str, str]:
    """What has to be the same for a training to go on: the model but for what may change, and what
    was learned of the rows before training."""
    model, outcome = mach.trained("fit with a checkpoint")
    fixed = copy.deepcopy(mach.model)
    fixed.set(_iteration_parameter(mach), 0)
    for name, value in (("acceleration", None), ("optimiser", Adam())):
        fixed.set(_prefixed(mach.model, name), value)
    fields = {key: _PROCESS.sub("", repr(fixed.get(key))) for key in fixed.fields()}
    state: MachineState = model.snapshot(outcome)
    encoding = MachineState({}, 0, (), "", 0, encoding=state.encoding)
    return {"model": repr((type(model).__name__, fields)), "data": encoding.digest()}


def _prefixed(model: Any, name: str) -> str:
    """The dotted path of a hyper-parameter of the network, beside that of its epochs."""
    prefix, dot, _ = model.own_traits().iteration_parameter.rpartition(".")
    return f"{prefix}{dot}{name}"


def _get(model: Any, name: str) -> Any:
    return model.get(_prefixed(model, name))
