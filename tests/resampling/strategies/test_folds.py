"""Folds: the rows of one, and of all others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlj_keras.errors import InvalidArgument, RowsError
from mlj_keras.resampling.strategies import complement, corestrict, restrict

FOLDS: list[Any] = [np.array([1, 2]), [3, 4], range(6, 8), [0]]


@pytest.mark.parametrize(
    ("i", "others"),
    [(0, [3, 4, 6, 7, 0]), (1, [1, 2, 6, 7, 0]), (3, [1, 2, 3, 4, 6, 7])],
)
def test_the_complement_has_the_other_folds_in_their_order(i: int, others: list[int]) -> None:
    assert complement(FOLDS, i).tolist() == others
    assert complement(FOLDS, np.int64(i)).tolist() == others  # type: ignore[arg-type]


def test_the_complement_of_the_only_fold_is_empty() -> None:
    found = complement([[4, 2]], 0)
    assert found.tolist() == [] and found.dtype == np.int64


def test_restrict_and_corestrict_keep_the_kind_of_the_data() -> None:
    X = pd.DataFrame({"a": range(10, 18)}, index=list("stuvwxyz"))
    pd.testing.assert_frame_equal(restrict(X, FOLDS, 2), X.iloc[[6, 7]])
    pd.testing.assert_frame_equal(corestrict(X, FOLDS, 2), X.iloc[[1, 2, 3, 4, 0]])
    assert restrict("s t u v".split(), [[3], [0, 1]], 0) == ["v"]


@pytest.mark.parametrize("i", [-1, 4, 1.0, True, None])
@pytest.mark.parametrize(
    "call", [complement, lambda f, i: restrict([], f, i), lambda f, i: corestrict([], f, i)]
)
def test_a_fold_that_is_not_there_is_refused(call: Any, i: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"no fold .* among 4.* pass an int in 0\.\.3"):
        call(FOLDS, i)


def test_rows_outside_the_data_are_refused() -> None:
    with pytest.raises(RowsError, match="the data have 3 rows"):
        restrict([1, 2, 3], FOLDS, 2)
