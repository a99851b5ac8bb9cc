"""Plots: plain arrays in, axes out."""

from mlj_keras.plots.calibration import plot_calibration
from mlj_keras.plots.confusion_matrix import plot_confusion_matrix
from mlj_keras.plots.embeddings import plot_embeddings
from mlj_keras.plots.importances import plot_importances
from mlj_keras.plots.learning_curve import plot_learning_curve
from mlj_keras.plots.live_training import plot_live_training
from mlj_keras.plots.network import plot_network
from mlj_keras.plots.parallel_coordinates import plot_parallel_coordinates
from mlj_keras.plots.partial_dependence import plot_partial_dependence
from mlj_keras.plots.precision_recall import plot_precision_recall
from mlj_keras.plots.residuals import plot_residuals
from mlj_keras.plots.roc import plot_roc
from mlj_keras.plots.slices import plot_slices
from mlj_keras.plots.training_losses import plot_losses
from mlj_keras.plots.tuning_history import plot_tuning_history

__all__ = [
    "plot_calibration",
    "plot_confusion_matrix",
    "plot_embeddings",
    "plot_importances",
    "plot_learning_curve",
    "plot_live_training",
    "plot_losses",
    "plot_network",
    "plot_parallel_coordinates",
    "plot_partial_dependence",
    "plot_precision_recall",
    "plot_residuals",
    "plot_roc",
    "plot_slices",
    "plot_tuning_history",
]
