"""Fixtures: a small table of every kind of column that an estimator takes, and targets for it."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

N_ROWS = 48


@pytest.fixture(scope="session")
def table() -> pd.DataFrame:
    """48 rows: two positive floats, a count, a Multiclass with an unused level, an
    OrderedFactor; an index from 100."""
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "width": rng.uniform(0.5, 3.0, N_ROWS),
            "height": rng.uniform(0.5, 3.0, N_ROWS),
            "visits": rng.integers(0, 5, N_ROWS),
            "colour": pd.Categorical(
                rng.choice(["red", "green", "blue"], N_ROWS),
                categories=["red", "green", "blue", "white"],
            ),
            "grade": pd.Categorical(
                rng.choice(["low", "high"], N_ROWS), categories=["low", "high"], ordered=True
            ),
        },
        index=pd.RangeIndex(100, 100 + N_ROWS),
    )


@pytest.fixture(scope="session")
def matrix(table: pd.DataFrame) -> np.ndarray:
    """The same table as estimators see it, written out by hand: (48, 8) float64."""
    colours = np.column_stack(
        [table["colour"] == level for level in table["colour"].cat.categories]
    )
    columns = [table[["width", "height", "visits"]].to_numpy(), colours, table["grade"].cat.codes]
    return np.ascontiguousarray(np.column_stack(columns), dtype=np.float64)


@pytest.fixture(scope="session")
def numbers(table: pd.DataFrame) -> pd.Series:
    """A positive Continuous target that depends on the table."""
    noise = np.random.default_rng(6).normal(0, 0.1, N_ROWS)
    return (2 * table["width"] + table["height"] + noise + 1).rename("price")


@pytest.fixture(scope="session")
def two_numbers(numbers: pd.Series) -> pd.DataFrame:
    """Two Continuous targets."""
    return pd.DataFrame({"price": numbers, "tax": numbers**2})


@pytest.fixture(scope="session")
def classes(table: pd.DataFrame) -> pd.Series:
    """A Multiclass target of three classes whose pool is not sorted, and has a level more."""
    labels = np.where(table["width"] > 1.8, "yes", np.where(table["height"] > 1.6, "maybe", "no"))
    pool = ["yes", "no", "maybe", "never"]
    return pd.Series(pd.Categorical(labels, categories=pool), index=table.index, name="answer")


@pytest.fixture(scope="session")
def two_classes(table: pd.DataFrame) -> pd.Series:
    """An OrderedFactor target of two classes."""
    labels = np.where(table["width"] + table["height"] > 3.4, "big", "small")
    pool = pd.Categorical(labels, categories=["small", "big"], ordered=True)
    return pd.Series(pool, index=table.index, name="size")


@pytest.fixture(scope="session")
def estimator_names() -> dict[str, set[str]]:
    """The names that scikit-learn's all_estimators gives: "all", "classifier", "regressor".

    From another process: all_estimators imports torch where it is, beside TensorFlow.
    """
    code = (
        "import json\n"
        "from sklearn.utils import all_estimators\n"
        "def names(kind): return [name for name, _ in all_estimators(kind)]\n"
        "kinds = {'all': None, 'classifier': 'classifier', 'regressor': 'regressor'}\n"
        "print(json.dumps({word: names(kind) for word, kind in kinds.items()}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return {kind: set(names) for kind, names in json.loads(done.stdout).items()}
