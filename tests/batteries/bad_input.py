"""The bench on which bad input is tried: trained machines, good data, and every kind of table.

Knows machines by their public functions. `check_refused` is what every case satisfies.
"""

from __future__ import annotations

import functools
import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import mlj_keras as mlj
from mlj_keras.errors import MLJKerasError

N_ROWS = 12
_RNG = np.random.default_rng(0)
NUMBERS = pd.DataFrame({"a": _RNG.normal(size=N_ROWS), "b": _RNG.normal(size=N_ROWS)})
FACTORS = NUMBERS.assign(c=pd.Categorical(["p", "q"] * (N_ROWS // 2)))
Y = pd.Series(_RNG.normal(size=N_ROWS), name="t")
CLASSES = pd.Series(pd.Categorical(["x", "y", "z"] * (N_ROWS // 3)), name="t")
IMAGES = _RNG.integers(0, 255, size=(N_ROWS, 4, 4), dtype=np.uint8)

KINDS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "pandas": lambda frame: frame,
    "polars": pl.from_pandas,
    "pyarrow": lambda frame: pa.Table.from_pandas(frame, preserve_index=False),
    "numpy": lambda frame: frame.to_numpy(),
}


def regressor(**changes: Any) -> mlj.NeuralNetworkRegressor:
    """A regressor of three units."""
    values: dict[str, Any] = {"builder": mlj.MLP(hidden=(3,)), "epochs": 1, "batch_size": 4}
    return mlj.NeuralNetworkRegressor(**{**values, "rng": 1, **changes})


def classifier(**changes: Any) -> mlj.NeuralNetworkClassifier:
    """A classifier of three units."""
    values: dict[str, Any] = {"builder": mlj.MLP(hidden=(3,)), "epochs": 1, "batch_size": 4}
    return mlj.NeuralNetworkClassifier(**{**values, "rng": 1, **changes})


def imager(**changes: Any) -> mlj.ImageClassifier:
    """A classifier of images with one convolution."""
    tiny = mlj.ImageCNN(blocks=((2, 1),), dense=())
    values: dict[str, Any] = {"builder": tiny, "epochs": 1, "batch_size": 4, "rng": 1}
    return mlj.ImageClassifier(**{**values, **changes})


@functools.cache
def trained() -> dict[str, tuple[mlj.Machine, Any, bytes]]:
    """Trained machines by name: the machine, its data, and what it predicts for them."""
    bound = {
        "numbers": (regressor(), NUMBERS, Y),
        "factors": (regressor(), FACTORS, Y),
        "classes": (classifier(), NUMBERS, CLASSES),
        "images": (imager(), IMAGES, CLASSES),
    }
    result = {}
    for name, (model, X, y) in bound.items():
        mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        result[name] = (mach, X, predicted(mach, X))
    return result


def predicted(mach: mlj.Machine, X: Any) -> bytes:
    """What a machine predicts, as bytes."""
    result = mlj.predict(mach, X)
    return np.asarray(result.to_numpy()).tobytes()


def put(value: Any, column: str = "a", row: int = 3) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A function that puts a value into one cell of a copy of a frame."""

    def changed(frame: pd.DataFrame) -> pd.DataFrame:
        copy = frame.copy()
        copy.loc[row, column] = value
        return copy

    return changed


def column(values: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """A function that adds the column `c` to a frame."""
    return lambda frame: frame.assign(c=values)


def check_refused(
    act: Callable[[], Any], error: type[Exception], words: str, *data: Any
) -> MLJKerasError:
    """`act` raises our own error with these words, and leaves data and machines alone."""
    machines = trained()
    states = {name: mach.state for name, (mach, _, _) in machines.items()}
    before = pickle.dumps(data)
    with pytest.raises(error, match=re.compile(words, re.DOTALL)) as caught:
        act()
    assert isinstance(caught.value, MLJKerasError)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert pickle.dumps(data) == before, "the data were changed"
    for name, (mach, X, wanted) in machines.items():
        assert mach.state == states[name]
        assert predicted(mach, X) == wanted
    return caught.value
