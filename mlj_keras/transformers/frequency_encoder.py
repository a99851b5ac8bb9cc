"""`FrequencyEncoder`: levels as their frequencies. Source: MLJTransforms.jl,
src/encoders/frequency_encoding."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.columns import Values
from mlj_keras.data.stored import check_finite_numbers, check_levels
from mlj_keras.models import param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._categorical import CategoricalEncoder
from mlj_keras.transformers._columnwise import ColumnwiseFit
from mlj_keras.transformers._levels import (
    codes_in,
    looked_up,
    training_codes,
    training_pool,
)

_WHO = "FrequencyEncoder"


@storable
@dataclasses.dataclass(frozen=True)
class Frequencies:
    """The levels of a column, and how often each occurs in training."""

    pool: tuple[Any, ...]
    values: tuple[float, ...]

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_levels(self.pool)
        check_finite_numbers(self.values, "frequencies", (len(self.pool),))


class FrequencyEncoder(CategoricalEncoder):
    """Replace each level of a factor by how often it occurs in training.

    Training data: `machine(FrequencyEncoder(), X)` with X a table, or one column of Multiclass.

    Hyper-parameters:
        features: names, or a predicate on names, default empty.
        ignore: True (default): the columns named are left out; False: only they are encoded.
        ordered_factor: OrderedFactor columns too, default False.
        normalize: proportions, which sum to 1 over the levels, instead of counts, default False;
            `normalise` is the same.
        output_type: "float32" (default) or "float64".
    Operations: `transform` gives data of the kind given, with a Continuous column in the place of
        each that is encoded. A level of the pool without training rows gets 0. Missing values are
        not counted, and stay missing.
    Fitted parameters: `statistic_given_feat_val`: by column, a mapping from level to frequency.
        Report: `encoded_features`.
    Raises: MissingValuesError for a column that is all missing; UnseenLevelError for values that
        are no levels of the training pool; SchemaMismatch for new data without the columns, or
        without labels there.

    Example:
        >>> import mlj_keras as mlj
        >>> X = mlj.coerce({"grade": ["b", "a", "b"]}, {"grade": mlj.Multiclass})
        >>> mlj.machine(FrequencyEncoder(), X).fit(verbosity=0).transform()["grade"].tolist()
        [2.0, 1.0, 2.0]

    Source: MLJTransforms.jl, src/encoders/frequency_encoding, where missing values count in the
        proportions, as a level of their own.
    """

    aliases: ClassVar[Mapping[str, str]] = {"normalise": "normalize"}

    normalize: bool = param(False, kind=bool)
    output_type: str = param("float32", options=("float32", "float64"))

    def learn(self, values: Values, name: str, target: Values | None = None) -> Frequencies:
        """How often each level occurs."""
        pool = training_pool(values, name, _WHO)
        codes = training_codes(values, name, _WHO)
        counts = np.bincount(codes[codes >= 0], minlength=len(pool)).astype(np.float64)
        shown = counts / counts.sum() if self.normalize else counts
        return Frequencies(pool, tuple(shown.tolist()))

    def apply(self, values: Values, learned: Frequencies, name: str) -> np.ndarray:
        """Frequencies (n,)."""
        codes = codes_in(values, learned.pool, name, _WHO)
        return looked_up(learned.values, codes, self.output_type)

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`statistic_given_feat_val`."""
        return {
            "statistic_given_feat_val": {
                name: dict(zip(learned.pool, learned.values, strict=True))
                for name, learned in fitresult.learned.items()
            }
        }
