"""Plots: plain arrays in, axes out."""

from mlj_keras.plots.calibration import plot_calibration
from mlj_keras.plots.confusion_matrix import plot_confusion_matrix
from mlj_keras.plots.live_training import plot_live_training
from mlj_keras.plots.precision_recall import plot_precision_recall
from mlj_keras.plots.residuals import plot_residuals
from mlj_keras.plots.roc import plot_roc
from mlj_keras.plots.training_losses import plot_losses

__all__ = [
    "plot_calibration",
    "plot_confusion_matrix",
    "plot_live_training",
    "plot_losses",
    "plot_precision_recall",
    "plot_residuals",
    "plot_roc",
]
