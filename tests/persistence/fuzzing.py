"""Random changes of valid machine files, with checksums made right again, and what comes of them.

A file that was changed is refused by a MachineFileError, or it loads; what loads predicts, or
says why not by an error of the package, a ValueError or a TypeError. Anything else is a find: a
crash, another error, more than two seconds of computing, more than 200 MB of memory.
Source: ours.
"""

from __future__ import annotations

import copy
import io
import json
import math
import resource
import signal
import struct
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from mlj_keras.errors import MachineFileError, MLJKerasError
from mlj_keras.persistence import inspect_file, load_machine
from mlj_keras.persistence.known import _own_models
from mlj_keras.storage import records
from tests.persistence.hostile import file_of, parts_of

MOST_SECONDS, MOST_MB = 2.0, 200.0
PLAIN = [None, True, False, 0, 1, -1, 2, 3, 10**6, 2**31, 2**63, -(2**63), 10**30, 0.5, -0.5]
PLAIN += [1e-300, 1e308, "", "x", "../../x", "/etc/passwd", "a" * 300, "\u202e", "\ud800", [], {}]
PLAIN += [[None], [[]], {"a": 1}, "os:system", "builtins.eval", "<U9", "float32", "000000"]
KINDS = ("tuple", "set", "map", "array", "objects", "texts", "times", "column", "scalar", "time")
KINDS += ("decimal", "scitype", "model", "state", "outcome", "network", "network fit", "record")
KINDS += ("namespace", "evaluations", "graph", "machine", "source", "partial", "function")
KINDS += ("own code", "frozenset")
KINDS += ("model class", "ufunc", "builtin", "own record", "estimator", "pandas", "frame", "keras")
KINDS += ("float", "builder_from")


class Find(NamedTuple):
    """A file that should have been refused: how it was changed, what came of it."""

    change: str
    what: str
    content: bytes


class _TooLong(BaseException):
    """More computing than is allowed."""


