"""A trained network as a Keras model that takes raw numbers and gives predictions in their units.

Knows a fit result only. Source: ours.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.containers._fitresult import NetworkFit
from mlj_keras.containers._table_encoder import TableEncoder
from mlj_keras.containers._targets import ClassTarget

keras = lazy_module("keras")


def processing_model(fit: NetworkFit, *, finaliser: bool) -> Any:
    """The network between standardising and its inverse, as far as the fit has them."""
    network = fit.network(finaliser=finaliser)
    inputs = [keras.Input(t.shape[1:], dtype=t.dtype, name=t.name) for t in network.inputs]
    given = list(inputs)
    if isinstance(fit.encoder, TableEncoder) and fit.encoder.numbers:
        # No Normalization layer: it takes deviations below 1e-7 for zero. Two steps, as float32
        # loses digits of a number far from zero unless the centre is taken off first.
        centred = keras.layers.Rescaling(1.0, (-fit.encoder.centre).tolist())(inputs[0])
        given[0] = keras.layers.Rescaling((1 / fit.encoder.scale).tolist())(centred)
    outputs = network(given if len(given) > 1 else given[0])
    target = fit.target
    if not isinstance(target, ClassTarget):
        scale = np.broadcast_to(target.scale, target.n_out).tolist()
        centre = np.broadcast_to(target.centre, target.n_out).tolist()
        outputs = keras.layers.Rescaling(scale, centre)(outputs)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], outputs)
