"""Every model class of scikit-learn under its own name: where pickle looks for the classes.

A class is made when it is asked for. Models themselves are pickled without it, see `make.rebuild`.
Source: ours.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.errors import InvalidArgument
from mlj_keras.sklearn_models.find import model_class


def __getattr__(name: str) -> Any:
    if name.startswith("_"):  # asked by those who look through all modules
        raise AttributeError(name)
    try:
        return model_class(name)
    except InvalidArgument as error:
        raise AttributeError(str(error)) from error
