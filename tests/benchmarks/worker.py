"""One side in a process of its own, which takes turns when it is told to.

Reads requests and writes answers as lines of JSON: {"do": "prepare", "case": name, "epochs": n} is
answered by {"offered", "note"}, {"do": "turn"} by {"seconds", "loss"}, and what went wrong by
{"error"}. Run: `python worker.py SIDE`, by processes.py.
"""

from __future__ import annotations

import dataclasses
import gc
import importlib
import json
import os
import sys
import traceback
from types import ModuleType
from typing import Any, TextIO

from cases import Case, case_named
from turns import Prepared


def answers() -> TextIO:
    """The real standard output; what libraries print goes to standard error from now on."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return channel


class Worker:
    """A side and what it has prepared."""

    def __init__(self, side: ModuleType) -> None:
        self.side = side
        self.prepared: Prepared | None = None

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Do what is asked."""
        if request["do"] == "turn":
            return self.turn()
        case = case_named(request["case"])
        return self.prepare(dataclasses.replace(case, epochs=request["epochs"]))

    def prepare(self, case: Case) -> dict[str, Any]:
        """Drop the last case; make data and network of this one and warm up."""
        self.prepared = None
        gc.collect()
        make = getattr(self.side, case.work, None)
        self.prepared = make(case) if make is not None else None
        if self.prepared is None:
            return {"offered": False, "note": ""}
        if case.work == "anew":  # in a process that has done the same before
            self.prepared.turn()
        return {"offered": True, "note": self.prepared.note}

    def turn(self) -> dict[str, Any]:
        """Take a turn."""
        assert self.prepared is not None  # asked for only after it was offered
        gc.collect()
        seconds, loss = self.prepared.turn()
        return {"seconds": seconds, "loss": loss}


def main() -> None:
    """Answer until there are no more requests."""
    channel = answers()
    worker = Worker(importlib.import_module(f"sides.{sys.argv[1]}"))
    channel.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        try:
            answer = worker.answer(json.loads(line))
        except Exception:  # whatever a side raises is told to the parent, which goes on
            answer = {"error": traceback.format_exc()}
        channel.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
