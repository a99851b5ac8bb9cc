"""Any table, any conversion and any value of any hyper-parameter: it works, or the error is ours.

Few examples in the test run; MLJ_KERAS_FUZZ=<number> asks for that many of each test.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.errors import MLJKerasError
from mlj_keras.models import Model
from tests.batteries.bad_input import classifier, regressor, trained

N_EXAMPLES = int(os.environ.get("MLJ_KERAS_FUZZ", "40"))
FUZZ = settings(
    max_examples=N_EXAMPLES,
    deadline=None,
    database=None,
    derandomize="MLJ_KERAS_FUZZ" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


def tried(act: Callable[[], Any]) -> Any:
    """What `act` gives, or the error of ours that it raises; warnings are of no interest."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return act()
        except MLJKerasError as error:
            assert str(error)
            return error


# --- Tables.

CELLS: dict[str, st.SearchStrategy[Any]] = {
    "floats": st.floats(),
    "ints": st.integers(-(2**63), 2**63 - 1),
    "huge ints": st.integers(-(2**80), 2**80),
    "booleans": st.booleans(),
    "texts": st.text(max_size=3),
    "numbers as texts": st.floats().map(str),
    "none": st.none(),
    "missing": st.sampled_from([None, pd.NA, pd.NaT, float("nan"), np.float32("nan")]),
    "dates": st.dates(),
    "moments": st.datetimes(datetime.datetime(1700, 1, 1), datetime.datetime(2250, 1, 1)),
    "times": st.times(),
    "durations": st.timedeltas(datetime.timedelta(-9999), datetime.timedelta(9999)),
    "decimals": st.decimals(),
    "fractions": st.fractions(),
    "complex": st.complex_numbers(),
    "bytes": st.binary(max_size=2),
    "lists": st.lists(st.integers(0, 3), max_size=2),
    "dicts": st.dictionaries(st.text(max_size=1), st.integers(0, 3), max_size=2),
    "periods": st.sampled_from([pd.Period("2020"), pd.Period("2021")]),
    "intervals": st.sampled_from([pd.Interval(0, 1), pd.Interval(1, 2)]),
    "objects": st.sampled_from([object(), len, int, ..., NotImplemented, {1}, np.zeros(2)]),
    "numpy": st.sampled_from(
        [np.int8(3), np.float16(0.5), np.datetime64("2020"), np.longdouble(1.5), np.str_("a")]
    ),
    "decimal numbers": st.sampled_from([decimal.Decimal("1.5"), fractions.Fraction(1, 3)]),
}
NAMES = st.one_of(
    st.text(max_size=3),
    st.sampled_from(["a", "b", "x1", "a__b", " ", "\n", "\x00", "é", "{}", "%s", "name", "index"]),
    st.integers(-3, 3),
    st.sampled_from([None, float("nan"), ("a", 1), 1.5, True, b"a", pd.Timestamp("2020")]),
)
DTYPES = (
    "float16", "float32", ">f8", "longdouble", "int8", "uint64", ">i4", "bool", "complex64",
    "datetime64[ns]", "timedelta64[s]", "S2", "U2", "O",
)  # fmt: skip
# What others cannot make of the values is no input for us; polars panics for some.
NO_INPUT = (Exception, pl.exceptions.PanicException)


def arrow(values: Any) -> pa.Array:
    """An Arrow array; not of times of NumPy, at which pyarrow may end the process."""
    if any(isinstance(value, np.datetime64) for value in values):
        raise TypeError("pyarrow may end the process")
    return pa.array(values)


@st.composite
def columns(draw: Any, n_rows: int) -> Any:
    """A column of some kind: a list, an array, a Series, a factor, an Arrow array."""
    kinds = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3))
    cells = st.one_of(*(CELLS[kind] for kind in kinds))
    values = draw(st.lists(cells, min_size=n_rows, max_size=n_rows))
    forms = ["list", "object", "series", "factor", "arrow", "polars", "dtype"]
    form = draw(st.sampled_from(forms))
    try:
        if form == "series":
            return pd.Series(values)
        if form == "factor":
            return pd.Categorical(values, ordered=draw(st.booleans()))
        if form == "arrow":
            array = arrow(values)
            return array.dictionary_encode() if draw(st.booleans()) else array
        if form == "polars":
            return pl.Series(values, strict=False)
        if form == "dtype":
            return np.array(values).astype(draw(st.sampled_from(DTYPES)))
    except NO_INPUT:
        return values
    if form == "object":
        array = np.empty(n_rows, dtype=object)
        array[:] = [None] * n_rows
        for position, value in enumerate(values):
            array[position] = value
        return array
    return values


