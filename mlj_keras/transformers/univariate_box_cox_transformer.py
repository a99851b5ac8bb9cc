"""`UnivariateBoxCoxTransformer`: the power of a column that looks most like a normal one. Source:
MLJTransforms.jl, src/transformers/other_transformers/univariate_boxcox_transformer.jl."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras._warnings import warn
from mlj_keras.data.columns import Values
from mlj_keras.data.scitypes import Continuous, Scitype, non_missing
from mlj_keras.data.stored import check_finite_numbers
from mlj_keras.errors import InvalidArgument, ModelWarning, NonFiniteError
from mlj_keras.models import param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._columnwise import Columnwise, ColumnwiseFit
from mlj_keras.transformers._reading import floats, training_numbers

special = lazy_module("scipy.special")

_WHO = "UnivariateBoxCoxTransformer"


@storable
@dataclasses.dataclass(frozen=True)
class Power:
    """The exponent of a column, and what is added to it first."""

    lambda_: float
    c: float

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_finite_numbers((self.lambda_, self.c), "power", (2,))


class UnivariateBoxCoxTransformer(Columnwise):
    """Replace x by ((x + c)^λ - 1) / λ, or log(x + c) for λ = 0, so that it looks normal.

    Training data: `machine(UnivariateBoxCoxTransformer(), x)` with x a column of Continuous, or a
        table, whose Continuous columns are each treated by themselves.

    Hyper-parameters:
        features: names, or a predicate on names; empty (default): every Continuous column.
        ignore: the names in features are left out instead, default False.
        n: how many values of λ, equally spaced from -0.4 to 3, are tried, an int above 1, default
            171, a step of 0.02.
        shift: a column that has zeros gets c = 0.2 of its mean, default False: zeros raise.
    Operations: `transform` gives data of the kind given, `inverse_transform` undoes it. Missing
        values are skipped in training and stay missing.
    Fitted parameters: `lambda_` and `c`, by column; a column alone is called "y". Report:
        `features_fit`.
    Raises: InvalidArgument for negative values, for zeros without shift, for new values that no
        power is defined for, and for values to invert that no value is transformed to;
        NonFiniteError for infinite values in training, and for results that are too large;
        MissingValuesError for a column that is all missing; SchemaMismatch for new data that are
        no numbers. Warns: ModelWarning for a column that does not vary or has less than four
        values: λ is 1.

    Example:
        >>> import mlj_keras as mlj
        >>> import numpy as np
        >>> x = np.exp([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5])
        >>> mach = mlj.machine(UnivariateBoxCoxTransformer(), x).fit(verbosity=0)
        >>> mach.fitted_params().lambda_, mach.transform([1.0]).round(4)
        ({'y': 0.0}, array([0.]))

    Source: MLJTransforms.jl, src/transformers/other_transformers/univariate_boxcox_transformer.jl.
        The λ taken is that of the highest correlation of the sorted values, each two neighbours
        averaged, with the quantiles of a normal distribution; scipy.stats.boxcox maximises the
        likelihood instead.
    """

    wanted: ClassVar[str] = "a column of Continuous"

    n: int = param(171, kind=int, ge=2)
    shift: bool = param(False, kind=bool)

    def takes(self, scitype: Scitype) -> bool:
        """Continuous."""
        return bool(non_missing(scitype) <= Continuous)

    def learn(self, values: Values, name: str, target: Values | None = None) -> Power:
        """The exponent and the shift of this column."""
        present = np.sort(training_numbers(values, name, _WHO))
        c = self._shift_of(present, name)
        if len(present) < 4 or present[0] == present[-1]:
            warn(
                f"Column {name!r} does not vary, or has less than four values: no exponent makes "
                "it normal, and 1 is taken.",
                ModelWarning,
            )
            return Power(1.0, c)
        return Power(_best_power(present + c, self.n), c)

    def _shift_of(self, present: np.ndarray, name: str) -> float:
        if present[0] < 0:
            raise InvalidArgument(
                f"Column {name!r} has negative values, the least is {present[0]}: a Box-Cox "
                "transformation is of positive values. Leave the column out by features, or add "
                "a constant to it."
            )
        if present[0] == 0 and not self.shift:
            raise InvalidArgument(
                f"Column {name!r} has zeros: a Box-Cox transformation is of positive values. Set "
                "shift=True, which adds a constant, or leave the column out by features."
            )
        return 0.2 * float(np.mean(present)) if present[0] == 0 else 0.0

    def apply(self, values: Values, learned: Power, name: str) -> np.ndarray:
        """The column transformed."""
        numbers = floats(values, name, _WHO)
        moved = numbers.astype(np.float64) + learned.c
        wrong = np.flatnonzero((moved < 0) | ((moved == 0) & (learned.lambda_ <= 0)))
        if len(wrong):
            raise InvalidArgument(
                f"Column {name!r} has {float(numbers[wrong[0]])} at row {wrong[0]}: values plus "
                f"{learned.c} must be positive, as they were in training. Replace such values, or "
                "drop those rows."
            )
        with np.errstate(over="ignore", divide="ignore"):  # of log(0), whose power is 0
            made = _power(moved, learned.lambda_)
        return _finite(made.astype(numbers.dtype), numbers, name)

    def revert(self, values: Values, learned: Power, name: str) -> np.ndarray:
        """The column as it was."""
        numbers = floats(values, name, _WHO)
        z, lambda_ = numbers.astype(np.float64), learned.lambda_
        base = lambda_ * z + 1
        wrong = np.flatnonzero((base < 0) | ((base == 0) & (lambda_ < 0)))
        if len(wrong):
            raise InvalidArgument(
                f"Column {name!r} has {z[wrong[0]]} at row {wrong[0]}, which no value is "
                f"transformed to: with λ = {lambda_} they all lie "
                f"{'above' if lambda_ > 0 else 'below'} {-1 / lambda_}. Clip them."
            )
        with np.errstate(over="ignore"):
            made = (np.exp(z) if lambda_ == 0 else base ** (1 / lambda_)) - learned.c
        return _finite(made.astype(numbers.dtype), numbers, name)

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`lambda_` and `c`."""
        learned = fitresult.learned.items()
        return {
            "lambda_": {name: power.lambda_ for name, power in learned},
            "c": {name: power.c for name, power in learned},
        }


