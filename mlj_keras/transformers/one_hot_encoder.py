"""`OneHotEncoder`: a column of 0 and 1 for each level. Source: MLJTransforms.jl,
src/transformers/one_hot_encoder.jl."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.columns import Values
from mlj_keras.data.scitypes import Continuous, Finite, Optional, Scitype, non_missing
from mlj_keras.models import param
from mlj_keras.transformers._categorical import CategoricalEncoder
from mlj_keras.transformers._columnwise import ColumnwiseFit
from mlj_keras.transformers._levels import (
    check_table,
    check_width,
    codes_in,
    training_pool,
    warn_of_no_column,
)

_WHO = "OneHotEncoder"


class OneHotEncoder(CategoricalEncoder):
    """Replace each factor by a column of 0 and 1 for every level of its pool.

    Training data: `machine(OneHotEncoder(), X)` with X a table.

    Hyper-parameters:
        features: names, or a predicate on names; empty (default): every Multiclass column, and
            OrderedFactor column if ordered_factor.
        ignore: the names in features are left out instead, default False.
        ordered_factor: OrderedFactor columns too, default True.
        drop_last: no column for the last level, default False.
    Operations: `transform` gives a table of the kind given; the columns `name__level` take the
        place of `name`, with "_" appended where a name is taken. A row whose value is missing has
        missing values in all of them.
    Fitted parameters: `levels`: by column. Report: `features_to_be_encoded`, `new_features`.
    Raises: InvalidModelError for ignore without features; ScitypeError for a single column;
        MissingValuesError for a factor without levels; UnseenLevelError for values that are no
        levels of the training pool; SchemaMismatch for new data without the columns;
        MemoryBudgetError for more columns than the memory holds. Warns:
        ModelWarning for a column of one level if drop_last.

    Example:
        >>> import mlj_keras as mlj
        >>> X = mlj.coerce({"n": [1.0, 2.0], "eye": ["blue", "grey"]}, {"eye": mlj.Multiclass})
        >>> mach = mlj.machine(OneHotEncoder(), X).fit(verbosity=0)
        >>> {name: column.tolist() for name, column in mach.transform().items() if name != "n"}
        {'eye__blue': [1.0, 0.0], 'eye__grey': [0.0, 1.0]}

    Source: MLJTransforms.jl, src/transformers/one_hot_encoder.jl. Deviation: new data may have
        another pool, as long as each value is a level of the training pool.
    """

    wanted: ClassVar[str] = "a table with factors"

    ignore: bool = param(False, kind=bool)
    ordered_factor: bool = param(True, kind=bool)
    drop_last: bool = param(False, kind=bool)

    def gives(self, scitype: Scitype) -> list[Scitype]:
        """A Continuous for each level."""
        kind = non_missing(scitype)
        n_levels = kind.args[0] if kind <= Finite and kind.args else 2
        each = Continuous if kind == scitype else Optional[Continuous]
        return [each] * (n_levels - self.drop_last)

    def check_data(self, X: Any, *y: Any) -> None:
        """A table, as a column becomes several."""
        check_table(X, _WHO)
        super().check_data(X, *y)

    def learn(self, values: Values, name: str, target: Values | None = None) -> tuple[Any, ...]:
        """The pool."""
        pool = training_pool(values, name, _WHO)
        check_width(len(values), len(self._shown(pool)), name=name, who=_WHO)
        if not self._shown(pool):
            warn_of_no_column(name, _WHO)
        return pool

    def labels(self, name: str, learned: tuple[Any, ...]) -> tuple[str, ...]:
        """`name__level`."""
        return tuple(f"{name}__{level}" for level in self._shown(learned))

    def apply(self, values: Values, learned: tuple[Any, ...], name: str) -> list[np.ndarray]:
        """A column for each level."""
        check_width(len(values), len(self._shown(learned)), name=name, who=_WHO)
        codes = codes_in(values, learned, name, _WHO)
        return [np.where(codes < 0, np.nan, codes == k) for k in range(len(self._shown(learned)))]

    def _shown(self, pool: tuple[Any, ...]) -> tuple[Any, ...]:
        return pool[: len(pool) - self.drop_last]

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`levels`."""
        return {"levels": dict(fitresult.learned)}

    def _report_of(self, fit: ColumnwiseFit) -> dict[str, Any]:
        """The columns that are encoded, and the columns that they become."""
        return {
            "features_to_be_encoded": tuple(fit.learned),
            "new_features": tuple(label for labels in fit.labels.values() for label in labels),
        }