@st.composite
def tables(draw: Any, n_rows: int | None = None) -> Any:
    """A table of some kind, of columns of any kinds under any names."""
    if n_rows is None:
        n_rows = draw(st.integers(0, 6))
    n_columns = draw(st.integers(0, 3))
    names = draw(st.lists(NAMES, min_size=n_columns, max_size=n_columns))
    data = [draw(columns(n_rows)) for _ in range(n_columns)]
    kind = draw(st.sampled_from(["dict", "pandas", "polars", "pyarrow", "numpy", "ragged"]))
    try:
        if kind == "pandas":
            frame = pd.DataFrame(dict(enumerate(data)), index=range(n_rows))
            frame.columns = pd.Index(names, dtype=object, tupleize_cols=False)
            return frame
        if kind == "polars":
            return pl.DataFrame(dict(zip(map(str, names), data, strict=True)), strict=False)
        if kind == "pyarrow":
            return pa.table([arrow(column) for column in data], names=list(map(str, names)))
        if kind == "numpy":
            return np.array([list(column) for column in data], dtype=object).T
    except NO_INPUT:
        pass
    if kind == "ragged" and data:
        data[0] = draw(columns(n_rows + 1))
    return dict(zip(names, data, strict=True))


@FUZZ
@given(X=tables())
def test_any_table_has_a_schema_or_an_error_of_ours(X: Any) -> None:
    found = tried(lambda: mlj.schema(X))
    if not isinstance(found, MLJKerasError):
        assert repr(found)
        assert found._repr_html_()
    tried(lambda: mlj.scitype(X))


@FUZZ
@given(data=st.data())
def test_any_table_and_target_make_a_machine_or_an_error_of_ours(data: Any) -> None:
    X = data.draw(tables(6))
    y = data.draw(st.one_of(st.just([0.5, 1.5, 2.5, 3.5, 4.5, 5.5]), columns(6)))
    w = data.draw(st.one_of(st.none(), columns(6), st.just("balanced")))
    spec = mlj.NeuralNetwork(epochs=0)
    model = data.draw(st.sampled_from([regressor(epochs=0), classifier(epochs=0), spec]))
    mach = tried(lambda: mlj.machine(model, X, y, w))
    if not isinstance(mach, MLJKerasError):
        assert repr(mach)


@FUZZ
@given(X=tables(), name=st.sampled_from(["numbers", "factors", "classes"]))
def test_a_trained_machine_predicts_for_any_table_or_raises_an_error_of_ours(
    X: Any, name: str
) -> None:
    mach = trained()[name][0]
    tried(lambda: mlj.predict(mach, X))


# What a machine was trained on, with other values under the same names.
@FUZZ
@given(data=st.data(), name=st.sampled_from(["numbers", "factors", "classes"]))
def test_a_trained_machine_meets_any_values_in_its_columns(data: Any, name: str) -> None:
    mach, X, _ = trained()[name]
    n_rows = data.draw(st.integers(1, 4))
    new = {column: X[column].iloc[:n_rows] for column in X}
    new[data.draw(st.sampled_from(sorted(new)))] = data.draw(columns(n_rows))
    tried(lambda: mlj.predict(mach, new))


TRANSFORMERS = (
    mlj.Standardizer, mlj.OneHotEncoder, mlj.ContinuousEncoder, mlj.FillImputer,
    mlj.FeatureSelector, mlj.OrdinalEncoder, mlj.FrequencyEncoder, mlj.MissingnessEncoder,
    mlj.CardinalityReducer, mlj.ContrastEncoder, mlj.InteractionTransformer,
)  # fmt: skip


@FUZZ
@given(data=st.data(), cls=st.sampled_from(TRANSFORMERS))
def test_any_table_is_transformed_or_refused_with_an_error_of_ours(data: Any, cls: Any) -> None:
    X = data.draw(tables())
    mach = tried(lambda: mlj.fit(mlj.machine(cls(), X), verbosity=0))
    if not isinstance(mach, MLJKerasError):
        tried(lambda: mlj.transform(mach, X))
        tried(lambda: mlj.transform(mach, data.draw(tables())))


# --- Conversions.

TARGETS = st.one_of(
    st.sampled_from(
        [
            mlj.Continuous, mlj.Count, mlj.Multiclass, mlj.OrderedFactor, mlj.Multiclass[2],
            mlj.Finite, mlj.Infinite, mlj.Textual, mlj.Optional[mlj.Continuous], mlj.GrayImage,
            mlj.Vector[mlj.Continuous], int, float, "Continuous", None, 3, np.float64, object(),
        ]
    ),
)  # fmt: skip


