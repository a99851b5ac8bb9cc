"""What one distribution over classes and a vector of them share: pool, pdf, equality, arithmetic.

Knows probabilities over a pool of labels; neither how they were given nor what they are for.
Source: CategoricalDistributions.jl, src/methods.jl and src/arithmetic.jl.
"""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from mlj_keras.data.columns import column_of, is_column
from mlj_keras.data.scitypes import Density, Multiclass, OrderedFactor, Scitype
from mlj_keras.errors import DimensionMismatch, InvalidArgument, RowsError, UnseenLevelError

Label = Any  # a string, number, boolean, date: whatever hashes and stands in a pool


@dataclasses.dataclass(frozen=True, init=False, eq=False, repr=False)
class Finite:
    """Probabilities over the whole pool along the last axis; immutable."""

    probabilities: np.ndarray
    levels: tuple[Label, ...]
    support: tuple[Label, ...]
    ordered: bool

    # NumPy must hand 2.0 * d and array * d to the methods below, not read d as a sequence.
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]  # holds an array: equal values need not hash alike

    def pdf(self, x: Any) -> Any:
        """The probability of a label, or of each label of a list.

        Args: x: one label, or a list or column of k labels; each in the pool, or missing.
        Returns: for one distribution a float, for a list (k,) floats; for a vector of n
            distributions (n,) floats, for a list (n, k) floats, columns in the order listed. A
            level outside the support has probability 0; a missing label has NaN.
        Raises: UnseenLevelError for a label outside the pool; InvalidArgument if a vector is given
            more labels than it has levels, as happens where `pdf_at(y)` was meant.
        Example:
            >>> from mlj_keras.probability import UnivariateFinite
            >>> d = UnivariateFinite(["a", "b"], [0.25, 0.75], pool=["a", "b", "c"])
            >>> d.pdf("b"), d.pdf("c"), d.pdf(["b", "a"])
            (0.75, 0.0, array([0.75, 0.25]))

        Source: CategoricalDistributions.jl, `pdf(d, c)`, `pdf.(u, c)` and `pdf(u, labels)`. For
        `pdf.(u, y)`, one label a row, see `UnivariateFiniteVector.pdf_at`. `missing` is NaN here.
        """
        many = is_column(x) and hasattr(x, "__len__")  # pandas' NA and dates have no length
        labels = labels_of(x, "x") if many else [_scalar(x)]
        if many and self.probabilities.ndim == 2 and len(labels) > len(self.levels):
            raise InvalidArgument(
                f"pdf takes the labels whose probabilities are wanted of every row, at most "
                f"{len(self.levels)} of them, got {len(labels)}. Write pdf_at(y) for the "
                "probability of each row's own label."
            )
        codes = positions(labels, self.levels, "this distribution")
        result = self.probabilities[..., codes]
        result[..., codes < 0] = np.nan
        if many:
            return result
        return float(result[0]) if result.ndim == 1 else result[:, 0]

    def logpdf(self, x: Any) -> Any:
        """The natural logarithm of `pdf(x)`: same arguments, shapes and errors; -inf for 0.

        Example:
            >>> from mlj_keras.probability import UnivariateFinite
            >>> UnivariateFinite(["a", "b"], [0.0, 1.0]).logpdf(["a", "b"])
            array([-inf,   0.])

        Source: CategoricalDistributions.jl, `logpdf`.
        """
        result = log(self.pdf(x))
        return float(result) if np.ndim(result) == 0 else result

    def __eq__(self, other: object) -> bool:
        """Exact: same pool in its order, same `ordered`, same probabilities (NaN is not NaN)."""
        if not isinstance(other, type(self)):
            return NotImplemented
        same_pool = self.levels == other.levels and self.ordered == other.ordered
        return same_pool and np.array_equal(self.probabilities, other.probabilities)

    def allclose(self, other: Self, *, atol: float = 1e-8, rtol: float = 1e-5) -> bool:
        """True if the probabilities of all levels of the pool agree up to rounding.

        Args:
            other: of the same kind
            atol: absolute, rtol: relative to the larger of the two probabilities; both
                dimensionless.
        Returns: bool; False too if the pools differ (as sets if unordered, as lists if ordered),
            if the numbers of rows differ, or if a probability is NaN.
        Raises: InvalidArgument if other is not of the same kind.
        Example:
            >>> from mlj_keras.probability import UnivariateFinite
            >>> d = UnivariateFinite(["a", "b"], [0.3, 0.7])
            >>> d.allclose(UnivariateFinite(["b", "a"], [0.7, 0.3])), d.allclose(d * 0.99)
            (True, False)

        Source: CategoricalDistributions.jl, `isapprox`, which looks at the first support only.
        """
        self._check_kind(other, "allclose compares")
        if not same_levels(self, other) or self.probabilities.shape != other.probabilities.shape:
            return False
        a, b = self.probabilities, aligned(other, self.levels)
        bound = atol + rtol * np.maximum(np.abs(a), np.abs(b))
        return bool((np.abs(a - b) <= bound).all())

    def __add__(self, other: Self) -> Self:
        """Class by class; the result need not be normalised."""
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._with(self.probabilities + self._matching(other), self._joint_support(other))

    def __sub__(self, other: Self) -> Self:
        """Class by class; the result need not be a probability distribution."""
        if not isinstance(other, type(self)):
            return NotImplemented
        return self._with(self.probabilities - self._matching(other), self._joint_support(other))

    def __mul__(self, number: float) -> Self:
        """All probabilities times a number."""
        if not isinstance(number, numbers.Real):
            return NotImplemented
        return self._with(self.probabilities * float(number), self.support)

    def __rmul__(self, number: float) -> Self:
        return self * number

    def __truediv__(self, number: float) -> Self:
        """All probabilities divided by a number."""
        if not isinstance(number, numbers.Real):
            return NotImplemented
        return self._with(self.probabilities / float(number), self.support)

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restored, (type(self), dict(vars(self))))

    def _fill(self, values: dict[str, Any]) -> Self:
        """Set the fields of a new, still empty object; the probabilities can only be read."""
        view = values["probabilities"].view()
        view.flags.writeable = False
        for name, value in {**values, "probabilities": view}.items():
            object.__setattr__(self, name, value)
        return self

    def _with(self, probabilities: np.ndarray, support: tuple[Label, ...]) -> Self:
        changed = {"probabilities": probabilities, "support": support}
        return object.__new__(type(self))._fill({**vars(self), **changed})

    def _density(self) -> Scitype:
        return Density[(OrderedFactor if self.ordered else Multiclass)[len(self.levels)]]

    def _check_kind(self, other: object, doing: str) -> None:
        if not isinstance(other, type(self)):
            raise InvalidArgument(
                f"{doing} a {type(self).__name__} with another one, got {type(other).__name__}. "
                "Take an element v[i] of a vector, or compare vectors."
            )

    def _matching(self, other: Self) -> np.ndarray:
        if self.levels != other.levels or self.ordered != other.ordered:
            raise InvalidArgument(
                f"Distributions are added over one pool, got the levels {shown(self.levels)} and "
                f"{shown(other.levels)}. Build both with the same pool=."
            )
        if self.probabilities.shape != other.probabilities.shape:
            raise DimensionMismatch(
                f"Vectors of distributions are added row by row, got {len(self.probabilities)} "
                f"and {len(other.probabilities)} rows. Take the same rows of both."
            )
        return other.probabilities

    def _joint_support(self, other: Self) -> tuple[Label, ...]:
        both = {*self.support, *other.support}
        return tuple(label for label in self.levels if label in both)


