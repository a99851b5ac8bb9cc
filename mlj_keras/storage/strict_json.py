"""JSON as this package writes it, and nothing else: no repeated names, no NaN, no bottomless
nesting, no endless numbers.

Knows nothing of what it says. Source: RFC 8259, of which this is a part.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

_MAX_DIGITS = 400
_LONG = re.compile(rb"[0-9]{%d}" % _MAX_DIGITS)


def dumped(value: Any) -> bytes:
    """A value as JSON: sorted names, so that equal values give equal bytes.

    Raises: ValueError for NaN and infinite numbers; TypeError for what JSON cannot hold.
    Example:
        >>> dumped({"b": 1, "a": None})
        b'{"a":null,"b":1}'

    Source: ours.
    """
    text = json.dumps(value, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return text.encode()


def loaded(text: bytes | memoryview, what: str) -> Any:
    """The value of a JSON text.

    Args: text: UTF-8 · what: it is, for messages.
    Raises: ValueError for anything that `dumped` does not write.
    Example:
        >>> loaded(b'{"a": 1, "a": 2}', "it")
        Traceback (most recent call last):
        ValueError: it has the name 'a' twice

    Source: ours.
    """
    try:
        return json.loads(
            bytes(text).decode("utf-8"),  # which keeps a byte order mark, and JSON refuses it
            object_pairs_hook=_without_repeats(what),
            parse_constant=_no_constant(what),
            parse_int=_number(int, what) if _LONG.search(text) else None,  # which is faster
            parse_float=_number(float, what),
        )
    except RecursionError as error:
        raise ValueError(f"{what} is nested too deeply") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{what} is no UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"{what} is no JSON: {error}") from error


def _without_repeats(what: str) -> Any:
    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) < len(items):
            names = [name for name, _ in items]
            twice = next(name for name, n in Counter(names).items() if n > 1)
            raise ValueError(f"{what} has the name {twice!r:.60} twice")
        return found

    return pairs


def _no_constant(what: str) -> Any:
    def constant(name: str) -> Any:
        raise ValueError(f"{what} has the number {name}, which JSON does not know")

    return constant


def _number(kind: type, what: str) -> Any:
    def number(text: str) -> Any:
        if len(text) > _MAX_DIGITS:
            raise ValueError(f"{what} has a number of {len(text)} digits")
        found = kind(text)
        if found in (float("inf"), float("-inf")):
            raise ValueError(f"{what} has the number {text:.20}, which is too large")
        return found

    return number
