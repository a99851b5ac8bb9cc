"""Evaluations written down elsewhere: loggers, and the one for MLflow.

Knows evaluations and models only. Source: MLJBase.jl, src/resampling/logging.jl; MLJFlow.jl.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._imports import require
from mlj_keras._warnings import warn
from mlj_keras.errors import LoggerWarning, WrongType
from mlj_keras.models.nested import flat_params
from mlj_keras.resampling.evaluation import PerformanceEvaluation, unique_names
from mlj_keras.storage.records import storable

_NOT_IN_NAMES = re.compile(r"[^\w\-. /]")  # of metrics, such as <lambda>


def check_logger(logger: Any) -> None:
    """Raise WrongType for an object that is neither None nor has a method `log_evaluation`, and
    what its method `check`, if it has one, raises: before long work."""
    if logger is not None and not hasattr(logger, "log_evaluation"):
        raise WrongType(
            f"logger must have a method log_evaluation(evaluation), got {logger!r:.60}. Write "
            "MLflowLogger()."
        )
    if hasattr(logger, "check"):
        logger.check()


def log_evaluations(logger: Any, evaluations: Sequence[PerformanceEvaluation]) -> None:
    """Hand evaluations to a logger; what it raises becomes a LoggerWarning, so that nothing that
    was found is lost."""
    for evaluation in evaluations:
        try:
            logger.log_evaluation(evaluation)
        except Exception as error:  # whatever a logger of the user's own raises
            warn(
                f"{type(logger).__name__} failed to write down the evaluation of "
                f"{evaluation.tag}: {type(error).__name__}: {error} It is returned all the same: "
                "call logger.log_evaluation(evaluation) to try again.",
                LoggerWarning,
            )


@storable
@dataclasses.dataclass(frozen=True)
class MLflowLogger:
    """Writes each evaluation as a run of MLflow: hyper-parameters, measurements, and the model.

    Args:
        tracking_uri: of the server or folder, such as "sqlite:///mlruns.db"; None: MLflow's own
        experiment_name: under which runs are filed.
    Raises: before the evaluation begins: MissingPackageError without MLflow, and what MLflow
        raises if it cannot be reached.
    Example:
        >>> MLflowLogger(experiment_name="iris")
        MLflowLogger(tracking_uri=None, experiment_name='iris')

    Source: MLJFlow.jl, `Logger`.
    """

    tracking_uri: str | None = None
    experiment_name: str = "mlj_keras"

    def check(self) -> None:
        """Make the experiment if it is not there."""
        client, _ = self._client_and_experiment()

    def _client_and_experiment(self) -> tuple[Any, str]:
        client = require("mlflow", extra="tracking").MlflowClient(self.tracking_uri)
        found = client.get_experiment_by_name(self.experiment_name)
        if found:
            return client, found.experiment_id
        return client, client.create_experiment(self.experiment_name)

    def log_evaluation(self, evaluation: PerformanceEvaluation) -> None:
        """Write one run; the model as text, artifact model.txt. MLflow's own settings stay."""
        client, experiment = self._client_and_experiment()
        run = client.create_run(
            experiment,
            run_name=evaluation.tag,
            tags={
                "resampling": repr(evaluation.resampling),
                "repeats": str(evaluation.repeats),
                "model": type(evaluation.model).__name__,
            },
        )
        key = run.info.run_id
        for name, value in flat_params(evaluation.model).items():
            client.log_param(key, name, repr(value)[:500])
        for name, value, radius in zip(
            [_NOT_IN_NAMES.sub("_", name) for name in unique_names(evaluation.measure)],
            evaluation.measurement,
            evaluation.uncertainty_radius_95,
            strict=True,
        ):
            if isinstance(value, int | float | np.number):
                client.log_metric(key, name, float(value))
                if radius is not None and np.isfinite(radius):
                    client.log_metric(key, f"{name}_radius_95", radius)
        client.log_text(key, repr(evaluation.model), "model.txt")
        client.set_terminated(key)
