"""The processes that the sides live in: PyTorch aborts in one that has loaded TensorFlow.

`Worker` and `FreshProcesses` have the same three methods: prepare, turn, close.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cases import Case

HERE = Path(__file__).parent
ON_GPU = "BENCHMARK_ON_GPU"  # set in the environment: the processes see the GPUs
SHOWN = 3_000  # characters of what a process wrote before it ended


class SideFailed(Exception):
    """A side could not do a case; the message says what happened."""


def environment() -> dict[str, str]:
    """What every process starts with: no GPU unless that is what is timed, then one that they
    share; and TensorFlow says nothing but errors."""
    device = (
        {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}
        if ON_GPU in os.environ
        else {"CUDA_VISIBLE_DEVICES": "-1"}
    )
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3"}
    return {**os.environ, **device, **quiet, "PYTHONPATH": str(HERE)}  # for workers of a cluster


def run_json(script: str, *arguments: str) -> Any:
    """What a script of this folder prints as JSON.

    Raises: SideFailed if it ends badly.
    """
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(
        command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        raise SideFailed(
            f"{script} {' '.join(arguments)} ended with code {done.returncode} and wrote:\n"
            f"{done.stderr[-SHOWN:]}"
        )
    return json.loads(done.stdout)


class Worker:
    """A side in a process that stays for all cases."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "worker.py"), side],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )

    def wait_until_ready(self) -> None:
        """Return when the side has been imported."""
        self._answer()

    def prepare(self, case: Case) -> str | None:
        """Make data and network and warm up; a note of what was chosen, or None if the side has no
        such case.

        Raises: SideFailed.
        """
        answer = self._ask({"do": "prepare", "case": case.name, "epochs": case.epochs})
        return answer["note"] if answer["offered"] else None

    def turn(self) -> tuple[float, float | None]:
        """(seconds, final loss or None).

        Raises: SideFailed.
        """
        answer = self._ask({"do": "turn"})
        return answer["seconds"], answer["loss"]

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.log.close()

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended: the missing answer says so
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = self.process.stdout.readline()
        if not line:
            code = self.process.wait()
            self.log.seek(0)
            wrote = self.log.read()[-SHOWN:]
            raise SideFailed(f"The process of {self.side} ended with code {code}: {wrote}")
        answer = json.loads(line)
        if "error" in answer:
            raise SideFailed(f"{self.side} raised:\n{answer['error']}")
        return answer


class FreshProcesses:
    """A side that gets a new process for every turn."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.arguments: list[str] = []
        self.folder: tempfile.TemporaryDirectory[str] | None = None

    def prepare(self, case: Case) -> str:
        """Choose settings, or fill the compile cache, with turns that do not count.

        Raises: SideFailed.
        """
        self.arguments = [self.side, case.name]
        if self.side == "keras_best":
            return self._faster_jit()
        if self.side == "ours" and case.cached:
            self.folder = tempfile.TemporaryDirectory()
            self.arguments += ["--cache", self.folder.name]
        self.turn()
        return ""

    def turn(self) -> tuple[float, float | None]:
        """(seconds, final loss).

        Raises: SideFailed.
        """
        answer = run_json("fresh.py", *self.arguments)
        return answer["seconds"], answer["loss"]

    def close(self) -> None:
        """Remove the compile cache."""
        if self.folder is not None:
            self.folder.cleanup()

    def _faster_jit(self) -> str:
        plain = self.arguments
        spent: dict[str, float] = {}
        for jit in ("on", "off", "on", "off"):
            self.arguments = [*plain, "--jit", jit]
            spent[jit] = min(self.turn()[0], spent.get(jit, float("inf")))
        faster = min(spent, key=spent.__getitem__)
        self.arguments = [*plain, "--jit", faster]
        return f"jit on {spent['on']:.2f} s, off {spent['off']:.2f} s"
