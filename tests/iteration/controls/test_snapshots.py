"""States kept on the way, and their averages."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import NumberLimit, Snapshots, Step
from mlj_keras.iteration.control import Setting
from tests.batteries.iterating import Given
from tests.batteries.iterating import X as PLAIN_X
from tests.batteries.iterating import Y as PLAIN_Y

X, Y = mlj.load_iris()


def net(**changes: Any) -> Any:
    settings = {"builder": mlj.MLP(hidden=(3,)), "batch_size": 16, "rng": 1}
    return mlj.NeuralNetworkClassifier(**settings | changes)


def fitted(snapshots: Snapshots, model: Any = None, n: int = 6, **options: Any) -> mlj.Machine:
    controls = [Step(1), snapshots, NumberLimit(n)]
    whole = mlj.IteratedModel(net() if model is None else model, controls=controls, **options)
    return mlj.fit(mlj.machine(whole, X, Y), verbosity=0)


def kept(mach: mlj.Machine) -> Any:
    return mlj.report(mach).controls[1][1]


def test_the_state_of_each_so_manieth_cycle_is_kept() -> None:
    mach = fitted(Snapshots(every=2))
    found, report = kept(mach), mlj.report(mach)
    assert found["iterations"] == (2, 4, 6)
    assert found["losses"] == tuple(report.losses[k - 1] for k in (2, 4, 6))
    assert [state.epochs for state in found["states"]] == [2, 4, 6]
    mlj.restore(mach, found["states"][0])
    assert mlj.snapshot(mach).epochs == 2


@pytest.mark.parametrize("measure", [mlj.log_loss, mlj.brier_score])
def test_the_best_are_kept_also_of_scores(measure: Any) -> None:
    rates = mlj.Schedule("optimiser.learning_rate", lambda n: (0.05, 0.5, 0.01)[n % 3])
    controls = [rates, Step(1), Snapshots(best=2), NumberLimit(8)]
    model = mlj.IteratedModel(net(), controls=controls, measure=measure)
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    losses = np.array(mlj.report(mach).losses)
    order = np.argsort(-losses if measure.orientation == "score" else losses, kind="stable")
    found = mlj.report(mach).controls[2][1]
    assert found["iterations"] == tuple(sorted(order[:2] + 1))


def test_predictions_are_the_means_of_those_of_all_states() -> None:
    mach = fitted(Snapshots(every=2), keep="snapshots")
    single = fitted(Snapshots(every=2))
    each = []
    for state in kept(mach)["states"]:
        mlj.restore(single, state)
        each.append(mlj.predict(single, X).to_numpy())
    found = mlj.predict(mach, X)
    np.testing.assert_allclose(found.to_numpy(), np.mean(each, axis=0), rtol=1e-6)
    assert found.levels == ("setosa", "versicolor", "virginica")
    assert mlj.report(mach).kept == "snapshots" and list(mlj.predict_mode(mach, X)) == list(
        found.mode()
    )


def test_weights_are_averaged_and_the_rest_is_that_of_the_last() -> None:
    given = net(builder=mlj.Short(n_hidden=3, dropout=0.2))
    mach = fitted(Snapshots(every=2, average="weights"), given, keep="snapshots")
    states = kept(mach)["states"]
    found = mlj.snapshot(mach).arrays
    for key, array in states[-1].arrays.items():
        floating = array.dtype.kind == "f" and not key.startswith("slots/")
        wanted = np.mean([s.arrays[key] for s in states], axis=0) if floating else array
        np.testing.assert_allclose(found[key], wanted, rtol=1e-6)
    assert len(mlj.predict(mach, X)) == len(X)


def test_pipelines_keep_the_states_of_their_network() -> None:
    pipe = mlj.Standardizer() | net()
    for average in ("predictions", "weights"):
        mach = fitted(Snapshots(every=3, average=average), pipe, keep="snapshots")
        assert [state.epochs for state in kept(mach)["states"]] == [3, 6]
        assert mlj.predict(mach, X).to_numpy().shape == (150, 3)


def test_regressors_are_averaged_too() -> None:
    data = mlj.load_diabetes()
    given = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=32, rng=1)
    controls = [Step(1), Snapshots(), NumberLimit(3)]
    model = mlj.IteratedModel(given, controls=controls, keep="snapshots")
    mach = mlj.fit(mlj.machine(model, *data), verbosity=0)
    found = mlj.predict(mach, data[0])
    assert found.name == data[1].name and found.index.equals(data[0].index)


def test_before_any_state_is_kept_the_model_is_the_last_one() -> None:
    mach = fitted(Snapshots(every=50), keep="snapshots", n=2)
    assert kept(mach)["states"] == () and mlj.report(mach).kept_iteration == 2
    assert mlj.report(mach).kept == "last"


def test_what_has_no_states_is_refused_when_the_machine_is_made() -> None:
    model = mlj.IteratedModel(Given(), controls=[Step(1), Snapshots(), NumberLimit(2)])
    with pytest.raises(InvalidModelError, match="Snapshots keeps states of networks, and Given"):
        mlj.machine(model, PLAIN_X, PLAIN_Y)
    with pytest.raises(InvalidModelError, match="keep='snapshots' averages what a Snapshots"):
        mlj.machine(mlj.IteratedModel(net(), keep="snapshots"), X, Y)

    class Lossless(mlj.NeuralNetworkRegressor):
        def own_traits(self) -> mlj.Traits:
            return dataclasses.replace(super().own_traits(), supports_training_losses=False)

    setting = Setting(Lossless(), "epochs", resampled=False)
    with pytest.raises(InvalidModelError, match="needs losses: give resampling=Holdout"):
        Snapshots(best=2).check_setting(setting)
    with pytest.raises(InvalidModelError, match="Snapshots.average must be one of"):
        Snapshots(average="losses")
