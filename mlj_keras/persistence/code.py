"""Code of the user's own in a machine's file: by name only, and only what the caller names, too.

A file never says what is imported: the caller's own strings do. Knows names, classes and
functions; nothing of files. Source: ours.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import re
import sys
import types
from collections.abc import Iterable, Mapping
from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.builders import Builder
from mlj_keras.errors import (
    InvalidArgument,
    MachineFileWarning,
    MissingPackageError,
    UnsavableError,
    UntrustedModelError,
    WrongType,
)

_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*", re.ASCII)
_LONGEST = 500
_MADE_HERE = "mlj_keras.builders.from_function"


def code_name(value: Any, where: str) -> tuple[str, str | None]:
    """("module:name" of a class or function, SHA-256 of its source or None).

    Raises: UnsavableError for what cannot be imported by name: lambdas, functions in functions,
        and what is defined in a script or notebook.
    Example:
        >>> code_name(inspect.getsource, "it")[0]
        'inspect:getsource'

    Source: ours.
    """
    module, name = getattr(value, "__module__", None), getattr(value, "__qualname__", "")
    found = f"{module}:{name}"
    if str(module).partition(".")[0] == "mlj_keras":
        raise UnsavableError(
            f"A file cannot hold {where}: it is {name}, which is of this package, and no part of "
            "what a model has learned. Keep numbers, texts or arrays in its place."
        )
    if module == "__main__" or not _NAME.fullmatch(found) or _look_up(found) is not value:
        kind = "class" if isinstance(value, type) else "function"
        reason = "in a script or notebook" if module == "__main__" else "where no import finds it"
        raise UnsavableError(
            f"A file cannot hold {where}: it is {name or value!r}, a {kind} that is defined "
            f"{reason}. Put it at the top of a module of its own, and import it from there."
        )
    return found, digest_of(value)


def _look_up(name: str) -> Any:
    """What a name stands for among the modules that are loaded; None for nothing."""
    module, _, path = name.partition(":")
    value: Any = sys.modules.get(module)
    for each in path.split("."):
        value = getattr(value, each, None)
    return value


def digest_of(value: Any) -> str | None:
    """SHA-256 of the source of a class or function; None where there is none to be read."""
    try:
        return hashlib.sha256(inspect.getsource(value).encode()).hexdigest()
    except (OSError, TypeError):
        return None


def function_behind(model: Any) -> Any:
    """The function that a builder of `builder_from` was made of; None for any other model."""
    if not isinstance(model, Builder) or type(model).__module__ != _MADE_HERE:
        return None
    return model.__reduce__()[1][0]


def checked_name(name: Any) -> str:
    """A name that a file gives.

    Raises: ValueError for what is none.
    """
    if not isinstance(name, str) or len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise ValueError(f"it names code by {name!r:.60}, which is no name")
    return name


def check_trusted(trusted: Any) -> tuple[str, ...]:
    """The names that a caller trusts.

    Raises: WrongType, InvalidArgument unless they are exact names.
    Example:
        >>> check_trusted(["mypkg.nets:Tower"])
        ('mypkg.nets:Tower',)

    Source: ours.
    """
    if isinstance(trusted, str) or not isinstance(trusted, Iterable):
        raise WrongType(
            f"trusted takes a list of exact names, got {trusted!r:.60}. Write "
            'trusted=["mypkg.nets:Tower"].'
        )
    names = tuple(trusted)
    for name in names:
        if not isinstance(name, str) or not (_NAME.fullmatch(name) or _is_dotted(name)):
            raise InvalidArgument(
                f"trusted takes exact names, 'module:name', got {name!r:.60}; there are no "
                "wildcards. inspect_file(path) lists what a file needs."
            )
    return names


def _is_dotted(name: str) -> bool:
    """Whether it is a name as scikit-learn's files have them."""
    return all(part.isidentifier() for part in name.split("."))


def check_needed(needed: Iterable[str], trusted: tuple[str, ...], path: str) -> None:
    """Raise UntrustedModelError if a file needs what the caller does not trust; names it all."""
    lacking = sorted(set(needed) - set(trusted))
    if lacking:
        listed = sorted({*needed, *trusted})
        raise UntrustedModelError(
            f"{path!r} needs code that is not of this package: {', '.join(lacking)}. Loading runs "
            "it. If you trust it, and what this file gives it, write load_machine(path, "
            f"trusted={listed!r})."
        )


class TrustedCode:
    """What the names that a caller trusts stand for.

    Args: trusted: names, as the caller wrote them · digests: of the sources as a file has them.
    """

    def __init__(self, trusted: tuple[str, ...], digests: Mapping[str, Any]) -> None:
        self._own = {name: name for name in trusted}  # the caller's strings, never the file's
        self._digests = digests
        self._found: dict[str, Any] = {}

    def named(self, name: Any) -> Any:
        """The class or function of this name.

        Raises: UntrustedModelError if the caller has not named it, or it is neither;
            MissingPackageError if its module, or one that this needs, is not there;
            InvalidArgument if its module raises as it is imported.
        Warns: MachineFileWarning if its source is another than when the file was written.
        """
        own = self._own.get(name) if isinstance(name, str) else None
        if own is None:
            raise UntrustedModelError(f"needs {name!r:.60}, which is not among `trusted`.")
        if own not in self._found:
            self._found[own] = self._imported(own)
        return self._found[own]

    def _imported(self, own: str) -> Any:
        module = own.partition(":")[0]
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise MissingPackageError(
                f"The file needs {own!r}, and the module {module!r} cannot be imported ({error}). "
                "Install it, or add its folder to sys.path; the file is fine."
            ) from error
        except Exception as error:  # what fails there is the user's own
            raise InvalidArgument(
                f"The file needs {own!r}, and importing the module {module!r} raises "
                f"{type(error).__name__}: {error}. Mend that module; the file is fine."
            ) from error
        value = _look_up(own)
        kinds = types.FunctionType | type | types.BuiltinFunctionType
        if not isinstance(value, kinds):
            raise UntrustedModelError(
                f"The file needs {own!r}, which is {value!r:.60} and no class or function. Define "
                "it there."
            )
        before, now = self._digests.get(own), digest_of(value)
        if before is not None and now != before:
            warn(
                f"The source of {own} is another than when the file was written: predictions may "
                "differ. Take the code of then, or save the machine again.",
                MachineFileWarning,
            )
        return value
