"""Measures of several targets of classes, given as tables: a measure of one target, of each.

Knows tables of classes, each column in a pool of its own. Source: StatisticalMeasures.jl,
src/finite.jl (`Multitarget...`).
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.columns import Column, ColumnOrigin
from mlj_keras.data.scitypes import Finite, Scitype, Table
from mlj_keras.data.tables import InnerTable, is_table, table_of
from mlj_keras.errors import DimensionMismatch, EmptyData
from mlj_keras.measures.base import Measure, Reader
from mlj_keras.measures.finite import Accuracy, MisclassificationRate
from mlj_keras.measures.multitarget import MultitargetMeasure
from mlj_keras.measures.reading import Pair, read_classes


def read_class_tables(name: str, prediction: Any, truth: Any) -> Pair:
    """Two tables of labels, or one column each, as codes (n, k), each target in a pool of its own;
    columns of the prediction by the truth's names where both have names.

    Raises: DimensionMismatch for other targets; EmptyData for none; and as `read_classes`.
    """
    left, names = _targets(prediction)
    right, wanted = _targets(truth)
    if len(left) != len(right) or (names and wanted and sorted(names) != sorted(wanted)):
        raise DimensionMismatch(
            f"{name} needs the same targets twice, got {names or len(left)} as prediction and "
            f"{wanted or len(right)} as truth. Select the same columns of both."
        )
    if not right:
        raise EmptyData(f"{name} was given tables without columns. Give at least one target.")
    if names and wanted:
        left = [left[names.index(label)] for label in wanted]
    labels = [f"{name} of {label!r}" for label in wanted or names] or [name] * len(right)
    pairs = [read_classes(*three) for three in zip(labels, left, right, strict=True)]
    return Pair(
        np.column_stack([pair.prediction for pair in pairs]),
        np.column_stack([pair.truth for pair in pairs]),
        np.all([pair.present for pair in pairs], axis=0),
    )


def _targets(obj: Any) -> tuple[list[Any], list[str]]:
    """The columns of a table and their names; a matrix has none, and a column is one."""
    if not is_table(obj) and not isinstance(obj, InnerTable):
        return [obj], []
    table = table_of(obj, "the table")
    columns = [Column(table.column(name), ColumnOrigin()) for name in table.names]
    return columns, [] if table.origin.kind == "matrix" else list(table.names)


class MultitargetAccuracy(MultitargetMeasure):
    """The mean over rows of the part of targets whose class is predicted:
    `multitarget_accuracy`. A score in [0, 1]; each target has a pool of classes of its own.

    Hyper-parameters: atomic_weights: one float >= 0 a target, or None.
    Args, Returns, Raises: as `MultitargetMeasure`; dimensionless.
    Example:
        >>> truth = {"a": ["x", "y"], "b": ["u", "v"]}
        >>> MultitargetAccuracy()({"a": ["x", "y"], "b": ["v", "v"]}, truth)
        0.75

    Source: StatisticalMeasures.jl, src/finite.jl. Deviations: see `MultitargetMeasure`.
    """

    orientation: ClassVar[str] = "score"
    target_scitype: ClassVar[Scitype] = Table[Finite]
    reads: ClassVar[Reader] = read_class_tables

    def inner(self) -> Accuracy:
        """The Accuracy of one target."""
        return Accuracy()


class MultitargetMisclassificationRate(MultitargetMeasure):
    """The mean over rows of the part of targets whose class is missed:
    `multitarget_mcr`. A loss in [0, 1]; each target has a pool of classes of its own.

    Hyper-parameters: atomic_weights: one float >= 0 a target, or None.
    Args, Returns, Raises: as `MultitargetMeasure`; dimensionless.
    Example:
        >>> truth = {"a": ["x", "y"], "b": ["u", "v"]}
        >>> MultitargetMisclassificationRate()({"a": ["x", "y"], "b": ["v", "v"]}, truth)
        0.25

    Source: StatisticalMeasures.jl, src/finite.jl. Deviations: see `MultitargetMeasure`.
    """

    target_scitype: ClassVar[Scitype] = Table[Finite]
    reads: ClassVar[Reader] = read_class_tables

    def inner(self) -> MisclassificationRate:
        """The MisclassificationRate of one target."""
        return MisclassificationRate()


multitarget_accuracy = MultitargetAccuracy()
multitarget_mcr = MultitargetMisclassificationRate()

ALIASES: dict[str, Measure] = {
    "multitarget_accuracy": multitarget_accuracy,
    "multitarget_mcr": multitarget_mcr,
    "multitarget_misclassification_rate": multitarget_mcr,
}
