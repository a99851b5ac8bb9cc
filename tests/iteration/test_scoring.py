"""Out-of-sample losses equal those of `evaluate`; what cannot control iteration is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import ControlError, InvalidModelError
from mlj_keras.iteration import NumberLimit, Step
from mlj_keras.measures.base import RowMeasure, WholeMeasure
from mlj_keras.measures.reading import read_numbers
from tests.batteries.iterating import X, Y, fitted, iterated

CONTROLS = [Step(1), NumberLimit(2)]


class NoSide(RowMeasure):
    """A measure of which no value is the better."""

    orientation = "none"
    reads = read_numbers

    def of_rows(self, pair: Any) -> Any:
        return pair.prediction


class Two(WholeMeasure):
    """A measure of two numbers."""

    reads = read_numbers

    def of_all(self, pair: Any, weights: Any) -> Any:
        return {"a": 1.0, "b": 2.0}


def test_a_measure_without_orientation_is_refused_when_the_machine_is_made() -> None:
    with pytest.raises(InvalidModelError, match="Of two values of no_side none is the better"):
        mlj.machine(iterated((1.0,), CONTROLS, measure=NoSide()), X, Y)


def test_a_measure_of_several_numbers_is_refused() -> None:
    with pytest.raises(InvalidModelError, match="two gives dict, no number"):
        fitted(iterated((1.0,), CONTROLS, measure=Two()))
    assert ControlError is not InvalidModelError


@pytest.mark.parametrize("resampling", [mlj.Holdout(0.6, rng=2), mlj.CV(nfolds=3, rng=4)])
@pytest.mark.parametrize("measure", [mlj.log_loss, mlj.accuracy, mlj.area_under_curve])
def test_the_last_loss_is_what_evaluate_gives_for_the_same_folds(
    resampling: Any, measure: Any
) -> None:
    X, y = mlj.load_iris()
    X, y = X[y != "setosa"], y[y != "setosa"].cat.remove_unused_categories()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(3,)), batch_size=16, rng=5)
    weights = np.linspace(1, 2, len(y))
    options = {"resampling": resampling, "measure": measure, "weights": weights}
    if measure is mlj.area_under_curve:
        del options["weights"]
    controls = [Step(2), NumberLimit(2)]
    model = mlj.IteratedModel(net, controls=controls, retrain=True, **options)
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    alone = net.replace({"epochs": 4})
    wanted = mlj.evaluate(alone, X, y, verbosity=0, **options).measurement[0]
    assert mlj.report(mach).losses[-1] == pytest.approx(wanted, abs=1e-12)
