"""Bad networks and stacks: a clear error of our own type before any training, and nothing changed
by it. Each case has the number of its row in the table of bad input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import (
    DimensionMismatch,
    InvalidArgument,
    InvalidModelError,
    NotTrainedError,
    ScitypeError,
    WrongType,
)
from tests.batteries.bad_input import (
    CLASSES,
    NUMBERS,
    Y,
    check_refused,
    classifier,
    regressor,
)


def nodes() -> tuple[Any, ...]:
    """Sources, a machine that standardises, and what it gives."""
    Xs, ys = mlj.source(NUMBERS), mlj.source(Y)
    scaler = mlj.machine(mlj.Standardizer(), Xs)
    return Xs, ys, scaler, mlj.transform(scaler, Xs)


def circle(*, length: int) -> Any:
    """A node of machines that learn from each other."""
    Xs, *_, scaler, Z = nodes()
    last = Z
    for _ in range(length - 1):
        last = mlj.transform(mlj.machine(mlj.Standardizer(), last), last)
    scaler.args = (last,)
    return mlj.transform(scaler, Xs) if length == 1 else last


class Given(mlj.NetworkComposite, mlj.Deterministic):
    """A composite whose network is made by a function."""

    make: Any = None

    def prefit(self, verbosity: int, *sources: Any) -> Any:
        return self.make(*sources)


def composite(make: Callable[[Any, Any], Any]) -> mlj.Machine:
    return mlj.machine(Given(make=make), NUMBERS, Y)


def predicted(Xs: Any, ys: Any) -> Any:
    return mlj.predict(mlj.machine(regressor(), Xs, ys), Xs)


FEW = NUMBERS.head(5)
CASES: list[tuple[str, Callable[[], Any], type[Exception], str]] = [
    ("73-a circle of one", lambda: mlj.fit(circle(length=1)), InvalidArgument,
     r"learns from what it makes itself: node\(transform\(Standardizer, .*Give it other arg"),
    ("73-a circle of three", lambda: mlj.fit(circle(length=3)),
     InvalidArgument, "what it makes its"),
    ("73-a machine of a circle", lambda: mlj.machine(mlj.Standardizer(), circle(length=2)),
     InvalidArgument, "A machine of this network learns from what it makes itself"),
    ("73-a circle in a composite", lambda: composite(lambda Xs, ys: {"predict": circle(length=2)}),
     InvalidArgument, "learns from what it makes itself"),
    ("73-a node of another network", lambda: composite(lambda Xs, ys: {"predict": nodes()[3]}),
     InvalidArgument, "A node in the network of Given stands on data that Given was not given"),
    ("73-a machine of another network",
     lambda: composite(lambda Xs, ys: {"predict": mlj.predict(predicted(Xs, nodes()[1]).machine,
                                                              Xs)}),
     InvalidArgument, r"The machine of NeuralNetworkRegressor\(.* stands on data that Given was"),
    ("73-no node", lambda: composite(lambda Xs, ys: {"predict": 3}), WrongType,
     "prefit of Given must give nodes by the names of operations, got .*int.*Write return"),
    ("73-no nodes", lambda: composite(lambda Xs, ys: {}),
     WrongType, "must give nodes by the names"),
    ("73-a node alone", lambda: composite(predicted), WrongType, "must give nodes by the names"),
    ("73-a report that is no node",
     lambda: composite(lambda Xs, ys: {"predict": predicted(Xs, ys), "report": {"n": 3}}),
     WrongType, "must give nodes by the names"),
    ("73-a report alone", lambda: composite(lambda Xs, ys: {"report": {"n": predicted(Xs, ys)}}),
     WrongType, "must give nodes by the names"),
    ("73-other lengths", lambda: mlj.machine(regressor(), nodes()[3], mlj.source(Y.head(5))),
     DimensionMismatch, "come from sources of 5 and 12 rows: are they nodes of another network"),
    ("73-a function that drops rows", lambda: mlj.node(lambda X: X.head(5), nodes()[0])(),
     DimensionMismatch, "<lambda> was given 12 rows and gave 5. A step of a network keeps the ro"),
    ("73-no function", lambda: mlj.node(3, nodes()[0]),
     WrongType, "takes a function and nodes, got"),
    ("73-new data for two sources", lambda: mlj.node(np.add, *nodes()[:2])(NUMBERS),
     InvalidArgument, "computed from 2 sources, and new data stand in for one"),
    ("73-untrained", lambda: nodes()[3](),
     NotTrainedError, r"Standardizer\(\), .* is not trained"),
    ("73-a place that is none", lambda: mlj.fit(nodes()[3], acceleration=2), InvalidArgument,
     r"acceleration must be CPU1\(\), CPUThreads\(n\), .*got 2"),
    ("73-a place of one machine", lambda: mlj.fit(nodes()[2], acceleration=mlj.CPUThreads(2)),
     InvalidArgument, "and this is one machine"),
    ("73-a stack of nothing", lambda: mlj.Stack(metalearner=regressor()), InvalidModelError,
     r"at least one base model, got none. Give them by name: Stack\(..., net="),
    ("73-a stack without a metalearner", lambda: mlj.Stack(net=regressor()), InvalidModelError,
     r"needs a model that learns from the predictions: Stack\(metalearner="),
    ("73-a mixed stack",
     lambda: mlj.Stack(a=regressor(), b=classifier(), metalearner=regressor()), InvalidModelError,
     "all regressors or all classifiers: a is a regressor, b is a classifier"),
    ("73-a stack for another target",
     lambda: mlj.machine(mlj.Stack(a=regressor(), metalearner=regressor()), NUMBERS, CLASSES),
     ScitypeError, r"y is Multiclass\[3\]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("act", "error", "words"), [pytest.param(*case[1:], id=case[0]) for case in CASES]
)
def test_networks_and_stacks_that_cannot_be_are_refused(
    act: Callable[[], Any], error: type[Exception], words: str
) -> None:
    check_refused(act, error, words, NUMBERS, Y, CLASSES)
