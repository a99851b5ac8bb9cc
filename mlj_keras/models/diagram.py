"""Composite models drawn in HTML: a box for each part, in the order of the data.

Knows the fields of models only. Source: ours; scikit-learn's diagrams of estimators, for the
manner.
"""

from __future__ import annotations

import html
from typing import Any

from mlj_keras._display import html_table
from mlj_keras.models.base import Model
from mlj_keras.models.component_model import ComponentModel
from mlj_keras.models.representation import changed_fields, show_value

# Colours follow the reader's light or dark theme.
_BOX = (
    "border:1px solid rgba(128,128,128,0.6);border-radius:6px;padding:0.3em 0.7em;"
    "margin:0.2em auto;width:fit-content;color:inherit;background:rgba(128,128,128,0.08);"
    "text-align:left"
)
_ARROW = '<div style="text-align:center;line-height:1">↓</div>'


class Drawn:
    """What has parts, and is shown as boxes."""

    def diagram_html(self) -> str:
        """The parts as boxes, for notebooks."""
        return diagram(self)

    def _repr_html_(self) -> str:
        return self.diagram_html()


def diagram(model: Any) -> str:
    """The parts of a model as boxes, each of which opens to its hyper-parameters."""
    return f'<div style="font-family:monospace;font-size:90%">{_parts(model, "")}</div>'


def _parts(model: Any, name: str) -> str:
    own = {each: getattr(model, each) for each in model.fields()}
    parts = {each: value for each, value in own.items() if _is_part(model, each, value)}
    joint = _ARROW if isinstance(model, ComponentModel) else ""
    boxes = joint.join(_box(each, value) for each, value in parts.items())
    title = f"<b>{html.escape(_title(name, model))}</b>{_options(model, set(own) - set(parts))}"
    return f'<div style="{_BOX}"><div>{title}</div>{boxes}</div>'


def _is_part(model: Any, name: str, value: Any) -> bool:
    return isinstance(value, Model) or name in getattr(model, "components", {})


def _title(name: str, model: Any) -> str:
    kind = type(model).__name__ if isinstance(model, Model) else show_value(model)
    return f"{name}: {kind}" if name else kind


def _options(model: Any, names: set[str]) -> str:
    """What differs from the defaults, of these hyper-parameters."""
    changed = {name: value for name, value in changed_fields(model).items() if name in names}
    shown = ", ".join(f"{name}={show_value(value)}" for name, value in changed.items())
    return f" {html.escape(shown)}" if shown else ""


def _box(name: str, value: Any) -> str:
    if hasattr(value, "diagram_html"):  # a part that has parts
        return _parts(value, name)
    title = html.escape(_title(name, value))
    if not isinstance(value, Model) or not value.fields():
        return f'<div style="{_BOX}">{title}</div>'
    facts = {each: show_value(getattr(value, each)) for each in value.fields()}
    return (
        f'<details style="{_BOX}"><summary style="cursor:pointer">{title}</summary>'
        f"{html_table('', facts, bold=changed_fields(value))}</details>"
    )
