"""`plot`: the losses of a machine, its search or its network, drawn; and what it says where there
are none."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    InvalidArgument,
    NotTrainedError,
    UnsupportedOperation,
    WrongType,
)

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
    assert axes.get_xlabel() == "epochs done"
    unit = axes.get_ylabel().replace("\n", " ")
    assert unit == "training loss (mean squared error, mean over batches)"


def test_a_specification_is_named_as_the_user_named_it() -> None:
    spec = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(4,)), epochs=1, batch_size=8, rng=1)
    assert mlj.plot(trained(spec)).get_title() == "NeuralNetwork"


def test_two_machines_share_axes_and_a_legend() -> None:
    axes = mlj.plot(trained(net()), label="three")
    assert mlj.plot(trained(net(epochs=1)), axes=axes, label="one") is axes
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["three", "one"]
    assert [len(line.get_xdata()) for line in axes.get_lines()] == [4, 2]
    assert len({line.get_color() for line in axes.get_lines()}) == 2


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
    assert line.axes.get_xlabel() == "iterations done"
    assert line.axes.get_ylabel() == "training loss"


def searched(**options: Any) -> mlj.Machine:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(2,)), epochs=4, rng=1)
    ranges = [
        mlj.param_range(net, "optimiser.learning_rate", lower=1e-3, upper=1, scale="log10"),
        mlj.param_range(net, "builder.hidden", values=[(2,), (3, 3)]),
    ]
    settings: dict[str, Any] = {"ranges": ranges, "n": 4, "measure": mlj.accuracy}
    return mlj.fit(mlj.machine(mlj.TunedModel(net, **settings | options), X, y), verbosity=0)


def test_a_search_is_drawn_candidate_by_candidate() -> None:
    mach = searched()
    axes = mlj.plot(mach, axes=plt.figure().subplots())
    best = mlj.report(mach).history["measurement"].max()
    texts = [text.get_text() for text in axes.get_legend().get_texts()]
    assert f"best: {best:.3g} at {mlj.report(mach).best_index}" in texts
    assert axes.get_xlabel() == "candidate" and axes.get_ylabel() == "accuracy"


def test_a_search_is_drawn_against_its_hyper_parameters() -> None:
    mach = searched()
    panels = mlj.plot(mach, kind="slices")
    assert [panel.get_xscale() for panel in panels] == ["log", "linear"]
    axes = mlj.plot(mach, kind="parallel_coordinates")
    names = [text.get_text().replace("\n", "") for text in axes.get_xticklabels()]
    assert names == ["optimiser.learning_rate", "builder.hidden", "accuracy"]
    plt.close("all")


def test_kinds_that_there_are_not_are_refused() -> None:
    mach = searched()
    with pytest.raises(InvalidArgument, match="one of history, parallel_coordinates, slices, got"):
        mlj.plot(mach, kind="pie")
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(epochs=1, rng=1)
    with pytest.raises(InvalidArgument, match="kind says how a search is drawn"):
        mlj.plot(mlj.fit(mlj.machine(net, X, y), verbosity=0), kind="slices")
    whole = mlj.fit(mlj.machine(mlj.TunedModel(models=[net]), X, y), verbosity=0)
    assert mlj.plot(whole, axes=plt.figure().subplots()).get_ylabel() == "log_loss"
    with pytest.raises(UnsupportedOperation, match="this search is of whole models"):
        mlj.plot(whole, kind="slices")


def texts(axes: Any) -> list[str]:
    """What is written in boxes, on one line each."""
    return [text.get_text().replace("\n", " ") for text in axes.texts]


def test_the_network_of_a_composite_is_drawn_trained_or_not() -> None:
    mach = mlj.machine(mlj.Standardizer() | net(), X, Y)
    wanted = [
        "X",
        "y",
        "standardizer: Standardizer",
        "transform",
        "neural_network_regressor: NeuralNetworkRegressor",
        "predict",
    ]
    for _ in range(2):
        axes = mlj.plot(mach, kind="network")
        assert set(wanted) <= set(texts(axes)) and axes.get_title() == "Pipeline"
        mlj.fit(mach, verbosity=0)
    assert mlj.plot(mach, axes=plt.figure().subplots()).get_xlabel() == "epochs done"
    own = plt.figure().subplots()
    assert mlj.plot(mach, kind="network", axes=own) is own


def test_nodes_are_drawn_as_a_network_without_a_word() -> None:
    Xs = mlj.source(X)
    mach = mlj.machine(mlj.Standardizer(), Xs)
    Z = mlj.transform(mach, Xs)
    wanted = ["source 1", "Standardizer", "transform"]
    for axes in (mlj.plot(Z), mlj.plot(Z, kind="network")):
        assert texts(axes) == wanted and axes.get_title() == ""
        (output,) = [patch for patch in axes.patches if patch.get_linewidth() == 2.5]
        assert output.get_gid() == "node1"
    both = {"transform": Z, "inverse_transform": mlj.inverse_transform(mach, Z)}
    assert texts(mlj.plot(both)) == [*wanted, "inverse_transform"]


def test_a_kind_that_is_not_of_a_network_is_refused_with_what_can_be_drawn() -> None:
    Xs = mlj.source(X)
    Z = mlj.transform(mlj.machine(mlj.Standardizer(), Xs), Xs)
    with pytest.raises(InvalidArgument, match="got kind='slices'. Write 'network', or leave it"):
        mlj.plot(Z, kind="slices")
    with pytest.raises(InvalidArgument, match="Pipeline is none, got 'pie'.*'network' draws its"):
        mlj.plot(trained(mlj.Standardizer() | net(epochs=1)), kind="pie")
    with pytest.raises(UnsupportedOperation, match="is one model and no network"):
        mlj.plot(trained(net(epochs=1)), kind="network")
    with pytest.raises(UnsupportedOperation, match="no training losses.*picture: kind='network'"):
        pipe = mlj.Standardizer() | mlj.Standardizer(count=True)
        mlj.plot(mlj.fit(mlj.machine(pipe, X), verbosity=0))


def test_what_has_no_picture_raises() -> None:
    with pytest.raises(WrongType, match="plot draws a machine or a node, .*Give a machine: mach"):
        mlj.plot(net())
    with pytest.raises(WrongType, match="machine.model, X, y.; kind='network' draws its parts"):
        mlj.plot(mlj.Standardizer() | net())
    with pytest.raises(InvalidArgument, match=r"Give a machine: machine\(model, X, y\)"):
        mlj.plot(mlj.Standardizer() | net(), kind="network")


def test_an_ensemble_has_no_losses_to_draw() -> None:
    X, y = mlj.load_iris()
    net = mlj.NeuralNetworkClassifier(builder=mlj.MLP(hidden=(4,)), epochs=1, rng=1)
    mach = mlj.fit(mlj.machine(mlj.EnsembleModel(net, n=2), X, y), verbosity=0)
    with pytest.raises(UnsupportedOperation, match="reports no training losses"):
        mlj.plot(mach)


@pytest.mark.parametrize("kind", [None, "network", "embeddings"])
def test_a_label_where_there_is_no_curve_of_training_losses_raises(kind: str | None) -> None:
    X, y = mlj.make_regression(30, 2, rng=1)
    iterated = mlj.IteratedModel(net(), controls=[mlj.Step(1), mlj.NumberLimit(2)])
    mach = mlj.fit(mlj.machine(iterated, X, y), verbosity=0)
    with pytest.raises(InvalidArgument, match="label names a curve.*'mine'"):
        mlj.plot(mach, kind=kind, label="mine")
