"""Errors of users show their own lines, and none of this package between."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras._tracebacks import FULL
from mlj_keras.errors import InvalidArgument, MLJKerasError

X, Y = np.arange(3.0)[:, None], [1.0, 2.0, 3.0]


def frames(call: Callable[[], Any]) -> list[str]:
    """The functions in the traceback of the error that a call raises."""
    with pytest.raises(MLJKerasError) as caught:
        call()
    return [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FULL)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "call",
    [
        lambda: mlj.NeuralNetworkRegressor(epochs=-1),
        lambda: setattr(mlj.NeuralNetworkRegressor(), "epochs", -1),
        lambda: mlj.NeuralNetworkRegressor().set("builder.hidden", ()),
        lambda: mlj.load("Nothing"),
        lambda: mlj.plot(3),
        lambda: mlj.machine(mlj.NeuralNetworkRegressor(), X, ["a", "b", "c"]),
        lambda: mlj.evaluate(mlj.NeuralNetworkRegressor(), X, Y, measure="mumble"),
        lambda: mlj.coerce(X, {"nothing": mlj.Count}),
        lambda: mlj.machine(mlj.NeuralNetworkRegressor(), X, Y).fit(rows=[7]),
    ],
)
def test_a_traceback_has_one_line_of_this_package(call: Callable[[], Any]) -> None:
    assert frames(call) == ["frames", "<lambda>", "short"]


@pytest.mark.usefixtures("short")
def test_a_function_beside_a_method_is_one_line_more() -> None:
    mach = mlj.machine(mlj.NeuralNetworkRegressor(), X, Y)
    assert frames(lambda: mlj.predict(mach)) == ["frames", "<lambda>", "predict", "short"]


@pytest.mark.usefixtures("short")
def test_functions_of_the_user_that_are_called_stay_in_the_traceback() -> None:
    class Asking(mlj.Deterministic):
        """Its fit asks something impossible."""

        def fit(self, verbosity: int, X: Any, y: Any) -> None:
            mlj.partition(range(3), 2.0)

    names = frames(lambda: mlj.machine(Asking(), X, Y).fit(verbosity=0))
    assert names == ["frames", "<lambda>", "short", "fit"]


def test_all_lines_are_shown_where_they_are_asked_for() -> None:
    assert len(frames(lambda: mlj.partition(range(3), 2.0))) > 3


@pytest.mark.usefixtures("short")
def test_the_error_and_its_cause_are_the_same() -> None:
    with pytest.raises(InvalidArgument) as caught:
        mlj.param_range(mlj.NeuralNetworkRegressor(), "epochs", values=[1, -2])
    assert isinstance(caught.value.__cause__, MLJKerasError)
