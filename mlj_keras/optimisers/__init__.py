"""Optimisers: small specs of the rules by which weights follow gradients, named as in Keras.

Source: Optimisers.jl, the rules that MLJFlux.jl takes.
"""

from mlj_keras.optimisers.adadelta import Adadelta
from mlj_keras.optimisers.adafactor import Adafactor
from mlj_keras.optimisers.adagrad import Adagrad
from mlj_keras.optimisers.adam import Adam
from mlj_keras.optimisers.adamax import Adamax
from mlj_keras.optimisers.adamw import AdamW
from mlj_keras.optimisers.base import Optimiser
from mlj_keras.optimisers.from_keras import as_optimiser
from mlj_keras.optimisers.ftrl import Ftrl
from mlj_keras.optimisers.keras_optimiser import KerasOptimiser
from mlj_keras.optimisers.lamb import Lamb
from mlj_keras.optimisers.lion import Lion
from mlj_keras.optimisers.nadam import Nadam
from mlj_keras.optimisers.rmsprop import RMSprop
from mlj_keras.optimisers.sgd import SGD

__all__ = [
    "SGD",
    "AdamW",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "Adamax",
    "Ftrl",
    "KerasOptimiser",
    "Lamb",
    "Lion",
    "Nadam",
    "Optimiser",
    "RMSprop",
    "as_optimiser",
]
