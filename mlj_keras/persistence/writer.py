"""`save`: a trained machine as one file.

Knows machines, encoders and the members of a file. Source: MLJBase.jl, src/machines.jl (`save`),
for the use; the format is ours.
"""

from __future__ import annotations

import errno
import functools
import importlib.metadata
import io
import os
import platform
from collections.abc import Iterable, Mapping
from typing import IO, Any

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.data.fingerprint import fingerprint
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.machine import Machine, Node
from mlj_keras.machine.source import NoData
from mlj_keras.persistence import estimators
from mlj_keras.persistence.encoding import Encoder
from mlj_keras.persistence.verifying import check_loads
from mlj_keras.storage.arrow import arrow_bytes
from mlj_keras.storage.atomic import write_atomically
from mlj_keras.storage.members import Part, written
from mlj_keras.storage.strict_json import dumped
from mlj_keras.storage.tensors import tensor_pieces

KIND = "machine"
MODEL, MACHINE, LEARNED, DATA = "model.json", "machine.json", "learned.json", "data.json"
WEIGHTS, OPTIMISER = "weights.safetensors", "optimiser.safetensors"
COLUMNS, ESTIMATORS = "tables", "estimators.skops"
MIN_READER = (1, 0)
_LIBRARIES = ("mlj_keras", "keras", "tensorflow", "numpy", "scikit-learn")


@short_tracebacks
def save(
    path: str | os.PathLike[str] | IO[bytes], mach: Machine, *, for_inference: bool = False
) -> None:
    """Write a machine to a file: its model, and what it has learned.

    The file holds no code, and no data but what a model has learned: that of nearest neighbours,
    support vectors, Gaussian processes and stacks over these is rows of the data; models of your
    own keep what they keep. It is whole or not there: an old file of that name is replaced when
    the new one is complete and checked. The same machine gives the same bytes.

    Args:
        path: a file, such as "iris.mlj", whose folder exists, or a symbolic link to it; or a
            binary file open for writing
        mach: a machine; what it has learned, if it is trained
        for_inference: leave out what only further training needs, such as the slots of
            optimisers, default False. Reports stay whole, with the states that a Snapshots
            control has kept. A machine loaded from such a file is saved so again.
    Raises: UnsavableError for what a file cannot hold (functions without a name, classes of a
        script, strategies of `tf.distribute`), naming where it is; WrongType for anything but a
        machine, and for what is neither a path nor a binary file; MissingPackageError where
        estimators of scikit-learn need skops; OSError, with the path, if the file cannot be
        written. The old file is then still there.
    Example:
        >>> import tempfile
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.NeuralNetworkClassifier(epochs=2, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> path = os.path.join(tempfile.mkdtemp(), "iris.mlj")
        >>> mlj.save(path, mach)
        >>> same = mlj.load_machine(path)
        >>> bool((mlj.predict_mode(same, X) == mlj.predict_mode(mach, X)).all())
        True

    Source: MLJBase.jl, src/machines.jl, `save`. Deviation: the training state is kept, so that a
        machine can be trained on.
    """
    if isinstance(mach, Node):
        raise WrongType(
            "save takes a machine, got a node. Save the machines of its network, node.machines, "
            "or make the network a model by NetworkComposite."
        )
    if not isinstance(mach, Machine):
        advice = " Its arguments are save(path, mach)." if isinstance(path, Machine) else ""
        raise WrongType(f"save takes a machine, got {mach!r:.60}.{advice}")
    named = path_of(path, "save", "write")
    inferring = for_inference or any(isinstance(arg, NoDataToTrainOn) for arg in mach.args)
    pieces = written(KIND, *_parts(mach, for_inference=inferring), MIN_READER)
    if named is None:
        _write_into(path, pieces)
    else:
        write_atomically(named, pieces)


class NoDataToTrainOn(NoData):
    """The place of the data of a machine whose file leaves out what only training needs."""


