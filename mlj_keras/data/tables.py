"""The one table inside the package, and the one door in and out.

An `InnerTable` has column names and Arrow columns; a numeric matrix stays one uncopied block
behind the same interface. Tables come in from pandas, polars, pyarrow, anything with
`__arrow_c_stream__`, mappings of columns and 2-D arrays, and go out as they came. Knows nothing of
models. Source: Tables.jl as used in MLJModelInterface.jl, src/data_utils.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._imports import lazy_module
from mlj_keras.data.budget import check_budget
from mlj_keras.data.columns import (
    Column,
    ColumnOrigin,
    Values,
    column_of,
    column_out,
    module_of,
    plain_numbers,
    take_values,
)
from mlj_keras.data.stored import check_names, check_one_of
from mlj_keras.errors import DimensionMismatch, InvalidArgument, SchemaMismatch, TableError
from mlj_keras.storage.records import storable

pd = lazy_module("pandas")


_BYTES_OF_A_NAME = 100  # about what one of "x1000000" takes in all places

_KINDS = ("matrix", "pandas", "polars", "pyarrow", "dict", "inner")
INNER = "inner"  # the kind of tables that stay inside a composite model


@storable
@dataclasses.dataclass(frozen=True)
class TableOrigin:
    """How a table came in: its kind, and the user's own column labels; of a table that stays
    inside, how it came in first."""

    kind: str = "matrix"  # matrix, pandas, polars, pyarrow, dict, inner
    labels: tuple[Any, ...] = ()
    float_dtype: str = "float64"
    first: TableOrigin | None = None

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_one_of(self.kind, _KINDS, "kind of table")
        check_one_of(self.float_dtype, ("float32", "float64"), "dtype")
        check_names(self.labels)

    @property
    def own(self) -> TableOrigin:
        """How the user's table came in."""
        return self if self.first is None else self.first


@dataclasses.dataclass(frozen=True)
class InnerTable:
    """Named columns of equal length; numeric matrices stay one block. `own` is the table that the
    user gave, of which `own_rows` (None: all) are the rows here."""

    names: tuple[str, ...]
    n_rows: int
    origin: TableOrigin
    columns: tuple[Values, ...] | None = None
    block: np.ndarray | None = None
    index: Any = None
    own: Any = dataclasses.field(default=None, repr=False, compare=False)
    own_rows: np.ndarray | None = dataclasses.field(default=None, repr=False, compare=False)

    def __len__(self) -> int:
        return self.n_rows

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "own": None, "own_rows": None}  # else some rows pickle them all

    @cached_property
    def position(self) -> dict[str, int]:
        """The position of each column, by name."""
        return {name: position for position, name in enumerate(self.names)}

    def column(self, name: str) -> Values:
        """The values of one column."""
        position = self.position[name]
        if self.columns is not None:
            return self.columns[position]
        assert self.block is not None  # a table has columns or a block
        return pa.array(np.ascontiguousarray(self.block[:, position]))

    def take(self, rows: np.ndarray | slice) -> InnerTable:
        """The table at these row positions."""
        block = None if self.block is None else self.block[rows]
        columns = (
            None
            if self.columns is None
            else tuple(take_values(values, rows) for values in self.columns)
        )
        n_rows = len(block) if block is not None else len(np.arange(self.n_rows)[rows])
        index = None if self.index is None else self.index[rows]
        before = np.arange(self.n_rows) if self.own_rows is None else self.own_rows
        return InnerTable(
            self.names, n_rows, self.origin, columns, block, index, self.own, before[rows]
        )


def is_table(obj: Any) -> bool:
    """True if `obj` is two-dimensional data of an accepted kind."""
    if isinstance(obj, InnerTable):
        return True
    if isinstance(obj, np.ndarray):
        return obj.ndim == 2
    package = module_of(obj)
    if package == "pandas":
        return hasattr(obj, "columns")
    if package == "polars":
        return type(obj).__name__ == "DataFrame"
    if isinstance(obj, pa.Table | pa.RecordBatch) or isinstance(obj, Mapping):
        return True
    return hasattr(obj, "__arrow_c_stream__") and package not in ("polars", "pandas", "pyarrow")


