"""Folds put together: means of rows, not of folds; radii; records of each fold."""

from __future__ import annotations

import math
import pickle
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.measures import Measure
from mlj_keras.resampling.evaluation import evaluation_of, radius_95, unique_names
from mlj_keras.resampling.fold import Fold, Measured, Trial

NO_ROWS = np.arange(0)


def put_together(measure: Measure, values: list[Any], weights: list[float]) -> Any:
    """The evaluation of one measure with these folds."""
    pairs = ((NO_ROWS, NO_ROWS),) * len(values)
    trial = Trial(None, (), pairs, (measure,), ("predict",), keeps=False)
    folds = [Fold((Measured(v, w),)) for v, w in zip(values, weights, strict=True)]
    return evaluation_of(trial, folds, "m", mlj.CV(), 1)


@pytest.mark.parametrize(
    ("measure", "wanted"),
    [(mlj.rms, 0.2067058), (mlj.l1, 0.1909091), (mlj.l1_sum, 0.6)],
    ids=["root mean", "mean", "sum"],
)
def test_folds_are_put_together_as_their_rows_would_be(measure: Measure, wanted: float) -> None:
    e = put_together(measure, [0.1, 0.2, 0.3], [200.0, 200.0, 150.0])
    assert e.measurement[0] == pytest.approx(wanted, abs=1e-7)


def test_confusion_matrices_are_added() -> None:
    cm = mlj.confmat(["a", "b", "b"], ["a", "a", "b"])
    e = put_together(mlj.confmat, [cm, cm], [3.0, 3.0])
    assert e.measurement[0]("b", "a") == 2
    assert e.uncertainty_radius_95 == [None] and e.per_fold[0] == [cm, cm]


@pytest.mark.parametrize(
    ("values", "wanted"),
    [([0.7, 0.8, 0.9], 0.1385929), ([1, 2, 3, 4], 1.4608977), ([0.5], math.inf)],
)
def test_the_radius_is_that_of_the_reference(values: list[float], wanted: float) -> None:
    assert radius_95(values) == pytest.approx(wanted, abs=1e-7)


def test_the_radius_of_infinite_measurements_is_not_known() -> None:
    assert math.isnan(radius_95([1.0, -math.inf]))


def test_measures_of_one_name_are_numbered() -> None:
    names = unique_names([mlj.FScore(beta=0.5), mlj.FScore(beta=2.0), mlj.l1])
    assert len(set(names)) == 3 and names[2] == "l1"


def evaluated() -> mlj.PerformanceEvaluation:
    X, y = mlj.load_iris()
    model = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(2,)), epochs=2, rng=1)
    e: mlj.PerformanceEvaluation = mlj.evaluate(
        model, X, y, resampling=mlj.Holdout(0.7, rng=1), measures=["log_loss"], verbosity=0
    )
    return e


def test_what_was_learned_and_reported_is_there_by_fold() -> None:
    e = evaluated()
    (report,), (params,) = e.report_per_fold, e.fitted_params_per_fold
    assert len(report.training_losses) == 3
    train, test = e.train_test_rows[0]
    assert (len(train), len(test)) == (105, 45)
    assert params.network.count_params() == 4 * 2 + 2 + 2 * 3 + 3
    assert e.uncertainty_radius_95 == [math.inf]


def test_an_evaluation_describes_itself_and_can_be_pickled() -> None:
    e = evaluated()
    described = e.describe()
    assert described == {"tag": "NeuralNetworkClassifier", "log_loss": f"{e.measurement[0]:.3g}"}
    again = pickle.loads(pickle.dumps(e))
    assert again.measurement == e.measurement
    assert again.report_per_fold[0].epochs == 2
