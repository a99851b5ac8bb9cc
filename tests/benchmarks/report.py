"""From the turns of a run to figures, Markdown and JSON.

Knows seconds and losses; runs nothing.
"""

from __future__ import annotations

import dataclasses
import datetime
import os
import platform
import statistics
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
from load import BUSY

OURS = "ours"
TITLES = {
    OURS: "ours",
    "keras_default": "Keras, defaults",
    "keras_best": "Keras, best settings",
    "torch_loop": "PyTorch loop",
    "sklearn_mlp": "scikit-learn",
    "scikeras_wrapper": "SciKeras",
    "skorch_wrapper": "skorch",
}
PEERS = tuple(side for side in TITLES if side != OURS)
PEER_PACKAGES = "tensorflow keras torch scikit-learn scikeras skorch keras-tuner".split()
PACKAGES = ("mlj_keras", *PEER_PACKAGES, "numpy", "pandas")
N_RESAMPLES = 2_000
SAME_LOSS = 1.5
INTRODUCTION = """\
Ours against others: the same data, network, Adam, batch size and epochs, on {device}. Each
side has a process of its own, and they take turns, in a random order each round. Seconds are an
epoch's where a case says train, and a call's where it says predict.

Fresh weights are put back outside the clock on every side where a case says train; only
scikit-learn's `fit` draws its own, which is little beside its epochs. Compiling counts in the
whole fits, and for Keras in the second machine of a shape too, as it compiles again there.

Ratio: median of the peer / median of ours, with its 90 % bootstrap interval over the rounds. What
is wanted holds (✓) if the interval reaches it."""


@dataclasses.dataclass
class Side:
    """The turns of one side in one case; `failure` says why there are none."""

    seconds: list[float] = dataclasses.field(default_factory=list)
    losses: list[float] = dataclasses.field(default_factory=list)
    note: str = ""
    failure: str = ""

    @property
    def median(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds)

    @property
    def loss(self) -> float | None:
        """The median of the final losses, None where there are none."""
        return statistics.median(self.losses) if self.losses else None


@dataclasses.dataclass
class Result:
    """The sides of one case, by name, and the ratios wanted; `others` is how many cores other
    processes used meanwhile, None if unknown."""

    case: str
    targets: Mapping[str, float | None]
    sides: dict[str, Side]
    others: float | None = None

    @property
    def busy(self) -> bool:
        """Whether other processes disturbed it."""
        return self.others is not None and self.others > BUSY

    def ratio(self, peer: str) -> tuple[float, float, float] | None:
        """Median of the peer / median of ours, with its 90 % interval; None without turns."""
        ours, theirs = self.sides.get(OURS), self.sides.get(peer)
        if ours is None or theirs is None or not ours.seconds or not theirs.seconds:
            return None
        low, high = ratio_interval(ours.seconds, theirs.seconds)
        return theirs.median / ours.median, low, high

    def holds(self, peer: str) -> bool | None:
        """Whether the interval reaches what is wanted; None if nothing is wanted or known."""
        ratio, wanted = self.ratio(peer), self.targets.get(peer)
        return None if ratio is None or wanted is None else ratio[2] >= wanted


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the second table: a figure, its unit, what is wanted in words, whether that holds,
    and the cores that other processes used meanwhile."""

    what: str
    figure: float
    unit: str
    wanted: str = ""
    holds: bool | None = None
    others: float | None = None

    @property
    def busy(self) -> bool:
        """Whether other processes disturbed it."""
        return self.others is not None and self.others > BUSY


@dataclasses.dataclass
class Run:
    """All that was measured.

    Args:
        on_gpu: whether on the first GPU, not the CPU
        results: of the cases
        rows: of growth, overhead and memory
        failures: parts of the second table → why they have no rows.
    """

    on_gpu: bool = False
    results: list[Result] = dataclasses.field(default_factory=list)
    rows: list[Row] = dataclasses.field(default_factory=list)
    failures: dict[str, str] = dataclasses.field(default_factory=dict)

    def all_failures(self) -> dict[str, str]:
        """What failed → the whole message."""
        sides = {
            f"{TITLES[name]} in “{result.case}”": side.failure
            for result in self.results
            for name, side in result.sides.items()
            if side.failure
        }
        return {**sides, **self.failures}


def ratio_interval(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """The 90 % bootstrap interval of the ratio of medians; a round's turns stay together."""
    rng = np.random.default_rng(0)
    rounds = rng.integers(len(ours), size=(N_RESAMPLES, len(ours)))
    mine, others = np.asarray(ours)[rounds], np.asarray(theirs)[rounds]
    low, high = np.quantile(np.median(others, axis=1) / np.median(mine, axis=1), (0.05, 0.95))
    return float(low), float(high)


def machine(*, on_gpu: bool) -> dict[str, Any]:
    """Processor, cores, GPU if that was timed, versions and the day."""
    versions = {name: _version(name) for name in PACKAGES}
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "gpu": _gpu() if on_gpu else None,
        "python": platform.python_version(),
        "packages": versions,
        "date": datetime.date.today().isoformat(),
    }


def as_json(run: Run) -> dict[str, Any]:
    """Everything, turn by turn."""
    cases = {
        result.case: {
            "cores_used_by_others": result.others,
            "sides": {
                side: {
                    **dataclasses.asdict(turns),
                    "wanted": result.targets.get(side),
                    "ratio": result.ratio(side) if side != OURS else None,
                    "holds": result.holds(side) if side != OURS else None,
                }
                for side, turns in result.sides.items()
            },
        }
        for result in run.results
    }
    return {
        "machine": machine(on_gpu=run.on_gpu),
        "cases": cases,
        "growth": [dataclasses.asdict(row) for row in run.rows],
        "growth_failures": run.failures,
    }


