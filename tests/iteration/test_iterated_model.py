"""Iterated models: what is kept, warm restarts, retraining, what is checked before training."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    ControlError,
    InvalidArgument,
    InvalidModelError,
    ModelWarning,
    NonFiniteLossError,
    UnknownFieldError,
)
from mlj_keras.iteration import NumberLimit, Patience, Step
from mlj_keras.measures.base import RowMeasure
from mlj_keras.measures.reading import read_numbers
from tests.batteries.iterating import HALVES, N_ROWS, Given, X, Y, fitted, iterated, trained

LOSSES = (5.0, 3.0, 1.0, 2.0, 4.0, 6.0, 7.0)


@pytest.fixture(autouse=True)
def forget() -> None:
    trained()


def test_the_best_state_is_kept_and_the_report_says_so() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), Patience(2)]))
    report = mlj.report(mach)
    assert (report.n_iterations, report.last_iteration) == (5, 5)
    assert (report.best_iteration, report.kept_iteration, report.kept) == (3, 3, "best")
    assert report.losses == [5.0, 3.0, 1.0, 2.0, 4.0] and report.iterations == [1, 2, 3, 4, 5]
    assert report.measure == "l1" and report.model_report.n == 3
    assert mlj.predict(mach, X[:2]).tolist() == [1.0, 1.0]
    assert mlj.fitted_params(mach).machine.model.n == 3
    assert mlj.predict(mlj.fitted_params(mach).machine, X[:1]).tolist() == [1.0]
    assert mlj.training_losses(mach) == [0.5] * 3


def test_the_last_state_is_kept_if_asked_for() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), Patience(2)], keep="last"))
    report = mlj.report(mach)
    assert (report.best_iteration, report.kept_iteration, report.kept) == (3, 5, "last")
    assert mlj.predict(mach, X[:1]).tolist() == [4.0]


def test_only_the_training_rows_are_trained_on_and_each_iteration_once() -> None:
    fitted(iterated(LOSSES, [Step(2), NumberLimit(3)]))
    assert trained() == [(0, 2, 10), (2, 4, 10), (4, 6, 10)]


def test_of_a_score_more_is_better() -> None:
    class Score(RowMeasure):
        orientation = "score"
        reads = read_numbers

        def of_rows(self, pair: Any) -> Any:
            return pair.prediction

    mach = fitted(iterated((1.0, 3.0, 2.0, 1.0, 9.0), [Step(1), Patience(2)], measure=Score()))
    report = mlj.report(mach)
    assert (report.n_iterations, report.best_iteration) == (4, 2)
    assert report.losses == [1.0, 3.0, 2.0, 1.0]


def test_without_resampling_all_rows_are_trained_on_and_training_losses_count() -> None:
    training = (0.9, 0.5, 0.7, 0.8, 0.1)
    model = iterated(LOSSES, [Step(1), Patience(2)], resampling=None, measure=None)
    model.model.training = training
    report = mlj.report(fitted(model))
    assert trained() == [(k, k + 1, N_ROWS) for k in range(4)]
    assert report.losses == list(training[:4]) and report.best_iteration == 2
    assert report.measure is None


def test_retraining_takes_all_rows_and_the_count_that_is_kept() -> None:
    for keep, count in (("best", 3), ("last", 5)):
        mach = fitted(iterated(LOSSES, [Step(1), Patience(2)], retrain=True, keep=keep))
        assert trained()[-1] == (0, count, N_ROWS)
        assert mlj.report(mach).kept_iteration == count
        assert mlj.fitted_params(mach).machine.model.n == count


def test_several_pairs_of_rows_are_trained_side_by_side_if_the_model_is_retrained() -> None:
    folds = mlj.CV(nfolds=2)
    with pytest.raises(InvalidModelError, match="gives 2 pairs.*Set retrain=True"):
        mlj.machine(iterated(LOSSES, [Step(1), Patience(2)], resampling=folds), X, Y)
    mach = fitted(iterated(LOSSES, [Step(1), Patience(2)], resampling=folds, retrain=True))
    done = trained()
    assert done[:4] == [(0, 1, 10), (0, 1, 10), (1, 2, 10), (1, 2, 10)] and len(done) == 11
    assert done[-1] == (0, 3, N_ROWS)
    assert mlj.report(mach).losses == [5.0, 3.0, 1.0, 2.0, 4.0]


def test_changed_controls_go_on_with_fresh_states() -> None:
    mach = fitted(iterated(LOSSES, [Step(2), NumberLimit(3)]))
    assert mlj.report(mach).n_iterations == 6
    mach.model.controls = [Step(2), NumberLimit(2)]
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).n_iterations == 10
    assert [first for first, _, _ in trained()] == [0, 2, 4, 6, 8]
    assert mlj.report(mach).iterations == [2, 4, 6, 8, 10]


def test_a_fit_without_a_change_does_nothing() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), Patience(2)]))
    trained()
    assert mlj.fit(mach, verbosity=0).state == 1 and trained() == []


def test_another_choice_of_what_is_kept_trains_nothing() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), Patience(2)]))
    trained()
    mach.model.keep = "last"
    assert mlj.predict(mlj.fit(mach, verbosity=0), X[:1]).tolist() == [4.0]
    assert trained() == []


@pytest.mark.parametrize(
    "change", [{"model.shift": 1.0}, {"measures": mlj.rms}, {"resampling": mlj.Holdout(0.5)}]
)
def test_any_other_change_trains_from_the_start(change: dict[str, Any]) -> None:
    mach = fitted(iterated(LOSSES, [Step(1), NumberLimit(2)]))
    trained()
    for path, value in change.items():
        mach.model.set(path, value)
    mlj.fit(mach, verbosity=0)
    assert trained()[0][0] == 0 and mlj.report(mach).n_iterations == 2


def test_the_count_of_the_model_itself_does_not_matter() -> None:
    model = iterated(LOSSES, [Step(1), NumberLimit(2)])
    mach = fitted(model)
    trained()
    model.model.n = 77
    mlj.fit(mach, verbosity=0)
    assert model.model.n == 77 and mlj.report(mach).n_iterations in (2, 4)


def test_without_cache_a_change_trains_from_the_start() -> None:
    mach = fitted(iterated(LOSSES, [Step(1), NumberLimit(2)], cache=False))
    trained()
    mach.model.controls = [Step(1), NumberLimit(3)]
    mlj.fit(mach, verbosity=0)
    assert trained()[0][0] == 0


def test_an_interrupted_fit_goes_on_to_what_an_uncut_one_gives() -> None:
    controls = [Step(2), Patience(2), NumberLimit(4)]
    uncut = fitted(iterated(LOSSES, controls))
    trained()
    model = iterated(LOSSES, controls)
    model.model.stops_at = 4
    mach = mlj.machine(model, X, Y)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert mach.state == 1 and mlj.report(mach).last_iteration == 3
    assert mlj.report(mach).n_iterations == 2
    model.model.stops_at = 0
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).losses == mlj.report(uncut).losses
    assert mlj.report(mach).n_iterations == mlj.report(uncut).n_iterations


def test_a_control_that_fails_is_named_and_can_be_mended() -> None:
    broken = [True]

    def look(mach: mlj.Machine) -> None:
        if broken and mlj.report(mach).n == 2:
            raise KeyError("oh")

    mach = mlj.machine(iterated(LOSSES, [Step(1), mlj.Callback(look), Patience(2)]), X, Y)
    with pytest.raises(ControlError, match=r"Callback\(look\) failed in cycle 2, at iteration 2"):
        mlj.fit(mach, verbosity=-1)
    assert mlj.report(mach).losses == [5.0, 3.0] and mlj.predict(mach, X[:1]).tolist() == [3.0]
    broken.clear()
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).losses == [5.0, 3.0, 1.0, 2.0, 4.0]
    assert trained() == [(k, k + 1, 10) for k in range(5)]


def test_a_control_that_fails_before_anything_was_learned_leaves_the_machine_as_it_was() -> None:
    def fail(run: Any) -> None:
        raise ValueError("no")

    controls = [mlj.Callback(fail, raw=True), Step(1), Patience(2)]
    mach = mlj.machine(iterated(LOSSES, controls), X, Y)
    with pytest.raises(ControlError, match="in cycle 1, at iteration 0: ValueError: no. What"):
        mlj.fit(mach, verbosity=-1)
    assert mach.state == 0


def test_a_control_that_trains_is_added_with_a_word() -> None:
    with pytest.warns(ModelWarning, match=r"No control trains: Step\(1\) is put before"):
        model = mlj.IteratedModel(Given(), controls=[Patience(2)])
    assert model.controls == (Step(1), Patience(2))


def test_controls_that_could_go_on_for_ever_are_refused() -> None:
    for controls in ([Step(1)], [Step(1), mlj.InvalidValue()], [Step(1), mlj.Never()]):
        with pytest.raises(InvalidModelError, match="none of the controls.*Add one, such as Num"):
            mlj.IteratedModel(Given(), controls=controls)


def test_what_is_no_control_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="must be a control.*got the class Step"):
        mlj.IteratedModel(Given(), controls=[Step, NumberLimit(2)])
    with pytest.raises(InvalidModelError, match="must be a control such as Step"):
        mlj.IteratedModel(Given(), controls=3)


def test_singular_and_plural_are_taken_and_not_both() -> None:
    model = mlj.IteratedModel(Given(), measure=mlj.l1, control=[Step(1), NumberLimit(2)])
    assert model.measures == mlj.l1 and model.measure == mlj.l1 and len(model.controls) == 2
    with pytest.raises(UnknownFieldError, match="got both 'measures' and 'measure'"):
        mlj.IteratedModel(Given(), measure=mlj.l1, measures=[mlj.l1])


def test_a_field_that_counts_is_needed() -> None:
    with pytest.raises(UnknownFieldError, match="has no hyper-parameter 'm'"):
        mlj.IteratedModel(Given(), iteration_parameter="m").check()
    with pytest.raises(InvalidModelError, match="'shift' of Given is 0.0, which counts no"):
        mlj.machine(mlj.IteratedModel(Given(), iteration_parameter="shift"), X, Y)
    with pytest.raises(InvalidModelError, match="Standardizer has no field that is known to"):
        mlj.machine(mlj.IteratedModel(mlj.Standardizer()), X)


def test_a_measure_that_the_model_does_not_suit_is_refused_before_training() -> None:
    with pytest.raises(InvalidArgument, match="log_loss compares predicted distributions"):
        mlj.machine(iterated(LOSSES, [Step(1), NumberLimit(2)], measure=mlj.log_loss), X, Y)
    confusion = mlj.ConfusionMatrix()
    with pytest.raises((InvalidModelError, InvalidArgument)):
        mlj.machine(iterated(LOSSES, [Step(1), NumberLimit(2)], measure=confusion), X, Y)


def test_a_part_without_rows_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="test of pair 0 has no rows"):
        iterated(LOSSES, [Step(1), NumberLimit(2)], resampling=[(range(5), [])])


def test_weights_of_measures_count() -> None:
    class ByRow(Given):
        def predict(self, fitresult: Any, Xnew: Any) -> Any:
            return np.arange(float(len(Xnew)))

    weights = np.zeros(N_ROWS)
    weights[13] = 2.0  # the fourth row to test on
    controls = [Step(1), NumberLimit(1)]
    options = {"resampling": HALVES, "measure": mlj.l1, "weights": weights}
    mach = fitted(mlj.IteratedModel(ByRow(), controls=controls, **options))
    assert mlj.report(mach).losses == [3.0]


def test_by_default_a_part_is_held_out_by_the_seed_of_the_model_and_stratified() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(3,)), batch_size=16, rng=5)
    controls = [Step(1), NumberLimit(2)]
    mach = mlj.fit(mlj.machine(mlj.IteratedModel(net, controls=controls), X, y), verbosity=0)
    pair = mlj.Holdout(0.7, shuffle=True, rng=5, stratify=True).train_test_pairs(range(150), X, y)
    given = mlj.IteratedModel(net, controls=controls, resampling=pair)
    again = mlj.fit(mlj.machine(given, X, y), verbosity=0)
    assert mlj.report(mach).losses == mlj.report(again).losses
    assert mlj.snapshot(mach) == mlj.snapshot(again)


def test_the_kept_network_scores_what_the_report_says_and_is_that_of_plain_training() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(
        builder=mlj.MLP(hidden=(3,)), batch_size=16, rng=5, optimiser=mlj.Adam(0.2)
    )
    (train, test), *_ = mlj.Holdout(0.6, shuffle=True, rng=1).train_test_pairs(range(150))
    controls = [Step(2), mlj.NumberSinceBest(3), NumberLimit(12)]
    model = mlj.IteratedModel(net, controls=controls, resampling=[(train, test)])
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    report = mlj.report(mach)
    truth = y.iloc[test]
    assert mlj.log_loss(mlj.predict(mach, X.iloc[test]), truth) == min(report.losses)
    alone = mlj.machine(net.replace({"epochs": report.best_iteration}), X, y)
    mlj.fit(alone, rows=train, verbosity=0)
    assert mlj.snapshot(alone).network == mlj.snapshot(mach).network


def test_a_loss_that_is_not_finite_ends_it_and_the_best_state_is_kept() -> None:
    X, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), batch_size=16, rng=1)
    worse = mlj.WithModelDo(lambda model: model.set("optimiser.learning_rate", grow(model)))

    def grow(model: Any) -> float:
        return float(model.optimiser.learning_rate) * 1e12

    net.optimiser = mlj.SGD(1e-3)
    controls = [Step(1), worse, mlj.InvalidValue(), NumberLimit(9)]
    mach = mlj.fit(mlj.machine(mlj.IteratedModel(net, controls=controls), X, y), verbosity=0)
    report = mlj.report(mach)
    assert report.kept == "best" and report.n_iterations < 9 and np.isnan(report.losses[-1])
    assert np.isfinite(mlj.predict(mach, X)).all()
    without = mlj.IteratedModel(net, controls=[Step(1), worse, NumberLimit(9)])
    mach = mlj.machine(without, X, y)
    with pytest.raises(NonFiniteLossError):
        mlj.fit(mach, verbosity=-1)
    assert mach.state == 1 and np.isfinite(mlj.predict(mach, X)).all()


def test_after_a_loss_that_was_not_finite_a_lower_rate_goes_on() -> None:
    X, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), batch_size=16, rng=1)
    net.optimiser = mlj.SGD(1e-3)

    def blow_up(model: Any) -> None:
        model.optimiser.learning_rate = 1e20

    worse = mlj.WithModelDo(blow_up)
    mach = mlj.machine(mlj.IteratedModel(net, controls=[Step(1), worse, NumberLimit(9)]), X, y)
    with pytest.raises(NonFiniteLossError):
        mlj.fit(mach, verbosity=-1)
    mach.model.controls = [Step(1), NumberLimit(3)]
    mach.model.model.optimiser = mlj.SGD(1e-4)
    report = mlj.report(mlj.fit(mach, verbosity=0))
    assert np.isfinite(report.losses[-3:]).all() and np.isfinite(mlj.predict(mach, X)).all()


def test_pipelines_and_transformed_targets_are_iterated() -> None:
    X, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(4,)), batch_size=16, rng=1)
    pipe = mlj.Standardizer() | mlj.TransformedTargetModel(net, transformer="Standardizer")
    controls = [Step(2), NumberLimit(3)]
    model = mlj.IteratedModel(pipe, controls=controls, measure=mlj.rms)
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    assert mlj.report(mach).n_iterations == 6 and len(mlj.predict(mach, X)) == len(X)
    wrapped = mlj.Standardizer() | mlj.IteratedModel(net, controls=controls)
    mach = mlj.fit(mlj.machine(wrapped, X, y), verbosity=0)
    assert mlj.report(mach).iterated_model.n_iterations == 6
    evaluation = mlj.evaluate(model, X, y, resampling=mlj.CV(nfolds=2), verbosity=0)
    assert len(evaluation.report_per_fold) == 2
    assert [each.n_iterations for each in evaluation.report_per_fold] == [6, 6]


def test_a_specification_is_iterated_and_its_container_found() -> None:
    X, y = mlj.load_iris()
    model = mlj.IteratedModel(
        mlj.NeuralNetwork(batch_size=16, rng=1), controls=[Step(1), NumberLimit(2)]
    )
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    assert type(mlj.fitted_params(mach).machine.model) is mlj.NeuralNetworkClassifier
    assert mlj.predict_mode(mach, X).shape == (150,)


def test_weights_of_rows_reach_the_model() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(3,)), batch_size=16, rng=5)
    model = mlj.IteratedModel(net, controls=[Step(1), NumberLimit(2)])
    plain = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    weighted = mlj.fit(mlj.machine(model, X, y, np.linspace(0.1, 2, 150)), verbosity=0)
    assert mlj.report(plain).losses != mlj.report(weighted).losses
    by_class = {"setosa": 1.0, "versicolor": 5.0, "virginica": 1.0}
    assert mlj.report(mlj.fit(mlj.machine(model, X, y, by_class), verbosity=0)).n_iterations == 2


def test_the_state_of_the_kept_network_can_be_taken_and_put_back() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(3,)), batch_size=16, rng=5)
    model = mlj.IteratedModel(net, controls=[Step(1), NumberLimit(2)])
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    early, before = mlj.snapshot(mach), mlj.predict(mach, X).to_numpy()
    model.controls = [Step(1), NumberLimit(3)]
    mlj.fit(mach, verbosity=0)
    assert not np.array_equal(mlj.predict(mach, X).to_numpy(), before)
    mlj.restore(mach, early)
    np.testing.assert_array_equal(mlj.predict(mach, X).to_numpy(), before)
