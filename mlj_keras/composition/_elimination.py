"""Tables of some of the columns, as models see them, and importances by the columns of the whole.

Knows tables and sources; no models. Source: FeatureSelection.jl, src/models/rfe.jl.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Container, Mapping, Sequence
from typing import Any

from mlj_keras.data.edges import outward
from mlj_keras.data.stored import check_names
from mlj_keras.data.tables import InnerTable, inner_table, table_of
from mlj_keras.errors import InvalidModelError, SchemaMismatch
from mlj_keras.machine import Source
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True, eq=False)
class Eliminated:
    """What is learned: the features that are left, what they are called where the model was
    trained, and the trained model."""

    features_left: tuple[str, ...]
    seen: tuple[str, ...]
    trained: TrainedModels

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_names(self.features_left)
        if len(self.seen) != len(self.features_left):
            raise ValueError("its features have more or fewer names than there are")

    def need(self, operation: str) -> TrainedModels:
        """The trained model."""
        return self.trained

    def with_trained(self, trained: TrainedModels) -> Eliminated:
        """The same with another one."""
        return dataclasses.replace(self, trained=trained)


def names_seen(table: InnerTable, names: Sequence[str]) -> tuple[str, ...]:
    """What columns are called where they are the whole table: those of a matrix by their
    places."""
    if table.origin.own.kind != "matrix":
        return tuple(names)
    return tuple(f"x{place}" for place in range(1, len(names) + 1))


def part_of(table: InnerTable, names: Sequence[str], seen: Sequence[str]) -> InnerTable:
    """Columns of a table that stays inside, under other names."""
    columns = [table.column(name) for name in names]
    return inner_table(seen, columns, table.origin, table.index)


def source_shown(inner: Any) -> Source:
    """A source whose data a function of the user's finds as the user gave them; pools of levels
    stay whole, which not every kind of table keeps."""
    source = Source(outward(inner))
    source.inner = inner
    if isinstance(inner, InnerTable):
        source.inner = dataclasses.replace(
            table_of(source.data), columns=tuple(map(inner.column, inner.names)), block=None
        )
    return source


def check_columns(table: InnerTable, names: Sequence[str]) -> None:
    """Raise SchemaMismatch for a table without some of the columns."""
    lacking = [name for name in names if name not in table.position]
    if lacking:
        raise SchemaMismatch(
            f"X lacks the columns {lacking!r} that RecursiveFeatureElimination has kept. Add "
            f"them: it has {list(table.names)!r}."
        )


def by_column(
    found: Any, columns: Mapping[str, str], dropped: Container[str], who: str
) -> dict[str, float]:
    """Importances by the columns of the whole table.

    Args: found: pairs (feature, importance), or what has or makes them · columns: what they are
        called in the whole table, by the names that the model has seen · dropped: names of others
        that may be told of · who: gave them.
    Raises: InvalidModelError for what are no importances of these.
    """
    pairs = getattr(found, "pairs", found)
    try:
        sizes = {str(feature): float(size) for feature, size in dict(pairs).items()}
    except (TypeError, ValueError) as error:
        raise InvalidModelError(
            f"{who} must give pairs (feature, importance), got {found!r:.80}."
        ) from error
    unknown = [each for each in sizes if each not in columns and each not in dropped]
    if unknown:
        raise InvalidModelError(
            f"{who} tells of features that are no columns of X, {unknown[:5]!r}, which are "
            f"{list(columns)[:10]!r}. Give importances=..., a function that tells of these."
        )
    sizes = {each: size for each, size in sizes.items() if each in columns}
    undefined = [feature for feature, size in sizes.items() if math.isnan(size)]
    if undefined:
        raise InvalidModelError(
            f"{who} gives NaN as the importance of {undefined[:5]!r}, which cannot be sorted. "
            "Look for the cause, or drop these columns."
        )
    return {columns[feature]: size for feature, size in sizes.items()}
