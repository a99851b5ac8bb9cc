"""What goes wrong while a network is made is an error of ours, and leaves nothing behind."""

from __future__ import annotations

import keras
import pytest
from keras.src.backend.common import global_state

from mlj_keras.engine.network_making import (
    check_size,
    plain_words,
    told_of_the_network,
    values_put_off,
)
from mlj_keras.errors import BuilderError, InvalidArgument, MemoryBudgetError


def built(n_units: int) -> keras.layers.Layer:
    """A layer with a weight of two rows."""
    layer = keras.layers.Dense(n_units)
    layer.build((None, 2))
    return layer


def waiting() -> int:
    """How many variables Keras is to make."""
    return len(global_state.get_global_attribute("uninitialized_variables") or ())


def test_weights_larger_than_the_memory_are_never_made() -> None:
    with pytest.raises(MemoryBudgetError, match=r"of MLP, .*shape \(2, 1000000000000000\)"):
        with values_put_off():
            check_size(built(10**15).variables, builder="MLP")
    assert waiting() == 0


def test_weights_that_fit_are_made_at_the_end_of_the_block() -> None:
    with values_put_off():
        layer = built(3)
        check_size(layer.variables, builder="MLP")
        check_size([], builder="MLP")
    assert layer.kernel.numpy().shape == (2, 3)


def test_an_initialiser_that_raises_becomes_an_error_of_the_builder() -> None:
    with pytest.raises(BuilderError, match="weights of .* cannot be made: .*out-of-range"):
        with values_put_off():
            built(10**30)
    assert waiting() == 0
    with values_put_off():
        assert built(1).kernel is not None


def test_what_a_layer_raises_becomes_an_error_of_the_builder() -> None:
    with pytest.raises(BuilderError, match=r"raised ZeroDivisionError .* by zero\. Correct"):
        with told_of_the_network():
            raise ZeroDivisionError("division by zero")
    for block in (told_of_the_network, values_put_off):
        with pytest.raises(InvalidArgument, match="said well"):
            with block():
                raise InvalidArgument("said well")


def test_the_words_of_keras_lose_colours_and_arguments() -> None:
    coloured = ValueError("Exception.\n\n\x1b[1mNo such\nunit.\x1b[0m\n\nArguments: ...")
    assert plain_words(coloured) == "No such unit"
    assert plain_words(ValueError("No such unit.\n\nArguments: ...")) == "No such unit"
