"""Losses drawn while a model trains."""

from __future__ import annotations

import sys
import types
from pathlib import Path
from typing import Any

import matplotlib.image
import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import LivePlot, NumberLimit, Step
from mlj_keras.storage import packed
from tests.batteries.controls import Silent
from tests.batteries.iterating import X, Y, iterated

DATA = mlj.load_diabetes()


def fitted(plot: LivePlot, **options: Any) -> mlj.Machine:
    net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(3,)), batch_size=32, rng=1)
    rates = mlj.CycleLearningRate(2, 0.01, 0.1)
    model = mlj.IteratedModel(net, controls=[rates, Step(2), plot, NumberLimit(4)], **options)
    return mlj.fit(mlj.machine(model, *DATA), verbosity=0)


def lines(axes: Any) -> list[np.ndarray]:
    return [np.asarray(line.get_ydata()) for line in axes.get_lines()]


def test_losses_rates_and_the_best_iteration_are_drawn_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "run.png"
    mach = fitted(LivePlot(str(path)))
    report = mlj.report(mach)
    upper, lower = report.controls[2][1]["axes"]
    assert any(np.array_equal(line, report.losses) for line in lines(upper))
    assert any(len(line) == 8 for line in lines(upper))  # the training losses
    values = report.controls[0][1]["values"]
    assert any(np.allclose(line, values) for line in lines(lower))
    assert upper.get_ylabel() == "l2, training loss"
    assert matplotlib.image.imread(path).shape[0] > 300


def test_it_is_drawn_every_so_often_and_in_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []
    draw = LivePlot._draw

    def heard(self: LivePlot, state: Any) -> Any:
        drawn.append(len(state["facts"]["losses"]))
        return draw(self, state)

    monkeypatch.setattr(LivePlot, "_draw", heard)
    fitted(LivePlot(str(tmp_path / "run.png"), every=3))
    assert drawn == [3, 4]


def test_training_losses_alone_are_drawn_too(tmp_path: Path) -> None:
    mach = fitted(LivePlot(str(tmp_path / "run.png"), rate=None), resampling=None)
    axes = mlj.report(mach).controls[2][1]["axes"]
    assert any(np.allclose(line, mlj.training_losses(mach)) for line in lines(axes))


def test_of_a_model_without_a_rate_losses_are_drawn_all_the_same(tmp_path: Path) -> None:
    model = iterated((3.0, 1.0, 2.0), [Step(1), LivePlot(str(tmp_path / "a.png")), NumberLimit(3)])
    mach = mlj.fit(mlj.machine(model, X, Y), verbosity=0)
    axes = mlj.report(mach).controls[1][1]["axes"]
    assert any(np.array_equal(line, [3.0, 1.0, 2.0]) for line in lines(axes))


def test_in_a_notebook_its_cell_is_drawn_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Handle:
        def update(self, figure: Any) -> None:
            shown.append("update")

    def display(figure: Any, *, display_id: bool) -> Handle:
        shown.append("display")
        return Handle()

    shell = types.ModuleType("IPython")
    shell.get_ipython = lambda: object()  # type: ignore[attr-defined]
    inner = types.ModuleType("IPython.display")
    inner.display = display  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", shell)
    monkeypatch.setitem(sys.modules, "IPython.display", inner)
    fitted(LivePlot())
    assert shown == ["display", *["update"] * 4]


def test_without_a_notebook_or_a_file_it_is_drawn_all_the_same(tmp_path: Path) -> None:
    mach = fitted(LivePlot())
    assert len(mlj.report(mach).controls[2][1]["axes"]) == 2
    plot = LivePlot()
    assert plot.takedown(0, None) == {"axes": None} and plot.plain(None) is None
    packed(plot.plain({"training": (0.5,), "figure": object(), "handle": object()}))


def test_what_has_no_losses_or_is_no_path_is_refused() -> None:
    model = mlj.IteratedModel(
        Silent(), controls=[Step(1), LivePlot(), NumberLimit(2)], resampling=None
    )
    with pytest.raises(InvalidModelError, match="LivePlot draws losses, and Silent reports none"):
        mlj.machine(model, X, Y)
    for path in (3, ""):
        with pytest.raises(
            InvalidModelError, match="LivePlot.path: must be the path of a picture"
        ):
            LivePlot(path)  # type: ignore[arg-type]
