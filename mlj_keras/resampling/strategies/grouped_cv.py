"""`GroupedCV`: cross-validation that keeps the rows of a group together.

Knows rows, and the columns of a table. Source: ours; scikit-learn's GroupKFold does the work.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.data.alignment import check_row_order, row_labels
from mlj_keras.data.columns import Column, ColumnOrigin, column_of, column_out
from mlj_keras.data.rows import find_label, selectrows
from mlj_keras.data.tables import table_column, table_of
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    MissingValuesError,
)
from mlj_keras.models import param
from mlj_keras.resampling.strategies._rows import LongTuple, data_length, row_array, shuffler
from mlj_keras.resampling.strategies.base import Pairs, ResamplingStrategy

pd = lazy_module("pandas")
model_selection = lazy_module("sklearn.model_selection")


def check_groups(value: Any) -> Any:
    """The name of a column as it is, or a vector of labels as a tuple.

    Raises: TableError (a TypeError) for anything else.
    """
    if isinstance(value, str | int) and not isinstance(value, bool):
        return value
    labels = column_out(column_of(value, "groups").values, ColumnOrigin("numpy"))
    result = LongTuple(labels.tolist())
    result.row_index = row_labels(value)
    return result


class GroupedCV(ResamplingStrategy):
    """Cross-validation in which no group of rows, such as the visits of one patient, is both
    trained and tested on.

    Unshuffled, the folds are balanced in rows: the largest groups first, each goes to the fold
    with the fewest rows so far. Shuffled, the groups are dealt at random, so that the folds
    differ by one group at most, and may differ much in rows.

    Hyper-parameters:
        groups: the name of a column of X (of a matrix also its position), or a vector with a label
            for each row of the data. A column stays in X, where the model sees it like any other:
            give a vector, and leave the column out of X, if the model is not to learn from it.
        nfolds: int >= 2, default 6; at most the number of groups.
        shuffle: bool or None, default None, which means True if rng is given.
        rng: int, None or a numpy.random.Generator, default None; with an int the pairs are the
            same at each use, with None each shuffle is another.
    Raises: InvalidModelError for an impossible value. `train_test_pairs`: EmptyData for fewer
        groups than folds; SchemaMismatch if X has no such column; DimensionMismatch for a vector
        of another length than the data; MissingValuesError for a row without a group;
        InvalidArgument for a name without X, and for a pandas column whose row labels are those of
        X in another order.
    Example:
        >>> strategy = GroupedCV(groups=["ann", "ann", "bob", "cat", "cat"], nfolds=3)
        >>> [test.tolist() for _, test in strategy.train_test_pairs(range(5))]
        [[3, 4], [0, 1], [2]]

    Source: ours; scikit-learn's GroupKFold, here without influence of the labels themselves.
    """

    groups: Any = param(convert=check_groups)
    nfolds: int = param(6, kind=int, ge=2)
    shuffle: bool | None = param(None, kind=bool, optional=True)
    rng: int | None = param(None)

    def train_test_pairs(
        self, rows: Any, X: Any = None, y: Any = None, *, repeat: int = 0
    ) -> Pairs:
        """nfolds pairs, both parts in the order of `rows`."""
        rows = row_array(rows)
        codes = group_codes(self.groups, rows, X, y)
        self._check_enough_groups(int(codes.max(initial=-1)) + 1)
        generator = shuffler(shuffle=self.shuffle, rng=self.rng, repeat=repeat)
        seed = None if generator is None else int(generator.integers(2**31))
        splitter = model_selection.GroupKFold(
            self.nfolds, shuffle=generator is not None, random_state=seed
        )
        return [(rows[train], rows[test]) for train, test in splitter.split(rows, None, codes)]

    def _check_enough_groups(self, n_groups: int) -> None:
        if n_groups < self.nfolds:
            advice = f"nfolds={n_groups}" if n_groups > 1 else "other resampling"
            raise EmptyData(
                f"GroupedCV(nfolds={self.nfolds}) needs at least {self.nfolds} groups, and the "
                f"rows have {n_groups}. Pass rows of more groups, or use {advice}."
            )


def group_codes(groups: Any, rows: np.ndarray, X: Any, y: Any) -> np.ndarray:
    """A code (n,), int64, for the group of each of these rows, counted in order of appearance.

    Args: groups: as `check_groups` gives them · rows (n,): positions · X, y: the whole data, which
        tell the columns and the number of rows.
    Raises: InvalidArgument for a name without X; SchemaMismatch for one that X does not have;
        DimensionMismatch for a vector of another length; MissingValuesError for rows without one.
    """
    column = _column(groups, X) if isinstance(groups, str | int) else column_of(groups, "groups")
    n_rows = data_length(X, y, otherwise=len(column))
    if len(column) != n_rows:
        raise DimensionMismatch(
            f"groups has {len(column)} labels, and the data have {n_rows} rows. Give one label "
            "for each row of the whole data."
        )
    check_row_order(
        ("X", "groups"), (row_labels(y if X is None else X), getattr(groups, "row_index", None))
    )
    labels = column_out(selectrows(column, rows).values, ColumnOrigin("numpy"))
    codes: np.ndarray = pd.factorize(labels)[0]
    missing = codes < 0
    if missing.any():
        raise MissingValuesError(
            f"groups is missing at {missing.sum()} row(s), first at {rows[missing][:5].tolist()}. "
            "Give each row a group, or leave these rows out."
        )
    return codes


def _column(name: str | int, X: Any) -> Column:
    if X is None:
        raise InvalidArgument(
            f"groups={name!r} names a column of X, and there is no X. Give X, or a vector of "
            "labels as groups."
        )
    table = table_of(X)
    if table.origin.kind == "matrix" and name in range(len(table.names)):
        name = table.names[int(name)]
    return table_column(table, find_label(name, table.names))
