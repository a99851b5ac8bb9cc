"""Distributions as text and as an HTML table.

Knows labels and numbers only. Source: CategoricalDistributions.jl, src/methods.jl, `show`.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

_MAX_ROWS = 10  # of a vector: more are shown as the first and last five
_MAX_CLASSES = 12  # likewise the first and last six
_GAP = "..."

_TABLE = "border-collapse:collapse;color:inherit;background:transparent"
_CELL = "text-align:right;padding:2px 8px;border-bottom:1px solid rgba(128,128,128,0.3)"
_HEAD = f"{_CELL};font-weight:600"
_NOTE = "color:rgba(128,128,128,1);padding:2px 0"


def one_text(kind: str, labels: Sequence[Any], probabilities: np.ndarray) -> str:
    """`kind(label=>0.97, ...)`, 3 significant digits."""
    pairs = [f"{label}=>{_number(p)}" for label, p in zip(labels, probabilities, strict=True)]
    return f"{kind}({', '.join(_ends(pairs, _MAX_CLASSES))})"


def many_text(title: str, levels: Sequence[Any], rows: Any, probabilities: np.ndarray) -> str:
    """The title and an aligned table of the first and last rows.

    Args:
        title: first line
        levels (K,)
        rows: names (n,), by position
        probabilities (n, K).
    """
    if not len(probabilities):
        return title
    cells = _cells(levels, rows, probabilities)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = ["  ".join(c.rjust(w) for c, w in zip(row, widths, strict=True)) for row in cells]
    return "\n".join([title, *(f"  {line}" for line in lines)])


def many_html(title: str, levels: Sequence[Any], rows: Any, probabilities: np.ndarray) -> str:
    """The same table with inherited colours and greys only: for light and dark pages."""
    head, *body = _cells(levels, rows, probabilities)
    lines = [_row("th", _HEAD, head), *(_row("td", _CELL, cells) for cells in body)]
    return (
        f'<div style="{_NOTE}">{html.escape(title)}</div>'
        f'<table style="{_TABLE}">{"".join(lines)}</table>'
    )


def _row(tag: str, style: str, cells: Sequence[str]) -> str:
    inner = "".join(f'<{tag} style="{style}">{html.escape(cell)}</{tag}>' for cell in cells)
    return f"<tr>{inner}</tr>"


def _cells(levels: Sequence[Any], rows: Any, probabilities: np.ndarray) -> list[list[str]]:
    """A heading and the rows to show, as text."""
    table = [["", *_ends([str(level) for level in levels], _MAX_CLASSES)]]
    for position in _ends(list(range(len(probabilities))), _MAX_ROWS):
        if position == _GAP:
            table.append([_GAP] * len(table[0]))
            continue
        numbers = _ends(probabilities[position].tolist(), _MAX_CLASSES)
        shown = [p if p == _GAP else _number(p) for p in numbers]
        table.append([str(rows[position]), *shown])
    return table


def _ends(items: Sequence[Any], limit: int) -> list[Any]:
    """All items, or the first and last of them with a gap between."""
    if len(items) <= limit:
        return list(items)
    return [*items[: limit // 2], _GAP, *items[len(items) - limit // 2 :]]


def _number(p: float) -> str:
    return f"{p:.3g}"
