"""What an evaluation needs is found before anything is trained."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, MeasureWarning
from mlj_keras.resampling.plan import (
    Options,
    measures_for,
    pairs_for,
    seed_of,
    strategy_for,
    trial_for,
    warn_of_absent_classes,
)
from tests.resampling.test_evaluate import ROWS, TARGET, Mean

MACH = mlj.machine(Mean(), ROWS, TARGET)


class Wrapper(mlj.Deterministic):
    name: str = "w"
    model: Any = None


def test_the_seed_of_a_model_is_that_of_a_model_inside_it() -> None:
    inner = mlj.NeuralNetworkRegressor(rng=7)
    assert seed_of(inner) == 7 and seed_of(Wrapper(model=inner)) == 7
    assert seed_of(mlj.NeuralNetworkRegressor()) is None and seed_of(3) is None


def test_without_a_seed_the_default_shuffles_another_way_each_time() -> None:
    first, second = strategy_for(MACH, None), strategy_for(MACH, None)
    assert isinstance(first, mlj.CV) and first != second


def test_default_measures_follow_the_model_and_the_target() -> None:
    classes, numbers = mlj.Vector[mlj.Multiclass[3]], mlj.Vector[mlj.Continuous]
    probabilistic = mlj.Traits(prediction_type="probabilistic")
    deterministic = mlj.Traits(prediction_type="deterministic")
    assert measures_for(None, probabilistic, classes) == (mlj.log_loss,)
    assert measures_for(None, deterministic, classes) == (mlj.misclassification_rate,)
    assert measures_for(None, deterministic, numbers) == (mlj.l2,)
    table = mlj.Table[mlj.Continuous]
    assert measures_for(None, deterministic, table) == (mlj.multitarget_l2,)
    with pytest.raises(InvalidArgument, match="no default measure.*Give measure="):
        measures_for(None, deterministic, mlj.Unknown)


def test_rows_limit_the_pairs() -> None:
    options = Options(rows=[1, 2, 3, 4], repeats=2)
    pairs = pairs_for(MACH, mlj.CV(nfolds=2), options)
    assert [test.tolist() for _, test in pairs] == [[1, 2], [3, 4]] * 2


def test_a_trial_holds_a_copy_of_the_model() -> None:
    pairs = [(np.arange(6), np.arange(6, 12))]
    trial = trial_for(MACH, pairs, Options(measures="l1", compact=True))
    assert trial.model == MACH.model and trial.model is not MACH.model
    assert trial.measures == (mlj.l1,) and not trial.keeps


def test_folds_that_train_on_all_classes_are_not_warned_of() -> None:
    X, y = mlj.load_iris()
    mach = mlj.machine(mlj.NeuralNetworkClassifier(), X, y)
    warn_of_absent_classes(mach, mlj.StratifiedCV(nfolds=3).train_test_pairs(range(150), X, y))


def test_pairs_are_not_repeated_and_that_is_said() -> None:
    pairs = [([0, 1, 2], [3, 4]), ([3, 4], [5])]
    with pytest.warns(MeasureWarning, match="repeats is ignored"):
        e = mlj.evaluate(Mean(), ROWS, TARGET, resampling=pairs, repeats=3, verbosity=0)
    assert len(e.per_fold[0]) == 2
