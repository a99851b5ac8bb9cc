"""The scitypes themselves: the hierarchy, parameters, unions, and that they are values."""

from __future__ import annotations

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlj_keras.data.scitypes import (
    Binary,
    ColorImage,
    Continuous,
    Count,
    Density,
    Finite,
    Found,
    GrayImage,
    Image,
    Infinite,
    Known,
    Missing,
    Multiclass,
    Optional,
    OrderedFactor,
    ScientificDate,
    ScientificDateTime,
    ScientificTime,
    ScientificTimeType,
    Scitype,
    Table,
    Textual,
    Unknown,
    Vector,
    members,
    non_missing,
    union,
)
from mlj_keras.errors import WrongType

PARENTS = [
    (Known, Found),
    (Unknown, Found),
    (Infinite, Known),
    (Continuous, Infinite),
    (Count, Infinite),
    (Finite, Known),
    (Multiclass, Finite),
    (OrderedFactor, Finite),
    (Image, Known),
    (GrayImage, Image),
    (ColorImage, Image),
    (ScientificTimeType, Known),
    (ScientificDate, ScientificTimeType),
    (ScientificTime, ScientificTimeType),
    (ScientificDateTime, ScientificTimeType),
    (Textual, Known),
]
atoms = st.sampled_from(
    [
        Found,
        Known,
        Unknown,
        Missing,
        Infinite,
        Continuous,
        Count,
        Textual,
        Finite,
        Binary,
        Multiclass,
        Multiclass[2],
        Multiclass[3],
        OrderedFactor[2],
        GrayImage[2, 3],
        ColorImage,
    ]
)
unions = st.lists(atoms, min_size=1, max_size=3).map(lambda parts: union(*parts))
scitypes = st.one_of(
    unions,
    unions.map(lambda inner: Vector[inner]),
    st.lists(unions, min_size=1, max_size=3).map(lambda inner: Table[tuple(inner)]),
)


@pytest.mark.parametrize(("child", "parent"), PARENTS)
def test_a_scitype_lies_below_its_parent_and_not_above(child: Scitype, parent: Scitype) -> None:
    assert child <= parent
    assert parent >= child
    assert not parent <= child


@given(scitypes, scitypes, scitypes)
def test_the_order_is_reflexive_and_transitive(a: Scitype, b: Scitype, c: Scitype) -> None:
    assert a <= a
    if a <= b and b <= c:
        assert a <= c


@given(unions, unions)
def test_unions_are_antisymmetric_and_lie_above_their_members(a: Scitype, b: Scitype) -> None:
    if a <= b and b <= a:
        assert a == b
    assert a <= union(a, b) and b <= union(a, b)
    assert union(a, b) == union(b, a) == a | b


def test_parameters_narrow_and_must_agree_along_the_hierarchy() -> None:
    assert Multiclass[3] <= Multiclass <= Finite
    assert Multiclass[2] <= Binary and OrderedFactor[2] <= Binary
    assert not Multiclass[3] <= Binary
    assert not Multiclass[3] <= Multiclass[4]
    assert not Multiclass <= Multiclass[3]
    assert GrayImage[28, 28] <= Image[28, 28] and not GrayImage[28, 28] <= Image[28, 29]


def test_missing_is_no_part_of_found_values() -> None:
    assert Missing <= Optional[Count] and Count <= Optional[Count]
    assert not Optional[Count] <= Count
    assert not Missing <= Known
    assert non_missing(Optional[Count]) == Count
    assert non_missing(Count) == Count
    assert set(members(Optional[Count])) == {Count, Missing}
    assert members(Count) == (Count,)


def test_a_table_allows_each_column_any_of_the_listed_scitypes() -> None:
    wanted = Table[Continuous, Finite]
    assert Table[Continuous] <= wanted
    assert Table[Multiclass[3], Continuous] <= wanted <= Table
    assert not Table[Continuous, Count] <= wanted
    assert not Table[Optional[Continuous]] <= wanted
    assert not Vector[Continuous] <= wanted
    assert Density[Multiclass[2]] <= Density[Finite] <= Known


def test_scitypes_are_immutable_values_that_hash_copy_and_pickle() -> None:
    assert Table[Continuous, Count] == Table[Count, Continuous]
    assert len({Multiclass[3], Multiclass[3], Multiclass}) == 2
    for value in (Multiclass[3], Optional[Count], Table[Count, Textual], Vector[Continuous]):
        assert copy.deepcopy(value) == value
        assert pickle.loads(pickle.dumps(value)) == value
        assert eval(repr(value)) == value
    with pytest.raises(AttributeError, match="immutable"):
        Count.name = "Number"


def test_a_scitype_reads_as_it_is_written() -> None:
    assert repr(Optional[Multiclass[3]]) == "Optional[Multiclass[3]]"
    assert repr(Table[Textual, Continuous]) == "Table[Continuous, Textual]"
    assert repr(union(Count, Textual)) == "Count | Textual"
    assert repr(Optional) == "Optional"


def test_a_scitype_compares_only_with_scitypes() -> None:
    assert Count != "Count"
    with pytest.raises(TypeError, match="not supported"):
        Count <= "Count"  # noqa: B015
    with pytest.raises(TypeError, match="not supported"):
        Count >= "Count"  # noqa: B015


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Multiclass[-1], "takes 1 non-negative"),
        (lambda: Multiclass[2, 3], "takes 1 non-negative"),
        (lambda: GrayImage[28], "takes 2 non-negative"),
        (lambda: Count[3], "takes no parameter"),
        (lambda: Multiclass[3][3], "has its parameters already"),
        (lambda: Vector[3], r"Write Vector\[Continuous\]"),
        (lambda: Vector[Count, Textual], "takes one scitype"),
        (lambda: Optional[float], r"Write Optional\[Continuous\]"),
    ],
)
def test_impossible_parameters_raise(make, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(TypeError, match=message):
        make()


def test_a_union_with_what_is_no_scitype_raises_with_what_to_write() -> None:
    with pytest.raises(WrongType, match=r"got None. Write Optional\[Continuous\]"):
        Continuous | None  # type: ignore[operator]
    with pytest.raises(TypeError, match=r"got None. Write Optional\[Continuous\]"):
        None | Continuous
    with pytest.raises(TypeError, match="got <class 'str'>. Write Continuous | Textual"):
        Continuous | str
