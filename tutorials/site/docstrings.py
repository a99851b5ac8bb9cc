"""From a docstring of the package to MyST Markdown.

Knows the headings that docstrings have (`Args:`, `Returns:`, `Example:` ...) and nothing of the
package. Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_HEADING = re.compile(
    r"^((?:Args|Attributes|Class attributes?|Hyper-parameters|Training data|Operations|Returns|"
    r"Raises|Warns|Fitted parameters|Report|Orientation|Example|Source|Deviations?|Yields)"
    r"(?:(?:,| and) [A-Za-z ]+)?):(?: (.*))?$"
)
_ITEM = re.compile(r"^(\*{0,2}\w[\w.]*(?:(?:, | / )\*{0,2}\w[\w.]*)*(?: \([^)]*\))?): (.*)$")
_NEXT_ITEM = re.compile(r" · (?=\*{0,2}\w[\w.]*(?:, \w+)*(?: \([^)]*\))?: )")
# Headings in the middle of a line: "Args: mach: trained. Returns: a list."
_INLINE = re.compile(r"(?<=\.) (?=(?:Returns|Raises|Warns|Report): )")
_CODE = re.compile(r"(?<![`\w{}])`([^`\n]+)`(?!`)")
_CALLED = re.compile(r"^(?:mlj\.)?(\w+)(?:\(.*\))?$", re.DOTALL)


def markdown(docstring: str, names: Collection[str] = ()) -> str:
    """A docstring as Markdown: headings in bold, arguments as lists, examples as code.

    Args:
        docstring: cleaned of its indentation
        names: what a code span is a link to if it is one of them, or a call of it.
    Example:
        >>> print(markdown("Add one.\\n\\nArgs: n: an int.\\nExample:\\n    >>> 1 + 1\\n    2"))
        Add one.
        <BLANKLINE>
        **Args**
        <BLANKLINE>
        - **n**: an int.
        <BLANKLINE>
        **Example**
        <BLANKLINE>
        ```pycon
        >>> 1 + 1
        2
        ```

    Source: ours.
    """
    lines = [part for line in docstring.split("\n") for part in _parted(line)]
    parts = (_part(heading, inside) for heading, inside in _sections(lines))
    return "\n\n".join(_linked(part, names) for part in parts if part)


def _parted(line: str) -> list[str]:
    return _INLINE.split(line) if _HEADING.match(line) else [line]


def _sections(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """(heading, lines); the heading is empty for text that has none, as before the first one and
    where a paragraph follows what a heading holds."""
    heading, body = "", []
    for line in lines:
        found = _HEADING.match(line)
        if found or (heading and body and not body[-1] and line[:1].strip()):
            yield heading, body
            heading, body = (found[1], [found[2]] if found[2] else []) if found else ("", [line])
        else:
            body.append(line)
    yield heading, body


def _part(heading: str, lines: list[str]) -> str:
    if not heading:
        return _prose(lines)
    if heading == "Example":
        code = "\n".join(line.removeprefix("    ") for line in lines).strip("\n")
        return f"**Example**\n\n{_fenced(code)}"
    items = list(_items(lines))
    if any(name for name, _ in items):
        listed = "\n".join(
            f"- **{name}**: {text}" if name else f"- {text}" for name, text in items
        )
        return f"**{heading}**\n\n{listed}"
    return f"**{heading}**: {' '.join(line.strip() for line in lines).strip()}"


def _items(lines: list[str]) -> Iterator[tuple[str, str]]:
    """(name, text) of the arguments under a heading; no name for text that has none."""
    joined: list[str] = []
    for line in lines:
        deeper = line.startswith(" " * 6)
        if joined and (deeper or not _ITEM.match(line.strip())):
            joined[-1] = f"{joined[-1]} {line.strip()}".rstrip()
        else:
            joined.append(line.strip())
    for item in joined:
        for piece in _NEXT_ITEM.split(item):
            found = _ITEM.match(piece)
            if found:
                yield found[1].replace("*", "\\*"), found[2]
            elif piece:
                yield "", piece


def _prose(lines: list[str]) -> str:
    """Paragraphs and tables as they are; what is indented is code, or items."""
    blocks = re.split(r"\n\s*\n", "\n".join(lines).strip("\n"))
    return "\n\n".join(_paragraph(block) for block in blocks)


def _paragraph(block: str) -> str:
    lines = block.split("\n")
    if lines[0].startswith(("    ", ">>> ")):
        return _fenced("\n".join(line.removeprefix("    ") for line in lines))
    indented = next((i for i, line in enumerate(lines) if line.startswith("    ")), len(lines))
    inside = lines[indented:]
    if not inside or not all(line.startswith("    ") for line in inside) or lines[0][0] in "-|*":
        return block
    items = list(_items(inside))
    if not all(name for name, _ in items):
        return "\n".join(lines[:indented]) + "\n\n" + _fenced("\n".join(x[4:] for x in inside))
    listed = "\n".join(f"- **{name}**: {text}" for name, text in items)
    return "\n".join(lines[:indented]) + f"\n\n{listed}"


def _fenced(code: str) -> str:
    kind = "pycon" if code.lstrip().startswith(">>>") else "python"
    return f"```{kind}\n{code}\n```"


def _linked(text: str, names: Collection[str]) -> str:
    """Code spans of public names become links; fenced code stays."""
    pieces = re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL)
    return "".join(
        piece if piece.startswith("```") else _CODE.sub(lambda m: _link(m, names), piece)
        for piece in pieces
    )


def _link(found: re.Match[str], names: Collection[str]) -> str:
    called = _CALLED.match(found[1])
    if called and called[1] in names:
        return f"{{py:obj}}`{found[1]} <mlj_keras.{called[1]}>`"
    return found[0]
