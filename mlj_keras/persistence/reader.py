"""`load_machine`: a machine from a file, of which nothing is executed and nothing is believed.

Each step uses only what the steps before have proved. Knows the members of a file and decoders.
Source: MLJBase.jl, src/machines.jl (`machine(filename)`, `restore!`), for the use.
"""

from __future__ import annotations

import dataclasses
import errno
import functools
import os
import re
from collections.abc import Callable, Iterable, Mapping
from typing import IO, Any, TypeVar

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras._warnings import warn
from mlj_keras.data.fingerprint import fingerprint
from mlj_keras.errors import (
    BuilderError,
    CorruptFile,
    InvalidArgument,
    LimitExceeded,
    MachineFileError,
    MachineFileWarning,
    MissingPackageError,
    WrongType,
)
from mlj_keras.machine import Machine
from mlj_keras.machine.machine import quiet_machine
from mlj_keras.machine.source import NoData
from mlj_keras.machine.stored import bound
from mlj_keras.persistence import estimators
from mlj_keras.persistence.code import TrustedCode, check_needed, check_trusted, checked_name
from mlj_keras.persistence.decoding import Decoder
from mlj_keras.persistence.graphs import machine_from
from mlj_keras.persistence.writer import (
    COLUMNS,
    DATA,
    ESTIMATORS,
    KIND,
    LEARNED,
    MACHINE,
    MODEL,
    OPTIMISER,
    WEIGHTS,
    NoDataToTrainOn,
    path_of,
    versions,
)
from mlj_keras.storage.arrow import array_from
from mlj_keras.storage.atomic import MAX_BYTES, bytes_of
from mlj_keras.storage.members import REMEDY, Members, check_kind, members_of
from mlj_keras.storage.records import fits
from mlj_keras.storage.strict_json import loaded
from mlj_keras.storage.tensors import arrays_from

T = TypeVar("T")

_TREES = (MODEL, LEARNED, MACHINE)
_ALONE = (*_TREES, DATA, WEIGHTS, OPTIMISER, ESTIMATORS)
_AT_ONCE = 2**20  # bytes that an open file is asked for
_FINGERPRINT = re.compile("[0-9a-f]{64}")


@dataclasses.dataclass(frozen=True)
class Content:
    """What is in a file, as far as it can be known without building anything.

    Args: name: of the file · members · trees: the JSON members by name · data: facts of the data ·
        code: names that need `trusted=` · estimators: of scikit-learn, if there are some.
    """

    name: str
    members: Members
    trees: Mapping[str, Any]
    data: tuple[Mapping[str, Any], ...]
    code: tuple[str, ...]
    estimators: estimators.Opened | None = None


@short_tracebacks
def load_machine(
    path: str | os.PathLike[str] | IO[bytes],
    *data: Any,
    trusted: Iterable[str] = (),
    max_bytes: int = MAX_BYTES,
) -> Machine:
    """The machine in a file that `save` has written, in any process and on any device.

    Nothing in the file is executed. It names models of this package only; code of your own, such
    as a builder, is used if you name it, too. Training it does what its model says: it reads and
    writes the paths of histories, checkpoints and controls, starts workers, talks to their
    addresses. Look at the model of a stranger's file by `inspect_file` before you train it.

    Args:
        path: the file, or a binary file open for reading, of which all is read
        data: X, y, w as for `machine`: to train on. With the data that it was trained with, `fit`
            goes on as if the machine had never been saved; with others, and with a file for
            inference, it trains from the start. Without, the machine predicts.
        trusted: exact names, "module:name", of your own classes and functions that the file may
            use; `inspect_file` lists those that it needs
        max_bytes: a larger file is refused, default 8 GiB.
    Raises: NotAMachineFile, CorruptFile, FormatTooNewError, LimitExceeded, UntrustedModelError,
        all of them MachineFileError; MissingPackageError if a package or module that it needs is
        not there, as skops for estimators of scikit-learn; InvalidArgument if a module of your own
        raises as it is imported; WrongType, InvalidArgument for what is no path, no number or no
        name; FileNotFoundError and the like; for data what `machine` raises.
    Warns: MachineFileWarning for code or libraries that give other predictions than when the file
        was written, for weights that are not finite, and for data that it cannot train on with.
    Example:
        >>> import io
        >>> import mlj_keras as mlj
        >>> mach = mlj.fit(mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0]), verbosity=0)
        >>> file = io.BytesIO()
        >>> mlj.save(file, mach)
        >>> mlj.transform(mlj.load_machine(io.BytesIO(file.getvalue())), [4.0]).tolist()
        [2.0]

    Source: MLJBase.jl, src/machines.jl, `machine(filename)`.
    """
    names = check_trusted(trusted)
    content = content_of(path, max_bytes=max_bytes)
    check_needed(content.code, names, content.name)
    code = _code(content, names)
    unbound = understood(content.name, lambda: _machine(content, code))
    return _bound(unbound, content, data) if data else unbound