@FUZZ
@given(data=st.data())
def test_any_conversion_works_or_raises_an_error_of_ours(data: Any) -> None:
    X = data.draw(tables())
    spec = data.draw(
        st.one_of(TARGETS, st.dictionaries(st.one_of(NAMES, TARGETS), TARGETS, max_size=3))
    )
    given_levels = st.lists(st.one_of(*CELLS.values()), max_size=3)
    levels = data.draw(st.one_of(st.none(), given_levels, st.dictionaries(NAMES, given_levels)))
    tried(lambda: mlj.coerce(X, spec) if levels is None else mlj.coerce(X, spec, levels=levels))


@FUZZ
@given(data=st.data(), target=TARGETS)
def test_any_column_is_converted_or_refused_with_an_error_of_ours(data: Any, target: Any) -> None:
    column = data.draw(columns(data.draw(st.integers(0, 5))))
    tried(lambda: mlj.coerce(column, target))


@FUZZ
@given(data=st.data())
def test_any_rows_are_selected_or_refused_with_an_error_of_ours(data: Any) -> None:
    X = data.draw(tables(4))
    rows = data.draw(st.one_of(columns(3), *CELLS.values()))
    tried(lambda: mlj.selectrows(X, rows))
    tried(lambda: mlj.predict(trained()["numbers"][0], rows=rows))


# --- Hyper-parameters.


class Bad:
    """A value whose repr raises."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


VALUES = st.one_of(
    *CELLS.values(),
    st.sampled_from(
        [
            10**30, 10**400, 10**5000, -1, 0, 1, 0.5, 1e308, "", "adam", "relu", "mse", "auto", (),
            (1, 2), (0,), ("a",), [[1]], {"a": 1}, {1: 2}, {"a": [1]}, np.zeros(3),
            np.zeros((2, 2)), np.array(3), pd.Series([1.0]), lambda: 3, int, Bad(), mlj.Adam,
            mlj.Adam(),
            mlj.MLP(), mlj.NeuralNetworkRegressor(), mlj.Standardizer, mlj.CV(nfolds=2), mlj.rms,
            mlj.Continuous, mlj.Step(1), range(3), slice(3), iter([1]),
        ]
    ),
)  # fmt: skip


def is_made(cls: type[Model]) -> bool:
    """True for a class that needs no arguments; raises an error of ours otherwise."""
    return bool(cls().fields() is not None)


def own_models() -> list[type[Model]]:
    """Every public model, builder, optimiser, strategy and measure that needs no arguments."""
    found = []
    for name in mlj.__all__:
        cls = getattr(mlj, name)
        if isinstance(cls, type) and issubclass(cls, Model):
            if cls is not mlj.ComponentModel and tried(lambda cls=cls: is_made(cls)) is True:
                found.append(cls)
    return found


OWN = own_models()


@settings(FUZZ, max_examples=max(N_EXAMPLES * 5, 200))
@given(data=st.data(), cls=st.sampled_from(OWN))
def test_any_hyper_parameter_takes_any_value_or_raises_an_error_of_ours(
    data: Any, cls: type[Model]
) -> None:
    model = cls()
    if not model.fields():
        return
    name = data.draw(st.sampled_from(model.fields()))
    value = data.draw(VALUES)
    before = getattr(model, name)
    if isinstance(tried(lambda: setattr(model, name, value)), MLJKerasError):
        assert getattr(model, name) is before
    tried(lambda: cls(**{name: value}))
    tried(lambda: model.replace({name: value}))
    tried(lambda: model.check())


def test_there_are_models_to_try() -> None:
    assert {"NeuralNetworkRegressor", "MLP", "Adam", "Grid"} <= {cls.__name__ for cls in OWN}


@pytest.mark.parametrize("value", [Bad()])
def test_a_value_without_a_repr_is_refused_by_its_type(value: Any) -> None:
    with pytest.raises(MLJKerasError, match="got a value of type Bad"):
        regressor(epochs=value)


# What has been found, each of which once ended otherwise.
FOUND: dict[str, Any] = {
    "times among other scalars of NumPy": [np.datetime64("2020"), np.int8(3)],
    "infinite decimals": [decimal.Decimal("Infinity")] * 2,
    "a pool of huge ints": pd.Categorical([2**80, 2**80]),
}


@pytest.mark.parametrize("values", FOUND.values(), ids=FOUND)
def test_what_was_found_is_read_or_refused(values: Any) -> None:
    assert isinstance(tried(lambda: mlj.scitype({"a": values})), mlj.Scitype | MLJKerasError)
    found = tried(lambda: mlj.machine(regressor(), {"a": values}, [0.5, 1.5]))
    assert isinstance(found, MLJKerasError)
