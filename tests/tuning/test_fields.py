"""What the fields of a tuned model may be, and what of it is refused before any training."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidArgument, InvalidModelError, UnknownFieldError
from tests.batteries.searching import Valley, X, Y, a_range, tuned


def net() -> Any:
    return mlj.NeuralNetworkClassifier(
        builder=mlj.MLP(hidden=(4,)), batch_size=16, epochs=3, rng=1
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"n": 0}, "TunedModel.n must be an int >= 1 or None, got 0"),
        ({"resampling": None}, "got resampling=None. Give Holdout"),
        ({"ranges": None}, r"Grid needs ranges=\[...\], made by param_range"),
        ({"ranges": []}, "must be one range or more"),
        ({"ranges": [3]}, "must be a range made by param_range"),
        ({"tuning": mlj.Explicit()}, r"Write TunedModel\(models"),
        ({"tuning": mlj.Grid}, "must be an instance, got the class Grid"),
        ({"tuning": "grid"}, r"must be a strategy such as Grid\(\)"),
        ({"selection_heuristic": 3}, r"must have a method best\(entries\)"),
        ({"callbacks": 3}, "must be functions of the list of entries"),
        ({"history": 3}, "must be the path of a file"),
        ({"timeout_s": 0}, "must be a number > 0"),
        (
            {"acceleration": mlj.CPUThreads(2), "acceleration_resampling": mlj.CPUThreads(2)},
            "Give one of them",
        ),
    ],
    ids=str,
)
def test_impossible_fields_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidModelError, match=words):
        mlj.machine(tuned(**options), X, Y)


@pytest.mark.parametrize(
    ("path", "words"),
    [("/nowhere/at/all", "in '/nowhere/at', which is not there"), ("/", "is a folder")],
)
def test_the_folder_of_a_history_is_looked_for_when_the_search_begins(
    path: str, words: str
) -> None:
    mach = mlj.machine(tuned(history=path), X, Y)  # it may have been made on another computer
    with pytest.raises(InvalidModelError, match=words):
        mlj.fit(mach, verbosity=0)


def test_a_model_or_models_are_needed_and_not_both() -> None:
    for given in ({}, {"model": Valley(), "models": [Valley()]}):
        with pytest.raises(InvalidModelError, match="takes a model with ranges, or models"):
            mlj.machine(mlj.TunedModel(**given), X, Y)
    with pytest.raises(InvalidModelError, match="models, which are tried as they are, and ranges"):
        mlj.machine(mlj.TunedModel(models=[Valley()], ranges=a_range()), X, Y)
    with pytest.raises(InvalidModelError, match="must be a list of one or more models"):
        mlj.TunedModel(models=[])


def test_a_range_of_another_model_is_refused_with_the_nearest_names() -> None:
    r = mlj.param_range(net(), "lambda_", lower=0, upper=1)
    with pytest.raises(UnknownFieldError, match="Valley has no hyper-parameter 'lambda_'"):
        mlj.machine(tuned(ranges=r), X, Y)


def test_measures_that_do_not_suit_are_refused_when_the_machine_is_made() -> None:
    with pytest.raises(InvalidArgument, match="log_loss compares predicted distributions"):
        mlj.machine(tuned(measure=mlj.log_loss), X, Y)
    with pytest.raises(InvalidModelError, match="2 weights for 1 measures"):
        mlj.machine(tuned(selection_heuristic=mlj.NaiveSelection(weights=[1, 2])), X, Y)
    with pytest.raises(InvalidModelError, match="cannot choose the best candidate"):
        mlj.machine(
            mlj.TunedModel(
                net(), ranges=mlj.param_range(net(), "lambda_", values=[0]), measure=mlj.confmat
            ),
            *mlj.load_iris(),
        )
