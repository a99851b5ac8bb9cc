"""The site: docstrings as Markdown, every public name in the reference, no warning, no dead link.

Source: ours.
"""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import mlj_keras as mlj
from mlj_keras import errors, plots

ROOT = Path(__file__).parents[2]
SITE = ROOT / "tutorials" / "site"
DIRECTIVE = re.compile(r"^::::\{py:\w+\} ([\w.]+)", re.MULTILINE)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The modules that build the site, which import one another by plain names."""
    monkeypatch.syspath_prepend(str(SITE))
    names = [path.stem for path in SITE.glob("*.py") if path.stem != "conf"]
    assert not set(names) & set(sys.modules)
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        del sys.modules[name]


def test_arguments_become_a_list_and_examples_code(site: dict[str, ModuleType]) -> None:
    text = (
        "Do it, see `fit`.\n\nArgs:\n    a, b: the first,\n        and more · c: the last\n"
        "    rest: of it.\nReturns: `d`; nothing\n    else.\nExample:\n    >>> 1\n\n    >>> 2\n\n"
        "Source: ours."
    )
    assert site["docstrings"].markdown(text, {"fit"}) == (
        "Do it, see {py:obj}`fit <mlj_keras.fit>`.\n\n"
        "**Args**\n\n- **a, b**: the first, and more\n- **c**: the last\n- **rest**: of it.\n\n"
        "**Returns**: `d`; nothing else.\n\n"
        "**Example**\n\n```pycon\n>>> 1\n\n>>> 2\n```\n\n"
        "**Source**: ours."
    )


def test_headings_in_the_middle_of_a_line_are_headings(site: dict[str, ModuleType]) -> None:
    text = "Do it.\n\nArgs: a: the first. Returns: a list. Raises: NotTrainedError.\nSource: ours."
    assert site["docstrings"].markdown(text) == (
        "Do it.\n\n**Args**\n\n- **a**: the first.\n\n**Returns**: a list.\n\n"
        "**Raises**: NotTrainedError.\n\n**Source**: ours."
    )


def test_a_paragraph_after_a_list_is_not_of_its_last_item(site: dict[str, ModuleType]) -> None:
    text = "Do it.\n\nHyper-parameters:\n    a: one.\n\nIt is done at once.\n\nSource: ours."
    assert "- **a**: one.\n\nIt is done at once." in site["docstrings"].markdown(text)


def test_tables_and_code_of_a_docstring_stay(site: dict[str, ModuleType]) -> None:
    text = "Do it.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n    x = 1\n    y = 2"
    assert site["docstrings"].markdown(text) == (
        "Do it.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```python\nx = 1\ny = 2\n```"
    )


def test_the_reference_has_every_public_name_once(site: dict[str, ModuleType]) -> None:
    pages = site["reference"].pages()
    named = [name for text in pages.values() for name in DIRECTIVE.findall(text)]
    assert len(named) == len(set(named))
    of_errors = {
        name for name, value in vars(errors).items() if isinstance(value, type) and name[0] != "_"
    }
    assert {f"mlj_keras.{name}" for name in mlj.__all__} <= set(named)
    assert {f"mlj_keras.plots.{name}" for name in plots.__all__} <= set(named)
    assert {f"mlj_keras.errors.{name}" for name in of_errors} <= set(named)


def test_a_class_is_shown_with_its_base_its_signature_and_its_methods(
    site: dict[str, ModuleType],
) -> None:
    page = site["reference"].pages()["tuning.md"]
    entry = page.split("::::{py:class} mlj_keras.Grid(")[1].split("\n::::")[0]
    assert entry.startswith("*, goal=None, resolution=10, shuffle=True, rng=None)")
    assert "*Base: {py:obj}`TuningStrategy <mlj_keras.TuningStrategy>`*" in entry
    assert ":::{py:method} start(" in entry
    assert ">>> " in entry


def test_links_to_files_and_anchors_that_are_not_there_are_found(
    site: dict[str, ModuleType], tmp_path: Path
) -> None:
    (tmp_path / "outside.txt").write_text("not of the site")
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "a.html").write_text(
        '<a href="b.html#there">1</a><a href="b.html#not">2</a><a href="c.html">3</a>'
        '<a href="#own" id="own">4</a><img src="d.png"><a href="../outside.txt">6</a><a href="https://example.org">5</a>'
    )
    (folder / "b.html").write_text('<p id="there">')
    assert site["links"].dead(folder) == [
        ("a.html", "../outside.txt"),
        ("a.html", "b.html#not"),
        ("a.html", "c.html"),
        ("a.html", "d.png"),
    ]


def test_the_page_of_the_timings_has_a_picture_of_the_figures(
    site: dict[str, ModuleType], tmp_path: Path
) -> None:
    source = ROOT / "tests" / "benchmarks"
    site["benchmarks"].write(source, tmp_path)
    machine = json.loads((source / "results.json").read_text())["machine"]
    text = (tmp_path / "RESULTS.md").read_text(encoding="utf-8")
    assert machine["date"] in text and "](ratios.png)" in text
    assert text.split("\n\n", 3)[3] == (source / "RESULTS.md").read_text().split("\n\n", 1)[1]
    assert (tmp_path / "ratios.png").read_bytes().startswith(b"\x89PNG")


def test_every_document_is_in_the_contents_of_the_site() -> None:
    text = (SITE / "index.md").read_text(encoding="utf-8")
    for path in [
        *(ROOT / "tutorials").glob("[0-9]*.py"),
        *(ROOT / "tutorials/guide").glob("*.md"),
    ]:
        assert f"\n{path.relative_to(ROOT).with_suffix('').as_posix()}\n" in text


@pytest.mark.slow
def test_the_site_is_built_without_a_warning_or_a_dead_link(tmp_path: Path) -> None:
    command = [str(SITE / "build.py"), "--execution", "off", "--target", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=900, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"\d\d+ pages in .*", done.stdout.strip())
    quick = (tmp_path / "site/tutorials/01_quick_start.html").read_text(encoding="utf-8")
    assert 'href="../_downloads/' in quick and "penguins" in quick
    assert (tmp_path / "site/searchindex.js").exists()