def _restored(kind: type[Finite], values: dict[str, Any]) -> Finite:
    return object.__new__(kind)._fill(values)


def labels_of(x: Any, what: str) -> list[Label]:
    """The items of a list or column as Python objects; missing ones as None or NaN."""
    values: Any = column_of(x, what).values  # Any: pyarrow has no types
    items: list[Label] = values.tolist() if isinstance(values, np.ndarray) else values.to_pylist()
    return items


def positions(labels: Sequence[Label], levels: Sequence[Label], whose: str) -> np.ndarray:
    """Codes (k,) of labels in a pool; -1 where missing.

    Raises: UnseenLevelError for a label outside the pool.
    """
    where = {label: code for code, label in enumerate(levels)}
    codes = np.empty(len(labels), dtype=np.intp)
    for position, label in enumerate(labels):
        try:
            code = where.get(label)
        except TypeError:  # not hashable, so in no pool
            code = None
        if code is None and not is_missing(label):
            raise UnseenLevelError(
                f"{label!r} is no level of {whose}, whose levels are {shown(levels)}. "
                "Use one of them, or build the distribution with a pool that has it."
            )
        codes[position] = -1 if code is None else code
    return codes


def is_missing(label: Label) -> bool:
    """True for None, NaN and pandas' NA and NaT."""
    if label is None or type(label).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(label, float) and label != label


