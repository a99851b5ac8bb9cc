"""Hyper-parameters: what a rule lets through, what is stored, what is refused and how."""

from __future__ import annotations

import dataclasses
import math
import pickle
from types import MappingProxyType
from typing import Any

import cloudpickle
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.errors import InvalidModelError
from mlj_keras.models import Model, param
from mlj_keras.models.params import Rule, check_value, normalise, same


def even(value: Any) -> Any:
    """A converter of the tests' own: even ints, without their sign."""
    if not isinstance(value, int):
        raise TypeError(f"an int is wanted, got {value!r}")
    if value % 2:
        raise ValueError(f"an even int is wanted, got {value!r}")
    return abs(value)


class Everything(Model):
    count: int = param(1, kind=int, ge=0, le=9)
    share: float = param(0.5, kind=float, gt=0, lt=1)
    flag: bool = param(False, kind=bool)
    word: str = param("a", kind=str)
    choice: Any = param("auto", options=("auto", True, 2))
    maybe: int | None = param(None, kind=int, ge=1, optional=True)
    half: Any = param(2, convert=even)
    plain: int = 3
    free: Any = param(None)
    rng: int | None = param(None)


@pytest.mark.parametrize(
    ("name", "given_", "stored"),
    [
        ("count", np.int32(3), 3),
        ("count", 0, 0),
        ("count", 9, 9),
        ("share", np.float32(0.25), 0.25),
        ("flag", np.bool_(1), True),
        ("word", np.str_("b"), "b"),
        ("choice", True, True),
        ("choice", 2, 2),
        ("maybe", None, None),
        ("maybe", 4, 4),
        ("half", -6, 6),
        ("plain", np.int8(7), 7),
        ("free", [1, [2, np.int64(3)]], (1, (2, 3))),
        ("free", np.array([1, 2]), (1, 2)),
        ("rng", np.int64(8), 8),
    ],
)
def test_values_are_stored_as_plain_immutable_python_data(
    name: str, given_: Any, stored: Any
) -> None:
    model = Everything()
    setattr(model, name, given_)
    assert getattr(model, name) == stored
    assert type(getattr(model, name)) is type(stored)
    assert getattr(Everything(**{name: given_}), name) == stored


def test_an_int_becomes_a_float_where_a_number_is_wanted() -> None:
    class Rate(Model):
        rate: float = 1.0

    assert type(Rate(rate=2).rate) is float


@pytest.mark.parametrize(
    ("name", "wrong", "allowed"),
    [
        ("count", -1, "an int >= 0 and <= 9"),
        ("count", 10, "an int >= 0 and <= 9"),
        ("count", 2.0, "an int"),
        ("count", True, "an int"),
        ("count", None, "an int"),
        ("share", 0, "a number > 0 and < 1"),
        ("share", 1.0, "a number > 0 and < 1"),
        ("share", math.nan, "a number"),
        ("share", "0.5", "a number"),
        ("flag", 1, "True or False"),
        ("word", 1, "a string"),
        ("choice", False, "one of 'auto', True, 2"),
        ("choice", 1, "one of 'auto', True, 2"),
        ("maybe", 0, "an int >= 1 or None"),
        ("half", 3, "an even int is wanted"),
        ("half", "x", "an int is wanted"),
        ("plain", "x", "an int"),
    ],
)
def test_a_value_that_breaks_its_rule_names_field_value_and_what_is_allowed(
    name: str, wrong: Any, allowed: str
) -> None:
    with pytest.raises(InvalidModelError) as caught:
        Everything(**{name: wrong})
    message = str(caught.value)
    assert message.startswith(f"Everything.{name}")
    assert allowed in message and f"got {wrong}" in message.replace("'", "")
    model = Everything()
    before = getattr(model, name)
    with pytest.raises(InvalidModelError):
        setattr(model, name, wrong)
    assert getattr(model, name) == before


