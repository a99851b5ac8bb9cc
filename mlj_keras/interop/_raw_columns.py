"""Raw columns as inputs of a Keras model, and what transformers make of them, in Keras' layers.

A network says which numbers and codes it wants; what stands before it asks for the columns that
these are made of, down to the table. Knows transformers; nothing of networks. Source: ours.
"""

from __future__ import annotations

import dataclasses
import itertools
import keyword
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from mlj_keras._imports import lazy_module
from mlj_keras.errors import UnsupportedOperation
from mlj_keras.transformers import ContinuousEncoder, OneHotEncoder, Standardizer

keras = lazy_module("keras")

Pool = tuple[Any, ...]


class Columns(Protocol):
    """A table of which columns are asked for as Keras tensors (n,)."""

    def number(self, name: str) -> Any:
        """A column of numbers, float32."""

    def codes(self, name: str, pool: Pool) -> Any:
        """The positions of the values of a factor in its training pool, int64."""


@dataclasses.dataclass(frozen=True)
class RawInput:
    """An input of the model: its column, dtype and shape of a row; of a factor its levels, as they
    are to be given."""

    column: str | None
    dtype: str
    shape: tuple[int, ...] = ()
    levels: list[Any] | None = None


class RawColumns:
    """The table as the user has it: an input for each column that is asked for, in that order."""

    def __init__(self) -> None:
        self.inputs: list[RawInput] = []
        self.tensors: list[Any] = []
        self._known: dict[str, Any] = {}

    def number(self, name: str) -> Any:
        """An input of floats."""
        if name not in self._known:
            self._known[name] = self.added(RawInput(name, "float32"))
        return self._known[name]

    def codes(self, name: str, pool: Pool) -> Any:
        """An input of labels, looked up in the pool."""
        if name not in self._known:
            dtype, keys = label_keys(pool)
            values = self.added(RawInput(name, dtype, levels=keys))
            self._known[name] = lookup(dtype, keys)(values)
        return self._known[name]

    def added(self, each: RawInput) -> Any:
        """The tensor of a new input."""
        tensor = keras.Input(each.shape, dtype=each.dtype)
        self.inputs.append(each)
        self.tensors.append(tensor)
        return tensor


class _Standardised:
    """The columns behind a Standardizer."""

    def __init__(self, before: Columns, fit: Any) -> None:
        self.before, self.learned = before, fit.learned

    def number(self, name: str) -> Any:
        moments = self.learned.get(name)
        if moments is None:
            return self.before.number(name)
        if moments.pool is None:
            raw = self.before.number(name)
        else:
            raw = _positions(self.before.codes(name, moments.pool))
        # Two steps, as float32 loses digits of a number far from zero unless the mean goes first.
        centred = keras.layers.Rescaling(1.0, -moments.mean)(raw)
        return keras.layers.Rescaling(1 / moments.std)(centred)

    def codes(self, name: str, pool: Pool) -> Any:
        return self.before.codes(name, pool)


class _Encoded:
    """The columns behind an encoder that one-hot encodes some factors, and maybe takes positions
    of the others."""

    def __init__(self, before: Columns, pools: dict[str, Pool], labels: dict[str, Any]) -> None:
        self.before, self.pools = before, pools
        self.made = {
            label: (name, position)
            for name, own in labels.items()
            for position, label in enumerate(own)
        }

    def number(self, name: str) -> Any:
        if name in self.made:
            origin, position = self.made[name]
            codes = self.before.codes(origin, self.pools[origin])
            return keras.ops.cast(keras.ops.equal(codes, position), "float32")
        if name in self.pools:
            return _positions(self.before.codes(name, self.pools[name]))
        return self.before.number(name)

    def codes(self, name: str, pool: Pool) -> Any:
        return self.before.codes(name, pool)


def _positions(codes: Any) -> Any:
    """1, 2, ... for the codes 0, 1, ..."""
    return keras.ops.cast(keras.ops.add(codes, 1), "float32")


_BEHIND: dict[type, Any] = {
    Standardizer: _Standardised,
    OneHotEncoder: lambda before, fit: _Encoded(before, fit.learned, fit.labels),
    ContinuousEncoder: lambda before, fit: _Encoded(before, fit.pools, fit.labels),
}


def check_stage(name: str, component: Any) -> None:
    """Raise UnsupportedOperation for a component before a network that has no Keras form here."""
    if type(component) not in _BEHIND:
        kind = type(component).__name__
        known = ", ".join(each.__name__ for each in _BEHIND)
        raise UnsupportedOperation(
            f"export knows {known} before a network, and the part {name!r} is a {kind}. Transform "
            "the table before the machine is made, or take the network of the part that predicts: "
            "fitted_params(mach).<part>.network."
        )


def behind(columns: Columns, stages: Sequence[tuple[Any, Any]]) -> Columns:
    """The columns behind transformers, each given with what it has learned."""
    for component, fit in stages:
        columns = _BEHIND[type(component)](columns, fit)
    return columns


def label_keys(pool: Pool) -> tuple[str, list[Any]]:
    """How labels, which are all of one type, go in and out of a model: integers and booleans as
    int64, others as text."""
    if all(isinstance(label, int) and -(2**63) <= label < 2**63 for label in pool):
        return "int64", [int(label) for label in pool]
    return "string", [str(label) for label in pool]


def lookup(dtype: str, keys: list[Any], *, invert: bool = False) -> Any:
    """The Keras layer from labels to their positions, which raises for any other label; or
    back."""
    kind = keras.layers.IntegerLookup if dtype == "int64" else keras.layers.StringLookup
    # A word that stands for unknown labels, of which there are none, may be no label itself.
    words: Iterable[Any] = itertools.count()
    words = words if dtype == "int64" else map(str, words)
    unknown = next(word for word in words if word not in keys)
    return kind(
        vocabulary=keys, num_oov_indices=0, mask_token=None, oov_token=unknown, invert=invert
    )


def safe_names(names: Sequence[str]) -> list[str]:
    """Names that TensorFlow takes, each another: letters, digits and underscores after a letter.

    Those that are so already stay. In others what is no letter or digit becomes an underscore, "x"
    is put before what begins with no letter, and "_" after what is taken, but for upper and lower
    case, or has a meaning in Python.
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names, key=lambda name: _safe(name) != name):  # those that stay come first
        safe = _safe(name)
        while safe.lower() in taken:
            safe += "_"
        taken.add(safe.lower())
        found[name] = safe
    return [found[name] for name in names]


def _safe(name: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9_]", "_", name)
    if not safe[:1].isalpha():
        safe = f"x{safe}"
    return f"{safe}_" if keyword.iskeyword(safe) or safe == "self" else safe
