"""Hyper-parameters: from the plain data of a model to what scikit-learn is given.

Knows how models keep their values (tuples, read-only mappings), and what scikit-learn asks of
parameters that name classes or columns. Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mlj_keras.errors import InvalidModelError
from mlj_keras.models import Model
from mlj_keras.rng import entropy
from mlj_keras.sklearn_models._matrix import MatrixEncoder
from mlj_keras.sklearn_models._target import ClassCodes, Target


def random_state_of(value: Any) -> Any:
    """A random_state: a generator of NumPy, old or new, becomes an int drawn from it, as in every
    model."""
    if isinstance(value, np.random.Generator):
        return int(value.integers(2**31))
    return int(value.randint(2**31 - 1)) if isinstance(value, np.random.RandomState) else value


def estimator_value(value: Any, *, wants_list: bool = False) -> Any:
    """A hyper-parameter as scikit-learn takes it: models become estimators, read-only mappings
    dicts, and tuples lists where scikit-learn insists on a list."""
    if isinstance(value, Model):
        if getattr(type(value), "estimator_class", None) is None:
            raise InvalidModelError(
                f"{value!r} is no scikit-learn model. Inside one, give a scikit-learn estimator "
                "or a model of one; as_estimator(model) makes an estimator of any other."
            )
        return value.build()
    if isinstance(value, Mapping):
        return {key: estimator_value(item) for key, item in value.items()}
    if isinstance(value, tuple):
        items = [estimator_value(item) for item in value]
        return items if wants_list else tuple(items)
    return value


def wants_list(estimator_class: type, name: str) -> bool:
    """True if scikit-learn allows a list there, and neither a tuple nor just any sequence."""
    allowed = getattr(estimator_class, "_parameter_constraints", {}).get(name, ())
    if isinstance(allowed, str):  # "no_validation"
        return False
    kinds = [one for one in allowed if isinstance(one, type | str)]
    return list in kinds and tuple not in kinds and "array-like" not in kinds


def unset_seeds(estimator: Any) -> dict[str, int]:
    """A fresh seed for each random_state that is None, nested ones too: scikit-learn would draw
    from NumPy's global generator, and move it."""
    return {
        name: entropy()
        for name, value in estimator.get_params().items()
        if _last(name) == "random_state" and value is None
    }


def data_parameters(
    estimator: Any, encoder: MatrixEncoder, target: Target | None
) -> dict[str, Any]:
    """The parameters whose values depend on the training data: classes by label, columns by
    name."""
    own = estimator.get_params()
    found: dict[str, Any] = {}
    if isinstance(target, ClassCodes):
        found |= _class_parameters(own, target)
    names = list(encoder.features)
    if "categorical_features" in own:  # gradient boosting by histograms
        found["categorical_features"] = _columns(
            own["categorical_features"], encoder, "categorical_features"
        )
    if isinstance(own.get("monotonic_cst"), dict):
        _known(own["monotonic_cst"], names, "monotonic_cst")
        found["monotonic_cst"] = [own["monotonic_cst"].get(name, 0) for name in names]
    if "min_categories" in own and own["min_categories"] is None:  # naive Bayes of categories
        found["min_categories"] = [len(encoder.pools.get(name, ())) for name in names]
    return found


def _columns(value: Any, encoder: MatrixEncoder, parameter: str) -> Any:
    """Columns that are categories: the Multiclass ones by default; names become a mask."""
    if isinstance(value, str) and value == "from_dtype":
        named = [name for name in encoder.pools if name not in encoder.ordered]
    elif isinstance(value, tuple | list) and value and all(isinstance(v, str) for v in value):
        named = list(value)
    else:
        return value
    _known(named, list(encoder.names), parameter)
    return [name in named for name in encoder.names] if named else None


def _known(names: Any, columns: list[str], parameter: str) -> None:
    unknown = [name for name in names if name not in columns]
    if unknown:
        raise InvalidModelError(
            f"{parameter} names no columns of X: {unknown!r}. They are {columns!r}."
        )


def _class_parameters(own: Mapping[str, Any], target: ClassCodes) -> dict[str, Any]:
    code = {label: position for position, label in enumerate(target.levels)}
    found: dict[str, Any] = {}
    for name, value in own.items():
        if _last(name) == "class_weight" and isinstance(value, dict):
            found[name] = {_code(code, label, name): weight for label, weight in value.items()}
        elif _last(name) in ("pos_label", "constant") and value is not None:
            found[name] = _code(code, value, name)
    return found


def _code(code: Mapping[Any, int], label: Any, parameter: str) -> int:
    if label not in code:
        raise InvalidModelError(
            f"{parameter} names {label!r}, which is no level of the target: {list(code)!r}."
        )
    return code[label]


def _last(name: str) -> str:
    return name.rpartition("__")[2]
