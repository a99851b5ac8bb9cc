"""Machine files changed at random: every byte of one, and structures of many, for some minutes.

Run: `make soak`, or `python -m tests.benchmarks.hostile 10 7` for ten minutes with the seed 7.
"""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import numpy as np

from mlj_keras.errors import MachineFileError
from mlj_keras.persistence import load_machine
from tests.persistence.fuzzing import Fuzzer
from tests.persistence.valid import many

N_FLIPS = 10_000
SIZE = 20_000  # bytes of the file whose every byte is changed, about


def accepts(whole: bytes, position: int, bits: int) -> bool:
    """Whether a file with a byte changed is read."""
    changed = bytearray(whole)
    changed[position] ^= bits
    try:
        load_machine(io.BytesIO(bytes(changed)))
    except MachineFileError:
        return False
    return True


def flips(whole: bytes) -> int:
    """How many of the files with one byte changed are read: each byte, one bit and all bits; and
    as many as N_FLIPS at random."""
    rng = np.random.default_rng(0)
    n = sum(accepts(whole, i, bits) for i in range(len(whole)) for bits in (1 << i % 8, 0xFF))
    places = rng.integers(len(whole), size=N_FLIPS)
    return n + sum(accepts(whole, int(i), int(rng.integers(1, 256))) for i in places)


def main() -> None:
    """Print what was accepted, and what was found; write down each find."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    valid = many()
    files = {name: each.content for name, each in valid.items()}
    whole = min(files.values(), key=lambda each: abs(len(each) - SIZE))
    n_tried = 2 * len(whole) + N_FLIPS
    sys.stdout.write(f"{flips(whole)} of {n_tried:,} flips in {len(whole):,} bytes accepted\n")
    fuzzer = Fuzzer(files, {name: each.data for name, each in valid.items()}, seed)
    end, n = time.monotonic() + 60 * minutes, 0
    while time.monotonic() < end:
        fuzzer.one(predict=0.2)
        for find in fuzzer.finds[n:]:
            path = Path(f"find-{seed}-{n}.machine")
            path.write_bytes(find.content)
            sys.stdout.write(f"{path}, {find.change}: {find.what}\n")
            sys.stdout.flush()
            n += 1
    total = sum(fuzzer.counts.values())
    sys.stdout.write(f"{total:,} changed files in {minutes:g} minutes: {dict(fuzzer.counts)}\n")
    sys.exit(1 if fuzzer.finds else 0)


if __name__ == "__main__":
    main()
