"""Resampling strategies: how rows are divided into rows to train on and rows to test on."""

from mlj_keras.resampling.strategies.base import ResamplingStrategy
from mlj_keras.resampling.strategies.convert import strategy_of
from mlj_keras.resampling.strategies.cv import CV
from mlj_keras.resampling.strategies.explicit_pairs import ExplicitPairs
from mlj_keras.resampling.strategies.folds import complement, corestrict, restrict
from mlj_keras.resampling.strategies.grouped_cv import GroupedCV
from mlj_keras.resampling.strategies.holdout import Holdout
from mlj_keras.resampling.strategies.in_sample import InSample
from mlj_keras.resampling.strategies.sklearn_splitter import SklearnSplitter
from mlj_keras.resampling.strategies.stratified_cv import StratifiedCV
from mlj_keras.resampling.strategies.time_series_cv import TimeSeriesCV

__all__ = [
    "CV",
    "ExplicitPairs",
    "GroupedCV",
    "Holdout",
    "InSample",
    "ResamplingStrategy",
    "SklearnSplitter",
    "StratifiedCV",
    "TimeSeriesCV",
    "complement",
    "corestrict",
    "restrict",
    "strategy_of",
]
