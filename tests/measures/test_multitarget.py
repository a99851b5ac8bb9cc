"""Measures of several targets of numbers: composition of measures of one, tables of all kinds."""

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

from mlj_keras.data.scitypes import Infinite, Table
from mlj_keras.errors import (
    DimensionMismatch,
    EmptyData,
    InvalidArgument,
    InvalidModelError,
    ScitypeError,
    WeightsError,
)
from mlj_keras.measures import continuous
from mlj_keras.measures.base import RowMeasure
from mlj_keras.measures.multitarget import (
    ALIASES,
    MultitargetLogCoshLoss,
    MultitargetLPLoss,
    MultitargetLPSumLoss,
    MultitargetMeanAbsoluteProportionalError,
    MultitargetMeasure,
    MultitargetRootMeanSquaredError,
    MultitargetRootMeanSquaredLogError,
    MultitargetRootMeanSquaredLogProportionalError,
    MultitargetRootMeanSquaredProportionalError,
    multitarget_l1,
    multitarget_l1_sum,
    multitarget_l2,
    multitarget_rms,
    multitarget_rmsl,
)
from mlj_keras.probability import UnivariateFinite
from tests.batteries.measures import CASES, WEIGHTS, check_rows

NAN = float("nan")
PREDICTION = np.array([[2.0, 3.0, 4.0], [5.0, 0.5, 1.0], [7.0, 2.0, 2.0], [1.0, 3.0, 6.0]])
TRUTH = np.array([[1.0, 2.0, 3.0], [4.0, 0.75, 3.0], [6.0, 2.5, 2.0], [4.0, 1.0, 5.0]])
MEASURES = [
    MultitargetLPLoss(p=1),
    MultitargetLPLoss(p=2.5),
    MultitargetLPSumLoss(p=2),
    MultitargetRootMeanSquaredError(),
    MultitargetRootMeanSquaredLogError(),
    MultitargetRootMeanSquaredLogProportionalError(offset=2.5),
    MultitargetRootMeanSquaredProportionalError(tol=0.8),
    MultitargetMeanAbsoluteProportionalError(tol=0.8),
    MultitargetLogCoshLoss(),
]


@st.composite
def tables(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    """(predictions, truths, weights, atomic weights): positive numbers, 1 to 8 rows, 1 to 4
    targets."""
    n, k = draw(st.integers(1, 8)), draw(st.integers(1, 4))
    flat = st.lists(st.floats(0.01, 100), min_size=n * k, max_size=n * k)
    rows = st.lists(WEIGHTS, min_size=n, max_size=n)
    targets = st.lists(WEIGHTS, min_size=k, max_size=k)
    left, right = (np.array(draw(flat)).reshape(n, k) for _ in range(2))
    return left, right, np.array(draw(rows)), np.array(draw(targets))


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.name)
@settings(max_examples=CASES, deadline=None)
@given(case=tables())
def test_a_row_has_the_inner_measurement_of_its_targets(
    measure: MultitargetMeasure, case: tuple[np.ndarray, ...]
) -> None:
    prediction, truth, weights, atomic = case
    weighted = measure.replace({"atomic_weights": atomic})
    inner = measure.inner()
    rows = [inner(p, t, atomic) for p, t in zip(prediction, truth, strict=True)]
    np.testing.assert_allclose(weighted.measurements(prediction, truth), rows, 1e-9, 1e-12)
    wanted = type(inner).aggregation(rows, weights)
    assert weighted(prediction, truth, weights) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    equal = measure.replace({"atomic_weights": [1] * len(atomic)})
    assert measure(prediction, truth) == pytest.approx(equal(prediction, truth), rel=1e-12)


@given(tables())
@settings(max_examples=CASES, deadline=None)
def test_errors_of_several_targets_equal_those_of_scikit_learn(
    case: tuple[np.ndarray, ...],
) -> None:
    prediction, truth, weights, atomic = case
    targets = atomic if len(atomic) > 1 else "uniform_average"
    for p, function in ((1, metrics.mean_absolute_error), (2, metrics.mean_squared_error)):
        wanted = function(truth, prediction, sample_weight=weights, multioutput=targets)
        measure = MultitargetLPLoss(p=p, atomic_weights=atomic)
        assert measure(prediction, truth, weights) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
    # The root of the mean of all squares, where scikit-learn averages the roots of targets.
    wanted = math.sqrt(np.mean((prediction - truth) ** 2))
    assert multitarget_rms(prediction, truth) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_exact_values_of_two_targets() -> None:
    prediction, truth = np.array([[1.0, 4.0], [2.0, 2.0]]), np.array([[3.0, 4.0], [2.0, 4.0]])
    assert multitarget_l1.measurements(prediction, truth).tolist() == [1.0, 1.0]
    assert multitarget_l2(prediction, truth) == 2.0
    assert multitarget_l1_sum(prediction, truth, [1, 10]) == 22.0
    assert multitarget_rms(prediction, truth) == pytest.approx(math.sqrt(2))
    first = MultitargetLPLoss(p=1, atomic_weights=[1, 0])
    assert first(prediction, truth) == 1.0
    assert MultitargetLPLoss(p=1, atomic_weights=[3, 1])(prediction, truth, [1, 3]) == 0.75


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.name)
def test_rows_aggregate_to_the_measurement_and_weights_count_rows(measure: RowMeasure) -> None:
    check_rows(measure, PREDICTION, TRUTH)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda m: m.name)
