"""Step trains so many iterations in one call."""

from __future__ import annotations

from typing import Any

import pytest

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError
from mlj_keras.iteration import NumberLimit, Step
from tests.batteries.iterating import fitted, iterated, trained


def test_so_many_iterations_are_one_training() -> None:
    trained()
    mach = fitted(iterated((), [Step(3), NumberLimit(2)]))
    assert trained() == [(0, 3, 10), (3, 6, 10)]
    assert mlj.report(mach).controls[0] == (Step(3), {"new_iterations": 6})
    assert Step() == Step(5) and Step.trains and not Step(1).may_stop()


def test_two_steps_in_a_cycle_add_up() -> None:
    mach = fitted(iterated((), [Step(1), Step(2), NumberLimit(2)]))
    assert mlj.report(mach).iterations == [1, 3, 4, 6]


@pytest.mark.parametrize("n", [0, -1, 1.5, True, "2"])
def test_a_number_that_is_none_is_refused(n: Any) -> None:
    with pytest.raises(InvalidModelError, match="Step.n must be an int >= 1"):
        Step(n)
