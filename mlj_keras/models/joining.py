"""`a | b`: models and functions joined one after another.

Models know that they can be joined, and not by what: pipelines, which stand on machines, put
their constructor here when they are loaded. Source: MLJBase.jl, `|>` of models.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

from mlj_keras.errors import WrongType


class _Joint:
    """What makes a pipeline of two parts."""

    join: Callable[[Any, Any], Any] | None = None


def join_by(function: Callable[[Any, Any], Any]) -> None:
    """Make `a | b` call this function."""
    _Joint.join = staticmethod(function)


def joined(left: Any, right: Any) -> Any:
    """left | right as a pipeline.

    Raises: WrongType for classes, with what to write, and for what is neither a model nor a
        function.
    """
    for part in (left, right):
        if isinstance(part, type | types.UnionType):
            classes = [each.__name__ for each in getattr(part, "__args__", [part])]
            raise WrongType(
                f"| joins instances of models, and got the class {' | '.join(classes)}. Write "
                f"{' | '.join(f'{name}()' for name in classes)}."
            )
        if not callable(part) and not hasattr(part, "fields"):
            raise WrongType(f"| joins models and functions, and got {part!r:.60}.")
    return _Joint.join(left, right) if _Joint.join else NotImplemented