def test_a_prediction_that_is_nan_gives_nan_unless_its_target_has_no_weight(
    measure: MultitargetMeasure,
) -> None:
    broken = PREDICTION.copy()
    broken[1, 0] = NAN
    assert math.isnan(measure(broken, TRUTH))
    without = measure.replace({"atomic_weights": [0, 1, 2]})
    assert without(broken, TRUTH) == without(PREDICTION, TRUTH)


def test_a_row_that_lacks_the_truth_of_one_target_is_left_out() -> None:
    truth = TRUTH.copy()
    truth[0, 1] = NAN
    assert multitarget_l1(PREDICTION, truth) == multitarget_l1(PREDICTION[1:], TRUTH[1:])
    assert math.isnan(multitarget_l1(PREDICTION[:1], truth[:1]))


def test_tables_of_every_kind_give_the_same_and_columns_go_by_name() -> None:
    wanted = MultitargetRootMeanSquaredError(atomic_weights=[1, 2, 4])
    value = wanted(PREDICTION, TRUTH)
    truth = pd.DataFrame(TRUTH, columns=["a", "b", "c"])
    turned = pd.DataFrame(PREDICTION, columns=["a", "b", "c"])[["c", "a", "b"]]
    for kind in (
        lambda frame: frame,
        pl.from_pandas,
        lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
        lambda frame: {name: frame[name].tolist() for name in frame},
    ):
        assert wanted(kind(turned), kind(truth)) == value
        assert wanted(PREDICTION, kind(truth)) == value
    assert multitarget_l1([1.0, 2.0], [2.0, 4.0]) == 1.5


def test_other_targets_are_refused_by_name_or_number() -> None:
    with pytest.raises(DimensionMismatch, match="same targets twice, got 2 .* and 3 as truth"):
        multitarget_rms(PREDICTION[:, :2], TRUTH)
    with pytest.raises(DimensionMismatch, match=r"\['a'\] .* \['b'\] as truth. Select the same"):
        multitarget_rms({"a": [1.0]}, {"b": [1.0]})
    with pytest.raises(DimensionMismatch, match="4 predictions and 3 truths"):
        multitarget_rms(PREDICTION, TRUTH[:3])
    with pytest.raises(EmptyData, match="no rows"):
        multitarget_rms(PREDICTION[:0], TRUTH[:0])
    with pytest.raises(ScitypeError, match="column 'a' is values such as 'x'"):
        multitarget_rms({"a": ["x"]}, {"a": [1.0]})
    with pytest.raises(InvalidArgument, match="multitarget_rms needs predicted values"):
        multitarget_rms(UnivariateFinite(["a", "b"], [[0.5, 0.5]]), {"a": [1.0]})
    with pytest.raises(InvalidArgument, match="^rmsl needs numbers >= 0, got -6"):
        multitarget_rmsl(-PREDICTION[:, 2:], TRUTH[:, 2:])


@pytest.mark.parametrize("value", [[], [0, 0], [-1, 2], [NAN, 1], [math.inf], ["a"], [True], 2.0])
def test_impossible_atomic_weights_are_refused(value: Any) -> None:
    with pytest.raises(InvalidModelError, match="one finite number >= 0 for each target.* Give a"):
        MultitargetLPLoss(atomic_weights=value)


def test_atomic_weights_of_another_number_than_the_targets_are_refused() -> None:
    measure = MultitargetLPLoss(atomic_weights=[1, 2])
    with pytest.raises(
        DimensionMismatch, match="multitarget_lp_loss has 2 atomic_weights, and .* 3 targets"
    ):
        measure(PREDICTION, TRUTH)
    with pytest.raises(WeightsError, match="takes no class weights"):
        multitarget_l1(PREDICTION, TRUTH, class_weights={1: 2.0})


def test_traits_and_aliases_are_those_of_the_inner_measures() -> None:
    single = {name for name in continuous.ALIASES if not name.startswith(("rs", "will"))}
    assert set(ALIASES) == {f"multitarget_{name}" for name in single}
    for name, measure in ALIASES.items():
        assert isinstance(measure, MultitargetMeasure)
        assert measure.inner() == continuous.ALIASES[name.removeprefix("multitarget_")]
        assert type(measure).aggregation is type(measure.inner()).aggregation
        assert measure.orientation == measure.inner().orientation == "loss"
        assert ALIASES[measure.name] is measure
        assert measure.target_scitype == Table[Infinite]
        assert measure.supports_weights and measure.reports_observations
        assert not measure.supports_class_weights


def test_a_measure_of_targets_without_an_inner_one_says_so() -> None:
    class Empty(MultitargetMeasure):
        """Defines nothing."""

    with pytest.raises(NotImplementedError, match="Empty must define inner"):
        Empty()(PREDICTION, TRUTH)
