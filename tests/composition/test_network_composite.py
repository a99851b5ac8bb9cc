"""A network exported as a model: fields that may be changed, and only stale parts trained."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import UnsupportedOperation, WrongType
from tests.batteries.counting import Mean, Shift, X, Y, trained


class Blend(mlj.NetworkComposite, mlj.Deterministic):
    """Two models on shifted data, blended."""

    shift: Any = mlj.param(factory=Shift)
    left: Any = mlj.param(factory=Mean)
    share: float = 0.5

    def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
        Xs, ys = sources
        Z = mlj.transform(mlj.machine(self.shift, Xs), Xs)
        left = mlj.predict(mlj.machine(self.left, Z, ys), Z)
        right = mlj.predict(mlj.machine(Mean(bias=1.0), Xs, ys), Xs)
        share = self.share
        return {"predict": mlj.node(lambda a, b: share * a + (1 - share) * b, left, right)}


def test_it_is_trained_as_a_whole_and_then_in_parts() -> None:
    model = Blend()
    mach = mlj.machine(model, X, Y)
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit shift", "fit mean 1", "fit mean 1"]
    np.testing.assert_allclose(mlj.predict(mach), X.mean(axis=1) - X.mean() + Y.mean() + 0.5)
    model.left.epochs = 3
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 2"]
    model.shift = Shift(by=1.0)
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update shift", "fit mean 3"]
    model.share = 0.25  # no model: all is made anew
    mlj.fit(mach, verbosity=0)
    assert trained() == ["fit shift", "fit mean 3", "fit mean 1"]
    np.testing.assert_allclose(mlj.predict(mach), X.mean(axis=1) - X.mean() + Y.mean() + 0.75)


def test_reports_and_fitted_params_are_by_the_names_of_fields() -> None:
    mach = mlj.fit(mlj.machine(Blend(), X, Y), verbosity=0)
    assert sorted(vars(mlj.report(mach))) == ["left", "shift"]
    assert mlj.fitted_params(mach).shift.fitresult == X.mean()


def test_what_the_network_does_not_answer_raises() -> None:
    mach = mlj.fit(mlj.machine(Blend(), X, Y), verbosity=0)
    with pytest.raises(UnsupportedOperation, match="Blend has no transform. It has: predict"):
        mlj.transform(mach, X)
    with pytest.raises(NotImplementedError, match="Bare must define prefit"):

        class Bare(mlj.NetworkComposite, mlj.Deterministic):
            pass

        mlj.fit(mlj.machine(Bare(), X, Y), verbosity=0)


def test_a_snapshot_puts_all_parts_back() -> None:
    pipe = Shift() | Mean(epochs=2)
    mach = mlj.fit(mlj.machine(pipe, X, Y), verbosity=0)
    state, before = mlj.snapshot(mach), mlj.predict(mach)
    pipe.mean.epochs, pipe.mean.bias = 5, 3.0
    mlj.fit(mach, verbosity=0)
    assert not np.array_equal(mlj.predict(mach), before)
    mlj.restore(mach, state)
    np.testing.assert_array_equal(mlj.predict(mach), before)
    assert mlj.report(mach).mean.epochs == 2
    pipe.mean.bias = 0.0
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 3"]


def test_a_failed_update_leaves_what_was_learned_before() -> None:
    class Fails(Mean):
        fails: bool = False

        def update(self, verbosity: int, outcome: Any, old_model: Any, *data: Any) -> Any:
            raise RuntimeError("no")

    pipe = mlj.Pipeline(shift=Shift(), mean=Fails())
    mach = mlj.fit(mlj.machine(pipe, X, Y), verbosity=0)
    before, state = mlj.predict(mach), mach.state
    pipe.mean.epochs = 2
    with pytest.raises(RuntimeError, match="no"):
        mlj.fit(mach, verbosity=0)
    assert mach.state == state
    np.testing.assert_array_equal(mlj.predict(mach), before)


def test_an_interrupted_part_that_others_stand_on_is_not_kept() -> None:
    class Onward(Shift):
        stops: bool = False

        def update(self, verbosity: int, outcome: Any, old_model: Any, X: Any, *y: Any) -> Any:
            from mlj_keras.models.interface import PartialFit, as_outcome

            raise PartialFit(as_outcome(0.0), copy.deepcopy(self), KeyboardInterrupt("stop"))

    pipe = mlj.Pipeline(shift=Onward(), mean=Mean())
    mach = mlj.fit(mlj.machine(pipe, X, Y), verbosity=0)
    before = mlj.predict(mach)
    pipe.shift.by = 2.0
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    np.testing.assert_array_equal(mlj.predict(mach), before)


def test_folds_in_other_processes_give_the_same() -> None:
    pipe = mlj.Standardizer() | mlj.NeuralNetworkRegressor(
        builder=mlj.Linear(activation="linear"), epochs=2, rng=1
    )
    data, y = mlj.load_diabetes()
    options = {"resampling": mlj.CV(nfolds=2, rng=1), "measure": "rms", "verbosity": 0}
    one = mlj.evaluate(pipe, data, y, **options)
    two = mlj.evaluate(pipe, data, y, acceleration="loky", **options)
    assert one.per_fold[0].tolist() == two.per_fold[0].tolist()
    assert two.fitted_params_per_fold[0].standardizer.means


def test_what_prefit_gives_is_checked() -> None:
    class Bare(mlj.NetworkComposite, mlj.Deterministic):
        gives: Any = None

        def prefit(self, verbosity: int, *sources: Any) -> Any:
            mach = mlj.machine(Mean(), *sources)
            return {"node": mlj.predict(mach, sources[0]), "machine": {"predict": mach}}[
                self.gives
            ]

    for gives in ("node", "machine"):
        with pytest.raises(WrongType, match="prefit of Bare must give nodes by the names of oper"):
            mlj.fit(mlj.machine(Bare(gives=gives), X, Y), verbosity=0)


def test_the_state_of_a_composite_knows_its_epochs_and_is_equal_bit_for_bit() -> None:
    data, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(4,)), epochs=2, rng=1)
    mach = mlj.fit(mlj.machine(mlj.Standardizer() | net, data, y), verbosity=0)
    again = mlj.fit(mlj.machine(mlj.Standardizer() | net, data, y), verbosity=0)
    state = mlj.snapshot(mach)
    assert state.epochs == 2 and repr(state) == (
        "CompositeState(standardizer, neural_network_classifier, epochs=2)"
    )
    assert state == mlj.snapshot(again) and hash(state) == hash(mlj.snapshot(again))
    other = mlj.fit(
        mlj.machine(mlj.Standardizer(count=True) | net, data, y), rows=range(99), verbosity=0
    )
    assert state != mlj.snapshot(other)
    plain = mlj.snapshot(mlj.fit(mlj.machine(Shift() | Mean(), X, Y), verbosity=0))
    with pytest.raises(UnsupportedOperation, match="No part of this composite counts epochs"):
        _ = plain.epochs


def test_a_checkpoint_of_a_composite_is_refused_before_training() -> None:
    mach = mlj.machine(Shift() | Mean(), X, Y)
    trained()
    with pytest.raises(UnsupportedOperation, match="networks do, and pipelines that end in one"):
        mlj.fit(mach, checkpoint="x.ckpt", verbosity=0)
    assert trained() == []


def test_losses_of_the_network_in_a_composite_are_plotted() -> None:
    data, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), epochs=3, rng=1)
    inner = mlj.TransformedTargetModel(net, transformer=mlj.Standardizer())
    mach = mlj.fit(mlj.machine(mlj.Standardizer() | inner, data, y), verbosity=0)
    axes = mlj.plot(mach)
    assert len(axes.lines[0].get_xdata()) == 4
    with pytest.raises(UnsupportedOperation, match="fitted_params.mach..<part>.network"):
        mlj.to_keras(mach)


class Halves(mlj.NetworkComposite, mlj.Deterministic):
    """The mean of two models."""

    left: Any
    right: Any

    def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
        Xs, ys = sources
        parts = [mlj.predict(mlj.machine(m, Xs, ys), Xs) for m in (self.left, self.right)]
        return {"predict": mlj.node(lambda a, b: (a + b) / 2, *parts)}


def test_one_model_in_two_fields_is_two_parts() -> None:
    shared = Mean()
    mach = mlj.fit(mlj.machine(Halves(left=shared, right=shared), X, Y), verbosity=0)
    assert sorted(vars(mlj.report(mach))) == ["left", "right"]
    shared.epochs = 3
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 2", "update mean 2"]
