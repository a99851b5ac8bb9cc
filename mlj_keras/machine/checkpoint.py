"""Training that writes what it has learned to a folder now and then, and goes on from there.

Two fits of 5 epochs give the bytes of one of 10; so a training that was cut off, and is started
again, ends as if it had not been. Knows machines, their states and archives.
Source: Keras' BackupAndRestore for the manner; MLJIteration.jl, `Save`.
"""

from __future__ import annotations

import copy
import dataclasses
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from mlj_keras._logging import logger
from mlj_keras.data.fingerprint import fingerprint
from mlj_keras.data.tables import InnerTable
from mlj_keras.engine.distribution import place_of
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import (
    InvalidArgument,
    ResumeMismatchError,
    UnsupportedOperation,
    WrongType,
)
from mlj_keras.machine.machine import Machine
from mlj_keras.models.params import same
from mlj_keras.optimisers import Adam
from mlj_keras.storage import locked, read_newest, remove_all, write_numbered
from mlj_keras.storage.records import storable

KIND = "checkpoint"
_FREE = ("acceleration", "optimiser")  # hyper-parameters that may change when training goes on
# What a repr has from its process: addresses, and the names of Keras models, which are counted.
_PROCESS = re.compile(r" at 0x[0-9a-f]+|(?<=<Sequential) \w+|(?<=<Functional) \w+")


