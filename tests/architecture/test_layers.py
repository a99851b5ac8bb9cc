"""The import rule: a module imports only from its own folder and from folders of lower layers.

Reads the sources with `ast` and imports nothing of the package. Also holds what may not be
imported at module top.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "mlj_keras"
MODULES = sorted(PACKAGE.rglob("*.py"))

# Folder or single module under mlj_keras -> layer. Folders of one layer never import each other.
LAYERS = {
    "errors": 0,
    "_display": 0,
    "_imports": 0,
    "_logging": 0,
    "_tracebacks": 0,
    "_warnings": 0,
    "rng": 0,
    "_progress": 1,
    "storage": 0.5,  # below data, of whose records files hold some
    "data": 1,
    "parallel": 2,
    "plots": 2,
    "probability": 2,
    "models": 3,
    "optimisers": 4,
    "builders": 4,
    "engine": 5,
    "containers": 6,
    "transformers": 6,
    "launching": 6,
    "machine": 7,
    "measures": 8,
    "resampling": 9,
    "tuning": 10,
    "iteration": 10,
    "ensembles": 10,
    "inspection": 10,
    "composition": 10,
    "sklearn_models": 10,
    "registry": 11,
    "persistence": 12,
    "interop": 12,
}
OPEN_TO_ALL = "errors"

HEAVY = {"tensorflow", "keras", "sklearn", "matplotlib", "polars", "PIL"}
OPTIONAL = {"optuna", "dask", "distributed", "mlflow", "tensorboard", "skops", "torch", "imblearn"}

# Files that import a heavy package at module top, for instance to subclass a Keras class. Each is
# itself imported inside a function, where it is used.
IMPORTED_ON_USE = ("interop/sklearn_adapters.py", "interop/sklearn_base.py")

# Calls that import the module their first argument names.
IMPORTING_CALLS = {"import_module", "__import__", "lazy_module", "require"}


def module_name(path: Path) -> str:
    """`mlj_keras.data.tables` for mlj_keras/data/tables.py; an `__init__.py` has its folder's."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_of(path: Path) -> str:
    """The package that relative imports in `path` start from."""
    return ".".join(path.relative_to(PACKAGE.parent).parent.parts)


def targets(node: ast.AST, package: str) -> Iterator[str]:
    """The dotted names that `node` imports: `a.b` for `import a.b` and for `from a import b`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        base = node.module or ""
        if node.level:
            parents = package.split(".")
            kept = parents[: len(parents) - node.level + 1]
            base = ".".join([*kept, base] if base else kept)
        yield from (f"{base}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Call) and node.args:
        called = node.func.attr if isinstance(node.func, ast.Attribute) else None
        called = node.func.id if isinstance(node.func, ast.Name) else called
        argument = node.args[0]
        if called in IMPORTING_CALLS and isinstance(argument, ast.Constant):
            yield str(argument.value)


def is_type_checking(node: ast.AST) -> bool:
    """Whether `node` is an `if TYPE_CHECKING:` block."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def run_on_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of `body` that run at import, those in blocks and classes included."""
    for node in body:
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        blocks = ["orelse"] if is_type_checking(node) else ["body", "orelse", "finalbody"]
        for block in blocks:
            yield from run_on_import(getattr(node, block, []))
        for handler in getattr(node, "handlers", []):
            yield from run_on_import(handler.body)


def layer_faults(source: str, folder: str, package: str) -> list[str]:
    """One line for each import in `source`, a module of `folder`, that the layers forbid."""
    faults = []
    for node in ast.walk(ast.parse(source)):
        for target in targets(node, package):
            root, _, inside = target.partition(".")
            other = inside.split(".")[0]
            if root != "mlj_keras" or other in (folder, OPEN_TO_ALL):
                continue
            line = f"line {getattr(node, 'lineno', '?')} imports {target}"
            if other not in LAYERS:
                faults.append(f"{line}: only a folder may be imported, not the top of the package")
            elif LAYERS[other] >= LAYERS[folder]:
                faults.append(
                    f"{line}: {folder} has layer {LAYERS[folder]}, {other} has {LAYERS[other]}"
                )
    return faults


