"""Targets: from what the user calls y to the arrays of a loss, and back from outputs to
predictions of y's kind.

Each is plain data, learned on the training rows. Source: MLJFlux.jl, src/regressor.jl,
src/classifier.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras.containers._table_encoder import centre_and_scale
from mlj_keras.data.budget import check_budget
from mlj_keras.data.categorical import encode, level_list
from mlj_keras.data.columns import Column, ColumnOrigin, as_floats, column_out
from mlj_keras.data.stored import check_finite_numbers, check_levels, check_names
from mlj_keras.data.tables import InnerTable, TableOrigin, table_out
from mlj_keras.engine.losses import TargetKind
from mlj_keras.errors import MissingValuesError
from mlj_keras.probability import UnivariateFiniteVector
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True)
class NumberTarget:
    """One Continuous column, standardised or not."""

    origin: ColumnOrigin
    centre: float
    scale: float
    kind: TargetKind = "numbers"
    n_out: int = 1

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_finite_numbers(self.centre, "centre")
        check_finite_numbers(self.scale, "scale", least=0)
        if self.kind != "numbers" or self.n_out != 1:
            raise ValueError("it is the target of a number, and says that it is another")

    @classmethod
    def fit(cls, y: Column, *, standardise: bool) -> NumberTarget:
        """Learn centre and scale from the training rows."""
        centre, scale = centre_and_scale(as_floats(y.values)) if standardise else (0.0, 1.0)
        return cls(y.origin, centre, scale)

    def encode(self, y: Column, *, codes: bool = False) -> np.ndarray:
        """(n, 1), float32."""
        values = as_floats(y.values)[:, None].astype(np.float64)
        return ((values - self.centre) / self.scale).astype(np.float32)

    def decode(self, outputs: np.ndarray, index: Any) -> Any:
        """A column of floats, as y came."""
        values = outputs[:, 0].astype(np.float64) * self.scale + self.centre
        return column_out(values.astype(self.origin.float_dtype), self.origin, index)


@storable
@dataclasses.dataclass(frozen=True)
class TableTarget:
    """Several Continuous columns, standardised or not."""

    names: tuple[str, ...]
    origin: TableOrigin
    centre: np.ndarray
    scale: np.ndarray
    kind: TargetKind = "numbers"

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_names(self.names)
        check_finite_numbers(self.centre, "centre", (len(self.names),))
        check_finite_numbers(self.scale, "scale", (len(self.names),), least=0)
        if self.kind != "numbers":
            raise ValueError("it is a target of numbers, and says that it is another")

    @property
    def n_out(self) -> int:
        """The number of targets."""
        return len(self.names)

    @classmethod
    def fit(cls, y: InnerTable, *, standardise: bool) -> TableTarget:
        """Learn centre and scale of each column from the training rows."""
        centre, scale = np.zeros(len(y.names)), np.ones(len(y.names))
        if standardise:
            for position, name in enumerate(y.names):
                centre[position], scale[position] = centre_and_scale(as_floats(y.column(name)))
        return cls(y.names, y.origin, centre, scale)

    def encode(self, y: InnerTable, *, codes: bool = False) -> np.ndarray:
        """(n, n_targets), float32."""
        columns = np.column_stack([as_floats(y.column(name)) for name in self.names])
        scaled: np.ndarray = ((columns - self.centre) / self.scale).astype(np.float32)
        return scaled

    def decode(self, outputs: np.ndarray, index: Any) -> Any:
        """A table of floats, as y came."""
        values = (outputs.astype(np.float64) * self.scale + self.centre).astype(
            self.origin.float_dtype
        )
        return table_out(self.names, list(np.ascontiguousarray(values.T)), self.origin, index)


@storable
@dataclasses.dataclass(frozen=True)
class ClassTarget:
    """One Finite column: a class for each level of the whole pool."""

    origin: ColumnOrigin
    levels: tuple[Any, ...]
    ordered: bool
    binary: bool = False

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_levels(self.levels)
        if len(self.levels) < 2 or (self.binary and len(self.levels) != 2):
            raise ValueError(f"its target has {len(self.levels)} levels")

    @property
    def kind(self) -> TargetKind:
        """For the loss."""
        return "binary" if self.binary else "classes"

    @property
    def n_out(self) -> int:
        """One output a level, or one for the second level of two."""
        return 1 if self.binary else len(self.levels)

    @classmethod
    def fit(cls, y: Column, *, binary: bool) -> ClassTarget:
        """Take the pool over."""
        values: Any = y.values  # a factor: the machine has checked it
        return cls(y.origin, level_list(values), bool(values.type.ordered), binary)

    def encode(self, y: Column, *, codes: bool = False) -> np.ndarray:
        """(n, 1) with 1 for the second level; or one-hot (n, K); or codes (n,), int32, where the
        loss wants them.

        Raises: MissingValuesError by row, as a missing class is none; UnseenLevelError.
        """
        positions = encode(y.values, self.levels, "y")
        gone = np.flatnonzero(positions < 0)
        if len(gone):
            raise MissingValuesError(
                f"y has {len(gone)} missing value(s), first at rows {gone[:5].tolist()} of those "
                "trained on. Drop those rows of X and y."
            )
        encoded: np.ndarray
        if self.binary:
            encoded = (positions == 1).astype(np.float32)[:, None]
        elif codes:
            encoded = positions.astype(np.int32)
        else:
            check_budget(
                4 * len(y) * len(self.levels),
                what=f"A target of {len(y)} rows and {len(self.levels)} levels, one-hot,",
                advice="Merge rare levels by CardinalityReducer, or set loss="
                "'sparse_categorical_crossentropy', which takes codes.",
            )
            encoded = np.zeros((len(y), len(self.levels)), dtype=np.float32)
            encoded[np.arange(len(y)), positions] = 1
        return encoded

    def decode(self, outputs: np.ndarray, index: Any) -> UnivariateFiniteVector:
        """Distributions over the pool."""
        probabilities = outputs.astype(np.float64)
        if self.binary:
            probabilities = np.hstack([1 - probabilities, probabilities])
        totals = probabilities.sum(axis=1, keepdims=True)
        if np.all(np.abs(totals - 1) < 1e-5):  # what float32 leaves; other finalisers stay as is
            probabilities /= totals
        return UnivariateFiniteVector(
            probabilities, self.levels, ordered=self.ordered, origin=self.origin, index=index
        )


Target = NumberTarget | TableTarget | ClassTarget
