"""The memory that arrays may take: asked for before they are made, so that data which declare a
huge size are refused in words, and not by a process that is killed.

Knows numbers of bytes only. Source: ours.
"""

from __future__ import annotations

import functools
import os
import pathlib

from mlj_keras.errors import MemoryBudgetError

_UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


@functools.cache
def memory_allowed() -> int | None:
    """Bytes of memory that this process can have: those of the machine, or of its container where
    that has fewer; None where the system does not say.

    Example:
        >>> allowed = memory_allowed()
        >>> allowed is None or allowed > 2**20
        True

    Source: ours.
    """
    found = []
    try:
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):  # on Windows
        pass
    for path in _LIMITS:
        try:
            found.append(int(pathlib.Path(path).read_text()))
        except (OSError, ValueError):  # there is none, or it says "max"
            pass
    return min((number for number in found if number > 0), default=None)


def check_budget(n_bytes: int, *, what: str, advice: str) -> None:
    """Nothing, if arrays of so many bytes fit the memory that there is.

    Args: n_bytes: needed at once · what: begins the message, such as "X" · advice: what to do.
    Raises: MemoryBudgetError naming the bytes needed and allowed.
    Example:
        >>> check_budget(8, what="X", advice="Give fewer columns.")
        >>> try:
        ...     check_budget(2**70, what="X", advice="Give fewer columns.")
        ... except MemoryError as error:
        ...     print(str(error)[:44])
        X needs 1024.0 EiB of memory, and there are

    Source: ours.
    """
    allowed = memory_allowed()
    if allowed is not None and n_bytes > allowed:
        raise MemoryBudgetError(
            f"{what} needs {_readable(n_bytes)} of memory, and there are {_readable(allowed)}. "
            f"{advice}"
        )


def _readable(n_bytes: int) -> str:
    power = min((n_bytes.bit_length() - 1) // 10, len(_UNITS) - 1)
    return f"{n_bytes / 1024**power:.1f} {_UNITS[power]}" if power > 0 else f"{n_bytes} bytes"
