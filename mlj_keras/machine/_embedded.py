"""The embeddings and the loss of the networks that a machine has learned, wherever they are in its
model. Knows what trained models are made of; no container in particular. Source: ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mlj_keras.engine.losses import name_and_logits
from mlj_keras.errors import InvalidArgument, InvalidModelError, UnsupportedOperation
from mlj_keras.models import FitOutcome

Factor = tuple[tuple[Any, ...], Any]  # levels, and vectors (n_levels, width) in their order

_MOST = 30  # factors that are drawn at once


def factors_of(model: Any, outcome: FitOutcome, feature: str | None) -> dict[str, Factor]:
    """The factors that have embeddings, by name; with the place of the network before it, such as
    "members[0].sex", if there are several networks that have some.

    Args: feature: the name of the one that is asked for, or None for all.
    Raises: UnsupportedOperation if there are none; InvalidArgument for a feature that is none of
        them, or more of them than can be drawn.
    """
    networks = {place: each for place, each in _walk("", model, outcome) if each}
    if not networks:
        raise UnsupportedOperation(
            f"{type(model).__name__} has no embeddings: no network in it was trained on a factor. "
            "Give X one, coerce(X, {'name': Multiclass}), and let nothing encode it before the "
            "network."
        )
    several = len(networks) > 1
    found = {
        f"{place}.{name}" if several and place else name: factor
        for place, factors in networks.items()
        for name, factor in factors.items()
    }
    shown = ", ".join(map(repr, list(found)[:8])) + (", ..." if len(found) > 8 else "")
    if feature is not None:
        if feature not in found:
            raise InvalidArgument(
                f"feature must be one that has an embedding, {shown}, got {feature!r}."
            )
        return {feature: found[feature]}
    if len(found) > _MOST:
        raise InvalidArgument(
            f"{len(found)} factors have embeddings, too many for a picture. Give feature=, one of "
            f"{shown}."
        )
    return found


def _walk(
    place: str, model: Any, outcome: FitOutcome
) -> Iterator[tuple[str, Mapping[str, Factor]]]:
    """The networks inside, each by its place, with the factors that it has."""
    learned = outcome.fitresult
    if hasattr(learned, "embeddings") and hasattr(learned, "encoder"):
        pools = getattr(learned.encoder, "pools", {})
        tables = learned.embeddings()
        yield place, {name: (pools[name], table) for name, table in tables.items()}
        return
    for name, kept in model.trained_parts(outcome, "plot").items():
        yield from _walk(f"{place}.{name}" if place else name, *kept)


def loss_in_words(model: Any, outcome: FitOutcome, part: str) -> str:
    """The name of the loss that a network was trained on, "mean squared error"; "" if it has
    none, as a function without a name.

    Args: part: of a composite, the one whose losses are drawn.
    """
    if isinstance(getattr(model, "loss", None), str) or callable(getattr(model, "loss", None)):
        try:
            name = name_and_logits(model.loss)[0]
        except InvalidModelError:  # a model of the user's own, with a loss of its own
            return ""
        return name.strip("_").replace("_", " ") if name.isidentifier() else ""
    inside = model.trained_parts(outcome, "plot")
    kept = inside.get(part) or inside.get("model")
    return loss_in_words(kept[0], kept[1], "model") if kept else ""
