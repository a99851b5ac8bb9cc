"""`UnivariateTimeTypeToContinuous`: dates and times as numbers. Source: MLJTransforms.jl,
src/transformers/other_transformers/univariate_time_type_to_continuous.jl."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlj_keras.data.columns import Column, Values
from mlj_keras.data.inference import values_scitype
from mlj_keras.data.scitypes import (
    Continuous,
    Optional,
    ScientificTimeType,
    Scitype,
    non_missing,
)
from mlj_keras.errors import InvalidModelError, SchemaMismatch, ScitypeError
from mlj_keras.models import param
from mlj_keras.storage.records import storable
from mlj_keras.transformers._columnwise import Columnwise, ColumnwiseFit
from mlj_keras.transformers._reading import nothing_there

_WHO = "UnivariateTimeTypeToContinuous"
_DAY = datetime.timedelta(days=1)
_MICROSECOND = datetime.timedelta(microseconds=1)
_EPOCH = datetime.datetime(1970, 1, 1)
_INSTANT, _ZONED, _OF_DAY = "dates", "datetimes with a time zone", "times of day"


def _check_step(value: Any) -> datetime.timedelta:
    if isinstance(value, datetime.timedelta) and value > datetime.timedelta(0):
        return value
    raise TypeError(f"step must be a datetime.timedelta above 0, got {value!r}")


def _check_zero(value: Any) -> Any:
    is_date = isinstance(value, datetime.date) and type(value).__name__ != "NaTType"
    # A time of day belongs to no day, so that a time zone gives it no instant.
    is_time = isinstance(value, datetime.time) and value.tzinfo is None
    if value is None or is_date or is_time:
        return value
    raise TypeError(
        "zero_time must be a datetime.date, datetime, or time without a time zone, or None, got "
        f"{value!r}"
    )


@storable
@dataclasses.dataclass(frozen=True)
class Clock:
    """The time that becomes 0, in microseconds since 1970 or since midnight; how many of them
    make 1; and what kind of times they are."""

    zero: int
    step: int
    kind: str

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        if self.step <= 0 or abs(self.zero) >= 2**63 or self.step >= 2**63:
            raise ValueError("its clock has an impossible step or zero")


class UnivariateTimeTypeToContinuous(Columnwise):
    """Replace dates, datetimes and times of day by the number of steps since a zero time.

    Training data: `machine(UnivariateTimeTypeToContinuous(), x)` with x a column of
        ScientificDate, ScientificDateTime or ScientificTime, or a table, whose columns of these
        are each treated by themselves.

    Hyper-parameters:
        features: names, or a predicate on names; empty (default): every column of these scitypes.
        ignore: the names in features are left out instead, default False.
        zero_time: what becomes 0: a date or datetime (a time for times of day); None, the default:
            the least of the training rows.
        step: a timedelta, what becomes 1, default a day.
    Operations: `transform` gives data of the kind given, other columns unchanged. Dates are taken
        as their midnights, datetimes with a time zone as instants, and all times to the
        microsecond. Missing values are skipped in training and stay missing. There is no inverse.
    Fitted parameters: `zero_time`, by column (with a time zone: in UTC); a column alone is called
        "y"; and `step`. Report: `features_fit`.
    Raises: InvalidModelError for a zero_time of another kind than the column; MissingValuesError
        for a column that is all missing; SchemaMismatch for new data of another kind than in
        training.

    Example:
        >>> import datetime
        >>> import mlj_keras as mlj
        >>> x = [datetime.date(2001, 1, day) for day in (1, 2, 15)]
        >>> model = UnivariateTimeTypeToContinuous(step=datetime.timedelta(weeks=1))
        >>> mlj.machine(model, x).fit(verbosity=0).transform().round(4)
        array([0.    , 0.1429, 2.    ])

    Source: MLJTransforms.jl, src/transformers/other_transformers/
        univariate_time_type_to_continuous.jl, which adds the step to the zero time and therefore
        converts one of them, with a warning, where Julia cannot add them. Here they are plain
        lengths of time.
    """

    zero_time: datetime.date | datetime.time | None = param(None, convert=_check_zero)
    step: datetime.timedelta = param(_DAY, convert=_check_step)

    def takes(self, scitype: Scitype) -> bool:
        """Dates, datetimes and times of day."""
        return bool(non_missing(scitype) <= ScientificTimeType)

    def gives(self, scitype: Scitype) -> Scitype:
        """Continuous, with missing values where there were some."""
        return Continuous if scitype == non_missing(scitype) else Optional[Continuous]

    def check_data(self, X: Any, *y: Any) -> None:
        """A column alone is of dates or times."""
        if isinstance(X, Column) and not self.takes(values_scitype(X.values)):
            raise ScitypeError(
                f"{_WHO} takes a table, or a column of dates or times, got a column of "
                f"{values_scitype(X.values)}. Convert it, say with pandas.to_datetime."
            )
        super().check_data(X, *y)

    def learn(self, values: Values, name: str, target: Values | None = None) -> Clock:
        """The zero time of this column."""
        kind, numbers = _microseconds(values, name)
        present = numbers.drop_null()
        if not len(present):
            raise nothing_there(name, _WHO)
        zero = pc.min(present).as_py() if self.zero_time is None else self._zero(kind, name)
        return Clock(zero, self.step // _MICROSECOND, kind)

    def _zero(self, kind: str, name: str) -> int:
        own = _kind_of(self.zero_time)
        if own != kind:
            raise InvalidModelError(
                f"{_WHO}.zero_time={self.zero_time!r} is of {own}, and column {name!r} has {kind}"
                ". Give one of these, or None, or name the columns that it is for in features."
            )
        return _number_of(self.zero_time)

    def apply(self, values: Values, learned: Clock, name: str) -> np.ndarray:
        """The steps since the zero time."""
        kind, numbers = _microseconds(values, name)
        if kind != learned.kind:
            raise SchemaMismatch(
                f"Column {name!r} has {kind}, and this {_WHO} was trained on {learned.kind} "
                "there. Convert the column."
            )
        gone = np.asarray(numbers.is_null())
        passed = np.asarray(numbers.fill_null(learned.zero)) - learned.zero
        return np.where(gone, np.nan, passed / learned.step)

    def fitted_params(self, fitresult: ColumnwiseFit) -> dict[str, Any]:
        """`zero_time` and `step`."""
        return {
            "zero_time": {name: _time_of(clock) for name, clock in fitresult.learned.items()},
            "step": self.step,
        }


def _microseconds(values: Values, name: str) -> tuple[str, pa.Array]:
    """The kind of these times, and integers: microseconds since 1970, or since midnight."""
    if isinstance(values, pa.Array):
        kind = values.type
        if pa.types.is_time(kind):
            return _OF_DAY, values.cast(pa.time64("us"), safe=False).cast(pa.int64())
        if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            zone = getattr(kind, "tz", None)
            numbers = values.cast(pa.timestamp("us", zone), safe=False).cast(pa.int64())
            return _ZONED if zone else _INSTANT, numbers
    raise SchemaMismatch(
        f"Column {name!r} is {values_scitype(values)}, and this {_WHO} was trained on dates or "
        "times there. Convert it, say with pandas.to_datetime."
    )


def _kind_of(time: Any) -> str:
    if isinstance(time, datetime.time):
        return _OF_DAY
    return _ZONED if getattr(time, "tzinfo", None) is not None else _INSTANT


def _number_of(time: Any) -> int:
    """Microseconds since 1970, or since midnight."""
    if isinstance(time, datetime.time):
        time = datetime.datetime.combine(_EPOCH, time)
    elif not isinstance(time, datetime.datetime):
        time = datetime.datetime.combine(time, datetime.time())
    epoch = _EPOCH if time.tzinfo is None else _EPOCH.replace(tzinfo=datetime.UTC)
    return int((time - epoch) // _MICROSECOND)


def _time_of(clock: Clock) -> datetime.datetime | datetime.time:
    time = _EPOCH + clock.zero * _MICROSECOND
    if clock.kind == _OF_DAY:
        return time.time()
    return time if clock.kind == _INSTANT else time.replace(tzinfo=datetime.UTC)
