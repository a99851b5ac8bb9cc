"""The schema of a skops file: a tree of states, each with the loader of skops that makes something
of it. Here it gets one form, in which equal estimators give equal files, and any other is refused.

skops writes addresses in memory for identities, and names members by them; it reads what it knows
of a file's own wishes (older loaders, calls of methods and operators, states that stand for
others). The form has numbers for those objects alone that are there more than once and can change,
members by number, no loader but those below, and nothing nested bottomlessly. Knows the states;
makes nothing of them. Source: skops, skops/io/_audit.py, _general.py, _numpy.py and _sklearn.py.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlj_keras.persistence._skops_zip import header_of

State = dict[str, Any]
MAX_DEPTH = 100
PROTOCOL = 2  # of skops; files of before had loaders that check less
CHECKED = "PartialNode of check_array"  # no loader of skops
# By loader: where a state has others inside; "/*" for the items of a list or a mapping.
_INSIDE: dict[str, tuple[str, ...]] = {
    "BytearrayNode": (),
    "BytesNode": (),
    "ConstructorFromReduceNode": ("content",),
    "DTypeNode": ("content",),
    "DictNode": ("key_types", "content/*"),
    "FunctionNode": (),
    "JsonNode": (),
    "ListNode": ("content/*",),
    "LossNode": ("content", "__reduce__/*"),
    "MaskedArrayNode": ("content/*",),
    "NdArrayNode": ("content/*", "shape"),
    "ObjectNode": ("content",),
    "PartialNode": ("content/*",),
    "RandomGeneratorNode": ("content/*",),
    "RandomStateNode": ("content",),
    "SetNode": ("content/*",),
    "SliceNode": (),
    "SparseMatrixNode": (),
    "TreeNode": ("content", "__reduce__/*"),
    "TupleNode": ("content/*",),
    "TypeNode": (),
}
_ENDINGS = {
    "BytearrayNode": ".bin",
    "BytesNode": ".bin",
    "NdArrayNode": ".npy",
    "SparseMatrixNode": ".npz",
}
# What cannot change needs no identity: whether two of them are one is an accident.
_UNCHANGING = frozenset(
    (
        *("BytesNode", "DTypeNode", "FunctionNode", "JsonNode"),
        *("SliceNode", "TupleNode", "TypeNode"),
    )
)
# Of a mapping's keys. skops writes False as "false", and reads it as True.
_KEYS = frozenset(
    (
        *("builtins.float", "builtins.int", "builtins.str", "numpy.str_"),
        *(f"numpy.{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
        *("numpy.float32", "numpy.float64"),
    )
)
_SCALARS = frozenset("biufcmMSU")


class SchemaForm:
    """The one form of a schema and its members.

    Args: parts: the members of a skops file · kept: by the end of a member's name, what is to be
        made of its bytes, such as those of a sparse matrix, which are a zip in the zip.
    Attributes: schema, members: in their form, once `made` has run; loaders: by the name of a type
        or function, those that make it.
    """

    def __init__(
        self, parts: Mapping[str, bytes], kept: Mapping[str, Callable[[bytes], bytes]]
    ) -> None:
        self.schema: State = {}
        self.members: dict[str, bytes] = {}
        self.loaders: dict[str, set[str]] = defaultdict(set)
        self._parts = parts
        self._kept = kept
        self._names: dict[tuple[str, bytes], str] = {}
        self._counts: Counter[Any] = Counter()
        self._made: dict[Any, State] = {}

    def made(self, schema: Any) -> SchemaForm:
        """This, with the form of a schema.

        Raises: ValueError, TypeError, KeyError, AttributeError for what skops does not write, or
            this package does not read.
        """
        protocol = schema["protocol"]
        if type(protocol) is not int or protocol < PROTOCOL:
            raise ValueError("its estimators are of an old protocol of skops")
        self._count(schema)
        self.schema = self._state(schema, 0)
        return self

    def _count(self, state: State, depth: int = 0) -> None:
        """Count how often each object is there that can change."""
        _check(state, depth)
        if state["__loader__"] not in _UNCHANGING and "__id__" in state:
            self._counts[state["__id__"]] += 1
            if self._counts[state["__id__"]] > 1:
                return
        for inside in _states(state):
            self._count(inside, depth + 1)

    def _state(self, state: State, depth: int) -> State:
        _check(state, depth)
        loader, number = state["__loader__"], state.get("__id__")
        shared = loader not in _UNCHANGING and self._counts[number] > 1 and number is not None
        if shared and number in self._made:
            return self._made[number]
        if _name(state) in _COUNTING:
            state = _uncounted(state)
        found = {key: value for key, value in state.items() if key != "__id__"}
        if shared:
            self._made[number] = found
            found["__id__"] = len(self._made)
        self._record(state)
        if loader in _ENDINGS and state.get("type") != "json":
            found["file"] = self._member(state)
        for place in _INSIDE[loader]:
            name, _, items = place.partition("/")
            inside = state.get(name)
            if inside is not None:
                found[name] = (
                    self._each(inside, depth) if items else self._state(inside, depth + 1)
                )
        if loader == "SetNode":
            found["content"] = sorted(found["content"], key=json.dumps)
        return found

    def _each(self, inside: Any, depth: int) -> Any:
        if isinstance(inside, list):
            return [self._state(each, depth + 1) for each in inside]
        return {key: self._state(each, depth + 1) for key, each in inside.items()}

    def _member(self, state: State) -> str:
        """The name in the form of the member that a state has."""
        ending = _ENDINGS[state["__loader__"]]
        part = self._parts[state["file"]]
        if ending == ".npy":
            _check_array(state, part)
        if ending in self._kept:
            part = self._kept[ending](part)
        name = self._names.setdefault((ending, part), f"{len(self._names):06d}{ending}")
        self.members[name] = part
        return name

    def _record(self, state: State) -> None:
        """Note which loader makes a type, or a function."""
        loader = state["__loader__"]
        if loader == "PartialNode":
            of = state["content"]["func"]
            checks = (of["__loader__"], _name(of)) == _CHECK_ARRAY
            loader = CHECKED if checks else loader
        if loader != "JsonNode":
            self.loaders[_name(state)].add(loader)


_CHECK_ARRAY = ("FunctionNode", "sklearn.utils.validation.check_array")


def _name(state: State) -> str:
    return f"{state['__module__']}.{state['__class__']}"


# Trees of neighbours count what they do when asked, and hold that in the 8th to 11th place.
_COUNTING = frozenset(
    f"sklearn.neighbors.{module}.{name}{bits}"
    for module, name in (("_kd_tree", "KDTree"), ("_ball_tree", "BallTree"))
    for bits in ("", 32, 64)
)
_ZERO = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": "0"}


def _uncounted(state: State) -> State:
    """A tree of neighbours that has not been asked yet."""
    held = state["content"]
    counts = [{**_ZERO, "is_json": True}] * 4
    content = [*held["content"][:7], *counts, *held["content"][11:]]
    return {**state, "content": {**held, "content": content}}


def _states(state: State) -> Iterator[State]:
    """The states right inside one."""
    for place in _INSIDE[state["__loader__"]]:
        name, _, items = place.partition("/")
        inside = state.get(name)
        if inside is not None:
            found = (
                [inside] if not items else inside if isinstance(inside, list) else inside.values()
            )
            yield from found


def _check(state: Any, depth: int) -> None:
    """Raise ValueError for a state that is not as skops writes it, as far as it matters."""
    if depth > MAX_DEPTH:
        raise ValueError("its estimators are nested too deeply")
    loader = state["__loader__"]
    if loader not in _INSIDE:
        raise ValueError(f"its estimators have a {loader!r:.40}, which no file may hold")
    if not isinstance(state["__class__"], str) or not isinstance(state["__module__"], str):
        raise ValueError("its estimators have a type without a name")
    if loader == "JsonNode":
        _check_json(state["content"])
    elif loader == "DictNode":
        _check_keys(state)
    elif loader == "NdArrayNode" and state["type"] == "json":
        _check_objects(state)
    elif loader in ("NdArrayNode", "SparseMatrixNode") and state["type"] not in ("numpy", "scipy"):
        raise ValueError("its estimators have an array of another kind")


def _check_json(text: Any) -> None:
    value = json.loads(text)
    scalar = value is None or type(value) in (bool, int, float, str)
    if not scalar or json.dumps(value) != text:
        raise ValueError("its estimators have another text for a number than its own")


def _check_keys(state: State) -> None:
    kinds = state["key_types"]
    types = kinds["content"]
    if kinds["__loader__"] != "ListNode" or len(types) != len(state["content"]):
        raise ValueError("its estimators have a mapping without the types of its keys")
    if not all(each["__loader__"] == "TypeNode" and _name(each) in _KEYS for each in types):
        raise ValueError("its estimators have a mapping whose keys are no texts or numbers")


def _check_objects(state: State) -> None:
    """Arrays of objects are lists in the file; those without or with many dimensions are no more
    what they were when skops reads them."""
    sizes = [json.loads(each["content"]) for each in state["shape"]["content"]]
    if (
        not sizes
        or len(sizes) > 2
        or len(sizes) == 2
        and 0 in sizes
        or len(state["content"]) != sizes[0]
    ):
        raise ValueError("its estimators have an array of objects that skops does not keep")
    if _name(state) != "numpy.ndarray":
        raise ValueError("its estimators have an array of a class of its own")


def _check_array(state: State, part: bytes) -> None:
    shape, dtype = header_of(part)
    if _name(state) == "numpy.ndarray":
        return
    scalar = shape == () and dtype.kind in _SCALARS
    if not scalar or _name(state) != f"numpy.{dtype.type.__name__}":
        raise ValueError("its estimators have an array of a class of its own")
