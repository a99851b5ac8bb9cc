"""Workers killed at random moments: the other says so, and both go on to the same bytes.

Run: `make soak`, or `python -m tests.benchmarks.kills 10` for ten kills.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from tests.conformance.test_workers import check_kill

LATEST = 2.5  # seconds after the fit begins; it takes longer than that


def main() -> None:
    """Print how long each kill went unnoticed."""
    rng = random.Random(0)
    n_kills = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    for number in range(n_kills):
        moment = rng.uniform(0.1, LATEST)
        with tempfile.TemporaryDirectory() as folder:
            spent = check_kill(Path(folder), moment)
        sys.stdout.write(
            f"kill {number + 1} of {n_kills}, {moment:.2f} s into the fit: noticed after "
            f"{spent:.2f} s, resumed to the same bytes\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
