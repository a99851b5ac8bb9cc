"""What the package never uses: calls that run what a file holds, start a shell, or seed the
process's generators.

Reads the sources with `ast` and imports nothing of the package. A use counts wherever the name
is read, called or not; what is permitted stands in PERMITTED, each with its reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "mlj_keras"
MODULES = sorted(PACKAGE.rglob("*.py"))

# By their full names. A name that ends in a dot stands for all of the module.
FORBIDDEN = (
    *("eval", "exec", "compile", "__import__"),
    *("pickle.load", "pickle.loads", "pickle.Unpickler", "marshal.", "shelve.", "dill."),
    *("cloudpickle.load", "cloudpickle.loads", "joblib.load"),
    *("random.seed", "numpy.random.seed", "numpy.random.set_state", "tensorflow.random.set_seed"),
    *("os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"),
    *("yaml.load", "yaml.unsafe_load", "yaml.full_load", "tempfile.mktemp"),
)
# Of Keras, whatever they are asked of: each makes objects of names that a file gives.
FORBIDDEN_OF_ANYTHING = (
    *("load_model", "load_weights", "from_json", "model_from_json", "from_saved_model"),
    *("deserialize", "deserialize_keras_object", "enable_unsafe_deserialization"),
    "set_random_seed",
)
# Arguments that must not be given, or be the constant False.
FORBIDDEN_ARGUMENTS = ("allow_pickle", "shell")

# (file, what it uses) -> why it may.
PERMITTED = {
    ("engine/networks.py", "random.seed"): (
        "building runs with Python's generator seeded, under a lock, and gives it back as it was"
    ),
    ("optimisers/from_keras.py", "deserialize"): (
        "of the schedule in a config that the user holds in memory; never of a file"
    ),
    ("launching/launch.py", "cloudpickle.loads"): (
        "results that its own processes wrote into its own temporary folder"
    ),
    ("launching/worker.py", "cloudpickle.loads"): (
        "the job that `launch` wrote into its own temporary folder"
    ),
    ("parallel/jobs.py", "pickle.loads"): (
        "a job on its way to a worker that this process started, and its outcome on its way back"
    ),
    ("parallel/processes.py", "pickle.load"): (
        "the jobs that this process wrote into its own temporary file for its own workers"
    ),
    ("parallel/processes.py", "pickle.loads"): "outcomes that its own workers send back",
}


def imported_names(tree: ast.Module) -> dict[str, str]:
    """What the names of a module stand for: `np` for `numpy`, lazily loaded modules included."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                root = alias.name.split(".")[0]
                names[alias.asname or root] = alias.name if alias.asname else root
        elif isinstance(node, ast.ImportFrom) and not node.level:
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            called, arguments = node.value.func, node.value.args
            loads = isinstance(called, ast.Name) and called.id in ("lazy_module", "require")
            if loads and arguments and isinstance(arguments[0], ast.Constant):
                for target in node.targets:
                    names[ast.unparse(target)] = str(arguments[0].value)
    return names


def full_name(node: ast.expr, names: dict[str, str]) -> str:
    """`numpy.random.seed` of the expression `np.random.seed`; "" of what is no dotted name."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        before = full_name(node.value, names)
        return f"{before or '?'}.{node.attr}"
    return ""


def fault_of_name(name: str) -> str | None:
    """The forbidden thing that a full name is, if it is one."""
    last = name.rpartition(".")[2]
    if last in FORBIDDEN_OF_ANYTHING:
        return last
    if name in FORBIDDEN:
        return name
    return next((each for each in FORBIDDEN if each[-1] == "." and name.startswith(each)), None)


def uses(source: str) -> Iterator[tuple[int, str]]:
    """The line and the name of each forbidden use in `source`."""
    tree = ast.parse(source)
    names = imported_names(tree)
    for node in ast.walk(tree):
        found: list[str | None] = []
        if isinstance(node, ast.Name | ast.Attribute):
            found = [fault_of_name(full_name(node, names))]
        elif isinstance(node, ast.ImportFrom):
            found = [fault_of_name(f"{node.module}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Import):
            found = [fault_of_name(f"{alias.name}.") for alias in node.names]
        elif isinstance(node, ast.keyword) and node.arg in FORBIDDEN_ARGUMENTS:
            refused = isinstance(node.value, ast.Constant) and node.value.value is False
            found = [None if refused else node.arg]
        yield from ((node.lineno, each) for each in found if each is not None)


def relative(path: Path) -> str:
    """`data/tables.py` for mlj_keras/data/tables.py."""
    return path.relative_to(PACKAGE).as_posix()


def test_the_package_uses_nothing_that_is_forbidden() -> None:
    faults = [
        f"{relative(path)} line {line} uses {what}"
        for path in MODULES
        for line, what in uses(path.read_text())
        if (relative(path), what) not in PERMITTED
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(("file", "what"), PERMITTED)
def test_each_exception_is_needed(file: str, what: str) -> None:
    assert what in {used for _, used in uses((PACKAGE / file).read_text())}, "take it out"


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("import pickle\nx = pickle.loads(data)", "pickle.loads"),
        ("import pickle as p\nread = p.load", "pickle.load"),
        ("from pickle import Unpickler", "pickle.Unpickler"),
        ("pickle = lazy_module('cloudpickle')\npickle.load(file)", "cloudpickle.load"),
        ("def f():\n    import marshal", "marshal."),
        ("import joblib\njoblib.load(path)", "joblib.load"),
        ("eval('1')", "eval"),
        ("list(map(exec, lines))", "exec"),
        ("__import__(name)", "__import__"),
        ("keras = lazy_module('keras')\nkeras.saving.load_model(path)", "load_model"),
        ("from keras.models import model_from_json", "model_from_json"),
        ("network().load_weights(path)", "load_weights"),
        ("networks[0].from_json(text)", "from_json"),
        ("keras.saving.deserialize_keras_object(facts)", "deserialize_keras_object"),
        ("keras.utils.set_random_seed(1)", "set_random_seed"),
        ("import tensorflow as tf\ntf.random.set_seed(1)", "tensorflow.random.set_seed"),
        ("import numpy as np\nnp.random.seed(1)", "numpy.random.seed"),
        ("from random import seed", "random.seed"),
        ("import numpy as np\nnp.load(path, allow_pickle=True)", "allow_pickle"),
        ("np.load(path, allow_pickle=trusted)", "allow_pickle"),
        ("import subprocess\nsubprocess.run(line, shell=True)", "shell"),
        ("import os\nos.system('ls')", "os.system"),
        ("import yaml\nyaml.load(file)", "yaml.load"),
        ("import tempfile\ntempfile.mktemp()", "tempfile.mktemp"),
    ],
)
def test_the_check_finds_what_is_forbidden(source: str, what: str) -> None:
    assert {found for _, found in uses(source)} == {what}


@pytest.mark.parametrize(
    "source",
    [
        "import pickle\npickle.dumps(x)",
        "import numpy as np\nnp.load(path, allow_pickle=False)",
        "import re\nre.compile('a')",
        "model.eval()\nmodel.compile()",
        "rng.seed",
        "import numpy as np\nnp.random.default_rng(1)",
        "import subprocess\nsubprocess.run([program], shell=False)",
        "import json\njson.loads(text)",
        "def load(path):\n    'Never pickle.loads(path).'",
        "import tempfile\ntempfile.mkdtemp()",
    ],
)
def test_the_check_accepts_what_looks_alike(source: str) -> None:
    assert list(uses(source)) == []
