"""A machine as the values that a file holds of it, and back.

Knows machines; not how files are written. Source: MLJBase.jl, src/machines.jl (`serializable`,
`restore!`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlj_keras.machine.known_rows import KnownRows
from mlj_keras.machine.machine import Machine
from mlj_keras.models.learned import check_learned


def facts_of(mach: Machine) -> dict[str, Any]:
    """What a machine is and has learned, by name: without its data, and without what warm restarts
    keep of them."""
    outcome, rows = mach._outcome, mach._old_rows
    return {
        "model": mach.model,
        "trained_model": mach._old_model,
        "outcome": None if outcome is None else mach._old_model.paused(outcome),
        "state": mach.state,
        "frozen": mach.frozen,
        "cache": mach.cache,
        "scitype_check_level": mach.scitype_check_level,
        "rows": None if rows is None else KnownRows.of(rows),
        "upstream": mach._old_upstream,
        "in_network": mach.in_network,
    }


def revived(args: tuple[Any, ...], facts: Mapping[str, Any]) -> Machine:
    """The machine of these facts, bound to these sources and nodes.

    Raises: ValueError for facts that do not go together.
    """
    outcome, trained = facts["outcome"], facts["trained_model"]
    if (outcome is None) != (trained is None) or (facts["state"] > 0) != (outcome is not None):
        raise ValueError("it is trained and untrained at once")
    if facts["state"] < 0 or facts["scitype_check_level"] not in (0, 1, 2):
        raise ValueError("its counter, or its level of checks, is impossible")
    if not isinstance(facts["rows"], KnownRows | None):
        raise ValueError("its rows are none")
    if trained is not None:
        check_learned(trained, outcome)
    mach = Machine(
        facts["model"],
        args,
        in_network=facts["in_network"],
        cache=facts["cache"],
        scitype_check_level=facts["scitype_check_level"],
    )
    mach.state, mach.frozen = facts["state"], facts["frozen"]
    mach._outcome, mach._old_model, mach._old_rows = outcome, trained, facts["rows"]
    mach._old_upstream = facts["upstream"]
    mach.container = None if trained is None else type(trained)
    return mach


def bound(mach: Machine, unbound: Machine, *, same_data: bool) -> Machine:
    """A machine bound to data, with what one without data has learned; from other data it trains
    from the start when it is trained next."""
    facts = facts_of(unbound)
    found = revived(mach.args, {**facts, "in_network": mach.in_network})
    if same_data:
        found._old_upstream = tuple(arg.state for arg in found.args)
    else:
        found._old_upstream = (-1,)  # the state of no source
    return found
