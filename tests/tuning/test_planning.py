"""From a tuned model and data to a search that has not begun."""

from __future__ import annotations

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.tuning.planning import begun
from tests.batteries.searching import Valley, X, Y, tuned


def test_the_rows_are_held_out_by_the_seed_of_the_model_and_stratified() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(rng=7)
    search = begun(mlj.TunedModel(net, ranges=mlj.param_range(net, "alpha", values=[0])), (X, y))
    ((train, test),) = search.trial.pairs
    expected = mlj.Holdout(0.7, shuffle=True, rng=7, stratify=True).train_test_pairs(
        np.arange(150), None, search.trial.args[1].inner
    )
    assert np.array_equal(train, expected[0][0]) and np.array_equal(test, expected[0][1])


def test_the_seed_is_that_of_the_strategy_or_of_the_model() -> None:
    assert begun(tuned(Valley(rng=5)), (X, Y)).seed == 5
    assert begun(tuned(Valley(rng=5), tuning=mlj.RandomSearch(rng=9)), (X, Y)).seed == 9
    inner = mlj.ASHA(mlj.RandomSearch(rng=8))
    assert begun(tuned(Valley(rng=5, n=9), tuning=inner), (X, Y)).seed == 8
    unseeded = tuned(Valley())
    assert begun(unseeded, (X, Y)).seed != begun(unseeded, (X, Y)).seed


def test_a_batch_size_that_is_left_open_is_settled_by_the_longest_fold() -> None:
    X, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(rng=1)
    model = mlj.TunedModel(net, ranges=mlj.param_range(net, "alpha", values=[0.0]), n=1)
    search = begun(model, (X, y))
    assert search.trial.model.batch_size == net.settled(309).batch_size


def test_weights_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="12"):
        begun(tuned(weights=[1.0, 2.0]), (X, Y))