def test_a_number_without_bounds_is_finite_all_the_same() -> None:
    class Rate(Model):
        rate: float = 1.0

    for wrong in (math.inf, -math.inf, math.nan):
        with pytest.raises(InvalidModelError, match="Rate.rate must be a number, got"):
            Rate(rate=wrong)


def test_a_positional_parameter_may_be_given_without_its_name() -> None:
    class Rate(Model):
        rate: float = param(1.0, positional=True, kind=float)
        other: int = 1

    assert Rate(2).rate == 2.0
    with pytest.raises(TypeError, match="positional"):
        Rate(2, 3)


def test_a_factory_makes_each_default_and_a_rule_without_kind_allows_anything() -> None:
    class Box(Model):
        items: Any = param(factory=dict)

    assert Box().items == {} and Box().items is not Box().items
    assert Box(items=object).items is object


def test_mappings_are_stored_as_read_only_copies() -> None:
    own = {"a": [1, 2]}
    model = Everything(free=own)
    own["a"].append(3)
    own["b"] = []
    assert model.free == {"a": (1, 2)}
    assert isinstance(model.free, MappingProxyType)
    with pytest.raises(TypeError):
        model.free["a"] = 1  # type: ignore[index]


def test_a_generator_becomes_an_int_drawn_from_it_once() -> None:
    generator = np.random.default_rng(3)
    expected = np.random.default_rng(3).integers(2**31, size=2)
    seeds: Any = {"rng": generator}
    first, second = Everything(**seeds), Everything(**seeds)
    assert (first.rng, second.rng) == (int(expected[0]), int(expected[1]))
    first.check()
    assert first.rng == int(expected[0])


@pytest.mark.parametrize("wrong", [-1, 1.5, "1", True, np.random.RandomState(0)])
def test_an_impossible_rng_names_the_field(wrong: Any) -> None:
    with pytest.raises(
        InvalidModelError, match=r"Everything.rng: rng must .*got .*Write .*rng=123"
    ):
        Everything(rng=wrong)


def test_fields_without_a_rule_store_what_normalise_makes_of_a_value() -> None:
    assert check_value("M", "x", [1], None) == (1,)
    assert check_value("M", "x", None, Rule(kind=int, optional=True)) is None


@given(
    st.recursive(
        st.one_of(st.integers(), st.text(), st.none()),
        lambda x: st.one_of(st.lists(x), st.dictionaries(st.text(), x)),
        max_leaves=8,
    )
)
def test_normalising_is_idempotent_and_keeps_values(value: Any) -> None:
    once = normalise(value)
    assert same(once, normalise(once))
    assert same(once, normalise(value))


def test_values_that_are_no_plain_data_stay_as_they_are() -> None:
    matrix = np.eye(2)
    texts = np.array(["a"])
    for value in (matrix, texts, len, {1, 2}, range(3)):
        assert normalise(value) is value


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (True, 1, False),
        (math.nan, float("nan"), True),
        (np.eye(2), np.eye(2), True),
        (np.eye(2), np.eye(2, dtype="float32"), False),
        (np.eye(2), [[1, 0], [0, 1]], False),
        ((1, (2, np.eye(2))), (1, (2, np.eye(2))), True),
        ((1, 2), (1, 2, 3), False),
        ({"a": np.eye(1)}, {"a": np.eye(1)}, True),
        ({"a": 1}, {"b": 1}, False),
        ({"a": 1}, {"a": 2}, False),
        (Everything(count=2), Everything(count=2), True),
        (Everything(count=2), Everything(count=3), False),
    ],
)
def test_sameness_is_by_type_and_value(a: Any, b: Any, equal: bool) -> None:  # noqa: FBT001
    assert same(a, b) is equal
    assert same(b, a) is equal


def test_no_default_is_one_object_also_after_a_pickle() -> None:
    """cloudpickle writes the fields of a script's class, and sets them again when it reads."""
    for dump in (pickle.dumps, cloudpickle.dumps):
        assert pickle.loads(dump(dataclasses.MISSING)) is dataclasses.MISSING
