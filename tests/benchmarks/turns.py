"""What a side hands to its worker: a turn, ready to be taken, and how work is timed."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import Any

SECONDS_A_TURN = 0.5  # of calls that are shorter
MOST_CALLS = 1_000

Turn = Callable[[], tuple[float, float | None]]


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A turn gives (seconds, final loss or None); `note` says which settings were chosen."""

    turn: Turn
    note: str = ""


def seconds(work: Callable[[], Any]) -> float:
    """The wall time of one call."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def many_calls(call: Callable[[], Any], note: str = "") -> Prepared:
    """Turns of as many calls as take half a second, timed a call; warmed up here."""
    call()
    count = min(max(int(SECONDS_A_TURN / seconds(call)), 1), MOST_CALLS)

    def all_calls() -> None:
        for _ in range(count):
            call()

    return Prepared(lambda: (seconds(all_calls) / count, None), note)
