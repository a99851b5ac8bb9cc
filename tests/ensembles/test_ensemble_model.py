"""An ensemble: what is trained when, what is put together, and what is told."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import mlj_keras as mlj
from mlj_keras.containers import _together as together
from mlj_keras.engine import together as engine
from mlj_keras.errors import ModelWarning, UnsupportedOperation
from mlj_keras.probability.mixture import Mixture
from tests.batteries.ensembles import (
    IRIS,
    N_ROWS,
    SPECIES,
    InTurn,
    Noted,
    X,
    Y,
    ensemble,
    fitted,
    net,
    numbers,
    seen,
    tree,
)


def members(mach: Any) -> list[float]:
    """What the Noted members have learned."""
    return [float(mlj.predict(member, X[:1])[0]) for member in mlj.fitted_params(mach).members]


def trained(mach: Any) -> list[str]:
    """What a fit trains."""
    seen()
    mlj.fit(mach, verbosity=0)
    return [what for what, *_ in seen()]


# Members.


def test_members_have_seeds_and_rows_of_their_own() -> None:
    seen()
    mach = fitted(ensemble(n=10, bagging_fraction=0.33))
    rows, seeds = zip(*((rows, seed) for _, rows, _, seed in seen()), strict=True)
    assert {len(set(each)) for each in rows} == {6}
    assert len(set(map(tuple, rows))) == len(set(seeds)) == 10
    expected = [Y[each].mean() for each in rows]
    np.testing.assert_allclose(members(mach), expected)
    np.testing.assert_allclose(mlj.predict(mach, X[:2]), [np.mean(expected)] * 2)
    report = mlj.report(mach)
    assert (report.n, report.rng, report.out_of_bag) == (10, 1, {})
    assert [member.epochs for member in report.members] == [1] * 10


def test_with_the_fraction_one_members_have_all_rows_in_order_and_differ_in_seeds() -> None:
    seen()
    fitted(ensemble(bagging_fraction=1.0))
    assert [rows for _, rows, _, _ in seen()] == [list(range(N_ROWS))] * 3
    mach = fitted(ensemble(net(), bagging_fraction=1), IRIS, SPECIES)
    found = {numbers(member, IRIS).tobytes() for member in mlj.fitted_params(mach).members}
    assert len(found) == 3


@pytest.mark.parametrize("kind", ["network", "tree"])
def test_five_members_and_then_ten_are_ten_to_the_bit_and_five_again(kind: str) -> None:
    model = net() if kind == "network" else tree()
    whole, half = (fitted(ensemble(model, n=n), IRIS, SPECIES) for n in (10, 5))
    expected = numbers(half)
    half.model.n = 10
    mlj.fit(half, verbosity=0)
    np.testing.assert_array_equal(numbers(half), numbers(whole))
    assert mlj.report(half).n == 10
    half.model.n = 5
    mlj.fit(half, verbosity=0)
    np.testing.assert_array_equal(numbers(half), expected)


def test_whether_networks_train_together_does_not_depend_on_their_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sizes: list[int] = []
    own = together.train_together

    def noted(program: Any, states: Any, *rest: Any) -> Any:
        sizes.append(len(states))
        return own(program, states, *rest)

    monkeypatch.setattr(together, "train_together", noted)
    n_bytes = 120 * (4 + 3) * 4  # of a member's float32 inputs and targets
    for most, expected in ((16 * n_bytes, [1, 16]), (16 * n_bytes - 1, [])):
        monkeypatch.setattr(engine, "_MOST_BYTES", most)
        sizes.clear()
        for n in (1, 16):
            fitted(ensemble(net(epochs=1), n=n), IRIS, SPECIES)
        assert sizes == expected


def test_networks_together_have_the_scores_of_networks_one_after_another() -> None:
    found = [
        numbers(fitted(ensemble(net(epochs=5), n=4, together=t), IRIS, SPECIES))
        for t in ("auto", False)
    ]
    np.testing.assert_allclose(*found, rtol=0, atol=1e-5)


# What is trained.


def test_what_has_not_changed_is_not_trained_again() -> None:
    model = ensemble()
    mach = mlj.machine(model, X, Y)
    assert trained(mach) == ["fit"] * 3
    assert trained(mach) == []
    model.n = 5
    assert trained(mach) == ["fit"] * 2
    model.n = 2
    assert trained(mach) == [] and len(members(mach)) == 2
    model.model.epochs = 4
    assert trained(mach) == ["update"] * 2
    model.set("n", 3)
    model.model.epochs = 6
    assert trained(mach) == ["update"] * 2 + ["fit"]
    assert mach.state == 5
    model.model.bias = 1.0
    assert trained(mach) == ["fit"] * 3
    mlj.fit(mach, verbosity=0, force=True)
    assert [what for what, *_ in seen()] == ["fit"] * 3
    mlj.fit(mach, rows=range(10), verbosity=0)
    assert {len(rows) for _, rows, _, _ in seen()} == {8}


@pytest.mark.parametrize("changes", [{"bagging_fraction": 0.5}, {"rng": 2}])
def test_other_rows_or_seeds_train_all_anew_as_from_the_start(changes: dict[str, Any]) -> None:
    mach = fitted(ensemble())
    for name, value in changes.items():
        mach.model.set(name, value)
    assert trained(mach) == ["fit"] * 3
    assert members(mach) == members(fitted(ensemble(**changes)))
    assert trained(mach) == []


def test_where_and_how_members_train_is_remembered_and_trains_nothing() -> None:
    mach = fitted(ensemble())
    mach.model.acceleration, mach.model.together = mlj.CPUThreads(2), False
    assert trained(mach) == [] and mach.state == 1
    assert mach.current_model().acceleration == mlj.CPUThreads(2)
    mach.model.n = 4
    assert trained(mach) == ["fit"] and mach.state == 2


def test_more_epochs_go_on_with_all_members_to_the_bit() -> None:
    for model in (ensemble(net()), ensemble(net(), together=False)):
        mach = fitted(model, IRIS, SPECIES)
        model.model.epochs = 5
        mlj.fit(mach, verbosity=0)
        np.testing.assert_array_equal(numbers(mach), numbers(fitted(model, IRIS, SPECIES)))
        assert [report.epochs for report in mlj.report(mach).members] == [5] * 3


@pytest.mark.parametrize(
    "changes",
    [{"lambda_": 0.5}, {"epochs": 1}, {"builder": mlj.MLP(hidden=(3,))}, {"batch_size": 16}],
    ids=lambda changes: "".join(changes),
)
def test_a_change_by_which_a_network_starts_anew_starts_all_anew(changes: Any) -> None:
    model = ensemble(net(), n=2)
    mach = fitted(model, IRIS, SPECIES)
    for name, value in changes.items():
        model.model.set(name, value)
    mlj.fit(mach, verbosity=0)
    np.testing.assert_array_equal(numbers(mach), numbers(fitted(model, IRIS, SPECIES)))


def test_another_optimiser_is_remembered_until_training_goes_on() -> None:
    model = ensemble(net(), n=2)
    mach = fitted(model, IRIS, SPECIES)
    before = numbers(mach)
    model.model.optimiser = mlj.SGD(0.5)
    mlj.fit(mach, verbosity=0)
    assert mach.state == 1 and np.array_equal(numbers(mach), before)
    model.model.epochs = 3
    mlj.fit(mach, verbosity=0)
    assert mach.state == 2 and not np.allclose(numbers(mach), before, atol=1e-3)


def test_without_a_seed_it_is_that_of_the_model() -> None:
    model = ensemble(Noted(rng=7), rng=None)
    mach = fitted(model)
    assert mlj.report(mach).rng == 7
    assert members(mach) == members(fitted(ensemble(rng=7)))
    model.model.rng = 8
    assert trained(mach) == ["fit"] * 3
    assert members(mach) == members(fitted(ensemble(rng=8)))


def test_without_any_seed_each_cold_fit_draws_one_and_members_are_added_to_it() -> None:
    mach = fitted(ensemble(rng=None))
    seed = mlj.report(mach).rng
    mach.model.n = 5
    assert trained(mach) == ["fit"] * 2 and mlj.report(mach).rng == seed
    assert members(mach) == members(fitted(ensemble(n=5, rng=seed)))
    mlj.fit(mach, verbosity=0, force=True)
    assert mlj.report(mach).rng != seed


# Weights of members.


def test_weights_of_members_are_divided_by_their_sum_and_train_nothing() -> None:
    mach = fitted(ensemble())
    mach.model.atomic_weights = [1.0, 2.0, 5.0]
    with pytest.warns(ModelWarning, match="have the sum 8, and are divided by it"):
        assert trained(mach) == []
    weights = mlj.fitted_params(mach).atomic_weights
    assert weights == (0.125, 0.25, 0.625)
    expected = float(np.dot(weights, members(mach)))
    np.testing.assert_allclose(mlj.predict(mach, X[:1]), [expected])
    mach.model.atomic_weights = [0.125, 0.25, 0.625]
    assert trained(mach) == [] and mlj.fitted_params(mach).atomic_weights == weights
    mach.model.atomic_weights = None
    assert trained(mach) == []
    assert mlj.fitted_params(mach).atomic_weights == (1 / 3,) * 3


def test_weights_of_members_weight_probabilities_too() -> None:
    mach = fitted(ensemble(net(), atomic_weights=[0.0, 0.75, 0.25]), IRIS, SPECIES)
    _, second, third = (numbers(m, IRIS) for m in mlj.fitted_params(mach).members)
    np.testing.assert_allclose(numbers(mach), 0.75 * second + 0.25 * third, atol=1e-7)


# Kinds of predictions.


def test_labels_are_voted_on_and_equals_go_to_the_earlier_in_the_pool() -> None:
    y = pd.Series(pd.Categorical(["p", "q"] * 10, categories=["q", "p", "r"]))
    for values, expected in ((("p", "q", "p"), "p"), (("r", "p", "q"), "q")):
        seen()
        turns = InTurn(values=values)

        class Factor(InTurn):
            def predict(self, fitresult: Any, Xnew: Any) -> Any:
                return pd.Categorical([fitresult] * len(Xnew), categories=["q", "p", "r"])

        mach = fitted(ensemble(Factor(**{n: turns.get(n) for n in turns.fields()})), X, y)
        assert list(mlj.predict(mach, X[:2])) == [expected] * 2
        plain = fitted(ensemble(turns), X, y.astype(str).to_numpy())
        assert plain.predict(X[:1]).tolist() == [sorted(values)[0] if "r" in values else "p"]


def test_integer_labels_are_voted_on_and_integers_averaged() -> None:
    seen()
    labels, counts = pd.Categorical([3, 7] * 10), np.array([3, 7] * 10)
    model = ensemble(InTurn(values=(3, 7, 7)))
    assert mlj.predict(fitted(model, X, labels), X[:1]).tolist() == [7]
    seen()
    assert mlj.predict(fitted(model, X, counts), X[:1]).tolist() == [pytest.approx(17 / 3)]


def test_a_classifier_of_scikit_learn_votes_and_keeps_the_index() -> None:
    svc = mlj.load("LinearSVC", package="scikit-learn")
    frame = IRIS.set_axis(pd.Index(range(1000, 1150)))
    mach = fitted(ensemble(svc(), n=4), frame, SPECIES.set_axis(frame.index))
    found = mlj.predict(mach, frame.tail(60))
    assert found.index.equals(frame.index[-60:]) and found.dtype == SPECIES.dtype
    each = np.array([m.predict(frame.tail(60)).cat.codes for m in mlj.fitted_params(mach).members])
    expected = [np.bincount(column, minlength=3).argmax() for column in each.T]
    assert found.cat.codes.tolist() == expected
    assert (found == SPECIES.to_numpy()[-60:]).mean() > 0.8


def test_tables_of_targets_are_averaged_column_by_column() -> None:
    targets = IRIS.iloc[:, :2].rename(columns=str.upper)
    model = mlj.MultitargetNeuralNetworkRegressor(epochs=2, batch_size=32)
    mach = fitted(ensemble(model, out_of_bag_measure=mlj.multitarget_rms), IRIS, targets)
    found, each = mlj.predict(mach, IRIS), mlj.fitted_params(mach).members
    assert list(found) == list(targets)
    np.testing.assert_allclose(found, np.mean([m.predict(IRIS) for m in each], axis=0), rtol=1e-6)
    assert 0 < mlj.report(mach).out_of_bag["multitarget_rms"] < 10


class Gauss(mlj.Probabilistic):
    """A normal distribution for all rows."""

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        return float(np.mean(y)), float(np.std(y))

    def predict(self, fitresult: Any, Xnew: Any) -> Any:
        return [norm(*fitresult) for _ in range(len(Xnew))]


def test_distributions_of_numbers_are_mixed_and_measured() -> None:
    model = ensemble(Gauss(), out_of_bag_measures=[mlj.log_loss, mlj.rms])
    mach = fitted(model)
    found, each = mlj.predict(mach, X[:2]), mlj.fitted_params(mach).members
    parts = [m.predict(X[:1])[0] for m in each]
    assert [type(one) for one in found] == [Mixture] * 2
    assert found[0].pdf(3.0) == pytest.approx(np.mean([part.pdf(3.0) for part in parts]))
    assert mlj.predict_mean(mach, X[:1]) == [pytest.approx(np.mean([p.mean() for p in parts]))]
    (middle,) = mlj.predict_median(mach, X[:1])
    assert found[0].cdf(middle) == pytest.approx(0.5)
    assert 2 < mlj.report(mach).out_of_bag["log_loss"] < 6
    assert mlj.log_loss(mlj.predict(mach, X), Y) > 2


def test_predictions_of_no_rows_are_none() -> None:
    assert len(mlj.predict(fitted(ensemble(net(), n=2), IRIS, SPECIES), IRIS.head(0))) == 0
    assert len(mlj.predict(fitted(ensemble()), X[:0])) == 0


# What is told.


def test_importances_are_the_means_of_those_of_members() -> None:
    mach = fitted(ensemble())
    found = mlj.feature_importances(mach)
    assert found == [("first", pytest.approx(np.mean(members(mach)))), ("second", 1.0)]
    mach = fitted(ensemble(tree(), n=4), IRIS, SPECIES)
    each = [dict(mlj.feature_importances(m)) for m in mlj.fitted_params(mach).members]
    for name, value in mlj.feature_importances(mach):
        assert value == pytest.approx(np.mean([one[name] for one in each]))
    assert mlj.feature_importances(fitted(ensemble(net(), n=2), IRIS, SPECIES)) is None


def test_what_there_cannot_be_of_many_trainings_is_said() -> None:
    mach = fitted(ensemble(net(), n=2), IRIS, SPECIES)
    assert mlj.training_losses(mach) is None
    with pytest.raises(UnsupportedOperation, match="EnsembleModel has no snapshots"):
        mlj.snapshot(mach)
    with pytest.raises(UnsupportedOperation, match="EnsembleModel has no transform"):
        mlj.transform(mach, IRIS)
    traits = mach.model.own_traits()
    assert traits.iteration_parameter == "n" and not traits.supports_training_losses
    assert traits.supports_weights and traits.is_wrapper


def test_copies_and_pickles_predict_the_same_and_go_on() -> None:
    mach = fitted(ensemble(net(), n=2), IRIS, SPECIES)
    again = pickle.loads(pickle.dumps(mach))
    np.testing.assert_array_equal(numbers(again), numbers(mach))
    again.model.n = mach.model.n = 3
    for each in (mach, again):
        mlj.fit(each, verbosity=0)
    np.testing.assert_array_equal(numbers(again), numbers(mach))
    model = copy.deepcopy(mach.model)
    assert model == mach.model and pickle.loads(pickle.dumps(model)) == model
    model.model.epochs = 9
    assert mach.model.model.epochs == 2


def test_members_are_silent_below_the_verbosity_of_the_ensemble(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "mlj_keras")
    mlj.fit(mlj.machine(ensemble(net(), n=2), IRIS, SPECIES), verbosity=2)
    assert len(caplog.messages) == 1 and "Training machine(EnsembleModel" in caplog.messages[0]
