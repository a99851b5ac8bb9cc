"""The controls of iterated models."""

from mlj_keras.iteration.controls.actions import Callback, Error, Info, Warn
from mlj_keras.iteration.controls.criterion import Criterion, EarlyStopper, stopping_time
from mlj_keras.iteration.controls.cycle_learning_rate import CycleLearningRate
from mlj_keras.iteration.controls.data import Data
from mlj_keras.iteration.controls.early_stopping import (
    GL,
    PQ,
    InvalidValue,
    NumberSinceBest,
    Patience,
    Threshold,
    Warmup,
)
from mlj_keras.iteration.controls.limits import Never, NumberLimit, TimeLimit
from mlj_keras.iteration.controls.live_plot import LivePlot
from mlj_keras.iteration.controls.save import Save
from mlj_keras.iteration.controls.schedule import Schedule
from mlj_keras.iteration.controls.snapshots import Snapshots
from mlj_keras.iteration.controls.step import Step
from mlj_keras.iteration.controls.with_do import (
    WithEvaluationDo,
    WithFittedParamsDo,
    WithIterationsDo,
    WithLossDo,
    WithMachineDo,
    WithModelDo,
    WithNumberDo,
    WithReportDo,
    WithTrainingLossesDo,
)
from mlj_keras.iteration.controls.wrappers import composite, debug, louder, skip

__all__ = [
    "Callback",
    "Criterion",
    "CycleLearningRate",
    "Data",
    "EarlyStopper",
    "Error",
    "GL",
    "Info",
    "InvalidValue",
    "LivePlot",
    "Never",
    "NumberLimit",
    "NumberSinceBest",
    "PQ",
    "Patience",
    "Save",
    "Schedule",
    "Snapshots",
    "Step",
    "Threshold",
    "TimeLimit",
    "Warmup",
    "Warn",
    "WithEvaluationDo",
    "WithFittedParamsDo",
    "WithIterationsDo",
    "WithLossDo",
    "WithMachineDo",
    "WithModelDo",
    "WithNumberDo",
    "WithReportDo",
    "WithTrainingLossesDo",
    "composite",
    "debug",
    "louder",
    "skip",
    "stopping_time",
]
