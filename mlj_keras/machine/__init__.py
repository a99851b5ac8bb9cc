"""Machines: models bound to data."""

from mlj_keras.machine.checkpoint import Checkpoint
from mlj_keras.machine.machine import Machine, machine
from mlj_keras.machine.mermaid import mermaid
from mlj_keras.machine.node import Node, node
from mlj_keras.machine.operations import (
    feature_importances,
    fit,
    fitted_params,
    freeze,
    inverse_transform,
    predict,
    predict_mean,
    predict_median,
    predict_mode,
    predict_proba,
    report,
    restore,
    snapshot,
    thaw,
    training_losses,
    transform,
)
from mlj_keras.machine.plot import plot
from mlj_keras.machine.source import Source, source

__all__ = [
    "Checkpoint",
    "Machine",
    "Node",
    "Source",
    "feature_importances",
    "fit",
    "fitted_params",
    "freeze",
    "inverse_transform",
    "machine",
    "mermaid",
    "node",
    "plot",
    "predict",
    "predict_mean",
    "predict_median",
    "predict_mode",
    "predict_proba",
    "report",
    "restore",
    "snapshot",
    "source",
    "thaw",
    "training_losses",
    "transform",
]
