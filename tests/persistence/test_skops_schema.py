"""Files of estimators as somebody could write them who wants to do harm: no other form is read, no
name is looked up without trust, and nothing is opened, imported or run."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import scipy.interpolate
import scipy.sparse
from sklearn import ensemble, linear_model, preprocessing
from sklearn.pipeline import make_pipeline

from mlj_keras.persistence import estimators
from tests.persistence.small_estimators import NUMBERS, X

SCHEMA = "schema.json"


@functools.cache
def whole_file() -> bytes:
    return estimators.dumped([linear_model.LinearRegression().fit(X, NUMBERS)])


def parts_of(whole: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return file.getvalue()


def with_state(state: Any, **top: Any) -> bytes:
    """The file with another state in the place of `fit_intercept`."""
    parts = parts_of(whole_file())
    schema = {**json.loads(parts[SCHEMA]), **top}
    fields = schema["content"][0]["content"]["content"]
    fields["fit_intercept"] = state
    parts[SCHEMA] = json.dumps(schema, separators=(",", ":")).encode()
    return zipped(parts)


def state(loader: str, name: str, **more: Any) -> dict[str, Any]:
    module, _, own = name.rpartition(".")
    return {"__class__": own, "__module__": module, "__loader__": loader, **more}


NOTHING = state("TupleNode", "builtins.tuple", content=[])
TEXT = state("JsonNode", "builtins.str", content='"id"', is_json=True)
LIST = state("ListNode", "builtins.list", content=[])
MAP = state("DictNode", "builtins.dict", content={}, key_types=LIST)


def called(name: str, function: str) -> dict[str, Any]:
    content = {
        "func": state("FunctionNode", function),
        "args": NOTHING,
        "kwds": MAP,
        "namespace": MAP,
    }
    return state("PartialNode", name, content=content)


@pytest.mark.parametrize(
    ("what", "names"),
    [
        (state("FunctionNode", "os.system"), ["os.system"]),
        (state("TypeNode", "builtins.eval"), ["builtins.eval"]),
        (state("TypeNode", "numpy.mean"), ["numpy.mean"]),
        (state("ObjectNode", "subprocess.Popen", content=MAP), ["subprocess.Popen"]),
        (state("ConstructorFromReduceNode", "os.system", content=NOTHING), ["os.system"]),
        # A name that is safe as a function is not safe to be called.
        (state("ConstructorFromReduceNode", "numpy.mean", content=NOTHING), ["numpy.mean"]),
        (
            state("ConstructorFromReduceNode", "sklearn.tree._tree.Tree", content=NOTHING),
            ["sklearn.tree._tree.Tree"],
        ),
        (called("functools.partial", "numpy.mean"), ["functools.partial"]),
        (called("functools.partial", "os.system"), ["functools.partial", "os.system"]),
        (state("LossNode", "os.system", content=MAP, __reduce__={"args": NOTHING}), ["os.system"]),
    ],
)
def test_names_that_are_not_safe_need_trust_and_are_not_loaded_without(
    what: dict[str, Any], names: list[str]
) -> None:
    whole = with_state(what)
    assert list(estimators.opened(whole).needed) == names
    with pytest.raises(ValueError, match="to be trusted"):
        estimators.opened(whole).loaded(names[1:])


def test_what_the_caller_trusts_is_loaded_and_nothing_else_of_it() -> None:
    whole = with_state(state("FunctionNode", "os.path.join"))
    (found,) = estimators.opened(whole).loaded(["os.path.join"])
    assert found.fit_intercept is os.path.join
    with pytest.raises(ValueError, match="os.path.join to be trusted"):
        estimators.opened(whole).loaded(["os.path", "join", "os.path.joi", "posixpath.join"])


def test_boosting_by_histograms_may_hold_its_own_partial_and_no_other() -> None:
    whole = with_state(called("functools.partial", "sklearn.utils.validation.check_array"))
    assert list(estimators.opened(whole).needed) == []


@pytest.mark.parametrize(
    "what",
    [
        state("OperatorFuncNode", "operator.call", attrs=NOTHING),
        state("MethodNode", "builtins.dict", content={"func": "clear", "obj": MAP}),
        state("CachedNode", "builtins.dict", __id__=1),
        state("QuantileForestNode", "x.QuantileForest", content=MAP),
        {"__id__": 1},
        {**LIST, "__id__": 1},
        {**LIST, "content": [{**MAP, "__id__": 1}, {**LIST, "__id__": 1}]},
        {**TEXT, "content": "[1, 2]"},
        {**TEXT, "content": '{"a": 1}'},
        {**TEXT, "content": " 1"},
        {**TEXT, "content": "1" * 5000},
        {**TEXT, "content": "[" * 5000},
        {**TEXT, "content": 7},
        {**MAP, "content": {"1": TEXT}},
        {
            **MAP,
            "content": {"1": TEXT},
            "key_types": {**LIST, "content": [state("FunctionNode", "numpy.add")]},
        },
        {
            **MAP,
            "content": {"1": TEXT},
            "key_types": {**LIST, "content": [state("TypeNode", "builtins.list")]},
        },
        state("NdArrayNode", "numpy.ndarray", type="numpy", file=SCHEMA),
        state("NdArrayNode", "numpy.ndarray", type="numpy", file="../../etc/passwd"),
        state("NdArrayNode", "numpy.memmap", type="numpy", file="000000.npy"),
        state("NdArrayNode", "numpy.void", type="numpy", file="000000.npy"),
        state("NdArrayNode", "numpy.ndarray", type="pickle", file="000000.npy"),
        state("NdArrayNode", "numpy.ndarray", type="json", content=[TEXT], shape=NOTHING),
        state("SparseMatrixNode", "scipy.sparse._csr.csr_matrix", type="scipy", file="000000.npy"),
        state(
            "RandomGeneratorNode",
            "numpy.random._generator.Generator",
            content={"bit_generator": MAP, "seed_seq": MAP},
        ),
        functools.reduce(lambda inner, _: {**LIST, "content": [inner]}, range(150), LIST),
    ],
    ids=lambda each: f"{each.get('__loader__')} {str(each.get('content'))[:20]}",
)
def test_states_that_no_saved_estimator_has_are_refused(what: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="its estimators"):
        estimators.opened(with_state(what)).loaded(())


@pytest.mark.parametrize("protocol", [0, 1, True, "2", None, 99, -1, 2.0])
def test_protocols_of_old_and_of_nowhere_are_refused(protocol: Any) -> None:
    with pytest.raises(ValueError, match="protocol|damaged"):
        estimators.opened(with_state(TEXT, protocol=protocol))


def _npy(array: np.ndarray, **header: Any) -> bytes:
    """An array in NumPy's format, with another header."""
    file = io.BytesIO()
    described = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape, **header}
    np.lib.format.write_array_header_1_0(file, described)
    return file.getvalue() + array.tobytes()


