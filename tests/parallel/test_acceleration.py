"""The values that say where work runs."""

from __future__ import annotations

import copy
import inspect
import pickle
from typing import Any

import pytest

from mlj_keras import CPU1, GPU, NeuralNetworkRegressor
from mlj_keras.engine.distribution import place_of
from mlj_keras.errors import InvalidModelError
from mlj_keras.parallel.acceleration import check_acceleration


def test_devices_are_values() -> None:
    assert CPU1() == CPU1()
    assert GPU() == GPU(0) != GPU(1)
    assert CPU1() != GPU(0)
    assert len({CPU1(), CPU1(), GPU(0), GPU(0), GPU(1)}) == 3
    assert (repr(CPU1()), repr(GPU(2))) == ("CPU1()", "GPU(index=2)")
    for value in (CPU1(), GPU(3)):
        assert copy.deepcopy(value) == value == pickle.loads(pickle.dumps(value))


def test_the_index_of_a_gpu_counts_in_the_list_that_is_named() -> None:
    named = "list_logical_devices"
    assert named in (GPU.__doc__ or "") and named in inspect.getsource(place_of)


def test_a_device_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        GPU(0).index = 1  # type: ignore[misc]


@pytest.mark.parametrize("index", [-1, 0.0, True, "0", None])
def test_an_index_that_is_no_natural_number_raises(index: Any) -> None:
    with pytest.raises(ValueError, match=r"an int of 0 or more, got .*Write GPU\(0\)"):
        GPU(index)


def test_a_class_stands_for_its_default_instance() -> None:
    assert check_acceleration(None) is None
    assert check_acceleration(CPU1) == CPU1()
    assert check_acceleration(GPU) == GPU(0)
    assert check_acceleration(GPU(1)) == GPU(1)
    assert NeuralNetworkRegressor(acceleration=CPU1).acceleration == CPU1()


@pytest.mark.parametrize("wrong", ["cpu", 0, int, object()])
def test_anything_else_raises_with_what_to_write(wrong: Any) -> None:
    with pytest.raises(
        TypeError, match=r"acceleration must be None, CPU1\(\), GPU\(0\), Mirrored"
    ):
        check_acceleration(wrong)
    with pytest.raises(InvalidModelError, match="NeuralNetworkRegressor.acceleration: "):
        NeuralNetworkRegressor(acceleration=wrong)
