"""How our side grows with the data, what `fit` adds to the engine, and how much memory it takes.

A part is run in a process of its own: `python growth.py PART` prints its rows as JSON. TensorFlow
is loaded by the parts, so that the names of PARTS are to be had without it.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import composition
import data
import ensembles
import evaluation
import iteration
import pandas as pd
import tuning
from cases import CASES, Case, Dense, case_named
from report import Row
from turns import seconds
from worker import answers

import mlj_keras as mlj

ROUNDS = 3
SGEMM_SIDE = 2_048
LARGE = "train 512-512-512 on 100,000 × 100, batch 1,024"
HIDDEN = (64, 64)  # where the network is not the point


def share_of_sgemm() -> list[Row]:
    """The rate of a fit of the 512-512-512 case, and that of a product of matrices."""
    from sides import ours

    case = next(case for case in CASES if case.network == Dense((512, 512, 512)))
    prepared = ours.training(case)
    flops = flops_of_epoch(*case.make().X.shape, case.network.hidden)
    rates, products = [], []
    for _ in range(5):
        products.append(product_rate(case))
        rates.append(flops / prepared.turn()[0])
    share = statistics.median(rates) / statistics.median(products)
    return [
        Row(f"{case.name}: rate of fit", statistics.median(rates) / 1e9, "GFLOP/s"),
        Row("rate of tf.matmul, float32", statistics.median(products) / 1e9, "GFLOP/s"),
        Row("share of the first in the second", share, "", "≥ 0.85", share >= 0.85),
    ]


def flops_of_epoch(n_rows: int, n_columns: int, hidden: tuple[int, ...]) -> float:
    """Multiplications and additions in the products of matrices of an epoch of a dense network."""
    sizes = (n_columns, *hidden, 1)
    products = [n_in * n_out for n_in, n_out in zip(sizes, sizes[1:], strict=False)]
    # Forward, gradients of weights, and gradients of inputs in all layers but the first.
    return 2.0 * n_rows * (3 * sum(products) - products[0])


def product_rate(case: Case) -> float:
    """The larger rate, of products of the case's shape and of large square ones."""
    import tensorflow as tf

    def products(a: tf.Tensor, b: tf.Tensor, count: int) -> None:
        for _ in range(count):
            tf.matmul(a, b)  # done when it returns, on a CPU; its memory is free for the next one

    width = case.network.hidden[0]
    shapes = ((case.batch, width, width), (SGEMM_SIDE, SGEMM_SIDE, SGEMM_SIDE))
    rates = []
    for n_rows, n_inner, n_columns in shapes:
        a = tf.random.stateless_normal((n_rows, n_inner), seed=(1, 2))
        b = tf.random.stateless_normal((n_inner, n_columns), seed=(3, 4))
        flops = 2.0 * n_rows * n_inner * n_columns
        count = max(1, int(4e10 / flops))
        products(a, b, 1)
        spent = seconds(partial(products, a, b, count))
        rates.append(count * flops / spent)
    return max(rates)


def by_rows() -> list[Row]:
    """Time for a row against the number of rows: it stays the same."""
    spent = {
        n: seconds_of_epoch(data.numbers(n, 10), batch=256) / n
        for n in (1_000, 10_000, 100_000, 1_000_000, 5_000_000)
    }
    rows = [Row(f"{n:,} rows, a row and epoch", s * 1e9, "ns") for n, s in spent.items()]
    grown = spent[5_000_000] / spent[100_000]
    return [*rows, Row("5,000,000 rows against 100,000", grown, "×", "≤ 1.3", grown <= 1.3)]


def by_columns() -> list[Row]:
    """Time of an epoch against the number of columns, and the rate of it."""
    rows = []
    for n_columns in (10, 100, 1_000, 5_000):
        made = data.numbers(5_000, n_columns)
        spent = seconds_of_epoch(made, batch=256)
        flops = flops_of_epoch(5_000, n_columns, HIDDEN)
        rows.append(Row(f"{n_columns:,} columns, an epoch of 5,000 rows", spent * 1e3, "ms"))
        rows.append(Row(f"{n_columns:,} columns, rate", flops / spent / 1e9, "GFLOP/s"))
    return rows


