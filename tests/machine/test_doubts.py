"""What is seen of bound data before anything is learned."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlj_keras as mlj
from mlj_keras.errors import LeakageWarning, MemoryBudgetError, MLJKerasWarning
from mlj_keras.machine.doubts import check_memory, say_doubts
from mlj_keras.machine.source import Source

N_ROWS = 30
X = pd.DataFrame({"a": np.linspace(0, 1, N_ROWS), "c": pd.Categorical(list("pqr") * 10)})


class Doubtful(mlj.Deterministic):
    """Finds something in all data."""

    native_data = False

    def fit(self, verbosity: int, X: Any, y: Any) -> None:
        return None

    def doubts(self, *data: Any) -> list[MLJKerasWarning]:
        return [MLJKerasWarning(f"{len(data)} of {len(data[0])} rows")]


def test_a_model_says_what_it_doubts() -> None:
    with pytest.warns(MLJKerasWarning, match="2 of 30 rows"):
        say_doubts(Doubtful(), (Source(X), Source(X["a"] ** 2)))


@pytest.mark.parametrize("name", ["a", "c"])
def test_a_column_that_is_the_target_is_named(name: str) -> None:
    y = X[name]
    if name == "c":  # of another order, which is the same labels
        y = y.cat.reorder_categories(["r", "q", "p"])
    model = mlj.NeuralNetworkRegressor() if name == "a" else mlj.NeuralNetworkClassifier()
    with pytest.warns(LeakageWarning, match=f"Column '{name}' of X equals y in every row"):
        say_doubts(model, (Source(X), Source(y)))


@pytest.mark.parametrize(
    "y",
    [
        X["a"] + 1e-9,
        pd.Series(pd.Categorical(list("pqr") * 9 + list("ppp"))),
        pd.Series(pd.Categorical(list("pqs") * 10)),
        X["a"].astype(str),
    ],
)
def test_other_targets_are_not_taken_for_a_column(y: pd.Series) -> None:
    say_doubts(mlj.NeuralNetworkRegressor(), (Source(X), Source(y)))  # warnings are errors


def test_data_larger_than_the_memory_are_refused_unless_the_model_takes_them_as_they_are() -> None:
    huge = (Source(np.broadcast_to(0.5, (10**12, 10**3))),)
    with pytest.raises(MemoryBudgetError, match="X of 1000000000000 rows and 1000 columns needs"):
        check_memory(mlj.NeuralNetworkRegressor(), huge)

    class Native(mlj.Deterministic):
        pass

    check_memory(Native(), huge)