def top_level_heavy(source: str) -> list[str]:
    """One line for each heavy or optional package that `source` loads when it is imported."""
    return [
        f"line {node.lineno} imports {target}"
        for node in run_on_import(ast.parse(source).body)
        for target in targets(node, "mlj_keras")
        if target.split(".")[0] in HEAVY | OPTIONAL
    ]


def folder_of(path: Path) -> str:
    """The key of LAYERS that `path` belongs to."""
    return Path(path.relative_to(PACKAGE).parts[0]).stem


def relative(path: Path) -> str:
    """`data/tables.py` for mlj_keras/data/tables.py."""
    return path.relative_to(PACKAGE).as_posix()


def test_every_folder_and_top_module_has_a_layer() -> None:
    unknown = {folder_of(path) for path in MODULES} - set(LAYERS) - {"__init__"}
    assert not unknown, f"without a layer: {sorted(unknown)}; give each a number in LAYERS"


def test_modules_import_only_downward() -> None:
    faults = [
        f"{relative(path)} {fault}"
        for path in MODULES
        if folder_of(path) in LAYERS
        for fault in layer_faults(path.read_text(), folder_of(path), package_of(path))
    ]
    assert not faults, "\n".join(faults)


def test_heavy_packages_are_not_imported_at_module_top() -> None:
    faults = [
        f"{relative(path)} {fault}"
        for path in MODULES
        if relative(path) not in IMPORTED_ON_USE
        for fault in top_level_heavy(path.read_text())
    ]
    assert not faults, "use lazy_module or import inside the function:\n" + "\n".join(faults)


def test_files_imported_on_use_exist_and_need_to_be_listed() -> None:
    for name in IMPORTED_ON_USE:
        assert (PACKAGE / name).is_file(), f"{name} is listed but does not exist"
        assert top_level_heavy((PACKAGE / name).read_text()), f"{name} need not be listed"


def test_no_module_imports_a_file_imported_on_use_at_its_top() -> None:
    on_use = {module_name(PACKAGE / name) for name in IMPORTED_ON_USE}
    faults = [
        f"{relative(path)} line {node.lineno} imports {target}"
        for path in MODULES
        if relative(path) not in IMPORTED_ON_USE
        for node in run_on_import(ast.parse(path.read_text()).body)
        for target in targets(node, package_of(path))
        if target in on_use or target.rpartition(".")[0] in on_use
    ]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    "statement",
    [
        "from mlj_keras.machine.machine import Machine",
        "from mlj_keras.transformers import Standardizer",
        "from ..machine import source",
        "import mlj_keras.machine.machine",
        "import mlj_keras",
        "from mlj_keras import machine",
        "from mlj_keras import fit",
        "def f():\n    from mlj_keras.machine import machine",
        "machine = lazy_module('mlj_keras.machine.machine')",
        "if TYPE_CHECKING:\n    from mlj_keras.machine import Machine",
    ],
)
def test_the_layer_check_finds_an_upward_or_sideways_import(statement: str) -> None:
    assert len(layer_faults(statement, "containers", "mlj_keras.containers")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "import numpy",
        "from mlj_keras.errors import ScitypeError",
        "from mlj_keras import errors",
        "from mlj_keras.data.tables import Table",
        "from mlj_keras.containers._network_fit import fit",
        "from . import _network_fit",
        "from ..engine.training import train",
        "keras = lazy_module('keras')",
    ],
)
def test_the_layer_check_accepts_a_downward_import(statement: str) -> None:
    assert layer_faults(statement, "containers", "mlj_keras.containers") == []


@pytest.mark.parametrize(
    ("source", "n_faults"),
    [
        ("import keras", 1),
        ("from sklearn.datasets import load_iris", 1),
        ("try:\n    import polars\nexcept ImportError:\n    import PIL", 2),
        ("class A:\n    import matplotlib.pyplot", 1),
        ("def f():\n    import keras", 0),
        ("if TYPE_CHECKING:\n    import keras", 0),
        ("keras = lazy_module('keras')", 0),
        ("import numpy\nimport pandas", 0),
    ],
)
def test_the_check_of_module_tops_tells_loading_from_lazy_use(source: str, n_faults: int) -> None:
    assert len(top_level_heavy(source)) == n_faults