def _power(x: np.ndarray, lambda_: float) -> np.ndarray:
    """The Box-Cox transformation of values of 0 or more."""
    # expm1 is exact for small exponents, where the power minus 1 would cancel
    logs: np.ndarray = np.log(x)
    powers: np.ndarray = logs if lambda_ == 0 else np.expm1(lambda_ * logs) / lambda_
    return powers


def _best_power(ordered: np.ndarray, n: int) -> float:
    """Of n exponents, the first that makes these positive ascending values most normal."""
    ordered = ordered / np.median(ordered)  # which changes no correlation, and keeps powers small
    quantiles = special.ndtri(np.arange(1, len(ordered)) / len(ordered))
    exponents = np.linspace(-0.4, 3.0, n).round(12) + 0.0  # 0 exactly, so that it is the logarithm
    with np.errstate(over="ignore", invalid="ignore"):
        scores = [_normality(_power(ordered, exponent), quantiles) for exponent in exponents]
    return float(exponents[int(np.argmax(scores))])


def _normality(ordered: np.ndarray, quantiles: np.ndarray) -> float:
    """The correlation of the midpoints of ascending values with quantiles; -1 if undefined."""
    midpoints = (ordered[1:] + ordered[:-1]) / 2
    a, b = midpoints - midpoints.mean(), quantiles - quantiles.mean()
    score = float(a @ b / np.sqrt((a @ a) * (b @ b)))
    return score if np.isfinite(score) else -1.0


def _finite(made: np.ndarray, numbers: np.ndarray, name: str) -> np.ndarray:
    lost = np.flatnonzero(np.isinf(made) & np.isfinite(numbers))
    if len(lost):
        raise NonFiniteError(
            f"Column {name!r} has {float(numbers[lost[0]])} at row {lost[0]}, which transforms to "
            "more than a float can hold. Give the column in a larger unit, or clip it."
        )
    return made
