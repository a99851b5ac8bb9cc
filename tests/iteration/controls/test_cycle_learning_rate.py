"""Rates that rise and fall: the three shapes against their formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, UnknownFieldError
from mlj_keras.iteration import CycleLearningRate, NumberLimit, Step

DATA = mlj.load_diabetes()


def rates(control: CycleLearningRate, n: int) -> list[float]:
    return [control.value(k, 0) for k in range(1, n + 1)]


def test_the_triangle_of_the_reference() -> None:
    wanted = [0.001, 0.01325, 0.0255, 0.03775, 0.05, 0.03775, 0.0255, 0.01325, 0.001]
    np.testing.assert_allclose(rates(CycleLearningRate(4, 0.001, 0.05), 9), wanted)
    assert CycleLearningRate() == CycleLearningRate(4, 0.001, 0.05)
    one = CycleLearningRate(1, 0.1, 0.2)
    np.testing.assert_allclose(rates(one, 4), [0.1, 0.2, 0.1, 0.2])


def test_a_cosine_falls_from_the_upper_bound_and_starts_again() -> None:
    control = CycleLearningRate(4, 0.1, 0.5, shape="cosine")
    half = [0.1 + 0.2 * (1 + math.cos(math.pi * k / 4)) for k in range(4)]
    np.testing.assert_allclose(rates(control, 9), [*half, *half, 0.5])


def test_one_cycle_rises_and_falls_once_and_then_fades() -> None:
    control = CycleLearningRate(2, 0.1, 0.5, shape="one_cycle")
    wanted = [0.1, 0.3, 0.5, 0.3, 0.1, 0.0505, 0.001, 0.001, 0.001]
    np.testing.assert_allclose(rates(control, 9), wanted)


def test_the_rates_are_those_that_the_network_trains_with() -> None:
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=32, rng=1)
    controls = [CycleLearningRate(2, 0.01, 0.1), Step(1), NumberLimit(4)]
    options = {"resampling": None, "keep": "last"}
    model = mlj.IteratedModel(mlj.Standardizer() | net, controls=controls, **options)
    mach = mlj.fit(mlj.machine(model, *DATA), verbosity=0)
    values = mlj.report(mach).controls[0][1]["values"]
    np.testing.assert_allclose(values, [0.01, 0.055, 0.1, 0.055])
    alone = mlj.machine(mlj.Standardizer() | net.replace({"epochs": 0}), *DATA)
    for epochs, rate in enumerate(values, start=1):
        part = alone.model.neural_network_regressor
        part.epochs, part.optimiser.learning_rate = epochs, rate
        mlj.fit(alone, verbosity=0)
    assert mlj.snapshot(alone).network == mlj.snapshot(mach).network


def test_impossible_values_are_refused() -> None:
    for options in ({"stepsize": 0}, {"lower": 0.0}, {"upper": -1.0}, {"shape": "sawtooth"}):
        with pytest.raises(
            InvalidModelError, match=f"CycleLearningRate.{next(iter(options))} must"
        ):
            CycleLearningRate(**options)
    with pytest.raises(InvalidModelError, match="lower=0.5 is above upper=0.1"):
        CycleLearningRate(2, 0.5, 0.1).check()
    model = mlj.IteratedModel(
        mlj.NeuralNetworkRegressor(),
        controls=[CycleLearningRate(learning_rate_parameter="rate"), Step(1), NumberLimit(2)],
    )
    with pytest.raises(UnknownFieldError, match="has no hyper-parameter 'rate'"):
        mlj.machine(model, *DATA)
