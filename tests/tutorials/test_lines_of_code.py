"""The guide `lines_of_code` has the counts of the programs that are kept, and ours run.

Source: ours.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.benchmarks import lines_of_code

GUIDE = lines_of_code.ROOT / "tutorials" / "guide" / "lines_of_code.md"


@pytest.mark.parametrize("library", lines_of_code.LIBRARIES)
def test_the_table_in_the_guide_is_that_of_the_programs(library: str) -> None:
    assert f"\n\n{lines_of_code.table(library)}\n\n" in GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("side", "language"), [("there", "julia"), ("here", "python")])
def test_the_example_in_the_guide_is_the_first_task(side: str, language: str) -> None:
    first, *_ = lines_of_code.tasks(lines_of_code.program("mljflux", side)).values()
    blocks = re.findall(rf"^```{language}\n(.*?)^```$", GUIDE.read_text("utf-8"), re.M | re.S)
    assert blocks == [first.strip("\n") + "\n"]


@pytest.mark.slow
@pytest.mark.parametrize("library", lines_of_code.LIBRARIES)
def test_our_program_runs(library: str) -> None:
    assert lines_of_code.run(lines_of_code.program(library, "here"))


def test_a_program_that_fails_says_why(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("print('so far')\nraise KeyError('gone')\n")
    with pytest.raises(RuntimeError, match=r"(?s)program.py failed:.*so far.*KeyError: 'gone'"):
        lines_of_code.run(tmp_path / "program.py")


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("", 0),
        ("# a comment\n", 0),
        ("import keras\nx = f(\n    1,\n    2,\n)\n", 2),
        ("a = 1; b = 2\n", 2),
        ("def f(x):\n    '''Twice.'''\n    return 2 * x\n", 2),
        ("class A:\n    n: int = 1\n", 2),
        ("for a in b:\n    print(a)\nelse:\n    print()\n", 3),
        ("assert len(x) == 1\n", 0),
    ],
)
def test_statements_of_python_are_counted(source: str, count: int) -> None:
    assert lines_of_code.python_statements(source) == count


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("", 0),
        ("# a comment (\n\n", 0),
        ("using MLJ, DataFrames\nx = f(\n    1,  # one\n    2,\n)\n", 2),
        ("function f(x)\n    y = 2x\n    return y\nend\n", 3),
        ('name = "a ( bracket"\nother = "an \\" and a # sign ("\n', 2),
        ("struct A\n    n::Int\nend\n", 2),
    ],
)
def test_statements_of_julia_are_counted(source: str, count: int) -> None:
    assert lines_of_code.julia_statements(source) == count


@pytest.mark.parametrize("source", ["f(1\n", "f(1))\n"])
def test_brackets_of_julia_have_to_match(source: str) -> None:
    with pytest.raises(ValueError, match="not closed|not opened"):
        lines_of_code.julia_statements(source)


def test_both_sides_must_have_the_same_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines_of_code, "SIDES", tmp_path)
    monkeypatch.setattr(lines_of_code, "LIBRARIES", {"lib": "Lib"})
    (tmp_path / "lib_there.jl").write_text("# %% First\nf(x)\ng(x)\n# %% Second\nh(x)\n")
    (tmp_path / "lib_here.py").write_text("# %% First\nf(x)\n# %% Second\nh(x)\n")
    assert lines_of_code.rows("lib") == [("First", 2, 1), ("Second", 1, 1), ("together", 3, 2)]

    (tmp_path / "lib_here.py").write_text("# %% First\nf(x)\n")
    with pytest.raises(ValueError, match="the tasks of lib_there.jl are not those of lib_here.py"):
        lines_of_code.rows("lib")
