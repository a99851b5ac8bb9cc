"""`OrdinalEncoder`: levels as their positions. Source: MLJTransforms.jl,
src/encoders/ordinal_encoding."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.data.columns import Values, factor
from mlj_keras.errors import UnseenLevelError
from mlj_keras.models import param
from mlj_keras.transformers._categorical import CategoricalEncoder
from mlj_keras.transformers._columnwise import ColumnwiseFit
from mlj_keras.transformers._levels import (
    codes_in,
    looked_up,
    training_pool,
)
from mlj_keras.transformers._reading import floats

_WHO = "OrdinalEncoder"


class OrdinalEncoder(CategoricalEncoder):
    """Replace each level of a factor by its position 1, 2, ... in the pool.

    Training data: `machine(OrdinalEncoder(), X)` with X a table, or one column of Multiclass.

    Hyper-parameters:
        features: names, or a predicate on names, default empty.
        ignore: True (default): the columns named are left out; False: only they are encoded.
        ordered_factor: OrderedFactor columns too, default False.
        output_type: "float32" (default) or "float64".
    Operations: `transform` gives a table of the kind given, with a Continuous column in the place
        of each that is encoded; `inverse_transform` gives the levels back, as a factor with the
        training pool and its order (in polars a Categorical has the levels that occur). A missing
        value stays missing.
    Fitted parameters: `index_given_feat_level`: by column, a mapping from level to position.
        Report: `encoded_features`.
    Raises: MissingValuesError for a factor without levels; UnseenLevelError for values that are no
        levels of the training pool, and for numbers to invert that are no positions;
        SchemaMismatch for new data without the columns, or of another kind.

    Example:
        >>> import mlj_keras as mlj
        >>> X = mlj.coerce({"grade": ["b", "a", "b"]}, {"grade": mlj.Multiclass})
        >>> mlj.machine(OrdinalEncoder(), X).fit(verbosity=0).transform()["grade"].tolist()
        [2.0, 1.0, 2.0]

    Source: MLJTransforms.jl, src/encoders/ordinal_encoding. The inverse is ours.
    """

    output_type: str = param("float32", options=("float32", "float64"))

    def learn(
        self, values: Values, name: str, target: Values | None = None
    ) -> tuple[tuple[Any, ...], bool]:
        """The pool, and whether it has an order."""
        return training_pool(values, name, _WHO), bool(values.type.ordered)  # type: ignore[union-attr]  # a factor

    def apply(self, values: Values, learned: Any, name: str) -> np.ndarray:
        """Positions (n,)."""
        pool, _ = learned
        positions = np.arange(1, len(pool) + 1)
        return looked_up(positions, codes_in(values, pool, name, _WHO), self.output_type)

    def revert(self, values: Values, learned: Any, name: str) -> Any:
        """The levels at the positions."""
        pool, ordered = learned
        positions = floats(values, name, _WHO)
        gone = np.isnan(positions)
        wrong = np.flatnonzero(~gone & ~np.isin(positions, np.arange(1, len(pool) + 1)))
        if len(wrong):
            raise UnseenLevelError(
                f"Column {name!r} has {positions[wrong[0]]:g} at row {wrong[0]}, which is no "
                f"position of a level: they are 1 to {len(pool)}. Round them first."
            )
        codes = np.where(gone, 0, positions).astype(np.int32) - 1  # -1 where missing
        return factor(codes, pool, ordered=ordered)

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`index_given_feat_level`."""
        return {
            "index_given_feat_level": {
                name: {level: k + 1 for k, level in enumerate(pool)}
                for name, (pool, _) in fitresult.learned.items()
            }
        }
