"""What every transformer satisfies, whatever it learns.

Knows transformers by their machines, and those that treat each column by itself by what they
choose. `check_transformer` takes small good data in a pandas frame.
"""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.data.columns import column_of
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.scitypes import (
    Finite,
    Multiclass,
    Optional,
    OrderedFactor,
    Scitype,
    non_missing,
)
from mlj_keras.data.tables import TableOrigin, table_of, table_out
from mlj_keras.errors import SchemaMismatch

# Rows with labels, a factor, one with an order, and columns that encoders leave alone.
GRADES = pd.CategoricalDtype(["low", "mid", "high"], ordered=True)
FRAME = pd.DataFrame(
    {
        "n": [1.5, 2.5, 3.5, 4.5],
        "eye": pd.Categorical(["blue", "gold", "blue", "red"]),
        "grade": pd.Categorical(["low", "high", "mid", "low"], dtype=GRADES),
        "s": ["p", "q", "r", "s"],
    },
    index=[7, 8, 9, 10],
)

KINDS = ("pandas", "polars", "pyarrow", "dict")


def check_transformer(
    model: Any,
    X: pd.DataFrame,
    y: Any = None,
    *,
    reads: Sequence[str] | None = None,
    kinds: Sequence[str] = KINDS,
) -> None:
    """A transformer gives the same values for every kind of table, and tells the truth of them.

    Args:
        model: untrained; it says which columns it takes by scitype, or by names that X has
        X: at least 3 rows, an index of its own, no column "extra"; pools of strings, which all
            occur, ascending where they have no order, as polars has no others
        y: for models that take a target
        reads: the columns that it needs; others that it does not drop, it leaves as they are. Of
            models that treat each column by itself they are known
        kinds: of tables; polars cannot hold what has factors of numbers.
    """
    X_before, model_before = X.copy(deep=True), copy.deepcopy(model)
    mach = bound(model, X, y)
    needed = chosen(model, X) if reads is None else reads
    _check_outcome(model, X, mach.transform(X), needed)
    _check_rows(mach, X)
    _check_columns(mach, X, needed)
    _check_kinds(model, X, y, kinds)
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach)), bound(model, X, y)):
        pd.testing.assert_frame_equal(other.transform(X), mach.transform(X))
    assert model == model_before
    pd.testing.assert_frame_equal(X, X_before)


def bound(model: Any, X: Any, y: Any = None) -> Any:
    """A trained machine; a static model takes no data."""
    data = () if model.traits.static else (X,) if y is None else (X, y)
    return mlj.machine(model, *data).fit(verbosity=0)


def as_kind(X: pd.DataFrame, kind: str) -> Any:
    """The table as another kind."""
    table = table_of(X)
    columns = [table.column(name) for name in table.names]
    return table_out(table.names, columns, TableOrigin(kind, table.names))


def listed(table: Any) -> dict[str, list[Any]]:
    """The values of each column, None where missing."""
    inner = table_of(table)
    return {
        name: [None if v != v else v for v in column_of(inner.column(name)).values.to_pylist()]
        for name in inner.names
    }


def chosen(model: Any, X: Any) -> Sequence[str]:
    """The columns that a model which treats each by itself transforms."""
    columns: Sequence[str] = model.chosen(column_scitypes(table_of(X)))
    return columns


def _check_outcome(model: Any, X: pd.DataFrame, found: Any, needed: Sequence[str]) -> None:
    """The index, the columns that are not transformed, and the scitypes that were promised."""
    pd.testing.assert_index_equal(found.index, X.index)
    kept = [name for name in X if name in found and name not in needed]
    pd.testing.assert_frame_equal(found[kept], X[kept])
    promised = set(model.transformed_columns(column_scitypes(table_of(X))).values())
    real = column_scitypes(table_of(found)).values()
    assert {_as_promised(kind, promised) for kind in real} == promised


def _as_promised(kind: Scitype, promised: set[Scitype]) -> Scitype:
    """A scitype without its number of levels where that cannot be known before training."""
    bare = Multiclass if non_missing(kind) <= Multiclass else OrderedFactor
    loose = bare if kind == non_missing(kind) else Optional[bare]
    return loose if non_missing(kind) <= Finite and loose in promised else kind


def _check_rows(mach: Any, X: pd.DataFrame) -> None:
    """Each row is transformed by itself; no rows are, too."""
    whole = mach.transform(X)
    for rows in ([2, 0], [1], []):
        _assert_alike(mach.transform(X.iloc[rows]), whole.iloc[rows])
        if not mach.model.traits.static and rows:
            _assert_alike(mach.transform(rows=rows), whole.iloc[rows])


def _assert_alike(found: pd.DataFrame, wanted: pd.DataFrame) -> None:
    pd.testing.assert_index_equal(found.index, wanted.index)
    assert listed(found) == listed(wanted)


def _check_columns(mach: Any, X: pd.DataFrame, needed: Sequence[str]) -> None:
    """Extra columns are left as they are, the order of columns is free, and none may lack."""
    whole = mach.transform(X)
    # What learns nothing names columns by the order of those that it is given.
    names = list(X) if mach.model.traits.static else list(X)[::-1]
    found = mach.transform(X[names].assign(extra="e"))
    if "extra" in found:  # what selects columns drops it
        assert (found["extra"] == "e").all()
    pd.testing.assert_frame_equal(found[list(whole)], whole)
    for name in needed:
        with pytest.raises(SchemaMismatch, match=re.escape(repr(name))):
            mach.transform(X.drop(columns=name))


def _check_kinds(model: Any, X: pd.DataFrame, y: Any, kinds: Sequence[str]) -> None:
    """Every kind of table gives the same values and scitypes, in the kind that was given."""
    wanted = bound(model, X, y).transform(X)
    for kind in kinds:
        table = as_kind(X, kind)
        before = listed(table)
        mach = bound(model, table, y)
        found = mach.transform(table)
        assert type(found) is type(table), kind
        assert column_scitypes(table_of(found)) == column_scitypes(table_of(wanted)), kind
        assert_same_values(found, wanted)
        assert_same_values(mach.transform(X), wanted)  # trained on one kind, used on another
        assert listed(table) == before, kind
    if all(dtype == np.float64 for dtype in X.dtypes) and not getattr(model, "features", ()):
        matrix = X.to_numpy()
        found = table_of(bound(model, matrix, y).transform(matrix))
        assert_same_values(_numbered(found), _numbered(wanted))


def _numbered(table: Any) -> dict[int, Any]:
    return dict(enumerate(listed(table).values()))


def assert_same_values(found: Any, wanted: Any) -> None:
    """The same columns with the same values; numbers to the last digits."""
    found, wanted = listed(found), listed(wanted)
    assert list(found) == list(wanted)
    for name, values in wanted.items():
        if all(value is None or isinstance(value, float) for value in values):
            pair = [np.array(column, dtype=float) for column in (found[name], values)]
            np.testing.assert_allclose(*pair, rtol=1e-12, err_msg=name)
        else:
            assert found[name] == values, name
