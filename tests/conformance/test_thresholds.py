"""A classifier with a threshold among other models: evaluated, tuned, iterated, copied."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

import mlj_keras as mlj
from mlj_keras.errors import (
    UnsupportedOperation,
)
from tests.batteries.counting import trained
from tests.batteries.thresholds import (
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


def test_it_is_evaluated_as_a_deterministic_model() -> None:
    frame, y = cancer()
    model = mlj.BinaryThresholdPredictor(logistic(), threshold=0.3)
    found = mlj.evaluate(
        model, frame, y, resampling=mlj.CV(nfolds=3), measure="accuracy", verbosity=0
    )
    for (train, test), value in zip(found.train_test_rows, found.per_fold[0], strict=True):
        held = fitted(logistic(), frame, y, rows=train)
        right = (mlj.predict(held, rows=test).pdf("malignant") > 0.3) == (
            y.iloc[test] == "malignant"
        )
        assert value == pytest.approx(np.mean(right))
    auto = model.replace({"threshold": "auto"})
    found = mlj.evaluate(auto, frame, y, resampling=mlj.CV(nfolds=2), verbosity=0)
    for (train, test), value in zip(found.train_test_rows, found.per_fold[0], strict=True):
        mach = fitted(auto, frame, y, rows=train)
        assert value == mlj.misclassification_rate(mlj.predict(mach, rows=test), y.iloc[test])


def test_thresholds_and_epochs_are_tuned() -> None:
    model = mlj.BinaryThresholdPredictor(Scores())
    values = [0.05, 0.35, 0.65, 0.95]
    r = mlj.param_range(model, "threshold", values=values)
    tuned = mlj.TunedModel(
        model, ranges=r, tuning=mlj.Grid(shuffle=False), resampling=mlj.InSample(), measure="bac"
    )
    report = mlj.report(fitted(tuned))
    truth = np.asarray(Y) == "yes"
    own = [balanced_accuracy_score(truth, P > t) for t in values]
    np.testing.assert_allclose(report.history["measurement"], own)
    assert report.best_model.threshold == values[int(np.argmax(own))]
    epochs = mlj.param_range(model, "model.epochs", lower=1, upper=3)
    tuned = mlj.TunedModel(model, ranges=epochs, resampling=mlj.InSample(), tuning=mlj.Grid())
    assert sorted(mlj.report(fitted(tuned)).history["model.epochs"]) == [1, 2, 3]


@pytest.mark.parametrize("threshold", [0.3, "auto"])
def test_it_is_iterated_by_updates_of_the_model(threshold: Any) -> None:
    inner = mlj.BinaryThresholdPredictor(Scores(), threshold=threshold)
    controls = [mlj.Step(2), mlj.NumberLimit(3)]
    model = mlj.IteratedModel(inner, controls=controls, resampling=mlj.Holdout(0.7))
    trained()
    report = mlj.report(fitted(model))
    assert report.n_iterations == 6 and report.measure == "mcr"
    done = ["fit 2 on 7", "update 2 on 7", "update 2 on 7"]
    assert [each for each in trained() if each.endswith("on 7")] == done


@pytest.mark.parametrize("threshold", [0.3, "auto"])
@pytest.mark.parametrize(
    "inner",
    [
        mlj.IteratedModel(Scores(), controls=[mlj.Step(2), mlj.NumberLimit(2)]),
        mlj.TunedModel(models=[Scores(times=0.8)]),
        mlj.Pipeline(np.sqrt, Scores()),
        mlj.Freezable(Scores()),
        mlj.EnsembleModel(Scores(), n=2, rng=1),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_it_wraps_may_wrap_a_model_itself(inner: Any, threshold: Any) -> None:
    alone = fitted(inner)
    mach = fitted(mlj.BinaryThresholdPredictor(inner, threshold=threshold))
    expected = mlj.predict(alone, X).pdf("yes") > mlj.fitted_params(mach).threshold
    assert positive(mach, X) == list(expected)


def test_members_of_an_ensemble_vote_by_their_thresholds() -> None:
    inner = mlj.BinaryThresholdPredictor(Scores(), threshold=0.45)
    mach = fitted(mlj.EnsembleModel(inner, n=3, rng=1))
    assert positive(mach, X) == list(P > 0.45)
    trained()
    mach.model.set("model.model.epochs", 3)
    mlj.fit(mach, verbosity=-1)
    assert trained() == ["update without cache 2 on 8"] * 3


def test_snapshots_are_those_of_the_model_and_leave_the_threshold() -> None:
    frame, y = cancer()
    mach = fitted(mlj.BinaryThresholdPredictor(net(), threshold=0.3), frame, y)
    early = mlj.snapshot(mach)
    mach.model.threshold = 0.7
    mach.model.model.epochs = 6
    mlj.fit(mach, verbosity=-1)
    mlj.restore(mach, early)
    assert mlj.report(mach).model_report.epochs == 4 and mlj.report(mach).threshold == 0.7
    mlj.fit(mach, verbosity=-1)
    at_once = fitted(net(epochs=6), frame, y)
    assert mlj.snapshot(mach) == mlj.snapshot(at_once)


def test_training_is_written_to_a_checkpoint_unless_the_threshold_is_searched(
    tmp_path: Path,
) -> None:
    frame, y = cancer()
    model = mlj.BinaryThresholdPredictor(net(), threshold=0.3)
    mach = mlj.fit(mlj.machine(model, frame, y), verbosity=0, checkpoint=tmp_path / "states")
    again = mlj.machine(model, frame, y)
    mlj.fit(again, verbosity=0, checkpoint=tmp_path / "states")
    assert mlj.snapshot(again) == mlj.snapshot(mach) == mlj.snapshot(fitted(net(), frame, y))
    model.threshold = "auto"
    with pytest.raises(UnsupportedOperation, match="checkpoint= out"):
        mlj.fit(mlj.machine(model, frame, y), verbosity=0, checkpoint=tmp_path / "others")


@pytest.mark.parametrize("threshold", [0.45, "auto"])
def test_copies_and_pickles_predict_the_same_and_go_on(threshold: Any) -> None:
    mach = fitted(mlj.BinaryThresholdPredictor(Scores(), threshold=threshold))
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        assert list(mlj.predict(other, X)) == list(mlj.predict(mach, X))
        trained()
        other.model.model.epochs = 3
        mlj.fit(other, verbosity=-1)
        assert trained()[-1] == "update 2 on 10"
    bare = mlj.machine(mach.model, X, Y, cache=False)
    mlj.fit(bare, verbosity=-1)
    bare.model.model.epochs += 1
    trained()
    mlj.fit(bare, verbosity=-1)
    assert trained()[-1] == "update without cache 1 on 10"
