"""Whether what a model has learned is of the kind that it learns: asked of values from files.

Knows the annotations of models. Source: ours.
"""

from __future__ import annotations

import functools
import typing
from typing import Any

from mlj_keras.models.base import Model
from mlj_keras.models.interface import FitOutcome
from mlj_keras.storage.records import fits

_TAKING = ("fitted_params", "predict", "transform")


def check_learned(model: Any, outcome: FitOutcome) -> None:
    """Raise ValueError unless an outcome is of the type that the operations of a model take, and
    as its own `check_learned(fitresult)` wants it, if it has one.

    Example:
        >>> from mlj_keras.transformers import Standardizer
        >>> check_learned(Standardizer(), FitOutcome(3))
        Traceback (most recent call last):
        ValueError: Standardizer learns a ColumnwiseFit, and this is int

    Source: ours.
    """
    if not isinstance(model, Model):
        raise ValueError(f"what has learned is {model!r:.40}, and no model")
    if not type(model).__module__.startswith("mlj_keras."):
        return  # whose annotations are the user's
    own: Any = type(model)  # whose instances have no hash, which mypy takes for the class's
    wanted, found = _learned_type(own), outcome.fitresult
    if not fits(found, wanted):
        kind = getattr(wanted, "__name__", wanted)
        raise ValueError(
            f"{type(model).__name__} learns a {kind}, and this is {type(found).__name__}"
        )
    if hasattr(type(model), "learn") and hasattr(found, "learned"):  # column by column
        _check_columns(type(model), found.learned)
    check = getattr(type(model), "check_learned", None)
    if check is not None:
        check(model, found)


def _check_columns(cls: Any, learned: Any) -> None:
    wanted = _returned_type(cls.learn)
    for name, each in learned.items():
        if not fits(each, wanted):
            raise ValueError(f"{cls.__name__} does not learn {each!r:.40} of {name!r:.40}")


@functools.cache
def _returned_type(method: Any) -> Any:
    return typing.get_type_hints(method).get("return", Any)


@functools.cache
def _learned_type(cls: Any) -> Any:
    """The first annotation of a fitresult that says something; Any if there is none."""
    for name in _TAKING:
        method = getattr(cls, name, None)
        try:
            hint = typing.get_type_hints(method).get("fitresult", Any)
        except (NameError, TypeError):  # of a class of the user's own
            continue
        if hint is not Any:
            return hint
    return Any