@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"\x93NUMPY\x03\x00",
        _npy(np.zeros(3), shape=(10**12,)),
        _npy(np.zeros(3), shape=(-3, -1)),
        _npy(np.zeros(3), descr="|O"),
        _npy(np.zeros(0), descr="|V0", shape=(10**9,)),
        zipped({"arr_0.npy": b"x" * 100}),
        b"\x80\x04cos\nsystem\n.",
    ],
    ids=range(8),
)
def test_arrays_that_are_none_are_refused_before_they_are_made(part: bytes) -> None:
    parts = {**parts_of(whole_file()), "000000.npy": part}
    with pytest.raises(ValueError, match="its estimators"):
        estimators.opened(zipped(parts))


def test_zips_of_another_kind_are_refused() -> None:
    parts = parts_of(whole_file())
    for whole in (
        b"",
        b"PK\x03\x04",
        whole_file()[:-30],
        zipped({}),
        zipped(parts, zipfile.ZIP_DEFLATED),
    ):
        with pytest.raises(ValueError, match="its estimators"):
            list(estimators.opened(whole).needed)
    more, other = {**parts, "more.npy": parts["000000.npy"]}, dict(reversed(parts.items()))
    for named in (more, other, {**parts, SCHEMA: b"[" * 10**6}, {**parts, SCHEMA: b"\xff"}):
        with pytest.raises(ValueError, match="its estimators"):
            estimators.opened(zipped(named))
    file = io.BytesIO(whole_file())
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SCHEMA, parts[SCHEMA])
    with pytest.raises(ValueError, match="a member twice"):
        estimators.opened(file.getvalue())


