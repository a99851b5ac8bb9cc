"""Tables of text and of HTML, as representations show them.

Knows strings only. Source: ours.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

# Colours follow the reader's light or dark theme: only inherited ones and transparency are used.
TABLE = (
    "border-collapse:collapse;color:inherit;background:transparent;"
    "font-family:monospace;font-size:90%;margin:0.3em 0"
)
CELL = "text-align:left;padding:0.15em 0.7em;border-bottom:1px solid rgba(128,128,128,0.35)"
NUMBER = CELL.replace("left", "right", 1)

_LARGER = "111%"  # in a table, so that tables in it are as large

GAP = "..."  # in the place of what is left out

Rows = Sequence[Sequence[str]]


class Html(str):
    """A text that is HTML already, all in it escaped."""


def text_table(head: Sequence[str], rows: Rows, *, rule: bool = False) -> str:
    """Columns of equal width under a head; with a line under it if `rule`.

    Example:
        >>> print(text_table(["name", "n"], [["a", "10"]]))
        name  n
        a     10

    Source: ours.
    """
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, *([["─" * width for width in widths]] if rule else []), *rows]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def grid_html(head: Sequence[str], rows: Rows) -> str:
    """The same table in HTML; all is escaped."""
    return _table(f"<thead>{_line('th', head)}</thead>", (_line("td", row) for row in rows))


def html_table(title: str, facts: Mapping[str, str], *, bold: Collection[str] = ()) -> str:
    """A titled HTML table of names and texts, those in `bold` emphasised; all but Html is
    escaped."""
    rows = (
        f'<tr><td style="{CELL}">{html.escape(name)}</td>'
        f'<td style="{CELL};font-weight:{"bold" if name in bold else "normal"}">'
        f"{_escaped(text)}</td></tr>"
        for name, text in facts.items()
    )
    return titled_html(title, _table("", rows))


def titled_html(title: str, body: str) -> str:
    """HTML under a title, which is escaped; what is too wide can be scrolled."""
    return f'<div style="overflow-x:auto"><b>{html.escape(title)}</b>{body}</div>'


def opened_html(summary: str, body: str) -> Html:
    """HTML that is seen on a click on a text, which is escaped."""
    head = f'<summary style="cursor:pointer">{html.escape(summary)}</summary>'
    return Html(f'<details>{head}<div style="font-size:{_LARGER}">{body}</div></details>')


def ends(items: Sequence[Any], limit: int, gap: Any = GAP) -> list[Any]:
    """All items, or the first and the last of them with a gap between.

    Example:
        >>> ends("abcdef", 4)
        ['a', 'b', '...', 'e', 'f']

    Source: ours.
    """
    if len(items) <= limit:
        return list(items)
    return [*items[: limit // 2], gap, *items[len(items) - limit // 2 :]]


def _escaped(text: str) -> str:
    return text if isinstance(text, Html) else html.escape(text)


def _table(head: str, rows: Iterable[str]) -> str:
    return f'<table style="{TABLE}">{head}<tbody>{"".join(rows)}</tbody></table>'


def _line(tag: str, cells: Sequence[str]) -> str:
    inner = "".join(f'<{tag} style="{CELL}">{html.escape(cell)}</{tag}>' for cell in cells)
    return f"<tr>{inner}</tr>"
