"""What containers of tables share: standardising, entity embeddings, and the transform that they
give.

Source: MLJFlux.jl, src/entity_embedding.jl and src/mlj_embedder_interface.jl.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.builders.entity_embedding import check_embedding_dims
from mlj_keras.containers._doubts import identifiers, merged_integers
from mlj_keras.containers._fitresult import NetworkFit
from mlj_keras.containers._network_fit import NetworkModel
from mlj_keras.containers._table_encoder import TableEncoder, check_numbers, codes_of
from mlj_keras.data.categorical import levels
from mlj_keras.data.columns import Column, as_floats, is_factor, is_numeric, missing_mask
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.scitypes import Continuous, Finite, Table
from mlj_keras.data.tables import InnerTable, table_of
from mlj_keras.errors import (
    MissingValuesError,
    MLJKerasWarning,
    NonFiniteError,
    OneClassError,
)
from mlj_keras.models import param

TABULAR = Table[Continuous, Finite]


class TabularModel(NetworkModel):
    """A container whose inputs are a table of Continuous and Finite columns."""

    embedding_dims: Mapping[str, int | float] = param(factory=dict, convert=check_embedding_dims)
    standardise: bool = param(True, kind=bool)

    def check_data(self, X: InnerTable, y: Any, *rest: Any) -> None:
        """No missing or infinite numbers in X, nor anything wrong with y."""
        numbers = tuple(n for n in X.names if X.block is not None or not is_factor(X.column(n)))
        with np.errstate(over="ignore", invalid="ignore"):
            if X.block is None or not np.isfinite(X.block.sum(dtype=np.float32)):
                check_numbers(X, numbers)
        self._check_target(y)

    def doubts(self, X: InnerTable, *rest: Any) -> list[MLJKerasWarning]:
        """Factors with a level for every row, and integers that float32 cannot tell apart."""
        return [*identifiers(X), *merged_integers(X, standardise=self.standardise)]

    def _fit_encoder(self, X: InnerTable) -> TableEncoder:
        return TableEncoder.fit(
            X, standardise=self.standardise, embedding_dims=self.embedding_dims
        )

    def transform(self, fitresult: NetworkFit, Xnew: Any) -> Any:
        """X with each factor replaced, in place, by the columns of its learned embedding, named
        `name_1`, `name_2`, ..."""
        tables = fitresult.embeddings()
        return embed(table_of(Xnew), tables, fitresult.encoder.pools)  # type: ignore[union-attr]  # only tables have pools


def embed(
    table: InnerTable, tables: Mapping[str, np.ndarray], pools: Mapping[str, tuple[Any, ...]]
) -> Any:
    """The user's table with the embedded columns in place of the factors, all others untouched; a
    name that would clash gets a longer separator, as upstream.

    Raises: MissingValuesError, UnseenLevelError by column.
    """
    new: dict[str, dict[str, np.ndarray]] = {}
    taken = set(table.names)
    for name in table.names:
        if name not in tables:
            continue
        vectors = tables[name][codes_of(table, name, pools[name])]
        width, separator = vectors.shape[1], "_"
        while any(f"{name}{separator}{k + 1}" in taken for k in range(width)):
            separator += "_"
        new[name] = {
            f"{name}{separator}{k + 1}": np.ascontiguousarray(vectors[:, k]) for k in range(width)
        }
    return replace_columns(table, new)


def check_classes(y: Column) -> None:
    """A categorical target has more than one level, and none is missing.

    Raises: MissingValuesError by row; OneClassError for a pool of one level.
    """
    check_present(y)
    pool = levels(y)
    if len(pool) < 2:
        raise OneClassError(
            f"The target has a single level, {list(pool)!r}: there is nothing to tell apart. Give "
            "at least two: y = coerce(y, Multiclass, levels=[...])."
        )


def check_present(y: Column, what: str = "y") -> None:
    """No missing and no infinite values.

    Raises: MissingValuesError, NonFiniteError naming rows.
    """
    gone = np.flatnonzero(missing_mask(y.values))
    if len(gone):
        raise MissingValuesError(
            f"{what} has {len(gone)} missing value(s), first at rows {gone[:5].tolist()}. Drop "
            "those rows of X and y."
        )
    if not is_numeric(y.values):
        return
    with np.errstate(over="ignore"):
        values = as_floats(y.values)
        numbers = values.astype(np.float32)
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        raise NonFiniteError(
            f"{what} has {len(wrong)} value(s) that are infinite or too large for float32, first "
            f"at rows {wrong[:5].tolist()}, the first is {values[wrong[0]]}. Replace them, or "
            "drop those rows."
        )
