"""Other seeds for a model and for the models in it.

Knows models only. Source: ours.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.models.base import Model
from mlj_keras.rng import derive_seed

SEEDS = ("rng", "random_state")


def reseeded(model: Any, seed: int) -> Any:
    """A copy of a model in which each seed, of the models in it too, derives from `seed` and its
    place.

    Example:
        >>> import mlj_keras as mlj
        >>> net = mlj.NeuralNetworkRegressor(rng=1)
        >>> reseeded(net, 5).rng == reseeded(net, 5).rng != reseeded(net, 6).rng
        True

    Source: ours.
    """
    return model.replace({path: derive_seed(seed, path) % 2**31 for path in _paths(model, "")})


def _paths(model: Any, prefix: str) -> list[str]:
    found = []
    for name in model.fields() if isinstance(model, Model) else ():
        value = getattr(model, name)
        found += [prefix + name] if name in SEEDS and not isinstance(value, Model) else []
        found += _paths(value, f"{prefix}{name}.")
    return found