def as_markdown(run: Run) -> str:
    """The whole report."""
    about = machine(on_gpu=run.on_gpu)
    device = "one GPU" if run.on_gpu else "the CPU"
    versions = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    parts = ["# Timings", INTRODUCTION.format(device=device), timings_table(run.results)]
    if any(side.losses for result in run.results for side in result.sides.values()):
        parts += [
            "## Final losses",
            "On all the training rows, the median over the turns: mean squared error, or "
            "cross-entropy for classes.",
            losses_table(run.results),
            *losses_in_words(run.results),
        ]
    if run.rows:
        parts += ["## Growth, overhead and memory", rows_table(run.rows)]
    parts += [*failures_in_words(run), *others_in_words(run)]
    parts.append(
        f"Machine: {about['processor']}, {about['cores']} cores, "
        f"{about['gpu'] + ', ' if about['gpu'] else ''}Python {about['python']}, "
        f"{versions}; {about['date']}."
    )
    return "\n\n".join(parts) + "\n"


def timings_table(results: Sequence[Result]) -> str:
    """A row for each case, a column for each peer."""
    peers = [peer for peer in PEERS if any(peer in result.sides for result in results)]
    lines = [_line(["case", *(TITLES[side] for side in (OURS, *peers))]), _rule(len(peers) + 2)]
    for result in results:
        ours = result.sides[OURS]
        own = "failed" if ours.failure else duration(ours.median)
        lines.append(_line([result.case, own, *(_ratio_cell(result, peer) for peer in peers)]))
    return "\n".join(lines)


def losses_table(results: Sequence[Result]) -> str:
    """A row for each case that has losses, a column for each side."""
    shown = [result for result in results if any(s.losses for s in result.sides.values())]
    sides = [side for side in TITLES if any(side in result.sides for result in shown)]
    lines = [_line(["case", *(TITLES[side] for side in sides)]), _rule(len(sides) + 1)]
    for result in shown:
        cells = [_loss_cell(result.sides.get(side)) for side in sides]
        lines.append(_line([result.case, *cells]))
    return "\n".join(lines)


def losses_in_words(results: Sequence[Result]) -> list[str]:
    """A sentence for each peer whose loss is not like ours: nobody wins by doing less."""
    sentences = []
    for result in results:
        ours = result.sides[OURS].loss
        for peer in PEERS:
            theirs = result.sides[peer].loss if peer in result.sides else None
            if ours is None or theirs is None:
                continue
            factor = theirs / ours
            if not 1 / SAME_LOSS <= factor <= SAME_LOSS:
                word = "higher" if factor > 1 else "lower"
                sentences.append(
                    f"In “{result.case}” the final loss of {TITLES[peer]} is {word} than ours, by "
                    f"a factor of {max(factor, 1 / factor):.2f}: their times are not those of "
                    "equal work."
                )
    return sentences


def failures_in_words(run: Run) -> list[str]:
    """A sentence for each thing that failed: the last line of its message."""
    return [
        f"Failed: {what}: {message.strip().splitlines()[-1]}"
        for what, message in run.all_failures().items()
    ]


def others_in_words(run: Run) -> list[str]:
    """What “busy” means, where the tables say so."""
    cores = [item.others for item in (*run.results, *run.rows) if item.busy]
    if not cores:
        return []
    return [
        f"Busy: other processes used up to {max(cores):.2f} cores meanwhile. Such figures are not "
        "to be trusted: peers whose threads wait for each other suffer most. Run again when "
        "nothing else runs."
    ]


def rows_table(rows: Sequence[Row]) -> str:
    """The second table."""
    lines = [_line(["what", "figure", "wanted"]), _rule(3)]
    for row in rows:
        wanted = f"{row.wanted} {_mark(holds=row.holds, busy=row.busy)}".strip() or "–"
        lines.append(_line([row.what, f"{_three_digits(row.figure)} {row.unit}".strip(), wanted]))
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """Seconds in s, ms or µs, with three digits.

    Example: 0.00189 → "1.89 ms".
    """
    for size, unit in ((1.0, "s"), (1e-3, "ms")):
        if seconds >= size:
            return f"{_three_digits(seconds / size)} {unit}"
    return f"{_three_digits(seconds / 1e-6)} µs"


def _three_digits(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _ratio_cell(result: Result, peer: str) -> str:
    if peer not in result.sides:
        return "–"
    ratio, wanted = result.ratio(peer), result.targets.get(peer)
    if ratio is None:
        return "failed" if result.sides[peer].failure else "–"
    text = f"{_three_digits(ratio[0])} ({_three_digits(ratio[1])}–{_three_digits(ratio[2])})"
    if wanted is not None:
        text += f" wanted ≥ {wanted:g}"
    return f"{text} {_mark(holds=result.holds(peer), busy=result.busy)}".strip()


def _loss_cell(side: Side | None) -> str:
    return f"{side.loss:.4g}" if side is not None and side.losses else "–"


def _mark(*, holds: bool | None, busy: bool) -> str:
    if busy:
        return "(busy)"
    return "" if holds is None else "✓" if holds else "✗"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(n_cells: int) -> str:
    return "|" + "---|" * n_cells


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"


def _gpu() -> str:
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    return subprocess.run(command, capture_output=True, text=True).stdout.partition("\n")[0]


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
