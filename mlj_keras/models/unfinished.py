"""The mark of a training that was cut off: a model that was trained so far is another one than the
user's, and the next fit goes on. Knows models only. Source: ours."""

from __future__ import annotations

import copy
from typing import Any


class _Unfinished:
    """Equal to another one, as when it comes back from another process."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Unfinished)

    def __hash__(self) -> int:
        return hash(_Unfinished)


_MARK = _Unfinished()


def mark_unfinished(model: Any, field: str) -> None:
    """Put the mark at the end of a field that is a tuple."""
    object.__setattr__(model, field, (*getattr(model, field), _MARK))


def unfinished_field(model: Any) -> str | None:
    """The field of a model that has the mark, or None."""
    for name in model.fields():
        value = getattr(model, name)
        if isinstance(value, tuple) and value[-1:] == (_MARK,):
            return str(name)
    return None


def finished(model: Any, field: str) -> tuple[Any, bool]:
    """The model without the mark, and whether it had it."""
    if getattr(model, field)[-1:] != (_MARK,):
        return model, False
    whole = copy.copy(model)
    object.__setattr__(whole, field, getattr(model, field)[:-1])
    return whole, True
