"""`UnivariateDiscretizer`: a column of numbers as a few ordered classes of equal size. Source:
MLJTransforms.jl, src/transformers/other_transformers/univariate_discretizer.jl."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from mlj_keras._warnings import warn
from mlj_keras.data.categorical import factor_codes, level_list
from mlj_keras.data.columns import Values, factor, is_factor
from mlj_keras.data.scitypes import Continuous, Optional, OrderedFactor, Scitype, non_missing
from mlj_keras.data.stored import check_finite_numbers
from mlj_keras.errors import ModelWarning, UnseenLevelError
from mlj_keras.models import param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._columnwise import Columnwise, ColumnwiseFit
from mlj_keras.transformers._reading import floats, training_numbers

_WHO = "UnivariateDiscretizer"


@storable
@dataclasses.dataclass(frozen=True)
class Quantiles:
    """The quantiles between the classes of a column, and those in the middle of each class."""

    odd: tuple[float, ...]
    even: tuple[float, ...]

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_finite_numbers(self.odd, "quantiles", (len(self.even) - 1,))
        check_finite_numbers(self.even, "quantiles", (len(self.even),))


class UnivariateDiscretizer(Columnwise):
    """Replace numbers by classes 1, 2, ... of about as many training rows each, an OrderedFactor.

    Training data: `machine(UnivariateDiscretizer(), x)` with x a column of Continuous, or a table,
        whose Continuous columns are each treated by themselves.

    Hyper-parameters:
        features: names, or a predicate on names; empty (default): every Continuous column.
        ignore: the names in features are left out instead, default False.
        n_classes: an int above 1, default 512. With fewer training values than classes, classes
            stay empty.
    Operations: `transform` gives data of the kind given (in polars the classes are strings, as
        its categories always are); the pool always has all classes. A value that equals a quantile
        belongs to the class below. `inverse_transform` gives the quantile in the middle of each
        class, also for plain numbers. Missing values are skipped in training and stay missing.
    Fitted parameters: `odd_quantiles`, the n_classes - 1 between classes, and `even_quantiles`,
        the n_classes in the middle, by column; a column alone is called "y". Report:
        `features_fit`.
    Raises: NonFiniteError for infinite values in training; MissingValuesError for a column that is
        all missing; SchemaMismatch for new data that are no numbers; UnseenLevelError for values
        to invert that are no classes. Warns: ModelWarning for a column that does not vary.

    Example:
        >>> import mlj_keras as mlj
        >>> x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0]
        >>> mach = mlj.machine(UnivariateDiscretizer(n_classes=3), x).fit(verbosity=0)
        >>> z = mach.transform([0.0, 4.0, 7.5])
        >>> z.tolist(), mach.inverse_transform(z).round(4)
        ([1, 2, 3], array([2.3333, 5.    , 7.6667]))

    Source: MLJTransforms.jl, src/transformers/other_transformers/univariate_discretizer.jl.
    """

    wanted: ClassVar[str] = "a column of Continuous"

    n_classes: int = param(512, kind=int, ge=2)

    def takes(self, scitype: Scitype) -> bool:
        """Continuous."""
        return bool(non_missing(scitype) <= Continuous)

    def gives(self, scitype: Scitype) -> Scitype:
        """OrderedFactor, with missing values where there were some."""
        made = OrderedFactor[self.n_classes]
        return made if scitype == non_missing(scitype) else Optional[made]

    def learn(self, values: Values, name: str, target: Values | None = None) -> Quantiles:
        """The quantiles of this column."""
        present = training_numbers(values, name, _WHO)
        if present.min() == present.max():
            warn(
                f"Column {name!r} does not vary: all of it is in class 1. Leave it out by "
                "features.",
                ModelWarning,
            )
        inner = np.quantile(present, np.linspace(0, 1, 2 * self.n_classes + 1))[1:-1]
        return Quantiles(tuple(inner[1::2].tolist()), tuple(inner[::2].tolist()))

    def apply(self, values: Values, learned: Quantiles, name: str) -> pa.DictionaryArray:
        """The class of each value."""
        numbers = floats(values, name, _WHO).astype(np.float64)
        codes = np.searchsorted(np.array(learned.odd), numbers, side="left")
        codes = np.where(np.isnan(numbers), -1, codes)
        return factor(codes, range(1, len(learned.even) + 1), ordered=True)

    def revert(self, values: Values, learned: Quantiles, name: str) -> np.ndarray:
        """The middle of each class."""
        classes = _classes(values, name)
        gone = np.isnan(classes)
        n_classes = len(learned.even)
        wrong = np.flatnonzero(~gone & ~np.isin(classes, np.arange(1, n_classes + 1)))
        if len(wrong):
            raise UnseenLevelError(
                f"Column {name!r} has {classes[wrong[0]]:g} at row {wrong[0]}, which is no class: "
                f"they are 1 to {n_classes}. Give what transform gives."
            )
        codes = np.where(gone, 0, classes).astype(np.intp) - 1  # -1, the last, where missing
        return np.array([*learned.even, np.nan])[codes]

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`odd_quantiles` and `even_quantiles`."""
        learned = fitresult.learned.items()
        return {
            "odd_quantiles": {name: quantiles.odd for name, quantiles in learned},
            "even_quantiles": {name: quantiles.even for name, quantiles in learned},
        }


def _classes(values: Values, name: str) -> np.ndarray:
    """The numbers of the classes, floats (n,), NaN where missing.

    Raises: UnseenLevelError for labels that are no numbers.
    """
    if not is_factor(values):
        return floats(values, name, _WHO)
    try:
        labels = np.array([*map(float, level_list(values)), np.nan])
    except (TypeError, ValueError) as error:
        raise UnseenLevelError(
            f"Column {name!r} has the levels {list(level_list(values))[:5]!r}, which are no "
            "classes of a UnivariateDiscretizer. Give what transform gives."
        ) from error
    classes: np.ndarray = labels[factor_codes(values)]
    return classes
