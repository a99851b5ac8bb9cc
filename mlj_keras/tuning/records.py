"""The journal of a search: every candidate that is done, so that a search that is killed goes on.

Knows searches and journals. Source: ours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mlj_keras.errors import InvalidModelError, ResumeMismatchError
from mlj_keras.machine.checkpoint import data_facts, in_words
from mlj_keras.resampling.fold import Fold, Measured
from mlj_keras.storage import Journal, packed, unpacked
from mlj_keras.tuning.job import Job
from mlj_keras.tuning.search import Search
from mlj_keras.tuning.states import States

KIND = "history of a search"


def belongs_to(search: Search) -> dict[str, Any]:
    """What has to be the same for a search to go on, in words."""
    space, trial = search.space, search.trial
    model = space.model
    free = "acceleration"  # of the model: where it trains
    fields = {name: in_words(model.get(name)) for name in model.fields() if name != free}
    models = {str(i): in_words(each) for i, each in enumerate(space.models)}
    return {
        "model": {"": type(model).__name__, **fields} if not models else models,
        "data": data_facts(*(source.inner for source in trial.args)),
        "strategy": {"": in_words(search.strategy)},
        "ranges": {str(i): in_words(each) for i, each in enumerate(space.dimensions)},
        "measures": {
            "measures": ", ".join(map(in_words, trial.measures)),
            "operations": ", ".join(trial.operations),
            "weights": _digest(trial.weights),
            "class weights": in_words(trial.class_weights),
        },
        "rows": {"of the folds": _digest(*(part for pair in trial.pairs for part in pair))},
    }


def _digest(*arrays: Any) -> str:
    found = hashlib.sha256()
    for array in arrays:
        whole = np.ascontiguousarray(array) if array is not None else np.zeros(0)
        found.update(f"{whole.dtype.str}{whole.shape}".encode())
        found.update(whole.tobytes())
    return found.hexdigest()[:16]


def read_into(search: Search, journal: Journal) -> None:
    """Put what a journal holds into a search that has just begun; an empty journal gets its
    head.

    Raises: ResumeMismatchError for the journal of another search; CorruptFile.
    """
    own = belongs_to(search)
    if not journal.records:
        journal.append({"belongs_to": own, "seed": search.seed})
        return
    head, *records = journal.records
    unlike = list(_differences(own, head["belongs_to"]))
    if unlike:
        raise ResumeMismatchError(
            f"The history {str(journal.path)!r} is of another search: {'; '.join(unlike[:4])}. "
            "Name another file, or begin anew in this one with fit(mach, force=True)."
        )
    search.seed = head["seed"]
    search.goals = [record["n"] for record in records if "n" in record]
    for record in records:
        if "n" not in record:
            job = _job_of(record)
            search.jobs.setdefault(job.key, job)


def _differences(own: Mapping[str, Any], its: Mapping[str, Any]) -> Any:
    for part, mine in own.items():
        other = its.get(part, {})
        for name in [n for n in {**other, **mine} if mine.get(n) != other.get(n)]:
            what = f"{part} {name}".strip()
            yield f"{what} is {other.get(name)!s:.60} there, {mine.get(name)!s:.60} here"


def states_of(history: Path) -> States:
    """The states beside a history."""
    return States(history.with_name(f"{history.name}.states"))


def forget(history: Path) -> None:
    """Remove a history, and the states beside it.

    Raises: JournalInUseError if another process writes to it; NotAMachineFile for another file.
    """
    if history.exists():
        with Journal(history, KIND) as journal:
            journal.clear()
    states_of(history).remove()


def note_goal(journal: Journal, n: int) -> None:
    """Write how many candidates there are to be."""
    journal.append({"n": n})


def note_job(journal: Journal, job: Job) -> None:
    """Write a job that is done.

    Raises: InvalidModelError if a measurement is no number.
    """
    measured = [[[m.value, m.weight] for m in fold.measured] for fold in job.folds]
    if not _numbers(measured):
        raise InvalidModelError(
            "A history on disk holds measurements that are numbers, and one of these measures "
            "gives something else. Leave that measure out, or history=..."
        )
    journal.append(
        {
            "candidate": job.candidate,
            "iterations": job.iterations,
            "words": dict(job.words),
            "measured": packed(measured)[0],
            "failure": job.failure,
        }
    )


def _numbers(measured: Any) -> bool:
    return all(
        isinstance(value, int | float | np.number) for fold in measured for value, _ in fold
    )


def _job_of(record: Mapping[str, Any]) -> Job:
    folds = tuple(
        Fold(tuple(Measured(value, weight) for value, weight in fold))
        for fold in unpacked(record["measured"], {})
    )
    return Job(
        record["candidate"], record["iterations"], record["words"], folds, record["failure"]
    )
