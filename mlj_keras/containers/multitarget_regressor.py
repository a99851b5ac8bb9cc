"""`MultitargetNeuralNetworkRegressor`. Source: MLJFlux.jl, src/regressor.jl."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mlj_keras.containers._hints import warn_of_range
from mlj_keras.containers._network_fit import network_traits
from mlj_keras.containers._tabular import TABULAR, TabularModel, check_present
from mlj_keras.containers._targets import TableTarget
from mlj_keras.data.columns import as_floats
from mlj_keras.data.scitypes import Continuous, Table
from mlj_keras.data.tables import InnerTable, table_column
from mlj_keras.models import Deterministic, Traits


class MultitargetNeuralNetworkRegressor(TabularModel, Deterministic):
    """A neural network that predicts several Continuous targets at once.

    Training data: `machine(model, X, y)` with X a table of Continuous and Finite columns or a
    matrix, and y a table of Continuous columns or a matrix (n_rows, n_targets); weights as for
    NeuralNetworkRegressor.

    Hyper-parameters: those of NeuralNetworkRegressor, with the same defaults; the loss is the mean
        over targets.
    Operations: `predict(mach, Xnew)` gives a table as y came, with the names of the training
        target.
    Fitted parameters, report: as NeuralNetworkRegressor.
    Raises: InvalidModelError for impossible values, UnknownFieldError for unknown ones.

    Example:
        >>> from mlj_keras.containers import MultitargetNeuralNetworkRegressor
        >>> MultitargetNeuralNetworkRegressor(batch_size=4)
        MultitargetNeuralNetworkRegressor(batch_size=4)

    Source: MLJFlux.jl, src/regressor.jl.
    """

    traits: ClassVar[Traits] = network_traits(TABULAR, Table[Continuous])

    def _check_target(self, y: InnerTable) -> None:
        for name in y.names:
            check_present(table_column(y, name), f"target column {name!r}")

    def _fit_target(self, y: InnerTable) -> TableTarget:
        numbers = np.column_stack([as_floats(y.column(name)) for name in y.names])
        warn_of_range(self.builder, numbers, standardised=self.standardise)
        return TableTarget.fit(y, standardise=self.standardise)
