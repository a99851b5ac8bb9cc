"""`MissingnessEncoder`: a level for missing values. Source: MLJTransforms.jl,
src/encoders/missingness_encoding."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from mlj_keras.data.columns import Values, missing_mask
from mlj_keras.data.scitypes import Multiclass, OrderedFactor, Scitype, non_missing
from mlj_keras.data.stored import check_levels
from mlj_keras.models import param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._categorical import CategoricalEncoder
from mlj_keras.transformers._columnwise import ColumnwiseFit
from mlj_keras.transformers._labels import check_labels, label_beside, pool_with, with_labels
from mlj_keras.transformers._levels import training_pool

_WHO = "MissingnessEncoder"


@storable
@dataclasses.dataclass(frozen=True)
class PoolAndLabel:
    """The levels of a column, with the label of missing values if there were any in training, and
    whether they have an order."""

    pool: tuple[Any, ...]
    ordered: bool
    label: Any = None

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_levels(self.pool)
        if self.label is not None and self.label not in self.pool:
            raise ValueError("its label of missing values is no level")


class MissingnessEncoder(CategoricalEncoder):
    """Make missing values of a factor a level of their own.

    Training data: `machine(MissingnessEncoder(), X)` with X a table, or one column of Multiclass.

    Hyper-parameters:
        features: names, or a predicate on names, default empty.
        ignore: True (default): the columns named are left out; False: only they are encoded.
        ordered_factor: OrderedFactor columns too, default False.
        label_for_missing: a mapping from "string" and "number", the kind of the levels, to the
            label of missing values, default {"string": "missing"}. Where it has none for numbers,
            the label is the least level minus 1.
    Operations: `transform` gives data of the kind given, with factors in the place of factors and
        no missing value in them. Levels keep their order; the label stands where it belongs among
        ascending levels, else last, and last in an order of strings. It is a level if values were
        missing in training, and of new data if values are missing there. Values that are no
        levels of the training pool stay as they are, and become the last levels. (In polars a
        Categorical has the levels that occur, sorted.)
    Fitted parameters: `label_for_missing_given_feature`: by column, of those that had missing
        values in training. Report: `encoded_features`.
    Raises: InvalidModelError for a label that is a level already, and for levels of a kind that
        has no label if values are missing; MissingValuesError for a factor without levels;
        SchemaMismatch for new data without the columns, or with labels of another kind.

    Example:
        >>> import mlj_keras as mlj
        >>> eye = mlj.coerce(["blue", None, "red"], mlj.Optional[mlj.Multiclass])
        >>> mach = mlj.machine(MissingnessEncoder(), {"eye": eye}).fit(verbosity=0)
        >>> mach.transform()["eye"].tolist()
        ['blue', 'missing', 'red']

    Source: MLJTransforms.jl, src/encoders/missingness_encoding. Deviation: a pool has the label
        as a level whenever values were missing in training, in new data without any too.
    """

    label_for_missing: Mapping[str, Any] = param(
        factory=lambda: {"string": "missing"}, convert=check_labels
    )

    def gives(self, scitype: Scitype) -> Scitype:
        """One level more if values are missing."""
        kind = non_missing(scitype)
        if kind == scitype or not kind.args:
            return kind
        return (Multiclass if kind <= Multiclass else OrderedFactor)[kind.args[0] + 1]

    def learn(self, values: Values, name: str, target: Values | None = None) -> PoolAndLabel:
        """The levels, with one for missing values if there are any."""
        pool = training_pool(values, name, _WHO)
        known = PoolAndLabel(pool, bool(values.type.ordered))  # type: ignore[union-attr]  # a factor
        return self._with_label(known, name) if missing_mask(values).any() else known

    def _with_label(self, known: PoolAndLabel, name: str) -> PoolAndLabel:
        field = f"{_WHO}.label_for_missing"
        label = label_beside(known.pool, self.label_for_missing, name, field)
        pool = pool_with(known.pool, label, ordered=known.ordered)
        return PoolAndLabel(pool, known.ordered, label)

    def apply(self, values: Values, learned: PoolAndLabel, name: str) -> pa.DictionaryArray:
        """The factor without missing values."""
        if learned.label is None and missing_mask(values).any():
            learned = self._with_label(learned, name)
        return with_labels(
            values,
            learned.pool,
            instead={} if learned.label is None else {None: learned.label},
            ordered=learned.ordered,
            name=name,
            who=_WHO,
        )

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`label_for_missing_given_feature`."""
        return {
            "label_for_missing_given_feature": {
                name: learned.label
                for name, learned in fitresult.learned.items()
                if learned.label is not None
            }
        }