def by_levels() -> list[Row]:
    """Time of a step against the levels of one factor."""
    n_steps = -(-20_000 // 128)
    spent = {}
    for n_levels in (1_000, 10_000, 100_000):
        made = data.mixed(20_000, 10, (n_levels,))
        spent[n_levels] = seconds_of_epoch(made, batch=128) / n_steps
    rows = [Row(f"{n:,} levels, a step", s * 1e6, "µs") for n, s in spent.items()]
    grown = spent[100_000] / spent[1_000]
    return [*rows, Row("100,000 levels against 1,000", grown, "×", "≤ 3", grown <= 3)]


def seconds_of_epoch(made: data.Data, *, batch: int, epochs: int = 2) -> float:
    """The median over fits, for an epoch; fresh weights are put back outside the clock."""
    from sides import ours

    X = made.frame()[[f"factor{k}" for k in range(len(made.levels))]] if made.levels else made.X
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=HIDDEN), batch_size=batch, epochs=epochs, standardise=False, rng=1
    )
    mach = mlj.machine(model, X, made.y)
    spent = []
    for _ in range(ROUNDS + 1):
        ours.put_back(mach)
        spent.append(seconds(lambda: ours.train(mach, epochs)))
    return statistics.median(spent[1:]) / epochs  # the first one compiles


def overhead() -> list[Row]:
    """What a warm restart takes beyond the engine's own training, in the first case."""
    from sides import ours

    case = CASES[0]
    mach = ours.bound(case, case.make())
    mach.fit(verbosity=0)
    added: dict[int, list[float]] = {1: [], 100: []}
    shares = []
    for number in range(13):
        for epochs, found in added.items():
            mach.model.epochs += epochs
            with engine_timed() as inside:
                whole = seconds(lambda: mach.fit(verbosity=0))
            if number < 2:  # the first ones warm up
                continue
            found.append(whole - sum(inside))
            if epochs == 100:
                shares.append((whole - sum(inside)) / sum(inside))
    one, share = statistics.median(added[1]) * 1e3, statistics.median(shares) * 100
    return [
        Row("fit of 1 more epoch, beyond the engine", one, "ms", "< 5", one < 5),
        Row("fit of 100 more epochs, beyond the engine", share, "%", "< 5", share < 5),
    ]


@contextmanager
def engine_timed() -> Iterator[list[float]]:
    """The seconds of the calls of the engine's `train` that a fit makes meanwhile."""
    from mlj_keras.containers import _network_fit

    engine_train = _network_fit.train
    spent: list[float] = []

    def train(*args: Any, **kwargs: Any) -> Any:
        states: list[Any] = []
        spent.append(seconds(lambda: states.append(engine_train(*args, **kwargs))))
        return states[0]

    _network_fit.train = train
    try:
        yield spent
    finally:
        _network_fit.train = engine_train


def memory_of_matrix() -> list[Row]:
    """Peak memory of a fit of a large matrix."""
    return [memory("NumPy float32", lambda X: X)]


def memory_of_frame() -> list[Row]:
    """Peak memory of a fit of a large pandas frame."""
    return [memory("pandas float32", lambda X: pd.DataFrame(X, copy=False).add_prefix("x"))]


def memory(what: str, table: Callable[[Any], Any]) -> Row:
    """Peak resident memory of training, the data among it, in sizes of the data; what loading and
    compiling take, whatever the data, is not counted."""
    model = mlj.NeuralNetworkRegressor(
        builder=mlj.MLP(hidden=HIDDEN), batch_size=1_024, epochs=1, rng=1
    )
    few = data.numbers(2_000, 50)
    mlj.machine(model, table(few.X), few.y).fit(verbosity=0)
    made = data.numbers(4_000_000, 50)
    n_bytes = made.X.nbytes
    gc.collect()
    before = resident_kib("VmRSS") * 1024 - n_bytes
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
    mlj.machine(model, table(made.X), made.y).fit(verbosity=0)
    ratio = (resident_kib("VmHWM") * 1024 - before) / n_bytes
    text = f"peak memory of a fit of 4,000,000 × 50, {what}"
    return Row(text, ratio, "× the data", "≤ 2.5", ratio <= 2.5)


