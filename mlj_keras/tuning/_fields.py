"""What the fields of a tuned model may be. Knows strategies and ranges. Source: MLJTuning.jl,
src/tuned_models.jl (`clean!`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from mlj_keras.models.wrapper import check_model
from mlj_keras.tuning.selection import SelectionHeuristic
from mlj_keras.tuning.space import dimensions_of
from mlj_keras.tuning.strategies.optuna_search import OptunaSearch, is_optuna_sampler
from mlj_keras.tuning.strategy import TuningStrategy


def check_models(value: Any) -> tuple[Any, ...]:
    """Models, one or more. Raises: TypeError, ValueError."""
    if not isinstance(value, tuple) or not value:
        raise ValueError(f"must be a list of one or more models, got {value!r:.60}")
    return tuple(map(check_model, value))


def check_ranges(value: Any) -> Any:
    """Ranges. Raises: TypeError, ValueError."""
    if not dimensions_of(value):
        raise ValueError("must be one range or more, made by param_range(model, path, ...)")
    return value


def check_strategy(value: Any) -> TuningStrategy:
    """A strategy, or a sampler of Optuna as one. Raises: TypeError."""
    if isinstance(value, TuningStrategy):
        return value
    if is_optuna_sampler(value):
        return OptunaSearch(value)
    if isinstance(value, type) and issubclass(value, TuningStrategy):
        raise TypeError(f"must be an instance, got the class {value.__name__}")
    raise TypeError(
        "must be a strategy such as Grid(), RandomSearch() or TPE(), or a sampler of Optuna, got "
        f"{value!r:.60}"
    )


def check_heuristic(value: Any) -> Any:
    """Something with `best`. Raises: TypeError."""
    if isinstance(value, SelectionHeuristic) and not isinstance(value, type):
        return value
    raise TypeError(
        f"must have a method best(entries), as NaiveSelection() has, got {value!r:.60}"
    )


def check_path(value: Any) -> Path:
    """A path. Raises: TypeError."""
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise TypeError(f"must be the path of a file, got {value!r:.60}")
    return Path(value)  # which is looked at when the search begins


def check_callbacks(value: Any) -> tuple[Any, ...]:
    """Functions. Raises: TypeError."""
    listed = value if isinstance(value, tuple) else (value,)
    for each in listed:
        if not callable(each) or isinstance(each, type):
            raise TypeError(f"must be functions of the list of entries, got {each!r:.60}")
    return listed
