"""The training of members that are due: in which groups, and where.

Knows plans of members, and jobs; not the ensemble. Source: MLJEnsembles.jl, src/ensembles.jl
(`get_ensemble`).
"""

from __future__ import annotations

from collections.abc import Sequence

from mlj_keras._progress import progress_bar
from mlj_keras.engine.together import AT_ONCE
from mlj_keras.ensembles.members import Job, Member, Plan, Trained, run_members
from mlj_keras.parallel import CPU1, CPUProcesses, CPUThreads
from mlj_keras.parallel.jobs import JobAcceleration, run_jobs

_BY_BACKEND = 4  # the same of a joblib backend, whose workers are not known

Due = Sequence[tuple[int, Member | None]]


def train_due(
    plan: Plan, due: Due, members: dict[int, Member], acceleration: JobAcceleration, *, shown: bool
) -> BaseException | None:
    """Train members, and put them to the others by their positions.

    Args: due: positions, and what was learned before · members: of all that are trained, by
        position · acceleration: where · shown: whether a bar tells how many are done.
    Returns: what went wrong first, or None.
    """
    jobs = jobs_of(plan, due, acceleration)
    failed: dict[int, BaseException] = {}
    bar = progress_bar("Training", unit="member", total=len(due), shown=shown)
    try:
        for outcome in run_jobs(run_members, (plan, jobs), len(jobs), acceleration):
            found: Trained = outcome.result or Trained((), outcome.error)
            pairs = zip(jobs[outcome.index], found.members, strict=False)
            members.update({i: member for (i, _), member in pairs})
            bar.update(len(found.members))
            if found.cause is not None:
                failed[outcome.index] = found.cause
                if acceleration == CPU1():
                    break
    except KeyboardInterrupt as stop:
        return stop
    finally:
        bar.close()
    return failed[min(failed)] if failed else None


def jobs_of(plan: Plan, due: Due, acceleration: JobAcceleration) -> list[Job]:
    """Members in groups that are trained one after another, or together, those that go on apart
    from those that begin."""
    size = AT_ONCE if plan.together else 1
    if isinstance(acceleration, CPUProcesses | CPUThreads):
        size = max(1, min(size, -(-len(due) // acceleration.n_workers)))
    elif isinstance(acceleration, str):
        size = min(size, _BY_BACKEND)
    jobs: list[Job] = []
    for begun in (True, False):
        part = [each for each in due if (each[1] is not None) is begun]
        n_jobs = -(-len(part) // size)
        jobs += [tuple(part[k] for k in group) for group in _groups(len(part), n_jobs)]
    return jobs


def _groups(n: int, n_groups: int) -> list[range]:
    """0 to n - 1 in groups of nearly the same length."""
    cuts = [k * n // max(n_groups, 1) for k in range(n_groups + 1)]
    return [range(a, b) for a, b in zip(cuts, cuts[1:], strict=False)]
