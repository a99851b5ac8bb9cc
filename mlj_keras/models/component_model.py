"""`ComponentModel`: a model whose hyper-parameters, or some of them, are models by names of the
user's choice.

Knows models only. Source: MLJBase.jl, src/composition/models/pipelines.jl and stacking.jl, whose
structs have such properties.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Self

from mlj_keras.errors import InvalidModelError
from mlj_keras.models.base import Model
from mlj_keras.models.params import same


class ComponentModel(Model):
    """Base of pipelines, stacks and the like: named components first, then the fields that its
    class declares.

    A subclass defines `__init__`, which calls `_begin`, and `check_components`. A component may
    be assigned (`pipe.standardizer = ...`), and its own hyper-parameters have dotted paths.

    Example:
        >>> class Pair(ComponentModel):
        ...     weight: float = 0.5
        ...     def __init__(self, weight=0.5, **components):
        ...         self._begin(components, weight=weight)
        >>> pair = Pair(left=3, right=4)
        >>> pair.left, pair.fields(), pair.replace({"right": 5})
        (3, ('left', 'right', 'weight'), Pair(left=3, right=5))

    Source: ours; see the module.
    """

    def _begin(self, components: Mapping[str, Any], **options: Any) -> None:
        """Set components and options of a new instance, all checked."""
        own = super().fields()
        clash = [name for name in components if name in own or hasattr(type(self), name)]
        if clash:
            raise InvalidModelError(
                f"{type(self).__name__} has something called {clash[0]!r} of its own. Give the "
                "component another name."
            )
        wrong = [name for name in components if not name.isidentifier() or name.startswith("_")]
        if wrong:
            raise InvalidModelError(
                f"{wrong[0]!r} cannot name a component of {type(self).__name__}. Names are as "
                "those of variables, without a leading underscore."
            )
        object.__setattr__(self, "_components", {})
        for name, value in options.items():
            setattr(self, name, value)
        object.__setattr__(self, "_components", self.check_components(dict(components)))

    @property
    def components(self) -> dict[str, Any]:
        """The components by name, in their order; a copy."""
        return dict(self.__dict__["_components"])

    def check_components(self, components: dict[str, Any]) -> dict[str, Any]:
        """The components as they are kept; raises InvalidModelError for what does not go
        together."""
        return components

    def fields(self) -> tuple[str, ...]:
        """The names of the components, then those of the other hyper-parameters."""
        return (*self.__dict__["_components"], *super().fields())

    def __getattr__(self, name: str) -> Any:
        components = self.__dict__.get("_components", {})
        return components[name] if name in components else super().__getattr__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__dict__.get("_components", {}):
            super().__setattr__(name, value)
            return
        changed = self.check_components({**self.components, name: value})
        object.__setattr__(self, "_components", changed)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other) or not isinstance(other, ComponentModel):
            return NotImplemented if not isinstance(other, Model) else False
        return self.fields() == other.fields() and all(
            same(getattr(self, name), getattr(other, name)) for name in self.fields()
        )

    __hash__ = None

    def __setstate__(self, state: dict[str, Any]) -> None:
        components = state.pop("_components")
        super().__setstate__(state)
        object.__setattr__(self, "_components", components)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        result = object.__new__(type(self))
        memo[id(self)] = result
        # Each by itself: one object that was given twice becomes two.
        components = {name: _copied(value) for name, value in self.components.items()}
        object.__setattr__(result, "_components", components)
        for name in Model.fields(self):
            object.__setattr__(result, name, copy.deepcopy(getattr(self, name)))
        return result


def _copied(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, Model) else value
