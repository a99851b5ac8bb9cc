"""Machine files whose zip and checksums are right and whose contents are hostile: rows 20 to 36 of
the table of hostile files.

Takes the members of valid files, changes a tree, an array or a column, and makes the manifest
right again. Source: ours; the formats are JSON, safetensors and Arrow IPC.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from typing import Any

from tests.persistence.hostile import (
    CORRUPT,
    INVALID,
    UNTRUSTED,
    Case,
    Files,
    file_of,
    parts_of,
    unseen,
)

MODEL, LEARNED, MACHINE, DATA = "model.json", "learned.json", "machine.json", "data.json"
WEIGHTS, SLOTS, COLUMN = "weights.safetensors", "optimiser.safetensors", "tables/000000.arrow"
PATHS = ("/etc/passwd", "../../x", "file:///etc/passwd", "http://127.0.0.1:9/x", "C:\\x", "~/x")


def changed(whole: bytes, member: str, change: Callable[[Any], Any]) -> bytes:
    """The file with a tree changed in place."""
    parts = parts_of(whole)
    tree = json.loads(parts[member])
    change(tree)
    parts[member] = json.dumps(tree).encode()
    return file_of(parts)


def all_of(tree: Any, kind: str) -> Iterator[Any]:
    """What stands under each entry of this name, in a tree."""
    if isinstance(tree, list):
        for each in tree:
            yield from all_of(each, kind)
    elif isinstance(tree, dict):
        for name, inside in tree.items():
            if name == kind:
                yield inside
            yield from all_of(inside, kind)


def record(tree: Any, name: str) -> dict[str, Any]:
    """The fields of the first record of this name."""
    return next(fields for known, fields in all_of(tree, "record") if known.endswith(name))


def put(**values: Any) -> Callable[[dict[str, Any]], None]:
    """A change that sets entries of a mapping."""
    return lambda fields: fields.update(values)


def model_files(files: Files) -> Iterator[Case]:
    """Rows 20 to 23: models and hyper-parameters."""
    net = files["classifier"]
    names = ["os:system", "os.system", "builtins.eval", "containers.Nope", "", "sklearn.svm.SVC"]
    names += ["containers.NeuralNetworkCl\u0430ssifier", "keras.layers.Lambda", "a" * 10**6]
    names += ["sklearn_models.__class__", "containers.", ".NeuralNetworkClassifier", "../x"]
    for name in names:
        change = lambda t, n=name: t["model"]["model"].update({"class": n})  # noqa: E731
        words = "names the model .* which is none of this package"
        yield unseen(20, f"{name[:40]!r}", changed(net, MODEL, change), UNTRUSTED, words)
    for name in (1, None, ["os"], {"function": "machine.Checkpoint"}, {"builtin": "str"}):
        change = lambda t, n=name: t["model"]["model"].update({"class": n})  # noqa: E731
        words = "no model class|none of this package"
        yield unseen(20, f"{name!r}", changed(net, MODEL, change), UNTRUSTED, words)
    for kind, named in (("function", "os.system"), ("record", ["os.system", {}])):
        change = lambda t, k=kind, n=named: t["outcome"]["outcome"].__setitem__(0, {k: n})  # noqa: E731
        words = "names 'os.system' at .* none of this package"
        yield unseen(21, kind, changed(net, LEARNED, change), UNTRUSTED, words)
    for kind, named in (
        *(("ufunc", "os"), ("ufunc", "testing"), ("ufunc", "load"), ("builtin", "eval")),
        *(
            ("builtin", "open"),
            ("eval", "1"),
            ("own record", [{"function": "containers.NetworkFit"}, {}]),
        ),
        *(("partial", [{"array": "000000"}, [], {}]), ("float", "1"), ("column", "000009")),
        *(("array", "/etc/passwd"), ("estimator", 0), ("decimal", "x"), ("time", ["date", "x"])),
        *(("keras", ["layer", "Lambda"]), ("keras", {"class_name": "Lambda"}), ("array", "1")),
        *(("graph", {}), ("machine", {}), ("state", {}), ("network", {}), ("frame", ["frame"])),
    ):
        change = lambda t, k=kind, n=named: t["outcome"]["outcome"].__setitem__(1, {k: n})  # noqa: E731
        yield unseen(21, f"{kind} {named!r:.40}", changed(net, LEARNED, change), CORRUPT, ".")
    yield from _field_files(net)


def _field_files(net: bytes) -> Iterator[Case]:
    wrong: dict[str, list[Any]] = {
        "epochs": [-1, 1.5, True, "1", None, 10**30, {"float": "inf"}, {"tuple": [1]}],
        "batch_size": [0, -1, 2.0, "auto"],
        "lambda_": [-0.1, "x", {"float": "nan"}, True],
        "alpha": [1.5, {"float": "nan"}],
        "optimiser": ["adam", {"map": [["class_name", "Adam"], ["config", {"map": []}]]}, 1],
        "builder": ["x", {"tuple": []}, {"model": {"class": "optimisers.Adam", "fields": {}}}],
        "loss": ["nope", 1, {"map": [["class_name", "Lambda"]]}, "/etc/passwd"],
        "finaliser": [1, "nope", {"map": [["class_name", "Lambda"]]}],
        "precision": ["float8", 1],
        "jit_compile": ["no", 2],
        "embedding_dims": [{"map": [["c", -1]]}, {"map": [[1, 1]]}, []],
        "shuffle": [1, None, "yes"],
        "acceleration": ["GPU", {"map": []}],
        "nope": [1],
    }
    for name, values in wrong.items():
        for value in values:
            change = lambda t, n=name, v=value: t["model"]["model"]["fields"].update({n: v})  # noqa: E731
            words = f"has an impossible model at the machine.model: .*{name}"
            content = changed(net, MODEL, change)
            yield unseen(22, f"{name}={value!r:.30}", content, INVALID, words)
    for hidden in ([], [0], [-1], [True], ["1"], [1.0], 3):
        change = lambda t, h=hidden: _builder(t).update({"hidden": {"tuple": h} if h != 3 else 3})  # noqa: E731
        words = "impossible model at the machine.model.builder: .*hidden"
        yield unseen(22, f"hidden={hidden}", changed(net, MODEL, change), INVALID, words)
    text = parts_of(net)[MODEL].replace(b'"epochs":1', b'"epochs":1e400')
    whole = file_of({**parts_of(net), MODEL: text})
    yield Case(22, "epochs=1e400", whole, CORRUPT, "has the number 1e400, which is too large")
    for path in PATHS:
        for name in ("loss", "finaliser", "precision"):
            change = lambda t, n=name, v=path: t["model"]["model"]["fields"].update({n: v})  # noqa: E731
            content = changed(net, MODEL, change)
            yield unseen(23, f"{name}={path!r}", content, INVALID, "impossible model")


def _builder(tree: Any) -> Any:
    return tree["model"]["model"]["fields"]["builder"]["model"]["fields"]


def code_files(files: Files) -> Iterator[Case]:
    """Rows 24 and 26: code of elsewhere, and Keras' own ways to name it."""
    net = files["classifier"]
    for name in ("os:system", "mypkg.nets:Tower", "tests.persistence.hostile:Case", "keras:Model"):
        for field in ("builder", "loss", "finaliser", "acceleration"):

            def change(t, n=name, f=field):
                return t["model"]["model"]["fields"].update({f: {"own code": n}})  # noqa: E731

            words = f"needs code that is not of this package: {name}"
            yield unseen(24, f"{field}={name}", changed(net, MODEL, change), UNTRUSTED, words)
    for name in (
        "os.system",
        "os:",
        ":system",
        "os:system:x",
        1,
        None,
        "o\u0455:system",
        "a:b" * 400,
        "os:\x1b",
    ):
        change = lambda t, n=name: t["model"]["model"]["fields"].update({"loss": {"own code": n}})  # noqa: E731
        yield Case(24, f"{name!r:.30}", changed(net, MODEL, change), CORRUPT, "which is no name")
    for layer in ("Lambda", "TFSMLayer", "TorchModuleWrapper", "StringLookup", "JaxLayer"):
        config = {
            "module": "builtins",
            "class_name": layer,
            "config": {"vocabulary": "/etc/passwd"},
        }
        for place in ("finaliser", "builder", "inputs"):
            change = lambda t, c=config, p=place: next(all_of(t, "network")).update({p: c})  # noqa: E731
            yield unseen(26, f"{layer} as {place}", changed(net, LEARNED, change), CORRUPT, ".")
        pairs = {
            "map": [
                [k, v if isinstance(v, str) else {"map": [*v.items()]}] for k, v in config.items()
            ]
        }
        change = lambda t, c=pairs: next(all_of(t, "network")).update({"finaliser": c})  # noqa: E731
        yield unseen(26, f"{layer} in a map", changed(net, LEARNED, change), CORRUPT, "activation")
    for what in (
        {"spec": 1},
        {"odd": 1},
        {"precision": "float8"},
        {"n_out": 0},
        {"n_out": 10**9},
        {"finaliser": "x"},
    ):
        change = lambda t, w=what: next(all_of(t, "network")).update(w)  # noqa: E731
        yield unseen(26, f"{what}", changed(net, LEARNED, change), CORRUPT, ".")


