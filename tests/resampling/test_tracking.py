"""Evaluations written to MLflow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import mlj_keras as mlj
from mlj_keras.errors import LoggerWarning, MissingPackageError
from tests.resampling.test_evaluate import CV3, NET, ROWS, TARGET, Mean, X, Y


class Failing:
    """A logger that cannot write the second evaluation."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def log_evaluation(self, evaluation: mlj.PerformanceEvaluation) -> None:
        if evaluation.tag == "two":
            raise OSError("the disk is full")
        self.written.append(evaluation.tag)


def test_a_logger_that_fails_loses_no_evaluation() -> None:
    logger = Failing()
    models = {tag: Mean() for tag in ("one", "two", "three")}
    with pytest.warns(LoggerWarning, match="evaluation of two: OSError: the disk is full"):
        found = mlj.evaluate(models, ROWS, TARGET, logger=logger, verbosity=0)
    assert list(found) == ["one", "two", "three"] and logger.written == ["one", "three"]


def test_what_a_logger_needs_is_checked_before_anything_is_trained() -> None:
    class Unreachable(Failing):
        def check(self) -> None:
            raise ConnectionError("no server")

    class Untrainable(Mean):
        def fit(self, verbosity: int, X: object, y: object) -> None:
            raise AssertionError("it was trained")

    with pytest.raises(ConnectionError, match="no server"):
        mlj.evaluate(Untrainable(), ROWS, TARGET, logger=Unreachable(), verbosity=0)


def test_without_mlflow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)
    with pytest.raises(MissingPackageError, match=r"mlj_keras\[tracking\]"):
        mlj.evaluate(Mean(), ROWS, TARGET, logger=mlj.MLflowLogger(), verbosity=0)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")  # of what MLflow stands on
@pytest.mark.filterwarnings("ignore:.*loader strategy")
def test_each_evaluation_is_a_run_with_parameters_measurements_and_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where artifacts go
    mlflow = pytest.importorskip("mlflow", reason="the extra tracking is not installed")
    uri = f"sqlite:///{tmp_path}/runs.db"
    logger = mlj.MLflowLogger(uri, experiment_name="iris")
    e = mlj.evaluate(
        NET,
        X,
        Y,
        resampling=CV3,
        measures=["log_loss", "confmat", lambda prediction, truth: 1.0],
        logger=logger,
        verbosity=0,
    )
    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("iris")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED" and run.info.run_name == "NeuralNetworkClassifier"
    assert run.data.params["builder__hidden"] == "(4,)"
    assert run.data.metrics["log_loss"] == e.measurement[0]
    assert run.data.metrics["log_loss_radius_95"] == e.uncertainty_radius_95[0]
    assert "confmat" not in run.data.metrics and run.data.metrics["_lambda_"] == 1.0
    assert run.data.tags["resampling"] == repr(CV3)
