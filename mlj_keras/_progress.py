"""The progress bar of everything that takes long. Knows nothing else. Source: ours; tqdm."""

from __future__ import annotations

from typing import Any

from mlj_keras._warnings import ignoring

_DELAY_S = 1.0  # what is faster shows none


def progress_bar(what: str, *, unit: str, total: int, done: int = 0, shown: bool = True) -> Any:
    """A bar of tqdm, to be used in a `with` or closed; one that shows nothing unless `shown`."""
    with ignoring():  # tqdm warns in notebooks without widgets, and then works
        from tqdm.auto import tqdm

    options: Any = {"total": total, "initial": done, "delay": _DELAY_S, "leave": False}
    return tqdm(desc=what, unit=unit, disable=not shown, **options)