def array_files(files: Files) -> Iterator[Case]:
    """Rows 28 to 32: safetensors that lie, and arrays that are not those of the network."""
    net = files["classifier"]
    parts = parts_of(net)
    whole = parts[WEIGHTS]
    n = int.from_bytes(whole[:8], "little")
    header, body = json.loads(whole[8 : 8 + n]), whole[8 + n :]
    for name, text in (
        *(("longer than the file", struct.pack("<Q", len(whole)) + whole[8:]), ("of 0", bytes(8))),
        *(("of 2**63", struct.pack("<Q", 2**63) + whole[8:]), ("cut", whole[:7]), ("none", b"")),
        *(("of a list", _tensors([], body)), ("of a number", _tensors(1, body))),
        *(("of 60,000 names", _tensors({f"{i}": _empty() for i in range(60_000)}, b"")),),
        *(("of 300,000 names", _tensors({f"{i}": _empty() for i in range(300_000)}, b"")),),
        *(("with notes", _tensors({**header, "__metadata__": {"a": "b"}}, body)),),
        *(("nested", struct.pack("<Q", 50_000) + b"[" * 50_000), ("more bytes", whole + b"1")),
        *(("fewer bytes", whole[:-1]), ("a name twice", _twice(header, body))),
    ):
        yield unseen(28, f"header {name}", file_of({**parts, WEIGHTS: text}), CORRUPT, ".")
    first = min(header, key=lambda key: header[key]["data_offsets"])
    for field, values in {
        "shape": [[2**40, 2**40], [-1], [2**63], [1.5], "x", None, [True], [10**6] * 3, [7]],
        "data_offsets": [[1, 9], [8, 0], [0, 2**63], [-8, 0], [0], None, "x", [0, 1], [0.0, 8.0]],
        "dtype": ["F99", "BF16", "F8_E4M3", 1, None, "BOOL", "I64", "F16", "C64"],
    }.items():
        for value in values:
            told = {**header, first: {**header[first], field: value}}
            text = _tensors(told, body)
            content = file_of({**parts, WEIGHTS: text})
            yield unseen(28, f"{field} {value!r:.30}", content, CORRUPT, ".")
    for name, shape in (("missing", None), ("extra", (2,)), ("shape", (9, 9)), ("dtype", "I32")):
        text = _tensors(*_other(header, body, name, shape))
        content = file_of({**parts, WEIGHTS: text})
        yield unseen(29, name, content, CORRUPT, "array '|variable|KeyError: '0000")
    yield from _state_files(net)


