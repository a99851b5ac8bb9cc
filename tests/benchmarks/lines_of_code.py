"""How long the quick starts of MLJFlux, skorch and SciKeras are there, and how long here.

`sides_of_code/` has two programs for each of the three, `NAME_there` and `NAME_here`. Both consist
of the same tasks, each under a line `# %% TITLE`; a task goes on with what those above it have
made. `python -m tests.benchmarks.lines_of_code` runs ours and prints the tables of the guide
`lines_of_code`; with `--there PYTHON` that interpreter, which needs skorch and SciKeras, runs
theirs. Nothing runs the programs in Julia: they are counted only.

What counts is a statement, however many lines it is broken into: an import, an assignment, a call,
a `return`, the head of a `def`, `class` or loop. Comments, `assert` and what only closes a block
(`end` in Julia) do not count.
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
SIDES = Path(__file__).parent / "sides_of_code"
LIBRARIES = {"mljflux": "MLJFlux", "skorch": "skorch", "scikeras": "SciKeras"}
TITLE = re.compile(r"^# %% (.+)$", re.MULTILINE)
JULIA_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
NO_STATEMENTS = ("", "end", "else")  # lines of Julia that only close a block
TIMEOUT_S = 1200


class Row(NamedTuple):
    """A task, and how many statements it takes."""

    task: str
    there: int
    here: int


def program(library: str, side: str) -> Path:
    """The program of a library, for the side "there" or "here"."""
    (path,) = SIDES.glob(f"{library}_{side}.*")
    return path


def tasks(path: Path) -> dict[str, str]:
    """Title → source of each task of a program, in their order."""
    pieces = TITLE.split(path.read_text(encoding="utf-8"))
    return dict(zip(pieces[1::2], pieces[2::2], strict=True))


def python_statements(source: str) -> int:
    """How many statements Python code has, without `assert` and docstrings."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.stmt)]
    return sum(not isinstance(node, ast.Assert) and not _is_text(node) for node in nodes)


def _is_text(node: ast.stmt) -> bool:
    """Whether a statement is a string alone, as docstrings are."""
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant and isinstance(node.value.value, str)


def julia_statements(source: str) -> int:
    """How many statements Julia code has, one a line, or several lines between brackets.

    Raises: ValueError for brackets that are not closed.
    """
    count = depth = 0
    for line in source.splitlines():
        code = JULIA_STRING.sub('""', line).split("#")[0].strip()
        count += depth == 0 and code not in NO_STATEMENTS
        depth += sum(code.count(bracket) for bracket in "([{")
        depth -= sum(code.count(bracket) for bracket in ")]}")
        if depth < 0:
            raise ValueError(f"a bracket is closed that was not opened: {line}")
    if depth:
        raise ValueError(f"{depth} brackets are not closed")
    return count


def rows(library: str) -> list[Row]:
    """The tasks of a library with the statements there and here, and their sums.

    Raises: ValueError if the two sides have other tasks.
    """
    there, here = program(library, "there"), program(library, "here")
    count = julia_statements if there.suffix == ".jl" else python_statements
    theirs, ours = tasks(there), tasks(here)
    if list(theirs) != list(ours):
        raise ValueError(f"the tasks of {there.name} are not those of {here.name}")
    found = [Row(task, count(theirs[task]), python_statements(ours[task])) for task in ours]
    sums = Row("together", sum(row.there for row in found), sum(row.here for row in found))
    return [*found, sums]


def table(library: str) -> str:
    """The rows as a table in Markdown."""
    lines = [f"| task | {LIBRARIES[library]} | here |", "|---|---|---|"]
    lines += [f"| {row.task} | {row.there} | {row.here} |" for row in rows(library)]
    return "\n".join(lines)


def run(path: Path, python: str = sys.executable) -> str:
    """What a program says, run by an interpreter in an empty folder.

    Raises: RuntimeError with the end of its output if it fails.
    """
    settings = {
        "PYTHONPATH": str(ROOT),
        "MPLBACKEND": "Agg",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "OMP_NUM_THREADS": "1",  # PyTorch is slow where several programs share the cores
    }
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [python, str(path)],
            cwd=folder,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
        )
    if done.returncode:
        raise RuntimeError(f"{path.name} failed:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def main() -> None:
    """Runs the programs, then prints the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--there", metavar="PYTHON", help="runs skorch's and SciKeras' programs")
    there = parser.parse_args().there
    for library in LIBRARIES:
        run(program(library, "here"))
        theirs = program(library, "there")
        if there and theirs.suffix == ".py":
            run(theirs, there)
        elsewhere = "ran" if there and theirs.suffix == ".py" else "was counted only"
        print(f"{LIBRARIES[library]}: ours ran, theirs {elsewhere}", file=sys.stderr)
    print("\n\n".join(table(library) for library in LIBRARIES))


if __name__ == "__main__":
    main()
