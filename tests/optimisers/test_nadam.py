"""`Nadam` has the fields, defaults and meaning of Keras' Nadam."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mlj_keras.optimisers.nadam import Nadam

WEIGHTS = np.array([1.0, -2.0, 0.5])
GRADIENT = np.array([0.5, -0.25, 2.0])


def test_nadam_has_the_fields_of_keras_and_refuses_impossible_values(
    check_rule: Callable[..., None],
) -> None:
    check_rule(
        Nadam,
        changed={"beta_1": 0.75, "beta_2": 0.5, "epsilon": 0.001},
        impossible={"beta_1": [1.0, -0.1], "beta_2": [1.0, -0.1], "epsilon": [0.0, -1e-07]},
    )


def test_the_first_step_of_nadam_looks_ahead(
    train: Callable[..., np.ndarray],
) -> None:
    spec = Nadam(0.1, beta_1=0.8, beta_2=0.9, epsilon=0.01)
    # Dozat's schedule of the momentum, with 0.96 ** t where he has 0.96 ** (0.004 t).
    now, ahead = (0.8 * (1 - 0.5 * 0.96**t) for t in (1, 2))
    mean = ahead * 0.2 * GRADIENT / (1 - now * ahead) + (1 - now) * GRADIENT / (1 - now)
    step = 0.1 * mean / (np.sqrt(GRADIENT**2) + 0.01)
    np.testing.assert_allclose(train(spec, WEIGHTS, [GRADIENT]), WEIGHTS - step, rtol=1e-5)
