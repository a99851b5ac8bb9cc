"""What every measure of rows satisfies, and how many random cases the tests of measures try.

Knows measures by their public methods. `check_rows` and `check_kinds` take a measure with small
good data; the measure is compared with its own measurements and with itself on other rows.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import strategies as st

from mlj_keras.measures.base import RowMeasure

# Random cases of each property; a long run sets the variable to 1000.
CASES = int(os.environ.get("MLJ_KERAS_CASES", "50"))

# Weights of rows: not all zero, and exact in single precision.
WEIGHTS = st.floats(0.125, 8, width=32)


def numbers(low: float = -1e3, high: float = 1e3) -> st.SearchStrategy[float]:
    """Finite floats within bounds, none so small that its square is lost."""
    return st.floats(low, high, allow_subnormal=False).map(lambda x: x if abs(x) > 1e-6 else 0.0)


@st.composite
def pairs(draw: st.DrawFn, element: st.SearchStrategy[Any]) -> tuple[list[Any], ...]:
    """(predictions, truths, weights) of the same 1 to 12 rows, drawn from `element`."""
    n = draw(st.integers(1, 12))
    column = st.lists(element, min_size=n, max_size=n)
    return draw(column), draw(column), draw(st.lists(WEIGHTS, min_size=n, max_size=n))


def check_rows(measure: RowMeasure, prediction: Any, truth: Any) -> None:
    """Rows aggregate to the measurement, weights count rows, and rows without truth are left out.

    Args:
        measure: one of rows
        prediction: that `take` can index: an array or distributions
        truth: (n,) or (n, k) array of objects or floats without missing values.
    """
    n = len(truth)
    rows = measure.measurements(prediction, truth)
    assert rows.shape == (n,)
    whole = measure(prediction, truth)
    assert whole == pytest.approx(type(measure).aggregation(rows), rel=1e-12)
    assert measure(prediction, truth, np.ones(n)) == pytest.approx(whole, rel=1e-12)

    counts = np.arange(n) % 3
    copies = np.repeat(np.arange(n), counts)
    repeated = measure(prediction[copies], truth[copies])
    assert measure(prediction, truth, counts) == pytest.approx(repeated, rel=1e-9)

    lacking = np.array(truth, dtype=object)
    lacking[0] = None
    assert measure(prediction, lacking) == pytest.approx(measure(prediction[1:], truth[1:]))
    partly = measure.measurements(prediction, lacking)
    assert np.isnan(partly[0])
    np.testing.assert_array_equal(partly[1:], rows[1:])
    assert measure.better(whole, float("nan")) and not measure.better(float("nan"), whole)


def check_kinds(measure: Any, prediction: Any, truth: Any) -> None:
    """The same measurement of two NumPy columns, whatever kind of column they are given as."""
    wanted = measure(prediction, truth)
    for kind in (list, tuple, pd.Series, pl.Series, pa.array):
        assert measure(kind(prediction.tolist()), kind(truth.tolist())) == wanted, kind
    index = range(50, 50 + len(truth))
    assert measure(pd.Series(prediction, index=index), pl.Series(truth.tolist())) == wanted
