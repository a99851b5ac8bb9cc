"""Models stacked: what the metalearner is given, what is trained again, and what is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import UnsupportedOperation
from tests.batteries.counting import trained
from tests.batteries.stacking import (
    IRIS,
    LEVELS,
    W10,
    X10,
    Y10,
    Judge,
    Shares,
    classes,
    diabetes,
    fitted,
    given,
    learner,
    mixed,
    numbers,
    shares,
)

XD, YD = diabetes(10)
HALVES = [(list(range(5, 10)), list(range(5))), (list(range(5)), list(range(5, 10)))]


def sorted_trainings() -> list[str]:
    return sorted(trained())


# What the metalearner is given.


def test_39_each_model_is_trained_on_each_fold_and_on_all_and_the_table_has_a_column_a_class() -> (
    None
):
    trained()
    mach = fitted(classes(), X10, Y10)
    done = trained()
    assert done[-1] == "fit judge on 10" and len(done) == 7
    by_model = ["fit {} on 10", "fit {} on 5", "fit {} on 5"]
    assert sorted(done[:-1]) == [each.format(name) for name in "ab" for each in by_model]
    found = given(mach)
    assert found["X"].shape == (10, 6) and found["w"] is None
    assert list(found["y"]) == list(Y10)
    rows = X10.to_numpy(), np.asarray(Y10)
    wanted = np.vstack(
        [
            np.hstack(
                [
                    shares(rows[0][train], rows[1][train], rows[0][test], width, LEVELS)
                    for width in (1.0, 3.0)
                ]
            )
            for train, test in HALVES
        ]
    )
    np.testing.assert_allclose(found["X"], wanted, rtol=1e-12)


def test_a_regressor_gives_a_column() -> None:
    trained()
    mach = fitted(numbers(), XD, YD)
    done = trained()
    assert sorted(done) == ["fit a 1"] * 3 + ["fit b 1"] * 3 + ["fit umpire 1"]
    assert done[-1] == "fit umpire 1"
    X, y = XD.to_numpy(), YD.to_numpy()
    wanted = [X[test].mean(axis=1) - X[train].mean() + y[train].mean() for train, test in HALVES]
    left = np.concatenate(wanted)
    np.testing.assert_allclose(given(mach)["X"], np.column_stack([left, left + 1]))


def test_rows_come_fold_after_fold_and_the_target_with_them() -> None:
    strategy = mlj.CV(nfolds=3, rng=4)
    pairs = strategy.train_test_pairs(range(10))
    mach = fitted(numbers(resampling=strategy), XD, YD, W10)
    found = given(mach)
    order = np.concatenate([test for _, test in pairs])
    assert order.tolist() != sorted(order)
    np.testing.assert_array_equal(found["y"], YD.to_numpy()[order])
    np.testing.assert_array_equal(found["w"], W10[order])
    X, y = XD.to_numpy(), YD.to_numpy()
    for (train, test), block in zip(
        pairs, np.split(found["X"][:, 0], np.cumsum([4, 3])), strict=True
    ):
        mean = np.average(y[train], weights=W10[train])
        np.testing.assert_allclose(block, X[test].mean(axis=1) - X[train].mean() + mean)


def test_of_a_holdout_the_metalearner_learns_from_the_part_held_out() -> None:
    trained()
    mach = fitted(classes(resampling=mlj.Holdout(0.7)), X10, Y10)
    assert sorted_trainings() == sorted(
        [f"fit {name} on {n}" for name in "ab" for n in (7, 10)] + ["fit judge on 3"]
    )
    assert given(mach)["X"].shape == (3, 6) and list(given(mach)["y"]) == list(Y10[7:])


def test_listed_pairs_may_test_on_rows_twice_or_never() -> None:
    pairs = [([0, 1, 2, 3, 4], [5, 6]), ([4, 5, 6], [0, 1, 2]), ([0, 1, 2], [6])]
    mach = fitted(classes(resampling=pairs), X10, Y10)
    assert list(given(mach)["y"]) == list(Y10[[5, 6, 0, 1, 2, 6]])
    assert [len(each.fitresult["y"]) for each in mlj.fitted_params(mach).folds.a] == [5, 3, 3]


def test_predictions_are_the_metalearners_of_what_models_trained_on_all_rows_predict() -> None:
    mach = fitted(classes(), X10, Y10)
    new = IRIS.iloc[60:64]
    X, y = X10.to_numpy(), np.asarray(Y10)
    features = [shares(X, y, new.to_numpy(), width, LEVELS) for width in (1.0, 3.0)]
    found = given(mach)
    wanted = shares(found["X"], found["y"], np.hstack(features), 1.0, LEVELS)
    np.testing.assert_allclose(mlj.predict(mach, new).to_numpy(), wanted, rtol=1e-12)
    assert mlj.predict(mach, new).levels == LEVELS


def test_the_default_folds_are_six_shuffled_by_the_first_seed_and_stratified() -> None:
    X, y = mixed(60)
    net = mlj.NeuralNetworkClassifier(builder=mlj.Linear(), epochs=0, rng=5)
    options = {"net": net, "a": Shares(), "metalearner": Judge()}
    mach = fitted(mlj.Stack(**options), X, y)
    pairs = mlj.StratifiedCV(nfolds=6, rng=5).train_test_pairs(range(60), X, y)
    order = np.concatenate([test for _, test in pairs])
    assert list(given(mach)["y"]) == list(y.iloc[order])


def test_a_class_that_no_row_of_a_fold_has_keeps_its_column() -> None:
    y = Y10.where(Y10 != "virginica", "setosa")
    y.iloc[0] = "virginica"
    stack = classes(b=learner("LogisticRegression"))
    mach = fitted(stack, X10, y)
    assert given(mach)["X"].shape == (10, 6)
    assert (given(mach)["X"][:5, 5] == 0).all()  # the first fold is predicted from the second


# What is trained again.

CHANGES: list[tuple[str, Callable[[Any], Any], list[str]]] = [
    ("nothing", lambda s: None, []),
    ("the metalearner", lambda s: s.set("metalearner.width", 2.0), ["fit judge on 10"]),
    ("another metalearner", lambda s: s.set("metalearner", Judge(name="x")), ["fit x on 10"]),
    (
        "metalearner, onward",
        lambda s: s.set("metalearner.epochs", 3),
        ["update judge 2 on 10"],
    ),
    (
        "one model",
        lambda s: s.set("b.width", 2.0),
        ["fit b on 10", "fit b on 5", "fit b on 5", "fit judge on 10"],
    ),
    (
        "one model, onward",
        lambda s: s.set("a.epochs", 4),
        ["fit judge on 10", "update a 3 on 10", "update a 3 on 5", "update a 3 on 5"],
    ),
    (
        "another model",
        lambda s: s.set("a", Shares(name="x", width=9.0)),
        ["fit judge on 10", "fit x on 10", "fit x on 5", "fit x on 5"],
    ),
    ("measures", lambda s: s.set("measures", ["log_loss", "accuracy"]), []),
    ("acceleration", lambda s: s.set("acceleration", mlj.CPUThreads(2)), []),
    ("cache", lambda s: s.set("cache", value=False), []),
    (
        "resampling",
        lambda s: s.set("resampling", mlj.Holdout(0.5)),
        sorted([f"fit {n} on {k}" for n in "ab" for k in (5, 10)] + ["fit judge on 5"]),
    ),
    (
        "frozen",
        lambda s: (s.set("a.frozen", value=True), s.set("a.model.width", 2.0)),
        [],
    ),
]


@pytest.mark.parametrize(("case", "change", "done"), CHANGES, ids=[c[0] for c in CHANGES])
def test_a_change_trains_what_it_has_to_and_what_is_learned_is_as_of_a_new_stack(
    case: str, change: Callable[[Any], Any], done: list[str]
) -> None:
    stack = classes(a=mlj.Freezable(Shares(name="a"))) if case == "frozen" else classes()
    mach = fitted(stack, X10, Y10)
    before = mlj.predict(mach, IRIS).to_numpy()
    trained()
    change(stack)
    mlj.fit(mach, verbosity=0)
    assert sorted_trainings() == done
    wanted = before if case == "frozen" else mlj.predict(fitted(stack, X10, Y10), IRIS).to_numpy()
    np.testing.assert_array_equal(mlj.predict(mach, IRIS).to_numpy(), wanted)
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == []


def test_other_rows_and_force_train_all_but_what_is_frozen() -> None:
    stack = classes(a=mlj.Freezable(Shares(name="a")))
    mach = fitted(stack, X10, Y10)
    learned = mlj.fitted_params(mach).a.fitresult["X"]
    stack.a.frozen = True
    for options in ({"rows": range(8)}, {"rows": range(8), "force": True}):
        trained()
        mlj.fit(mach, verbosity=-1, **options)
        assert sorted_trainings() == ["fit b on 4", "fit b on 4", "fit b on 8", "fit judge on 8"]
    np.testing.assert_array_equal(mlj.fitted_params(mach).a.fitresult["X"], learned)


def test_folds_of_a_shuffle_without_a_seed_stay_those_of_the_training() -> None:
    stack = numbers(resampling=mlj.CV(nfolds=2, shuffle=True))
    mach = fitted(stack, XD, YD)
    stack.measures = ["rms"]
    trained()
    mlj.fit(mach, verbosity=0)
    assert trained() == []
    pairs = mlj.report(mach).cv_report["a"].train_test_rows
    assert list(given(mach)["y"]) == list(YD.iloc[np.concatenate([test for _, test in pairs])])
    means = [each.fitresult["mean"] for each in mlj.fitted_params(mach).folds.a]
    np.testing.assert_allclose(means, [YD.iloc[train].mean() for train, _ in pairs])
    stack.a.bias = 2.0
    mlj.fit(mach, verbosity=0)
    assert mlj.report(mach).cv_report["a"].train_test_rows[0][0].tolist() == pairs[0][0].tolist()


def test_another_first_seed_makes_other_default_folds() -> None:
    net = mlj.NeuralNetworkRegressor(builder=mlj.Linear(activation="linear"), epochs=0, rng=1)
    stack = numbers(net=net, resampling="auto")
    mach = fitted(stack, XD, YD)
    stack.net.rng = 2
    mlj.fit(mach, verbosity=0)
    again = fitted(stack, XD, YD)
    np.testing.assert_array_equal(given(mach)["y"], given(again)["y"])
    np.testing.assert_array_equal(mlj.predict(mach), mlj.predict(again))


# What is told.


def test_models_are_told_by_name_and_those_of_folds_apart() -> None:
    mach = fitted(classes(a=Shares(epochs=2)), X10, Y10)
    report, learned = mlj.report(mach), mlj.fitted_params(mach)
    assert sorted(vars(report)) == sorted(vars(learned)) == ["a", "b", "folds", "metalearner"]
    assert (report.a.epochs, [each.epochs for each in report.folds.a]) == (2, [2, 2])
    assert len(learned.b.fitresult["y"]) == 10
    assert [list(each.fitresult["y"]) for each in learned.folds.b] == [
        list(Y10[5:]),
        list(Y10[:5]),
    ]
    assert mlj.training_losses(mach) is None and mlj.feature_importances(mach) is None
    with pytest.raises(UnsupportedOperation, match="has no transform"):
        mlj.transform(mach, X10)


@pytest.mark.parametrize("weights", [(), (W10,)])
def test_internal_measures_are_the_evaluations_of_the_models_on_the_same_pairs(
    weights: Any,
) -> None:
    strategy, measures = mlj.CV(nfolds=3, rng=2), ["log_loss", "accuracy", mlj.brier_loss]
    stack = classes(resampling=strategy, measures=measures)
    found = mlj.report(fitted(stack, X10, Y10, *weights)).cv_report
    assert list(found) == ["a", "b"]
    for name in found:
        mach = mlj.machine(stack.components[name], X10, Y10, *weights)
        wanted = mlj.evaluate(mach, resampling=strategy, measures=measures, verbosity=0)
        one = found[name]
        assert one.measurement == pytest.approx(wanted.measurement, rel=1e-12)
        assert [list(f) for f in one.per_fold] == [list(f) for f in wanted.per_fold]
        assert one.operation == wanted.operation == ["predict", "predict_mode", "predict"]
        for pair, other in zip(one.train_test_rows, wanted.train_test_rows, strict=True):
            np.testing.assert_array_equal(pair[1], other[1])


def test_internal_measures_follow_changes() -> None:
    stack = numbers(measure="rms")
    mach = fitted(stack, XD, YD)
    assert stack.measures == "rms" and "cv_report" in vars(mlj.report(mach))
    stack.a.bias = 50.0
    mlj.fit(mach, verbosity=0)
    found = mlj.report(mach).cv_report["a"].measurement
    assert found == mlj.report(fitted(stack, XD, YD)).cv_report["a"].measurement
    stack.measures = None
    assert "cv_report" not in vars(mlj.report(mlj.fit(mach, verbosity=0)))


def test_without_a_cache_no_rows_are_kept() -> None:
    model = classes(cache=False)
    mach = mlj.fit(mlj.machine(model, X10, Y10), verbosity=0)
    assert mach.trained("predict")[1].cache is None
    model.metalearner.width = 2.0
    trained()
    mlj.fit(mach, verbosity=0)
    assert len(trained()) == 1
