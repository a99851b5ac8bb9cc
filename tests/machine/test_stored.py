"""Tests of stored: a machine as values without data, and back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mlj_keras as mlj
from mlj_keras.machine.known_rows import KnownRows
from mlj_keras.machine.source import NoData
from mlj_keras.machine.stored import bound, facts_of, revived


def trained(**options: Any) -> mlj.Machine:
    """A machine trained on some rows."""
    mach = mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0, 9.0], **options)
    return mlj.fit(mach, rows=[0, 1, 2], verbosity=0)


def test_facts_hold_neither_data_nor_positions() -> None:
    facts = facts_of(trained())
    assert facts["rows"] == KnownRows.of(np.array([0, 1, 2]))
    assert facts["outcome"].cache is None
    assert not any(isinstance(value, list | np.ndarray) for value in facts.values())


def test_a_revived_machine_transforms_as_the_first() -> None:
    mach = revived((NoData("Vector[Continuous], 4 rows"),), facts_of(trained()))
    assert mlj.transform(mach, [4.0]) == [2.0]
    assert mach.state == 1 and mach.container is mlj.Standardizer


def test_a_machine_without_data_says_so_when_it_is_trained_or_asked_for_rows() -> None:
    mach = revived((NoData(),), facts_of(trained()))
    for use in (mach.fit, mach.transform):
        with pytest.raises(mlj.errors.InvalidArgument, match=r"load_machine\(path, X, y\)"):
            use()
    assert "not here" in repr(mach)


def test_bound_to_its_own_data_it_has_nothing_to_train_for_its_rows_and_all_for_others() -> None:
    first = trained()
    again = mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0, 9.0])
    mach = bound(again, revived((), facts_of(first)), same_data=True)
    assert mlj.fit(mach, rows=[0, 1, 2], verbosity=0).state == 1
    assert mlj.fit(mach, rows=[0, 1, 3], verbosity=0).state == 2


def test_bound_to_other_data_it_trains_from_the_start() -> None:
    again = mlj.machine(mlj.Standardizer(), [1.0, 2.0, 3.0])
    mach = bound(again, revived((), facts_of(trained())), same_data=False)
    assert mlj.fit(mach, verbosity=0).state == 2


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"outcome": None}, "trained and untrained at once"),
        ({"trained_model": None}, "trained and untrained at once"),
        ({"state": 0}, "trained and untrained at once"),
        ({"state": -1, "outcome": None, "trained_model": None}, "is impossible"),
        ({"scitype_check_level": 7}, "is impossible"),
        ({"rows": [0, 1]}, "rows are none"),
    ],
)
def test_facts_that_do_not_go_together_are_refused(changed: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        revived((), {**facts_of(trained()), **changed})
