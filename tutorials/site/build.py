"""Build the site: `python tutorials/site/build.py`, which `make docs` calls.

The documents are staged in build/site-source as they lie in the repository, so that their links
lead where they lead there; the pages of the reference and of the timings are made, and Sphinx
writes build/site. Warnings are errors, and every link inside has to lead somewhere.

Sphinx rather than MkDocs: it reads the scripts of the tutorials as they are and runs them as
notebooks, indexes every name of the reference for its search and for other projects, and its
pages need nothing from elsewhere. Source: ours.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import benchmarks
import jupytext
import links
import reference
import scripts

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "tutorials" / "site"
_PYTHON_LINK = re.compile(r"\]\(([^):#]+\.py)\)")
BESIDE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "LICENSE")


def stage(target: Path) -> None:
    """Write all sources of the site to a folder, which is emptied first.

    Args: target: the folder.
    Source: ours.
    """
    shutil.rmtree(target, ignore_errors=True)
    tutorials = target / "tutorials"
    shutil.copytree(
        ROOT / "tutorials", tutorials, ignore=shutil.ignore_patterns("__pycache__", "*.ipynb")
    )
    for name in BESIDE:
        shutil.copy(ROOT / name, target / name)
    shutil.copy(SITE / "index.md", target / "index.md")
    shutil.copytree(SITE / "_static", target / "_static")
    (target / "tests" / "benchmarks").mkdir(parents=True)
    benchmarks.write(ROOT / "tests" / "benchmarks", target / "tests" / "benchmarks")
    (target / "reference").mkdir()
    for name, text in reference.pages().items():
        (target / "reference" / name).write_text(text, encoding="utf-8")
    (target / "notebooks").mkdir()
    for script in pages_of(tutorials):
        as_notebook(script, target / "notebooks" / f"{script.stem}.ipynb")
    link_to_text(target)


def link_to_text(target: Path) -> None:
    """Make links to Python files that are no pages links to copies of them, as text.

    Args: target: the staged sources, whose documents are changed.
    Source: ours.
    """
    pages = {page.resolve() for page in pages_of(target / "tutorials")}
    for document in [*target.rglob("*.md"), *pages]:
        text = document.read_text(encoding="utf-8")
        for link in set(_PYTHON_LINK.findall(text)):
            file = (document.parent / link).resolve()
            if file in pages:
                continue
            copy = file.with_suffix(".py.txt")
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file.relative_to(target.resolve()), copy)
            text = text.replace(f"({link})", f"({link}.txt)")
        document.write_text(text, encoding="utf-8")


def pages_of(tutorials: Path) -> list[Path]:
    """The scripts that become pages: the numbered ones and the gallery."""
    return [*sorted(tutorials.glob("[0-9]*.py")), *tutorials.glob("gallery.py")]


def as_notebook(script: Path, notebook: Path) -> None:
    """Write a script as a notebook too, and link the page of the script to it."""
    text = script.read_text(encoding="utf-8")
    jupytext.write(scripts.read(text), notebook)
    title, rest = text.split("\n#\n", 1)
    link = f"# {{download}}`Download this page as a notebook <../notebooks/{notebook.name}>`"
    script.write_text(f"{title}\n#\n{link}\n#\n{rest}", encoding="utf-8")


def main() -> None:
    """Stage, build, and check the links."""
    parser = argparse.ArgumentParser(description="Build the site into build/site.")
    parser.add_argument(
        "--execution",
        choices=("off", "cache", "force"),
        default="cache",
        help="whether the tutorials are run for their outputs: cache runs those that have changed",
    )
    parser.add_argument("--target", type=Path, default=ROOT / "build")
    given = parser.parse_args()
    source, site = given.target / "site-source", given.target / "site"
    stage(source)
    shutil.rmtree(site, ignore_errors=True)
    environment = {
        **os.environ,
        "SITE_EXECUTION": given.execution,
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--keep-going", "--quiet"]
    done = subprocess.run(
        [
            *command,
            "-c",
            str(SITE),
            "-d",
            str(given.target / "site-cache"),
            str(source),
            str(site),
        ],
        env=environment,
    )
    dead = links.dead(site) if done.returncode == 0 else []
    for page, link in dead:
        sys.stderr.write(f"{page}: {link} leads nowhere\n")
    if done.returncode or dead:
        sys.exit(1)
    sys.stdout.write(f"{len(list(site.rglob('*.html')))} pages in {site}\n")


if __name__ == "__main__":
    main()