def table_of(obj: Any, what: str = "X") -> InnerTable:
    """Read a table from whatever the user gave.

    Raises: TableError for anything that is no table, and for unusable or duplicate column names;
        DimensionMismatch for columns of different lengths and for arrays that are not 2-D;
        InvalidArgument for a stream that cannot be read to its end.
    """
    if isinstance(obj, InnerTable):
        return obj
    if isinstance(obj, np.ndarray):
        return _from_matrix(obj, what)
    if not is_table(obj):
        raise _no_table(obj, what)
    package = module_of(obj)
    if package == "pandas":
        return _from_frame(obj, what)
    if package == "polars":
        labels = tuple(obj.columns)
        columns = tuple(column_of(obj.get_column(label)).values for label in labels)
        return InnerTable(labels, obj.height, TableOrigin("polars", labels), columns, own=obj)
    if isinstance(obj, Mapping):
        return _from_mapping(obj, what)
    arrow = obj if isinstance(obj, pa.Table) else _from_stream(obj, what)
    names = _check_names(tuple(arrow.column_names), what)
    columns = tuple(column_of(arrow.column(i)).values for i in range(arrow.num_columns))
    own = obj if isinstance(obj, pa.RecordBatch) else arrow
    return InnerTable(names, arrow.num_rows, TableOrigin("pyarrow", names), columns, own=own)


def _from_stream(obj: Any, what: str) -> pa.Table:
    """A table from anything that gives Arrow's stream.

    Raises: InvalidArgument if it cannot be read to its end, such as a file that was cut.
    """
    try:
        return pa.table(obj)
    except Exception as error:  # whatever the other package, or Arrow, raises
        raise InvalidArgument(
            f"{what} is a {type(obj).__name__} that cannot be read: {type(error).__name__}: "
            f"{error!s:.200}. Look after the file or query that it comes from."
        ) from error


def _no_table(obj: Any, what: str) -> TableError:
    kind = f"{type(obj).__module__}.{type(obj).__qualname__}".removeprefix("builtins.")
    if type(obj).__name__ == "LazyFrame" or "dask" in kind:
        advice = f"It is lazy: pass {what}.collect() (polars) or {what}.compute() (dask)."
    elif hasattr(obj, "tocsr"):
        advice = f"Sparse matrices are not tables: pass {what}.toarray()."
    elif isinstance(obj, list | tuple) and obj and isinstance(obj[0], list | tuple):
        advice = f"Rows as lists are no table: pass numpy.asarray({what})."
    elif isinstance(obj, list | tuple) and obj and isinstance(obj[0], Mapping):
        advice = f"Rows as mappings are no table: pass pandas.DataFrame({what})."
    elif isinstance(obj, pa.Array | pa.ChunkedArray):
        advice = f"One column is no table: pass pyarrow.table({{'x1': {what}}})."
    elif hasattr(obj, "read_all"):
        advice = f"It can be read once only: pass {what}.read_all()."
    elif isinstance(obj, Iterator):
        advice = f"It can be read once only: pass pandas.DataFrame(list({what}))."
    elif isinstance(obj, list | tuple) or hasattr(obj, "shape"):
        advice = f"One column is no table: pass numpy.asarray({what}).reshape(-1, 1)."
    else:
        advice = "Pass a pandas, polars or pyarrow table, a dict of columns, or a 2-D NumPy array."
    return TableError(f"{what} must be a table, got {kind}. {advice}")


def _from_matrix(array: np.ndarray, what: str) -> InnerTable:
    if isinstance(array, np.ma.MaskedArray) and np.ma.getmaskarray(array).any():
        raise TableError(
            f"{what} is a masked array. Pass {what}.filled(numpy.nan), so that missing values are "
            "seen."
        )
    if array.ndim != 2:
        advice = {
            1: f"Pass {what}.reshape(-1, 1) for one column.",
            3: "Images of this shape go to ImageClassifier or ImageRegressor.",
            4: "Images of this shape go to ImageClassifier or ImageRegressor.",
        }.get(array.ndim, "Pass one of shape (rows, columns).")
        if array.dtype.names is not None:
            advice = f"Records become a table by pandas.DataFrame({what})."
        raise DimensionMismatch(
            f"{what} must be a table, got an array of shape {array.shape}. {advice}"
        )
    check_budget(
        _BYTES_OF_A_NAME * array.shape[1],
        what=f"To name the {array.shape[1]} columns of {what}",
        advice="Give fewer columns.",
    )
    array = own = np.asarray(array)
    names = tuple(f"x{j + 1}" for j in range(array.shape[1]))
    origin = TableOrigin(
        "matrix", names, "float32" if array.dtype in (np.float32, np.float16) else "float64"
    )
    if array.dtype.kind in "fiub":
        return InnerTable(names, len(array), origin, block=plain_numbers(array), own=own)
    columns = tuple(column_of(array[:, j]).values for j in range(array.shape[1]))
    return InnerTable(names, len(array), origin, columns, own=own)


