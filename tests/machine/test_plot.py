"""`plot`: the losses of a machine, drawn; and what it says where there are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import NotTrainedError, UnsupportedOperation

plt = pytest.importorskip("matplotlib.pyplot", reason="matplotlib is an extra")

X = pd.DataFrame(np.random.default_rng(0).normal(size=(24, 2)), columns=["a", "b"])
Y = X["a"] - X["b"]


@pytest.fixture(autouse=True)
def closed_figures() -> Iterator[None]:
    """Closes the figures of a test."""
    yield
    plt.close("all")


def trained(model: Any) -> mlj.Machine:
    return mlj.fit(mlj.machine(model, X, Y), verbosity=0)


def net(**changes: Any) -> mlj.NeuralNetworkRegressor:
    values = {"builder": mlj.MLP(hidden=(4,)), "epochs": 3, "batch_size": 8, "rng": 1, **changes}
    return mlj.NeuralNetworkRegressor(**values)


def test_the_curve_is_the_report_from_before_training_to_the_last_epoch() -> None:
    mach = trained(net())
    axes = mlj.plot(mach)
    (line,) = axes.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), [0, 1, 2, 3])
    np.testing.assert_array_equal(line.get_ydata(), mlj.report(mach).training_losses)
    assert axes.get_title() == "NeuralNetworkRegressor"


def test_a_specification_is_named_as_the_user_named_it() -> None:
    spec = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(4,)), epochs=1, batch_size=8, rng=1)
    assert mlj.plot(trained(spec)).get_title() == "NeuralNetwork"


def test_two_machines_share_axes_and_a_legend() -> None:
    axes = mlj.plot(trained(net()), label="three")
    assert mlj.plot(trained(net(epochs=1)), axes=axes, label="one") is axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["three", "one"]
    assert [len(line.get_xdata()) for line in axes.get_lines()] == [4, 2]


def test_an_untrained_machine_raises() -> None:
    with pytest.raises(NotTrainedError, match=r"plot needs a trained machine.*Call fit\(mach\)"):
        mlj.plot(mlj.machine(net(), X, Y))


def test_a_model_without_losses_raises() -> None:
    mach = mlj.fit(mlj.machine(mlj.Standardizer(), X), verbosity=0)
    with pytest.raises(UnsupportedOperation, match="Standardizer.* reports no training losses"):
        mlj.plot(mach)


def test_of_an_iterated_model_the_losses_are_drawn_that_its_controls_saw() -> None:
    X, y = mlj.load_diabetes()
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=64, rng=1)
    controls = [mlj.Step(2), mlj.NumberLimit(4)]
    for resampling, label in (("auto", "l2, training loss"), (None, "training loss")):
        model = mlj.IteratedModel(net, controls=controls, resampling=resampling)
        mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        axes = mlj.plot(mach, axes=plt.figure().subplots())
        report = mlj.report(mach)
        drawn = [list(line.get_ydata()) for line in axes.get_lines()]
        assert report.losses in drawn and axes.get_ylabel() == label


def test_losses_without_one_before_training_begin_at_1() -> None:
    X, y = mlj.load_diabetes()
    model = mlj.load("GradientBoostingRegressor")(n_estimators=4, random_state=1)
    mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    (line,) = mlj.plot(mach, axes=plt.figure().subplots()).get_lines()
    assert list(line.get_xdata()) == [1, 2, 3, 4]
