"""Learning curves: the values, the measurements, and what is trained for them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import FoldError, InvalidArgument, InvalidModelError, UnknownFieldError
from tests.batteries.searching import HALVES, Valley, X, Y, a_range, trained

IRIS = mlj.load_iris()


def net(**changes: Any) -> Any:
    settings = {"builder": mlj.MLP(hidden=(4,)), "batch_size": 16, "rng": 1}
    return mlj.NeuralNetworkClassifier(**settings | changes)


def epochs(**changes: Any) -> Any:
    given: dict[str, Any] = {"lower": 1, "upper": 10} | changes
    return mlj.param_range(net(), "epochs", **given)


def curve(model: Any = None, **options: Any) -> Any:
    settings: dict[str, Any] = {"resampling": HALVES, "measure": mlj.l1, "verbosity": 0}
    given = Valley(rng=1) if model is None else model
    return mlj.learning_curve(given, X, Y, **settings | options)


def test_each_value_is_measured() -> None:
    found = curve(range=a_range(), resolution=5)
    assert found.parameter_name == "a" and found.parameter_scale == "linear"
    assert found.parameter_values == [0.0, 0.25, 0.5, 0.75, 1.0] and found.measure == "l1"
    expected = [(a - 0.3) ** 2 + 1 for a in found.parameter_values]
    np.testing.assert_allclose(found.measurements, expected, rtol=1e-14)
    assert repr(found) == "LearningCurve(a, 5 measurements of l1)"


def test_along_iterations_training_goes_on() -> None:
    trained()
    found = curve(Valley(a=0.3, rng=1), range=mlj.param_range(Valley(), "n", values=[1, 2, 4]))
    np.testing.assert_allclose(found.measurements, [1, 1 / 2, 1 / 4], rtol=1e-14)
    assert trained() == [(0.3, 0, 1), (0.3, 1, 2), (0.3, 2, 4)]


def test_a_curve_of_epochs_is_as_if_each_was_trained_alone() -> None:
    folds = mlj.StratifiedCV(nfolds=3, rng=1)
    found = mlj.learning_curve(
        net(), *IRIS, range=epochs(scale="log10"), resolution=4, resampling=folds, verbosity=0
    )
    assert found.parameter_values == [1, 2, 5, 10]
    for n, value in zip(found.parameter_values, found.measurements, strict=True):
        alone = mlj.evaluate(net(epochs=n), *IRIS, resampling=folds, verbosity=0)
        assert alone.measurement == [value]


def test_several_seeds_give_a_curve_each() -> None:
    found = mlj.learning_curve(net(), *IRIS, range=epochs(), rngs=3, verbosity=0)
    assert found.parameter_values == list(range(1, 11)) and found.measurements.shape == (10, 3)
    for i, seed in enumerate((1, 2, 3)):
        alone = mlj.learning_curve(
            net(rng=seed),
            *IRIS,
            range=epochs(),
            resampling=mlj.Holdout(0.7, rng=1, shuffle=True, stratify=True),
            verbosity=0,
        )
        assert np.array_equal(alone.measurements, found.measurements[:, i])
    listed = mlj.learning_curve(
        mlj.Standardizer() | net(),
        *IRIS,
        range=mlj.param_range(
            mlj.Standardizer() | net(), "neural_network_classifier.lambda_", values=[0.0, 1.0]
        ),
        rngs=[5, np.random.default_rng(1)],
        rng_name="neural_network_classifier.rng",
        verbosity=0,
    )
    assert listed.measurements.shape == (2, 2) and listed.parameter_values == [0.0, 1.0]


def test_the_machine_given_stays_as_it_was() -> None:
    mach = mlj.machine(net(epochs=2), *IRIS)
    found = mlj.learning_curve(mach, range=epochs(), resolution=2, rows=range(0, 150, 2))
    assert mach.state == 0 and mach.model == net(epochs=2) and len(found.measurements) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    "where", [mlj.CPUThreads(2), mlj.CPUProcesses(2)], ids=["threads", "processes"]
)
@pytest.mark.parametrize("name", ["epochs", "lambda_"])
def test_it_is_the_same_on_threads_and_processes(where: Any, name: str) -> None:
    r = mlj.param_range(net(), name, values=[1, 3] if name == "epochs" else [0.0, 0.5])
    options = {"range": r, "resampling": mlj.CV(nfolds=2, rng=1), "rngs": 2, "verbosity": 0}
    alone = mlj.learning_curve(net(epochs=3), *IRIS, **options)
    beside = mlj.learning_curve(net(epochs=3), *IRIS, acceleration=where, **options)
    assert np.array_equal(alone.measurements, beside.measurements)


def test_what_makes_no_sense_is_refused() -> None:
    for options, error, words in (
        ({"range": 3}, InvalidArgument, "must be made by param_range"),
        ({"range": epochs()}, UnknownFieldError, "Valley has no hyper-parameter 'epochs'"),
        ({"range": a_range(), "resolution": 0}, InvalidArgument, "n must be an int of 1 or more"),
        ({"range": a_range(), "rngs": 0}, InvalidArgument, "how many seeds, 1 or more"),
        ({"range": a_range(), "rngs": ["x"]}, InvalidArgument, "or a list of seeds"),
        ({"range": a_range(), "rng_name": "rng"}, InvalidArgument, "Give rngs="),
        ({"range": a_range(), "rngs": 2, "rng_name": "seed"}, UnknownFieldError, "'seed'"),
        ({"range": a_range(), "measure": mlj.log_loss}, InvalidArgument, "compares predicted"),
    ):
        with pytest.raises(error, match=words):
            curve(**options)
    with pytest.raises(InvalidModelError, match="cannot be drawn as a curve"):
        mlj.learning_curve(net(), *IRIS, range=epochs(), measure=mlj.confmat, verbosity=0)
    with pytest.raises(FoldError, match="fold 0 failed with ValueError: over the cliff"):
        curve(Valley(cliff=0.6, rng=1), range=a_range())

    class Seedless(mlj.Deterministic):
        a: float = 0.0

        def fit(self, verbosity: int, X: Any, y: Any) -> float:
            return self.a

        def predict(self, fitresult: float, Xnew: Any) -> Any:
            return np.full(len(Xnew), fitresult)

    with pytest.raises(InvalidArgument, match="Seedless has no field `rng`. Give rng_name"):
        curve(Seedless(), range=mlj.param_range(Seedless(), "a", lower=0, upper=1), rngs=2)


def test_it_is_drawn() -> None:
    pytest.importorskip("matplotlib", reason="the extra plots is not installed")
    from matplotlib.figure import Figure

    found = mlj.learning_curve(
        net(), *IRIS, range=epochs(scale="log10"), rngs=2, resolution=3, verbosity=0
    )
    axes = found.plot(axes=Figure().subplots(), label="net")
    assert axes.get_xscale() == "log" and axes.get_xlabel() == "epochs"
    assert axes.get_ylabel() == "log_loss"


def test_in_a_notebook_the_measurements_are_a_table() -> None:
    curve = mlj.LearningCurve("epochs", "linear", [1, 20], np.array([0.5, 0.25]), "log_loss")
    html = curve._repr_html_()
    assert html.count("<tr>") == 3 and ">log_loss</th>" in html and ">0.25</td>" in html
    table = np.column_stack([np.arange(30.0), np.arange(30.0) + 2])
    html = mlj.LearningCurve("<a>", "linear", list(range(30)), table, "rms")._repr_html_()
    assert "&lt;a&gt;" in html and "rms, mean of 2" in html
    assert ">29</td>" in html and ">30</td>" in html and ">31</td>" in html
    assert html.count("<tr>") == 1 + 20 + 1
