"""How strictly the machine around checks, for the machines that its model makes inside.

Knows nothing of machines. Source: ours; MLJBase.jl has one level for all of a session.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

# The level of scitype checks, and whether what may be said has been said before.
_AROUND: ContextVar[tuple[int, bool]] = ContextVar("mlj_keras_checking", default=(1, False))


def level_around() -> int:
    """The level of scitype checks of the machine that is bound or trained around; 1 if there is
    none."""
    return _AROUND.get()[0]


def said_before() -> bool:
    """Whether what a machine would warn of has been said when the one around was made."""
    return _AROUND.get()[1]


@contextlib.contextmanager
def checking(level: int | None = None, *, said: bool | None = None) -> Iterator[None]:
    """Machines made in this block check at this level; None: as they would.

    Args: level: of scitype checks · said: whether warnings have been given before.
    """
    own_level, own_said = _AROUND.get()
    token = _AROUND.set(
        (own_level if level is None else level, own_said if said is None else said)
    )
    try:
        yield
    finally:
        _AROUND.reset(token)
