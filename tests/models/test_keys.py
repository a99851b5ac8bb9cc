"""Structural keys: equal for values that build the same network, different for all others."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.models import Model
from mlj_keras.models.keys import ByIdentity, function_key, model_key, structural_key

SCALE = 2.0

SCALARS = st.one_of(
    st.integers(-3, 3),
    st.booleans(),
    st.text(max_size=3),
    st.none(),
    st.sampled_from([0.0, 1.0, 0.5]),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=2), inner, max_size=2),
    ),
    max_leaves=6,
)


class Net(Model):
    n: int = 4
    activation: Any = "relu"


class Twin(Model):
    n: int = 4
    activation: Any = "relu"


def key_of(function: Any) -> Any:
    """`function_key`, of what mypy takes for a callable of any kind."""
    return function_key(function)


def same_value(a: Any, b: Any) -> bool:
    """Equality of plain data that tells 1, 1.0 and True apart, and minds the order of a dict."""
    if type(a) is not type(b):
        return False
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same_value, a, b))
    if isinstance(a, dict):
        return same_value(tuple(a.items()), tuple(b.items()))
    return bool(a == b)


@given(VALUES, VALUES)
def test_plain_data_enter_by_value(a: Any, b: Any) -> None:
    hash(structural_key(a))
    assert structural_key(a) == structural_key(copy.deepcopy(a))
    assert (structural_key(a) == structural_key(b)) == same_value(a, b)


def test_lists_are_as_tuples_and_one_is_not_true() -> None:
    assert structural_key([1, 2]) == structural_key((1, 2))
    assert len({structural_key(value) for value in (1, 1.0, True)}) == 3


def test_arrays_enter_by_type_shape_and_bytes() -> None:
    array = np.arange(4.0)
    assert structural_key(array) == structural_key(array.copy())
    for other in (array[::-1], array.reshape(2, 2), array.astype("float32")):
        assert structural_key(other) != structural_key(array)


def test_anything_else_enters_by_identity_and_is_kept_alive() -> None:
    a, b = object(), object()
    key = structural_key(a)
    assert key == structural_key(a) != structural_key(b)
    assert isinstance(key, ByIdentity) and key.obj is a
    assert ByIdentity(a) != a
    assert len({ByIdentity(a), ByIdentity(a), ByIdentity(b)}) == 2


def test_a_model_enters_by_class_and_fields() -> None:
    assert structural_key(Net(n=3)) == model_key(Net(n=3)) == model_key(copy.deepcopy(Net(n=3)))
    assert model_key(Net(n=3)) != model_key(Net(n=4))
    assert model_key(Net()) != model_key(Twin())
    assert model_key(Net(n=3), skip=("n",)) == model_key(Net(n=4), skip=("n",))
    hash(model_key(Net(activation=lambda x: x)))


def test_a_function_that_closes_over_another_number_is_another_function() -> None:
    def make(factor: float) -> Any:
        def scaled(x: float) -> float:
            return factor * x

        return scaled

    f, g = make(1.0), make(1.0)
    assert key_of(f) == key_of(f)
    assert key_of(f) != key_of(g)  # two objects, though alike

    factor = 1.0

    def bound(x: float) -> float:
        return factor * x

    before = key_of(bound)
    factor = 2.0
    assert key_of(bound) != before
    factor = 1.0
    assert key_of(bound) == before


def test_a_function_whose_defaults_or_globals_change_is_another_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def scaled(x: float, power: int = 2) -> float:
        return SCALE * x**power

    before = key_of(scaled)
    monkeypatch.setitem(scaled.__globals__, "SCALE", 3.0)
    assert key_of(scaled) != before
    monkeypatch.setitem(scaled.__globals__, "SCALE", 2.0)
    assert key_of(scaled) == before
    scaled.__defaults__ = (3,)
    assert key_of(scaled) != before


def test_a_method_that_calls_super_and_an_empty_cell_have_keys() -> None:
    class Base:
        def call(self) -> int:
            return 1

    class Derived(Base):
        def call(self) -> int:
            return super().call()

    hash(key_of(Derived.call))

    def outer() -> Any:
        def inner() -> Any:
            return later  # noqa: F821

        key = key_of(inner)
        later = 1
        return key, inner, later

    key, inner, _ = outer()
    hash(key)
    assert key != key_of(inner)


SIZES: list[int] = [8]
TABLE: dict[str, int] = {"h": 8}
ENTRIES = SimpleNamespace(h=8)


def reads_a_list() -> int:
    return len(SIZES)


def reads_a_dict() -> int:
    return TABLE["h"]


def reads_settings() -> int:
    return int(ENTRIES.h)


def test_a_function_that_closes_over_itself_has_a_key() -> None:
    def outer() -> Any:
        def inner(depth: int) -> int:
            return 0 if not depth else inner(depth - 1)

        return inner

    function = outer()
    assert function_key(function) == function_key(function)


class Sizes:
    """Settings as class attributes."""

    units = 4


BAG = SimpleNamespace(units=4, weights=np.zeros(3))
REGISTRY: dict[str, Any] = {}
CYCLE: list[Any] = [1]
WIDE = np.zeros(1000)


def reads_a_class() -> int:
    return Sizes.units


def reads_a_bag() -> int:
    return int(BAG.units)


def reads_inside_a_lambda() -> Any:
    return lambda: SCALE


def reads_an_array() -> Any:
    return WIDE


@pytest.mark.parametrize(
    ("function", "change"),
    [
        (reads_a_list, lambda: SIZES.append(4)),
        (reads_a_dict, lambda: TABLE.update(h=64)),
        (reads_settings, lambda: vars(ENTRIES).update(h=64)),
        (reads_a_class, lambda: setattr(Sizes, "units", 9)),
        (reads_a_bag, lambda: setattr(BAG, "units", 9)),
        (reads_inside_a_lambda, lambda: globals().update(SCALE=9.0)),
        (reads_an_array, lambda: WIDE.fill(1)),
    ],
)
def test_whatever_a_function_reads_makes_another_key_when_it_changes(
    function: Any, change: Any
) -> None:
    before = function_key(function)
    assert function_key(function) == before
    change()
    assert function_key(function) != before


def is_registered() -> Any:
    return REGISTRY, CYCLE


def test_globals_that_hold_themselves_or_the_function_have_a_key() -> None:
    REGISTRY["me"] = is_registered
    CYCLE.append(CYCLE)
    assert hash(function_key(is_registered)) == hash(function_key(is_registered))


def test_changed_keyword_defaults_make_another_key() -> None:
    def function(*, units: int = 4) -> int:
        return units

    before = function_key(function)
    function.__kwdefaults__ = {"units": 9}
    assert function_key(function) != before
