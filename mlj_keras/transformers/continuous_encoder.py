"""`ContinuousEncoder`: a table of floats, of whatever columns can be. Source: MLJTransforms.jl,
src/transformers/other_transformers/continuous_encoder.jl."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from mlj_keras._warnings import warn
from mlj_keras.data.coerce import written
from mlj_keras.data.columns import Column, Values
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.scitypes import (
    Continuous,
    Finite,
    Infinite,
    Missing,
    Multiclass,
    Scitype,
    Table,
)
from mlj_keras.data.stored import check_names, check_pools
from mlj_keras.data.tables import InnerTable, table_column
from mlj_keras.errors import ModelWarning, ScitypeError
from mlj_keras.models import FitOutcome, Traits, Unsupervised, param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._columnwise import Columns, free_labels
from mlj_keras.transformers._levels import check_width, codes_in, looked_up, training_pool
from mlj_keras.transformers._reading import floats, table_with

_WHO = "ContinuousEncoder"


@storable
@dataclasses.dataclass(frozen=True)
class ContinuousFit:
    """The columns that are kept, the levels of those that are factors, and the labels of the
    columns that one-hot encoded ones become."""

    kept: tuple[str, ...]
    pools: dict[str, tuple[Any, ...]]
    labels: dict[str, tuple[str, ...]]

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_names(self.kept)
        check_pools(self.pools, self.kept)
        if not {*self.labels} <= {*self.pools}:
            raise ValueError("it has labels of columns that are no factors")
        if any(len(labels) > len(self.pools[name]) for name, labels in self.labels.items()):
            raise ValueError("it has more labels of a column than that has levels")
        check_names([label for labels in self.labels.values() for label in labels])


class ContinuousEncoder(Unsupervised):
    """Turn a table into one of Continuous columns only; columns that cannot be are dropped.

    Continuous columns stay, Count ones become floats, of a Multiclass column each level of the
    pool becomes a column of 0 and 1, and an OrderedFactor becomes the positions 1, 2, ... of its
    levels. Columns of other scitypes, and those with missing values in training, are dropped.

    Training data: `machine(ContinuousEncoder(), X)` with X a table.

    Hyper-parameters:
        drop_last: no column for the last level of a column that is one-hot encoded, default False.
        one_hot_ordered_factors: OrderedFactor columns are one-hot encoded too, default False.
    Operations: `transform` gives a table of the kind given; the columns `name__level` take the
        place of `name`, with "_" appended where a name is taken. Columns that new data have
        besides are dropped; missing values in new data stay missing, of a factor in all of its
        columns. There is no inverse.
    Fitted parameters: `features_to_keep`, and `levels` by column. Report: `features_to_keep`,
        `features_dropped`, `new_features`, which are all columns of the result.
    Raises: ScitypeError if no column can be kept; TableError for what is no table; SchemaMismatch
        for new data without a column that is kept, or with something else where numbers were in
        training; UnseenLevelError for values that are no levels of the training pool. Warns:
        ModelWarning for columns that are dropped because of missing values.

    Example:
        >>> import mlj_keras as mlj
        >>> X = {"age": [23, 14], "eye": ["blue", "grey"], "note": ["a", "b"]}
        >>> X = mlj.coerce(X, {"eye": mlj.Multiclass})
        >>> mach = mlj.machine(ContinuousEncoder(), X).fit(verbosity=0)
        >>> {name: column.tolist() for name, column in mach.transform().items()}
        {'age': [23.0, 14.0], 'eye__blue': [1.0, 0.0], 'eye__grey': [0.0, 1.0]}
        >>> mach.report().features_dropped
        ('note',)

    Source: MLJTransforms.jl, src/transformers/other_transformers/continuous_encoder.jl, whose
        docstring has drop_last=true for the default false. There new data must have the pools of
        training; here each value must be a level of the training pool.
    """

    traits: ClassVar[Traits] = Traits(
        supervised=False,
        input_scitype=Table,
        output_scitype=Table[Continuous],
        package_name="mlj_keras",
        package_license="MIT",
    )
    native_data: ClassVar[bool] = False

    drop_last: bool = param(False, kind=bool)
    one_hot_ordered_factors: bool = param(False, kind=bool)

    def _kept(self, columns: Columns) -> list[str]:
        return [n for n, scitype in columns.items() if scitype <= Infinite or scitype <= Finite]

    def _is_one_hot(self, scitype: Scitype) -> bool:
        return bool(scitype <= Multiclass or (self.one_hot_ordered_factors and scitype <= Finite))

    def transformed_columns(self, columns: Columns) -> dict[Any, Scitype]:
        """Continuous columns; the names of those that levels become are pairs."""
        found: dict[Any, Scitype] = {}
        for name in self._kept(columns):
            scitype = columns[name]
            if self._is_one_hot(scitype):
                n_levels = scitype.args[0] if scitype.args else 2
                found |= {(name, k): Continuous for k in range(n_levels - self.drop_last)}
            else:
                found[name] = Continuous
        return found

    def fit(self, verbosity: int, X: InnerTable) -> FitOutcome:
        """Learn which columns are kept, and the levels of factors."""
        columns = column_scitypes(X)
        kept = self._kept(columns)
        if not kept:
            raise ScitypeError(
                f"{_WHO} would drop all columns: {columns!r}. Coerce some to Continuous, Count, "
                "Multiclass or OrderedFactor, and fill missing values first."
            )
        _warn_of_missing(columns)
        pools = {
            name: training_pool(X.column(name), name, _WHO)
            for name in kept
            if columns[name] <= Finite
        }
        shown = {
            name: tuple(f"{name}__{level}" for level in pool[: len(pool) - self.drop_last])
            for name, pool in pools.items()
            if self._is_one_hot(columns[name])
        }
        free = free_labels({name: shown.get(name) for name in kept}, tuple(kept))
        fit = ContinuousFit(tuple(kept), pools, {name: free[name] for name in shown})
        return FitOutcome(fit, None, _report(fit, X.names))

    def transform(self, fitresult: ContinuousFit, Xnew: Any) -> Any:
        """The table of Continuous columns."""
        table = table_with(fitresult.kept, Xnew, _WHO)
        new: dict[str, Any] = {name: {} for name in table.names if name not in fitresult.kept}
        for name in fitresult.kept:
            column = table_column(table, name)
            if name in fitresult.pools:
                new[name] = _encoded(fitresult, column, name)
            elif not _holds_floats(column.values):
                numbers = floats(column.values, name, _WHO)
                new[name] = written(numbers, column, f"column {name!r}", None)
        return replace_columns(table, new)

    def fitted_params(self, fitresult: ContinuousFit) -> dict[str, Any]:
        """`features_to_keep` and `levels`."""
        return {"features_to_keep": fitresult.kept, "levels": dict(fitresult.pools)}


def _warn_of_missing(columns: Columns) -> None:
    gone = [name for name, scitype in columns.items() if scitype >= Missing]
    if gone:
        warn(
            f"{_WHO} drops the columns {gone!r}, which have missing values. Fill them first, say "
            "by a FillImputer.",
            ModelWarning,
        )


def _report(fit: ContinuousFit, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "features_to_keep": fit.kept,
        "features_dropped": tuple(name for name in names if name not in fit.kept),
        "new_features": tuple(
            label for name in fit.kept for label in fit.labels.get(name, (name,))
        ),
    }


def _holds_floats(values: Values) -> bool:
    return isinstance(values, pa.Array) and pa.types.is_floating(values.type)


def _encoded(fit: ContinuousFit, column: Column, name: str) -> Any:
    """Positions (n,) of the levels, or for each label of the column 1 where the level is and else
    0; NaN where missing."""
    pool = fit.pools[name]
    codes = codes_in(column.values, pool, name, _WHO)
    what = f"column {name!r}"
    if name not in fit.labels:
        return written(looked_up(np.arange(1, len(pool) + 1), codes), column, what, None)
    check_width(max(len(pool), len(codes)), len(pool), name=name, who=_WHO)
    rows = np.eye(len(pool))
    return {
        label: written(looked_up(rows[k], codes), column, what, None)
        for k, label in enumerate(fit.labels[name])
    }
