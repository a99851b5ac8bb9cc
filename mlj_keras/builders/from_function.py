"""`builder_from`: a builder made of a function. Source: MLJFlux.jl, src/builders.jl, `@builder`
and `GenericBuilder`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from mlj_keras.builders.base import Builder
from mlj_keras.models.keys import function_key


def builder_from(function: Callable[..., Any], **fields: Any) -> Builder:
    """A builder whose `build` is `function(inputs, n_out, rng, **fields)`; the fields are
    hyper-parameters.

    Args: function: takes (inputs, n_out, rng) and the fields by keyword, returns the output
        tensor; `rng` may be left out of its parameters · fields: names and values, tunable as
        "builder.<name>".
    Returns: a Builder whose class is named after the function.
    Raises: TypeError if the function does not take a field, or needs one that is not given.
    Example:
        >>> def net(inputs, n_out, n1):
        ...     import keras
        ...     return keras.layers.Dense(n_out)(keras.layers.Dense(n1, activation="relu")(inputs))
        >>> builder_from(net, n1=16)
        net(n1=16)

    Source: MLJFlux.jl, src/builders.jl, `@builder`.
    """
    if not callable(function) or isinstance(function, type):
        raise TypeError(
            f"builder_from takes a function, got {function!r}. Write builder_from(f, n1=16)."
        )
    parameters = inspect.signature(function).parameters
    takes_rng = "rng" in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    try:
        extra = {"rng": None} if takes_rng else {}
        inspect.signature(function).bind(None, 1, **extra, **fields)
    except TypeError as error:
        raise TypeError(
            f"{getattr(function, '__name__', function)} cannot be called as f(inputs, n_out, "
            f"{''.join(f'{name}=..., ' for name in (*extra, *fields))[:-2]}): {error}."
        ) from error

    def build(self: Builder, inputs: Any, n_out: int, rng: np.random.Generator) -> Any:
        given = {name: getattr(self, name) for name in self.fields()}
        return function(inputs, n_out, **({"rng": rng} if takes_rng else {}), **given)

    def key(self: Builder) -> tuple[Any, ...]:
        values = tuple((name, repr(getattr(self, name))) for name in self.fields())
        return ("builder_from", function_key(inspect.unwrap(function)), values)

    name = getattr(function, "__name__", "GenericBuilder").replace("<lambda>", "GenericBuilder")
    plain = (bool, int, float, str)
    types_ = {
        field: type(value) if isinstance(value, plain) else Any for field, value in fields.items()
    }
    defaults = {
        field: parameters[field].default
        for field in fields
        if field in parameters and parameters[field].default is not inspect.Parameter.empty
    }
    body = {
        "__doc__": inspect.getdoc(function) or f"A builder made of the function {name}.",
        "__module__": __name__,
        "__annotations__": types_,
        "build": build,
        "key": key,
        **defaults,
    }
    return type(name, (Builder,), body)(**fields)
