"""What an evaluation needs is found before anything is trained."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, MeasureWarning
from mlj_keras.resampling.plan import (
    Options,
    check_same_data,
    measures_for,
    model_seed,
    pairs_for,
    strategy_for,
    trial_for,
    warn_of_absent_classes,
)
from tests.resampling.test_evaluate import ROWS, TARGET, Mean

MACH = mlj.machine(Mean(), ROWS, TARGET)


class Free(mlj.Deterministic):
    """Takes any target."""


class Wrapper(mlj.Deterministic):
    name: str = "w"
    model: Any = None


def test_the_seed_of_a_model_is_that_of_a_model_inside_it() -> None:
    inner = mlj.NeuralNetworkRegressor(rng=7)
    assert model_seed(inner) == 7 and model_seed(Wrapper(model=inner)) == 7
    assert model_seed(mlj.NeuralNetworkRegressor()) is None and model_seed(3) is None


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
    pairs, repeats = pairs_for(MACH, mlj.CV(nfolds=2), Options(rows=[1, 2, 3, 4]))
    assert [test.tolist() for _, test in pairs] == [[1, 2], [3, 4]] and repeats == 1


@pytest.mark.parametrize(
    "resampling",
    [mlj.CV(nfolds=3), mlj.TimeSeriesCV(nfolds=3), KFold(3, shuffle=True, random_state=1)],
)
def test_repetitions_that_are_all_alike_are_done_once(resampling: Any) -> None:
    # They would make the radius smaller, and tell nothing new.
    once = mlj.evaluate(Mean(), ROWS, TARGET, resampling=resampling, verbosity=0)
    with pytest.warns(MeasureWarning, match="gives the same pairs each time: repeats is ignored"):
        thrice = mlj.evaluate(Mean(), ROWS, TARGET, resampling=resampling, repeats=3, verbosity=0)
    assert thrice.repeats == 1 and len(thrice.train_test_rows) == 3
    assert thrice.uncertainty_radius_95 == once.uncertainty_radius_95


def test_repetitions_that_shuffle_anew_are_all_kept() -> None:
    pairs, repeats = pairs_for(MACH, mlj.CV(nfolds=3, rng=1), Options(repeats=2))
    assert len(pairs) == 6 and repeats == 2


@pytest.mark.parametrize("kind", ["numbers", "classes", "table"])
def test_machines_on_other_targets_are_warned_of(kind: str) -> None:
    table = pd.DataFrame({"a": TARGET, "b": TARGET})
    good = {"numbers": TARGET, "classes": pd.Categorical(list("ab" * 6)), "table": table}[kind]
    other = {"numbers": TARGET[::-1], "classes": good[::-1], "table": table[::-1]}[kind]
    mach, alike = mlj.machine(Free(), ROWS, good), mlj.machine(Free(), ROWS, copy.deepcopy(good))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_same_data({"one": mach, "two": alike})
    with pytest.warns(MeasureWarning, match="target of two is not that of one.*the same y"):
        check_same_data({"one": mach, "two": mlj.machine(Free(), ROWS, other)})


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