def content_of(
    path: str | os.PathLike[str] | IO[bytes],
    *,
    max_bytes: int = MAX_BYTES,
    caller: str = "load_machine",
) -> Content:
    """What is in a file, checked as far as nothing has to be built for it.

    Args: path · max_bytes · caller: the function that was given them.
    Raises: as `load_machine`.
    """
    named = path_of(path, caller, "read")
    if isinstance(max_bytes, bool) or not isinstance(max_bytes, int):
        raise WrongType(f"max_bytes is a number of bytes, such as 2**30, got {max_bytes!r:.60}.")
    if max_bytes < 1:
        raise InvalidArgument(f"max_bytes must be at least 1, got {max_bytes}.")
    if named is None:
        named, whole = _read(path, max_bytes)
    else:
        begins = functools.partial(check_kind, path=named, kind=KIND)
        whole = bytes_of(named, max_bytes=max_bytes, begins=begins)
    bare = Content(named, members_of(whole, named, KIND), {}, (), ())
    return understood(named, lambda: _content(bare))


def _read(file: Any, max_bytes: int) -> tuple[str, bytes]:
    """The name and all bytes of an open file, which may give a part of them at a time."""
    named = str(getattr(file, "name", None) or type(file).__name__)
    pieces: list[bytes] = []
    left = max_bytes + 1
    while left:
        piece = file.read(min(left, _AT_ONCE))
        if piece is None:
            raise BlockingIOError(errno.EAGAIN, "The open file has no bytes now", named)
        if not isinstance(piece, bytes | bytearray):
            raise WrongType(f"{named!r} is open as a text. Open it by open(path, 'rb').")
        if not piece:
            return named, b"".join(pieces)
        pieces.append(bytes(piece))
        left -= len(piece)
    raise LimitExceeded(f"{named!r} has more than the {max_bytes:,} bytes that are read.")


def understood(name: str, make: Callable[[], T]) -> T:
    """What `make` gives; whatever it meets in a file that is not as `save` writes it becomes a
    MachineFileError with the name of the file."""
    try:
        return make()
    except MachineFileError as error:
        raise type(error)(f"{name!r} {error}") from error.__cause__
    except (MissingPackageError, Warning):  # warnings that the user has made errors of
        raise
    except BuilderError as error:
        raise CorruptFile(f"{name!r} has a network that cannot be built: {error}") from error
    except RecursionError:
        raise CorruptFile(f"{name!r} is nested too deeply. {REMEDY}") from None
    except MemoryError as error:
        raise LimitExceeded(f"{name!r} needs more memory than there is. {error}") from error
    except Exception as error:  # what fails depends on what somebody has put into the file
        raise CorruptFile(
            f"{name!r} cannot be understood ({type(error).__name__}: {error}). {REMEDY}"
        ) from error


def _content(bare: Content) -> Content:
    parts = bare.members.parts
    odd = [name for name in parts if name not in _ALONE and not name.startswith(f"{COLUMNS}/")]
    if odd:
        raise ValueError(f"it has the member {odd[0]!r}, which no machine has")
    trees = {name: _tree(parts, name) for name in _TREES}
    data = loaded(parts[DATA], DATA)
    if not isinstance(data, list) or not all(isinstance(each, dict) for each in data):
        raise ValueError("its data are described in another way than they have to be")
    opened = estimators.opened(bytes(parts[ESTIMATORS])) if ESTIMATORS in parts else None
    needed = () if opened is None else opened.needed
    code = tuple(sorted({*_named(list(trees.values())), *needed}))
    return Content(bare.name, bare.members, trees, tuple(data), code, opened)


