"""A search run as a tuned model says: with its journal, time, progress and callbacks.

Knows searches; not the model. Source: MLJTuning.jl, src/tuned_models.jl (`build!`).
"""

from __future__ import annotations

import collections
import contextlib
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

from mlj_keras._logging import logger
from mlj_keras._progress import progress_bar
from mlj_keras.errors import AllCandidatesFailed, InvalidModelError
from mlj_keras.resampling.tracking import log_evaluations
from mlj_keras.storage import Journal
from mlj_keras.tuning.entry import Entry
from mlj_keras.tuning.history import history_frame
from mlj_keras.tuning.job import Job
from mlj_keras.tuning.records import KIND, note_goal, note_job, read_into, states_of
from mlj_keras.tuning.search import TIME, Conditions, Search


def run(search: Search, tuned: Any, verbosity: int) -> bool:
    """Search until there are as many candidates as asked for, or time or supply end; False if it
    was the time.

    Raises: AllCandidatesFailed; as `Search.go_on`.
    """
    n, before = tuned.n_candidates(), len(search.entries)
    if hasattr(tuned.selection_heuristic, "check_measures"):
        tuned.selection_heuristic.check_measures(search.trial.measures)
    with contextlib.ExitStack() as stack:
        record, learned = _records(search, tuned, n, stack)
        show = stack.enter_context(_bar(n, before, verbosity))
        ended = search.go_on(
            n,
            Conditions(
                acceleration=tuned.acceleration,
                acceleration_resampling=tuned.acceleration_resampling,
                deadline=math.inf if tuned.timeout_s is None else time.time() + tuned.timeout_s,
                compact=tuned.compact_history,
                record=record,
                learned=learned,
                watch=_watcher(tuned, show),
            ),
        )
    for callback in tuned.callbacks:
        getattr(callback, "ended", _ignore)(search.entries)
    _check_any(search, tuned)
    if verbosity > 0:
        _say(search, tuned, n, ended)
    return ended != TIME


def _ignore(entries: list[Entry]) -> None:
    pass


def _records(
    search: Search, tuned: Any, n: int, stack: contextlib.ExitStack
) -> tuple[Callable[[Job], None], Callable[[int], Any]]:
    """What writes jobs down, and reads what candidates had learned; once what was written before
    is in the search."""
    if tuned.history is None:
        return lambda job: None, lambda candidate: None
    # Only now: a model that comes from a file may have been made on another computer.
    folder = tuned.history.absolute().parent
    if tuned.history.is_dir() or not folder.is_dir():
        why = "is a folder" if folder.is_dir() else f"is in {str(folder)!r}, which is not there"
        raise InvalidModelError(
            f"TunedModel.history must be a file in a folder, and {str(tuned.history)!r} {why}. "
            "Make the folder, or name another file."
        )
    journal = stack.enter_context(Journal(tuned.history, KIND))
    states = states_of(tuned.history)
    read_into(search, journal)
    if not search.goals or search.goals[-1] < n:
        note_goal(journal, n)

    def record(job: Job) -> None:
        if not job.lasting:
            return
        if job.iterations is not None and job.folds:  # it may train on
            states.write(job.candidate, tuple(fold.trained for fold in job.folds if fold.trained))
        note_job(journal, job)

    return record, states.read


def _watcher(
    tuned: Any, show: Callable[[list[Entry]], None]
) -> Callable[[list[Entry], Entry], None]:
    def watch(entries: list[Entry], latest: Entry) -> None:
        show(entries)
        for callback in tuned.callbacks:
            callback(entries)
        if tuned.logger is not None and latest.evaluation is not None:
            log_evaluations(tuned.logger, [latest.evaluation])

    return watch


@contextlib.contextmanager
def _bar(n: int, before: int, verbosity: int) -> Iterator[Callable[[list[Entry]], None]]:
    """A bar of candidates, with the best measurement so far."""
    shown = verbosity > 0
    with progress_bar("Tuning", unit="model", total=n, done=before, shown=shown) as bar:

        def show(entries: list[Entry]) -> None:
            good = [entry for entry in entries if entry.failure is None]
            if good:
                best = min(good, key=lambda entry: entry.loss)
                value = best.measurement[0]
                bar.set_postfix_str(f"best {best.measure[0].name} {value:.4g}", refresh=False)
            bar.update(len(entries) - bar.n)

        yield show


def _check_any(search: Search, tuned: Any) -> None:
    """Raise AllCandidatesFailed unless there is a best one."""
    entries = search.entries
    if tuned.selection_heuristic.best(entries) is not None:
        return
    if not entries:
        why = "proposed no candidate. Look at its `ask`."
        if tuned.timeout_s is not None:
            why = f"had no candidate done within timeout_s={tuned.timeout_s}. Give more time."
        raise AllCandidatesFailed(f"The search by {type(tuned.strategy).__name__} {why}")
    counts = collections.Counter(entry.failure for entry in entries)
    shown = "; ".join(f"{count} with {reason}" for reason, count in counts.most_common(5))
    fields = list(dict.fromkeys(each.field for each in search.space.dimensions))
    raise AllCandidatesFailed(
        f"All {len(entries)} candidates failed: {shown}. The attribute `history` of this error "
        "has the reason of each. Try one of these models by evaluate(model, X, y).",
        history=history_frame(entries, fields, search.trial.measures),
    ) from search.error


def _say(search: Search, tuned: Any, n: int, ended: str) -> None:
    entries, name = search.entries, search.trial.measures[0].name
    if ended == TIME:
        logger.info("%d (of %d) models evaluated: the time is over.", len(entries), n)
    elif len(entries) < n:
        logger.info("Only %d (of %d) models evaluated: model supply exhausted.", len(entries), n)
    failed = sum(entry.failure is not None for entry in entries)
    if failed:
        logger.info("%d candidates failed; see report(mach).history['failure'].", failed)
    best = tuned.selection_heuristic.best(entries)
    values = ", ".join(f"{path}={value!r:.40}" for path, value in best.values.items())
    logger.info(
        "Best of %d: %s %.6g%s.",
        len(entries),
        name,
        best.measurement[0],
        f" with {values}" if values else "",
    )
