"""What `fit` does: train, update, remember or leave, decided and said in one place.

Knows facts about a machine, not the machine. Source: MLJBase.jl, src/machines.jl (`fit_only!`, the
table in its docstring).
"""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

from mlj_keras._logging import logger
from mlj_keras.models.interface import Change, PartialFit


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


def keeps(model: Any, old_model: Any) -> bool:
    """Whether a model that was trained as `old_model` is frozen: not one of another kind that has
    taken its place, or that it now wraps."""
    alike = type(model) is type(old_model)
    if not alike or "frozen" not in model.fields() or model.frozen is not True:
        return False
    return type(getattr(model, "model", None)) is type(getattr(old_model, "model", None))


def thawed(model: Any, old_model: Any) -> bool:
    """Whether a model was frozen, and so may have missed what it was to learn."""
    was = getattr(old_model, "frozen", False) is True
    return was and getattr(model, "frozen", False) is not True


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


def announce(action: Action, model: Any, verbosity: int, *, force: bool, trained: bool) -> None:
    """Say what `fit` does with a machine of this model."""
    if verbosity < 1 and action is not Action.FROZEN:
        return
    what = f"machine({model!r}, ...)"
    if action is Action.FROZEN:
        if not trained or force:
            logger.warning(
                "Not retraining %s: it is frozen%s.",
                what,
                "" if trained else " and untrained",
            )
        elif verbosity > 0:
            logger.info("Not retraining %s: it is frozen. Use thaw(mach).", what)
    elif action is Action.RECORD:
        logger.info("Not retraining %s: the change takes effect when training goes on.", what)
    elif action is Action.SKIP:
        logger.info("Not retraining %s. Use force=True to force.", what)
    else:
        logger.info("%s %s.", "Training" if action is Action.FIT else "Updating", what)


def announce_partial(partial: PartialFit) -> None:
    """Say what a fit that stopped early has left."""
    epochs = getattr(partial.model, "epochs", None)
    whole = (
        "What was learned so far is kept"
        if epochs is None
        else f"The machine keeps {epochs} whole epoch(s)"
    )
    logger.warning("Training stopped early. %s; call fit again to go on from there.", whole)
