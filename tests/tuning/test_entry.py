"""Candidates and their losses: scores turned round, failures that are no numbers."""

from __future__ import annotations

import math
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.resampling.evaluation import PerformanceEvaluation
from mlj_keras.tuning.entry import Entry, signed

NET = mlj.NeuralNetworkRegressor()


def evaluation(measures: list[Any], values: list[Any]) -> PerformanceEvaluation:
    """An evaluation of one fold."""
    return PerformanceEvaluation(
        model=NET,
        tag="net",
        measure=measures,
        measurement=values,
        operation=["predict"] * len(measures),
        per_fold=[[value] for value in values],
        per_observation=[None] * len(measures),
        uncertainty_radius_95=[math.inf] * len(measures),
        train_test_rows=[],
        resampling=mlj.Holdout(),
        repeats=1,
    )


@pytest.mark.parametrize(
    ("measure", "value", "loss"),
    [
        (mlj.rms, 0.5, 0.5),
        (mlj.rms, math.inf, math.inf),
        (mlj.accuracy, 0.75, -0.75),
        (mlj.accuracy, -math.inf, math.inf),
        (mlj.ConfusionMatrix(), 3.0, 0.0),  # of which no value is the better
    ],
)
def test_a_score_is_turned_round_and_what_has_no_side_is_nothing(
    measure: Any, value: float, loss: float
) -> None:
    assert signed(measure, value) == loss


@pytest.mark.parametrize("value", [math.nan, None, "high", {"a": 1.0}, [1.0, 2.0]])
def test_what_is_no_number_is_a_loss_of_nan(value: Any) -> None:
    assert math.isnan(signed(mlj.rms, value)) and math.isnan(signed(mlj.accuracy, value))


def test_a_candidate_has_what_its_evaluation_found() -> None:
    found = evaluation([mlj.accuracy, mlj.log_loss], [0.75, 0.5])
    entry = Entry(3, NET, {"epochs": 10}, 10, found)
    assert entry.measure == [mlj.accuracy, mlj.log_loss]
    assert (entry.measurement, entry.per_fold) == ([0.75, 0.5], [[0.75], [0.5]])  # not turned
    assert (entry.losses, entry.loss) == ([-0.75, 0.5], -0.75)


def test_a_failed_candidate_has_no_measurements_and_a_loss_of_nan() -> None:
    entry = Entry(0, None, {"epochs": 10}, failure="BuilderError: too wide")
    assert entry.measure == entry.measurement == entry.per_fold == entry.losses == []
    assert math.isnan(entry.loss)


def test_a_candidate_that_was_measured_and_cannot_win_has_a_loss_of_nan_too() -> None:
    found = evaluation([mlj.rms, mlj.l1], [math.nan, 0.5])
    entry = Entry(0, NET, {}, evaluation=found, failure="root_mean_squared_error is NaN")
    assert math.isnan(entry.loss) and entry.losses[1] == 0.5


def test_in_a_notebook_a_candidate_shows_its_values_and_what_became_of_it() -> None:
    html = Entry(3, NET, {"epochs": 5}, 9, evaluation([mlj.rms], [0.25]))._repr_html_()
    assert "Candidate 3" in html
    for text in ("epochs", "5", "iterations", "9", "rms", "0.25"):
        assert f">{text}</td>" in html
    failed = Entry(4, NET, {"epochs": 5}, failure="ValueError: <no>")._repr_html_()
    assert "ValueError: &lt;no&gt;" in failed
