"""The links of a built site that lead nowhere inside it. Source: ours."""

from __future__ import annotations

import urllib.parse
from html.parser import HTMLParser
from pathlib import Path

_OUTSIDE = ("http:", "https:", "mailto:", "data:", "javascript:")


class _Page(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value:
                self.links.add(value)
            elif name in ("id", "name") and value:
                self.anchors.add(value)


def dead(site: Path) -> list[tuple[str, str]]:
    """(page, link) of the links of a site to files or anchors that it does not have.

    Args: site: the folder of the built pages.
    Source: ours.
    """
    pages = {path.resolve(): _read(path) for path in sorted(site.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        for link in sorted(page.links):
            if not link.startswith(_OUTSIDE) and not _leads(site.resolve(), path, link, pages):
                found.append((path.relative_to(site.resolve()).as_posix(), link))
    return found


def _read(path: Path) -> _Page:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _leads(site: Path, path: Path, link: str, pages: dict[Path, _Page]) -> bool:
    name, _, anchor = link.partition("#")
    name = urllib.parse.unquote(name.partition("?")[0])
    target = (path.parent / name).resolve() if name else path
    target = target / "index.html" if target.is_dir() else target
    if not target.exists() or not target.is_relative_to(site):
        return False
    return (
        not anchor or target not in pages or urllib.parse.unquote(anchor) in pages[target].anchors
    )
