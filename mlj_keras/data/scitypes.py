"""Scientific types: what values mean, as values that can be compared.

`a <= b` says that every `a` is a `b`. The hierarchy:

    Found
      Known
        Infinite               Continuous, Count
        Finite[n]              Multiclass[n], OrderedFactor[n]      (Binary is Finite[2])
        Image[h, w]            GrayImage[h, w], ColorImage[h, w]
        ScientificTimeType     ScientificDate, ScientificTime, ScientificDateTime
        Textual
        Density[S], Table[S, ...], Vector[S]
      Unknown
    Missing, and Optional[S] = S or Missing

Knows nothing of data. Source: ScientificTypesBase.jl, src/ScientificTypesBase.jl.
"""

from __future__ import annotations

from typing import Any

from mlj_keras.errors import WrongType

_PARENTS = {
    "Known": "Found",
    "Unknown": "Found",
    "Infinite": "Known",
    "Continuous": "Infinite",
    "Count": "Infinite",
    "Finite": "Known",
    "Multiclass": "Finite",
    "OrderedFactor": "Finite",
    "Image": "Known",
    "GrayImage": "Image",
    "ColorImage": "Image",
    "ScientificTimeType": "Known",
    "ScientificDate": "ScientificTimeType",
    "ScientificTime": "ScientificTimeType",
    "ScientificDateTime": "ScientificTimeType",
    "Textual": "Known",
}
_N_PARAMETERS = {
    "Finite": 1,
    "Multiclass": 1,
    "OrderedFactor": 1,
    "Image": 2,
    "GrayImage": 2,
    "ColorImage": 2,
}


class Scitype:
    """A scientific type; an immutable value. Write `Continuous`, `Multiclass[3]`,
    `Table[Continuous, Finite]`.

    Example:
        >>> Multiclass[3] <= Finite, Finite <= Multiclass, Continuous <= Optional[Continuous]
        (True, False, True)

    Source: ScientificTypesBase.jl.
    """

    __slots__ = ("args", "kind", "name")

    def __init__(self, name: str, args: tuple[Any, ...] | None = None, kind: str = "atom") -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "args", args)
        object.__setattr__(self, "kind", kind)

    name: str
    args: tuple[Any, ...] | None
    kind: str  # atom, union, or container

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a scitype is immutable; {name} cannot be set")

    def __getitem__(self, args: Any) -> Scitype:
        given = args if isinstance(args, tuple) else (args,)
        if self.args is not None:
            raise TypeError(f"{self} has its parameters already, got another {given!r}")
        if self.kind == "container":
            return _container(self.name, given)
        count = _N_PARAMETERS.get(self.name)
        if (
            count is None
            or len(given) != count
            or not all(type(n) is int and n >= 0 for n in given)
        ):
            wanted = f"takes {count} non-negative int(s)" if count else "takes no parameter"
            raise TypeError(
                f"{self.name} {wanted}, got {self.name}[{', '.join(map(repr, given))}]."
            )
        return Scitype(self.name, given)

    def __le__(self, other: object) -> bool:
        if not isinstance(other, Scitype):
            return NotImplemented
        return _is_subtype(self, other)

    def __ge__(self, other: object) -> bool:
        if not isinstance(other, Scitype):
            return NotImplemented
        return _is_subtype(other, self)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scitype) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[Any, ...]:
        args = frozenset(self.args) if self.args is not None and self.kind != "atom" else self.args
        return (self.kind, self.name, args)

    def __or__(self, other: Scitype) -> Scitype:
        return union(self, other)

    def __ror__(self, other: object) -> Scitype:
        return union(other, self)  # type: ignore[arg-type]  # which refuses it: no Scitype

    def __repr__(self) -> str:
        if self.kind == "union":
            assert self.args is not None  # a union always has members
            rest = [member for member in self.args if member != Missing]
            inner = " | ".join(map(repr, rest))
            return f"Optional[{inner}]" if len(rest) < len(self.args) else inner
        if self.args is None:
            return self.name
        return f"{self.name}[{', '.join(map(repr, self.args))}]"

    def __reduce__(self) -> tuple[Any, ...]:
        return (Scitype, (self.name, self.args, self.kind))


