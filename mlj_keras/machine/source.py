"""Sources: data bound to a machine, read once, selected by rows.

Knows data, not
machines.
Source: MLJBase.jl, src/sources.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from mlj_keras.data.categorical import level_list
from mlj_keras.data.columns import Column, column_of, is_column, module_of
from mlj_keras.data.edges import outward
from mlj_keras.data.images import ImageVector, images_of, is_images
from mlj_keras.data.inference import scitype
from mlj_keras.data.rows import selectrows
from mlj_keras.data.scitypes import Finite, Scitype, Vector
from mlj_keras.data.tables import InnerTable, is_table, table_of
from mlj_keras.data.weights import ClassWeights
from mlj_keras.errors import DimensionMismatch, InvalidArgument, TableError


class Source:
    """Data bound to a machine.

    Args: data: a table, a column, images, weights or anything that a model of the user's own
        takes.
    Example:
        >>> s = Source([1.0, 2.0, 3.0])
        >>> s(), s(rows=[0, 2]), s(Xnew=[9.0])
        ([1.0, 2.0, 3.0], [1.0, 3.0], [9.0])

    Source: MLJBase.jl, src/sources.jl.
    """

    state = 0

    def __init__(self, data: Any) -> None:
        self.data = data

    def __getstate__(self) -> dict[str, Any]:
        # A pickled table forgets what it was read from: pickle that, and read it again; but not
        # where the table here is some rows of it.
        state, inner = dict(self.__dict__), self.__dict__.get("inner")
        if not isinstance(inner, InnerTable) or inner is self.data:
            return state
        if inner.own is not None and inner.own_rows is None:
            state["data"] = inner.own
            del state["inner"]
        return state

    def __call__(self, Xnew: Any = None, *, rows: Any = None) -> Any:
        """The data; with `rows` those rows; with `Xnew` that, unchanged."""
        if Xnew is not None:
            return Xnew
        return self.data if rows is None else selectrows(self.data, rows)

    @cached_property
    def inner(self) -> Any:
        """The data in the package's own form: InnerTable, Column, ImageVector, or as they are."""
        return _kept(read(self.data))

    @cached_property
    def scitype(self) -> Scitype:
        """The scitype of the data."""
        return scitype(
            self.inner if isinstance(self.inner, InnerTable | Column | ImageVector) else self.data
        )

    @property
    def n_rows(self) -> int | None:
        """The number of rows, or None for what has none."""
        if isinstance(self.inner, ClassWeights):
            return None
        try:
            return len(self.inner)
        except TypeError:  # sparse matrices and arrays without a dimension have __len__, and raise
            return None

    def at(self, rows: np.ndarray | None) -> Source:
        """The source of these rows alone; itself for None."""
        return self if rows is None else Source(self.rows(rows, native=True))

    def rows(self, rows: np.ndarray | None, *, native: bool) -> Any:
        """The data at these positions, as the user gave them or in the package's own form."""
        if isinstance(self.inner, ClassWeights):
            return self.inner
        if rows is None:
            return outward(self.data) if native else self.inner
        return outward(selectrows(self.data, rows)) if native else take(self.inner, rows)

    @property
    def positive_class(self) -> Any:
        """The second level of a binary target; None for any other data."""
        if not isinstance(self.inner, Column) or not self.scitype <= Vector[Finite[2]]:
            return None
        return level_list(self.inner.values)[1]

    def describe(self) -> str:
        """The scitype and the number of rows."""
        return f"{self.scitype}" + ("" if self.n_rows is None else f", {self.n_rows} rows")

    def __repr__(self) -> str:
        return f"source({self.describe()})"


class NoData(Source):
    """The place of data that a machine had, and has been loaded without.

    Args: was: what they were, in words, or None · columns: their names, if they had some ·
        fingerprint: by which they are known again, or None.
    Raises, when data are asked for: InvalidArgument.
    Source: ours.
    """

    def __init__(
        self,
        was: str | None = None,
        columns: tuple[str, ...] = (),
        fingerprint: str | None = None,
    ) -> None:
        super().__init__(None)
        self.was = was
        self.columns = columns
        self.fingerprint = fingerprint

    positive_class = None

    @property
    def n_rows(self) -> int | None:
        """Not known. Raises: InvalidArgument."""
        raise _no_data()

    def describe(self) -> str:
        """That there are none, and what they were."""
        return f"not here; it was {self.was}" if self.was else "not here"

    @property
    def scitype(self) -> Scitype:
        """Not known. Raises: InvalidArgument."""
        raise _no_data()

    def at(self, rows: np.ndarray | None) -> Source:
        """Nothing. Raises: InvalidArgument."""
        raise _no_data()

    def rows(self, rows: np.ndarray | None, *, native: bool) -> Any:
        """Nothing. Raises: InvalidArgument."""
        raise _no_data()


def lacks_data(args: tuple[Any, ...]) -> bool:
    """Whether a machine of these arguments was loaded without the data that it had."""
    return any(isinstance(arg, NoData) for arg in args)


def _no_data() -> InvalidArgument:
    return InvalidArgument(
        "This machine has been loaded without data, as files hold none. Give new data: "
        "predict(mach, Xnew); to train it on, load it with its data: load_machine(path, X, y)."
    )


def source(data: Any) -> Source:
    """Wrap data as a source.

    Args: data: as for Source. Returns: Source.
    Example:
        >>> source([0.5, 1.5])
        source(Vector[Continuous], 2 rows)

    Source: MLJBase.jl, src/sources.jl, `source`.
    """
    return data if isinstance(data, Source) else Source(data)


def read(data: Any) -> Any:
    """Data in the package's own form; what is none of its kinds stays as it is."""
    if isinstance(data, InnerTable | Column | ImageVector | ClassWeights):
        return data
    if is_table(data):
        return table_of(data)
    if is_images(data):
        try:
            return images_of(data)
        except (
            DimensionMismatch,
            TableError,
        ):  # of several sizes, say: only models of images mind
            return data
    return column_of(data) if is_column(data) else data


def _kept(inner: Any) -> Any:
    """A table that holds the user's columns as they are now, whatever columns and rows the user
    adds to or drops from the frame or mapping later; anything else as it is."""
    if not isinstance(inner, InnerTable):
        return inner
    if isinstance(inner.own, Mapping):
        return dataclasses.replace(inner, own=dict(inner.own))
    if module_of(inner.own) == "pandas":
        return dataclasses.replace(inner, own=inner.own.copy(deep=False))
    if module_of(inner.own) == "polars":
        return dataclasses.replace(inner, own=inner.own.clone())  # columns are shared
    return inner


def take(inner: Any, rows: np.ndarray) -> Any:
    """Rows of data in the package's own form."""
    if isinstance(inner, InnerTable | Column | ImageVector):
        return inner.take(rows)
    if isinstance(inner, list | tuple):
        return selectrows(inner, rows)
    return inner if isinstance(inner, ClassWeights) else inner[rows]


def labelled(X: Any, y: Any) -> Any:
    """X with the row labels of y where it has none of its own: arrays bound beside a pandas y."""
    index = getattr(y, "index", None)
    if index is None or not isinstance(X, InnerTable | ImageVector) or X.index is not None:
        return X
    return dataclasses.replace(X, index=index)
