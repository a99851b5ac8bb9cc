"""A search as it runs: what is shown, told and called on the way."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from tests.batteries.searching import STOPS, Valley, X, Y, fitted, same_history, tuned


def test_callbacks_see_all_entries_after_each_candidate() -> None:
    seen: list[list[int]] = []
    fitted(tuned(callbacks=lambda entries: seen.append([entry.index for entry in entries])))
    assert seen == [list(range(i)) for i in range(1, 6)]


def test_what_a_callback_has_by_the_name_ended_is_called_once() -> None:
    class Bell:
        def __init__(self) -> None:
            self.rung: list[int] = []

        def __call__(self, entries: Any) -> None: ...

        def ended(self, entries: Any) -> None:
            self.rung.append(len(entries))

    bell = Bell()
    fitted(tuned(callbacks=[bell]))
    assert bell.rung == [5]


def test_progress_names_the_best_so_far(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mlj_keras._progress._DELAY_S", 0)
    slow = tuned(callbacks=lambda entries: time.sleep(0.15))  # longer than between two drawings
    mlj.fit(mlj.machine(slow, X, Y), verbosity=1)
    shown = capsys.readouterr().err
    assert "Tuning" in shown and "5/5" in shown and "best l1 1.00" in shown
    mlj.fit(mlj.machine(tuned(), X, Y), verbosity=0)
    assert not capsys.readouterr().err


def test_ctrl_c_in_a_later_fit_leaves_what_predicts() -> None:
    mach = fitted(tuned(Valley(stops_at=0.5, rng=1), n=2))
    before = mlj.predict(mach, X)
    mach.model.n = 5
    STOPS.append(1)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert np.array_equal(mlj.predict(mach, X), before)  # nothing new was found
    STOPS.append(1)
    mach.model.model.stops_at = 0.75
    mach = fitted(tuned(Valley(stops_at=0.75, rng=1), n=2))
    mach.model.n = 5
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert len(mlj.report(mach).history) == 3 and np.array_equal(mlj.predict(mach, X), before)
    assert len(mlj.report(mlj.fit(mach, verbosity=0)).history) == 5


def test_halving_that_was_cut_off_with_all_candidates_begun_goes_on() -> None:
    options = {"tuning": mlj.ASHA(n_at_once=2), "n": 4, "train_best": False}
    whole = fitted(tuned(Valley(n=9, rng=1), **options))
    seen: list[int] = []

    def stop(entries: Any) -> None:
        seen.append(len(entries))
        if seen == [1, 2, 3, 4]:
            raise KeyboardInterrupt

    mach = mlj.machine(tuned(Valley(n=9, rng=1), callbacks=stop, **options), X, Y)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    assert len(mlj.report(mach).history) == 4
    assert same_history(mlj.fit(mach, verbosity=0), whole)


def test_fewer_candidates_than_a_search_that_was_cut_off_was_to_have(tmp_path: Path) -> None:
    mach = mlj.machine(tuned(Valley(stops_at=0.5, rng=1)), X, Y)
    STOPS.append(1)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    mach.model.n = 3
    assert len(mlj.report(mlj.fit(mach, verbosity=0)).history) == 3
    mach = mlj.machine(tuned(Valley(stops_at=0.5, rng=1), history=tmp_path / "history"), X, Y)
    STOPS.append(1)
    with pytest.raises(KeyboardInterrupt):
        mlj.fit(mach, verbosity=-1)
    again = tuned(Valley(stops_at=0.5, rng=1), history=tmp_path / "history", n=3)
    assert len(mlj.report(fitted(again)).history) == 3


def test_a_part_and_what_is_inside_it_are_searched_whatever_their_order() -> None:
    model = mlj.Standardizer() | Valley(rng=1)
    inside = mlj.param_range(model, "valley.a", values=[0.1, 0.2])
    part = mlj.param_range(model, "valley", values=[Valley(k=1, rng=1), Valley(k=2, rng=1)])
    for ranges in ([inside, part], [part, inside]):
        report = mlj.report(fitted(tuned(model, ranges=ranges, tuning=mlj.Grid())))
        for row in report.history.to_dict("records"):
            assert row["model"].valley.a == row["valley.a"]
            assert row["model"].valley.k == row["valley"].k


def test_a_searched_path_that_is_called_as_another_column_has_a_name_of_its_own() -> None:
    class Named(Valley):
        measurement: float = 0.0

    r = mlj.param_range(Named(), "measurement", values=[0.5, 0.7])
    history = mlj.report(fitted(tuned(Named(rng=1), ranges=[r]))).history
    assert list(history["measurement (searched)"]) == [0.5, 0.7]
    assert history["measurement"].nunique() == 1


def test_each_candidate_is_logged_once_though_the_search_goes_on(tmp_path: Path) -> None:
    class Book:
        tags: list[str] = []

        def log_evaluation(self, evaluation: Any) -> None:
            self.tags.append(evaluation.tag)

    mach = fitted(tuned(logger=Book(), n=2, history=tmp_path / "history"))
    mach.model.n = 4
    mlj.fit(mach, verbosity=0)
    assert Book.tags == [f"candidate {i}" for i in range(4)]