def path_of(path: Any, caller: str, method: str) -> str | None:
    """The path that a user has given as a text, or None for an open file.

    Args: path · caller: the function that got it · method: what it needs of a file, "read", say.
    Raises: WrongType for neither of them; InvalidArgument for a path that no system has.
    """
    if isinstance(path, str | os.PathLike):  # which may have this method, too
        named = os.fspath(path)
        if isinstance(named, str) and "\0" not in named:
            return named
        if isinstance(named, str):
            raise InvalidArgument(f"No path has the character 0, got {named!r:.60}.")
    elif not isinstance(path, type) and callable(getattr(path, method, None)):
        return None
    advice = "Write os.fsdecode(path) for a path"
    if isinstance(path, Machine):
        advice = "Write save(path, mach) to save a machine"
    elif isinstance(path, bytes | bytearray | memoryview):
        advice += ", io.BytesIO(content) for what a file holds" if method == "read" else ""
    else:
        advice = "Give a path such as 'iris.mlj'"
    raise WrongType(
        f"{caller} takes a path as a text, or an open binary file, got {path!r:.60}. {advice}."
    )


def _write_into(file: Any, pieces: Iterable[bytes | memoryview]) -> None:
    """Write pieces into an open file, which may take a part of each at a time."""
    try:
        file.write(b"")
    except TypeError:
        name = getattr(file, "name", type(file).__name__)
        raise WrongType(f"{name!r} is open as a text. Open it by open(path, 'wb').") from None
    for piece in pieces:
        left = memoryview(piece)
        while left.nbytes:
            n_written = file.write(left)
            if n_written is None and not isinstance(file, io.RawIOBase):
                break  # a file that does not count takes it whole
            if not n_written:
                raise BlockingIOError(errno.EAGAIN, "The open file takes no more bytes now")
            left = left[n_written:]


def _parts(mach: Machine, *, for_inference: bool) -> tuple[dict[str, Part], dict[str, Any]]:
    """The members of the file, and what its manifest says besides."""
    encoder = Encoder(for_inference=for_inference)
    facts = encoder.machine(mach, "the machine")
    check_loads(encoder, facts)
    model = {name: facts.pop(name) for name in ("model", "trained_model")}
    parts: dict[str, Part] = {
        MODEL: dumped(model),
        LEARNED: dumped({"outcome": facts.pop("outcome")}),
        MACHINE: dumped({**facts, "in_network": False}),
        DATA: dumped(_data_facts(mach, for_inference=for_inference)),
        WEIGHTS: tensor_pieces(encoder.arrays),
    }
    if encoder.slots:
        parts[OPTIMISER] = tensor_pieces(encoder.slots)
    for name, column in encoder.columns.items():
        parts[f"{COLUMNS}/{name}.arrow"] = arrow_bytes(column)
    if encoder.estimators:
        parts[ESTIMATORS] = estimators.dumped(encoder.estimators)
    about = {
        "code": dict(encoder.code),
        "for_inference": for_inference,
        "versions": versions(),
    }
    return parts, about


@functools.cache  # so that loading opens no other files
def versions() -> Mapping[str, str]:
    """What writes: versions of the libraries, of Python, and the kind of machine."""
    found = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    return {**found, "python": platform.python_version(), "machine": platform.machine()}


def _data_facts(mach: Machine, *, for_inference: bool) -> list[dict[str, Any]]:
    """What is known of the data that a machine was bound to: what they are, and a fingerprint by
    which they are known again."""
    if mach.in_network:  # of nodes nothing is kept
        return [{"columns": [], "fingerprint": None, "was": None} for _ in mach.args]
    others = mach.state > 0 and mach.is_stale()  # these are not the data that it has learned of
    return [_facts_of(arg, known=not (for_inference or others)) for arg in mach.args]


def _facts_of(arg: Any, *, known: bool) -> dict[str, Any]:
    if isinstance(arg, NoData):
        names, found, was = arg.columns, arg.fingerprint, arg.was
    else:
        names, was = getattr(arg.inner, "names", ()), arg.describe()
        found = fingerprint(arg.inner) if known else None
    return {"columns": list(names), "fingerprint": found if known else None, "was": was}
