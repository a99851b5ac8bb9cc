"""InSample: all rows twice."""

from __future__ import annotations

import pytest

from mlj_keras.errors import EmptyData
from mlj_keras.resampling.strategies import InSample


def test_the_rows_are_trained_and_tested_on() -> None:
    [(train, test)] = InSample().train_test_pairs([4, 2, 9])
    assert train.tolist() == test.tolist() == [4, 2, 9]


def test_no_rows_are_refused() -> None:
    with pytest.raises(EmptyData, match="needs at least 1 rows, got 0. Pass more rows"):
        InSample().train_test_pairs([])
