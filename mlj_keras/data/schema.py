"""The schema of a table: names, scitypes and machine types of its columns.

Knows tables and scitypes. Must not know models. Source: ScientificTypes.jl, src/schema.jl.
"""

from __future__ import annotations

import dataclasses
import html
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._display import grid_html, text_table, titled_html
from mlj_keras._imports import lazy_module
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.data.columns import module_of
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.scitypes import Scitype
from mlj_keras.data.tables import table_of
from mlj_keras.errors import TableError

pd = lazy_module("pandas")

_SHOWN = 100  # lines of columns in a repr; wider tables are cut, `to_pandas` has them all
_HEAD = ("name", "scitype", "type")


@dataclasses.dataclass(frozen=True)
class Schema:
    """Names, scitypes and machine types of the columns of a table, in column order.

    Args:
        names: n_columns strings
        scitypes: n_columns scitypes, Optional where one is missing
        types: n_columns names of dtypes, as the library of the table writes them
        n_rows: int.
    Example:
        >>> Schema(("a",), (Scitype("Count"),), ("int64",), 2)
        Schema of 2 rows and 1 column
        name  scitype  type
        a     Count    int64

    Source: ScientificTypes.jl, `Schema`.
    """

    names: tuple[str, ...]
    scitypes: tuple[Scitype, ...]
    types: tuple[str, ...]
    n_rows: int

    def __repr__(self) -> str:
        return "\n".join([self._title(), text_table(_HEAD, self._cells()), *self._rest()])

    def _repr_html_(self) -> str:
        rest = "".join(f"<div>{html.escape(text)}</div>" for text in self._rest())
        return titled_html(self._title(), grid_html(_HEAD, self._cells()) + rest)

    def _title(self) -> str:
        columns = f"{len(self.names)} column{'' if len(self.names) == 1 else 's'}"
        return f"Schema of {self.n_rows} row{'' if self.n_rows == 1 else 's'} and {columns}"

    def _cells(self) -> list[tuple[str, ...]]:
        rows = zip(self.names, self.scitypes, self.types, strict=True)
        # A name may hold a line break, which would spoil the lines of the table.
        cells = [(name, repr(scitype), dtype) for name, scitype, dtype in rows]
        return [tuple(" ".join(c.splitlines()) for c in line) for line in cells[:_SHOWN]]

    def _rest(self) -> list[str]:
        more = len(self.names) - _SHOWN
        return [f"... and {more} more: see to_pandas()"] if more > 0 else []

    def to_pandas(self) -> Any:
        """The schema as a pandas frame (typed Any, as pandas loads on use), a row for each column.

        Returns: frame with the columns name (str), scitype (Scitype objects) and type (str).
        Example:
            >>> schema({"a": [0.5]}).to_pandas().shape
            (1, 3)

        Source: ours; a `Schema` of Tables.jl is itself a table.
        """
        scitypes = np.empty(len(self.scitypes), dtype=object)
        scitypes[:] = self.scitypes
        return pd.DataFrame(
            {"name": list(self.names), "scitype": scitypes, "type": list(self.types)}
        )


@short_tracebacks
def schema(X: Any) -> Schema:
    """Names, scitypes and machine types of the columns of a table.

    Args: X: a table of any accepted kind (hence Any).
    Returns: Schema; shows itself as a text table, and as HTML in a notebook.
    Raises: TableError if X is no table.
    Example:
        >>> schema({"length": [0.5, 1.5], "name": ["x", None]})
        Schema of 2 rows and 2 columns
        name    scitype            type
        length  Continuous         float
        name    Optional[Textual]  NoneType | str

    Source: ScientificTypes.jl, `schema`.
    """
    if isinstance(X, np.ndarray) and X.ndim != 2:
        raise TableError(
            f"X must be a table, got an array of shape {X.shape}. "
            "Pass an array of two dimensions; for columns and images there is scitype(X)."
        )
    table = table_of(X)
    scitypes = column_scitypes(table)
    return Schema(table.names, tuple(scitypes.values()), _types(X), table.n_rows)


def _types(X: Any) -> tuple[str, ...]:
    if isinstance(X, np.ndarray):
        n_columns: int = X.shape[1]
        return (str(X.dtype),) * n_columns
    if isinstance(X, Mapping):
        return tuple(map(_column_type, X.values()))
    package = module_of(X)
    if package == "pandas":
        return tuple(map(str, X.dtypes))
    if package == "polars":
        return tuple(map(_polars_type, X.dtypes))
    return tuple(str(field.type) for field in (X if package == "pyarrow" else pa.table(X)).schema)


def _column_type(column: Any) -> str:
    if isinstance(column, list | tuple | range):
        return " | ".join(sorted({type(item).__name__ for item in column})) or "empty"
    dtype = getattr(column, "dtype", None)
    if dtype is None:  # Arrow
        return str(column.type)
    return _polars_type(dtype) if module_of(column) == "polars" else str(dtype)


def _polars_type(dtype: Any) -> str:
    return str(dtype).split("(categories=")[0]  # an Enum spells out all of its levels
