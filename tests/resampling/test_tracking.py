"""Evaluations written to MLflow."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import mlj_keras as mlj
from mlj_keras.errors import MissingPackageError
from mlj_keras.resampling.tracking import flat_params
from tests.resampling.test_evaluate import CV3, NET, ROWS, TARGET, Mean, X, Y


def test_hyper_parameters_are_flattened_with_their_owners_names() -> None:
    found = flat_params(NET)
    assert found["epochs"] == 3 and found["builder__hidden"] == (4,)
    assert found["optimiser__learning_rate"] == 0.001 and "optimiser" not in found


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
        NET, X, Y, resampling=CV3, measures=["log_loss", "confmat"], logger=logger, verbosity=0
    )
    client = mlflow.MlflowClient(uri)
    experiment = client.get_experiment_by_name("iris")
    (run,) = client.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED" and run.info.run_name == "NeuralNetworkClassifier"
    assert run.data.params["builder__hidden"] == "(4,)"
    assert run.data.metrics["log_loss"] == e.measurement[0]
    assert run.data.metrics["log_loss_radius_95"] == e.uncertainty_radius_95[0]
    assert "confmat" not in run.data.metrics
    assert run.data.tags["resampling"] == repr(CV3)
