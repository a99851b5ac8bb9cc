"""What can go wrong while a network is made: weights larger than the memory, initialisers and
layers that raise. All of it is said as an error of ours, and leaves nothing behind in Keras.

Knows Keras layers and variables only. Source: ours.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterable, Iterator
from typing import Any

from mlj_keras._imports import lazy_module
from mlj_keras.data.budget import check_budget
from mlj_keras.errors import BuilderError, MemoryBudgetError, MLJKerasError

keras = lazy_module("keras")

_COLOURED = re.compile(r"\x1b\[1m(.*?)\x1b\[0m", re.DOTALL)
_COPIES = 2  # the weights, and their gradients: what every optimiser needs at least


@contextlib.contextmanager
def values_put_off() -> Iterator[None]:
    """A block in which Keras makes variables without values, which they get at its end.

    Raises: BuilderError if that fails.
    """
    try:
        with keras.StatelessScope():
            yield
    except MLJKerasError:
        raise
    except Exception as error:  # whatever an initialiser raises
        _forget_waiting()
        raise BuilderError(
            f"The weights of the network cannot be made: {plain_words(error)}. Correct the "
            "builder: its numbers of units are positive ints, and its initialisers give arrays."
        ) from error


@contextlib.contextmanager
def without_values() -> Iterator[None]:
    """A block in which Keras makes variables that never get values."""
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        _forget_waiting()


@contextlib.contextmanager
def told_of_the_network() -> Iterator[None]:
    """A block in which whatever a layer or an activation raises becomes a BuilderError."""
    try:
        yield
    except MLJKerasError:
        raise
    except Exception as error:
        raise BuilderError(
            f"The network raised {type(error).__name__} when it was called: {plain_words(error)}. "
            "Correct the layers and activations of its builder."
        ) from error


def plain_words(error: Exception) -> str:
    """The message of an error, without the colours and the list of arguments that Keras adds.

    Example:
        >>> plain_words(ValueError("Failed.\\n\\n\\x1b[1mNo such unit.\\x1b[0m\\n\\nArguments"))
        'No such unit'

    Source: ours.
    """
    text = str(error)
    marked = _COLOURED.search(text)
    first = marked.group(1) if marked else text.strip().split("\n\n")[0]
    return " ".join(first.split()).rstrip(".")


def check_size(variables: Iterable[Any], *, builder: str) -> None:
    """Nothing, if weights that have no values yet fit the memory with their gradients.

    Args: variables: of Keras, made where values are put off · builder: its name.
    Raises: MemoryBudgetError naming the largest weight; then Keras never makes the values.
    """
    shapes = {variable.path: tuple(variable.shape) for variable in variables}
    n_bytes = {path: 4 * math.prod(shape) for path, shape in shapes.items()}
    if not n_bytes:
        return
    largest = max(n_bytes, key=lambda path: n_bytes[path])
    try:
        check_budget(
            _COPIES * sum(n_bytes.values()),
            what=f"The network of {builder}, whose largest weight is {largest} of shape "
            f"{shapes[largest]},",
            advice="Set fewer units.",
        )
    except MemoryBudgetError:
        _forget_waiting()
        raise


def _forget_waiting() -> None:
    """Drop the variables whose values Keras has put off making: it would make them at the end of
    this and of every later block, and fail each time."""
    # Keras has no public name for the list.
    from keras.src.backend.common import global_state

    global_state.set_global_attribute("uninitialized_variables", [])
