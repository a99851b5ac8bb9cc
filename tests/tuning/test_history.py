"""The history as a frame and as numbers for plots: columns, dtypes, failures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import mlj_keras as mlj
from mlj_keras.resampling.evaluation import PerformanceEvaluation
from mlj_keras.tuning.entry import Entry
from mlj_keras.tuning.history import history_frame, plotting, running_best
from mlj_keras.tuning.space import Space, dimensions_of

NAN = math.nan
NET = mlj.NeuralNetworkRegressor()
MEASURES = [mlj.rms, mlj.l1, mlj.l1]
EPOCHS = mlj.param_range(NET, "epochs", lower=1, upper=100, scale="log10")
HIDDEN = mlj.param_range(NET, "builder.hidden", values=[(4,), (8, 8)])


def measured(
    index: int,
    values: dict[str, Any],
    *measurements: Any,
    iterations: int | None = None,
    radius: float | None = 0.125,
    measures: Any = MEASURES,
) -> Entry:
    """A candidate with these measurements."""
    n = len(measurements)
    none: list[Any] = [None] * n
    found = PerformanceEvaluation(
        NET, "net", measures[:n], list(measurements), ["predict"] * n, none, none, [radius] * n,
        [], None, 1,
    )  # fmt: skip
    first = measurements[0]
    failure = "rms is NaN" if isinstance(first, float) and math.isnan(first) else None
    return Entry(index, NET.replace(values), values, iterations, found, failure)


def failed(index: int, values: dict[str, Any], reason: str) -> Entry:
    return Entry(index, None, values, failure=reason)


ENTRIES = [
    measured(0, {"epochs": 3, "builder.hidden": (4,)}, 0.5, 0.25, 0.25),
    failed(1, {"epochs": 10, "builder.hidden": (8, 8)}, "BuilderError: too wide"),
    measured(2, {"epochs": 31, "builder.hidden": (8, 8)}, NAN, 0.5, 0.75, radius=NAN),
    measured(3, {"epochs": 100, "builder.hidden": (4,)}, 0.25, 1.0, 2.0, radius=math.inf),
]
FIELDS = ["epochs", "builder.hidden"]


def test_a_frame_has_a_row_for_each_candidate_and_a_column_for_each_fact() -> None:
    frame = history_frame(ENTRIES, FIELDS, MEASURES)
    assert list(frame.columns) == [
        "epochs",
        "builder.hidden",
        "measurement",
        "l1",
        "l1_2",
        "uncertainty_radius_95",
        "failure",
        "evaluation",
        "model",
    ]
    assert frame.index.name == "candidate" and frame.index.tolist() == [0, 1, 2, 3]
    assert frame["epochs"].tolist() == [3, 10, 31, 100]
    assert frame["builder.hidden"].tolist() == [(4,), (8, 8), (8, 8), (4,)]
    np.testing.assert_array_equal(frame["measurement"], [0.5, NAN, NAN, 0.25])
    np.testing.assert_array_equal(frame["l1"], [0.25, NAN, 0.5, 1.0])
    np.testing.assert_array_equal(frame["l1_2"], [0.25, NAN, 0.75, 2.0])
    np.testing.assert_array_equal(frame["uncertainty_radius_95"], [0.125, NAN, NAN, math.inf])
    assert frame["failure"].tolist() == [None, "BuilderError: too wide", "rms is NaN", None]
    assert all(
        found is entry.evaluation
        for found, entry in zip(frame["evaluation"], ENTRIES, strict=True)
    )
    assert frame["model"].tolist() == [entry.model for entry in ENTRIES]
    assert frame.loc[3, "model"].epochs == 100


def test_numbers_are_columns_of_numbers_and_anything_else_stays_what_it_is() -> None:
    frame = history_frame(ENTRIES, FIELDS, MEASURES)
    numbers = ["measurement", "l1", "l1_2", "uncertainty_radius_95"]
    assert {name: frame[name].dtype for name in numbers} == dict.fromkeys(numbers, np.float64)
    assert frame["epochs"].dtype == np.int64
    others = ["builder.hidden", "failure", "evaluation", "model"]
    assert {name: frame[name].dtype for name in others} == dict.fromkeys(others, np.dtype(object))


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([1, 2], np.int64),
        ([1, 2.5], np.float64),
        ([True, False], np.bool_),
        ([True, 2], object),
        ([None, 2], object),
        (["relu", "tanh"], object),
        ([(4,), (8,)], object),
        ([(4, 4), (8, 8)], object),
        ([mlj.Adam(), mlj.SGD()], object),
    ],
)
def test_a_column_of_values_has_the_dtype_of_its_kind(values: list[Any], dtype: Any) -> None:
    entries = [failed(i, {"x": value}, "reason") for i, value in enumerate(values)]
    column = history_frame(entries, ["x"], [mlj.rms])["x"]
    assert column.dtype == np.dtype(dtype)
    assert column.tolist() == values
    assert [type(found) for found in column.tolist()] == (
        [float, float] if dtype is np.float64 else [type(value) for value in values]
    )


def test_rows_are_the_best_first_when_sorted() -> None:
    frame = history_frame(ENTRIES, FIELDS, MEASURES).sort_values("measurement")
    assert frame.index.tolist()[:2] == [3, 0]


def test_iterations_are_a_column_only_where_the_search_sets_them() -> None:
    entries = [
        measured(0, {"lambda_": 0.1}, 0.5, iterations=3),
        measured(1, {"lambda_": 0.2}, 0.5, iterations=9),
    ]
    frame = history_frame(entries, ["lambda_"], [mlj.rms])
    assert frame["iterations"].tolist() == [3, 9] and frame["iterations"].dtype == np.int64
    assert list(frame.columns)[:4] == [
        "lambda_",
        "measurement",
        "uncertainty_radius_95",
        "iterations",
    ]
    assert "iterations" not in history_frame(ENTRIES, FIELDS, MEASURES)


def test_measurements_that_are_no_numbers_have_no_radius() -> None:
    table = {"a": 1.0}
    entry = measured(0, {"epochs": 1}, table, radius=None)
    frame = history_frame([entry], ["epochs"], [mlj.rms])
    assert frame.loc[0, "measurement"] is table and math.isnan(
        frame.loc[0, "uncertainty_radius_95"]
    )


def test_a_frame_of_no_candidates_has_all_columns() -> None:
    frame = history_frame([], FIELDS, MEASURES)
    assert len(frame) == 0
    assert list(frame.columns) == list(history_frame(ENTRIES, FIELDS, MEASURES).columns)


def test_models_listed_one_by_one_have_no_columns_of_values() -> None:
    frame = history_frame([measured(0, {}, 0.5)], [], [mlj.rms])
    assert list(frame.columns)[0] == "measurement"
    assert isinstance(frame, pd.DataFrame) and frame.shape == (1, 5)


def test_plots_get_what_was_searched_with_its_scales_and_signs_unturned() -> None:
    places = mlj.param_range(NET, "lambda_", lower=-3, upper=0, scale=lambda t: 10**t)
    space = Space(NET, dimensions_of([(EPOCHS, 4), HIDDEN, places, ("alpha", NET), EPOCHS]))
    record = plotting(ENTRIES, space, mlj.rms)
    assert record.parameter_names == ["epochs", "builder.hidden", "lambda_", "alpha"]
    assert record.parameter_scales == ["log10", "linear", "custom", "linear"]
    assert record.parameter_values["epochs"] == [3, 10, 31, 100]
    assert record.parameter_values["builder.hidden"] == [(4,), (8, 8), (8, 8), (4,)]
    assert record.parameter_values["alpha"] == [None] * 4
    np.testing.assert_array_equal(record.measurements, [0.5, NAN, NAN, 0.25])
    assert record.measurements.dtype == np.float64
    assert (record.measure, record.orientation) == (mlj.rms.name, "loss")


def test_plots_of_scores_say_so() -> None:
    entries = [measured(0, {"epochs": 3}, 0.75, measures=[mlj.accuracy])]
    record = plotting(entries, Space(NET, dimensions_of(EPOCHS)), mlj.accuracy)
    assert record.measurements.tolist() == [0.75]
    assert (record.measure, record.orientation) == ("accuracy", "score")


def test_the_best_so_far_skips_what_failed() -> None:
    entries = [failed(0, {}, "reason"), *ENTRIES]
    np.testing.assert_array_equal(running_best(entries), [NAN, 0.5, 0.5, 0.5, 0.25])
    scores = [measured(i, {}, x, measures=[mlj.accuracy]) for i, x in enumerate([0.5, 0.25, 1.0])]
    assert running_best(scores) == [-0.5, -0.5, -1.0]
    assert running_best([]) == []


@given(st.lists(st.floats(allow_infinity=False), max_size=12))
def test_the_best_so_far_is_the_running_minimum_of_numpy(losses: list[float]) -> None:
    found = running_best([measured(i, {}, x) for i, x in enumerate(losses)])
    np.testing.assert_array_equal(found, np.fmin.accumulate(losses) if losses else [])
