"""A classifier with a threshold: what it predicts, what is trained again, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import FixedThresholdClassifier

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    ScitypeError,
    UnsupportedOperation,
    WeightsError,
)
from tests.batteries.counting import Mean, trained
from tests.batteries.thresholds import (
    STOPS,
    P,
    Scores,
    X,
    Y,
    cancer,
    fitted,
    logistic,
    net,
    positive,
)

# What is predicted.


@pytest.mark.parametrize(
    ("threshold", "p", "label"),
    [
        (0.26, 0.3, "yes"),
        (0.5, 0.5, "no"),
        (0.3, 0.3, "no"),
        (0.3, np.nextafter(0.3, 1), "yes"),
        (0, 1e-300, "yes"),
        (0, 0.0, "no"),
        (0.999, 1.0, "yes"),
    ],
)
def test_37_a_row_is_positive_if_its_probability_is_above_the_threshold(
    threshold: float, p: float, label: str
) -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores(), threshold=threshold))
    assert list(mlj.predict(mach, np.array([[p]]))) == [label]


def test_with_one_half_predictions_are_the_modes_of_the_model() -> None:
    frame, y = cancer()
    alone = fitted(net(), frame, y)
    mach = fitted(mlj.BinaryThresholdPredictor(net()), frame, y)
    assert mlj.predict(mach, frame).equals(mlj.predict_mode(alone, frame))
    np.testing.assert_array_equal(mlj.training_losses(mach), mlj.training_losses(alone))


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.9])
def test_predictions_are_those_of_scikit_learn_with_a_fixed_threshold(threshold: float) -> None:
    frame, y = cancer()
    mach = fitted(mlj.BinaryThresholdPredictor(logistic(), threshold=threshold), frame, y)
    oracle = FixedThresholdClassifier(
        LogisticRegression(), threshold=threshold, pos_label="malignant"
    )
    oracle.fit(frame, np.asarray(y))
    assert list(mlj.predict(mach, frame)) == list(oracle.predict(frame))


def test_it_has_no_distributions_and_keeps_the_other_operations() -> None:
    frame, y = cancer()
    frame = frame.assign(size=pd.cut(frame.iloc[:, 0], 3, labels=["s", "m", "l"]))
    mach = fitted(mlj.BinaryThresholdPredictor(net()), frame, y)
    with pytest.raises(UnsupportedOperation, match="predictions are values"):
        mlj.predict_mode(mach, frame)
    embedded = mlj.transform(mach, frame)
    assert embedded.equals(mlj.transform(fitted(net(), frame, y), frame))
    plain = fitted(mlj.BinaryThresholdPredictor(Scores()))
    with pytest.raises(UnsupportedOperation, match="has no transform. It has: predict"):
        mlj.transform(plain, X)


def test_importances_are_those_of_the_model() -> None:
    frame, y = cancer()
    alone = fitted(logistic(), frame, y)
    mach = fitted(mlj.BinaryThresholdPredictor(logistic()), frame, y)
    assert mlj.feature_importances(mach) == mlj.feature_importances(alone)


# What is trained again.


def test_another_threshold_trains_nothing_and_takes_effect_at_the_next_fit() -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores(), threshold=0.45))
    trained()
    mach.model.threshold = 0.75
    assert positive(mach, X) == list(P > 0.45)
    mlj.fit(mach, verbosity=-1)
    assert positive(mach, X) == list(P > 0.75) and trained() == []
    assert mlj.report(mach).threshold == mlj.fitted_params(mach).threshold == 0.75


@pytest.mark.parametrize("around", ["pipeline", "frozen"])
def test_another_threshold_takes_effect_inside_other_models(around: str) -> None:
    inner = mlj.BinaryThresholdPredictor(Scores(), threshold=0.45)
    options = {
        "pipeline": lambda: mlj.Pipeline(same=np.asarray, last=inner),
        "frozen": lambda: mlj.Freezable(inner),
    }
    model = options[around]()
    mach = fitted(model)
    trained()
    model.set("last.threshold" if around == "pipeline" else "model.threshold", 0.75)
    mlj.fit(mach, verbosity=-1)
    assert positive(mach, X) == list(P > 0.75) and trained() == []


@pytest.mark.parametrize(
    ("changes", "done"),
    [
        ({}, []),
        ({"measure": "accuracy", "resampling": mlj.CV()}, []),
        ({"acceleration": mlj.CPUThreads(2)}, []),
        ({"model.epochs": 6}, ["update 5 on 10"]),
        ({"model.epochs": 6, "threshold": 0.2}, ["update 5 on 10"]),
        ({"model.times": 0.5}, ["fit 1 on 10"]),
        ({"model": Scores(epochs=2)}, ["update 1 on 10"]),
        ({"threshold": "auto"}, ["fit 1 on 7"]),
        ({"threshold": "auto", "model.epochs": 3}, ["fit 3 on 7", "update 2 on 10"]),
    ],
)
def test_a_change_trains_what_it_has_to(changes: dict[str, Any], done: list[str]) -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores()))
    trained()
    for path, value in changes.items():
        mach.model.set(path, value)
    mlj.fit(mach, verbosity=-1)
    assert trained() == done
    mlj.fit(mach, verbosity=-1)
    assert trained() == []


@pytest.mark.parametrize(
    ("changes", "done"),
    [
        ({}, []),
        ({"measure": "accuracy"}, []),
        ({"acceleration": mlj.CPUThreads(2)}, []),
        ({"threshold": 0.3}, []),
        ({"resampling": mlj.Holdout(0.5)}, ["fit 1 on 5"]),
        ({"model.epochs": 6}, ["update without cache 5 on 7", "update 5 on 10"]),
        ({"model.times": 0.5}, ["fit 1 on 7", "fit 1 on 10"]),
    ],
)
def test_a_change_trains_what_it_has_to_for_auto(changes: dict[str, Any], done: list[str]) -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores(), threshold="auto"))
    assert trained()[-2:] == ["fit 1 on 7", "fit 1 on 10"]
    for path, value in changes.items():
        mach.model.set(path, value)
    mlj.fit(mach, verbosity=-1)
    assert trained() == done


def test_other_rows_and_force_train_all() -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores(), threshold="auto"))
    trained()
    mlj.fit(mach, rows=range(1, 9), verbosity=-1)
    assert trained() == ["fit 1 on 6", "fit 1 on 8"]
    mlj.fit(mach, rows=range(1, 9), force=True, verbosity=-1)
    assert trained() == ["fit 1 on 6", "fit 1 on 8"]


def test_another_class_of_model_is_trained_from_the_start() -> None:
    frame, y = cancer()
    mach = fitted(mlj.BinaryThresholdPredictor(net(), threshold=0.3), frame, y)
    mach.model.model = logistic()
    mlj.fit(mach, verbosity=-1)
    at_once = fitted(mlj.BinaryThresholdPredictor(logistic(), threshold=0.3), frame, y)
    assert mlj.predict(mach, frame).equals(mlj.predict(at_once, frame))


@pytest.mark.parametrize("threshold", [0.3, "auto"])
def test_more_epochs_of_a_network_continue_its_training(threshold: Any) -> None:
    frame, y = cancer()
    mach = fitted(mlj.BinaryThresholdPredictor(net(), threshold=threshold), frame, y)
    mach.model.model.epochs += 5
    mach.model.model.optimiser.learning_rate = 0.001
    mlj.fit(mach, verbosity=-1)
    at_once = fitted(mlj.BinaryThresholdPredictor(net(epochs=9), threshold=threshold), frame, y)
    assert mlj.snapshot(mach) == mlj.snapshot(at_once)
    assert mlj.report(mach).threshold == mlj.report(at_once).threshold
    assert mlj.report(mach).model_report.epochs == 9


def test_an_optimiser_alone_trains_nothing() -> None:
    frame, y = cancer()
    mach = fitted(mlj.BinaryThresholdPredictor(net()), frame, y)
    before = mlj.snapshot(mach)
    mach.model.model.optimiser = mlj.SGD(0.5)
    mlj.fit(mach, verbosity=-1)
    assert mach.state == 1 and mlj.snapshot(mach) == before


@pytest.mark.parametrize("threshold", [0.45, "auto"])
def test_an_interrupted_training_keeps_its_whole_epochs(threshold: Any) -> None:
    model = mlj.BinaryThresholdPredictor(Scores(epochs=5), threshold=threshold)
    mach = mlj.machine(model, X, Y)
    STOPS.extend([2] if threshold != "auto" else [2, 5])  # the last comes first, in the fold
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert mlj.report(mach).model_report.epochs == 2
    assert positive(mach, X) == list(P > mlj.report(mach).threshold)
    trained()
    mlj.fit(mach, verbosity=-1)
    assert trained() == ["update 3 on 10"]


def test_a_fold_that_fails_leaves_the_machine_as_it_was() -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores(), threshold=0.45))
    mach.model.threshold, mach.model.model.gives = "auto", "labels"
    with pytest.raises(ScitypeError, match="must predict distributions over the classes"):
        mlj.fit(mach, verbosity=-1)
    assert positive(mach, X) == list(P > 0.45)


@pytest.mark.parametrize("threshold", [0.45, "auto"])
def test_a_frozen_model_is_kept_and_learns_what_it_missed(threshold: Any) -> None:
    model = mlj.BinaryThresholdPredictor(
        mlj.Freezable(Scores(), frozen=True), threshold=threshold, resampling=mlj.Holdout(0.5)
    )
    mach = fitted(model, rows=range(2, 10))
    trained()
    mlj.fit(mach, verbosity=-1)
    mlj.fit(mach, verbosity=-1, force=True)
    assert "fit 1 on 10" not in trained()
    model.model.frozen = False
    mlj.fit(mach, verbosity=-1)
    assert trained()[-1] == "fit 1 on 10"


# Data, weights and what is refused.


def test_weights_of_rows_and_classes_reach_the_model() -> None:
    frame, y = cancer()
    w = np.linspace(0.1, 2, len(y))
    for weights in (w, {"benign": 1.0, "malignant": 4.0}, "balanced"):
        alone = fitted(logistic(), frame, y, weights)
        mach = fitted(mlj.BinaryThresholdPredictor(logistic(), threshold=0.2), frame, y, weights)
        np.testing.assert_array_equal(mlj.fitted_params(mach).coef, mlj.fitted_params(alone).coef)
        fitted(mlj.BinaryThresholdPredictor(logistic(), threshold="auto"), frame, y, weights)
    with pytest.raises(WeightsError, match="takes no weights"):
        mlj.machine(mlj.BinaryThresholdPredictor(mlj.load("KNeighborsClassifier")()), frame, y, w)


def test_a_specification_becomes_the_binary_network() -> None:
    frame, y = cancer()
    spec = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(4,)), epochs=4, batch_size=16, rng=1)
    model = mlj.BinaryThresholdPredictor(spec, threshold=0.3)
    mach = mlj.machine(model, frame, y)
    assert mach.container is mlj.BinaryThresholdPredictor
    assert mlj.snapshot(mlj.fit(mach, verbosity=-1)) == mlj.snapshot(fitted(net(), frame, y))
    assert model.model is spec


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (logistic, "must be a model such as"),
        (Scores, "got the class Scores"),
        (3, "got 3"),
        (mlj.Standardizer(), "must be a probabilistic classifier"),
        (Mean(), "must be a probabilistic classifier.*got Mean"),
        (mlj.NeuralNetworkRegressor(), "must be a probabilistic classifier"),
        (mlj.load("LinearSVC")(), "must be a probabilistic classifier"),
        (mlj.BinaryThresholdPredictor(Scores()), "must be a probabilistic classifier"),
    ],
)
def test_what_is_no_probabilistic_classifier_raises(model: Any, problem: str) -> None:
    with pytest.raises(InvalidModelError, match=problem):
        mlj.BinaryThresholdPredictor(model)


def test_a_model_that_has_lost_its_probabilities_raises_at_the_next_fit() -> None:
    SGD = mlj.load("SGDClassifier")
    model = mlj.BinaryThresholdPredictor(SGD(loss="log_loss", random_state=1))
    model.model.loss = "hinge"
    with pytest.raises(InvalidModelError, match="must be a probabilistic classifier"):
        mlj.machine(model, *cancer())


@pytest.mark.parametrize("value", [1, 1.0, -0.1, float("nan"), None, True, "best", [0.5]])
def test_an_impossible_threshold_raises_when_it_is_assigned(value: Any) -> None:
    model = mlj.BinaryThresholdPredictor(Scores())
    with pytest.raises(InvalidModelError, match=r"must be a number in \[0, 1\), or 'auto', got"):
        model.threshold = value
    with pytest.raises(InvalidModelError, match=r"in \[0, 1\)"):
        mlj.BinaryThresholdPredictor(Scores(), threshold=value)
    model.threshold = np.float32(0.25)
    assert model.threshold == 0.25


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"measure": "log_loss"}, "must compare two predicted classes.*log_loss"),
        ({"measure": "rms"}, "must compare two predicted classes.*rms"),
        ({"measure": "confmat"}, "of two values of confmat none is the better"),
        ({"measure": lambda a, b: 0.0}, "FunctionMeasure"),
        ({"measure": "f1scor"}, "No measure is called 'f1scor'"),
        ({"measure": None}, "None is no measure"),
        ({"resampling": None}, "must be a resampling strategy or 'auto'"),
        ({"resampling": 3}, "must be a resampling strategy"),
        ({"acceleration": 2}, "acceleration must be"),
    ],
)
def test_impossible_fields_raise(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(InvalidModelError, match=problem):
        mlj.BinaryThresholdPredictor(Scores(), **changes)