class _OptionalMaker:
    """`Optional[S]`: S or Missing.

    Example:
        >>> Optional[Continuous]
        Optional[Continuous]

    Source: `Union{Missing, S}` of Julia.
    """

    def __getitem__(self, scitype: Scitype) -> Scitype:
        if not isinstance(scitype, Scitype):
            raise TypeError(
                f"Optional takes a scitype, got {scitype!r}. Write Optional[Continuous]."
            )
        return union(scitype, Missing)

    def __repr__(self) -> str:
        return "Optional"


Found = Scitype("Found")
Known = Scitype("Known")
Unknown = Scitype("Unknown")
Missing = Scitype("Missing")
Infinite = Scitype("Infinite")
Continuous = Scitype("Continuous")
Count = Scitype("Count")
Finite = Scitype("Finite")
Multiclass = Scitype("Multiclass")
OrderedFactor = Scitype("OrderedFactor")
Binary = Finite[2]
Image = Scitype("Image")
GrayImage = Scitype("GrayImage")
ColorImage = Scitype("ColorImage")
ScientificTimeType = Scitype("ScientificTimeType")
ScientificDate = Scitype("ScientificDate")
ScientificTime = Scitype("ScientificTime")
ScientificDateTime = Scitype("ScientificDateTime")
Textual = Scitype("Textual")
Vector = Scitype("Vector", kind="container")
Table = Scitype("Table", kind="container")
Density = Scitype("Density", kind="container")
Optional = _OptionalMaker()


def union(*scitypes: Scitype) -> Scitype:
    """The union of scitypes: members that another member covers are left out.

    Raises: WrongType for what is no scitype, such as None: Missing has its own.
    Example:
        >>> union(Continuous, Missing), union(Multiclass[3], Finite)
        (Optional[Continuous], Finite)

    Source: `Union` of Julia.
    """
    members: list[Scitype] = []
    for other in scitypes:
        if not isinstance(other, Scitype):
            advice = (
                "Write Optional[Continuous] for values that may be missing."
                if other is None
                else "Write Continuous | Textual, say."
            )
            raise WrongType(f"A union takes scitypes, got {other!r:.60}. {advice}")
    for scitype in scitypes:
        for member in scitype.args or () if scitype.kind == "union" else (scitype,):
            if any(member <= other for other in members):
                continue
            members = [other for other in members if not other <= member] + [member]
    if len(members) == 1:
        return members[0]
    return Scitype("Union", tuple(sorted(members, key=repr)), "union")


def non_missing(scitype: Scitype) -> Scitype:
    """The scitype without Missing: `Optional[S]` becomes S.

    Example:
        >>> non_missing(Optional[Count])
        Count

    Source: `nonmissing` of ScientificTypes.jl.
    """
    if scitype.kind != "union" or Missing not in (scitype.args or ()):
        return scitype
    return union(*(member for member in scitype.args or () if member != Missing))


def members(scitype: Scitype) -> tuple[Scitype, ...]:
    """The members of a union, or the scitype alone.

    Example:
        >>> members(Optional[Count])
        (Count, Missing)

    Source: `Base.uniontypes` of Julia.
    """
    return scitype.args or () if scitype.kind == "union" else (scitype,)


def _container(name: str, args: tuple[Any, ...]) -> Scitype:
    if not all(isinstance(arg, Scitype) for arg in args):
        raise TypeError(
            f"{name} takes scitypes, got {name}[{', '.join(map(repr, args))}]. Write "
            f"{name}[Continuous]."
        )
    if name != "Table" and len(args) != 1:
        raise TypeError(f"{name} takes one scitype, got {len(args)}.")
    unique = tuple(dict.fromkeys(args))
    return Scitype(name, tuple(sorted(unique, key=repr)), "container")


def _is_subtype(a: Scitype, b: Scitype) -> bool:
    if a.kind == "union":
        return all(_is_subtype(member, b) for member in a.args or ())
    if b.kind == "union":
        return any(_is_subtype(a, member) for member in b.args or ())
    if b.name == "Found" and b.kind == "atom":
        return True
    if a.kind == "container":
        if b.kind == "atom":
            return b.name == "Known"
        covers = b.args is None or (
            a.args is not None and all(any(_is_subtype(x, y) for y in b.args) for x in a.args)
        )
        return a.name == b.name and covers
    if b.kind == "container":
        return False
    return b.name in _ancestry(a.name) and (b.args is None or a.args == b.args)


def _ancestry(name: str) -> list[str]:
    chain = [name]
    while chain[-1] in _PARENTS:
        chain.append(_PARENTS[chain[-1]])
    return chain
