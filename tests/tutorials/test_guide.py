"""The guide is true: its Python blocks run, and its tables name what there is.

Each document is one program: its blocks run in order, in one namespace. Source: ours.
"""

from __future__ import annotations

import builtins
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import mlj_keras
from mlj_keras import errors
from mlj_keras.engine.program import Program

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "tutorials" / "guide"
DOCUMENTS = sorted(GUIDE.glob("*.md"))
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")
ERROR_ROW = re.compile(r"^\| `(\w+)` \| `(\w+)`(?:, `(\w+)`)? \|", re.MULTILINE)
WARNING_ROW = re.compile(r"^\| `(\w+Warning)` \|", re.MULTILINE)
CALLED = re.compile(r"`mlj\.(\w+)")
CONTROL_ROW = re.compile(r"^\| (`\w+\(.*?) \|.*\|([^|]*)\|$", re.MULTILINE)


def blocks(path: Path) -> list[tuple[int, str]]:
    """(number of the line before it, source) of each Python block of a document."""
    text = path.read_text(encoding="utf-8")
    return [(text.count("\n", 0, m.start(1)), m.group(1)) for m in BLOCK.finditer(text)]


def public_errors() -> dict[str, type[BaseException]]:
    """The error and warning classes that users meet, without their bases."""
    bases = (errors.MLJKerasError, errors.MLJKerasWarning)
    return {
        name: value
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, bases) and value not in bases
    }


