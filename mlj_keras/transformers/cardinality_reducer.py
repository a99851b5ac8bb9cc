"""`CardinalityReducer`: one label for all levels that are rare. Source: MLJTransforms.jl,
src/transformers/cardinality_reducer."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.data.columns import Values
from mlj_keras.data.scitypes import Multiclass, Optional, OrderedFactor, Scitype, non_missing
from mlj_keras.data.stored import check_levels
from mlj_keras.models import param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._categorical import CategoricalEncoder
from mlj_keras.transformers._columnwise import ColumnwiseFit
from mlj_keras.transformers._labels import check_labels, label_beside, pool_with, with_labels
from mlj_keras.transformers._levels import training_codes, training_pool

_WHO = "CardinalityReducer"


@storable
@dataclasses.dataclass(frozen=True)
class ReducedPool:
    """The levels that are left, whether they have an order, and the label of each that is not."""

    pool: tuple[Any, ...]
    ordered: bool
    instead: dict[Any, Any]

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_levels(self.pool)
        check_levels((*self.instead,), "rare levels")
        if not {*self.instead.values()} <= {*self.pool}:
            raise ValueError("its rare levels become labels that are no levels")


def _check_frequency(value: Any) -> Any:
    count = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if count or (isinstance(value, float) and 0 <= value <= 1):
        return value
    raise ValueError(
        "min_frequency must be a number of rows, an int >= 0, or a proportion of them, a float "
        f"from 0 to 1; got {value!r}"
    )


class CardinalityReducer(CategoricalEncoder):
    """Give all levels of a factor that are rare in training one and the same label.

    Training data: `machine(CardinalityReducer(), X)` with X a table, or one column of Multiclass.

    Hyper-parameters:
        features: names, or a predicate on names, default empty.
        ignore: True (default): the columns named are left out; False: only they are reduced.
        ordered_factor: OrderedFactor columns too, default False.
        min_frequency: levels that occur less often are rare: an int, a number of rows, default 3,
            or a float, a proportion of the values that are not missing.
        label_for_infrequent: a mapping from "string" and "number", the kind of the levels, to the
            label of rare ones, default {"string": "Other"}. Where it has none for numbers, the
            label is the least level minus 1.
    Operations: `transform` gives data of the kind given, with factors in the place of factors.
        Levels that are left keep their order; the label stands where it belongs among ascending
        levels, else last, and last in an order of strings. A level of the pool without training
        rows is rare. Values that are no levels of the training pool stay as they are, and become
        the last levels. Missing values are not counted, and stay missing. (In polars a Categorical
        has the levels that occur, sorted.)
    Fitted parameters: `new_cat_given_col_val`: by column, a mapping from each rare level to its
        label. Report: `encoded_features`.
    Raises: InvalidModelError for a label that is a level already, and for levels of a kind that
        has no label; MissingValuesError for a column that is all missing; SchemaMismatch for new
        data without the columns, or with labels of another kind.

    Example:
        >>> import mlj_keras as mlj
        >>> X = mlj.coerce({"eye": ["blue", "red", "blue", "gold"]}, {"eye": mlj.Multiclass})
        >>> mach = mlj.machine(CardinalityReducer(min_frequency=2), X).fit(verbosity=0)
        >>> mach.transform()["eye"].tolist()
        ['blue', 'Other', 'blue', 'Other']

    Source: MLJTransforms.jl, src/transformers/cardinality_reducer. Deviations: levels without
        training rows are rare too; a label may be a level already if no level of the column is
        rare; missing values do not count in proportions.
    """

    min_frequency: float = param(3, convert=_check_frequency)
    label_for_infrequent: Mapping[str, Any] = param(
        factory=lambda: {"string": "Other"}, convert=check_labels
    )

    def gives(self, scitype: Scitype) -> Scitype:
        """The scitype, of as many levels as are left."""
        kind = non_missing(scitype)
        made = Multiclass if kind <= Multiclass else OrderedFactor
        return made if scitype == kind else Optional[made]

    def learn(self, values: Values, name: str, target: Values | None = None) -> ReducedPool:
        """Which levels are rare."""
        pool = training_pool(values, name, _WHO)
        ordered = bool(values.type.ordered)  # type: ignore[union-attr]  # a factor
        codes = training_codes(values, name, _WHO)
        counts = np.bincount(codes[codes >= 0], minlength=len(pool))
        least = self.min_frequency
        if isinstance(least, float):
            least *= counts.sum()
        rare = [level for level, count in zip(pool, counts, strict=True) if count < least]
        if not rare:
            return ReducedPool(pool, ordered, {})
        field = f"{_WHO}.label_for_infrequent"
        label = label_beside(pool, self.label_for_infrequent, name, field)
        left = tuple(level for level in pool if level not in set(rare))
        return ReducedPool(
            pool_with(left, label, ordered=ordered), ordered, dict.fromkeys(rare, label)
        )

    def apply(self, values: Values, learned: ReducedPool, name: str) -> pa.DictionaryArray:
        """The factor with fewer levels."""
        return with_labels(
            values,
            learned.pool,
            instead=learned.instead,
            ordered=learned.ordered,
            name=name,
            who=_WHO,
        )

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`new_cat_given_col_val`."""
        return {
            "new_cat_given_col_val": {
                name: dict(learned.instead) for name, learned in fitresult.learned.items()
            }
        }
