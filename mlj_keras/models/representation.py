"""How models look: a one-line repr of what differs from the defaults, and an HTML table for
notebooks.

Knows the dataclass fields of a model only. Source: MLJBase.jl, src/show.jl.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

from mlj_keras._display import html_table
from mlj_keras.models.params import same


def _default_of(field: dataclasses.Field[Any]) -> Any:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return dataclasses.MISSING


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def changed_fields(model: Any) -> dict[str, Any]:
    """The hyper-parameters of `model` that differ from their defaults, in order."""
    changed = {}
    fields = {field.name: field for field in dataclasses.fields(model)}
    for name in model.fields():
        value = getattr(model, name)
        if name not in fields or not same(value, _default_of(fields[name])):
            changed[name] = value
    return changed


def snake_case(name: str) -> str:
    """The name of a class in snake case: "log_loss" of LogLoss."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return words.lower()


def show_value(value: Any) -> str:
    """A short text of a hyper-parameter's value."""
    if hasattr(value, "__name__"):
        return str(value.__name__)
    if hasattr(value, "get_config") and hasattr(value, "layers"):  # a Keras model
        return f"<{type(value).__name__} {value.name}>"
    if type(value).__module__.startswith("keras.") and hasattr(value, "get_config"):
        settings = ", ".join(
            f"{name}={item!r}" for name, item in value.get_config().items() if item is not None
        )
        return f"{type(value).__name__}({settings})"
    return repr(_plain(value))


def model_repr(model: Any) -> str:
    """Text such as `MLP(hidden=(32, 32))`: the class and what differs from its defaults."""
    changed = (f"{name}={show_value(value)}" for name, value in changed_fields(model).items())
    return f"{type(model).__name__}({', '.join(changed)})"


def model_html(model: Any) -> str:
    """An HTML table of all hyper-parameters, those that differ from the defaults in bold."""
    facts = {name: show_value(getattr(model, name)) for name in model.fields()}
    return html_table(type(model).__name__, facts, bold=changed_fields(model))