def test_the_guide_has_its_documents() -> None:
    names = {path.stem for path in DOCUMENTS}
    assert names >= {"concepts", "errors", "extending", "julia_to_python"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [*DOCUMENTS, ROOT / "README.md"], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_the_python_blocks_of_a_document_run(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a block may write a file
    found = blocks(path)
    assert found, f"{path.name} has no Python block"
    module = ModuleType(f"guide_{path.stem}")
    monkeypatch.setitem(sys.modules, module.__name__, module)  # dataclasses look their module up
    for line, source in found:
        # Blank lines in front, so that a traceback names the line of the document.
        code = compile("\n" * line + source, str(path), "exec", dont_inherit=True)
        exec(code, module.__dict__)


def test_changing_hyperparameters_compiles_what_the_concepts_say_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    traces: list[str] = []
    run = Program._run

    def counted(self: Program, *arguments: Any) -> Any:
        traces.append(self.path)
        return run(self, *arguments)

    monkeypatch.setattr(Program, "_run", counted)
    X = np.random.default_rng(0).normal(size=(70, 2))
    builder = mlj_keras.MLP(hidden=(3,), activation="softsign")  # a structure of its own
    model = mlj_keras.NeuralNetworkRegressor(builder=builder, epochs=1, batch_size=8, rng=1)

    def fitted(rows: int, weights: Any = None, **changes: Any) -> int:
        for name, value in changes.items():
            model.set(name.replace("__", "."), value)
        data = [X[:rows], X[:rows].sum(axis=1)] + ([] if weights is None else [weights])
        mlj_keras.fit(mlj_keras.machine(model, *data), verbosity=0)
        return len(traces)

    assert fitted(60) == 1
    assert fitted(64, optimiser__learning_rate=0.1, epochs=3, rng=2) == 1
    assert fitted(64, lambda_=0.1) == 2, "a penalty where there was none"
    assert fitted(64, lambda_=0.2, alpha=0.5) == 2, "another size of it"
    assert fitted(65) == 3, "another bucket"
    assert fitted(70) == 3, "the same bucket"
    assert fitted(70, np.ones(70)) == 4, "weights where there were none"


def test_the_table_of_errors_names_every_error_with_its_built_in_types() -> None:
    text = (GUIDE / "errors.md").read_text(encoding="utf-8")
    listed = {row[0]: set(filter(None, row[1:])) for row in ERROR_ROW.findall(text)}
    actual = {
        name: {base.__name__ for base in cls.__bases__ if hasattr(builtins, base.__name__)}
        for name, cls in public_errors().items()
        if not issubclass(cls, Warning)
    }
    assert listed == actual


def test_the_table_of_warnings_names_every_warning() -> None:
    text = (GUIDE / "errors.md").read_text(encoding="utf-8")
    warned = {name for name, cls in public_errors().items() if issubclass(cls, Warning)}
    assert set(WARNING_ROW.findall(text)) == warned


def control_rows() -> list[tuple[list[str], list[tuple[str, str]]]]:
    """(controls, pairs of a field and its default) of each row of the table of controls."""
    text = (GUIDE / "iteration.md").read_text(encoding="utf-8")
    table = text.split("| control |")[1].split("\n\n")[0]
    return [
        (re.findall(r"(?:^|, )`(\w+)\(", first), re.findall(r"`(\w+)=([^`]*)`", last))
        for first, last in CONTROL_ROW.findall(table)
    ]


def test_the_table_of_controls_names_every_public_control() -> None:
    listed = {name for names, _ in control_rows() for name in names}
    public = {name: getattr(mlj_keras, name) for name in mlj_keras.__all__}
    controls = {
        name
        for name, value in public.items()
        if isinstance(value, type) and issubclass(value, mlj_keras.Control)
    }
    made_by_functions = {"skip", "louder", "debug", "composite", "Checkpoint"}
    assert listed == controls - {"Control", "Criterion"} | made_by_functions


def test_the_defaults_in_the_table_of_controls_are_those_of_the_code() -> None:
    rows = control_rows()
    assert sum(len(defaults) for _, defaults in rows) > 20
    for names, defaults in rows:
        actual = {
            (field, getattr(parameter.default, "__name__", repr(parameter.default)))
            for name in names
            for field, parameter in inspect.signature(getattr(mlj_keras, name)).parameters.items()
        }
        assert set(defaults) <= actual


def test_the_table_of_strategies_has_all_of_them_with_their_defaults() -> None:
    table = (GUIDE / "tuning.md").read_text(encoding="utf-8").partition("## Strategies")[2]
    rows = re.findall(r"^\| `(\w+)\([^|]*\|[^|]*\|([^|]*)\|", table.partition("\n\n```")[0], re.M)
    public = (getattr(mlj_keras, name) for name in mlj_keras.__all__)
    base = mlj_keras.TuningStrategy
    strategies = {
        s for s in public if isinstance(s, type) and issubclass(s, base) and s is not base
    }
    assert {name for name, _ in rows} == {each.__name__ for each in strategies}
    for name, cell in rows:
        told = set(re.findall(r"`(\w+)=([^`]*)`", cell))
        cls = getattr(mlj_keras, name)
        actual = {(f, repr(getattr(_example_of(cls), f))) for f in cls._rules if f != "sampler"}
        assert told == actual


def _example_of(cls: Any) -> Any:
    sampler = pytest.importorskip("optuna", reason="the extra tune").samplers.RandomSampler(1)
    return cls(sampler) if cls is mlj_keras.OptunaSearch else cls()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_names_after_mlj_in_a_document_are_public(path: Path) -> None:
    named = set(CALLED.findall(path.read_text(encoding="utf-8")))
    assert named <= set(mlj_keras.__all__)


def test_the_python_side_of_the_table_of_names_is_public() -> None:
    text = (GUIDE / "julia_to_python.md").read_text(encoding="utf-8")
    cells = re.findall(r"^\|[^|\n]*\|([^|\n]*)\|$", text, re.MULTILINE)
    calls = {name for cell in cells for name in re.findall(r"`(\w+)\(", cell)}
    assert len(calls) > 50
    assert calls <= set(mlj_keras.__all__)


@pytest.mark.parametrize(
    "path",
    [*DOCUMENTS, ROOT / "tutorials" / "index.md", ROOT / "README.md", ROOT / "CHANGELOG.md"],
    ids=lambda path: path.relative_to(ROOT).as_posix(),
)
def test_the_links_of_a_document_lead_to_files(path: Path) -> None:
    links = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if ":" not in link]
    missing = [link for link in links if not (path.parent / link).exists()]
    assert not missing
