"""The decision of `fit`: every row of the reference's table, in its order."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import pytest

from mlj_keras.machine.staleness import Action, Facts, decide

QUIET = Facts(
    frozen=False,
    trained=True,
    force=False,
    upstream_changed=False,
    rows_changed=False,
    type_changed=False,
    change="none",
)
REASONS = ("force", "upstream_changed", "rows_changed", "type_changed")


@pytest.mark.parametrize(
    ("change", "action"),
    [("none", Action.SKIP), ("record", Action.RECORD), ("update", Action.UPDATE)],
)
def test_a_trained_machine_with_the_same_data_does_what_the_change_asks_for(
    change: Any, action: Action
) -> None:
    assert decide(dataclasses.replace(QUIET, change=change)) is action


@pytest.mark.parametrize("change", ["none", "record", "update"])
@pytest.mark.parametrize("reason", REASONS)
def test_each_reason_alone_trains_from_scratch_whatever_else_changed(
    reason: str, change: Any
) -> None:
    assert decide(dataclasses.replace(QUIET, change=change, **{reason: True})) is Action.FIT


@pytest.mark.parametrize("change", ["none", "record", "update"])
def test_an_untrained_machine_is_trained(change: Any) -> None:
    assert decide(dataclasses.replace(QUIET, trained=False, change=change)) is Action.FIT


def test_a_frozen_machine_is_left_alone_whatever_happened() -> None:
    flags = ("trained", *REASONS)
    for values in itertools.product([False, True], repeat=len(flags)):
        for change in ("none", "record", "update"):
            given: Any = dict(zip(flags, values, strict=True))
            facts = dataclasses.replace(QUIET, frozen=True, change=change, **given)
            assert decide(facts) is Action.FROZEN


def test_facts_are_immutable_and_all_have_to_be_stated() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        QUIET.frozen = True  # type: ignore[misc]
    with pytest.raises(TypeError, match="change"):
        Facts(**{f: False for f in ("frozen", "trained", *REASONS)})  # type: ignore[arg-type]
