"""`ContrastEncoder`: levels as rows of a contrast matrix. Source: MLJTransforms.jl,
src/encoders/contrast_encoder."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from mlj_keras.data.columns import Values
from mlj_keras.data.scitypes import Continuous, Finite, Optional, Scitype, non_missing
from mlj_keras.data.stored import check_finite_numbers, check_levels
from mlj_keras.errors import InvalidModelError
from mlj_keras.models import param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._categorical import CategoricalEncoder
from mlj_keras.transformers._columnwise import ColumnwiseFit
from mlj_keras.transformers._levels import (
    check_table,
    check_width,
    codes_in,
    looked_up,
    training_pool,
    warn_of_no_column,
)

_WHO = "ContrastEncoder"
_OWN = ("contrast", "hypothesis")  # modes for which the user builds the matrix
BuildMatrix = Callable[[str, int], Any]


@storable
@dataclasses.dataclass(frozen=True)
class Contrasts:
    """The levels of a column, and its contrast matrix (levels, levels - 1)."""

    pool: tuple[Any, ...]
    matrix: np.ndarray

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_levels(self.pool)
        check_finite_numbers(
            self.matrix, "contrasts", (len(self.pool), max(len(self.pool) - 1, 0))
        )


def _check_mode(value: Any) -> Any:
    modes = value if isinstance(value, tuple) else (value,)
    known = (*_BUILT_IN, *_OWN)
    if modes and all(mode in known for mode in modes):
        return value
    raise ValueError(
        f"mode must be one of {', '.join(map(repr, known))}, or a list of these, one for each of "
        f"features; got {value!r}"
    )


def _check_build(value: Any) -> Any:
    if value is None or callable(value):
        return value
    raise TypeError(
        "buildmatrix must be a function of a column's name and its number of levels, or None, "
        f"got {value!r}"
    )


class ContrastEncoder(CategoricalEncoder):
    """Replace each factor of k levels by the k - 1 columns of a contrast matrix.

    Training data: `machine(ContrastEncoder(), X)` with X a table.

    Hyper-parameters:
        features: names, or a predicate on names, default empty.
        ignore: True (default): the columns named are left out; False: only they are encoded.
        ordered_factor: OrderedFactor columns too, default False.
        mode: how a level becomes a row of k - 1 numbers; a list says it for each of features in
            turn, with ignore=False. "dummy" (default): 1 for the level, zeros for the last one.
            "sum": the same with -1 for the last. "backward_diff", "forward_diff": each level
            against the one before, or after it. "helmert": each level against the mean of those
            before. "contrast": the matrix that buildmatrix gives; "hypothesis": the pseudo-inverse
            of the matrix of k - 1 hypotheses that it gives.
        buildmatrix: a function of the name of a column and its number k of levels, which gives a
            (k, k - 1) matrix for "contrast", a (k - 1, k) one for "hypothesis", with the levels in
            the order of the pool. None, the default, for other modes.
    Operations: `transform` gives a table of the kind given; the columns `name_level` of all levels
        but the last take the place of `name`, with "_" appended where a name is taken. A row whose
        value is missing has missing values in all of them.
    Fitted parameters: `vector_given_value_given_feature`: by column, a mapping from level to its
        numbers. Report: `encoded_features`.
    Raises: InvalidModelError for a mode without a matrix, a matrix without a mode, one of another
        shape or with infinite numbers, and a list of modes that does not match features;
        ScitypeError for a single column; MissingValuesError for a factor without levels;
        UnseenLevelError for values that are no levels of the training pool; SchemaMismatch for
        new data without the columns, or without labels there. Warns: ModelWarning for a column of
        one level.

    Example:
        >>> import mlj_keras as mlj
        >>> X = mlj.coerce({"grade": ["a", "b", "c"]}, {"grade": mlj.Multiclass})
        >>> mach = mlj.machine(ContrastEncoder(mode="helmert"), X).fit(verbosity=0)
        >>> {name: column.tolist() for name, column in mach.transform().items()}
        {'grade_a': [-1.0, 1.0, 0.0], 'grade_b': [-1.0, -1.0, 2.0]}

    Source: MLJTransforms.jl, src/encoders/contrast_encoder, which ignores a buildmatrix that the
        mode does not ask for.
    """

    wanted: ClassVar[str] = "a table with factors"

    mode: str | tuple[str, ...] = param("dummy", convert=_check_mode)
    buildmatrix: BuildMatrix | None = param(None, convert=_check_build)

    def gives(self, scitype: Scitype) -> list[Scitype]:
        """A Continuous for each level but the last."""
        kind = non_missing(scitype)
        n_levels = kind.args[0] if kind <= Finite and kind.args else 2
        each = Continuous if kind == scitype else Optional[Continuous]
        return [each] * (n_levels - 1)

    def check_data(self, X: Any, *y: Any) -> None:
        """A table, as a column becomes several."""
        check_table(X, _WHO)
        super().check_data(X, *y)

    def _check_features(self) -> None:
        super()._check_features()
        modes = self.mode if isinstance(self.mode, tuple) else (self.mode,)
        if isinstance(self.mode, tuple):
            named = self.features if isinstance(self.features, tuple) else ()
            if self.ignore or len(named) != len(modes):
                raise InvalidModelError(
                    f"{_WHO}.mode is a list of {len(modes)}, which needs ignore=False and as many "
                    f"names in features, got ignore={self.ignore} and features={self.features!r}. "
                    "Name the columns, or give one mode for all."
                )
        own = [mode for mode in modes if mode in _OWN]
        if own and self.buildmatrix is None:
            raise InvalidModelError(
                f"{_WHO}.mode={own[0]!r} needs a matrix. Set buildmatrix to a function of the "
                "name of a column and its number of levels."
            )
        if self.buildmatrix is not None and not own:
            raise InvalidModelError(
                f"{_WHO}.buildmatrix has no effect with mode={self.mode!r}. Set mode to "
                "'contrast' or 'hypothesis', or leave buildmatrix out."
            )

    def learn(self, values: Values, name: str, target: Values | None = None) -> Contrasts:
        """The contrast matrix of this column."""
        pool = training_pool(values, name, _WHO)
        check_width(max(len(pool), len(values)), len(pool), name=name, who=_WHO)
        if len(pool) == 1:
            warn_of_no_column(name, _WHO)
        return Contrasts(pool, self._matrix(name, len(pool)))

    def _matrix(self, name: str, k: int) -> np.ndarray:
        mode = self.mode
        if isinstance(mode, tuple):
            mode = mode[self.features.index(name)]  # type: ignore[union-attr]  # names, as checked
        if mode == "contrast":
            return self._built(name, k, (k, k - 1))
        if mode == "hypothesis":
            return np.linalg.pinv(self._built(name, k, (k - 1, k)))
        return _BUILT_IN[mode](k)

    def _built(self, name: str, k: int, shape: tuple[int, int]) -> np.ndarray:
        given = self.buildmatrix(name, k)  # type: ignore[misc]  # not None, as checked
        try:
            matrix = np.array(given, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InvalidModelError(
                f"{_WHO}.buildmatrix gives no matrix of numbers for column {name!r}, but "
                f"{given!r:.60}. Give one of shape {shape}."
            ) from error
        if matrix.shape != shape:
            raise InvalidModelError(
                f"{_WHO}.buildmatrix gives a matrix of shape {matrix.shape} for column {name!r} "
                f"of {k} levels. Give one of shape {shape}."
            )
        if not np.isfinite(matrix).all():
            raise InvalidModelError(
                f"{_WHO}.buildmatrix gives infinite or missing numbers for column {name!r}. Give "
                "finite ones."
            )
        return matrix

    def labels(self, name: str, learned: Contrasts) -> tuple[str, ...]:
        """`name_level`."""
        return tuple(f"{name}_{level}" for level in learned.pool[:-1])

    def apply(self, values: Values, learned: Contrasts, name: str) -> list[np.ndarray]:
        """A column for each of the matrix."""
        codes = codes_in(values, learned.pool, name, _WHO)
        return [looked_up(column, codes) for column in learned.matrix.T]

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`vector_given_value_given_feature`."""
        return {
            "vector_given_value_given_feature": {
                name: dict(zip(learned.pool, map(tuple, learned.matrix.tolist()), strict=True))
                for name, learned in fitresult.learned.items()
            }
        }


def _dummy(k: int) -> np.ndarray:
    return np.eye(k, k - 1)


def _sum(k: int) -> np.ndarray:
    matrix = np.eye(k, k - 1)
    matrix[-1] = -1
    return matrix


def _backward_diff(k: int) -> np.ndarray:
    rows, columns = np.ogrid[:k, 1:k]
    return columns / k - (rows < columns)


def _forward_diff(k: int) -> np.ndarray:
    return -_backward_diff(k)


def _helmert(k: int) -> np.ndarray:
    rows, columns = np.ogrid[:k, 1:k]
    return np.where(rows == columns, columns, np.where(rows < columns, -1.0, 0.0))


_BUILT_IN: dict[str, Callable[[int], np.ndarray]] = {
    "dummy": _dummy,
    "sum": _sum,
    "backward_diff": _backward_diff,
    "forward_diff": _forward_diff,
    "helmert": _helmert,
}
