"""The small network of the conformance list: one hidden layer and plain SGD."""

from __future__ import annotations

from typing import Any

import mlj_keras as mlj


def net(model: Any = mlj.NeuralNetworkRegressor, **changes: Any) -> Any:
    """A model with these values, and others changed."""
    values = {
        "builder": mlj.MLP(hidden=(5,)),
        "optimiser": mlj.SGD(0.01),
        "epochs": 2,
        "batch_size": 8,
        "rng": 1,
        **changes,
    }
    return model(**values)
