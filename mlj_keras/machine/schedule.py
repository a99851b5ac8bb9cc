"""Training the machines of a network: each after those that it needs, and side by side those that
do not need one another.

Knows machines and where jobs run. Source: MLJBase.jl, src/composition/learning_networks/nodes.jl
(`fit!`).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mlj_keras._progress import progress_bar
from mlj_keras.machine.machine import Machine
from mlj_keras.machine.node import machines_of
from mlj_keras.machine.source import lacks_data
from mlj_keras.machine.staleness import announce_partial
from mlj_keras.machine.task import Done, Task
from mlj_keras.models.interface import PartialFit
from mlj_keras.parallel import CPU1
from mlj_keras.parallel.jobs import JobAcceleration, run_jobs

OnError = Callable[[Machine, BaseException], None]


def name_machine(machine: Machine, error: BaseException) -> None:
    """Note on an error of which machine it is."""
    error.add_note(f"It was raised by machine({machine.model!r:.60}, ...) of a network.")


def waves(machines: Sequence[Machine]) -> list[list[Machine]]:
    """Machines in groups: those of one need only such as are in groups before it.

    Args: machines: each after those that it needs itself.
    """
    depths: dict[int, int] = {}
    found: list[list[Machine]] = []
    for machine in machines:
        needed = [depths[id(each)] for each in machines_of(machine.args)]
        depth = depths[id(machine)] = 1 + max(needed, default=-1)
        found += [[]] if depth == len(found) else []
        found[depth].append(machine)
    return found


def fit_machines(
    machines: Sequence[Machine],
    *,
    rows: Any = None,
    verbosity: int = 1,
    force: bool = False,
    acceleration: JobAcceleration | None = None,
    shown: bool = False,
    on_error: OnError = name_machine,
) -> tuple[Machine, PartialFit] | None:
    """Train, update or leave each machine.

    Args:
        machines: each after those that it needs itself
        rows, verbosity, force: as for `fit`
        acceleration: where those that do not need one another are trained side by side; None, or
            CPU1(): one after the other
        shown: whether a bar tells how many are done
        on_error: told of the machine that failed, before its error is raised.
    Returns: None; or the machine that was cut off, and what it keeps: no later one was begun.
    Raises: what training raises; ConcurrentFitError if another thread trains one.
    """
    # One that was loaded has nothing to train on, and stays as it is.
    machines = [each for each in machines if not (each.state and lacks_data(each.args))]
    alone = acceleration is None or acceleration == CPU1()
    bar = progress_bar("Training", unit="machine", total=len(machines), shown=shown)
    with contextlib.closing(bar):
        for wave in [[machine] for machine in machines] if alone else waves(machines):
            with contextlib.ExitStack() as stack:
                for machine in wave:
                    stack.enter_context(machine._training())
                where = CPU1() if alone or len(wave) == 1 else acceleration
                results = _trained(wave, rows, verbosity, force=force, acceleration=where)
                cut_off = _committed(results, on_error)
            if cut_off is not None:
                return cut_off
            bar.update(len(wave))
    return None


def fit_or_raise(machines: Sequence[Machine], *, verbosity: int, **options: Any) -> None:
    """As `fit_machines`; what cut a machine off is raised, once that is said."""
    cut_off = fit_machines(machines, verbosity=verbosity, **options)
    if cut_off is not None:
        _, partial = cut_off
        if verbosity > -1:
            announce_partial(partial)
        raise partial.cause from None


def _trained(
    wave: Sequence[Machine], rows: Any, verbosity: int, *, force: bool, acceleration: Any
) -> Iterator[tuple[Machine, Any, Any]]:
    """Machines of a wave that had something to do, the task, and what became of it or its
    error."""
    due = []
    for machine in wave:
        try:
            task = machine._task(rows, verbosity, force=force)
        except Exception as error:  # whatever the data raise: it is told of which machine
            yield machine, None, error  # before any work of the others is begun
            return
        due += [] if task is None else [(machine, task)]
    tasks = tuple(task for _, task in due)
    for outcome in run_jobs(_run, (tasks, verbosity), len(tasks), acceleration):
        machine, task = due[outcome.index]
        yield machine, task, outcome.result if outcome.error is None else outcome.error


def _run(payload: tuple[tuple[Task, ...], int], index: int) -> Done:
    tasks, verbosity = payload
    return tasks[index].run(verbosity)


def _committed(
    results: Iterator[tuple[Machine, Any, Any]], on_error: OnError
) -> tuple[Machine, PartialFit] | None:
    """Give machines what they have learned; what is done when one fails is kept."""
    cut_off = failed = None
    for machine, task, done in results:
        if isinstance(done, BaseException):
            failed = failed or (machine, done)
            continue
        try:
            machine._commit(task, done)
        except PartialFit as partial:
            cut_off = cut_off or (machine, partial)
    if failed is not None:
        on_error(*failed)
        raise failed[1]
    return cut_off