def _tree(parts: Mapping[str, memoryview], name: str) -> dict[str, Any]:
    found = loaded(parts[name], name)
    if not isinstance(found, dict):
        raise ValueError(f"{name} is no mapping")
    return found


def _named(tree: Any) -> Iterable[str]:
    """The names of the user's own in a tree."""
    waiting = [tree]
    while waiting:
        each = waiting.pop()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            if each.keys() == {"own code"}:
                yield checked_name(each["own code"])
            waiting += each.values()


def _code(content: Content, trusted: tuple[str, ...]) -> TrustedCode:
    """The user's own code, imported before anything is built: what fails in it is not the
    file's."""
    digests = content.members.facts.get("code", {})
    code = TrustedCode(trusted, digests if isinstance(digests, dict) else {})
    for name in content.code:
        if ":" in name:
            code.named(name)
    return code


def _machine(content: Content, code: TrustedCode) -> Machine:
    parts, facts = content.members.parts, content.members.facts
    arrays = arrays_from(parts[WEIGHTS])
    if OPTIMISER in parts:
        slots = arrays_from(parts[OPTIMISER])
        if set(slots) & set(arrays):
            raise ValueError("it has an array twice")
        arrays |= slots
    columns = {
        name.removeprefix(f"{COLUMNS}/").removesuffix(".arrow"): array_from(part)
        for name, part in parts.items()
        if name.startswith(f"{COLUMNS}/")
    }
    others = [name for name in content.code if ":" not in name]
    fitted = [] if content.estimators is None else content.estimators.loaded(others)
    decoder = Decoder(
        arrays,
        columns,
        fitted,
        code,
        other_versions=_versions(facts) != _versions({"versions": dict(versions())}),
    )
    stored = {**content.trees[MODEL], **content.trees[LEARNED], **content.trees[MACHINE]}
    kind = NoDataToTrainOn if _for_inference(content) else NoData
    places = tuple(
        kind(_text(each["was"]), _names(each["columns"]), _print(each["fingerprint"]))
        for each in content.data
    )
    found = machine_from(decoder, stored, places, "the machine")
    decoder.check_used()
    decoder.tell()
    return found


def _for_inference(content: Content) -> bool:
    return content.members.facts.get("for_inference") is True


def _text(value: Any) -> str | None:
    """A text that is shown: without what moves a cursor."""
    if value is None or (isinstance(value, str) and len(value) <= 10_000 and value.isprintable()):
        return value
    raise ValueError("its data are described in another way than they have to be")


def _print(value: Any) -> str | None:
    if value is None or (isinstance(value, str) and _FINGERPRINT.fullmatch(value)):
        return value
    raise ValueError("its data are known by another thing than a fingerprint")


def _names(value: Any) -> tuple[str, ...]:
    if not fits(value, list[str]):
        raise ValueError("its data are described in another way than they have to be")
    return tuple(value)


def _versions(facts: Mapping[str, Any]) -> Any:
    found = facts.get("versions", {})
    return [found.get(name) for name in ("keras", "tensorflow")] if isinstance(found, dict) else []


def _bound(unbound: Machine, content: Content, data: tuple[Any, ...]) -> Machine:
    mach = quiet_machine(
        unbound.model,
        *data,
        scitype_check_level=unbound.scitype_check_level,
        cache=unbound.cache,
    )
    told = [each["fingerprint"] for each in content.data]
    known = not mach.in_network and None not in told
    same = known and told == [fingerprint(arg.inner) for arg in mach.args]
    if not same and unbound.state:
        why, then = _why_other(content, mach, known=known), _what_follows(unbound)
        warn(
            f"{content.name!r} {why}: {then}. To predict, load it without data.",
            MachineFileWarning,
        )
    return bound(mach, unbound, same_data=same)


def _why_other(content: Content, mach: Machine, *, known: bool) -> str:
    if _for_inference(content):
        return "was saved for inference, without what further training needs"
    if mach.in_network:
        return "is given nodes, whose data are not looked at"
    if not known:
        return "keeps nothing by which the data that it was trained with are known again"
    return "was trained with other data than these"


def _what_follows(unbound: Machine) -> str:
    if unbound.frozen or getattr(unbound.model, "frozen", False) is True:
        return "it is frozen and stays as it is; thawed, the next fit trains it from the start"
    return "the next fit trains from the start"
