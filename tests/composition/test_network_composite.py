"""A network exported as a model: fields that may be changed, and only stale parts trained."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, UnsupportedOperation, WrongType
from tests.batteries.counting import Mean, Shift, X, Y, trained
from tests.batteries.networks import MEETING, Aside, Fails, Halves, Meets


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


def test_one_model_in_two_fields_is_two_parts() -> None:
    shared = Mean()
    mach = mlj.fit(mlj.machine(Halves(left=shared, right=shared), X, Y), verbosity=0)
    assert sorted(vars(mlj.report(mach))) == ["left", "right"]
    shared.epochs = 3
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 2", "update mean 2"]


@pytest.mark.parametrize("further", ["report", "fitted_params"])
def test_what_is_told_besides_are_nodes_by_name(further: str) -> None:
    class Wrong(mlj.NetworkComposite, mlj.Deterministic):
        def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
            yhat = mlj.predict(mlj.machine(Mean(), *sources), sources[0])
            return {"predict": yhat, further: {"error": 3.0}}

    with pytest.raises(WrongType, match="prefit of Wrong must give nodes by the names of oper"):
        mlj.machine(Wrong(), X, Y)


class Circle(mlj.NetworkComposite, mlj.Deterministic):
    """A shift that learns from what a model predicts of what it gives."""

    shift: Any = mlj.param(factory=Shift)

    def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
        Xs, ys = sources
        shift = mlj.machine(self.shift, Xs)
        Z = mlj.transform(shift, Xs)
        yhat = mlj.predict(mlj.machine(Mean(), Z, ys), Z)
        shift.args = (yhat,)
        return {"predict": yhat}


OUTSIDE = mlj.source(X)


class Abroad(mlj.NetworkComposite, mlj.Deterministic):
    """Stands on data that it was not given, in one place or another."""

    where: str = "machine"

    def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
        Xs, ys = sources
        mach = mlj.machine(Mean(), OUTSIDE if self.where == "machine" else Xs, ys)
        yhat = mlj.predict(mach, OUTSIDE if self.where == "node" else Xs)
        told = mlj.node(np.std, OUTSIDE if self.where == "report" else ys)
        return {"predict": yhat, "report": {"told": told}}


def test_circles_and_nodes_of_another_network_are_named_when_a_machine_is_made() -> None:
    trained()
    with pytest.raises(InvalidArgument, match="A machine of this network learns from what it mak"):
        mlj.machine(Circle(), X, Y)
    for where, what in {
        "machine": "The machine of Mean",
        "node": "A node",
        "report": "A no",
    }.items():
        words = (
            f"{what}.* in the network of Abroad stands on data that Abroad was not given: it is"
        )
        with pytest.raises(InvalidArgument, match=words):
            mlj.machine(Abroad(where=where), X, Y)
    assert trained() == []
    mlj.machine(Abroad(where="nowhere"), X, Y)


def test_a_machine_of_a_composite_is_checked_without_training_or_changing_its_model() -> None:
    shared = Mean()
    model = Halves(left=shared, right=shared)
    trained()
    mlj.machine(model, X, Y)
    assert trained() == [] and model.left is model.right is shared


@pytest.mark.parametrize("acceleration", [mlj.CPU1(), mlj.CPUThreads(2), "threading"], ids=str)
def test_acceleration_changes_nothing_learned_and_trains_nothing_again(acceleration: Any) -> None:
    model = Aside(left=Mean(epochs=2), right=Mean(bias=1.0), acceleration=acceleration)
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    plain = mlj.fit(mlj.machine(model.replace({"acceleration": None}), X, Y), verbosity=0)
    assert mlj.snapshot(mach) == mlj.snapshot(plain)
    trained()
    model.acceleration = None
    assert mlj.fit(mach, verbosity=0).state == 1 and trained() == []
    model.left.epochs, model.acceleration = 3, acceleration
    assert mlj.fit(mach, verbosity=0).state == 2 and trained() == ["update mean 1"]


def test_parts_are_trained_at_the_same_time_where_acceleration_says() -> None:
    MEETING.reset()
    model = Aside(left=Meets(), right=Meets(bias=1.0), acceleration=mlj.CPUThreads(2))
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    np.testing.assert_allclose(mlj.predict(mach).mean(), Y.mean() + 0.5)


@pytest.mark.parametrize("acceleration", [None, mlj.CPUThreads(2)], ids=str)
def test_the_part_that_failed_is_named(acceleration: Any) -> None:
    model = Aside(left=Mean(), right=Fails(), acceleration=acceleration)
    mach = mlj.machine(model, X, Y)
    with pytest.raises(ZeroDivisionError) as caught:
        mlj.fit(mach, verbosity=0)
    assert caught.value.__notes__ == ["It was raised by 'right' of Aside."] and mach.state == 0
    model.right.fails = False
    assert mlj.fit(mach, verbosity=0).state == 1


def test_a_part_that_was_cut_off_beside_others_is_kept_and_goes_on() -> None:
    left, right = Mean(epochs=5, stops_at=2, name="left"), Mean(name="right")
    model = Aside(left=left, right=right, acceleration=mlj.CPUThreads(2))
    mach = mlj.machine(model, X, Y)
    with pytest.raises(KeyboardInterrupt, match="stop"):
        mlj.fit(mach, verbosity=-1)
    assert mach.state == 1 and mlj.report(mach).left.epochs == 2
    model.left.stops_at = -1
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update left 3"] and mlj.report(mach).left.epochs == 5


def test_of_parts_one_after_the_other_none_is_kept_if_a_later_one_was_not_begun() -> None:
    model = Aside(left=Mean(epochs=5, stops_at=2), right=Mean())
    mach = mlj.machine(model, X, Y)
    with pytest.raises(KeyboardInterrupt, match="stop"):
        mlj.fit(mach, verbosity=-1)
    assert mach.state == 0


@pytest.mark.parametrize("acceleration", [None, mlj.CPUThreads(2)], ids=str)
def test_of_an_update_that_was_cut_off_nothing_is_kept_if_another_part_is_behind(
    acceleration: Any,
) -> None:
    model = Aside(left=Mean(name="left"), right=Mean(name="right"), acceleration=acceleration)
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    model.left.epochs, model.left.stops_at, model.right.bias = 5, 2, 1.0
    with pytest.raises(KeyboardInterrupt, match="stop"):
        mlj.fit(mach, verbosity=-1)
    model.left.epochs = 2  # as far as it came
    mlj.fit(mach, verbosity=0)
    at_once = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    np.testing.assert_array_equal(mlj.predict(mach), mlj.predict(at_once))


class Shared(Blend):
    """A blend whose share no machine learns by."""

    telling_fields = ("share",)


def test_a_field_that_no_machine_learns_by_is_changed_without_training() -> None:
    model = Shared()
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    trained()
    model.share = 0.25
    mlj.fit(mach, verbosity=0)
    assert trained() == []
    fresh = mlj.fit(mlj.machine(Blend(share=0.25), X, Y), verbosity=0)
    np.testing.assert_array_equal(mlj.predict(mach), mlj.predict(fresh))
    trained()
    model.share, model.left.epochs = 1.0, 3
    mlj.fit(mach, verbosity=0)
    assert trained() == ["update mean 2"]
    np.testing.assert_allclose(mlj.predict(mach), X.mean(axis=1) - X.mean() + Y.mean())


def test_a_further_node_has_no_name_of_a_model() -> None:
    class Told(Blend):
        def prefit(self, verbosity: int, *sources: Any) -> dict[str, Any]:
            nodes = super().prefit(verbosity, *sources)
            return {**nodes, "report": {"left": nodes["predict"]}}

    with pytest.raises(InvalidArgument, match="a further node the name 'left', which is that of"):
        mlj.machine(Told(), X, Y)


def test_an_acceleration_that_is_none_is_told_at_machine() -> None:
    class Spread(Blend):
        acceleration: Any = 3

    with pytest.raises(InvalidArgument, match="acceleration must be CPU1"):
        mlj.machine(Spread(), X, Y)


def test_a_state_of_something_else_is_refused() -> None:
    mach = mlj.fit(mlj.machine(Blend(), X, Y), verbosity=0)
    data, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(2,)), epochs=0, rng=1)
    other = mlj.fit(mlj.machine(net, data, y), verbosity=0)
    with pytest.raises(WrongType, match="the state of a network, and Blend has no part"):
        mlj.restore(mach, mlj.snapshot(other))
    with pytest.raises(WrongType, match="restore takes what snapshot"):
        mlj.restore(mach, 3)
    pipe = mlj.fit(mlj.machine(Shift() | Mean(), X, Y), verbosity=0)
    with pytest.raises(InvalidArgument, match="another structure: its models are"):
        mlj.restore(mach, mlj.snapshot(pipe))
    with pytest.raises(UnsupportedOperation, match="No part of this composite counts epochs"):
        _ = mlj.snapshot(mach).network
