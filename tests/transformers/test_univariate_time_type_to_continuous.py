"""UnivariateTimeTypeToContinuous: steps since a zero time, by mathematics and the reference."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.tables import table_of
from mlj_keras.errors import (
    InvalidModelError,
    MissingValuesError,
    SchemaMismatch,
    ScitypeError,
    UnsupportedOperation,
)
from mlj_keras.transformers.univariate_time_type_to_continuous import (
    UnivariateTimeTypeToContinuous,
)

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DATES = [dt.date(2018, 6, 15) + k * DAY for k in range(11)]
STAMPS = [dt.datetime(2018, 6, 15) + k * DAY for k in range(11)]
TIMES = [dt.time((3 * k) % 24) for k in range(11)]


def fitted(X: Any, **values: Any) -> mlj.Machine:
    return mlj.machine(UnivariateTimeTypeToContinuous(**values), X).fit(verbosity=0)


def steps(X: Any, **values: Any) -> Any:
    return fitted(X, **values).transform().tolist()


def test_days_are_counted_from_the_first_as_in_the_reference() -> None:
    for column in (DATES, STAMPS):
        mach = fitted(column)
        assert mach.transform().tolist() == list(range(11))
        assert mach.fitted_params().zero_time == {"y": dt.datetime(2018, 6, 15)}
        assert mach.fitted_params().step == DAY
    zero = dt.date(2018, 6, 15)
    assert steps(STAMPS, zero_time=zero, step=HOUR) == [24.0 * k for k in range(11)]
    hours = np.array([time.hour for time in TIMES])
    assert steps(TIMES, zero_time=dt.time(7), step=HOUR) == (hours - 7.0).tolist()
    assert steps(TIMES) == (hours / 24).tolist()
    assert fitted(TIMES).fitted_params().zero_time == {"y": dt.time(0)}


def test_weeks_since_a_zero_time_are_those_of_the_reference() -> None:
    column = [dt.date(2001, 1, 1) + k * DAY for k in range(5)]
    found = steps(column, zero_time=dt.date(2000, 1, 1), step=dt.timedelta(weeks=1))
    np.testing.assert_allclose(found, [52.285714285714285 + k / 7 for k in range(5)])


@given(
    st.lists(st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)), min_size=1),
    st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(days=3000)),
)
def test_steps_are_exact_differences(column: list[dt.datetime], step: dt.timedelta) -> None:
    expected = [(time - min(column)) / step for time in column]
    np.testing.assert_allclose(steps(column, step=step), expected, rtol=1e-14)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_all_units_of_pandas_and_numpy_give_the_same(unit: str) -> None:
    array = np.array(STAMPS, dtype=f"datetime64[{unit}]")
    assert steps(array) == list(range(11))
    series = pd.Series(array, index=range(3, 14), name="c")
    found = fitted(series).transform()
    assert found.tolist() == list(range(11)) and found.index.tolist() == list(range(3, 14))
    stamp = pd.Timestamp("2018-06-14")
    assert steps(series, zero_time=stamp) == list(range(1, 12))
    assert steps(series, zero_time=np.datetime64("2018-06-14")) == list(range(1, 12))


@pytest.mark.parametrize("kind", [pd.DataFrame, pl.DataFrame, pa.table, dict])
def test_the_columns_of_dates_and_times_of_a_table_are_replaced(kind: Callable[..., Any]) -> None:
    table = kind({"n": list(range(11)), "d": DATES, "t": TIMES, "s": STAMPS})
    mach = fitted(table)
    found = mach.transform()
    assert type(found) is type(table) and mach.report().features_fit == ("d", "t", "s")
    for name in ("n", "d", "s"):
        assert [float(v) for v in np.asarray(mlj.selectcols(found, name))] == list(range(11))
    promised = UnivariateTimeTypeToContinuous().transformed_columns(
        column_scitypes(table_of(table))
    )
    assert promised == column_scitypes(table_of(found))


def test_times_with_a_zone_are_instants() -> None:
    utc = pd.Series(pd.to_datetime(STAMPS)).dt.tz_localize("UTC")
    mach = fitted(utc)
    assert mach.transform().tolist() == list(range(11))
    assert mach.transform(utc.dt.tz_convert("Asia/Tokyo")).tolist() == list(range(11))
    zero = dt.datetime(2018, 6, 14, 2, tzinfo=dt.timezone(2 * HOUR))
    assert steps(utc, zero_time=zero) == list(range(1, 12))
    assert mach.fitted_params().zero_time == {"y": dt.datetime(2018, 6, 15, tzinfo=dt.UTC)}
    with pytest.raises(SchemaMismatch, match="'y' has dates, and .*trained on datetimes with a t"):
        mach.transform(STAMPS)
    with pytest.raises(InvalidModelError, match="is of dates, and column 'y' has datetimes with"):
        fitted(utc, zero_time=dt.date(2018, 6, 14))


def test_missing_values_are_skipped_in_training_and_stay_missing() -> None:
    frame = pd.DataFrame({"s": [pd.NaT, *pd.to_datetime(STAMPS[:2])]})
    found = fitted(frame).transform()["s"]
    np.testing.assert_array_equal(found, [np.nan, 0, 1])
    promised = UnivariateTimeTypeToContinuous().transformed_columns(
        column_scitypes(table_of(frame))
    )
    assert promised == {"s": mlj.Optional[mlj.Continuous]}
    np.testing.assert_array_equal(fitted([None, *DATES]).transform([DATES[3], None]), [3, np.nan])


def test_dates_and_datetimes_may_take_each_others_place() -> None:
    assert fitted(DATES).transform([STAMPS[0] + 6 * HOUR]).tolist() == [0.25]
    assert fitted(STAMPS).transform(DATES[2:4]).tolist() == [2, 3]
    assert (
        fitted(STAMPS).transform([dt.date(1000, 6, 15)])[0]
        == (dt.date(1000, 6, 15) - DATES[0]).days
    )


def test_what_cannot_be_meant_raises() -> None:
    for wrong in (dt.timedelta(0), -DAY, 24, "1d", None):
        with pytest.raises(InvalidModelError, match="step must be a datetime.timedelta above 0"):
            UnivariateTimeTypeToContinuous(step=wrong)  # type: ignore[arg-type]
    for odd in ("2020-01-01", 0, pd.NaT, dt.time(1, tzinfo=dt.UTC)):
        with pytest.raises(InvalidModelError, match="zero_time must be a datetime.date, datetime"):
            UnivariateTimeTypeToContinuous(zero_time=odd)  # type: ignore[arg-type]
    with pytest.raises(InvalidModelError, match="is of dates, and column 't' has times of day"):
        fitted({"t": TIMES}, zero_time=DATES[0])
    with pytest.raises(
        ScitypeError, match="takes a table, or a column of dates or times, got.*Textual. Conv"
    ):
        fitted(["2020-01-01"])
    with pytest.raises(MissingValuesError, match="column 's' are missing.*Drop the column"):
        fitted(pd.DataFrame({"s": pd.to_datetime([None, None])}))
    with pytest.raises(UnsupportedOperation, match="has no inverse_transform"):
        fitted(DATES).inverse_transform([1.0])


def test_new_data_of_another_kind_than_in_training_raise() -> None:
    mach = fitted({"d": DATES})
    with pytest.raises(SchemaMismatch, match="'d' has times of day, and .*trained on dates there"):
        mach.transform({"d": TIMES})
    with pytest.raises(SchemaMismatch, match="'d' is Textual.*say with pandas.to_datetime"):
        mach.transform({"d": ["2018-06-15"]})


def test_copies_and_pickles_transform_alike() -> None:
    mach = fitted(DATES, step=HOUR)
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        assert other.transform(DATES).tolist() == mach.transform(DATES).tolist()
