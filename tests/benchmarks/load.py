"""How busy the machine was with other work: timings on a busy machine are not to be trusted.

Reads /proc, and knows nothing where there is none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
BUSY = 0.25  # of a core


class OtherLoad:
    """The cores that other processes use, from the making of this to `cores()`.

    Args: workers: ids of the processes that do not count as others, besides this one and those it
    waits for.
    """

    def __init__(self, workers: Sequence[int]) -> None:
        self.workers = workers
        self.began = time.perf_counter()
        self.start = self._used()

    def cores(self) -> float | None:
        """How many cores others used, on average."""
        if self.start is None:
            return None
        spent = self._used() - self.start
        return max(0.0, spent / (time.perf_counter() - self.began))

    def _used(self) -> float | None:
        """Seconds of processor time of all, less our own, since the machine started."""
        if not Path("/proc/stat").exists():
            return None
        fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
        user, nice, system, _idle, _iowait, irq, softirq = map(int, fields[:7])
        own = sum(os.times()[:4])
        own += sum(map(_seconds_of, self.workers))
        return (user + nice + system + irq + softirq) / TICKS - own


def _seconds_of(process: int) -> float:
    """Processor time of a running process, 0 if it has ended."""
    try:
        text = Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return 0.0
    fields = text.rpartition(")")[2].split()  # the name before may hold blanks
    return (int(fields[11]) + int(fields[12])) / TICKS
