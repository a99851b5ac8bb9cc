"""What is given as a machine is one.

Knows machines and nodes by their classes. Source: ours; Julia finds no method.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.errors import WrongType
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.node import Node


def given_machine(mach: Any, operation: str) -> Any:
    """`mach`, a machine or a node.

    Raises: WrongType for anything else, such as a model, with what to write.
    Example:
        >>> given_machine(3, "predict")
        Traceback (most recent call last):
        mlj_keras.errors.WrongType: predict needs a machine, got 3. Bind a model to data first: ...

    Source: ours.
    """
    if isinstance(mach, Machine | Node):
        return mach
    raise WrongType(
        f"{operation} needs a machine, got {mach!r:.60}. Bind a model to data first: mach = "
        "machine(model, X, y)."
    )


def one_machine(mach: Any, operation: str) -> Any:
    """`mach`, a machine and no node.

    Raises: WrongType for anything else.
    Example:
        >>> from mlj_keras.machine.source import source
        >>> from mlj_keras.machine.node import node
        >>> one_machine(node(abs, source([1.0])), "freeze")
        Traceback (most recent call last):
        mlj_keras.errors.WrongType: freeze is of a machine, and ... is a node. ...

    Source: ours.
    """
    if isinstance(mach, Node):
        raise WrongType(
            f"{operation} is of a machine, and {mach!r} is a node. Give one of its machines, "
            "which are node.machines."
        )
    return given_machine(mach, operation)
