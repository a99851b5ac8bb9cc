"""The threshold that a measure likes best, on predictions for rows that were not trained on."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

import mlj_keras as mlj
from mlj_keras.composition._threshold_search import MOST, _confusions, best_threshold, candidates
from mlj_keras.errors import (
    EmptyData,
    InvalidModelError,
    MeasureWarning,
    ScitypeWarning,
)
from mlj_keras.measures.confusion import ClassMeasure
from mlj_keras.measures.confusion_value import ConfusionMatrixValue
from mlj_keras.measures.reading import read_classes
from tests.batteries.thresholds import (
    LEVELS,
    P,
    Scores,
    X,
    Y,
    cancer,
    fitted,
    logistic,
    net,
)


def test_auto_takes_the_best_threshold_on_rows_not_trained_on() -> None:
    frame, y = cancer()
    rows = np.random.default_rng(1).permutation(len(y))
    train, test = rows[:70], rows[70:]
    model = mlj.BinaryThresholdPredictor(
        logistic(), threshold="auto", resampling=[(train, test)], measure="f1score"
    )
    report = mlj.report(fitted(model, frame, y))
    held = fitted(logistic(), frame, y, rows=train)
    p, truth = mlj.predict(held, rows=test).pdf("malignant"), y.iloc[test] == "malignant"
    scores = [f1_score(truth, p > t) for t in np.unique(p)[:-1]]
    assert report.measure == "f1score" and report.measurement == pytest.approx(max(scores))
    assert f1_score(truth, p > report.threshold) == pytest.approx(max(scores))
    own = [f1_score(truth, p > t) for t in report.curve["threshold"]]
    np.testing.assert_allclose(report.curve["measurement"], own)
    best = report.curve["threshold"][np.isclose(own, max(own))]
    assert report.threshold == best.iloc[(best - 0.5).abs().argmin()]


def test_auto_trains_the_model_on_all_rows() -> None:
    frame, y = cancer()
    mach = fitted(mlj.BinaryThresholdPredictor(logistic(), threshold="auto"), frame, y)
    threshold = mlj.fitted_params(mach).threshold
    alone = fitted(logistic(), frame, y)
    np.testing.assert_array_equal(mlj.fitted_params(mach).coef, mlj.fitted_params(alone).coef)
    expected = mlj.predict(alone, frame).pdf("malignant") > threshold
    assert list(mlj.predict(mach, frame) == "malignant") == list(expected)


def test_the_default_is_a_stratified_holdout_and_balanced_accuracy() -> None:
    frame, y = cancer()
    model = mlj.BinaryThresholdPredictor(net(), threshold="auto")
    explicit = model.replace(
        {
            "resampling": mlj.Holdout(0.7, shuffle=True, rng=1, stratify=True),
            "measure": mlj.BalancedAccuracy(),
        }
    )
    found, wanted = (mlj.report(fitted(each, frame, y)) for each in (model, explicit))
    assert found.measure == "bac" and found.curve.equals(wanted.curve)


@pytest.mark.parametrize("acceleration", [mlj.CPU1(), mlj.CPUThreads(2)])
def test_predictions_of_several_pairs_are_pooled(acceleration: Any) -> None:
    frame, y = cancer()
    folds = mlj.StratifiedCV(nfolds=3, rng=4)
    model = mlj.BinaryThresholdPredictor(
        logistic(), threshold="auto", resampling=folds, acceleration=acceleration
    )
    report = mlj.report(fitted(model, frame, y))
    p, truth = [], []
    for train, test in folds.train_test_pairs(range(len(y)), frame, y):
        held = fitted(logistic(), frame, y, rows=train)
        p.append(mlj.predict(held, rows=test).pdf("malignant"))
        truth.append(y.iloc[test] == "malignant")
    p, truth = np.concatenate(p), np.concatenate(truth)
    own = [balanced_accuracy_score(truth, p > t) for t in report.curve["threshold"]]
    np.testing.assert_allclose(report.curve["measurement"], own)
    assert report.measurement == pytest.approx(max(own))


def test_thresholds_lie_between_the_probabilities() -> None:
    tried = candidates(np.array([0.2, 0.4, 0.4, 0.8]))
    np.testing.assert_allclose(tried, [0.1, 0.3, 0.5, 0.6, 0.9])
    many = np.random.default_rng(0).uniform(size=5000)
    tried = candidates(many)
    assert len(tried) <= MOST + 1 and 0.5 in tried
    shares = [np.mean(many <= t) for t in tried]
    assert np.diff([0, *shares, 1]).max() <= 1.5 / MOST  # evenly spread over the rows
    assert candidates(np.array([0.0, 1.0])).tolist() == [0.5]
    assert candidates(np.array([1 - 2**-53])).max() < 1


def test_of_equally_good_thresholds_the_nearest_to_one_half_is_taken() -> None:
    p, truth = np.array([0.1, 0.7, 0.8, 0.9]), np.array([0, 0, 1, 1])
    choice = best_threshold(mlj.accuracy, p, truth, tuple(LEVELS))
    assert (choice.threshold, choice.measurement) == (0.75, 1.0)
    p = np.array([0.1, 0.2, 0.8, 0.9])
    choice = best_threshold(mlj.mcr, p, truth, tuple(LEVELS))
    assert (choice.threshold, choice.measurement) == (0.5, 0.0)


def label_measures() -> list[Any]:
    suitable = mlj.measures(mlj.Vector[mlj.OrderedFactor[2]])
    return [m for m in suitable if m.prediction_type == "deterministic"]


@pytest.mark.parametrize("measure", label_measures(), ids=lambda measure: measure.name)
def test_counts_of_all_thresholds_give_what_the_measure_says_of_rows(measure: Any) -> None:
    rng = np.random.default_rng(2)
    p, truth = rng.uniform(size=60).round(1), rng.integers(0, 2, 60)
    observed = pd.Categorical.from_codes(truth, LEVELS, ordered=True)
    assert isinstance(measure, ClassMeasure)
    tried = np.array([0.0, 0.15, 0.3, 0.5, 0.95])
    for threshold, counts in zip(tried, _confusions(tried, p, truth), strict=True):
        fast = measure.of_confusion(ConfusionMatrixValue(tuple(LEVELS), counts, ordered=True))
        predicted = pd.Categorical.from_codes((p > threshold).astype(int), LEVELS, ordered=True)
        assert fast == pytest.approx(measure(predicted, observed), nan_ok=True)


class Cost(mlj.RowMeasure):
    """What is lost: 1 for a false alarm, 5 for a positive row that is not seen."""

    target_scitype = mlj.Vector[mlj.Finite[2]]
    reads = read_classes

    def of_rows(self, pair: Any) -> np.ndarray:
        return np.where(pair.truth > pair.prediction, 5.0, pair.truth < pair.prediction)


def test_any_loss_or_score_of_classes_may_choose() -> None:
    def missed(prediction: Any, truth: Any) -> float:
        return float(np.mean((truth == "yes") & (prediction == "no")))

    model = mlj.BinaryThresholdPredictor(
        Scores(), threshold="auto", resampling=mlj.InSample(), measure=Cost()
    )
    report = mlj.report(fitted(model))
    assert report.threshold == pytest.approx(0.15) and report.measurement == pytest.approx(0.3)
    model.measure = mlj.FunctionMeasure(missed, orientation="loss")
    report = mlj.report(fitted(model))
    assert report.measurement == 0 and report.threshold == pytest.approx(0.15)


def test_a_measure_that_is_nan_everywhere_leaves_one_half() -> None:
    model = mlj.BinaryThresholdPredictor(
        Scores(), threshold="auto", resampling=[([0, 9], [1, 3])], measure="tpr"
    )
    with pytest.warns(MeasureWarning, match="tpr is NaN for all thresholds: 0.5 is taken"):
        mach = fitted(model)
    assert mlj.report(mach).threshold == 0.5 and np.isnan(mlj.report(mach).measurement)


def test_a_measure_of_no_number_raises() -> None:
    model = mlj.BinaryThresholdPredictor(
        Scores(), threshold="auto", measure="multiclass_true_positive"
    )
    with pytest.raises(InvalidModelError, match="gives dict, no number"):
        fitted(model)


def test_the_threshold_found_is_said(caplog: pytest.LogCaptureFixture) -> None:
    mach = mlj.machine(mlj.BinaryThresholdPredictor(Scores(), threshold="auto"), X, Y)
    with caplog.at_level(logging.INFO, logger="mlj_keras"):
        mlj.fit(mach)
    assert f"The threshold is {mlj.report(mach).threshold:.4g}, where bac is" in caplog.text


def test_rows_that_the_resampling_cannot_divide_raise_at_machine() -> None:
    model = mlj.BinaryThresholdPredictor(Scores(), threshold="auto", resampling=mlj.CV(nfolds=20))
    with pytest.raises(EmptyData):
        mlj.machine(model, X, Y)
    mlj.machine(model.replace({"threshold": 0.5}), X, Y)


def test_all_pairs_are_trained_with_what_the_model_chooses_for_the_longest() -> None:
    class Settling(Scores):
        """Takes the number of rows as its factor."""

        def settled(self, n_rows: int) -> Any:
            return self.replace({"times": 1 / n_rows})

    pairs = [([0, 2, 4], [1, 5]), ([1, 3, 5, 7], [0, 8])]
    model = mlj.BinaryThresholdPredictor(Settling(), threshold="auto", resampling=pairs)
    tried = mlj.report(fitted(model)).curve["threshold"]
    p = np.array([0, *(P[[0, 1, 5, 8]] / 4), 1])
    np.testing.assert_allclose(sorted({*((p[:-1] + p[1:]) / 2), 0.5} - {0.0}), tried)


def test_what_is_said_when_the_machine_is_made_is_not_said_in_training() -> None:
    frame, y = cancer(60)
    frame = frame.assign(count=np.arange(60))
    pipe = mlj.Standardizer() | net(epochs=1)
    folds = mlj.StratifiedCV(nfolds=2, rng=1)
    model = mlj.BinaryThresholdPredictor(pipe, threshold="auto", resampling=folds)
    with pytest.warns(ScitypeWarning, match="takes these columns as Continuous"):
        mach = mlj.machine(model, frame, y)
    mlj.fit(mach, verbosity=-1)  # in which a warning would be an error
