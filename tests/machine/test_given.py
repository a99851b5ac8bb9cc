"""What is given in the place of a machine is said to be none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import WrongType
from mlj_keras.machine.given import given_machine, one_machine

MODEL = mlj.Standardizer()
CALLS: dict[str, Callable[[Any], Any]] = {
    "fit": mlj.fit,
    "predict": mlj.predict,
    "predict_mode": mlj.predict_mode,
    "predict_mean": mlj.predict_mean,
    "predict_median": mlj.predict_median,
    "predict_proba": mlj.predict_proba,
    "transform": mlj.transform,
    "inverse_transform": lambda mach: mlj.inverse_transform(mach, [1.0]),
    "report": mlj.report,
    "fitted_params": mlj.fitted_params,
    "training_losses": mlj.training_losses,
    "feature_importances": mlj.feature_importances,
    "freeze": mlj.freeze,
    "thaw": mlj.thaw,
    "snapshot": mlj.snapshot,
    "restore": lambda mach: mlj.restore(mach, None),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("value", [MODEL, None, 3])
def test_a_model_in_the_place_of_a_machine_is_refused(name: str, value: Any) -> None:
    with pytest.raises(WrongType, match=f"{name} needs a machine, got .* mach = machine"):
        CALLS[name](value)


def test_machines_and_nodes_are_given_back() -> None:
    mach = mlj.machine(MODEL, [1.0, 2.0])
    assert given_machine(mach, "predict") is mach
    assert one_machine(mach, "freeze") is mach
    node = mlj.node(abs, mlj.source([1.0]))
    assert given_machine(node, "fit") is node
    with pytest.raises(WrongType, match="freeze is of a machine, and .* is a node. Give one of"):
        one_machine(node, "freeze")
