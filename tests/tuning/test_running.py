"""A search as it runs: what is shown, told and called on the way."""

from __future__ import annotations

import time
from typing import Any

import pytest

import mlj_keras as mlj
from tests.batteries.searching import X, Y, fitted, tuned


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
    monkeypatch.setattr("mlj_keras.tuning.running._BAR_DELAY_S", 0)
    slow = tuned(callbacks=lambda entries: time.sleep(0.15))  # longer than between two drawings
    mlj.fit(mlj.machine(slow, X, Y), verbosity=1)
    shown = capsys.readouterr().err
    assert "Tuning" in shown and "5/5" in shown and "best l1 1.00" in shown
    mlj.fit(mlj.machine(tuned(), X, Y), verbosity=0)
    assert not capsys.readouterr().err
