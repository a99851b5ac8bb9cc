"""`AdamW` has the fields, defaults and meaning of Keras' AdamW."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.adamw import AdamW

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_adamw_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        AdamW,
        changed={
            "weight_decay": 0.5,
            "beta_1": 0.75,
            "beta_2": 0.5,
            "epsilon": 0.001,
            "amsgrad": True,
        },
        impossible={
            "weight_decay": [None, -0.1],
            "beta_1": [1.0, -0.1],
            "beta_2": [1.0, -0.1],
            "epsilon": [0.0, -1e-07],
            "amsgrad": [0, None],
        },
    )


def test_adamw_shrinks_the_weights_by_rate_times_decay_before_the_step_of_adam(
    train: Callable[..., np.ndarray],
) -> None:
    without = train(AdamW(0.1, weight_decay=0), WEIGHTS, [GRADIENT])
    decayed = train(AdamW(0.1, weight_decay=0.3), WEIGHTS, [GRADIENT])
    np.testing.assert_allclose(without - decayed, 0.03 * WEIGHTS, rtol=1e-5)
