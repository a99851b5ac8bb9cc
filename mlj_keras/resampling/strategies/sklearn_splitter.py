"""`SklearnSplitter`: any cross-validator with scikit-learn's interface as a strategy.

Knows `split` and `get_n_splits` only, and loads no scikit-learn. Source: ours; the interface is
that of sklearn.model_selection.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras.data.columns import Column, ColumnOrigin, column_of, column_out, is_column
from mlj_keras.data.images import ImageVector
from mlj_keras.data.replacement import replace_columns
from mlj_keras.data.rows import selectrows
from mlj_keras.data.tables import InnerTable, TableOrigin, is_table, table_of, table_out
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.models import param
from mlj_keras.models.params import same
from mlj_keras.resampling.strategies._rows import check_enough, row_array
from mlj_keras.resampling.strategies.base import Pairs, ResamplingStrategy
from mlj_keras.resampling.strategies.explicit_pairs import checked_pairs
from mlj_keras.resampling.strategies.grouped_cv import check_groups, group_codes


def is_splitter(value: Any) -> bool:
    """Whether `value` is an object, not a class, with `split` and `get_n_splits`."""
    methods = (getattr(value, name, None) for name in ("split", "get_n_splits"))
    return not isinstance(value, type) and all(map(callable, methods))


def _check_splitter(value: Any) -> Any:
    if not is_splitter(value):
        raise WrongType(
            f"splitter must have split(X, y, groups) and get_n_splits, got {value!r:.60}. Give an "
            "object such as sklearn.model_selection.RepeatedKFold()."
        )
    return value


class SklearnSplitter(ResamplingStrategy):
    """A cross-validator of scikit-learn, or any object with its interface.

    It may be given wherever a `resampling` is asked for; it becomes this.

    Hyper-parameters:
        splitter: an object with `split(X, y, groups)` and `get_n_splits`, by position. It gets X
            of the user's kind (a pandas frame for a mapping of columns; zeros if there is no X),
            y as an array of labels or numbers, or None, and the groups as ints, or None. It is
            not copied; randomness is its own, so that with an int random_state every repeat is
            alike.
        groups: None, the name of a column of X, which stays in X, or a vector with a label for
            each row of the data.
    Raises: InvalidModelError for what is no splitter. `train_test_pairs`: InvalidArgument if the
        splitter refuses the data or gives no pairs; RowsError if a row is in both parts, twice in
        one, or not in the data; for groups as GroupedCV.
    Example:
        >>> from sklearn.model_selection import LeaveOneOut
        >>> SklearnSplitter(LeaveOneOut()).train_test_pairs([4, 7])
        [(array([7]), array([4])), (array([4]), array([7]))]

    Source: ours; the interface is that of sklearn.model_selection.
    """

    splitter: Any = param(convert=_check_splitter, positional=True)
    groups: Any = param(None, convert=check_groups, optional=True)

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """The splitter's pairs, drawn anew at each call."""
        rows = row_array(rows)
        check_enough(len(rows), 1, type(self.splitter).__name__)
        groups = None if self.groups is None else group_codes(self.groups, rows, X, y)
        inputs = np.zeros((len(rows), 1)) if X is None else _given(X, rows)
        target = None if y is None else _given(y, rows)
        try:
            pairs = list(self.splitter.split(inputs, target, groups))
        except ValueError as error:
            raise InvalidArgument(
                f"{type(self.splitter).__name__} cannot split these {len(rows)} rows: {error} "
                "Change the splitter, or give it what it asks for: y, or groups=... of "
                "SklearnSplitter."
            ) from error
        if not pairs:
            raise InvalidArgument(
                f"{type(self.splitter).__name__} gives no pairs for these {len(rows)} rows. Pass "
                "more rows, or change the splitter."
            )
        return [(rows[train], rows[test]) for train, test in checked_pairs(pairs, len(rows))]

    def __eq__(self, other: object) -> bool:
        """Splitters are compared by class and attributes, as scikit-learn does not."""
        if not isinstance(other, SklearnSplitter):
            return super().__eq__(other)
        mine, its = self.splitter, other.splitter
        if type(mine) is not type(its) or not same(self.groups, other.groups):
            return False
        return same(getattr(mine, "__dict__", mine), getattr(its, "__dict__", its))

    __hash__ = None  # type: ignore[assignment]  # strategies are mutable


def _given(data: Any, rows: np.ndarray) -> Any:
    """The data at these rows, as splitters can read them."""
    if isinstance(data, ImageVector):
        return data.pixels[rows]
    if is_table(data):
        table = table_of(data)
        if table.origin.kind == "dict":  # whose length is the number of its columns
            table = table.take(rows)
            columns = [table.column(name) for name in table.names]
            return table_out(table.names, columns, TableOrigin("pandas", table.origin.labels))
        own = isinstance(data, InnerTable)
        return replace_columns(table.take(rows), {}) if own else selectrows(data, rows)
    if isinstance(data, Column) or is_column(data):
        values = column_of(selectrows(data, rows)).values
        return np.asarray(column_out(values, ColumnOrigin("numpy")))
    return selectrows(data, rows)
