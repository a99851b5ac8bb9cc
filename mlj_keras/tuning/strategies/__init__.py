"""Strategies of tuning, one file each."""

from mlj_keras.tuning.strategies.asha import ASHA
from mlj_keras.tuning.strategies.explicit import Explicit
from mlj_keras.tuning.strategies.grid import Grid
from mlj_keras.tuning.strategies.latin_hypercube import LatinHypercube
from mlj_keras.tuning.strategies.optuna_search import TPE, CmaEs, OptunaSearch
from mlj_keras.tuning.strategies.random_search import RandomSearch

__all__ = [
    "ASHA",
    "TPE",
    "CmaEs",
    "Explicit",
    "Grid",
    "LatinHypercube",
    "OptunaSearch",
    "RandomSearch",
]
