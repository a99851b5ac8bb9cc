"""The table of bad input is covered: each of its rows has a case with its number, and what can be
decided without TensorFlow is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from types import ModuleType

from tests.conformance import (
    test_bad_evaluations,
    test_bad_input,
    test_bad_models,
    test_bad_networks,
    test_bad_searches,
    test_odd_input,
)

MODULES = (
    test_bad_evaluations,
    test_bad_input,
    test_bad_models,
    test_bad_networks,
    test_bad_searches,
    test_odd_input,
)
ROWS = set(range(1, 81))
ELSEWHERE = {78}  # damaged and hostile files have a corpus of their own


def covered(module: ModuleType) -> set[int]:
    """The numbers with which the cases of a module begin."""
    found = set()
    for test in vars(module).values():
        for mark in getattr(test, "pytestmark", ()):
            for case in mark.args[1] if mark.name == "parametrize" else ():
                name = getattr(case, "id", None) or case
                number = re.match(r"(\d+)-", name) if isinstance(name, str) else None
                found |= {int(number.group(1))} if number else set()
    return found


def test_every_row_of_the_table_has_a_case() -> None:
    found = set().union(*map(covered, MODULES))
    assert sorted(ROWS - ELSEWHERE - found) == []
    assert found <= ROWS


WITHOUT = """
import sys
import numpy as np
import pandas as pd
import mlj_keras as mlj
from mlj_keras.errors import MLJKerasError

X = pd.DataFrame({"a": np.arange(12.0), "b": np.arange(12.0) % 5})
y = pd.Series(np.arange(12.0) ** 2)
model = mlj.NeuralNetworkRegressor(rng=1)
BAD = [
    (None, y),
    (np.zeros(12), y),
    (X.set_axis(["a", "a"], axis=1), y),
    (X[[]], y),
    (X.assign(c="1.5"), y),
    (X.assign(a=np.nan), y),
    (X.assign(a=np.inf), y),
    (np.broadcast_to(0.5, (10**11, 10**4)), y),
    (X, y[:5]),
    (X, y.astype(str)),
    (X, y.where(y != 4)),
    (X, y, -y),
]
for data in BAD:
    try:
        mlj.machine(model, *data)
    except MLJKerasError:
        continue
    raise AssertionError(data)
for values in ({"epochs": -1}, {"epoch": 1}, {"rng": "abc"}, {"lambda_": 10**400}):
    try:
        mlj.NeuralNetworkRegressor(**values)
    except MLJKerasError:
        continue
    raise AssertionError(values)
assert "tensorflow" not in sys.modules and "keras" not in sys.modules
"""


def test_what_can_be_decided_without_tensorflow_does_not_load_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
