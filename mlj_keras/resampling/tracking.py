"""Evaluations written down elsewhere: loggers, and the one for MLflow.

Knows evaluations and models only. Source: MLJBase.jl, src/resampling/logging.jl; MLJFlow.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from mlj_keras._imports import require
from mlj_keras.errors import WrongType
from mlj_keras.models import Model
from mlj_keras.resampling.evaluation import PerformanceEvaluation, unique_names


def check_logger(logger: Any) -> None:
    """Raise WrongType for an object that is neither None nor has a method `log_evaluation`."""
    if logger is not None and not hasattr(logger, "log_evaluation"):
        raise WrongType(
            f"logger must have a method log_evaluation(evaluation), got {logger!r:.60}. Write "
            "MLflowLogger()."
        )


@dataclasses.dataclass(frozen=True)
class MLflowLogger:
    """Writes each evaluation as a run of MLflow: hyper-parameters, measurements, and the model.

    Args:
        tracking_uri: of the server or folder, such as "sqlite:///mlruns.db"; None: MLflow's own
        experiment_name: under which runs are filed.
    Raises: MissingPackageError without MLflow, at the first evaluation.
    Example:
        >>> MLflowLogger(experiment_name="iris")
        MLflowLogger(tracking_uri=None, experiment_name='iris')

    Source: MLJFlow.jl, `Logger`.
    """

    tracking_uri: str | None = None
    experiment_name: str = "mlj_keras"

    def log_evaluation(self, evaluation: PerformanceEvaluation) -> None:
        """Write one run; the model as text, artifact model.txt. MLflow's own settings stay."""
        client = require("mlflow", extra="tracking").MlflowClient(self.tracking_uri)
        found = client.get_experiment_by_name(self.experiment_name)
        experiment = (
            found.experiment_id if found else client.create_experiment(self.experiment_name)
        )
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
            unique_names(evaluation.measure),
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


def flat_params(model: Any, prefix: str = "") -> dict[str, Any]:
    """The hyper-parameters of a model and of the models in it, by names joined with "__".

    Example:
        >>> import mlj_keras as mlj
        >>> flat_params(mlj.NeuralNetworkClassifier())["optimiser__learning_rate"]
        0.001

    Source: MLJBase.jl, `flat_params`.
    """
    found: dict[str, Any] = {}
    for name in model.fields():
        value = getattr(model, name)
        if isinstance(value, Model) and value.fields():
            found.update(flat_params(value, f"{prefix}{name}__"))
        else:
            found[prefix + name] = value
    return found
