"""How records look in a notebook: each value in a few words, and more of it on a click.

Knows values only, and what they say of themselves. Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from mlj_keras._display import GAP, Html, ends, grid_html, html_table, opened_html

_WORDS = 80  # characters of a value
_CELL = 32  # characters of a cell in a table of a frame
_NUMBERS = 6  # of an array
_ROWS, _COLUMNS = 10, 12  # of a frame
_MANY = 99  # of a sequence, whose kinds are looked at
_ENTRIES = 20  # of a mapping or a sequence
_DEPTH = 4  # of values inside values


def record_html(title: str, values: Mapping[str, Any], depth: int = 0) -> str:
    """A table of named values."""
    return html_table(title, {str(name): shown(v, depth) for name, v in values.items()})


def shown(value: Any, depth: int = 0) -> str | Html:
    """A value in a few words; HTML if there is more to it."""
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, str | bytes | type(None) | bool | int):
        return _cut(repr(value))
    if depth >= _DEPTH:
        return type(value).__name__
    if hasattr(value, "columns") and hasattr(value, "iloc"):
        return _frame(value)
    if hasattr(value, "_asdict"):
        return _entries(type(value).__name__, value._asdict(), depth)
    if isinstance(value, Mapping):
        return _entries("", value, depth)
    if isinstance(value, list | tuple):
        return _sequence(value, depth)
    if hasattr(value, "_repr_html_"):
        return opened_html(_cut(_first_line(value)), value._repr_html_())
    if hasattr(value, "get_config") and hasattr(value, "layers"):  # a Keras model
        return f"<{type(value).__name__} {value.name}>"
    return _cut(_first_line(value))


def _cut(text: str, most: int = _WORDS) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 3]}{GAP}"


def _first_line(value: Any) -> str:
    return (repr(value).splitlines() or [""])[0]


def _number(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | np.floating) else str(value)


def _array(values: np.ndarray) -> str:
    """The kind, the shape and some of the numbers."""
    kind = " ".join([" x ".join(map(str, values.shape)), str(values.dtype)]).lstrip()
    places = ends(range(values.size), _NUMBERS)
    numbers = (GAP if place is GAP else _number(values.flat[place]) for place in places)
    return _cut(f"{kind}: {', '.join(numbers)}")


def _entries(kind: str, values: Mapping[Any, Any], depth: int) -> str | Html:
    """A mapping: its names, and its values on a click."""
    if not values:
        return f"{kind}()" if kind else "{}"
    names = ", ".join(map(str, list(values)[:_ENTRIES]))
    few = dict(list(values.items())[:_ENTRIES])
    left = len(values) - len(few)
    more = {GAP: f"{left} more"} if left else {}
    inner = html_table("", {**{str(n): shown(v, depth + 1) for n, v in few.items()}, **more})
    return opened_html(_cut(f"{kind}({names})" if kind else f"{len(values)}: {names}"), inner)


def _sequence(values: Sequence[Any], depth: int) -> str | Html:
    """Plain values one after another; others on a click."""
    if all(map(_is_plain, values[:_MANY])):
        texts = [v if v is GAP else _plain(v) for v in ends(values, 2 * _NUMBERS)]
        count = f" ({len(values)})" if len(values) > 2 * _NUMBERS else ""
        return _cut(_bracketed(values, texts)) + count
    kinds = ", ".join(dict.fromkeys(type(v).__name__ for v in values[:_MANY]))
    return opened_html(
        _cut(f"{len(values)} of {kinds}"), record_html("", _numbered(values), depth + 1)
    )


def _is_plain(value: Any) -> bool:
    """Whether a value is a few words, or a few of such values."""
    if isinstance(value, list | tuple):
        return len(value) <= _NUMBERS and all(map(_is_plain, value))
    return isinstance(value, str | bool | int | float | np.generic | None)


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return _bracketed(value, list(map(_plain, value)))
    if isinstance(value, np.generic):
        value = value.item()
    return _number(value) if isinstance(value, float) else repr(value)


def _bracketed(values: Sequence[Any], texts: Sequence[str]) -> str:
    inner = ", ".join(texts)
    if isinstance(values, tuple):
        return f"({inner},)" if len(values) == 1 else f"({inner})"
    return f"[{inner}]"


def _numbered(values: Sequence[Any]) -> dict[str, Any]:
    """The first values by their positions."""
    found = {str(i): value for i, value in enumerate(values[:_ENTRIES])}
    left = len(values) - len(found)
    return {**found, **({GAP: f"{left} more"} if left else {})}


def _frame(frame: Any) -> Html:
    """The first and last rows of a pandas frame, on a click."""
    n_rows, n_columns = frame.shape
    columns = ends(range(n_columns), _COLUMNS)
    head = ["", *(GAP if j is GAP else str(frame.columns[j]) for j in columns)]
    rows = [
        [GAP] * len(head) if i is GAP else [str(frame.index[i]), *_cells(frame, i, columns)]
        for i in ends(range(n_rows), _ROWS)
    ]
    s = "" if n_rows == 1 else "s"
    return opened_html(
        _cut(f"{n_rows} row{s}: {', '.join(map(str, frame.columns))}"), grid_html(head, rows)
    )


def _cells(frame: Any, i: int, columns: Iterable[Any]) -> list[str]:
    cells = (GAP if j is GAP else frame.iat[i, j] for j in columns)
    return [_cut(_number(cell), _CELL) for cell in cells]
