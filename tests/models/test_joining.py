"""`a | b` joins models and functions, and says what to write instead of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.errors import WrongType

NET = mlj.NeuralNetworkRegressor()


def test_models_and_functions_are_joined_from_either_side() -> None:
    assert mlj.Standardizer() | NET == mlj.Pipeline(mlj.Standardizer(), NET)
    assert np.abs | NET == mlj.Pipeline(np.abs, NET)
    assert NET | np.abs == mlj.Pipeline(NET, np.abs)


@pytest.mark.parametrize(
    "join",
    [
        lambda: mlj.Standardizer | NET,
        lambda: NET | mlj.Standardizer,
        lambda: mlj.Standardizer | mlj.OneHotEncoder | NET,
        lambda: mlj.Standardizer() | mlj.OneHotEncoder,
    ],
)
def test_classes_are_refused_with_the_instances_to_write(join: Any) -> None:
    with pytest.raises(WrongType, match=r"Write (Standardizer|OneHotEncoder)\(\)"):
        join()


def test_a_machine_of_classes_says_what_to_join() -> None:
    with pytest.raises(WrongType, match=r"Join instances: Standardizer\(\) \| OneHotEncoder\(\)"):
        mlj.machine(mlj.Standardizer | mlj.OneHotEncoder, [[1.0]])  # type: ignore[arg-type]


def test_anything_else_cannot_be_joined() -> None:
    with pytest.raises(WrongType, match="joins models and functions, and got 3"):
        NET | 3
    with pytest.raises(WrongType, match="joins models and functions, and got 'text'"):
        "text" | NET
