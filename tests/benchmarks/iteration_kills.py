"""Iterated fits killed at random moments, each resumed until it ends: with the same bytes as an
uncut one, and with a checkpoint that can be read after every kill.

Run: `make soak`, or `python -m tests.benchmarks.iteration_kills 100 7` for a hundred kills at
moments of the seed 7.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from mlj_keras.storage import read_newest
from tests.batteries.killing import run

PART = 0.3  # of the time that an uncut fit takes; a fit is killed several times before it ends


def main() -> None:
    """Print how many kills each fit took."""
    given = [int(each) for each in sys.argv[1:]]
    n_kills, seed = given[0] if given else 20, given[1] if len(given) > 1 else 0
    rng = random.Random(seed)
    whole = run("", 0)
    assert whole is not None  # it is not killed
    (uncut, _), done, fits = whole, 0, 0
    latest = PART * seconds_with_checkpoints()
    while done < n_kills:
        with tempfile.TemporaryDirectory() as name:
            folder, kills = Path(name) / "run", 0
            while (found := run(folder, rng.uniform(0.01, latest))) is None:
                kills += 1
                read_newest(folder, "checkpoint")  # which raises if none can be read
            if found[0] != uncut:
                raise SystemExit(f"other bytes after {kills} kills")
        done, fits = done + kills, fits + 1
        sys.stdout.write(f"{kills} kills, then the same bytes; {done} in {fits} fits\n")
        sys.stdout.flush()


def seconds_with_checkpoints() -> float:
    """How long an uncut fit takes that writes its states."""
    with tempfile.TemporaryDirectory() as name:
        found = run(Path(name) / "uncut", 0)
    assert found is not None  # it is not killed
    return found[1]


if __name__ == "__main__":
    main()