def resident_kib(name: str) -> int:
    """VmRSS, the resident memory now, or VmHWM, its peak, in KiB, of this process."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(f"{name}:"))


def replicas() -> list[Row]:
    """Rates on two devices that share the cores, against one device and Keras."""
    import keras
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    large, small = case_named(LARGE), CASES[0]
    two = mlj.Mirrored(["/CPU:0", "/CPU:1"])
    share = seconds_with(large, "acceleration", mlj.CPU1()) / seconds_with(
        large, "acceleration", two
    )
    ours = seconds_with(small, "acceleration", two)
    with tf.distribute.MirroredStrategy(["/CPU:0", "/CPU:1"]).scope():
        hidden = [keras.layers.Dense(units, "relu") for units in HIDDEN]
        model = keras.Sequential([keras.Input((10,)), *hidden, keras.layers.Dense(1)])
        model.compile("adam", "mse")
    rows = small.make()
    fit = partial(model.fit, rows.X, rows.y, batch_size=small.batch, verbose=0)
    fit(epochs=1)
    ratio = statistics.median(seconds(lambda: fit(epochs=2)) / 2 for _ in range(ROUNDS)) / ours
    return [
        Row(f"{LARGE}: rate on 2 devices of one CPU / on 1", share, "", "≥ 0.85", share >= 0.85),
        Row(f"{small.name}: Keras on 2 devices / ours", ratio, "×", "≥ 5", ratio >= 5),
    ]


def workers() -> list[Row]:
    """Rate of two processes that share the cores, against one."""
    together = max(mlj.launch(seconds_of_worker, workers=2))
    share = seconds_with(case_named(LARGE), "acceleration", mlj.CPU1()) / together
    return [Row(f"{LARGE}: rate of 2 processes / of 1", share, "", "≥ 0.6", share >= 0.6)]


def seconds_of_worker() -> float:
    """Seconds of an epoch, as one of several workers."""
    return seconds_with(case_named(LARGE), "acceleration", mlj.MultiWorker())


def seconds_with(case: Case, name: str, value: Any) -> float:
    """Seconds of an epoch of the case with this hyper-parameter, the median of turns."""
    from sides import ours

    mach = ours.bound(case, case.make())
    mach.model.set(name, value)
    ours.put_back(mach)
    ours.train(mach, case.epochs)
    spent = []
    for _ in range(ROUNDS):
        ours.put_back(mach)
        spent.append(seconds(lambda: ours.train(mach, case.epochs)) / case.epochs)
    return statistics.median(spent)


def precisions() -> list[Row]:
    """Seconds of an epoch in float32 against mixed_bfloat16, by the width of the layers."""
    rows = []
    for width, batch in ((512, 1_024), (2_048, 4_096)):
        case = dataclasses.replace(
            next(case for case in CASES if case.network == Dense((512, 512, 512))),
            network=Dense((width,) * 3),
            batch=batch,
            epochs=5,
        )
        spent = {
            name: seconds_with(case, "precision", name) for name in ("float32", "mixed_bfloat16")
        }
        what = f"{width}-{width}-{width} on 100,000 × 100, batch {batch:,}"
        rows += [Row(f"{what}, {name}", s * 1e3, "ms") for name, s in spent.items()]
        ratio = spent["float32"] / spent["mixed_bfloat16"]
        rows.append(Row(f"{what}: the first against the second", ratio, "×", "> 1", ratio > 1))
    return rows


PARTS: dict[str, Callable[[], list[Row]]] = {
    "sgemm": share_of_sgemm,
    "rows": by_rows,
    "columns": by_columns,
    "levels": by_levels,
    "overhead": overhead,
    "memory-matrix": memory_of_matrix,
    "memory-frame": memory_of_frame,
    "replicas": replicas,
    "workers": workers,
    "evaluation": evaluation.rows,
    "composition": composition.rows,
    "ensembles": ensembles.rows,
    "iteration": iteration.rows,
    "tuning": tuning.rows,
    "asha": tuning.asha_rows,
}


GPU_PARTS: dict[str, Callable[[], list[Row]]] = {"precisions": precisions}


def main() -> None:
    """Print the rows of one part."""
    parts = {**PARTS, **GPU_PARTS}
    if len(sys.argv) != 2 or sys.argv[1] not in parts:
        raise SystemExit(f"Name one part: {', '.join(parts)}. Got {sys.argv[1:]!r}.")
    channel = answers()
    channel.write(json.dumps([dataclasses.asdict(row) for row in parts[sys.argv[1]]()]))
    channel.close()


if __name__ == "__main__":
    main()
