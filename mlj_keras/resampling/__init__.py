"""Resampling: how rows are divided, and what models learn of the one and do on the other."""

from mlj_keras.resampling.comparison import Evaluations
from mlj_keras.resampling.evaluate import evaluate
from mlj_keras.resampling.evaluation import PerformanceEvaluation
from mlj_keras.resampling.strategies import (
    CV,
    ExplicitPairs,
    GroupedCV,
    Holdout,
    InSample,
    ResamplingStrategy,
    SklearnSplitter,
    StratifiedCV,
    TimeSeriesCV,
    complement,
    corestrict,
    restrict,
)
from mlj_keras.resampling.tracking import MLflowLogger

__all__ = [
    "CV",
    "Evaluations",
    "ExplicitPairs",
    "GroupedCV",
    "Holdout",
    "InSample",
    "MLflowLogger",
    "PerformanceEvaluation",
    "ResamplingStrategy",
    "SklearnSplitter",
    "StratifiedCV",
    "TimeSeriesCV",
    "complement",
    "corestrict",
    "evaluate",
    "restrict",
]
