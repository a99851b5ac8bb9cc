"""A run: what controls see of a model that is trained, and what they may do to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import ControlError
from mlj_keras.iteration import NumberLimit, Step
from mlj_keras.iteration.run import Run
from tests.batteries.iterating import Given, X, Y, fitted, iterated, trained

LOSSES = (5.0, 3.0, 4.0, 1.0)


def seen(what: Any, losses: Any = LOSSES, step: int = 1, **options: Any) -> list[Any]:
    """what(run) after each of three cycles."""
    found: list[Any] = []
    watch = mlj.Callback(lambda run: found.append(what(run)), raw=True)
    fitted(iterated(losses, [Step(step), watch, NumberLimit(3)], **options))
    return found


def test_counts_and_losses_are_those_of_the_cycle() -> None:
    assert seen(lambda run: (run.n_iterations, run.new_iterations, run.loss), step=2) == [
        (2, 2, 3.0),
        (4, 2, 1.0),
        (6, 2, 1.0),
    ]
    # the number of the cycle under way counts when it is whole
    assert seen(lambda run: run.n_cycles) == [0, 1, 2]


def test_training_losses_are_those_of_the_last_training() -> None:
    training = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4)
    found = seen(lambda run: run.training_losses, step=2, training=training)
    assert found == [[0.9, 0.8], [0.7, 0.6], [0.5, 0.4]]


def test_the_evaluation_has_all_measures_and_the_rows() -> None:
    found = seen(lambda run: run.evaluation, measure=[mlj.l1, mlj.l2])
    assert [each.measurement for each in found] == [[5.0, 25.0], [3.0, 9.0], [4.0, 16.0]]
    assert [len(rows) for rows in found[0].per_observation[0]] == [10]
    assert len(found[0].fitted_params_per_fold) == 1


def test_there_is_no_evaluation_without_resampling_and_no_loss_before_a_step() -> None:
    with pytest.raises(ControlError, match="There is no evaluation.*Give resampling"):
        seen(lambda run: run.evaluation, resampling=None, measure=None)
    looks = mlj.WithLossDo(lambda loss: None)
    with pytest.raises(ControlError, match="There is no loss yet.*put Step before"):
        fitted(iterated(LOSSES, [looks, Step(1), NumberLimit(2)]))


def test_the_best_state_is_a_value_that_later_training_leaves_alone() -> None:
    found = seen(lambda run: run.best)
    assert [(each.iteration, each.loss) for each in found] == [(1, 5.0), (2, 3.0), (2, 3.0)]
    assert found[1].trained[0][1].fitresult == (2, 0.0)


def test_a_run_can_be_copied_and_trained_apart() -> None:
    runs: list[Run] = []
    watch = mlj.Callback(runs.append, raw=True)
    fitted(iterated(LOSSES, [Step(1), watch, NumberLimit(2)]))
    run = runs[-1]
    before = (run.n_iterations, list(run.losses), run.machine.state)
    other = run.copy()
    other.train(2)
    assert other.n_iterations == 4 and other.losses[-1] == 1.0
    assert (run.n_iterations, run.losses, run.machine.state) == before
    assert run.model.n == 2 and other.model.n == 4


def test_a_state_of_a_network_is_put_back() -> None:
    states: list[Any] = []

    def act(run: Run) -> None:
        states.append(mlj.snapshot(run.machine))
        if run.n_iterations == 3:
            run.restore(states[0])
            states.append(mlj.snapshot(run.machine))

    data = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=32, rng=1)
    controls = [Step(1), mlj.Callback(act, raw=True), NumberLimit(3)]
    model = mlj.IteratedModel(net, controls=controls, keep="last")
    mach = mlj.fit(mlj.machine(model, *data), verbosity=0)
    assert states[-1].network.arrays.keys() == states[0].network.arrays.keys()
    assert mlj.snapshot(mach).network == states[0].network != states[2].network


def test_other_data_are_trained_on_with_the_encoders_of_the_first() -> None:
    rng = np.random.default_rng(0)
    first = pd.DataFrame({"x": rng.normal(size=40), "f": pd.Categorical(list("abcb") * 10)})
    then = pd.DataFrame({"x": rng.normal(5, 9, size=24), "f": pd.Categorical(list("ab") * 12)})
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=8, rng=1)

    def act(run: Run) -> None:
        if run.n_iterations == 1:
            run.ingest(then, 2 * then["x"])

    controls = [Step(1), mlj.Callback(act, raw=True), NumberLimit(3)]
    model = mlj.IteratedModel(net, controls=controls, resampling=None, keep="last")
    mach = mlj.fit(mlj.machine(model, first, 2 * first["x"]), verbosity=0)
    alone = mlj.fit(mlj.machine(net.replace({"epochs": 1}), first, 2 * first["x"]), verbosity=0)
    early, late = mlj.snapshot(alone), mlj.snapshot(mach)
    assert late.encoding == early.encoding and late.epochs == 3
    assert late.losses[:2] == early.losses and len(late.losses) == 4


def test_other_data_are_refused_where_a_part_is_measured_on() -> None:
    with pytest.raises(ControlError, match="Data feeds new rows.*resampling=None"):
        seen(lambda run: run.ingest(X, Y))


def test_the_loss_is_taken_from_the_rows_to_test_on_alone() -> None:
    rows: list[int] = []

    class Counting(Given):
        def predict(self, fitresult: Any, Xnew: Any) -> Any:
            rows.append(len(Xnew))
            return super().predict(fitresult, Xnew)

    options = {"resampling": [(range(15), range(15, 20))], "measure": mlj.l1}
    controls = [Step(1), NumberLimit(3)]
    fitted(mlj.IteratedModel(Counting(losses=LOSSES), controls=controls, **options))
    assert rows == [5, 5, 5]
    trained()


def test_a_loss_whose_taking_is_cut_off_is_taken_again_and_nothing_is_trained_twice() -> None:
    broken = [True]

    class Cut(Given):
        def predict(self, fitresult: Any, Xnew: Any) -> Any:
            if broken and fitresult[0] == 2:
                raise KeyboardInterrupt
            return super().predict(fitresult, Xnew)

    trained()
    options = {"resampling": [(range(15), range(15, 20))], "measure": mlj.l1}
    model = mlj.IteratedModel(Cut(losses=LOSSES), controls=[Step(1), NumberLimit(4)], **options)
    mach = mlj.machine(model, X, Y)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    broken.clear()
    assert mlj.report(mach).losses == [5.0] and mlj.report(mach).last_iteration == 2
    assert mlj.report(mlj.fit(mach, verbosity=0)).losses == list(LOSSES)
    assert trained() == [(0, 1, 15), (1, 2, 15), (2, 3, 15), (3, 4, 15)]
