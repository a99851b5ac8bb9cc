"""Nodes are computed from sources when they are called, and know what has to be trained first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import DimensionMismatch, InvalidArgument, NotTrainedError, WrongType
from mlj_keras.machine.node import machines_of, origins_of
from tests.batteries.counting import Mean, Shift, X, Y, trained


def chain() -> tuple[Any, ...]:
    """shift | mean, as machines and nodes."""
    Xs, ys = mlj.source(X), mlj.source(Y)
    shift = mlj.machine(Shift(), Xs)
    Z = mlj.transform(shift, Xs)
    mean = mlj.machine(Mean(), Z, ys)
    return Xs, ys, shift, Z, mean, mlj.predict(mean, Z)


def test_a_network_trains_its_machines_in_order_and_predicts_as_by_hand() -> None:
    *_, shift, Z, mean, yhat = chain()
    trained()
    assert mlj.fit(yhat, verbosity=0) is yhat
    assert trained() == ["fit shift", "fit mean 1"]
    np.testing.assert_allclose(Z(), X - X.mean())
    np.testing.assert_allclose(yhat(), X.mean(axis=1) - X.mean() + Y.mean())
    np.testing.assert_allclose(yhat(rows=[2, 0]), yhat()[[2, 0]])
    np.testing.assert_allclose(yhat(X[:1] + 1), yhat()[:1] + 1)
    assert shift.state == mean.state == 1


def test_only_what_has_become_stale_is_trained_again() -> None:
    *_, shift, _, mean, yhat = chain()
    mlj.fit(yhat, verbosity=0)
    trained()
    assert trained() == [] and mlj.fit(yhat, verbosity=0) and trained() == []
    mean.model.epochs = 3
    mlj.fit(yhat, verbosity=0)
    assert trained() == ["update mean 2"]
    shift.model.by = 1.0
    mlj.fit(yhat, verbosity=0)
    assert trained() == ["update shift", "fit mean 3"]
    mlj.fit(yhat, rows=[0, 1], verbosity=0)
    assert trained() == ["fit shift", "fit mean 3"]
    mlj.freeze(shift)
    mlj.fit(yhat, rows=[0, 2], verbosity=0)
    assert trained() == ["fit mean 3"]


def test_rows_are_those_of_the_sources() -> None:
    *_, shift, _, mean, yhat = chain()
    mlj.fit(yhat, rows=[0, 1], verbosity=0)
    assert mlj.fitted_params(shift).fitresult == X[:2].mean()
    assert mlj.fitted_params(mean).fitresult["mean"] == 1.5


def test_origins_leave_out_what_machines_learn_from() -> None:
    Xs, ys, shift, Z, mean, yhat = chain()
    assert origins_of(yhat) == (Xs,) and origins_of(Xs) == (Xs,)
    both = mlj.node(np.add, yhat, ys)
    assert both.origins == (Xs, ys)
    assert machines_of((both, Z)) == (shift, mean)
    mlj.fit(both, verbosity=0)
    np.testing.assert_allclose(both(), yhat() + Y)
    with pytest.raises(InvalidArgument, match="computed from 2 sources"):
        both(X)


def test_a_node_that_is_used_twice_is_computed_once_in_a_call() -> None:
    calls: list[int] = []

    def counted(values: Any) -> Any:
        calls.append(1)
        return values

    once = mlj.node(counted, mlj.source(X))
    twice = mlj.node(np.add, once, once)
    np.testing.assert_allclose(twice(X), 2 * X)
    assert len(calls) == 1
    twice(), twice()  # the value on the sources' data is kept
    assert len(calls) == 2


def test_nodes_that_are_used_again_and_again_are_looked_at_once() -> None:
    Xs, _, shift, Z, *_ = chain()
    many = Z
    for _ in range(40):  # 2 ** 40 ways to the source
        many = mlj.node(np.add, many, many)
    assert many.origins == (Xs,) and many.machines == (shift,)
    mlj.fit(many, verbosity=0)
    np.testing.assert_allclose(many(X), 2.0**40 * Z(X))
    np.testing.assert_allclose(many(), 2.0**40 * Z())
    assert many.state == (1,) and mlj.machine(Mean(), many, mlj.source(Y)).is_stale()


def test_the_state_changes_when_something_upstream_has_learned_anew() -> None:
    *_, shift, Z, mean, yhat = chain()
    before = yhat.state
    mlj.fit(Z, verbosity=0)
    assert yhat.state != before and mean.is_stale()
    before = yhat.state
    mlj.fit(yhat, verbosity=0)
    assert yhat.state != before and not mean.is_stale()
    mlj.fit(shift, force=True, verbosity=0)
    assert mean.is_stale()


def test_predict_mode_and_inverse_transform_make_nodes_too() -> None:
    iris, species = mlj.load_iris()
    Xs = mlj.source(iris)
    net = mlj.machine(mlj.NeuralNetworkClassifier(epochs=1, rng=1), Xs, mlj.source(species))
    mode = mlj.fit(mlj.predict_mode(net, Xs), verbosity=0)
    assert mode(iris.head(3)).tolist() == mlj.predict_mode(net, iris.head(3)).tolist()
    shift = mlj.machine(Shift(), Xs)
    back = mlj.inverse_transform(shift, mlj.transform(shift, Xs))
    np.testing.assert_allclose(mlj.fit(back, verbosity=0)(), iris)


def test_weights_and_classes_of_a_network_are_read_when_it_is_trained() -> None:
    Xs, ys, ws = map(mlj.source, (X, Y, [0.0, 0.0, 1.0, 1.0]))
    mean = mlj.machine(Mean(), Xs, ys, ws)
    mlj.fit(mlj.predict(mean, Xs), verbosity=0)
    assert mlj.fitted_params(mean).fitresult["mean"] == 4.5


def test_data_that_a_model_cannot_take_raise_when_they_reach_it() -> None:
    Xs, ys = mlj.source({"a": ["u", "v", "u"]}), mlj.source([1.0, 2.0, 3.0])
    net = mlj.machine(mlj.NeuralNetworkRegressor(), Xs, ys)
    with pytest.raises(TypeError, match="column 'a' is Textual"):
        mlj.fit(mlj.predict(net, Xs), verbosity=0)


def test_what_is_wrong_with_a_node_is_said() -> None:
    Xs = mlj.source(X)
    with pytest.raises(WrongType, match="node takes a function and nodes, got 3"):
        mlj.node(3, Xs)  # type: ignore[arg-type]
    first_two = mlj.node(lambda values: values[:2], Xs)
    with pytest.raises(DimensionMismatch, match="<lambda> was given 4 rows and gave 2"):
        first_two()
    with pytest.raises(InvalidArgument, match="new data or rows, got both"):
        first_two(X, rows=[0])
    with pytest.raises(NotTrainedError, match="fit"):
        mlj.transform(mlj.machine(Shift(), Xs), Xs)()
    with pytest.raises(InvalidArgument, match="A checkpoint is of one machine"):
        mlj.fit(first_two, checkpoint="x")


def test_a_machine_that_learns_from_what_it_makes_is_refused() -> None:
    Xs = mlj.source(X)
    shift = mlj.machine(Shift(), Xs)
    Z = mlj.transform(shift, Xs)
    shift.args = (Z,)
    with pytest.raises(InvalidArgument, match="learns from what it makes itself"):
        mlj.fit(Z, verbosity=0)


def test_two_machines_that_learn_from_each_other_are_refused_before_any_training() -> None:
    *_, shift, Z, mean, yhat = chain()
    shift.args = (yhat,)
    trained()
    for again in (yhat, Z):
        with pytest.raises(InvalidArgument, match="A machine of this network learns from what it"):
            mlj.fit(again, verbosity=0)
        with pytest.raises(InvalidArgument, match="itself: node.* Give it other arguments"):
            mlj.report(again)
    assert trained() == [] and shift.state == mean.state == 0


def test_a_node_shows_what_makes_it() -> None:
    *_, Z, _, yhat = chain()
    assert repr(Z) == "node(transform(Shift, ...))" and "predict(Mean" in repr(yhat)
    assert repr(mlj.node(np.abs, Z)) == "node(absolute)"
    assert "node(transform(Shift, ...))" in repr(mlj.machine(Shift(), Z))


def test_reports_and_fitted_params_of_a_node_are_those_of_its_machines() -> None:
    *_, shift, _, mean, yhat = chain()
    mlj.fit(yhat, verbosity=0)
    report, learned = mlj.report(yhat), mlj.fitted_params(yhat)
    assert report.machines == learned.machines == (shift, mean)
    assert report.report_given_machine[mean].epochs == 1
    assert learned.fitted_params_given_machine[shift].fitresult == X.mean()


def test_an_error_in_a_function_names_it() -> None:
    def breaks(values: Any) -> Any:
        raise KeyError("no")

    with pytest.raises(KeyError) as caught:
        mlj.node(breaks, mlj.source(X))()
    assert caught.value.__notes__ == ["It was raised by the function breaks of a network."]


@pytest.mark.parametrize(
    "operation",
    [mlj.freeze, mlj.thaw, mlj.snapshot, mlj.training_losses, mlj.feature_importances],
    ids=lambda each: each.__name__,
)
def test_what_is_of_a_machine_is_not_of_a_node(operation: Any) -> None:
    Xs = mlj.source([1.0, 2.0, 3.0])
    node = mlj.transform(mlj.machine(mlj.Standardizer(), Xs), Xs)
    with pytest.raises(WrongType, match=rf"{operation.__name__} is of a machine, and node\("):
        operation(node)
