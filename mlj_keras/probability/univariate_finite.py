"""Distributions over the classes of a categorical target: one, and a vector of n over one pool.

A vector holds one (n, K) matrix over the whole pool; single distributions are views of its rows,
made when asked for. Knows columns and labels; nothing of models.
Source: CategoricalDistributions.jl, src/types.jl, src/methods.jl, src/arrays.jl.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.data.categorical import encode
from mlj_keras.data.columns import ColumnOrigin, column_of, column_out, factor
from mlj_keras.data.scitypes import Scitype, Vector
from mlj_keras.errors import DimensionMismatch, EmptyData, InvalidArgument, RowsError
from mlj_keras.probability._construction import parts_of
from mlj_keras.probability._display import many_html, many_text, one_html, one_text
from mlj_keras.probability._finite import (
    Finite,
    Label,
    aligned,
    log,
    mode_codes,
    positions,
    row_positions,
    same_levels,
    shown,
)
from mlj_keras.probability._fitting import frequencies
from mlj_keras.probability._sampling import draw, label_array
from mlj_keras.rng import Seed

pd = lazy_module("pandas")


class UnivariateFinite(Finite):
    """A distribution over the classes of a pool; from a matrix of probabilities, a vector of them.

    Args:
        support: the classes that have a probability, in the order of `probs`: labels, or a
            categorical column (whose pool is then the pool); or a mapping from class to
            probability, or to (n,) probabilities; None invents class_1, class_2, ...
        probs: (c,) numbers for one distribution, (n, c) for a UnivariateFiniteVector of n. They
            need not sum to 1; NaN is allowed.
        pool: what holds all the levels: a categorical column, a distribution, or the levels in
            their order. None: the pool of a categorical support, else the support as given.
        augment: the first class is left out of `probs`, and gets 1 - the sum of the others. With
            two classes `probs` has the shape of the result: a number for one distribution, (n,)
            for a vector; each is the probability of the second class.
        ordered: True makes the classes an OrderedFactor; a categorical pool says so itself.
    Returns: UnivariateFinite, or UnivariateFiniteVector (which is no UnivariateFinite).
    Raises: InvalidArgument for an empty or repeated support, negative or infinite probabilities,
        and with augment for entries outside [0, 1] or sums above 1; DimensionMismatch for a wrong
        shape; UnseenLevelError for a class outside the pool.
    Attributes: `levels`, the whole pool; `support`, the classes given (an explicit 0 counts), in
        pool order; `ordered`; `probabilities`, (K,) over the pool, read-only.
    Example:
        >>> d = UnivariateFinite(["no", "yes"], 0.25, augment=True)
        >>> d
        UnivariateFinite(no=>0.75, yes=>0.25)
        >>> d.mode(), d.pdf("yes"), UnivariateFinite({"a": 0.2, "b": 0.8}, pool=["b", "a"]).levels
        ('no', 0.25, ('b', 'a'))
        >>> UnivariateFinite(["no", "yes"], [[0.5, 0.5], [0.1, 0.9]]).pdf("yes").tolist()
        [0.5, 0.9]

    Source: CategoricalDistributions.jl, src/types.jl. Deviations: labels without a pool make one
    without a warning; `pool` and `ordered` count beside a categorical support too; negative and
    infinite probabilities raise; objects are immutable; arrays of more than one axis are not made.
    """

    def __new__(
        cls,
        support: Any = None,
        probs: Any = None,
        *,
        pool: Any = None,
        augment: bool = False,
        ordered: bool = False,
    ) -> Any:  # mypy allows no union with a class that is not its own
        parts = parts_of(support, probs, pool, augment=augment, ordered=ordered)
        fields = vars(parts)
        if parts.probabilities.ndim == 1:
            return object.__new__(cls)._fill(fields)
        return UnivariateFiniteVector(**fields)

    @property
    def scitype(self) -> Scitype:
        """`Density[Multiclass[K]]`, or `Density[OrderedFactor[K]]`; K counts the whole pool."""
        return self._density()

    def mode(self) -> Label:
        """The class of the support with the largest probability; of ties the earliest in the pool.

        Raises: InvalidArgument if a probability is NaN.
        Example:
            >>> UnivariateFinite(["a", "b", "c"], [0.2, 0.4, 0.4]).mode()
            'b'

        Source: CategoricalDistributions.jl, `mode`.
        """
        return self.levels[mode_codes(self.probabilities[np.newaxis], self)[0]]

    def modes(self) -> tuple[Label, ...]:
        """All classes of the support that share the largest probability, in pool order.

        Raises: InvalidArgument if a probability is NaN.
        Example:
            >>> UnivariateFinite(["a", "b", "c"], [0.2, 0.4, 0.4]).modes()
            ('b', 'c')

        Source: CategoricalDistributions.jl, `modes`.
        """
        most = self.pdf(self.mode())
        return tuple(label for label in self.support if self.pdf(label) == most)

    def sample(self, n: int | None = None, *, rng: Seed = None) -> Any:
        """A class drawn at random, or n of them.

        Args: n: number of draws; None draws one · rng: seed or generator.
        Returns: a label, or an array (n,) of labels (objects if they are strings).
        Raises: InvalidArgument if n is no count, or the probabilities cannot be normalised.
        Example:
            >>> UnivariateFinite(["a", "b"], [0, 3]).sample(2, rng=1).tolist()
            ['b', 'b']

        Source: CategoricalDistributions.jl, `rand`; a single draw is normalised too.
        """
        codes = draw(self.probabilities[np.newaxis], n, rng)[0]
        return self.levels[codes] if n is None else label_array(self.levels)[codes]

    @classmethod
    def fit(cls, y: Any, weights: Any = None) -> UnivariateFinite:
        """The frequencies of the classes in a categorical column; missing values are skipped.

        Args: y (n,): scitype Vector[Finite], may hold missing values · weights (n,): numbers not
            negative, or None.
        Returns: UnivariateFinite over y's pool; its support is the observed classes.
        Raises: ScitypeError if y is not categorical; EmptyData if nothing is observed;
            DimensionMismatch for another number of weights; WeightsError for unusable ones.
        Example:
            >>> import pandas as pd
            >>> UnivariateFinite.fit(pd.Categorical(["a", "b", "b", None]), [3, 1, 0, 9])
            UnivariateFinite(a=>0.75, b=>0.25)

        Source: CategoricalDistributions.jl, `fit(UnivariateFinite, v, w)`.
        """
        return object.__new__(cls)._fill(vars(frequencies(y, weights)))

    def __repr__(self) -> str:
        codes = positions(self.support, self.levels, "this distribution")
        return one_text("UnivariateFinite", self.support, self.probabilities[codes])

    def _repr_html_(self) -> str:
        codes = positions(self.support, self.levels, "this distribution")
        return one_html("UnivariateFinite", self.support, self.probabilities[codes])


class UnivariateFiniteVector(Finite):
    """n distributions over one pool: what classifiers predict.

    Args: probabilities (n, K): floats over the whole pool; not copied, not checked · levels (K,):
        labels · ordered: True for an OrderedFactor · support: classes that have a probability; all
        if None · origin: how the target column came, and so how `mode` and `sample` go out; by
        default a pandas Categorical · index: pandas index of the rows, or None.
    Raises: DimensionMismatch if shapes or lengths do not agree.
    Attributes: `levels`, `support`, `ordered`, `index`, `origin`; `probabilities`, read-only.
    Example:
        >>> v = UnivariateFiniteVector(np.array([[0.9, 0.1], [0.4, 0.6]]), ("no", "yes"))
        >>> v
        UnivariateFiniteVector of 2, levels no, yes
              no  yes
          0  0.9  0.1
          1  0.4  0.6
        >>> list(v.mode()), v.pdf("yes"), v[0].pdf("no"), v.pdf_at(["no", None])
        (['no', 'yes'], array([0.1, 0.6]), 0.9, array([0.9, nan]))

    Source: CategoricalDistributions.jl, src/arrays.jl, which keeps one array a class.
    """

    origin: ColumnOrigin
    index: Any

    def __init__(
        self,
        probabilities: np.ndarray,
        levels: Sequence[Label],
        *,
        ordered: bool = False,
        support: Sequence[Label] | None = None,
        origin: ColumnOrigin | None = None,
        index: Any = None,
    ) -> None:
        matrix = np.asarray(probabilities)
        if matrix.dtype not in (np.float32, np.float64):
            matrix = matrix.astype(np.float64)
        pool = tuple(levels)
        if matrix.ndim != 2 or not pool or matrix.shape[1] != len(pool):
            raise DimensionMismatch(
                f"probabilities must be (rows, {len(pool)}), a column for each of the levels "
                f"{shown(pool)}, got the shape {matrix.shape}. Give the whole pool as levels."
            )
        if index is not None and len(index) != len(matrix):
            raise DimensionMismatch(
                f"index must have one label for each of the {len(matrix)} rows, got {len(index)}."
            )
        self._fill(
            {
                "probabilities": matrix,
                "levels": pool,
                "support": pool if support is None else tuple(support),
                "ordered": ordered,
                "origin": ColumnOrigin() if origin is None else origin,
                "index": index,
            }
        )

    @property
    def scitype(self) -> Scitype:
        """`Vector[Density[Multiclass[K]]]`, or with OrderedFactor; K counts the whole pool."""
        return Vector[self._density()]

    def __len__(self) -> int:
        return len(self.probabilities)

    def __getitem__(self, rows: Any) -> Any:
        """`v[i]` is a UnivariateFinite; a slice, mask or positions give a vector, as `take`."""
        if isinstance(rows, int | np.integer) and not isinstance(rows, bool):
            position = operator.index(rows)
            if not -len(self) <= position < len(self):
                raise RowsError(f"Row {position} is outside the {len(self)} rows of this vector.")
            return self._one(self.probabilities[position])
        return self.take(rows)

    def __iter__(self) -> Iterator[UnivariateFinite]:
        return map(self._one, self.probabilities)

    def take(self, rows: Any) -> UnivariateFiniteVector:
        """The distributions at these rows; pool and origin are kept, the index follows.

        Args: rows: a slice, a boolean mask (n,), or positions; negative ones count from the end.
        Raises: RowsError for positions outside the rows, and for anything else.
        Example:
            >>> v = UnivariateFiniteVector(np.array([[0.9, 0.1], [0.4, 0.6]]), ("no", "yes"))
            >>> v.take([1]).pdf("yes"), v[v.pdf("yes") > 0.5].pdf("yes"), len(v[:0])
            (array([0.6]), array([0.6]), 0)

        Source: CategoricalDistributions.jl, `getindex`.
        """
        if not isinstance(rows, slice):
            rows = row_positions(rows, len(self))
        index = None if self.index is None else self.index[rows]
        changed = {"probabilities": self.probabilities[rows], "index": index}
        return object.__new__(type(self))._fill({**vars(self), **changed})

    def pdf_at(self, y: Any) -> np.ndarray:
        """The probability of each row's own label: MLJ's `pdf.(u, y)`.

        `pdf(labels)` differs: it gives a column for each label, of all rows.

        Args: y (n,): a column of labels of any kind, matched by label and position.
        Returns: (n,) floats; NaN where y is missing.
        Raises: DimensionMismatch for another length; UnseenLevelError for a label not in the pool.
        Example:
            >>> v = UnivariateFiniteVector(np.array([[0.9, 0.1], [0.4, 0.6]]), ("no", "yes"))
            >>> v.pdf_at(["no", "yes"])
            array([0.9, 0.6])

        Source: CategoricalDistributions.jl, src/arrays.jl, `broadcasted(pdf, u, v)`.
        """
        values = column_of(y).values
        if len(values) != len(self):
            raise DimensionMismatch(
                f"pdf_at takes one label a row, {len(self)} in all, got {len(values)}. "
                "Take the same rows of both, or write pdf(labels) for columns of probabilities."
            )
        codes = encode(values, self.levels, "y")
        result: np.ndarray = self.probabilities[np.arange(len(codes)), codes]
        result[codes < 0] = np.nan
        return result

    def logpdf_at(self, y: Any) -> np.ndarray:
        """The natural logarithm of `pdf_at(y)`, (n,): -inf for 0, NaN where y is missing.

        Example:
            >>> UnivariateFiniteVector(np.eye(2), ("no", "yes")).logpdf_at(["no", "no"])
            array([  0., -inf])

        Source: CategoricalDistributions.jl, `logpdf.(u, y)`.
        """
        logs: np.ndarray = log(self.pdf_at(y))
        return logs

    def mode(self) -> Any:
        """The most probable class of each row; of ties the earliest in the pool.

        Returns: a column (n,) as the target came: same kind, name and pool, with the rows' index.
        Raises: InvalidArgument naming the first row that has a NaN.
        Example:
            >>> list(UnivariateFiniteVector(np.array([[0.5, 0.5]]), ("no", "yes")).mode())
            ['no']

        Source: CategoricalDistributions.jl, `mode.(u)`.
        """
        return self._column(mode_codes(self.probabilities, self))

    def sample(self, n: int | None = None, *, rng: Seed = None) -> Any:
        """A class drawn at random for each row, or n of them.

        Args: n: draws a row; None draws one · rng: seed or generator.
        Returns: a column (rows,) as the target came; with n an array (rows, n) of labels.
        Raises: InvalidArgument if n is no count, or a row cannot be normalised.
        Example:
            >>> UnivariateFiniteVector(np.eye(2), ("no", "yes")).sample(2, rng=1).tolist()
            [['no', 'no'], ['yes', 'yes']]

        Source: CategoricalDistributions.jl, `rand.(u)`; always normalised.
        """
        codes = draw(self.probabilities, n, rng)
        return self._column(codes) if n is None else label_array(self.levels)[codes]

    def to_numpy(self) -> np.ndarray:
        """A fresh array (n, K): rows by levels, in pool order."""
        return self.probabilities.copy()

    def to_pandas(self) -> Any:
        """A DataFrame with a column for each level, in pool order, and the rows' index."""
        return pd.DataFrame(self.to_numpy(), index=self.index, columns=list(self.levels))

    @classmethod
    def concat(cls, vectors: Sequence[UnivariateFiniteVector]) -> UnivariateFiniteVector:
        """Vectors below one another, over the pool of the first.

        Args: vectors: at least one; pools equal as sets if unordered, as lists if ordered.
        Returns: UnivariateFiniteVector with the origin of the first; it has an index if all have.
        Raises: EmptyData for no vectors; InvalidArgument for differing pools or other objects.
        Example:
            >>> v = UnivariateFiniteVector(np.array([[0.9, 0.1]]), ("no", "yes"))
            >>> w = UnivariateFiniteVector(np.array([[0.6, 0.4]]), ("yes", "no"))
            >>> UnivariateFiniteVector.concat([v, w]).pdf("yes")
            array([0.1, 0.6])

        Source: CategoricalDistributions.jl, `cat`.
        """
        parts = list(vectors)
        if not parts:
            raise EmptyData("concat needs at least one vector of distributions, got none.")
        first = parts[0]
        for part in parts:
            if not isinstance(part, cls):
                raise InvalidArgument(
                    f"concat takes vectors of distributions, got "
                    f"{type(part).__name__}. Slice v[i:i + 1] in place of v[i]."
                )
            if not same_levels(first, part):
                raise InvalidArgument(
                    f"concat needs the same levels (in the same order if ordered), got "
                    f"{shown(first.levels)} and {shown(part.levels)}. Build them over one pool."
                )
        used = {label for part in parts for label in part.support}
        indexes = [part.index for part in parts]
        whole = all(index is not None for index in indexes)
        return cls(
            np.concatenate([aligned(part, first.levels) for part in parts]),
            first.levels,
            ordered=first.ordered,
            support=[label for label in first.levels if label in used],
            origin=first.origin,
            index=indexes[0].append(indexes[1:]) if whole else None,
        )

    def __repr__(self) -> str:
        return many_text(self._title(), self.levels, self._row_names(), self.probabilities)

    def _repr_html_(self) -> str:
        return many_html(self._title(), self.levels, self._row_names(), self.probabilities)

    def _title(self) -> str:
        levels = [str(level) for level in self.levels[:12]]
        gap = ["..."] if len(self.levels) > 12 else []
        return (
            f"UnivariateFiniteVector of {len(self)}, levels "
            f"{(' < ' if self.ordered else ', ').join(levels + gap)}"
        )

    def _row_names(self) -> Any:
        return range(len(self)) if self.index is None else self.index

    def _one(self, row: np.ndarray) -> UnivariateFinite:
        fields = {"levels": self.levels, "support": self.support, "ordered": self.ordered}
        return object.__new__(UnivariateFinite)._fill({"probabilities": row, **fields})

    def _column(self, codes: np.ndarray) -> Any:
        values = factor(codes, self.levels, ordered=self.ordered)
        return column_out(values, self.origin, self.index)
