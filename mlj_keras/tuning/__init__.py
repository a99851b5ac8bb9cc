"""Tuning: hyper-parameters that are searched for."""

from mlj_keras.tuning.entry import Entry
from mlj_keras.tuning.learning_curve import LearningCurve, learning_curve
from mlj_keras.tuning.live_tuning_plot import LiveTuningPlot
from mlj_keras.tuning.ranges import NominalRange, NumericRange, param_range
from mlj_keras.tuning.sampling import Sampler, iterator, sampler
from mlj_keras.tuning.selection import NaiveSelection
from mlj_keras.tuning.space import Space
from mlj_keras.tuning.strategies import (
    ASHA,
    TPE,
    CmaEs,
    Explicit,
    Grid,
    LatinHypercube,
    OptunaSearch,
    RandomSearch,
)
from mlj_keras.tuning.strategy import Proposal, Result, TuningStrategy
from mlj_keras.tuning.tuned_model import TunedModel

__all__ = [
    "ASHA",
    "TPE",
    "CmaEs",
    "Entry",
    "Explicit",
    "Grid",
    "LatinHypercube",
    "LearningCurve",
    "LiveTuningPlot",
    "NaiveSelection",
    "NominalRange",
    "NumericRange",
    "OptunaSearch",
    "Proposal",
    "RandomSearch",
    "Result",
    "Sampler",
    "Space",
    "TunedModel",
    "TuningStrategy",
    "iterator",
    "learning_curve",
    "param_range",
    "sampler",
]
