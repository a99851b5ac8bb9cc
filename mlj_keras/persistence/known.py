"""The models that a machine's file may name: those of this package, and scikit-learn's by name.

What is not among them is code of the user's own, and needs `trusted=`. Knows where models are
defined; nothing of files. Source: ours.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Iterator

from mlj_keras.models import Model
from mlj_keras.sklearn_models import model_class, model_names
from mlj_keras.storage.records import name_of

_PACKAGE = "mlj_keras"
_ESTIMATORS = "sklearn_models"
# Where models and their parts are defined: all of it is loaded before a name is looked up.
_FOLDERS = (
    "builders",
    "composition",
    "containers",
    "ensembles",
    "iteration",
    "measures",
    "optimisers",
    "registry",
    "resampling",
    "transformers",
    "tuning",
)


@functools.cache
def _own_models() -> dict[str, type[Model]]:
    for folder in _FOLDERS:
        importlib.import_module(f"{_PACKAGE}.{folder}")
    found: dict[str, type[Model]] = {}
    for cls in _below(Model):
        if not cls.__module__.startswith(f"{_PACKAGE}."):
            continue
        folder = cls.__module__.removeprefix(f"{_PACKAGE}.").partition(".")[0]
        if cls.__module__ != f"{_PACKAGE}.builders.from_function" and folder in _FOLDERS:
            if not cls.__qualname__.startswith("_"):
                found[name_of(cls)] = cls
    return found


def _below(cls: type[Model]) -> Iterator[type[Model]]:
    for each in cls.__subclasses__():
        yield each
        yield from _below(each)


def model_id(cls: type[Model]) -> str | None:
    """What files call a model class of the package, such as "containers.NeuralNetworkClassifier";
    None for one of the user's own.

    Example:
        >>> from mlj_keras.optimisers import Adam
        >>> model_id(Adam), model_id(model_class("Ridge"))
        ('optimisers.Adam', 'sklearn_models.Ridge')

    Source: ours.
    """
    name = name_of(cls)
    return name if model_of_id(name) is cls else None


def model_of_id(name: str) -> type[Model] | None:
    """The model class that files call so, or None.

    Example:
        >>> model_of_id("builders.MLP").__name__, model_of_id("os.system")
        ('MLP', None)

    Source: ours.
    """
    folder, _, own = name.partition(".")
    if folder == _ESTIMATORS:
        return model_class(own) if own in model_names() else None
    return _own_models().get(name)
