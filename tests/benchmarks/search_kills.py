"""Searches killed at random moments, each started again until it ends: in the same history as one
that was not killed, with nothing trained twice that had been written down.

Run: `make soak`, or `python -m tests.benchmarks.search_kills 40` for forty kills a strategy.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from mlj_keras.storage import Journal
from mlj_keras.tuning.records import KIND
from tests.batteries.killing_searches import outcome, run

STRATEGIES = ("RandomSearch()", "TPE(n_startup=4)", "ASHA()")
PART = 0.3  # of the time that an uncut search takes; one is killed several times before it ends


def main() -> None:
    """Print how many kills each search took."""
    rng = random.Random(0)
    n_kills = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for strategy in STRATEGIES:
        uncut, done = run("", strategy, 0), 0
        assert uncut is not None  # it is not killed
        while done < n_kills:
            done += killed_until_it_ends(strategy, uncut, rng)
            sys.stdout.write(f"{strategy}: {done} kills, each time the same history\n")
            sys.stdout.flush()


def killed_until_it_ends(strategy: str, uncut: dict[str, object], rng: random.Random) -> int:
    """How often one search was killed."""
    seconds = uncut["seconds"]
    assert isinstance(seconds, float)
    with tempfile.TemporaryDirectory() as name:
        path, kills, written = Path(name) / "history", 0, 0
        while (found := run(path, strategy, rng.uniform(0.01, PART * seconds))) is None:
            kills += 1
            with Journal(path, KIND) as journal:  # which raises if it cannot be read
                keys = [(r["candidate"], r["iterations"]) for r in journal.records if "words" in r]
            if len(set(keys)) < len(keys):
                raise SystemExit(f"{strategy}: a candidate was done twice")
            written = len(keys)
    whole = uncut["trained"]
    assert isinstance(whole, list)
    if outcome(found) != outcome(uncut):
        raise SystemExit(f"{strategy}: another history after {kills} kills")
    if len(found["trained"]) != len(whole) - 2 * written:  # of two folds
        raise SystemExit(f"{strategy}: trained again what was written down")
    return kills


if __name__ == "__main__":
    main()
