"""Tests of job: a job is found by candidate and iterations, and is bare without trained models."""

from __future__ import annotations

from mlj_keras.models import FitOutcome
from mlj_keras.resampling.fold import Fold, Measured
from mlj_keras.tuning.job import Job


def test_a_job_is_found_by_its_candidate_and_iterations() -> None:
    assert Job(3, 5, {}).key == (3, 5)
    assert Job(3, None, {}).key == (3, None)


def test_a_bare_job_has_its_measurements_and_nothing_that_was_trained() -> None:
    fold = Fold((Measured(0.5, 2.0),), (None, FitOutcome("learned")))
    bare = Job(0, None, {"a": "1"}, (fold,)).bare()
    assert bare.folds == (Fold((Measured(0.5, 2.0),)),)
    assert (bare.candidate, bare.words) == (0, {"a": "1"})
