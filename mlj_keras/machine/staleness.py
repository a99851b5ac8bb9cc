"""What `fit` does: train, update, remember or leave, decided in one place.

Knows facts about a machine, not the machine. Source: MLJBase.jl, src/machines.jl (`fit_only!`, the
table in its docstring).
"""

from __future__ import annotations

import dataclasses
import enum

from mlj_keras.models.interface import Change


class Action(enum.Enum):
    """What `fit` does with a machine."""

    FIT = "fit"
    UPDATE = "update"
    RECORD = "record"
    SKIP = "skip"
    FROZEN = "frozen"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Facts:
    """What has happened since the last training."""

    frozen: bool
    trained: bool
    force: bool
    upstream_changed: bool
    rows_changed: bool
    type_changed: bool
    change: Change


def decide(facts: Facts) -> Action:
    """The action for these facts, in the order of the reference's table.

    Example:
        >>> names = ["frozen", "force", "upstream_changed", "rows_changed", "type_changed"]
        >>> quiet = {**dict.fromkeys(names, False), "trained": True}
        >>> decide(Facts(**quiet, change="update")), decide(Facts(**quiet, change="none"))
        (<Action.UPDATE: 'update'>, <Action.SKIP: 'skip'>)

    Source: MLJBase.jl, src/machines.jl. Deviation: a change that trains nothing is recorded and
        moves no counter.
    """
    if facts.frozen:
        return Action.FROZEN
    if (
        not facts.trained
        or facts.force
        or facts.upstream_changed
        or facts.rows_changed
        or facts.type_changed
    ):
        return Action.FIT
    return {"none": Action.SKIP, "record": Action.RECORD, "update": Action.UPDATE}[facts.change]
