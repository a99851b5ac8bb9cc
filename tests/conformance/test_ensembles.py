"""Ensembles in the company of other models: weighted, frozen, piped, iterated, tuned, evaluated;
and members measured out of the bag."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import accuracy_score, log_loss
from sklearn.tree import DecisionTreeClassifier

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, ScitypeError
from mlj_keras.models import Traits
from tests.batteries.ensembles import (
    IRIS,
    N_ROWS,
    SPECIES,
    Noted,
    X,
    Y,
    ensemble,
    fitted,
    net,
    numbers,
    seen,
    stop_at,
    tree,
)

HALVES = [(range(0, N_ROWS, 2), range(1, N_ROWS, 2))]


def trained(mach: Any, rows: Any = None) -> list[str]:
    seen()
    mlj.fit(mach, rows=rows, verbosity=0)
    return [what for what, *_ in seen()]


# Out of the bag.


def test_measures_are_of_the_rows_that_each_member_has_not_seen_aggregated_as_over_folds() -> None:
    seen()
    mach = fitted(ensemble(n=6, out_of_bag_measures=[mlj.rms, mlj.l1, mlj.rsq]))
    by_member = []
    for _, rows, _, _ in seen():
        rest = np.setdiff1d(np.arange(N_ROWS), rows)
        errors = Y[rest] - Y[rows].mean()
        spread = Y[rest] - Y[rest].mean()
        by_member.append(
            (
                np.sqrt(np.mean(errors**2)),
                np.mean(abs(errors)),
                1 - sum(errors**2) / sum(spread**2),
            )
        )
    rms, l1, rsq = np.array(by_member).T
    found = mlj.report(mach).out_of_bag
    assert list(found) == ["rms", "l1", "rsq"]
    assert found["rms"] == pytest.approx(np.sqrt(np.mean(rms**2)))
    assert found["l1"] == pytest.approx(l1.mean()) and found["rsq"] == pytest.approx(rsq.mean())


def test_scikit_learn_gives_the_same_numbers_for_the_same_trees() -> None:
    seen()
    fitted(ensemble(n=4), np.arange(300.0).reshape(150, 2), np.arange(150.0))
    drawn = [rows for _, rows, _, _ in seen()]  # whatever the model
    model = ensemble(tree(), n=4, out_of_bag_measures=["log_loss", "accuracy"])
    mach = fitted(model, IRIS, SPECIES)
    codes, values = SPECIES.cat.codes.to_numpy(), []
    for rows, member in zip(drawn, mlj.fitted_params(mach).members, strict=True):
        rest = np.setdiff1d(np.arange(150), rows)
        own = DecisionTreeClassifier(max_depth=2, random_state=member.model.random_state)
        p = own.fit(IRIS.iloc[rows], codes[rows]).predict_proba(IRIS.iloc[rest])
        loss = log_loss(codes[rest], np.clip(p, 2.0**-52, None), labels=[0, 1, 2])
        values.append((loss, accuracy_score(codes[rest], p.argmax(axis=1))))
    found = mlj.report(mach).out_of_bag
    np.testing.assert_allclose(list(found.values()), np.mean(values, axis=0), rtol=1e-9)


def test_other_measures_train_nothing_and_members_that_are_added_are_measured() -> None:
    model = ensemble(n=2)
    mach = fitted(model)
    model.out_of_bag_measure = mlj.l1
    assert trained(mach) == []
    assert mlj.report(mach).out_of_bag == mlj.report(fitted(model)).out_of_bag
    model.n = 4
    assert trained(mach) == ["fit"] * 2
    assert mlj.report(mach).out_of_bag == mlj.report(fitted(model)).out_of_bag
    model.out_of_bag_measures = [mlj.rms, mlj.l1]
    model.model.epochs = 2
    assert trained(mach) == ["update"] * 4
    assert list(mlj.report(mach).out_of_bag) == ["rms", "l1"]
    model.out_of_bag_measures = None
    assert trained(mach) == [] and mlj.report(mach).out_of_bag == {}


# Weights of rows.


def test_rows_are_weighted_by_those_of_the_machine_and_classes_by_level() -> None:
    seen()
    w = 1 + np.arange(N_ROWS) / 8
    mach = fitted(ensemble(n=2), X, Y, w)
    expected = []
    for _, rows, weights, _ in seen():
        assert weights == w[rows].tolist()
        expected.append(np.average(Y[rows], weights=w[rows]))
    assert mlj.predict(mach, X[:1])[0] == pytest.approx(np.mean(expected))
    by_level = {"setosa": 1.0, "versicolor": 1.0, "virginica": 30.0}
    model = ensemble(net(epochs=30), n=2, bagging_fraction=1.0)
    by_row = SPECIES.map(by_level).astype(float).to_numpy()
    found = [numbers(fitted(model, IRIS, SPECIES, weights)) for weights in (by_level, by_row)]
    np.testing.assert_array_equal(*found)
    assert (found[0].argmax(axis=1) == 2).sum() > 60
    assert numbers(fitted(model, IRIS, SPECIES, "balanced")).shape == (150, 3)


# Frozen, piped, transformed.


def test_a_frozen_ensemble_stays_as_it_is() -> None:
    outer = mlj.Freezable(ensemble(), frozen=True)
    mach = fitted(outer)
    outer.model.n = 5
    mlj.fit(mach, rows=range(10), verbosity=-1)
    assert mlj.report(mach).n == 3
    outer.frozen = False
    assert trained(mach) == ["fit"] * 2


def test_a_frozen_model_is_kept_in_its_ensemble() -> None:
    model = ensemble(mlj.Freezable(Noted(), frozen=True))
    mach = mlj.machine(model, X, Y)
    assert trained(mach) == ["fit"] * 3
    before = numbers(mach)
    model.model.model.epochs = 4
    assert trained(mach) == []
    model.n = 4
    assert trained(mach) == ["fit"]
    model.n = 3
    mlj.fit(mach, verbosity=0)
    mlj.fit(mach, rows=range(10), verbosity=0)
    mlj.fit(mach, verbosity=0, force=True)
    assert seen() == [] and numbers(mach).tolist() == before.tolist()
    model.model.frozen = False
    assert trained(mach) == ["fit"] * 3, "there were other rows meanwhile"
    model.model.frozen, model.bagging_fraction = True, 0.5
    assert trained(mach) == []
    model.model.frozen = False
    assert trained(mach) == ["fit"] * 3
    np.testing.assert_allclose(numbers(mach), numbers(fitted(model)))


def test_what_a_frozen_model_has_missed_it_learns_once_it_is_thawed() -> None:
    model = ensemble(mlj.Freezable(Noted(), frozen=True))
    mach = mlj.fit(mlj.machine(model, X, Y), rows=range(10), verbosity=0)
    mlj.fit(mach, rows=range(10, 20), verbosity=0)
    model.n = 4
    assert trained(mach, rows=range(10, 20)) == ["fit"] and mlj.report(mach).n == 4
    model.model.frozen = False
    assert trained(mach, rows=range(10, 20)) == ["fit"] * 4
    assert 10 < numbers(mach)[0] < 20


def test_a_frozen_ensemble_in_a_pipeline_is_kept() -> None:
    pipe = mlj.Pipeline(scale=mlj.Standardizer(), many=mlj.Freezable(ensemble(net(), n=2)))
    mach = fitted(pipe, IRIS, SPECIES)
    before = numbers(mach, IRIS)
    pipe.many.frozen = True
    pipe.many.model.model.epochs = 5
    mlj.fit(mach, verbosity=-1)
    np.testing.assert_array_equal(numbers(mach, IRIS), before)


def test_pipelines_and_transformed_targets_are_ensembled_and_ensembles_piped() -> None:
    X_, y = mlj.load_diabetes()
    ridge = mlj.load("Ridge", package="scikit-learn")
    target = mlj.TransformedTargetModel(ridge(), transformer=mlj.Standardizer())
    mach = fitted(ensemble(mlj.Standardizer() | target, out_of_bag_measure=mlj.rsq), X_, y)
    assert mlj.report(mach).out_of_bag["rsq"] > 0.3
    each = [m.predict(X_) for m in mlj.fitted_params(mach).members]
    np.testing.assert_allclose(mlj.predict(mach, X_), np.mean(each, axis=0))
    piped = fitted(mlj.Standardizer() | ensemble(ridge(), n=2), X_, y)
    assert mlj.rsq(mlj.predict(piped, X_), y) > 0.4
    twice = fitted(ensemble(ensemble(ridge(), n=2), n=2), X_, y)
    inner = [mlj.fitted_params(m).members for m in mlj.fitted_params(twice).members]
    alphas = {m.model.random_state for members in inner for m in members}
    assert len(alphas) == 4
    pipe = mlj.Standardizer() | net()
    more = fitted(ensemble(pipe, n=2), IRIS, SPECIES)
    pipe = more.model.model
    pipe.neural_network_classifier.epochs = 4
    mlj.fit(more, verbosity=0)
    np.testing.assert_array_equal(
        numbers(more), numbers(fitted(ensemble(pipe, n=2), IRIS, SPECIES))
    )


def test_a_specification_is_made_definite_by_the_data() -> None:
    model = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(4,)), epochs=2, batch_size=32)
    mach = fitted(ensemble(model), IRIS, SPECIES)
    np.testing.assert_array_equal(numbers(mach), numbers(fitted(ensemble(net()), IRIS, SPECIES)))
    assert mach.container is mlj.EnsembleModel
    model = mach.model.model
    assert type(model) is mlj.NeuralNetwork
    model.epochs = 3
    assert [r.epochs for r in mlj.report(mlj.fit(mach, verbosity=0)).members] == [3] * 3


# Iterated, tuned, evaluated.


def test_iterating_an_ensemble_adds_members() -> None:
    seen()
    controls = [mlj.Step(2), mlj.NumberLimit(3)]
    iterated = mlj.IteratedModel(
        ensemble(n=1), controls=controls, resampling=HALVES, measure=mlj.rms
    )
    mach = mlj.machine(iterated, X, Y)
    assert trained(mach) == ["fit"] * 6
    assert mlj.report(mach).n_iterations == 6
    losses = []
    for n in (2, 4, 6):
        whole = mlj.fit(mlj.machine(ensemble(n=n), X, Y), rows=HALVES[0][0], verbosity=0)
        losses.append(mlj.rms(mlj.predict(whole, X[1::2]), Y[1::2]))
    np.testing.assert_allclose(mlj.report(mach).losses, losses)
    best = 2 * (1 + int(np.argmin(losses)))
    assert mlj.report(mach).kept_iteration == mlj.report(mach).model_report.n == best


def test_models_are_iterated_within_an_ensemble() -> None:
    controls = [mlj.Step(2), mlj.NumberLimit(2)]
    inner = mlj.IteratedModel(
        net(), controls=controls, resampling=mlj.Holdout(0.7, rng=1), measure=mlj.log_loss
    )
    mach = fitted(ensemble(inner, n=2), IRIS, SPECIES)
    reports = mlj.report(mach).members
    assert [report.n_iterations for report in reports] == [4, 4]
    assert numbers(mach).shape == (150, 3)
    seeds = {report.model_report.rng for report in reports}
    assert len(seeds) == 2


def test_members_fractions_and_what_is_nested_are_tuned() -> None:
    model = ensemble(net(), n=1)
    ranges = [
        mlj.param_range(model, "n", values=[1, 2]),
        mlj.param_range(model, "bagging_fraction", values=[0.5, 0.9]),
        mlj.param_range(model, "model.optimiser.learning_rate", values=[1e-5, 0.1]),
    ]
    tuned = mlj.TunedModel(
        model, ranges=ranges, tuning=mlj.Grid(), resampling=mlj.Holdout(rng=1), measure="log_loss"
    )
    mach = fitted(tuned, IRIS, SPECIES)
    assert len(mlj.report(mach).history) == 8
    best = mlj.fitted_params(mach).best_model
    assert best.model.optimiser.learning_rate == 0.1
    assert numbers(mach).shape == (150, 3)


@pytest.mark.slow
def test_an_ensemble_is_evaluated_where_one_likes_with_the_same_result() -> None:
    model = ensemble(tree(), n=2)
    options = {"resampling": mlj.CV(nfolds=3, rng=1), "measures": ["log_loss", "accuracy"]}
    found = [
        mlj.evaluate(model, IRIS, SPECIES, acceleration=where, verbosity=0, **options)
        for where in (mlj.CPU1(), mlj.CPUProcesses(2))
    ]
    np.testing.assert_array_equal(found[0].per_fold, found[1].per_fold)
    assert found[0].operation == ["predict", "predict_mode"]


# Elsewhere.


@pytest.mark.slow
def test_rows_of_a_frame_reach_other_processes_as_those_rows() -> None:
    frame, target = IRIS.sample(frac=1.0, random_state=1), SPECIES.sample(frac=1.0, random_state=1)
    found = []
    for where in (mlj.CPU1(), mlj.CPUProcesses(2)):
        model = mlj.EnsembleModel(net(), n=2, rng=1, acceleration=where)
        mach = mlj.fit(mlj.machine(model, frame, target), rows=range(60, 150), verbosity=0)
        found.append(mlj.predict(mach, frame).to_numpy())
    np.testing.assert_array_equal(*found)


def test_the_first_failure_of_an_ensemble_that_is_iterated_is_the_one_that_is_told() -> None:
    stop_at(1)
    model = mlj.IteratedModel(ensemble(n=1), controls=[mlj.Step(2), mlj.NumberLimit(2)])
    with pytest.raises(KeyboardInterrupt, match="stop"):
        mlj.fit(mlj.machine(model, X, Y), verbosity=-1)
    weighted = mlj.EnsembleModel(Noted(), n=2, atomic_weights=[1, 1])
    with pytest.raises(InvalidModelError, match="no field that is known to count"):
        mlj.IteratedModel(weighted, controls=[mlj.Step(1), mlj.NumberLimit(2)]).check()


def test_an_error_says_which_member_has_raised_it() -> None:
    stop_at(2, ValueError("no"))
    with pytest.raises(ValueError, match="no") as caught:
        mlj.fit(mlj.machine(ensemble(), X, Y), verbosity=-1)
    assert "It was raised by member 1 of an ensemble." in caught.value.__notes__


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["networks", "trees"])
def test_members_are_the_same_wherever_they_are_trained(kind: str) -> None:
    made = {"networks": (net(), 4), "trees": (tree(), 3)}
    model, n = made[kind]
    given = {"n": n, "out_of_bag_measures": ["log_loss", "accuracy"]}
    one = fitted(ensemble(model, **given), IRIS, SPECIES)
    for where in (mlj.CPUThreads(2), mlj.CPUProcesses(2), "threading"):
        other = fitted(ensemble(model, acceleration=where, **given), IRIS, SPECIES)
        np.testing.assert_array_equal(numbers(one), numbers(other))
        assert mlj.report(one).out_of_bag == mlj.report(other).out_of_bag
        assert mlj.report(one).members[1].__class__ is mlj.report(other).members[1].__class__


class Continuous(Noted):
    """The same, of numbers alone."""

    traits = Traits(
        prediction_type="deterministic",
        input_scitype=mlj.Table[mlj.Continuous],
        target_scitype=mlj.Vector[mlj.Continuous],
    )


class Through(mlj.Static):
    """What comes goes."""

    def transform(self, fitresult: Any, Xnew: Any) -> Any:
        return Xnew


@pytest.mark.parametrize("where", [mlj.CPU1(), mlj.CPUThreads(2)], ids=["here", "threads"])
def test_data_are_checked_within_as_strictly_as_around_wherever_members_are_trained(
    where: Any,
) -> None:
    frame = pd.DataFrame({"a": 2.0 * np.arange(N_ROWS), "b": pd.Categorical(["x", "y"] * 10)})
    model = ensemble(Through() | Continuous(), n=2, acceleration=where)
    with pytest.raises(ScitypeError, match="column 'b' is Multiclass"):
        mlj.fit(mlj.machine(model, frame, Y), verbosity=-1)
    mach = mlj.machine(model, frame, Y, scitype_check_level=0)
    assert len(mlj.predict(mlj.fit(mach, verbosity=0), frame)) == N_ROWS