def _from_frame(frame: Any, what: str) -> InnerTable:
    labels = tuple(frame.columns)
    names = _check_names(labels, what)
    dtypes = set(frame.dtypes)
    only = next(iter(dtypes)) if len(dtypes) == 1 else None
    floats = "float32" if only == np.float32 else "float64"
    origin = TableOrigin("pandas", labels, floats)
    if isinstance(only, np.dtype) and only.kind in "fiub":
        block = plain_numbers(frame.to_numpy())
        return InnerTable(names, len(frame), origin, block=block, index=frame.index, own=frame)
    columns = tuple(column_of(frame.iloc[:, j]).values for j in range(len(labels)))
    return InnerTable(names, len(frame), origin, columns, index=frame.index, own=frame)


def _from_mapping(obj: Mapping[Any, Any], what: str) -> InnerTable:
    labels = tuple(obj)
    names = _check_names(labels, what)
    columns = []
    for label in labels:
        try:
            columns.append(column_of(obj[label], f"{what}[{label!r}]").values)
        except TableError as error:
            raise TableError(
                f"{what} is a mapping whose values must be columns. {error}"
            ) from error
    lengths = {name: len(values) for name, values in zip(names, columns, strict=True)}
    if len(set(lengths.values())) > 1:
        raise DimensionMismatch(
            f"The columns of {what} have different lengths: {lengths}. Make them equal."
        )
    n_rows = next(iter(lengths.values()), 0)
    return InnerTable(names, n_rows, TableOrigin("dict", labels), tuple(columns), own=obj)


def _check_names(labels: tuple[Any, ...], what: str) -> tuple[str, ...]:
    wrong = [
        label
        for label in labels
        if not isinstance(label, str | int | np.integer) or isinstance(label, bool)
    ]
    if wrong:
        raise TableError(
            f"Column names of {what} must be strings (or ints), got {wrong[:5]!r}. "
            f"Rename them: {what}.columns = [str(name) for name in {what}.columns]."
        )
    names = tuple(map(str, labels))
    if len(set(names)) < len(names):
        twice = {
            name: [i for i, other in enumerate(names) if other == name]
            for name in names
            if names.count(name) > 1
        }
        raise SchemaMismatch(
            f"{what} has duplicate column names, at these positions: {twice}. Rename or drop them."
        )
    return names


def table_out(
    names: Sequence[str], columns: Sequence[Values], origin: TableOrigin, index: Any = None
) -> Any:
    """A table of the user's kind from columns; a matrix goes out as a matrix if every column is
    numeric, else as a pandas frame.

    Args:
        names: of the columns, those that the input had get the user's own labels back
        columns: each (n,)
        index: for pandas.
    """
    if origin.kind == INNER:
        return inner_table(names, columns, origin, index)
    own = {str(label): label for label in origin.labels}
    labels = [own.get(name, name) for name in names]
    if origin.kind == "polars":
        pl = lazy_module("polars")
        return pl.DataFrame(
            [
                column_out(c, ColumnOrigin("polars", n))
                for n, c in zip(labels, columns, strict=True)
            ]
        )
    if origin.kind == "pyarrow":
        return pa.table(
            [c if isinstance(c, pa.Array) else pa.array(c) for c in columns], names=labels
        )
    if origin.kind == "dict":
        return {
            n: column_out(c, ColumnOrigin("numpy")) for n, c in zip(labels, columns, strict=True)
        }
    plain = [column_out(c, ColumnOrigin("numpy")) for c in columns]
    if (
        origin.kind == "matrix"
        and plain
        and all(isinstance(c, np.ndarray) and c.dtype.kind in "fiub" for c in plain)
    ):
        return np.column_stack(plain)
    frame = pd.DataFrame(dict(enumerate(plain)), index=index)
    frame.columns = pd.Index(labels)
    return frame


def inner_table(
    names: Sequence[str], columns: Sequence[Any], origin: TableOrigin, index: Any
) -> InnerTable:
    """A table that stays inside, of Arrow or NumPy columns."""
    values = tuple(column if _is_inner(column) else column_of(column).values for column in columns)
    labels = tuple(map(str, names))
    origin = dataclasses.replace(origin, labels=labels)
    return InnerTable(labels, len(values[0]) if values else 0, origin, values, None, index)


def _is_inner(column: Any) -> bool:
    plain = isinstance(column, np.ndarray) and column.dtype == object
    return plain or isinstance(column, pa.Array)


def table_column(table: InnerTable, name: str) -> Column:
    """One column of a table as a column of the matching kind, with the table's index."""
    kind = {"matrix": "numpy", "dict": "numpy"}.get(table.origin.kind, table.origin.kind)
    label = table.origin.labels[table.position[name]]
    return Column(
        table.column(name),
        ColumnOrigin(kind, label, table.origin.float_dtype),
        table.index,
    )
