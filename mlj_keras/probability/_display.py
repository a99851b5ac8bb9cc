"""Distributions as text and as an HTML table.

Knows labels and numbers only. Source: CategoricalDistributions.jl, src/methods.jl, `show`.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import numpy as np

from mlj_keras._display import GAP, NUMBER, TABLE, ends, grid_html, titled_html

_MAX_ROWS = 10  # of a vector: more are shown as the first and last five
_MAX_CLASSES = 12  # likewise the first and last six
_GONE = (GAP, GAP)

_HEAD = f"{NUMBER};font-weight:bold"


def one_text(kind: str, labels: Sequence[Any], probabilities: np.ndarray) -> str:
    """`kind(label=>0.97, ...)`, 3 significant digits."""
    pairs = [f"{label}=>{_number(p)}" for label, p in zip(labels, probabilities, strict=True)]
    return f"{kind}({', '.join(ends(pairs, _MAX_CLASSES))})"


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
    lines = [_row("th", _HEAD, head), *(_row("td", NUMBER, cells) for cells in body)]
    return (
        f'<div style="font-weight:bold">{html.escape(title)}</div>'
        f'<table style="{TABLE}">{"".join(lines)}</table>'
    )


def one_html(title: str, labels: Sequence[Any], probabilities: np.ndarray) -> str:
    """A table of a single distribution, the labels below one another."""
    pairs = list(zip(map(str, labels), map(_number, probabilities), strict=True))
    return titled_html(
        title, grid_html(["level", "probability"], ends(pairs, _MAX_CLASSES, _GONE))
    )


def _row(tag: str, style: str, cells: Sequence[str]) -> str:
    inner = "".join(f'<{tag} style="{style}">{html.escape(cell)}</{tag}>' for cell in cells)
    return f"<tr>{inner}</tr>"


def _cells(levels: Sequence[Any], rows: Any, probabilities: np.ndarray) -> list[list[str]]:
    """A heading and the rows to show, as text."""
    table = [["", *ends([str(level) for level in levels], _MAX_CLASSES)]]
    for position in ends(list(range(len(probabilities))), _MAX_ROWS):
        if position == GAP:
            table.append([GAP] * len(table[0]))
            continue
        numbers = ends(probabilities[position].tolist(), _MAX_CLASSES)
        shown = [p if p == GAP else _number(p) for p in numbers]
        table.append([str(rows[position]), *shown])
    return table


def _number(p: float) -> str:
    return f"{p:.3g}"