def test_a_sparse_matrix_that_grows_when_it_is_read_is_refused() -> None:
    scaler = preprocessing.StandardScaler().fit(X)
    scaler.sparse = scipy.sparse.csr_array(np.eye(3))
    parts = parts_of(estimators.dumped([scaler]))
    (name,) = (name for name in parts if name.endswith(".npz"))
    parts[name] = zipped(parts_of(parts[name]), zipfile.ZIP_DEFLATED)
    with pytest.raises(ValueError, match="compressed"):
        estimators.opened(zipped(parts))


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    for key in tree if isinstance(tree, dict) else range(len(tree)):
        yield tree, key
        if isinstance(tree[key], dict | list):
            yield from _places(tree[key])


def test_any_other_thing_anywhere_in_a_schema_is_refused_or_harmless() -> None:
    parts = parts_of(whole_file())
    schema = json.loads(parts[SCHEMA])
    for holder, key in list(_places(schema)):
        before = holder[key]
        for other in (None, -1, "x", [], {}, [[]], {"content": 0}):
            holder[key] = other
            parts[SCHEMA] = json.dumps(schema, separators=(",", ":")).encode()
            try:
                estimators.opened(zipped(parts)).loaded(())
            except ValueError as error:
                assert str(error).startswith("its estimators") or "schema" in str(error)
        holder[key] = before


# Another process

CHILD = """
import base64, hashlib, sys
from mlj_keras.persistence import estimators
from tests.persistence.test_skops_schema import a_pipeline
print(hashlib.sha256(estimators.dumped(a_pipeline())).hexdigest())  # loads all that is needed
BAD = ("open", "import", "exec", "socket.", "subprocess.", "os.", "marshal.", "pickle.")
files, seen = [base64.b64decode(line) for line in sys.stdin], []
sys.addaudithook(lambda event, _: seen.append(event) if event.startswith(BAD) else None)
for each in files:
    list(estimators.opened(each).needed)
    try:
        estimators.opened(each).loaded(())
    except ValueError as error:
        assert "to be trusted" in str(error)
    else:
        raise AssertionError(each)
print(seen)
"""


def a_pipeline() -> list[Any]:
    forest = ensemble.RandomForestRegressor(n_estimators=2, random_state=0)
    found = make_pipeline(preprocessing.StandardScaler(), forest).fit(X, NUMBERS)
    found.names = {"b", "a", "c", "d"}
    return [found, forest]


@pytest.mark.slow
def test_another_process_writes_the_same_bytes_and_runs_nothing_of_hostile_ones() -> None:
    hostile = [
        with_state(state("FunctionNode", "antigravity.geohash")),
        with_state(state("ConstructorFromReduceNode", "os.system", content=LIST)),
        with_state(state("ObjectNode", "http.server.HTTPServer", content=MAP)),
    ]
    lines = b"\n".join(base64.b64encode(each) for each in hostile)
    child = [sys.executable, "-c", CHILD]
    done = subprocess.run(child, input=lines, capture_output=True, check=True)
    digest, events = done.stdout.decode().split("\n", 1)
    assert digest == hashlib.sha256(estimators.dumped(a_pipeline())).hexdigest()
    assert events.strip() == "[]"
