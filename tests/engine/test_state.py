"""MachineState: a read-only value with a digest of every bit of it."""

from __future__ import annotations

import copy
import dataclasses
import decimal
import pickle
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from mlj_keras.engine.state import MachineState, parts_of


def state_of(**changed: Any) -> MachineState:
    arrays = {
        "layers/1/kernel": np.array([[1.0], [2.0]], dtype="float32"),
        "layers/2/seed_generator_state": np.array([7, 0], dtype="uint32"),
        "slots/iteration": np.array(4),
    }
    given = {
        "epochs": 2,
        "losses": (3.0, 2.0, 1.0),
        "path": "xla",
        "seed": 5,
        "rule": "Adam",
        **changed,
    }
    return MachineState.of({**arrays, **given.pop("arrays", {})}, **given)


def test_nothing_of_a_state_can_be_changed() -> None:
    state = state_of()
    with pytest.raises(ValueError, match="read-only"):
        state.arrays["layers/1/kernel"][0] = 5
    with pytest.raises(TypeError, match="does not support item assignment"):
        state.arrays["layers/1/kernel"] = np.zeros((2, 1))  # type: ignore[index]
    with pytest.raises(AttributeError, match="cannot assign"):
        state.epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    "changed",
    [
        {"epochs": 3},
        {"losses": (3.0, 2.0, np.nextafter(1.0, 2.0))},
        {"path": "graph"},
        {"seed": 6},
        {"arrays": {"layers/1/kernel": np.array([[1.0], [np.nextafter(2, 3)]])}},
        {"arrays": {"layers/1/kernel": np.array([[1.0, 2.0]], dtype="float32")}},
        {"arrays": {"layers/1/kernel": np.array([[1.0], [2.0]], dtype="float64")}},
        {"arrays": {"slots/iteration": np.array(5)}},
        {"arrays": {"slots/more": np.array(0)}},
        {"arrays": {"layers/1/kernel": np.array([[-0.0], [2.0]], dtype="float32")}},
    ],
    ids=str,
)
def test_the_digest_is_of_every_bit(changed: dict[str, Any]) -> None:
    assert state_of().digest() == state_of().digest() != state_of(**changed).digest()


def test_the_digest_does_not_depend_on_the_order_or_layout_of_the_arrays() -> None:
    array = np.arange(6.0).reshape(2, 3)
    one = MachineState.of({"a": array, "b": array}, epochs=0, losses=(), path="xla", seed=0)
    fortran = np.asfortranarray(array)
    other = MachineState.of({"b": array, "a": fortran}, epochs=0, losses=(), path="xla", seed=0)
    assert one.digest() == other.digest()


def test_pickling_keeps_every_bit_and_copies_are_the_state_itself() -> None:
    state = state_of()
    twin = pickle.loads(pickle.dumps(state))
    assert twin.digest() == state.digest()
    assert dataclasses.replace(twin, arrays={}) == dataclasses.replace(state, arrays={})
    assert not twin.arrays["layers/1/kernel"].flags.writeable
    assert copy.deepcopy(state) is state


def test_predictions_use_the_weights_and_no_slots() -> None:
    state = state_of()
    found = state.prediction_arrays()
    assert list(found) == ["layers/1/kernel", "layers/2/seed_generator_state"]
    assert found["layers/1/kernel"] is state.arrays["layers/1/kernel"]


@pytest.mark.parametrize(("epochs", "expected"), [(0, [[1.0], [2.0]]), (1, [[8.0], [9.0]])])
def test_moving_averages_stand_for_the_weights_once_there_are_any(
    epochs: int, expected: list[list[float]]
) -> None:
    average = {"slots/average/layers/1/kernel": np.array([[8.0], [9.0]], dtype="float32")}
    found = state_of(arrays=average, epochs=epochs).prediction_arrays()
    assert found["layers/1/kernel"].tolist() == expected
    assert found["layers/2/seed_generator_state"].tolist() == [7, 0]


def test_states_are_equal_and_hash_alike_iff_every_value_is() -> None:
    assert state_of() == state_of()
    assert hash(state_of()) == hash(state_of())
    assert state_of() != state_of(seed=6)
    assert state_of() != "a state"


def test_what_a_container_learned_beside_the_weights_is_part_of_the_digest() -> None:
    one, other = (
        dataclasses.replace(state_of(), encoding={"centre": np.array([c])}) for c in (1.0, 2.0)
    )
    assert one.digest() != other.digest()
    assert one.digest() == dataclasses.replace(one).digest()


def test_the_repr_is_one_short_line() -> None:
    assert repr(state_of()) == "MachineState(epochs=2, loss 1, 4 numbers, path='xla', seed=5)"


def bytes_of(value: Any) -> bytes:
    return b"|".join(parts_of(value))


def test_sets_have_the_same_bytes_in_any_order() -> None:
    assert bytes_of(set("abc")) == bytes_of(frozenset("cba")) != bytes_of(set("ab"))


def test_namespaces_are_told_by_all_that_they_hold() -> None:
    first, second, third = (SimpleNamespace(a=np.arange(2000) + n) for n in (0, 0, 1))
    third.a[1000] += 1  # in the part that a representation leaves out
    assert bytes_of(first) == bytes_of(second) != bytes_of(third)


def test_objects_of_other_packages_are_told_by_what_they_have_learned() -> None:
    X = np.arange(12.0).reshape(6, 2)
    first, second, third = (LinearRegression().fit(X, y) for y in (X[:, 0], X[:, 0], X[:, 0] ** 2))
    assert repr(first) == repr(third)
    assert bytes_of(first) == bytes_of(second) != bytes_of(third)


def test_functions_are_told_by_their_names_and_not_by_their_place_in_memory() -> None:
    assert bytes_of(bytes_of) == f"{__name__}.bytes_of".encode()


def test_what_cannot_be_pickled_is_told_by_its_representation() -> None:
    lock = threading.Lock()
    assert bytes_of(decimal.Decimal("1.50")) != bytes_of(decimal.Decimal("1.5"))
    assert bytes_of(lock) == repr(lock).encode()
