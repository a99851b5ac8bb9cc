"""Machine files with records, columns and networks that mean nothing: rows 27 and 33 to 36 of the
table of hostile files.

Source: ours; Arrow's format for the columns.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from tests.persistence.hostile import CORRUPT, LIMIT, Case, Files, file_of, parts_of, unseen
from tests.persistence.hostile_content import LEARNED, MACHINE, MODEL, all_of, changed, record

NAN = {"float": "nan"}
TWICE = {"tuple": ["a", "a", "b"]}


Wrong = tuple[bytes, str, str, Any]  # a file, a record, a field of it, and what it becomes


def _encoders(net: bytes) -> list[Wrong]:
    """Of what a network learns of a table."""
    pool = lambda *levels: {"map": [["c", {"tuple": [*levels]}]]}  # noqa: E731
    names = [f"c{i}" for i in range(4)]
    return [
        *(
            (net, "TableEncoder", "pools", pool(*p))
            for p in (("p", "p"), ("p", None), ("p", NAN), (), ("p", ["q"]))
        ),
        *(
            (net, "TableEncoder", "pools", {"map": p})
            for p in ([], [["d", {"tuple": ["p", "q"]}]], [["c", "pq"]])
        ),
        *(
            (net, "TableEncoder", "widths", {"map": p})
            for p in ([], [["c", 0]], [["c", -1]], [["d", 1]], [["c", 1.0]])
        ),
        *(
            (net, "TableEncoder", "names", {"tuple": n})
            for n in (names[:3], [*names, "c", "e"], ["c"] * 5, [1] * 5)
        ),
        *((net, "TableEncoder", "centre", v) for v in (0.0, None, {"texts": ["<U1", [1], ["a"]]})),
        *(
            (net, "TabularInputs", "columns", {"tuple": v})
            for v in ([], [None] * 5, [{"tuple": [2, 0]}])
        ),
        *(
            (net, "TabularInputs", "columns", {"tuple": v})
            for v in ([{"tuple": [-1, 1]}] * 5, [1] * 5)
        ),
    ]


def _targets(net: bytes) -> list[Wrong]:
    """Of the targets of a network."""
    return [
        *(
            (net, "ClassTarget", "levels", {"tuple": v})
            for v in (["a", "a", "b"], ["a", None, "b"], ["a", NAN, 1.0])
        ),
        *(
            (net, "ClassTarget", "levels", {"tuple": v})
            for v in (["a"], [], ["a", "b"], [*"abcd"], [["a"], "b", "c"])
        ),
        *(
            (net, "ClassTarget", name, v)
            for name, v in (("ordered", 1), ("binary", True), ("binary", None))
        ),
        *(
            (net, "ColumnOrigin", name, v)
            for name, v in (("kind", "os"), ("kind", 1), ("float_dtype", "O"))
        ),
        *((net, "ColumnOrigin", "name", v) for v in ([], {"map": []}, {"array": "000000"})),
    ]


def _others(pipe: bytes, fill: bytes, forest: bytes) -> list[Wrong]:
    """Of transformers and of estimators."""
    return [
        *(
            (pipe, "Moments", name, v)
            for name, v in (("mean", NAN), ("std", -1.0), ("std", "1"), ("std", {"float": "inf"}))
        ),
        *((pipe, "Moments", "pool", v) for v in (TWICE, {"tuple": [None]}, "ab")),
        *(
            (pipe, "ColumnwiseFit", "labels", {"map": v})
            for v in ([["z", {"tuple": ["z"]}]], [[1, 2]])
        ),
        *((pipe, "ColumnwiseFit", "alone", v) for v in (True, None)),
        *(
            (pipe, "ColumnwiseFit", "learned", {"map": v})
            for v in ([["sepal_length", 1]], [["sepal_length", None]])
        ),
        *((fill, "Filler", "kind", v) for v in ("os", "Finite", None)),
        *((fill, "Filler", "value", v) for v in (NAN, None, "x", True, {"float": "-inf"})),
        *((fill, "Filler", "pool", v) for v in (TWICE, {"tuple": [None]}, 1)),
        *(
            (forest, "MatrixEncoder", name, v)
            for name, v in (("form", "os"), ("nan", 1), ("ordered", {"set": ["q"]}))
        ),
        *(
            (forest, "MatrixEncoder", "pools", v)
            for v in ({"map": [["q", {"tuple": ["a"]}]]}, {"map": [["sepal_length", TWICE]]})
        ),
        *((forest, "MatrixEncoder", "names", v) for v in ({"tuple": ["a", "a"]}, "ab")),
        *(
            (forest, "ClassCodes", "levels", v)
            for v in (TWICE, {"tuple": ["a"]}, {"tuple": ["a", None]})
        ),
    ]


def record_files(files: Files) -> Iterator[Case]:
    """Rows 34 and 35: fields of the right types that mean nothing, and of wrong types."""
    net = files["classifier"]
    others = _others(files["pipeline"], files["transformer"], files["forest"])
    wrong = [*_encoders(net), *_targets(net), *others]
    for i, (whole, name, field, value) in enumerate(wrong):
        change = lambda t, n=name, f=field, v=value: record(t, n).update({f: v})  # noqa: E731
        content = changed(whole, LEARNED, change)
        words = "cannot be understood"
        yield unseen(34, f"{i} {name}.{field} {value!r:.30}", content, CORRUPT, words)
    for name in ("TableEncoder", "ClassTarget"):
        drop = lambda t, n=name: record(t, n).popitem()  # noqa: E731
        more = lambda t, n=name: record(t, n).update(odd=1)  # noqa: E731
        for change in (drop, more):
            yield unseen(
                34, f"{name} {change}", changed(net, LEARNED, change), CORRUPT, "are not alike"
            )
    facts = {
        "seed": ["1", None, 1.5, True],
        "epochs": [None, "1"],
        "losses": [[1.0], {"tuple": ["1"]}],
        "path": [1],
    }
    for field, values in facts.items():
        for value in values:
            change = lambda t, f=field, v=value: _facts(t).update({f: v})  # noqa: E731
            words = f"{field} of MachineState must be"
            yield unseen(35, f"{field} {value!r}", changed(net, LEARNED, change), CORRUPT, words)
    yield from _machine_files(net)


def _facts(tree: Any) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in all_of(tree, "state") if "facts" in each)
    return found["facts"]


def _machine_files(net: bytes) -> Iterator[Case]:
    """What a machine says of itself."""
    wrong: dict[str, list[Any]] = {
        "state": [-1, 0, "1", None, True, 1.5],
        "frozen": [1, None],
        "cache": ["x"],
        "scitype_check_level": [3, -1, "1", None],
        "rows": [
            1,
            {"tuple": []},
            {"record": ["machine.KnownRows", {"n_rows": "1", "digest": ""}]},
        ],
        "upstream": [1, [0]],
        "in_network": [None, 1],
        "odd": [1],
    }
    for name, values in wrong.items():
        for value in values:
            content = changed(net, MACHINE, lambda t, n=name, v=value: t.update({n: v}))
            yield unseen(35, f"{name} {value!r:.30}", content, CORRUPT, "cannot be understood")
    for name in ("model", "trained_model"):
        for value in (
            None,
            1,
            {"tuple": []},
            {"model": {"class": "transformers.Standardizer", "fields": {}}},
        ):
            if name == "model" and isinstance(value, dict) and "model" in value:
                continue  # hyper-parameters may have been changed since the training
            content = changed(net, MODEL, lambda t, n=name, v=value: t.update({n: v}))
            yield unseen(35, f"{name} {value!r:.30}", content, CORRUPT, "cannot be understood")
    for value in (
        None,
        1,
        {"outcome": [1, {"map": []}, None]},
        {"outcome": [{"array": "000001"}, {"map": []}, None]},
    ):
        content = changed(net, LEARNED, lambda t, v=value: t.update(outcome=v))
        yield unseen(35, f"outcome {value!r:.30}", content, CORRUPT, "cannot be understood")


def network_files(files: Files) -> Iterator[Case]:
    """Row 36: networks of machines in circles, too deep, or with places that are none."""
    pipe = files["pipeline"]

    case = functools.partial(_network_case, pipe)
    refers = "it refers to number"
    for place in (99, -1, "0", None, 1.0, True):
        yield case(
            f"argument {place!r}", CORRUPT, refers, lambda g, p=place: g["all"][3].update(args=[p])
        )
        yield case(
            f"machine {place!r}",
            CORRUPT,
            refers + "|places" if place is not None else ".",
            lambda g, p=place: g["machines"].__setitem__(0, p),
        )
        yield case(
            f"node {place!r}",
            CORRUPT,
            refers,
            lambda g, p=place: g["nodes"].__setitem__(0, ["x", p]),
        )
    yield case("itself", CORRUPT, refers, lambda g: g["all"][3].update(args=[3]))
    yield case("a later one", CORRUPT, refers, lambda g: g["all"][3].update(args=[5]))
    yield case(
        "a machine as data", CORRUPT, "a machine as data", lambda g: g["all"][3].update(args=[2])
    )
    yield case(
        "a source as machine",
        CORRUPT,
        "has a Source for a Machine",
        lambda g: g["machines"].__setitem__(0, 0),
    )
    yield case(
        "a machine as node",
        CORRUPT,
        "has a Machine for a Node",
        lambda g: g["nodes"].__setitem__(0, ["x", 2]),
    )
    yield case(
        "a node as source",
        CORRUPT,
        "has a Node for a Source",
        lambda g: g["sources"].__setitem__(0, 3),
    )
    yield case("names", CORRUPT, "other names than machines", lambda g: g["names"].pop())
    yield case(
        "names of numbers",
        CORRUPT,
        "other names than machines",
        lambda g: g["names"].__setitem__(0, 1),
    )
    yield from _odd_networks(pipe)
    yield from _deep_files(pipe)


def _network_case(pipe: bytes, name: str, error: str, words: str, change: Any) -> Case:
    content = changed(pipe, LEARNED, lambda t: change(next(all_of(t, "graph"))))
    return unseen(36, name, content, error, words)


def _odd_networks(pipe: bytes) -> Iterator[Case]:
    case = functools.partial(_network_case, pipe)
    for operation in ("fit", "__init__", "save", 1, None, {"builtin": "len"}):
        yield case(
            f"operation {operation!r}",
            CORRUPT,
            "has a node of",
            lambda g, o=operation: g["all"][3].update(operation=o),
        )
    for name in ("keeps_rows", "takes_inner"):
        yield case(name, CORRUPT, "must be bool", lambda g, n=name: g["all"][3].update({n: 1}))
    yield case("without sources", CORRUPT, ".", lambda g: g.pop("sources"))
    yield case("no list", CORRUPT, ".", lambda g: g.update(all=1))
    for n in (1000, 30_000):
        yield case(
            f"{n} steps",
            LIMIT,
            "a network in .* of more than",
            lambda g, n=n: g["all"].extend(_chain(n, len(g["all"]))),
        )


def _deep_files(pipe: bytes) -> Iterator[Case]:
    parts = parts_of(changed(pipe, LEARNED, lambda t: t["outcome"]["outcome"].__setitem__(0, "@")))
    for depth in (150, 200, 300, 900, 100_000):
        for start, end in ((b'{"tuple":[', b"]}"), (b"[", b"]")):
            text = parts[LEARNED].replace(b'"@"', start * depth + b"null" + end * depth)
            content = file_of({**parts, LEARNED: text})
            name = f"{depth} deep, {start.decode()}"
            words = "nested too deeply|learns a Network"
            yield unseen(36, name, content, CORRUPT, words)


def _chain(n: int, first: int) -> list[Any]:
    step = {
        "by": None,
        "operation": {"function": "composition.joined"},
        "keeps_rows": True,
        "takes_inner": True,
    }
    return [{**step, "args": [0 if i == 0 else first + i - 1]} for i in range(n)]


def column_files(files: Files) -> Iterator[Case]:
    """Row 33: Arrow files that lie, and columns of types that code elsewhere gives a meaning."""
    plain = arrow(pa.array([1.0, None, 3.0]))
    words = "cannot be understood|nested"

    def case(name: str, whole: bytes) -> Case:
        return unseen(33, name, with_column(files["classifier"], whole), CORRUPT, words)

    for name, whole in (
        ("empty", b""),
        ("zeros", bytes(500)),
        ("text", b"ARROW1" * 9),
        ("random", np.random.default_rng(0).bytes(900)),
    ):
        yield case(name, whole)
    for n in (1, 6, 8, 10, 100, len(plain) // 2, len(plain) - 8):
        yield case(f"without its last {n}", plain[:-n])
    for compression in ("zstd", "lz4"):
        yield case(
            f"compressed by {compression}",
            arrow(pa.array(np.zeros(10**6)), compression=compression),
        )
    odd_types = (
        pa.nulls(2**30),
        pa.array([b""], pa.binary(0)),
        pa.array([[None]], pa.list_(pa.null())),
        pa.RunEndEncodedArray.from_arrays(pa.array([2**31 - 1], pa.int32()), pa.array([1])),
        pa.array(["a"], pa.string_view()),
        pa.array([[[[[1]]]]]),
        pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16)], pa.binary(16))),
        pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
        pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())),
    )
    for array in odd_types:
        yield case(str(array.type)[:40], arrow(array))
    yield case("notes", arrow(pa.array([1]), notes={"pandas": '{"index_columns": []}'}))
    yield case("notes of a field", arrow(pa.array([1]), field_notes={"ARROW:extension:name": "x"}))
    yield case("another name", arrow(pa.array([1]), name="value"))
    yield case("two batches", arrow(pa.array([1]), n=2))
    for name, array in (
        ("an index out of range", _dictionary()),
        ("no UTF-8", _text(b"\xff\xfe")),
        ("offsets that fall", _offsets([0, 2, 1])),
    ):
        yield case(name, arrow(array))
    yield case("offsets beyond the bytes", _with_offsets([0, 1, 2**30]))
    rng = np.random.default_rng(1)
    for i in range(40):
        noisy = bytearray(plain)
        for at in rng.integers(8, len(plain), 12):
            noisy[at] = rng.integers(256)
        yield case(f"noise {i}", bytes(noisy)[: len(plain) - 6] + b"ARROW1")


def with_column(whole: bytes, column: bytes) -> bytes:
    """A file whose report has a column."""
    tree = json.loads(parts_of(whole)[LEARNED])
    tree["outcome"]["outcome"][1]["map"].append(["column", {"column": "000000"}])
    parts = {**parts_of(whole), LEARNED: json.dumps(tree).encode(), "tables/000000.arrow": column}
    return file_of(parts)


def arrow(
    array: Any,
    *,
    name: str = "values",
    n: int = 1,
    notes: Any = None,
    field_notes: Any = None,
    compression: str | None = None,
) -> bytes:
    """An Arrow file of one column, unchecked."""
    field = pa.field(name, array.type, metadata=field_notes)
    batch = pa.record_batch([array], schema=pa.schema([field], metadata=notes))
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_file(sink, batch.schema, options=options) as writer:
        for _ in range(n):
            writer.write_batch(batch)
    return bytes(sink.getvalue())


def _dictionary() -> Any:
    return pa.DictionaryArray.from_arrays(pa.array([0, 7], pa.int8()), pa.array(["a"]), safe=False)


def _text(content: bytes) -> Any:
    offsets = pa.py_buffer(np.int32([0, len(content)]).tobytes())
    return pa.Array.from_buffers(pa.string(), 1, [None, offsets, pa.py_buffer(content)])


def _offsets(offsets: list[int]) -> Any:
    buffers = [None, pa.py_buffer(np.int32(offsets).tobytes()), pa.py_buffer(b"abcd")]
    return pa.Array.from_buffers(pa.string(), len(offsets) - 1, buffers)


def _with_offsets(offsets: list[int]) -> bytes:
    """A file of texts whose offsets are changed after it has been written."""
    before, after = (np.int32(each).tobytes() for each in ([0, 1, 3], offsets))
    return arrow(_offsets([0, 1, 3])).replace(before, after)
