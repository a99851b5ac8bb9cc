"""`save`: a trained machine as one file.

Knows machines, encoders and the members of a file. Source: MLJBase.jl, src/machines.jl (`save`),
for the use; the format is ours.
"""

from __future__ import annotations

import functools
import importlib.metadata
import os
import platform
from collections.abc import Mapping
from typing import IO, Any

from mlj_keras.data.fingerprint import fingerprint
from mlj_keras.errors import UnsavableError, WrongType
from mlj_keras.machine import Machine, Node
from mlj_keras.machine.source import NoData
from mlj_keras.persistence import estimators
from mlj_keras.persistence.encoding import Encoder
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


def save(
    path: str | os.PathLike[str] | IO[bytes], mach: Machine, *, for_inference: bool = False
) -> None:
    """Write a machine to a file: its model, and what it has learned.

    The file holds no data and no code. It is whole or not there: an old file of that name is
    replaced when the new one is complete and checked. The same machine gives the same bytes.

    Args:
        path: a file, such as "iris.mlj", whose folder exists; or a binary file open for writing
        mach: a machine; what it has learned, if it is trained
        for_inference: leave out what only further training needs, such as the slots of
            optimisers, default False.
    Raises: UnsavableError for what a file cannot hold (functions without a name, classes of a
        script, strategies of `tf.distribute`), naming where it is; WrongType for anything but a
        machine; MissingPackageError where estimators of scikit-learn need skops; OSError, with the
        path, if the file cannot be written. The old file is then still there.
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
    pieces = written(KIND, *_parts(mach, for_inference=for_inference), MIN_READER)
    if hasattr(path, "write"):
        for piece in pieces:
            path.write(piece)
        return
    write_atomically(path, pieces)


def _parts(mach: Machine, *, for_inference: bool) -> tuple[dict[str, Part], dict[str, Any]]:
    """The members of the file, and what its manifest says besides."""
    encoder = Encoder(for_inference=for_inference)
    facts = encoder.machine(mach, "the machine")
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
        parts[f"{COLUMNS}/{name}.arrow"] = _arrow(column)
    if encoder.estimators:
        parts[ESTIMATORS] = estimators.dumped(encoder.estimators)
    about = {
        "code": dict(encoder.code),
        "for_inference": for_inference,
        "versions": versions(),
    }
    return parts, about


def _arrow(column: Any) -> bytes:
    try:
        return arrow_bytes(column)
    except TypeError as error:
        raise UnsavableError(f"{error}. Convert that column.") from error


@functools.cache  # so that loading opens no other files
def versions() -> Mapping[str, str]:
    """What writes: versions of the libraries, of Python, and the kind of machine."""
    found = {name: importlib.metadata.version(name) for name in _LIBRARIES}
    return {**found, "python": platform.python_version(), "machine": platform.machine()}


def _data_facts(mach: Machine, *, for_inference: bool) -> list[dict[str, Any]]:
    """What is known of the data that a machine was bound to: what they are, and a fingerprint by
    which they are known again."""
    if mach.in_network:
        return []
    return [_facts_of(arg, for_inference=for_inference) for arg in mach.args]


def _facts_of(arg: Any, *, for_inference: bool) -> dict[str, Any]:
    if isinstance(arg, NoData):
        names, known, was = arg.columns, arg.fingerprint, arg.was
    else:
        names, was = getattr(arg.inner, "names", ()), arg.describe()
        known = None if for_inference else fingerprint(arg.inner)
    return {"columns": list(names), "fingerprint": None if for_inference else known, "was": was}