@storable
@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """A folder that a training writes its state to, and goes on from if it holds one.

    For `fit(mach, checkpoint=...)`, and among the controls of an IteratedModel. A file is complete
    or not there at all; an older one is removed when a newer one is complete; one that is damaged
    is passed over with a warning if there is another.

    Args:
        path: the folder; it is made if its own folder exists; all hosts of a cluster share it
        every: epochs between writings; among controls, cycles
        keep: how many of the last files are kept, at least 1.
    Raises: InvalidArgument if a number is none of 1 or more. When training begins: InvalidArgument
        if the folder cannot be made; CheckpointInUseError if another process writes there;
        ResumeMismatchError for a state of another model or other data; CorruptFile if none can be
        read.
    Example:
        >>> import tempfile
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=4, rng=1)
        >>> checkpoint = mlj.Checkpoint(f"{tempfile.mkdtemp()}/iris", every=2)
        >>> mach = mlj.fit(mlj.machine(model, X, y), checkpoint=checkpoint, verbosity=0)
        >>> again = mlj.fit(mlj.machine(model, X, y), checkpoint=checkpoint, verbosity=0)
        >>> mlj.snapshot(again) == mlj.snapshot(mach)
        True

    Source: Keras, `BackupAndRestore`.
    """

    stops: ClassVar[bool] = False  # as a control, which iteration does the writing of

    path: str | os.PathLike[str]
    every: int = 1
    keep: int = 2

    def update(self, run: Any, verbosity: int, n: int, state: Any = None) -> None:
        """Nothing: states are written when a cycle is whole."""

    def done(self, state: Any) -> bool:
        """Never."""
        return False

    def takedown(self, verbosity: int, state: Any) -> dict[str, Any]:
        """The folder."""
        return {"path": os.fspath(self.path)}

    def check_setting(self, setting: Any) -> None:
        """Raise for a model whose state cannot be written."""
        if not setting.model.checkpoints:
            raise UnsupportedOperation(
                f"{type(setting.model).__name__} does not train by epochs with a state that could "
                "be written: networks do, and pipelines that end in one. Leave Checkpoint out."
            )

    def __post_init__(self) -> None:
        for name in ("every", "keep"):
            value = getattr(self, name)
            if type(value) is not int or value < 1:
                raise InvalidArgument(f"{name} must be an int of 1 or more, got {value!r}.")
        if not isinstance(self.path, str | os.PathLike):
            raise WrongType(
                f"A checkpoint is written to a folder, got {self.path!r:.60} as its path. Give a "
                "path, or Checkpoint(path)."
            )

    def check_folder(self) -> None:
        """Raise InvalidArgument if the folder cannot be made; as a training begins, as a model
        that comes from a file may have been made on another computer."""
        parent = self.folder.parent
        if not parent.is_dir():
            raise InvalidArgument(f"There is no folder {str(parent)!r} for a checkpoint. Make it.")

    @property
    def folder(self) -> Path:
        """The folder, absolute."""
        return Path(self.path).absolute()

    def write(self, number: int, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        """Write a state, numbered by the epochs done, and remove what is too old."""
        write_numbered(self.folder, number, KIND, facts, arrays, keep=self.keep)

    def read(self, belongs_to: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """(facts, arrays) of the newest state, or None if there is none.

        Raises: ResumeMismatchError if it does not belong to this model and these data.
        """
        found = read_newest(self.folder, KIND)
        if found is None:
            return None
        path, facts, arrays = found
        unlike = list(_differences(belongs_to, facts.pop("belongs_to")))
        if unlike:
            raise ResumeMismatchError(
                f"The checkpoint {str(path)!r} is of {' and '.join(unlike)} than this machine. "
                "Name another folder, or delete this one to begin anew."
            )
        return facts, arrays


def fit_with_checkpoint(
    mach: Machine, checkpoint: Any, *, rows: Any, verbosity: int, force: bool
) -> Machine:
    """Train as `fit` does, and write the state every few epochs."""
    if not isinstance(checkpoint, Checkpoint):
        checkpoint = Checkpoint(checkpoint)
    checkpoint.check_folder()
    name = _iteration_parameter(mach)
    if not is_first(mach.model):  # of a cluster, only the first worker writes
        return _fit_from(mach, checkpoint, name, rows, verbosity, force=force)
    with locked(checkpoint.folder):
        if force:
            remove_all(checkpoint.folder)
        return _fit_from(mach, checkpoint, name, rows, verbosity, force=force)


def _fit_from(
    mach: Machine, checkpoint: Checkpoint, name: str, rows: Any, verbosity: int, *, force: bool
) -> Machine:
    model, total = mach.model, mach.model.get(name)
    try:
        belongs_to = None
        if force or mach.state == 0 or _state_of(mach).epochs == 0:
            model.set(name, 0)
            mach.fit(rows=rows, verbosity=verbosity, force=force)
            belongs_to = _belongs_to(mach, rows)
            if not force:
                _go_on_from(mach, checkpoint, total, belongs_to, verbosity)
        belongs_to = belongs_to or _belongs_to(mach, rows)
        done = _state_of(mach).epochs
        for end in [*range(done + checkpoint.every, total, checkpoint.every), total]:
            model.set(name, end)
            mach.fit(rows=rows, verbosity=max(verbosity - 1, 0))
            if is_first(model):
                state = _state_of(mach)
                facts = state_facts(state) | {"belongs_to": belongs_to}
                checkpoint.write(state.epochs, facts, state.arrays)
    finally:
        model.set(name, total)
    return mach


def _iteration_parameter(mach: Machine) -> str:
    name: str | None = mach.model.own_traits().iteration_parameter
    if name is None or not mach.current_model().checkpoints:
        raise UnsupportedOperation(
            f"{type(mach.model).__name__} does not train by epochs with a state that could be "
            "written: networks do, and pipelines that end in one. Leave checkpoint= out; of an "
            "IteratedModel, put Checkpoint(...) among the controls."
        )
    return name


def _state_of(mach: Machine) -> MachineState:
    model, outcome = mach.trained("fit with a checkpoint")
    state: MachineState = model.snapshot(outcome).network
    return state


def _go_on_from(
    mach: Machine, checkpoint: Checkpoint, total: int, belongs_to: Any, verbosity: int
) -> None:
    """Put the state of the folder, if there is one, into a machine that has been trained for no
    epoch."""
    found = checkpoint.read(belongs_to)
    if found is None:
        return
    state = state_from(*found)
    where = os.fspath(checkpoint.path)
    if state.epochs > total:
        raise InvalidArgument(
            f"The checkpoint {where!r} has {state.epochs} epochs, more than the {total} that are "
            "to be trained. Name another folder, or raise epochs."
        )
    model, outcome = mach.trained("fit with a checkpoint")
    restored, model = model.restore(outcome, state)
    mach.replace_outcome(model, restored)
    if verbosity > 0:
        logger.info("Going on from epoch %d of %s.", state.epochs, where)


def _belongs_to(mach: Machine, rows: Any) -> dict[str, Any]:
    data = tuple(arg.rows(mach.positions(rows), native=False) for arg in mach.args)
    return {"model": model_facts(mach.model), "data": data_facts(*data)}


def data_facts(X: Any, *rest: Any) -> dict[str, str]:
    """The number of rows, the columns, and a fingerprint of all values."""
    names = ", ".join(X.names) if isinstance(X, InnerTable) else "none"
    return {
        "rows": str(len(X)),
        "columns": names,
        "values": (fingerprint(X, *rest) or "not known")[:12],
    }


def state_facts(state: MachineState) -> dict[str, Any]:
    """What a state is beside its arrays and what was learned of the rows before training."""
    return {
        "epochs": state.epochs,
        "losses": list(map(float, state.losses)),
        "path": state.path,
        "seed": state.seed,
        "rule": state.rule,
    }


def state_from(facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> MachineState:
    """The state of these facts and arrays."""
    return MachineState.of(arrays, **{**facts, "losses": tuple(facts["losses"])})


def model_facts(model: Any) -> dict[str, str]:
    """The class of a model, and its hyper-parameters in words; without those that may change when
    its training goes on."""
    fixed, parameter = copy.deepcopy(model), model.own_traits().iteration_parameter
    if parameter is not None:
        fixed.set(parameter, 0)
        prefix, dot, _ = parameter.rpartition(".")
        for name, value in zip(_FREE, (None, Adam()), strict=True):
            if name in _owner(fixed, prefix).fields():
                fixed.set(f"{prefix}{dot}{name}", value)
    words = {name: in_words(fixed.get(name)) for name in fixed.fields()}
    return {"": type(model).__name__, **words}


def in_words(value: Any) -> str:
    """A hyper-parameter as a text that is the same in every process."""
    return _PROCESS.sub("", repr(value))


def _differences(own: Mapping[str, Any], its: Mapping[str, Any]) -> Any:
    """What is not as it was, in words."""
    for key in own:
        mine, other = own[key], its.get(key)
        if same(mine, other):
            continue
        if not isinstance(mine, Mapping) or not isinstance(other, Mapping):
            yield f"other {key}"
            continue
        names = [n for n in {**other, **mine} if mine.get(n) != other.get(n)]
        shown = [
            f"{n or 'class'}: {other.get(n)!s:.60} there, {mine.get(n)!s:.60} here" for n in names
        ]
        several = key == "data" or key.endswith("s")
        yield f"{'other' if several else 'another'} {key} ({'; '.join(shown[:3])})"


def _owner(model: Any, prefix: str) -> Any:
    return model.get(prefix) if prefix else model


def is_first(model: Any) -> bool:
    """Whether this process is the one of its cluster that writes."""
    prefix = (model.own_traits().iteration_parameter or "").rpartition(".")[0]
    return bool(place_of(getattr(_owner(model, prefix), "acceleration", None)).is_first)
