"""Scripts in the percent format as notebooks. Source: ours."""

from __future__ import annotations

from typing import Any

import jupytext


def read(text: str) -> Any:
    """The notebook of a script, which says that it is Python.

    Args: text: a script in the percent format.
    Source: ours.
    """
    notebook = jupytext.reads(text, fmt="py:percent")
    notebook.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    notebook.metadata["language_info"] = {"name": "python"}
    return notebook
