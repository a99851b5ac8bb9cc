"""The conformance list of MLJ's meta-functionality, items 1 to 19: resampling, evaluation and
measures; and 36: ensembles.

The numbers in the names are those of the list, whose rows count from 1, here from 0. Items 7, 17
and 18 are decided otherwise: an int seed gives the same folds at every use, and weighted means
divide by the sum of the weights.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import EmptyData, InvalidArgument, InvalidModelError, ModelWarning
from tests.batteries.ensembles import InTurn, Noted, seen
from tests.resampling.test_evaluate import ROWS, TARGET, Mean


def rows_tested(strategy: Any, rows: Any, y: Any = None) -> list[list[int]]:
    return [test.tolist() for _, test in strategy.train_test_pairs(rows, None, y)]


def test_1_folds_are_blocks_and_train_is_what_is_before_and_after() -> None:
    pairs = mlj.CV(nfolds=3).train_test_pairs(range(10))
    assert [test.tolist() for _, test in pairs] == [[0, 1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert pairs[1][0].tolist() == [0, 1, 2, 3, 7, 8, 9]


def test_2_too_few_rows_and_a_single_fold_raise() -> None:
    with pytest.raises(EmptyData):
        mlj.CV(nfolds=6).train_test_pairs(range(5))
    with pytest.raises(InvalidModelError):
        mlj.CV(nfolds=1)


def test_3_time_series_train_on_the_past() -> None:
    pairs = mlj.TimeSeriesCV(nfolds=3).train_test_pairs(range(10))
    assert [(len(train), test.tolist()) for train, test in pairs] == [
        (4, [4, 5]),
        (6, [6, 7]),
        (8, [8, 9]),
    ]
    assert all(train.tolist() == list(range(len(train))) for train, _ in pairs)


@pytest.mark.parametrize("names", ["abc", "cab", "xyz"])
def test_4_stratified_folds_do_not_depend_on_labels(names: str) -> None:
    letters = "bcabbbcccaaa".translate(str.maketrans("abc", names))
    y = pd.Categorical(list(letters))
    pairs = mlj.StratifiedCV(nfolds=3).train_test_pairs(range(12), None, y)
    tests = [test.tolist() for _, test in pairs]
    assert tests == [[0, 5, 7, 9], [1, 3, 8, 10], [2, 4, 6, 11]]
    assert pairs[0][0].tolist() == [1, 3, 8, 10, 2, 4, 6, 11]


@pytest.mark.parametrize(("n", "n_train"), [(10, 7), (5, 4), (15, 10)])
def test_5_holdout_rounds_halves_to_even(n: int, n_train: int) -> None:
    ((train, test),) = mlj.Holdout().train_test_pairs(range(n))
    assert train.tolist() == list(range(n_train)) and len(test) == n - n_train


def test_6_partition_rounds_too() -> None:
    sizes = [len(part) for part in mlj.partition(range(1000), 0.2, 0.7)]
    assert sizes == [200, 700, 100]
    assert [len(part) for part in mlj.partition(range(5), 0.5)] == [2, 3]


def test_7_an_int_seed_gives_the_same_folds_at_every_use() -> None:
    one, two = mlj.CV(rng=1), mlj.CV(rng=1)
    assert (
        rows_tested(one, range(20)) == rows_tested(one, range(20)) == rows_tested(two, range(20))
    )


def test_8_unpack_gives_a_part_more_than_selectors() -> None:
    table = {name: [1.0, 2.0] for name in "xyzw"}
    z, xy, w = mlj.unpack(table, "z", lambda name: name != "w")
    assert list(z) == [1.0, 2.0] and list(xy) == ["x", "y"]
    assert list(w) == ["w"], "what is left over is a table here, also of one column"


def test_9_and_10_aggregates_and_radii() -> None:
    from mlj_keras.measures.aggregation import mean, root_mean, total
    from mlj_keras.resampling.evaluation import radius_95

    values, sizes = [0.1, 0.2, 0.3], [200, 200, 150]
    assert root_mean(values, sizes) == pytest.approx(0.2067058, abs=1e-7)
    assert mean(values, sizes) == pytest.approx(0.1909091, abs=1e-7)
    assert total(values) == pytest.approx(0.6)
    assert radius_95([0.7, 0.8, 0.9]) == pytest.approx(0.1385929, abs=1e-7)
    assert radius_95([1, 2, 3, 4]) == pytest.approx(1.4608977, abs=1e-7)


def test_11_repeats_make_more_folds_and_pairs_take_no_rows() -> None:
    options = {"resampling": mlj.CV(nfolds=5, rng=1), "repeats": 10, "verbosity": 0}
    e = mlj.evaluate(Mean(), ROWS, TARGET, **options)
    assert len(e.per_fold[0]) == len(e.train_test_rows) == 50
    with pytest.raises(InvalidArgument):
        mlj.evaluate(Mean(), ROWS, TARGET, resampling=[([0], [1])], rows=[0, 1], verbosity=0)


def test_12_operations_follow_model_and_measure() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(epochs=1, rng=1)
    options = {"resampling": mlj.Holdout(0.5, rng=1), "verbosity": 0}
    e = mlj.evaluate(net, X, y, measures=[mlj.log_loss, mlj.accuracy], **options)
    assert e.operation == ["predict", "predict_mode"]
    with pytest.raises(InvalidArgument, match="compares predicted distributions"):
        labels = mlj.load("LinearSVC", package="scikit-learn")()
        mlj.evaluate(labels, X, y, measures=[mlj.log_loss], **options)


def two(p: Any) -> mlj.UnivariateFiniteVector:
    """Distributions over a and b."""
    return mlj.UnivariateFinite(["a", "b"], np.atleast_2d(p))


def test_13_log_loss() -> None:
    probabilities = two([[0.2, 0.8], [0.6, 0.4]])
    assert mlj.log_loss(probabilities, ["a", "b"]) == pytest.approx(1.2628643, abs=1e-7)
    assert mlj.log_loss(two([0.0, 1.0]), ["a"]) == pytest.approx(36.0436534, abs=1e-6)
    assert mlj.log_loss(two([1.0, 0.0]), ["a"]) == pytest.approx(2.220446e-16, rel=1e-6)


def test_14_brier() -> None:
    probabilities = two([[0.8, 0.2], [0.4, 0.6]])
    assert mlj.brier_score(probabilities, ["b", "a"]) == pytest.approx(-1.0)
    assert mlj.brier_loss(probabilities, ["b", "a"]) == pytest.approx(1.0)
    rows = mlj.brier_score.measurements(probabilities, ["b", "a"])
    np.testing.assert_allclose(rows, [-1.28, -0.72])


def test_15_confusion_matrix_and_what_follows_from_it() -> None:
    y, guess = list("abaabaabba"), list("baababbbaa")
    cm = mlj.confmat(guess, y)
    assert (cm("a", "b"), cm("b", "a"), cm("a", "a"), cm("b", "b")) == (3, 4, 2, 1)
    for measure, wanted in (
        (mlj.accuracy, 0.3),
        (mlj.bac, 0.2916667),
        (mlj.kappa, -0.4),
        (mlj.mcc, -0.4082483),
    ):
        assert measure(guess, y) == pytest.approx(wanted, abs=1e-7)
        assert measure(cm) == pytest.approx(wanted, abs=1e-7)


def test_16_ranking_and_curves() -> None:
    y = pd.Categorical(list("XOXXOXXOOX"), categories=["O", "X"], ordered=True)
    p = [0.3, 0.2, 0.4, 0.9, 0.1, 0.4, 0.5, 0.2, 0.8, 0.7]
    prediction = mlj.UnivariateFinite(["O", "X"], p, augment=True, ordered=True)
    assert mlj.auc(prediction, y) == pytest.approx(0.7916667, abs=1e-7)
    assert mlj.average_precision(prediction, y) == pytest.approx(0.75)
    fprs, tprs, thresholds = mlj.roc_curve(prediction, y)
    np.testing.assert_allclose(thresholds, [0.9, 0.8, 0.7, 0.5, 0.4, 0.3, 0.2, 0.1])
    np.testing.assert_allclose(fprs, [0, 0, 0.25, 0.25, 0.25, 0.25, 0.25, 0.75, 1])
    np.testing.assert_allclose(tprs, [0, 1 / 6, 1 / 6, 1 / 3, 0.5, 5 / 6, 1, 1, 1])


def test_17_weighted_means_divide_by_the_weights() -> None:
    assert mlj.accuracy(["a", "b", "a"], ["a", "a", "a"], [1, 2, 3]) == pytest.approx(4 / 6)


def test_18_missing_truths_do_not_count() -> None:
    assert mlj.l1([2.0, 5.0, 5.0], [1.0, None, 3.0]) == pytest.approx(1.5)


def test_19_proportional_and_logarithmic_errors() -> None:
    assert mlj.mape([1.0, 9.0, 5.0], [2.0, 0.0, 4.0]) == pytest.approx(0.25)
    assert mlj.rmsl([2.0, 4.0], [1.0, 4.0]) == pytest.approx(0.4901291, abs=1e-7)
    assert mlj.rmslp1([2.0, 4.0], [1.0, 4.0]) == pytest.approx(0.2867071, abs=1e-7)


def test_36_members_of_an_ensemble_have_distinct_rows_and_weights_are_normalised() -> None:
    seen()
    X, y = np.arange(14.0).reshape(7, 2), np.arange(7.0)
    model = mlj.EnsembleModel(Noted(), n=4, bagging_fraction=0.8, rng=1)
    mlj.fit(mlj.machine(model, X, y), verbosity=0)
    rows = [rows for _, rows, _, _ in seen()]
    assert [len(set(each)) for each in rows] == [5] * 4 and len(set(map(tuple, rows))) > 1

    two = mlj.EnsembleModel(InTurn(values=(0.0, 4.0)), n=2, atomic_weights=[1, 3])
    mach = mlj.machine(two, X, y)
    with pytest.warns(ModelWarning, match="have the sum 4, and are divided by it"):
        mlj.fit(mach, verbosity=0)
    assert mlj.fitted_params(mach).atomic_weights == (0.25, 0.75)
    assert mlj.predict(mach, X).tolist() == [3.0] * 7