def same_levels(a: Finite, b: Finite) -> bool:
    """True if two pools agree: as lists if ordered, as sets if not."""
    if a.ordered or b.ordered:
        return a.ordered == b.ordered and a.levels == b.levels
    return set(a.levels) == set(b.levels)


def aligned(d: Finite, levels: tuple[Label, ...]) -> np.ndarray:
    """The probabilities of `d`, last axis in the order of `levels`, which is the same set."""
    if d.levels == levels:
        return d.probabilities
    return d.probabilities[..., positions(levels, d.levels, "this distribution")]


def mode_codes(matrix: np.ndarray, d: Finite) -> np.ndarray:
    """Codes (n,) of the largest probability of each row within the support."""
    inside = None
    if d.support != d.levels:  # a level outside the support is never the mode, not even of zeros
        inside = positions(d.support, d.levels, "this distribution")
        matrix = matrix[:, inside]
    codes = matrix.argmax(axis=1)  # the first of ties; a NaN counts as the largest
    largest = matrix[np.arange(len(codes)), codes]
    if np.isnan(largest).any():
        row = int(np.flatnonzero(np.isnan(largest))[0])
        raise InvalidArgument(
            f"mode is not defined where a probability is NaN, got {matrix[row].tolist()[:6]} "
            f"(row {row}). Look for the cause, or drop the rows with NaN in to_numpy()."
        )
    modes: np.ndarray = codes if inside is None else inside[codes]
    return modes


def row_positions(rows: Any, n_rows: int) -> np.ndarray:
    """Row positions from a mask or from integers."""
    array = np.asarray(rows)
    if array.ndim == 1 and array.dtype == bool and len(array) == n_rows:
        return np.flatnonzero(array)
    if array.ndim == 1 and (array.dtype.kind in "iu" or not len(array)):
        array = array.astype(np.intp)
        outside = (array < -n_rows) | (array >= n_rows)
        if not outside.any():
            return array
        raise RowsError(f"Row {array[outside][0]} is outside the {n_rows} rows of this vector.")
    raise RowsError(
        f"Rows must be an int, a slice, int positions or a boolean mask of length {n_rows}, got "
        f"{type(rows).__name__} of shape {array.shape} and dtype {array.dtype}."
    )


def log(p: Any) -> Any:
    """The natural logarithm; -inf for 0 and NaN for negative numbers, without a warning."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(p)


def shown(labels: Sequence[Label], limit: int = 6) -> str:
    """Labels for a message: the first few."""
    rest = len(labels) - limit
    return ", ".join(map(repr, labels[:limit])) + (f", ... ({len(labels)})" if rest > 0 else "")


def _scalar(x: Any) -> Label:
    if isinstance(x, np.generic):
        return x.item()
    return x.as_py() if hasattr(x, "as_py") else x  # a pyarrow scalar
