"""Named streams of randomness, all derived from one seed.

A stream is named by words and numbers: `stream(seed, "epoch", 3)`. Streams of different names are
independent, and adding one shifts no other. No global generator is read, set or advanced. Knows
nothing of models or data.
Source: ours; MLJ hands one generator object from layer to layer.
"""

from __future__ import annotations

import hashlib
import secrets

import numpy as np

from mlj_keras.errors import InvalidArgument, WrongType

Seed = int | np.random.Generator | None


def derive_seed(seed: int, *name: str | int) -> int:
    """An int in [0, 2**63) that depends on `seed` and on every part of `name`."""
    digest = hashlib.sha256(repr((int(seed), *name)).encode()).digest()
    return int.from_bytes(digest[:8], "little") >> 1


def stream(seed: int, *name: str | int) -> np.random.Generator:
    """The generator of the stream `name` under `seed`: the same numbers at every call."""
    return np.random.Generator(np.random.Philox(key=derive_seed(seed, *name)))


def as_generator(rng: Seed) -> np.random.Generator:
    """A generator from an int seed, an existing generator (returned as it is), or None (fresh
    entropy)."""
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is None:
        return stream(entropy(), "entropy")
    return stream(check_seed(rng), "user")


def check_seed(rng: object) -> int:
    """`rng` as a Python int if it is a non-negative integer; WrongType or InvalidArgument
    otherwise."""
    if isinstance(rng, bool) or not isinstance(rng, int | np.integer):
        raise WrongType(
            f"rng must be an int, None or a numpy.random.Generator, got {rng!r} of type "
            f"{type(rng).__name__}. Write rng=123, or rng=numpy.random.default_rng(123)."
        )
    if rng < 0:
        raise InvalidArgument(
            f"rng must not be negative, got {rng}. Write a seed such as rng=123."
        )
    return int(rng)


def entropy() -> int:
    """A fresh seed from the operating system, in [0, 2**31)."""
    return secrets.randbits(31)
