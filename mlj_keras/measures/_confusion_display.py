"""How confusion matrices look: a box of text, and an HTML table for notebooks.

Knows labels and a matrix of counts. Source: StatisticalMeasures.jl, src/confusion_matrices.jl.
"""

from __future__ import annotations

import html
import shutil
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._display import NUMBER, TABLE

_TRUTH, _PREDICTED = "Ground Truth", "Predicted"
_LABEL_LENGTH = 9
_SHOWN = 30  # levels in an HTML table; a larger one would hold the notebook up

_CELL = f"{NUMBER};border:1px solid rgba(128,128,128,0.35)"


def confusion_text(levels: Sequence[Any], matrix: np.ndarray) -> str:
    """A box with the truth across the top; the bare matrix where the terminal is too narrow."""
    labels = [_cropped(level) for level in levels]
    counts = [[str(count) for count in row] for row in matrix.tolist()]
    n = len(labels)
    first = max(map(len, [_PREDICTED, *labels])) + 2
    cell = max(map(len, [*labels, *(count for row in counts for count in row)])) + 2
    cell = max(cell, -(-(len(_TRUTH) + 3 - n) // n))  # the header fits over n cells
    if first + 2 + (cell + 1) * n > shutil.get_terminal_size().columns:
        names = ", ".join(labels[:_SHOWN]) + (", ..." if n > _SHOWN else "")
        return f"Confusion matrix of {names}; rows {_PREDICTED}, columns {_TRUTH}\n{matrix}"
    return "\n".join(_box(labels, counts, first, cell))


def _box(labels: list[str], counts: list[list[str]], first: int, cell: int) -> list[str]:
    def line(left: str, cross: str, between: str, right: str) -> str:
        return left + "─" * first + cross + between.join(["─" * cell] * len(labels)) + right

    def row(name: str, cells: list[str]) -> str:
        return "│".join(["", f"{name:^{first}}", *(f"{text:^{cell}}" for text in cells), ""])

    inner = (cell + 1) * len(labels) - 1
    indent = " " * (first + 1)
    lines = [f"{indent}┌{'─' * inner}┐", f"{indent}│{_TRUTH:^{inner}}│"]
    lines += [line("┌", "┼", "┬", "┤"), row(_PREDICTED, labels)]
    for name, cells in zip(labels, counts, strict=True):
        lines += [line("├", "┼", "┼", "┤"), row(name, cells)]
    return [*lines, line("└", "┴", "┴", "┘")]


def confusion_html(levels: Sequence[Any], matrix: np.ndarray) -> str:
    """An HTML table with the truth across the top and the right predictions in bold."""

    def cell(text: Any, tag: str = "td", style: str = "", span: int = 1) -> str:
        spans = f' colspan="{span}"' if span > 1 else ""
        return f'<{tag}{spans} style="{_CELL}{style}">{html.escape(str(text))}</{tag}>'

    shown = list(levels)[:_SHOWN]
    n = len(shown)
    head = cell("", "th") + cell(_TRUTH, "th", ";text-align:center", n)
    names = cell(_PREDICTED, "th") + "".join(cell(level, "th") for level in shown)
    body = "".join(
        f"<tr>{cell(level, 'th')}"
        + "".join(
            cell(matrix[i, j], style=";font-weight:bold" if i == j else "") for j in range(n)
        )
        + "</tr>"
        for i, level in enumerate(shown)
    )
    more = len(levels) - n
    rest = f"<div>... and {more} more levels: see to_pandas()</div>" if more else ""
    return (
        f'<div><table style="{TABLE}"><thead><tr>{head}</tr><tr>{names}</tr></thead>'
        f"<tbody>{body}</tbody></table>{rest}</div>"
    )


def _cropped(level: Any) -> str:
    """A label in one line, of at most 9 characters and an ellipsis."""
    text = " ".join(str(level).splitlines())
    return text[:_LABEL_LENGTH] + "…" if len(text) > _LABEL_LENGTH else text
