"""`builder_from`: a builder made of a function. Source: MLJFlux.jl, src/builders.jl, `@builder`
and `GenericBuilder`."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.builders.base import Builder
from mlj_keras.errors import WrongType
from mlj_keras.models.keys import structural_key


@short_tracebacks
def builder_from(function: Callable[..., Any], **fields: Any) -> Builder:
    """A builder whose `build` is `function(inputs, n_out, rng, **fields)`; the fields are
    hyper-parameters.

    Args:
        function: takes (inputs, n_out, rng) and the fields by keyword, returns the output tensor;
            `rng` may be left out of its parameters
        fields: names and values, tunable as "builder.<name>".
    Returns: a Builder whose class is named after the function.
    Raises: WrongType if the function does not take a field, or needs one that is not given.
    Example:
        >>> def net(inputs, n_out, n1):
        ...     import keras
        ...     return keras.layers.Dense(n_out)(keras.layers.Dense(n1, activation="relu")(inputs))
        >>> builder_from(net, n1=16)
        net(n1=16)

    Source: MLJFlux.jl, src/builders.jl, `@builder`.
    """
    if not callable(function) or isinstance(function, type):
        raise WrongType(
            f"builder_from takes a function, got {function!r}. Write builder_from(f, n1=16)."
        )
    takes_rng = _takes_rng(function)
    try:
        extra = {"rng": None} if takes_rng else {}
        call = ", ".join(["inputs", "n_out", *(f"{name}=..." for name in (*extra, *fields))])
        inspect.signature(function).bind(None, 1, **extra, **fields)
    except TypeError as error:
        raise WrongType(
            f"{getattr(function, '__name__', function)} cannot be called as f({call}): {error}. "
            "Change its parameters, or give the fields that it needs."
        ) from error
    plain = (bool, int, float, str)
    types_ = tuple(
        (field, type(value) if isinstance(value, plain) else Any)
        for field, value in fields.items()
    )
    return _class_of(function, types_)(**fields)


def _takes_rng(function: Callable[..., Any]) -> bool:
    parameters = inspect.signature(function).parameters
    return "rng" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())


# One class for one function and one set of fields, so that equal calls give equal builders.
@functools.lru_cache(maxsize=512)
def _class_of(
    function: Callable[..., Any], types_: tuple[tuple[str, Any], ...]
) -> Callable[..., Builder]:
    parameters = inspect.signature(function).parameters
    takes_rng = _takes_rng(function)

    def build(self: Builder, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        return function(inputs, n_out, **({"rng": rng} if takes_rng else {}), **_values(self))

    def key(self: Builder) -> tuple[Any, ...]:
        values = tuple((name, structural_key(value)) for name, value in _values(self).items())
        return ("builder_from", structural_key(function), values)

    def reduce(self: Builder) -> tuple[Any, ...]:
        return (_rebuilt, (function, _values(self)))

    name = getattr(function, "__name__", "GenericBuilder").replace("<lambda>", "GenericBuilder")
    defaults = {
        field: parameters[field].default
        for field, _ in types_
        if field in parameters and parameters[field].default is not inspect.Parameter.empty
    }
    body = {
        "__doc__": inspect.getdoc(function) or f"A builder made of the function {name}.",
        "__module__": __name__,
        "__annotations__": dict(types_),
        "__reduce__": reduce,
        "build": build,
        "key": key,
        **defaults,
    }
    return type(name, (Builder,), body)


def _values(builder: Builder) -> dict[str, Any]:
    return {name: getattr(builder, name) for name in builder.fields()}


def _rebuilt(function: Callable[..., Any], fields: dict[str, Any]) -> Builder:
    """What a pickled builder becomes; its function is pickled by name, as all functions are."""
    return builder_from(function, **fields)
