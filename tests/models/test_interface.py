"""The contract between models and machines: outcomes, and a working default for every hook."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mlj_keras.errors import UnsupportedOperation
from mlj_keras.models import Deterministic, FitOutcome, Model
from mlj_keras.models.interface import PartialFit, as_outcome


class Ridge(Deterministic):
    lambda_: float = 1.0


def test_an_outcome_has_three_named_parts_and_cannot_be_changed() -> None:
    outcome = FitOutcome(3, cache=[1], report={"n": 2})
    assert (outcome.fitresult, outcome.cache, outcome.report) == (3, [1], {"n": 2})
    assert FitOutcome(3).report == {} and FitOutcome(3).cache is None
    assert FitOutcome(3).report is not FitOutcome(3).report
    with pytest.raises(dataclasses.FrozenInstanceError):
        outcome.fitresult = 4  # type: ignore[misc]


@pytest.mark.parametrize("value", [3, None, (1, 2, 3), [FitOutcome(1)]])
def test_anything_but_an_outcome_is_taken_as_the_fitresult(value: Any) -> None:
    assert as_outcome(value) == FitOutcome(fitresult=value)


def test_an_outcome_is_handed_through() -> None:
    outcome = FitOutcome(1)
    assert as_outcome(outcome) is outcome


def test_a_partial_fit_passes_handlers_of_ordinary_errors() -> None:
    cause = ValueError("too steep")
    partial = PartialFit(FitOutcome(1), Ridge(), cause)
    assert not isinstance(partial, Exception)
    assert (partial.outcome, partial.model, partial.cause) == (FitOutcome(1), Ridge(), cause)
    assert str(partial) == "too steep"


def test_every_hook_has_a_default() -> None:
    model = Ridge()
    assert Ridge.native_data is True
    assert model.own_traits() is Ridge.traits
    assert model.resolve("any", "scitypes") is model
    assert model.check_data(1, 2) is None
    assert model.fitted_params(7) == {"fitresult": 7}
    assert model.training_losses({"training_losses": [1.0]}) is None
    assert model.feature_importances(7, {}) is None
    assert model.trained_parts(FitOutcome(7), "report") == {}


def test_a_change_of_value_asks_for_an_update_and_an_equal_value_for_nothing() -> None:
    assert Ridge(lambda_=2).change_since(Ridge(lambda_=2)) == "none"
    assert Ridge(lambda_=2).change_since(Ridge(lambda_=3)) == "update"

    class Other(Model):
        lambda_: float = 2.0

    assert Ridge(lambda_=2).change_since(Other()) == "update"


def test_snapshots_are_refused_by_models_without_them() -> None:
    for call in (
        lambda: Ridge().snapshot(FitOutcome(1)),
        lambda: Ridge().restore(FitOutcome(1), None),
    ):
        with pytest.raises(UnsupportedOperation, match="Ridge has no snapshots: only networks"):
            call()
