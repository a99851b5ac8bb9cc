"""What is allowed and hardly meant: said or warned of when training starts.

Knows networks, builders and targets.
Source: MLJFlux.jl, src/mlj_model_interface.jl, `clean!`, which resets values instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras._logging import logger
from mlj_keras._warnings import warn
from mlj_keras.builders import Builder, Linear
from mlj_keras.containers._doubts import changed_columns
from mlj_keras.containers._fitresult import NetworkFit
from mlj_keras.containers._targets import Target
from mlj_keras.data.columns import Column, is_numeric
from mlj_keras.data.tables import InnerTable
from mlj_keras.engine.data import EncodedData
from mlj_keras.engine.losses import name_and_logits
from mlj_keras.engine.networks import Network
from mlj_keras.errors import DataChangedWarning, ModelWarning

_SCALED = ("mean_squared_logarithmic_error", "mean_absolute_percentage_error", "poisson")


def say_finalised(network: Network) -> None:
    """Say once that a network which ends in the finaliser gets no second one."""
    if network.finaliser is None and network.finalised_by is not None and not network.said:
        network.said = True
        logger.info(
            "The network ends in %s already; no second one is added.", network.finalised_by
        )


def warn_of_loss(loss: Any, target: Target) -> None:
    """Warn if a loss depends on the unit of a target that is standardised."""
    scale, (name, _) = getattr(target, "scale", None), name_and_logits(loss)
    if scale is not None and name in _SCALED and np.any(np.asarray(scale) != 1):
        warn(
            f"loss={name!r} depends on the unit and sign of the target, and standardise=True (the "
            "default) centres and scales it. Set standardise=False.",
            ModelWarning,
        )


def warn_of_change(fit: NetworkFit, data: EncodedData, X: Any, y: Any) -> None:
    """Warn if arrays that the user can write to are not what they were when they were encoded.

    Args: fit: what is trained on · data: as encoded then · X, y: as they are now.
    """
    wrong = []
    if isinstance(X, InnerTable) and isinstance(X.own, np.ndarray | Mapping):
        wrong = [f"column {name!r}" for name in changed_columns(fit.encoder, data, X)]
    if isinstance(y, Column) and y.origin.kind == "numpy" and is_numeric(y.values):
        if not np.array_equal(fit.target.encode(y), data.target):  # type: ignore[arg-type]  # one of numbers, as y is
            wrong.append("y")
    if wrong:
        warn(
            f"{', '.join(wrong)} of the bound data changed since the last training, which goes on "
            "with the values of then. Call fit(mach, force=True) to learn from those of now, or "
            "bind them to a machine of their own.",
            DataChangedWarning,
        )


def warn_of_batch(network: Network, size: int, n_rows: int) -> None:
    """Warn if layers that mix rows get a single row at a time."""
    if size == 1 and n_rows > 1 and not network.row_wise:
        warn(
            "batch_size=1 leaves layers that mix rows, such as BatchNormalization, a single row "
            "to normalise: nothing passes them. Set batch_size=16, or None.",
            ModelWarning,
        )


def warn_of_share(network: Network) -> None:
    """Warn if layers that may mix rows get the share of a replica for a batch."""
    if network.place.n_replicas > 1 and not network.can_be_padded:
        warn(
            f"This network has layers that may mix rows, and each of {network.place.n_replicas} "
            "replicas gives them its own share of a batch, the last one filled up with copies of "
            "a row: the result may differ from that of one device. Use CPU1() or GPU(0), or "
            "layers of Keras that work row by row.",
            ModelWarning,
        )


def warn_of_range(builder: Builder, y: np.ndarray, *, standardised: bool) -> None:
    """Warn if a Linear builder ends in an activation that cannot reach the target.

    Args:
        y (n,) or (n, n_targets), in the target's units
        standardised: half of it is negative.
    """
    ends = builder.activation if isinstance(builder, Linear) else None
    if ends in ("relu", "sigmoid", "softplus") and (standardised or bool((y < 0).any())):
        warn(
            f"{builder!r} ends in {ends}, so the network cannot give the negative values that "
            f"{'the standardised' if standardised else 'this'} target has. Write "
            "Linear(activation='linear').",
            ModelWarning,
        )