def _empty() -> dict[str, Any]:
    return {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]}


def _tensors(header: Any, body: bytes) -> bytes:
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + body


def _twice(header: dict[str, Any], body: bytes) -> bytes:
    name = next(iter(header))
    text = json.dumps(header).encode()[:-1] + f', "{name}": {json.dumps(header[name])}}}'.encode()
    return struct.pack("<Q", len(text)) + text + body


def _other(header: dict[str, Any], body: bytes, what: str, shape: Any) -> tuple[Any, bytes]:
    last = max(header, key=lambda key: header[key]["data_offsets"])
    if what == "missing":
        begin, _ = header[last]["data_offsets"]
        return {k: v for k, v in header.items() if k != last}, body[:begin]
    if what == "extra":
        odd = {"dtype": "F32", "shape": [2], "data_offsets": [len(body), len(body) + 8]}
        return {**header, "999999": odd}, body + bytes(8)
    change = {"dtype": shape} if what == "dtype" else {"shape": list(shape)}
    return {**header, last: {**header[last], **change}}, body


def _state_files(net: bytes) -> Iterator[Case]:
    keys = next(all_of(json.loads(parts_of(net)[LEARNED]), "arrays"))
    kernel, other = [key for key in keys if key.endswith("kernel") and key.startswith("layers")][
        :2
    ]

    def case(row: int, name: str, words: str, change: Any) -> Case:
        content = changed(net, LEARNED, lambda t: change(next(all_of(t, "arrays"))))
        return unseen(row, name, content, CORRUPT, words)

    swap = lambda a: a.update({kernel: a[other], other: a[kernel]})  # noqa: E731
    yield case(29, "permuted", f"variable '{kernel}' has the shape", swap)
    yield case(29, "without one", f"lacks the variable '{kernel}'", lambda a: a.pop(kernel))
    yield case(29, "another name", "variable", lambda a: a.update({"layers/99/x": a.pop(kernel)}))
    yield case(29, "no array", "must be ndarray", lambda a: a.update({kernel: 1}))
    yield case(
        32, "a slot of none", "the slot", lambda a: a.update({"slots/x/layers/99/x": a[kernel]})
    )
    yield case(
        32, "a slot without a name", "the slot|variable", lambda a: a.update({"slots/": a[kernel]})
    )
    for units in (10**6, 10**9, 10**30):
        change = lambda t, u=units: _all_builders(t, {"hidden": {"tuple": [u]}})  # noqa: E731
        yield unseen(30, f"{units} units", changed(net, LEARNED, change), CORRUPT, ".")
    change = lambda t: _all_builders(t, {"hidden": {"tuple": [3] * 10**5}})  # noqa: E731
    words = "has 100002 layers, and"
    yield unseen(30, "100,000 layers", changed(net, LEARNED, change), CORRUPT, words)
    for name, columns in (
        ("50,000 factors", [{"tuple": [2, 1]}] * 50_000),
        ("a huge factor", [{"tuple": [10**9, 10**9]}]),
    ):
        change = lambda t, c=columns: record(t, "TabularInputs").update(columns={"tuple": c})  # noqa: E731
        yield unseen(30, name, changed(net, LEARNED, change), CORRUPT, ".")


def _all_builders(tree: Any, fields: dict[str, Any]) -> None:
    for each in all_of(tree, "network"):
        each["builder"]["model"]["fields"].update(fields)
