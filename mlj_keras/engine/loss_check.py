"""A loss tried on two rows before training: its result must be one loss a row.

Knows programs and encoded data. Source: ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.engine.data import EncodedData
from mlj_keras.engine.program import Program
from mlj_keras.errors import InvalidModelError

tf = lazy_module("tensorflow")


def check_loss(program: Program, data: EncodedData) -> None:
    """Try the loss on at most two rows of the target.

    Raises: InvalidModelError if it raises, or its result is neither one loss a row nor a scalar
        where that means the same.
    """
    truth = data.target[:2]
    n_out = program.network.keras.outputs[0].shape[-1]
    outputs = np.full((len(truth), n_out), 1.0 / max(n_out, 2), dtype=np.float32)
    name = getattr(program.loss.function, "__qualname__", repr(program.loss.function))
    try:
        result: Any = program.loss.function(tf.constant(truth), tf.constant(outputs))
        shape = tuple(np.shape(result))
    except Exception as error:  # whatever a user's loss raises becomes one kind of error
        raise InvalidModelError(
            f"The loss {name} raised {type(error).__name__} for y_true of shape {truth.shape} and "
            f"y_pred of shape {outputs.shape}: {error}. It must return one loss for each row."
        ) from error
    if shape == (len(truth),):
        return
    if shape != ():
        raise InvalidModelError(
            f"The loss {name} must return one loss for each row, shape ({len(truth)},), got shape "
            f"{shape} for {len(truth)} rows. Take the mean over the last axis only."
        )
    replicas = program.network.place.n_replicas > 1
    if data.weights is not None or len(data) % program.batch_size or replicas:
        why = (
            "there are weights"
            if data.weights is not None
            else "each replica has a share of it"
            if replicas
            else "the last batch is smaller than the others"
        )
        raise InvalidModelError(
            f"The loss {name} returns one number for a whole batch, and {why}. Return one loss "
            "for each row: (n,)."
        )
