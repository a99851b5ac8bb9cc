"""Arrays larger than the memory are refused before they are made."""

from __future__ import annotations

import pathlib

import pytest

from mlj_keras.data import budget
from mlj_keras.data.budget import check_budget, memory_allowed
from mlj_keras.errors import MemoryBudgetError, MLJKerasError


def test_more_than_the_memory_is_refused_with_both_numbers_and_advice() -> None:
    allowed = memory_allowed()
    assert allowed is not None
    check_budget(allowed, what="X", advice="Give fewer rows.")
    with pytest.raises(MemoryBudgetError, match=r"^X needs .* of memory, and there are .* Give f"):
        check_budget(allowed + 1, what="X", advice="Give fewer rows.")
    with pytest.raises(MemoryError, match=r"X needs 1\.0 ZiB|X needs 1024\.0 EiB") as caught:
        check_budget(2**70, what="X", advice="Give fewer rows.")
    assert isinstance(caught.value, MLJKerasError)


def test_the_limit_of_a_container_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    limit = tmp_path / "memory.max"
    whole = memory_allowed.__wrapped__()
    monkeypatch.setattr(budget, "_LIMITS", (str(limit),))
    limit.write_text("1048576\n")
    assert memory_allowed.__wrapped__() == 2**20
    limit.write_text("max\n")  # none
    assert memory_allowed.__wrapped__() >= whole


def test_a_system_that_does_not_say_has_no_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "_LIMITS", ())
    monkeypatch.setattr(budget.os, "sysconf", lambda name: -1)
    assert memory_allowed.__wrapped__() == 1  # the product of two unknown numbers
    monkeypatch.setattr(budget.os, "sysconf", _unknown)
    assert memory_allowed.__wrapped__() is None
    monkeypatch.setattr(budget, "memory_allowed", lambda: None)
    check_budget(2**100, what="X", advice="")


def _unknown(name: str) -> int:
    raise ValueError(name)
