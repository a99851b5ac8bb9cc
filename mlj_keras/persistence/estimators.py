"""scikit-learn's estimators as bytes, and back, by skops: types that are on its safe list or on
ours; others need `trusted=`.

What skops takes on trust of its file is checked before, and what scikit-learn's C code takes on
trust of its estimators after. Knows no models. Source: skops.io.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module, require
from mlj_keras.errors import UnsavableError
from mlj_keras.persistence._estimator_checks import check_estimators, reached
from mlj_keras.persistence._skops_schema import SchemaForm
from mlj_keras.persistence._skops_zip import by_columns, header_of, parts_of, unpadded, zipped
from mlj_keras.persistence.safe_types import SAFE_TYPES
from mlj_keras.storage import strict_json

skops_io = lazy_module("skops.io")

_SCHEMA = "schema.json"
_PACKAGES = frozenset(("sklearn", "imblearn", "scipy"))


def is_estimator(value: Any) -> bool:
    """Whether a value is of scikit-learn or its kin, or made in its manner."""
    package = type(value).__module__.partition(".")[0]
    return package in _PACKAGES or (hasattr(value, "get_params") and not isinstance(value, type))


def dumped(estimators: Sequence[Any]) -> bytes:
    """Estimators as bytes: the same for the same estimators, in any process.

    Raises: UnsavableError for what skops cannot write, or `loaded` would not read;
        MissingPackageError.
    """
    require("skops", extra="sklearn-files")
    try:
        check_estimators(list(estimators))
        parts = parts_of(skops_io.dumps(list(estimators)), stored=False)
        parts |= {name: by_columns(parts[name]) for name in _columns(estimators) & parts.keys()}
        schema = strict_json.loaded(parts[_SCHEMA], "the schema")
        form = SchemaForm(parts, {".npy": unpadded, ".npz": _stored_sparse}).made(schema)
        _check_importable(form.loaders)
    except Exception as error:  # skops raises what the objects' own ways of reduction raise
        names = sorted({type(each).__name__ for each in estimators})
        raise UnsavableError(
            f"A file cannot hold these estimators ({', '.join(names)}): {error!s:.200}. "
            "Save a model of this package, or pickle the machine for your own use."
        ) from error
    return zipped({**form.members, _SCHEMA: _text(form.schema)})


@dataclasses.dataclass(frozen=True)
class Opened:
    """Estimators as bytes of which the form has been checked, once.

    Attributes: whole: the bytes · types: that skops does not trust · needed: the names of those
        that are on no safe list of ours either.
    """

    whole: bytes
    types: tuple[str, ...]
    needed: tuple[str, ...]

    def loaded(self, trusted: Sequence[str]) -> list[Any]:
        """The estimators.

        Args: trusted: names that the caller trusts beside the safe lists; all that are needed.
        Raises: ValueError for names that are neither trusted nor safe, and for estimators that
            would lead scikit-learn out of their arrays.
        """
        try:
            unknown = sorted(set(self.needed) - set(trusted))
            if unknown:
                raise ValueError(f"its estimators need {', '.join(unknown):.200} to be trusted")
            result = skops_io.loads(self.whole, trusted=list(self.types))
            if not isinstance(result, list):
                raise ValueError("its estimators are no list")
            check_estimators(result)
        except Exception as error:  # whatever skops meets in a file that is not its own
            raise _damaged(error) from error
        return result


def opened(whole: bytes) -> Opened:
    """Estimators as bytes, their form checked.

    Raises: ValueError for bytes that `dumped` does not write; MissingPackageError.
    """
    require("skops", extra="sklearn-files")
    try:
        return Opened(whole, *_named(whole))
    except Exception as error:  # as in `loaded`
        raise _damaged(error) from error


def _named(whole: bytes) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the types in it that skops does not trust, and those of them that are on no
    list of ours; raises whatever a file that is not as `dumped` writes it leads to."""
    parts = parts_of(whole)
    schema = strict_json.loaded(parts.pop(_SCHEMA), "its estimators' schema")
    form = SchemaForm(parts, {".npz": _checked_sparse}).made(schema)
    if _text(form.schema) != _text(schema) or [*form.members] != [*parts]:
        raise ValueError("its estimators are written in another way than they have to be")
    found = tuple(skops_io.get_untrusted_types(data=whole))
    safe = {name for name in found if form.loaders.get(name) == {SAFE_TYPES.get(name)}}
    return found, tuple(name for name in found if name not in safe)


def _columns(estimators: Sequence[Any]) -> set[str]:
    """skops' names of the arrays that lie in memory by columns, with gaps. It writes them by rows,
    and sums of products would be others in their last digits."""
    arrays = (each for each in reached(list(estimators)) if isinstance(each, np.ndarray))
    return {
        f"{id(each)}.npy"
        for each in arrays
        if each.ndim == 2 and not each.flags.forc and each.strides[0] < each.strides[1]
    }


def _check_importable(names: Iterable[str]) -> None:
    """Raise ValueError for what is in no module, such as a lambda, or in a script."""
    for name in names:
        module, _, own = name.rpartition(".")
        if module == "__main__" or not hasattr(sys.modules.get(module), own):
            raise ValueError(f"they have {name:.60}, which nobody can import")


def _text(schema: Any) -> bytes:
    """A schema as JSON, in the order that it has: that of a mapping counts."""
    return json.dumps(schema, allow_nan=False, separators=(",", ":")).encode()


def _stored_sparse(part: bytes) -> bytes:
    return zipped(parts_of(part, stored=False))


def _checked_sparse(part: bytes) -> bytes:
    for array in parts_of(part).values():
        header_of(array)
    return part


def _damaged(error: Exception) -> ValueError:
    if str(error).startswith("its estimators "):
        return ValueError(str(error))
    return ValueError(f"its estimators are damaged ({type(error).__name__}: {error!s:.100})")
