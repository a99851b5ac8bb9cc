"""The embedding front put before a tabular network: one lookup table for each factor, numbers
passed through in place.

Knows the positions, pool sizes and widths of the columns only. Source: MLJFlux.jl,
src/entity_embedding.jl; Guo and Berkhahn, "Entity embeddings of categorical variables" (2016).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.storage.records import storable

keras = lazy_module("keras")

EMBEDDING_NAME = (
    "entity_embedding_"  # followed by the position of the factor: how its table is found again
)


@storable
@dataclasses.dataclass(frozen=True)
class TabularInputs:
    """The inputs of a tabular network: for each column, in order, None (a number) or (n_levels,
    width) of its embedding."""

    columns: tuple[tuple[int, int] | None, ...]

    @property
    def n_numbers(self) -> int:
        """How many columns are numbers."""
        return sum(column is None for column in self.columns)

    @property
    def width(self) -> int:
        """The width after embedding, which the builder sees as n_in."""
        return sum(1 if column is None else column[1] for column in self.columns)

    def tensors(self) -> tuple[list[Any], Any]:
        """Keras inputs, [numbers (None, n), codes (None, m)] as far as there are any, and the
        tensor that builders get."""
        inputs, pieces = [], []
        n_codes = len(self.columns) - self.n_numbers
        numbers: Any = keras.Input((self.n_numbers,), name="numbers") if self.n_numbers else None
        codes = keras.Input((n_codes,), dtype="int32", name="codes") if n_codes else None
        inputs = [tensor for tensor in (numbers, codes) if tensor is not None]
        if codes is None:
            return inputs, numbers
        for first, last, column, code in self._runs():
            if column is None:
                pieces.append(
                    numbers if (first, last) == (0, self.n_numbers) else numbers[:, first:last]
                )
            else:
                table = keras.layers.Embedding(
                    column[0],
                    column[1],
                    embeddings_initializer="glorot_uniform",
                    name=f"{EMBEDDING_NAME}{code}",
                )
                pieces.append(table(codes[:, code]))
        return inputs, pieces[0] if len(pieces) == 1 else keras.layers.Concatenate()(pieces)

    def _runs(self) -> list[tuple[int, int, tuple[int, int] | None, int]]:
        """Runs of numbers as (first, last) among the numbers, and factors with their position
        among the codes."""
        runs: list[tuple[int, int, tuple[int, int] | None, int]] = []
        number = code = 0
        for column in self.columns:
            if column is not None:
                runs.append((0, 0, column, code))
                code += 1
            else:
                if runs and runs[-1][2] is None:
                    runs[-1] = (runs[-1][0], number + 1, None, 0)
                else:
                    runs.append((number, number + 1, None, 0))
                number += 1
        return runs


@storable
@dataclasses.dataclass(frozen=True)
class ImageInputs:
    """The inputs of an image network: pixels (height, width, channels)."""

    shape: tuple[int, int, int]

    def tensors(self) -> tuple[list[Any], Any]:
        """The Keras input, alone and as the tensor that builders get."""
        pixels = keras.Input(self.shape, name="pixels")
        return [pixels], pixels


def embedding_width(n_levels: int, wanted: int | float | None) -> int:
    """The width of an embedding: an int as it is, a float as a fraction of the levels, by default
    min(levels - 1, 10), at least 1.

    Example:
        >>> [embedding_width(c, None) for c in (15, 9, 2, 1)]
        [10, 8, 1, 1]
        >>> embedding_width(3, 0.5), embedding_width(5, 4)
        (2, 4)

    Source: MLJFlux.jl, src/entity_embedding_utils.jl (there a factor of one level gets width 0 and
        vanishes).
    """
    if wanted is None:
        return max(1, min(n_levels - 1, 10))
    if isinstance(wanted, float):
        return max(1, math.ceil(wanted * n_levels))
    return wanted


def check_embedding_dims(value: Any) -> Mapping[str, int | float]:
    """A mapping from column name to a positive int or a float in (0, 1]."""
    if not isinstance(value, Mapping):
        raise TypeError(
            "embedding_dims must be a dict from column name to an int or a fraction, got "
            f"{value!r}"
        )
    for name, dim in value.items():
        if not isinstance(name, str):
            raise TypeError(
                f"embedding_dims names columns by strings, got {name!r}. Write {str(name)!r}"
            )
        good = isinstance(dim, int | float) and not isinstance(dim, bool) and dim > 0
        if not good or (isinstance(dim, float) and dim > 1):
            raise ValueError(
                f"embedding_dims[{name!r}] must be a positive int or a float in (0, 1], got "
                f"{dim!r}"
            )
    return value
