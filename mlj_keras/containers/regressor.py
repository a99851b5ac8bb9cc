"""`NeuralNetworkRegressor`. Source: MLJFlux.jl, src/regressor.jl."""

from __future__ import annotations

from typing import ClassVar

from mlj_keras.containers._hints import warn_of_range
from mlj_keras.containers._network_fit import network_traits
from mlj_keras.containers._tabular import TABULAR, TabularModel, check_present
from mlj_keras.containers._targets import NumberTarget
from mlj_keras.data.columns import Column, as_floats
from mlj_keras.data.scitypes import Continuous, Vector
from mlj_keras.models import Deterministic, Traits


class NeuralNetworkRegressor(TabularModel, Deterministic):
    """A neural network that predicts one Continuous target.

    Training data: `machine(model, X, y)` with X a table of Continuous and Finite columns (factors
    go through entity embeddings) or a matrix, and y a column of Continuous; also `machine(model,
    X, y, w)`, w a vector of weights.

    Hyper-parameters:
        builder: Builder or keras.Model, default MLP(): makes the network from the shapes.
        optimiser: default Adam(0.001); a Keras optimizer or its name is accepted.
        loss: Keras name, Keras loss, or function (y_true, y_pred) → one loss a row; default
            "mean_squared_error".
        epochs: int >= 0, default 10. Raising it continues training (a warm restart).
        batch_size: int >= 1, or None (the default): the power of two nearest n_rows / 64, within
            1..256.
        lambda_: strength of the penalty, >= 0, default 0.0. alpha: in [0, 1], default 0.0; 0 is
            pure L2, 1 pure L1.
        rng: int, None (fresh entropy at each cold fit, recorded) or a NumPy Generator.
        shuffle: new row order each epoch, default True.
        standardise: scale Continuous columns and target by statistics of the training rows,
            default True; columns of 0 and 1 alone, such as one-hot ones, stay as they are; losses
            are then those of the standardised target.
        embedding_dims: column → width, or fraction of its levels; default min(levels - 1, 10).
        optimiser_changes_trigger_retraining: default False. acceleration: None, CPU1() or GPU(i).
        precision: "float32" (the default), "mixed_bfloat16" or "mixed_float16": what layers
            compute in; weights stay float32. On a GPU half the memory, on most CPUs slower.
        jit_compile: "auto" (the default), True (XLA) or False.
    Operations: `predict(mach, Xnew)` gives a column of floats as y came; `transform(mach, Xnew)`
        puts embeddings for factors.
    Fitted parameters: `network`, a fresh Keras model; `embeddings`, where there are factors.
    Report: `training_losses` (epochs + 1 numbers, the first before training, without penalty),
        `epochs`, `batch_size`, `path`, `device`, `rng`.
    Raises: InvalidModelError for impossible values, UnknownFieldError for unknown ones.

    Example:
        >>> from mlj_keras.containers import NeuralNetworkRegressor
        >>> NeuralNetworkRegressor(epochs=20, rng=1)
        NeuralNetworkRegressor(epochs=20, rng=1)

    Source: MLJFlux.jl, src/regressor.jl and src/types.jl.
    """

    traits: ClassVar[Traits] = network_traits(TABULAR, Vector[Continuous])

    def _check_target(self, y: Column) -> None:
        check_present(y)

    def _fit_target(self, y: Column) -> NumberTarget:
        warn_of_range(self.builder, as_floats(y.values), standardised=self.standardise)
        return NumberTarget.fit(y, standardise=self.standardise)
