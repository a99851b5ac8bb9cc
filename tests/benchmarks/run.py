"""Timings of ours and of others, turn by turn, in one run.

Run: `make bench`, or `make bench-quick` for a few cases in under two minutes. Writes RESULTS.md
and results.json beside this file after a full run, or with `--write`; with `--gpu`, RESULTS_GPU.md
and results_gpu.json.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import growth
import numpy as np
from cases import CASES, GPU_CASES, WRAPPERS, Case
from load import OtherLoad
from processes import ON_GPU, FreshProcesses, SideFailed, Worker, run_json
from report import OURS, Result, Row, Run, Side, as_json, as_markdown, timings_table

HERE = Path(__file__).parent
QUICK_ROUNDS = 3
QUICK_EPOCHS = 10
PAUSE = 0.2  # seconds; threads of the side before may spin for a while


def options() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(description="Timings of ours and of others.")
    parser.add_argument("--quick", action="store_true", help="a few cases, 3 rounds")
    parser.add_argument("--gpu", action="store_true", help="on the first GPU, not the CPU")
    parser.add_argument("--case", default="", help="only cases whose name has this in it")
    parser.add_argument("--rounds", type=int, help="turns of each side, at least 1")
    parser.add_argument("--write", action="store_true", help="write the results in any case")
    chosen = parser.parse_args()
    if chosen.rounds is not None and chosen.rounds < 1:
        parser.error(f"--rounds must be at least 1, got {chosen.rounds}")
    return chosen


def cases(chosen: argparse.Namespace) -> list[Case]:
    """The cases asked for."""
    offered = GPU_CASES if chosen.gpu else CASES
    text = re.escape(chosen.case) + r"(?!,?\d)"  # “batch 1” is not in “batch 128” or “1,024”
    found = [
        case for case in offered if re.search(text, case.name) and (case.quick or not chosen.quick)
    ]
    if not found:
        names = "\n".join(case.name for case in offered)
        raise SystemExit(f"No case has {chosen.case!r} in its name. The cases are:\n{names}")
    return [short(case) if chosen.quick else case for case in found]


def short(case: Case) -> Case:
    """The case with fewer rounds, epochs and peers."""
    targets = {peer: wanted for peer, wanted in case.targets.items() if peer not in WRAPPERS}
    epochs = min(case.epochs, QUICK_EPOCHS)
    return dataclasses.replace(case, rounds=QUICK_ROUNDS, epochs=epochs, targets=targets)


def measure(case: Case, workers: dict[str, Worker]) -> Result:
    """All sides prepare, and then take turns; one that fails is left out from there."""
    names = (OURS, *case.targets)
    fresh = case.work == "fresh"
    places = {name: FreshProcesses(name) if fresh else workers[name] for name in names}
    sides = {name: Side() for name in names}
    try:
        waiting = [name for name in names if prepared(places[name], case, sides[name])]
        load = OtherLoad([worker.process.pid for worker in workers.values()])
        rng = np.random.default_rng(0)
        for _ in range(case.rounds):
            for position in rng.permutation(len(waiting)):
                name = waiting[position]
                time.sleep(PAUSE)
                take_turn(places[name], sides[name])
        others = load.cores()
    finally:
        if fresh:
            for place in places.values():
                place.close()
    offered = {name: side for name, side in sides.items() if side.seconds or side.failure}
    return Result(case.name, case.targets, offered, others)


def prepared(place: Worker | FreshProcesses, case: Case, side: Side) -> bool:
    """Whether the side takes part."""
    try:
        note = place.prepare(case)
    except SideFailed as failed:
        side.failure = str(failed)
        return False
    side.note = note or ""
    return note is not None


def take_turn(place: Worker | FreshProcesses, side: Side) -> None:
    """One turn of a side that has not failed."""
    if side.failure:
        return
    try:
        seconds, loss = place.turn()
    except SideFailed as failed:
        side.failure, side.seconds, side.losses = str(failed), [], []
        return
    side.seconds.append(seconds)
    if loss is not None:
        side.losses.append(loss)


@contextmanager
def workers_of(chosen: Sequence[Case]) -> Iterator[dict[str, Worker]]:
    """A worker for each side that has a case to do, all ready."""
    names = {name for case in chosen if case.work != "fresh" for name in (OURS, *case.targets)}
    workers = {name: Worker(name) for name in sorted(names)}
    try:
        for worker in workers.values():
            worker.wait_until_ready()  # no side imports while another is timed
        yield workers
    finally:
        for worker in workers.values():
            worker.close()


def measure_growth(run: Run, parts: Iterable[str]) -> None:
    """The second table, each part in a process of its own."""
    for part in parts:
        sys.stderr.write(f"{part}\n")
        load = OtherLoad([])
        try:
            rows = [Row(**row) for row in run_json("growth.py", part)]
        except SideFailed as failed:
            run.failures[part] = str(failed)
            continue
        run.rows += [dataclasses.replace(row, others=load.cores()) for row in rows]


def main() -> None:
    """Run, print the report, and write it after a full run."""
    chosen = options()
    full = not chosen.quick and not chosen.case
    if chosen.gpu:
        os.environ[ON_GPU] = "1"
    run, todo = Run(on_gpu=chosen.gpu), cases(chosen)
    with workers_of(todo) as workers:
        for number, case in enumerate(todo, 1):
            sys.stderr.write(f"{number}/{len(todo)} {case.name}\n")
            rounds = chosen.rounds or case.rounds
            result = measure(dataclasses.replace(case, rounds=rounds), workers)
            sys.stderr.write(timings_table([result]) + "\n")  # a run that is cut short has told
            run.results.append(result)
    if full:
        measure_growth(run, growth.GPU_PARTS if chosen.gpu else growth.PARTS)
    text = as_markdown(run)
    sys.stdout.write(text)
    if full or chosen.write:
        kind = "_gpu" if chosen.gpu else ""
        (HERE / f"RESULTS{kind.upper()}.md").write_text(text)
        (HERE / f"results{kind}.json").write_text(json.dumps(as_json(run), indent=1) + "\n")
    if failures := run.all_failures():
        raise SystemExit("\n\n".join(f"{what}: {text}" for what, text in failures.items()))


if __name__ == "__main__":
    main()
