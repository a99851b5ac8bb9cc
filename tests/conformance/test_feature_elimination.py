"""Models that choose features among other models: evaluated, tuned, iterated, copied."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_selection import RFE

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidModelError,
    UnsupportedOperation,
)
from tests.batteries.eliminating import (
    X,
    Y,
    diabetes,
    eliminating,
    fitted,
    linear,
)


def test_it_is_evaluated_and_tuned() -> None:
    frame, y = diabetes()
    model = eliminating(linear(), step=2)
    found = mlj.evaluate(model, frame, y, resampling=mlj.CV(nfolds=3), measure="rms", verbosity=0)
    for (train, test), value in zip(found.train_test_rows, found.per_fold[0], strict=True):
        held = fitted(model, frame, y, rows=train)
        assert value == pytest.approx(mlj.rms(mlj.predict(held, rows=test), y.iloc[test]))
    r = mlj.param_range(model, "n_features", lower=1, upper=9)
    tuned = mlj.TunedModel(model, ranges=r, tuning=mlj.Grid(resolution=5), measure="rms")
    mach = fitted(tuned, frame, y)
    assert sorted(mlj.report(mach).history["n_features"]) == [1, 3, 5, 7, 9]
    best = mlj.report(mach).best_model
    pd.testing.assert_series_equal(
        mlj.predict(mach, frame), mlj.predict(fitted(best, frame, y), frame)
    )


def test_the_model_inside_may_be_a_pipeline_or_a_wrapper() -> None:
    frame, y = mlj.load_diabetes()
    frame = frame.drop(columns="sex")
    pipe = mlj.Standardizer() | linear()
    mach = fitted(eliminating(pipe, n_features=3, step=2), frame, y)
    scaled = (frame - frame.mean()) / frame.std()
    oracle = RFE(linear().build(), n_features_to_select=3, step=2).fit(scaled, y)
    assert sorted(mlj.fitted_params(mach).features_left) == sorted(frame.columns[oracle.support_])
    np.testing.assert_allclose(mlj.predict(mach, frame), oracle.predict(scaled))
    forest = mlj.load("GradientBoostingRegressor")(n_estimators=2, random_state=1)
    controls = [mlj.Step(2), mlj.NumberLimit(2)]
    inner = [
        mlj.EnsembleModel(forest, n=2, rng=1),
        mlj.IteratedModel(forest, controls=controls),
        mlj.TunedModel(models=[linear(), forest], measure="rms"),
        mlj.Freezable(forest, frozen=True),
    ]
    for each in inner:
        mach = fitted(eliminating(each, n_features=2, step=4), frame, y)
        assert mlj.report(mach).sizes == [9, 5, 2]
        alone = fitted(each, mlj.transform(mach, frame), y)
        expected = mlj.predict(alone, mlj.transform(mach, frame))
        np.testing.assert_array_equal(mlj.predict(mach, frame), expected)


def test_it_stands_at_the_end_of_a_pipeline_and_transforms_there() -> None:
    frame, y = mlj.load_diabetes()
    pipe = mlj.OneHotEncoder() | eliminating(linear(), n_features=3, step=4)
    mach = fitted(pipe, frame, y)
    left = mlj.fitted_params(mach).recursive_feature_elimination.features_left
    assert mlj.transform(mach, frame).columns.tolist() == list(left)
    assert any(name.startswith("sex") for name in left)
    assert len(mlj.predict(mach, frame.head(3))) == 3


def test_it_counts_no_iterations_unless_it_is_told_to(tmp_path: Path) -> None:
    model = eliminating(n_features=8)
    traits = model.own_traits()
    assert traits.iteration_parameter is None and traits.reports_feature_importances
    controls = [mlj.Step(1), mlj.NumberLimit(2)]
    with pytest.raises(InvalidModelError, match="no field that is known to count iterations"):
        mlj.machine(mlj.IteratedModel(model, controls=controls), X, Y)
    told = mlj.IteratedModel(
        model, controls=controls, iteration_parameter="model.epochs", resampling=None
    )
    assert mlj.report(fitted(told)).n_iterations == 2
    net = mlj.NeuralNetworkRegressor(builder=mlj.Linear(activation="linear"), rng=1)
    written = told.replace(
        {
            "model": eliminating(net, importances=lambda mach: {}),
            "controls": [*controls, mlj.Checkpoint(tmp_path / "states")],
        }
    )
    with pytest.raises(UnsupportedOperation, match="Leave Checkpoint out"):
        mlj.machine(written, X, Y)


def test_copies_and_pickles_predict_the_same() -> None:
    mach = fitted(eliminating(n_features=3))
    for other in (copy.deepcopy(mach), pickle.loads(pickle.dumps(mach))):
        np.testing.assert_array_equal(mlj.predict(other, X), mlj.predict(mach, X))
        assert mlj.report(other).scores == mlj.report(mach).scores
    assert copy.deepcopy(mach.model) == mach.model


def test_snapshots_are_those_of_the_model_trained_last() -> None:
    frame, y = diabetes()
    net = mlj.NeuralNetworkRegressor(
        builder=mlj.Linear(activation="linear"), epochs=2, batch_size=16, rng=1
    )
    sizes = {name: 1.0 for name in frame.columns}
    mach = fitted(eliminating(net, n_features=8, importances=lambda mach: sizes), frame, y)
    before = mlj.predict(mach, frame)
    state = mlj.snapshot(mach)
    mach.model.model.epochs = 3
    mlj.fit(mach, verbosity=-1)
    assert mlj.snapshot(mach).epochs == 3
    assert mlj.snapshot(mlj.restore(mach, state)) == state
    assert mlj.predict(mach, frame).equals(before)
