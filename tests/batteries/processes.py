"""Scripts run in a process of their own, from the top of the repository."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def lines_of(script: str) -> list[str]:
    """What a Python script prints, line by line; its errors are shown if it fails."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
