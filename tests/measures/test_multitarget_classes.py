"""Measures of several targets of classes: pools of each column, tables of all kinds, weights."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from mlj_keras.data.scitypes import Finite, Table
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    MissingValuesError,
    UnseenLevelError,
    WeightsError,
)
from mlj_keras.measures.aggregation import mean
from mlj_keras.measures.finite import Accuracy, MisclassificationRate
from mlj_keras.measures.multitarget_classes import (
    ALIASES,
    MultitargetAccuracy,
    multitarget_accuracy,
    multitarget_mcr,
)
from mlj_keras.probability import UnivariateFinite
from tests.batteries.measures import CASES, WEIGHTS, check_rows

PREDICTION = pd.DataFrame({"a": ["x", "y", "x", "y"], "b": ["u", "v", "w", "u"]})
TRUTH = pd.DataFrame({"a": ["x", "y", "y", "x"], "b": ["u", "u", "w", "v"]})
HITS = np.array([1.0, 0.5, 0.5, 0.0])


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """(predictions, truths, weights, atomic weights): classes 0 to 2, 1 to 8 rows, 1 to 4
    targets."""
    n, k = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    flat = st.lists(st.integers(0, 2), min_size=n * k, max_size=n * k)
    rows = st.lists(WEIGHTS, min_size=n, max_size=n)
    targets = st.lists(WEIGHTS, min_size=k, max_size=k)
    left, right = (np.array(draw(flat)).reshape(n, k) for _ in range(2))
    return left, right, np.array(draw(rows)), np.array(draw(targets))


@given(tables())
@settings(max_examples=CASES, deadline=None)
def test_accuracy_is_the_weighted_mean_of_those_of_scikit_learn(
    case: tuple[np.ndarray, ...],
) -> None:
    prediction, truth, weights, atomic = case
    single = [
        metrics.accuracy_score(t, p, sample_weight=weights)
        for p, t in zip(prediction.T, truth.T, strict=True)
    ]
    measure = MultitargetAccuracy(atomic_weights=atomic)
    wanted = np.average(single, weights=atomic)
    assert measure(prediction, truth, weights) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    missed = multitarget_mcr(prediction, truth, weights)
    assert missed == pytest.approx(1 - np.mean(single), rel=1e-9, abs=1e-12)


def test_exact_values_of_two_targets() -> None:
    np.testing.assert_array_equal(multitarget_accuracy.measurements(PREDICTION, TRUTH), HITS)
    np.testing.assert_array_equal(multitarget_mcr.measurements(PREDICTION, TRUTH), 1 - HITS)
    assert multitarget_accuracy(PREDICTION, TRUTH) == 0.5
    assert multitarget_mcr(PREDICTION, TRUTH, [1, 1, 1, 5]) == 0.75
    assert MultitargetAccuracy(atomic_weights=[0, 1])(PREDICTION, TRUTH) == 0.5
    assert MultitargetAccuracy(atomic_weights=[3, 1]).measurements(PREDICTION, TRUTH)[1] == 0.75


@pytest.mark.parametrize("measure", [multitarget_accuracy, multitarget_mcr], ids=lambda m: m.name)
def test_rows_aggregate_to_the_measurement_and_weights_count_rows(measure: Any) -> None:
    check_rows(measure, PREDICTION.to_numpy(), TRUTH.to_numpy())


def test_tables_of_every_kind_give_the_same_and_columns_go_by_name() -> None:
    measure = MultitargetAccuracy(atomic_weights=[3, 1])
    value = measure(PREDICTION, TRUTH)
    for kind in (
        pl.from_pandas,
        lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
        lambda frame: {name: frame[name].tolist() for name in frame},
        lambda frame: frame.astype("category"),
    ):
        assert measure(kind(PREDICTION[["b", "a"]]), kind(TRUTH)) == value
        assert measure(PREDICTION.to_numpy(), kind(TRUTH)) == value
    assert multitarget_accuracy(["x", "y"], ["x", "x"]) == 0.5
    assert multitarget_accuracy(["x", "y"], {"a": ["x", "x"]}) == 0.5


def test_a_row_that_lacks_the_truth_of_one_target_is_left_out() -> None:
    truth = TRUTH.astype(object).where(TRUTH != "w", None)
    rows = [0, 1, 3]
    assert multitarget_accuracy(PREDICTION, truth) == multitarget_accuracy(
        PREDICTION.iloc[rows], TRUTH.iloc[rows]
    )
    assert np.isnan(multitarget_accuracy.measurements(PREDICTION, truth)[2])
    assert math.isnan(multitarget_mcr({"a": ["x"]}, {"a": [None]}))


def test_bad_tables_are_refused_by_target() -> None:
    with pytest.raises(DimensionMismatch, match="same targets twice, got 1 .* 2 as truth. Select"):
        multitarget_mcr(["x", "y"], np.array([["x", "u"], ["y", "u"]]))
    with pytest.raises(DimensionMismatch, match=r"\['a', 'b'\] as prediction and \['a', 'c'\]"):
        multitarget_mcr(PREDICTION, TRUTH.rename(columns={"b": "c"}))
    with pytest.raises(DimensionMismatch, match="multitarget_mcr of 'a' was given 3 .* 4 truths"):
        multitarget_mcr(PREDICTION[:3], TRUTH)
    with pytest.raises(EmptyData, match="without columns. Give at least one target"):
        multitarget_mcr({}, {})
    with pytest.raises(EmptyData, match="multitarget_mcr of 'a' was given no rows"):
        multitarget_mcr(PREDICTION[:0], TRUTH[:0])
    with pytest.raises(MissingValuesError, match="of 'b' was given 1 missing .* Drop those rows"):
        multitarget_mcr(PREDICTION.astype(object).where(PREDICTION != "v", None), TRUTH)
    with pytest.raises(UnseenLevelError, match="prediction given to multitarget_mcr of 'b'"):
        multitarget_mcr(PREDICTION.replace("u", "z"), TRUTH.astype("category"))
    with pytest.raises(InvalidArgument, match=r"multitarget_mcr .* Give predict_mode\(mach, X\)"):
        multitarget_mcr(UnivariateFinite(["a", "b"], [[0.5, 0.5]]), ["a"])


def test_weights_of_targets_and_classes_are_checked() -> None:
    with pytest.raises(InvalidModelError, match="Give a list such as"):
        MultitargetAccuracy(atomic_weights=[0.0, 0.0])
    with pytest.raises(DimensionMismatch, match="has 3 atomic_weights, and the data have 2"):
        MultitargetAccuracy(atomic_weights=[1, 2, 3])(PREDICTION, TRUTH)
    with pytest.raises(WeightsError, match="takes no class weights"):
        multitarget_accuracy(PREDICTION, TRUTH, class_weights={"x": 1.0, "y": 2.0})


def test_traits_and_aliases_are_those_of_the_reference() -> None:
    assert ALIASES == {
        "multitarget_accuracy": multitarget_accuracy,
        "multitarget_mcr": multitarget_mcr,
        "multitarget_misclassification_rate": multitarget_mcr,
    }
    for measure, inner, orientation in (
        (multitarget_accuracy, Accuracy(), "score"),
        (multitarget_mcr, MisclassificationRate(), "loss"),
    ):
        assert measure.inner() == inner
        assert measure.orientation == inner.orientation == orientation
        assert type(measure).aggregation is mean
        assert measure.target_scitype == Table[Finite]
        assert measure.prediction_type == "deterministic"
        assert measure.supports_weights and not measure.supports_class_weights
        assert ALIASES[measure.name] is measure
