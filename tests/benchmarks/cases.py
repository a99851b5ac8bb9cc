"""The cases: what is timed, on which data and network, against whom, and the ratio wanted of each.

A case names its work: "training", "anew" (a new model, made and fitted), "predicting" are done in
a worker and are functions of the modules in sides/; "fresh" is "anew" in a process that has only
imported.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial

import data
from data import Data


@dataclasses.dataclass(frozen=True)
class Dense:
    """Hidden layers with relu; embeddings before them where the data have factors."""

    hidden: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Recurrent:
    """One LSTM."""

    units: int


@dataclasses.dataclass(frozen=True)
class Convolutional:
    """Filters of 3 × 3, relu and a pooling of 2 × 2 for each entry."""

    filters: tuple[int, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Case:
    """What is timed.

    Args:
        name: what the table says
        work: "training", "anew", "predicting" or "fresh"
        make: gives the data
        network: ended by one output, or by one for each class
        batch, epochs: of training
        targets: peer → the ratio wanted, None if it is only reported; who is not named is not run
        rounds: turns of each side
        n_new: rows to predict for
        pandas: whether they are a frame
        cached: whether our compile cache is warm
        quick: whether it belongs to the short run.
    """

    name: str
    work: str
    make: Callable[[], Data]
    network: Dense | Recurrent | Convolutional
    batch: int
    epochs: int
    targets: Mapping[str, float | None]
    rounds: int = 5
    n_new: int = 0
    pandas: bool = False
    cached: bool = False
    quick: bool = False


def targets(*wanted: float | None, **more: float | None) -> dict[str, float | None]:
    """Targets in the order Keras, Keras at its best, PyTorch, scikit-learn, and others by name."""
    order = ("keras_default", "keras_best", "torch_loop", "sklearn_mlp")
    return {**dict(zip(order, wanted, strict=False)), **more}


# What wraps a peer that is there itself; left out of the short run.
WRAPPERS = ("scikeras_wrapper", "skorch_wrapper")

small = {
    "make": partial(data.numbers, 2_000, 10),
    "network": Dense((64, 64)),
    "batch": 32,
    "epochs": 10,
}
LEVELS = (10, 30, 100, 200, 500, 1_000)

TRAINING = (
    Case(
        name="train 64-64 on 2,000 × 10, batch 32",
        work="training",
        **{**small, "epochs": 25},
        targets=targets(45, 20, 12, 10, scikeras_wrapper=40, skorch_wrapper=18),
        quick=True,
    ),
    Case(
        name="train 64-64 on 2,000 × 10, batch 1",
        work="training",
        **{**small, "batch": 1, "epochs": 3},
        targets=targets(170, 28, 55, 40),
    ),
    Case(
        name="train 256-256 on 20,000 × 50, batch 256",
        work="training",
        make=partial(data.numbers, 20_000, 50),
        network=Dense((256, 256)),
        batch=256,
        epochs=10,
        targets=targets(3.5, 1.9, 1.9, 1.9),
    ),
    Case(
        name="train 512-512-512 on 100,000 × 100, batch 1,024",
        work="training",
        make=partial(data.numbers, 100_000, 100),
        network=Dense((512, 512, 512)),
        batch=1_024,
        epochs=2,
        targets=targets(1.4, 1.35, 1.2, 1.2),
    ),
    Case(
        name="train 128-128 on 20,000 rows of 10 numbers and 6 factors, batch 128",
        work="training",
        make=partial(data.mixed, 20_000, 10, LEVELS),
        network=Dense((128, 128)),
        batch=128,
        epochs=10,
        targets=targets(8.5, 4, 3),
    ),
    Case(
        name="train LSTM(32) on 4,000 × 32 × 8, batch 128",
        work="training",
        make=partial(data.sequences, 4_000, 32, 8),
        network=Recurrent(32),
        batch=128,
        epochs=5,
        targets=targets(4.5, 4, None),
    ),
    Case(
        name="train a CNN on 4,000 × 28 × 28, batch 64",
        work="training",
        make=partial(data.images, 4_000, 28, 10),
        network=Convolutional((32, 64)),
        batch=64,
        epochs=3,
        targets=targets(1.45, 1.2, 1.9),
    ),
)

WHOLE_FITS = (
    Case(
        name="whole fit of 10 epochs in a fresh process",
        rounds=3,
        work="fresh",
        **small,
        targets=targets(2, 1.1, None, None),
    ),
    Case(
        name="whole fit of 10 epochs in a fresh process, our compile cache warm",
        rounds=3,
        work="fresh",
        **small,
        targets={"keras_best": 1.5},
        cached=True,
    ),
    Case(
        name="second machine of a shape, made and fitted, 10 epochs",
        work="anew",
        **small,
        targets=targets(30, 15, 8, 6),
    ),
)

PREDICTING = (
    Case(
        name="predict 1 row, pandas in",
        work="predicting",
        **small,
        n_new=1,
        pandas=True,
        targets={
            "keras_default": 40,
            "torch_loop": None,
            "sklearn_mlp": None,
            "skorch_wrapper": None,
        },
        quick=True,
    ),
    Case(
        name="predict 1 row, NumPy in",
        work="predicting",
        **small,
        n_new=1,
        targets=targets(None, None, None, None, scikeras_wrapper=None, skorch_wrapper=None),
    ),
    Case(
        name="predict 100,000 rows, pandas in",
        work="predicting",
        **small,
        n_new=100_000,
        pandas=True,
        targets=targets(60, 2, 1, 1),
        quick=True,
    ),
)

CASES = (*TRAINING, *WHOLE_FITS, *PREDICTING)

# What is wanted on a GPU: at least 5 times Keras on small tables, 1.2 times on large ones.
GPU_WANTED = dict(
    zip((case.name for case in TRAINING), (5, 5, None, 1.2, 5, 5, None), strict=True)
)
GPU_CASES = tuple(
    dataclasses.replace(
        case,
        epochs=min(case.epochs, 10),
        targets={"keras_default": GPU_WANTED[case.name], "keras_best": None, "torch_loop": None},
    )
    for case in TRAINING
    if case.batch > 1
)


def case_named(name: str) -> Case:
    """The case of this name."""
    return next(case for case in CASES if case.name == name)
