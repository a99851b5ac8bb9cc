"""What a network learns together with others is the same to the bit, however many they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.engine.state import MachineState
from mlj_keras.engine.together import can_train_together, train_together
from tests.batteries.oracles import TANH, program_of
from tests.engine.test_together import RATE, begun, data_of

pytestmark = pytest.mark.slow

CLASSES: dict[str, Any] = {
    "n_out": 3,
    "loss": "categorical_crossentropy",
    "kind": "classes",
    "finaliser": "softmax",
}


def bits(states: list[MachineState]) -> list[bytes]:
    """All that was learned by each."""
    return [b"".join(a.tobytes() for a in state.arrays.values()) for state in states]


@pytest.mark.parametrize(
    ("builder", "given", "rows"),
    [
        (TANH, {"optimiser": mlj.SGD(0.05, momentum=0.9)}, {}),
        (TANH, {"optimiser": mlj.Adam(0.05), **CLASSES}, {"target": "classes"}),
        (mlj.MLP(hidden=(100,)), {"batch_size": 64}, {"n_rows": 70}),
    ],
    ids=["numbers", "classes", "large sums"],
)
def test_it_is_the_same_with_any_number_of_others_and_threads(
    builder: Any, given: dict[str, Any], rows: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    program, data = program_of(builder, **given), data_of(10, **rows)
    assert can_train_together(program, data[0])
    states = begun(program, data, builder)
    monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "1")
    whole = train_together(program, states, data, 3, RATE)
    assert len(set(bits(whole))) == 10
    for some in (range(1), range(2), range(7, 2, -1)):
        own = [states[i] for i in some], [data[i] for i in some]
        found = train_together(program, *own, 3, RATE)
        assert bits(found) == bits([whole[i] for i in some])
        # What is told of the loss may differ in its last digit: a logarithm of many numbers is
        # not computed as one of few.
        losses = [[state.losses for state in each] for each in (found, [whole[i] for i in some])]
        np.testing.assert_allclose(*losses, rtol=1e-6)
    if builder is TANH and not rows:
        monkeypatch.setenv("TF_NUM_INTRAOP_THREADS", "4")  # in several parts
        assert bits(train_together(program, states, data, 3, RATE)) == bits(whole)
