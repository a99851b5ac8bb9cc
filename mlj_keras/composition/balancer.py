"""`Balancer`: a sampler of imbalanced-learn as a model: its class, and its parameters as
hyper-parameters.

Knows what estimators can be asked; neither data nor machines. imbalanced-learn itself is loaded by
the user alone: anything with `fit_resample` and `get_params` will do.
Source: MLJBalancing.jl, src/balanced_model.jl (there Imbalance.jl's models are static ones).
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mlj_keras.errors import WrongType
from mlj_keras.models import ComponentModel, param
from mlj_keras.models.params import normalise, same
from mlj_keras.models.representation import show_value

SEED = "random_state"


def _check_class(value: Any) -> Any:
    if isinstance(value, type) and hasattr(value, "get_params"):
        return value
    raise TypeError(f"must be a class with get_params, got {value!r:.60}")


class Estimator(ComponentModel):
    """An estimator in the manner of scikit-learn as a model, whose components are the parameters
    of its constructor; estimators among these are such models too.

    Args: estimator: an instance; not changed, nor kept.
    Hyper-parameters: the parameters by their names; estimator_class, the class.

    Example:
        >>> from sklearn.neighbors import NearestNeighbors
        >>> model = Estimator(NearestNeighbors(n_neighbors=3))
        >>> model.n_neighbors = 4
        >>> model, model.build().n_neighbors, model == Estimator(NearestNeighbors(n_neighbors=4))
        (NearestNeighbors(n_neighbors=4), 4, True)

    Source: ours.
    """

    estimator_class: Any = param(convert=_check_class)

    def __init__(self, estimator: Any) -> None:
        self._begin(estimator.get_params(deep=False), estimator_class=type(estimator))

    def check_components(self, components: dict[str, Any]) -> dict[str, Any]:
        """The parameters as plain data, seeds as ints, estimators as models."""
        return {name: _kept(name, value) for name, value in components.items()}

    def build(self) -> Any:
        """A fresh estimator with these parameters."""
        allowed = getattr(self.estimator_class, "_parameter_constraints", {})
        tuples = {n for n, kinds in dict(allowed).items() if kinds and tuple in kinds}
        return self.estimator_class(
            **{n: _given(v, keeps=n in tuples) for n, v in self.components.items()}
        )

    def unset_seeds(self) -> Iterator[str]:
        """The dotted paths of the seeds that are None."""
        for name, value in self.components.items():
            if name == SEED and value is None:
                yield name
            elif isinstance(value, Estimator):
                yield from (f"{name}.{path}" for path in value.unset_seeds())

    def __getstate__(self) -> dict[str, Any]:
        plain = {n: dict(v) if isinstance(v, Mapping) else v for n, v in self.components.items()}
        return {**super().__getstate__(), "_components": plain}

    def __setstate__(self, state: dict[str, Any]) -> None:
        kept = {name: normalise(value) for name, value in state["_components"].items()}
        super().__setstate__({**state, "_components": kept})

    def __repr__(self) -> str:
        signature = inspect.signature(self.estimator_class.__init__).parameters
        changed = (
            f"{name}={show_value(value)}"
            for name, value in self.components.items()
            if name not in signature or not same(value, normalise(signature[name].default))
        )
        return f"{self.estimator_class.__name__}({', '.join(changed)})"


class Balancer(Estimator):
    """A sampler as a model: what BalancedModel makes of one.

    Args: estimator: a sampler, such as RandomOverSampler(). Hyper-parameters: as Estimator.

    Example:
        >>> from imblearn.over_sampling import SMOTE
        >>> balancer = Balancer(SMOTE(k_neighbors=3))
        >>> balancer, balancer.sampling_strategy, list(balancer.unset_seeds())
        (SMOTE(k_neighbors=3), 'auto', ['random_state'])

    Source: ours; see the module.
    """

    def __init__(self, estimator: Any) -> None:
        super().__init__(estimator)


def as_balancer(name: str, value: Any) -> Balancer | Callable[[Any, Any], Any]:
    """What balances: a sampler as a Balancer, a function as it is.

    Args: name: for messages · value: a sampler, a Balancer, or a function of X and y.
    Raises: WrongType for a class, with what to write, and for what balances nothing.
    Example:
        >>> as_balancer("oversampler", 3)
        Traceback (most recent call last):
        mlj_keras.errors.WrongType: The balancer 'oversampler' is 3, which has no fit_resample. ...

    Source: ours.
    """
    if isinstance(value, type):
        raise WrongType(
            f"The balancer {name!r} is an instance or a function, got the class "
            f"{value.__name__}. Write {value.__name__}()."
        )
    if isinstance(value, Balancer):
        return value
    if hasattr(value, "fit_resample"):
        if hasattr(value, "get_params"):
            return Balancer(value)
        raise WrongType(
            f"The balancer {name!r} is a {type(value).__name__}, which has fit_resample and no "
            "get_params. Let its class inherit from sklearn.base.BaseEstimator."
        )
    if callable(value):
        function: Callable[[Any, Any], Any] = value
        return function
    raise WrongType(
        f"The balancer {name!r} is {value!r:.60}, which has no fit_resample. Give a sampler of "
        "imbalanced-learn, such as RandomOverSampler(), or a function that gives X and y of X "
        "and y."
    )


def picks_rows(sampler: Any) -> bool | None:
    """Whether a sampler, or function, picks rows that there are; None if that shows only in
    balancing."""
    tags = _tags(sampler)
    if tags is None:
        return None if hasattr(sampler, "fit_resample") else False
    # What is drawn with shrinkage is moved a little.
    return bool(tags.sampler_tags.sample_indices) and getattr(sampler, "shrinkage", None) is None


def takes_factors(sampler: Any) -> bool:
    """Whether a sampler, or function, takes columns that are no numbers, as far as is known."""
    tags = _tags(sampler)
    unchecked = getattr(sampler, "validate", True) is False  # a FunctionSampler
    return tags is None or bool(tags.input_tags.string) or unchecked


def draws_blindly(sampler: Any) -> bool:
    """Whether a sampler picks rows without a look at what is in them."""
    return picks_rows(sampler) is True and takes_factors(sampler)


def checks_data(sampler: Any) -> bool:
    """Whether `sampler.fit(X, y)` checks parameters and data, and does no more."""
    return _tags(sampler) is not None and hasattr(sampler, "fit")


def names_classes(sampler: Any) -> bool:
    """Whether parameters of a sampler may name classes by their labels."""
    by_label = ("sampling_strategy", "shrinkage", "func")
    found = (v for n, v in sampler.get_params().items() if n.rpartition("__")[2] in by_label)
    return _tags(sampler) is None or not all(
        value is None or isinstance(value, str | int | float) for value in found
    )


def _tags(sampler: Any) -> Any:
    """What a sampler of imbalanced-learn says of itself, or None."""
    tags = sampler.__sklearn_tags__() if hasattr(sampler, "__sklearn_tags__") else None
    return tags if getattr(tags, "sampler_tags", None) is not None else None


def _is_estimator(value: Any) -> bool:
    return hasattr(value, "get_params") and not isinstance(value, type)


def _kept(name: str, value: Any) -> Any:
    """A parameter as a hyper-parameter."""
    if name == SEED and isinstance(value, np.random.Generator):
        return int(value.integers(2**31))
    if name == SEED and isinstance(value, np.random.RandomState):
        return int(value.randint(2**31 - 1))
    return Estimator(value) if _is_estimator(value) else normalise(value)


def _given(value: Any, *, keeps: bool) -> Any:
    """A hyper-parameter as a parameter; sequences are lists unless tuples are to be kept."""
    if isinstance(value, Estimator):
        return value.build()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, tuple):
        return value if keeps else list(value)
    return copy.deepcopy(value)