class Fuzzer:
    """Changes files at random, and sees what comes of them.

    Args: files: valid ones, by name · tables: what each machine predicts · seed: of all choices.
    Attributes: counts: of outcomes · finds.
    """

    def __init__(self, files: Mapping[str, bytes], tables: Mapping[str, Any], seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.files = {name: (whole, parts_of(whole)) for name, whole in files.items()}
        self.tables = tables
        self.counts: Counter[str] = Counter()
        self.finds: list[Find] = []
        trees = [_tree(part) for _, parts in self.files.values() for part in parts.items()]
        self.nodes = [node for tree in trees for _, _, node in _places(tree)]
        self.names = [*records._CLASSES, *records._FUNCTIONS, *_own_models()]
        for name, whole in files.items():  # so that what they need is loaded and compiled
            outcome = self._used(name, whole, predict=True)
            assert outcome == "predicted", (name, outcome)

    def one(self, *, predict: float = 1.0) -> None:
        """Change a file and use it; of those that load, this share predicts."""
        name = self._pick([*self.files])
        whole, parts = self.files[name]
        kind = self._pick(["bytes", "member", "tensors", "other", *["tree"] * 8])
        content = getattr(self, f"_{kind}")(whole, dict(parts))
        self.use(name, content, f"{kind} of {name}", predict=self.rng.random() < predict)

    def use(self, name: str, content: bytes, change: str, *, predict: bool = True) -> str:
        """What comes of a file: "refused", "loaded", "predicted", "raised" or "found"."""
        before = _peak_mb()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = _in_time(lambda: self._used(name, content, predict=predict))
        grown = _peak_mb() - before
        if grown > MOST_MB:
            found = f"it took {grown:.0f} MB"
        outcome = found if found in ("refused", "loaded", "predicted", "raised") else "found"
        if outcome == "found":
            self.finds.append(Find(change, found, content))
        self.counts[outcome] += 1
        return outcome

    def _used(self, name: str, content: bytes, *, predict: bool) -> str:
        try:
            inspect_file(io.BytesIO(content))
            mach = load_machine(io.BytesIO(content))
        except MachineFileError:
            return "refused"
        except Exception as error:
            return f"loading raised {type(error).__name__}: {error!s:.300}"
        if not predict:
            return "loaded"
        try:
            for operation in ("predict", "transform"):
                if mach.current_model().has_operation(operation):
                    getattr(mach, operation)(self.tables[name])
        except (MLJKerasError, ValueError, TypeError):
            return "raised"
        except Exception as error:
            return f"predicting raised {type(error).__name__}: {error!s:.300}"
        return "predicted"

    # Changes: from a whole file and its members to a whole file.

    def _bytes(self, whole: bytes, parts: dict[str, bytes]) -> bytes:
        changed = bytearray(whole)
        for _ in range(self.rng.integers(1, 4)):
            at, n = int(self.rng.integers(len(changed))), int(self.rng.integers(1, 9))
            how = self._pick(["flip", "put", "drop", "copy"])
            if how == "flip":
                changed[at] ^= 1 << int(self.rng.integers(8))
            elif how == "put":
                changed[at : at + n] = self.rng.bytes(n)
            elif how == "drop":
                del changed[at : at + n]
            else:
                changed[at:at] = changed[at : at + n]
        return bytes(changed)

    def _member(self, whole: bytes, parts: dict[str, bytes]) -> bytes:
        name = self._pick([*parts])
        changed = bytearray(parts[name]) or bytearray(1)
        for _ in range(self.rng.integers(1, 6)):
            at = int(self.rng.integers(len(changed)))
            changed[at] = int(self.rng.integers(256))
        return file_of({**parts, name: bytes(changed)})

    def _tensors(self, whole: bytes, parts: dict[str, bytes]) -> bytes:
        name = self._pick([name for name in parts if name.endswith(".safetensors")])
        n = int.from_bytes(parts[name][:8], "little")
        header = self._grown(json.loads(parts[name][8 : 8 + n]))
        body = bytearray(parts[name][8 + n :])
        for _ in range(self.rng.integers(0, 4) if body else 0):
            at = int(self.rng.integers(len(body)))
            body[at] = self._pick([0, 255, 127, int(self.rng.integers(256))])
        text = json.dumps(header).encode()
        return file_of({**parts, name: struct.pack("<Q", len(text)) + text + bytes(body)})

    def _other(self, whole: bytes, parts: dict[str, bytes]) -> bytes:
        """A column or estimators, whose bytes are changed inside; else a tree."""
        names = [name for name in parts if name.endswith((".arrow", ".skops"))]
        if not names:
            return self._tree(whole, parts)
        name = self._pick(names)
        if name.endswith(".arrow"):
            changed = bytearray(parts[name])
            for _ in range(self.rng.integers(1, 5)):
                changed[int(self.rng.integers(8, len(changed)))] = int(self.rng.integers(256))
            return file_of({**parts, name: bytes(changed)})
        return file_of({**parts, name: self._inside(parts[name])})

    def _inside(self, whole: bytes) -> bytes:
        """A zip of estimators with one member changed, stored anew."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(whole)) as old, zipfile.ZipFile(buffer, "w") as new:
            infos = old.infolist()
            chosen = self._pick(infos).filename
            for info in infos:
                content = old.read(info)
                if info.filename == chosen:
                    content = self._noisy(info.filename, content)
                new.writestr(zipfile.ZipInfo(info.filename, info.date_time), content)
        return buffer.getvalue()

    def _noisy(self, name: str, content: bytes) -> bytes:
        if name.endswith(".json"):
            return json.dumps(self._grown(json.loads(content))).encode()
        changed = bytearray(content)
        for _ in range(self.rng.integers(1, 4)):
            changed[int(self.rng.integers(len(changed)))] = int(self.rng.integers(256))
        return bytes(changed)

    def _tree(self, whole: bytes, parts: dict[str, bytes]) -> bytes:
        names = [name for name in parts if name.endswith(".json")]
        name = self._pick([*names, *["learned.json"] * 4])
        parts[name] = json.dumps(self._grown(json.loads(parts[name]))).encode()
        return file_of(parts)

    def _grown(self, tree: Any) -> Any:
        """A tree with one to three nodes changed."""
        for _ in range(int(self.rng.integers(1, 4))):
            places = [*_places(tree)]
            parent, key, node = self._pick(places)
            if parent is not None:
                self._change(parent, key, node, places)
        return tree

    def _change(self, parent: Any, key: Any, node: Any, places: list[Any]) -> None:
        how = int(self.rng.integers(9))
        if how <= 1:
            parent[key] = copy.deepcopy(self._pick(PLAIN))
        elif how == 2:
            parent[key] = copy.deepcopy(self._pick(self.nodes))
        elif how == 3:
            other, its, value = self._pick(places)
            there = other if isinstance(other, dict) else range(len(other or ()))
            if other is not None and its in there:
                parent[key], other[its] = copy.deepcopy(value), copy.deepcopy(node)
        elif how == 4:
            del parent[key]
        elif how == 5 and isinstance(parent, list):
            parent.insert(key, copy.deepcopy(node))
        elif how == 6 and isinstance(parent, dict):
            parent[self._pick([*KINDS, "x"])] = parent.pop(key)
        elif how == 7 and isinstance(node, str):
            parent[key] = self._pick([*self.names, node + "x", node[:-1], node.upper()])
        else:
            parent[key] = self._near(node)

    def _near(self, node: Any) -> Any:
        """A value that is like this one."""
        if isinstance(node, bool):
            return not node
        if isinstance(node, int | float):
            made = node + self._pick([1, -1, 0.5]), -node, node * 10**9, float(node), 10**12
            return self._pick([each for each in made if math.isfinite(each)] or [0])
        if isinstance(node, list):
            return node * int(self._pick([2, 3, 50]))
        if isinstance(node, dict) and node:
            return {self._pick(KINDS): next(iter(node.values()))}
        return {self._pick(KINDS): node}

    def _pick(self, values: Any) -> Any:
        return values[int(self.rng.integers(len(values)))]


def _tree(part: tuple[str, bytes]) -> Any:
    return json.loads(part[1]) if part[0].endswith(".json") else None


def _places(tree: Any) -> Any:
    """(parent, key, node) of every node of a tree; the root has no parent."""
    waiting = [(None, None, tree)]
    while waiting:
        parent, key, node = waiting.pop()
        yield parent, key, node
        if isinstance(node, dict):
            waiting += [(node, name, value) for name, value in node.items()]
        elif isinstance(node, list):
            waiting += [(node, i, value) for i, value in enumerate(node)]


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_time(use: Callable[[], str]) -> str:
    """What `use` gives, or that it computed for too long; waiting does not count."""

    def stop(*_: Any) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        return use()
    except _TooLong:
        return f"it computed for more than {MOST_SECONDS} s"
    except RecursionError as error:
        return f"it raised RecursionError: {error}"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
