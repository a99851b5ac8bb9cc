"""Stacks as models among others: copied, in pipelines and in each other, of every kind of data."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import mlj_keras as mlj
from mlj_keras.errors import UnsupportedOperation
from tests.batteries.counting import trained
from tests.batteries.stacking import (
    IRIS,
    X10,
    Y10,
    Shares,
    classes,
    diabetes,
    fitted,
    given,
    learner,
    mixed,
    net,
    numbers,
    predicted,
    stack,
)

XD, YD = diabetes(10)
XM, YM = mixed(60)


# Copies.


def test_copies_and_pickles_have_learned_the_same_and_go_on_apart() -> None:
    mach = fitted(stack(measures=["log_loss"]), XM, YM)
    wanted = predicted(mach)
    for make in (copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))):
        again = make(mach)
        assert again.model == mach.model and make(mach.model) == mach.model
        np.testing.assert_array_equal(predicted(again), wanted)
        assert mlj.report(again).cv_report["net"].measurement == (
            mlj.report(mach).cv_report["net"].measurement
        )
        again.model.net.epochs = 3
        mlj.fit(again, verbosity=0)
        assert mlj.report(again).folds.net[0].epochs == 3
        assert mlj.report(mach).net.epochs == 2
        np.testing.assert_array_equal(predicted(mach), wanted)
    assert mlj.fit(mach, verbosity=0).state == 1


def test_a_snapshot_puts_all_models_and_what_was_measured_back() -> None:
    mach = fitted(stack(measures="log_loss"), XM, YM)
    state, wanted = mlj.snapshot(mach), predicted(mach)
    measured = mlj.report(mach).cv_report["net"].measurement
    mach.model.net.epochs = 6
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).cv_report["net"].measurement != measured
    mlj.restore(mach, state)
    np.testing.assert_array_equal(predicted(mach), wanted)
    assert mlj.report(mach).cv_report["net"].measurement == measured
    mlj.fit(mach, verbosity=0)  # from there on again
    at_once = fitted(stack(net=net(epochs=6)), XM, YM)
    assert mlj.snapshot(mach) == mlj.snapshot(at_once)


def test_without_a_cache_updates_are_the_same() -> None:
    machines = [fitted(stack(cache=cache), XM, YM) for cache in (True, False)]
    for mach in machines:
        mach.model.net.epochs = 4
        mlj.fit(mach, verbosity=0)
    assert mlj.snapshot(machines[0]) == mlj.snapshot(machines[1])


def test_a_checkpoint_is_refused() -> None:
    with pytest.raises(UnsupportedOperation, match="Stack does not train by epochs"):
        mlj.fit(mlj.machine(stack(), XM, YM), checkpoint="x.ckpt", verbosity=0)


# In other composites.


def test_a_stack_in_a_pipeline_learns_from_what_comes_before_it() -> None:
    mach = fitted(mlj.Standardizer() | stack(), XM, YM)
    scaler = fitted(mlj.Standardizer(), XM)
    alone = fitted(stack(), mlj.transform(scaler, XM), YM)
    np.testing.assert_allclose(predicted(mach), predicted(alone, mlj.transform(scaler, IRIS)))
    assert len(mlj.report(mach).stack.folds.net) == 2


def test_a_pipeline_in_a_stack_standardises_by_the_rows_of_each_fold() -> None:
    mach = fitted(classes(a=mlj.Pipeline(s=mlj.Standardizer(), m=Shares())), X10, Y10)
    learned = mlj.fitted_params(mach)
    assert learned.a.s.means["sepal_width"] == pytest.approx(X10["sepal_width"].mean())
    means = [each.s.means["sepal_width"] for each in learned.folds.a]
    assert means == pytest.approx([X10["sepal_width"][5:].mean(), X10["sepal_width"][:5].mean()])
    trained()
    mach.model.set("a.m.width", 2.0)
    mlj.fit(mach, verbosity=0)
    assert sorted(trained()) == [
        "fit judge on 10", "fit shares on 10", "fit shares on 5", "fit shares on 5"
    ]  # fmt: skip


def test_a_stack_in_a_stack_and_one_that_judges() -> None:
    inner = classes(a=Shares(name="c"), b=Shares(name="d"))
    trained()
    mach = fitted(classes(inner=inner), X10, Y10)
    assert len(trained()) == 3 * 2 + 3 * 7 + 1
    assert given(mach)["X"].shape == (10, 9)
    rows = fitted(inner, X10.iloc[5:], Y10.iloc[5:])
    np.testing.assert_allclose(given(mach)["X"][:5, 6:], predicted(rows, X10.head(5)))
    mach.model.set("inner.a.width", 2.0)
    mlj.fit(mach, verbosity=0)
    assert len(trained()) == 3 * (3 + 1) + 1 + 7
    judged = fitted(classes(metalearner=inner), X10, Y10)
    assert mlj.fitted_params(judged).metalearner.a.fitresult["X"].shape == (10, 6)


def test_network_specifications_become_the_containers_for_the_data() -> None:
    spec = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(4,)), epochs=2, batch_size=16, rng=1)
    mach = fitted(mlj.Stack(net=spec, metalearner=spec, resampling=mlj.CV(nfolds=2)), XM, YM)
    own = fitted(mlj.Stack(net=net(), metalearner=net(), resampling=mlj.CV(nfolds=2)), XM, YM)
    assert type(mach.model.net) is mlj.NeuralNetwork
    np.testing.assert_array_equal(predicted(mach), predicted(own))
    mach.model.net.epochs = 4
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).net.epochs == 4


# Kinds of data.


def test_predictions_carry_the_index_of_what_came() -> None:
    new = IRIS.iloc[[70, 20, 130]]
    found = mlj.predict(fitted(stack(), XM, YM), new)
    assert found.to_pandas().index.tolist() == [70, 20, 130]
    modes = mlj.predict_mode(fitted(stack(), XM, YM), new)
    assert modes.index.tolist() == [70, 20, 130] and modes.name == YM.name
    ridge = numbers(metalearner=learner("Ridge"))
    mach = fitted(ridge, XD.set_axis(range(5, 15)), YD.set_axis(range(5, 15)))
    assert mlj.predict(mach, rows=[1, 4]).index.tolist() == [6, 9]


@pytest.mark.parametrize("kind", ["polars", "matrix", "dict"])
def test_every_kind_of_table_gives_the_same(kind: str) -> None:
    make: Any = {
        "polars": pl.from_pandas,
        "matrix": pd.DataFrame.to_numpy,
        "dict": lambda table: {name: column.to_numpy() for name, column in table.items()},
    }[kind]
    wanted = predicted(fitted(stack(), XM, YM))
    found = predicted(fitted(stack(), make(XM), YM), make(IRIS))
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_factors_reach_the_models_with_all_their_levels() -> None:
    frame = XM.assign(f=pd.Categorical(["rare"] + ["p", "q"] * 29 + ["p"]))
    mach = fitted(stack(bayes=mlj.OneHotEncoder() | learner("GaussianNB")), frame, YM)
    folds = mlj.fitted_params(mach).folds
    assert [len(each.embeddings["f"]) for each in folds.net] == [3, 3]
    assert np.isfinite(predicted(mach, frame)).all()


def test_several_targets_are_columns_of_their_own() -> None:
    y = pd.DataFrame({"s": XD["bmi"], "t": YD})
    several = mlj.MultitargetNeuralNetworkRegressor(
        builder=mlj.MLP(hidden=(4,)), epochs=1, batch_size=4, rng=1
    )
    model = mlj.Stack(net=several, ridge=learner("Ridge"), metalearner=learner("LinearRegression"))
    model.resampling = mlj.CV(nfolds=2)
    mach = fitted(model, XD, y)
    assert list(mlj.predict(mach, XD).columns) == ["s", "t"]
    assert mlj.report(mach).metalearner.features == ("x1", "x2", "x3", "x4")
