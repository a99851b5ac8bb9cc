"""`reproducibility_report`: whether a trained machine's bytes come again, and on which conditions.

Knows machines, and what is known of their parts; sets nothing. Source: ours.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from textwrap import fill, wrap
from typing import Any

from mlj_keras._display import Rows, grid_html, html_table, text_table, titled_html
from mlj_keras.engine.environment import Environment, environment
from mlj_keras.engine.state import MachineState, parts_of
from mlj_keras.errors import UnsupportedOperation, WrongType
from mlj_keras.inspection._guarantees import (
    CHANGES,
    OWN_CODE,
    SAME_BYTES,
    conditions_of_place,
    doubts_of_place,
    doubts_of_seeds,
)
from mlj_keras.machine.machine import Machine
from mlj_keras.models.interface import FitOutcome

_NAME = "reproducibility_report"
_SHOWN = 20  # parts in a representation
_WIDTH = 98
_DIGITS = 12  # of a digest there
_HEAD = ["part", "model", "seed", "path", "device", "precision", "epochs", "digest", "same"]


@dataclasses.dataclass(frozen=True)
class TrainedPart:
    """A trained model in a machine.

    Attributes:
        name: its place, such as "standardizer" or "members[0].model"; "" for the whole machine
        model: its class · seed: that it used; None for models without, or that report none
        digest: SHA-256 of what it has learned
        guaranteed: whether the same fit gives the same bytes · doubts: why not
        path, device, precision, batch_size, epochs: of networks: "xla" or "graph", the device or
            the strategy with its devices; else None.
    Example:
        >>> TrainedPart("standardizer", "Standardizer", None, "0a", ()).guaranteed
        True

    Source: ours.
    """

    name: str
    model: str
    seed: int | None
    digest: str
    doubts: tuple[str, ...]
    path: str | None = None
    device: str | None = None
    precision: str | None = None
    batch_size: int | None = None
    epochs: int | None = None

    @property
    def guaranteed(self) -> bool:
        """Whether there is no doubt."""
        return not self.doubts


@dataclasses.dataclass(frozen=True, repr=False)
class ReproducibilityReport:
    """What `reproducibility_report` found.

    Attributes:
        guaranteed: whether the same fit, here, gives the same bytes
        doubts: why not, in sentences; empty if guaranteed
        conditions: on what the bytes depend, in sentences
        digest: SHA-256 of what all parts have learned; what a composite learns beside them, such
            as a threshold, follows from them and from the data
        parts: TrainedPart of each trained model that is made of no others
        now: Environment: versions, threads, flags and processor of this process at this moment.
            They are those of the training only if that was in this process.
    Example:
        >>> found = ReproducibilityReport((), ("The same bytes.",), "0a", (), environment())
        >>> found.guaranteed, list(found._asdict())[:2]
        (True, ['guaranteed', 'doubts'])

    Source: ours.
    """

    doubts: tuple[str, ...]
    conditions: tuple[str, ...]
    digest: str
    parts: tuple[TrainedPart, ...]
    now: Environment

    @property
    def guaranteed(self) -> bool:
        """Whether there is no doubt."""
        return not self.doubts

    def _asdict(self) -> dict[str, Any]:
        """Plain values, to be written down or compared."""
        found = {"guaranteed": self.guaranteed, **dataclasses.asdict(self)}
        for part, kept in zip(self.parts, found["parts"], strict=True):
            kept["guaranteed"] = part.guaranteed
        return found

    def __repr__(self) -> str:
        rows = [["digest", self.digest], *([name, text] for name, text in self._now().items())]
        facts = [
            line
            for name, text in rows
            for line in wrap(f"{name:<14}{text}", _WIDTH, subsequent_indent=" " * 14)
        ]
        sentences = (fill(f"- {text}", _WIDTH).splitlines() for text in self._sentences())
        parts = text_table(_HEAD, self._cells(), rule=True).splitlines()
        lines = [*parts, "", *facts, "", *(line for each in sentences for line in each)]
        return "\n".join([self._title(), *(f"  {line}".rstrip() for line in lines)])

    def _repr_html_(self) -> str:
        facts = {"digest": self.digest, **self._now()}
        parts = grid_html(_HEAD, self._cells())
        sentences = grid_html(["conditions"], [[text] for text in self._sentences()])
        return titled_html(self._title(), parts + html_table("now", facts) + sentences)

    def _title(self) -> str:
        kind = "guaranteed" if self.guaranteed else "not guaranteed"
        return f"ReproducibilityReport: the same bytes are {kind}"

    def _sentences(self) -> tuple[str, ...]:
        return (*(f"Not guaranteed: {doubt}." for doubt in self.doubts), *self.conditions)

    def _now(self) -> dict[str, str]:
        now = self.now
        return {
            "versions now": f"mlj_keras {now.mlj_keras}, keras {now.keras}, tensorflow "
            f"{now.tensorflow}, numpy {now.numpy}, python {now.python}",
            "threads now": f"{now.intra_op_threads} intra-op, {now.inter_op_threads} inter-op",
            "settings now": f"TF_ENABLE_ONEDNN_OPTS {now.onednn or 'unset'}, op determinism "
            f"{'on' if now.op_determinism else 'off'}",
            "machine now": f"{now.platform} {now.architecture}, {now.cpu or 'unknown processor'} "
            f"({' '.join(now.instruction_sets) or 'instruction sets unknown'})",
        }

    def _cells(self) -> Rows:
        rows = [
            [
                part.name or "(whole)",
                part.model,
                *("" if value is None else str(value) for value in _shown(part)),
                part.digest[:_DIGITS],
                "yes" if part.guaranteed else "no",
            ]
            for part in self.parts[:_SHOWN]
        ]
        left = len(self.parts) - len(rows)
        return rows + [[f"... {left} more", *[""] * (len(_HEAD) - 1)]] * bool(left)


def _shown(part: TrainedPart) -> tuple[Any, ...]:
    return part.seed, part.path, part.device, part.precision, part.epochs


def reproducibility_report(mach: Machine) -> ReproducibilityReport:
    """What a trained machine's bytes depend on, and whether the same fit gives them again.

    Two runs whose `digest` is the same have learned the same, to the bit; where they differ, so
    does something else of the two reports. Nothing is set or changed: above all, operations of a
    GPU are made deterministic only by your own call of `enable_op_determinism()`.

    Args: mach: trained, of any model; of composites every trained model inside is reported.
    Returns: ReproducibilityReport.
    Raises: NotTrainedError; WrongType for anything but a machine.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> model = mlj.Standardizer() | mlj.NeuralNetworkClassifier(epochs=1, rng=1)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> found = reproducibility_report(mach)
        >>> found.guaranteed, [(part.name, part.seed, part.path) for part in found.parts]
        (True, [('standardizer', None, None), ('neural_network_classifier', 1, 'xla')])
        >>> model.neural_network_classifier.rng = None
        >>> reproducibility_report(mlj.fit(mach, verbosity=0)).guaranteed
        False

    Source: ours.
    """
    if not isinstance(mach, Machine):
        raise WrongType(
            f"{_NAME} takes a trained machine, got {mach!r:.60}. Write "
            f"{_NAME}(fit(machine(model, X, y)))."
        )
    model, outcome = mach.trained(_NAME)
    now = environment()
    whole = tuple(_beside("", model, outcome))
    parts = tuple(_part(*found, now) for found in _walk("", model, outcome))
    inside = (f"{part.name}: {d}" if part.name else d for part in parts for d in part.doubts)
    doubts = (*whole, *inside)
    return ReproducibilityReport(
        doubts=doubts,
        conditions=tuple(_conditions(parts, doubted=bool(doubts))),
        digest=parts[0].digest if len(parts) == 1 and not parts[0].name else _whole(parts),
        parts=parts,
        now=now,
    )


def _walk(name: str, model: Any, outcome: FitOutcome) -> Iterator[tuple[str, Any, FitOutcome]]:
    """The trained models that are made of no others, by their places."""
    inside = model.trained_parts(outcome, _NAME)
    if not inside:
        yield name, model, outcome
    for each, kept in inside.items():
        yield from _walk(f"{name}.{each}" if name else each, *kept)


def _beside(name: str, model: Any, outcome: FitOutcome) -> Iterator[str]:
    """What composites have drawn afresh themselves."""
    inside = model.trained_parts(outcome, _NAME)
    if inside:
        seed = outcome.report.get("rng")
        doubts = doubts_of_seeds(model, seed, whole=False)
        yield from (f"{name}: {doubt}" if name else doubt for doubt in doubts)
    for each, kept in inside.items():
        yield from _beside(f"{name}.{each}" if name else each, *kept)


def _part(name: str, model: Any, outcome: FitOutcome, now: Environment) -> TrainedPart:
    report, state = outcome.report, _state(model, outcome)
    seed = report.get("rng", report.get("random_state"))
    doubts = tuple(doubts_of_seeds(model, seed, whole=True))
    kind = type(model).__name__
    if state is None:
        return TrainedPart(name, kind, seed, _digest(outcome.fitresult), doubts)
    device = report["device"]
    return TrainedPart(
        name,
        kind,
        state.seed,
        state.digest(),
        (*doubts, *doubts_of_place(device, now)),
        path=state.path,
        device=device,
        precision=model.precision,
        batch_size=report["batch_size"],
        epochs=state.epochs,
    )


def _state(model: Any, outcome: FitOutcome) -> MachineState | None:
    """That of a network."""
    try:
        state = model.snapshot(outcome)
    except UnsupportedOperation:
        return None
    return state if isinstance(state, MachineState) else None


def _conditions(parts: tuple[TrainedPart, ...], *, doubted: bool) -> Iterator[str]:
    yield f"But for that, t{SAME_BYTES[1:]}" if doubted else SAME_BYTES
    yield from CHANGES
    devices = dict.fromkeys(part.device for part in parts if part.device is not None)
    for device in devices:
        yield from conditions_of_place(device)
    if devices:
        yield OWN_CODE


def _digest(learned: Any) -> str:
    result = hashlib.sha256()
    for each in parts_of(learned):
        result.update(each)
    return result.hexdigest()


def _whole(parts: tuple[TrainedPart, ...]) -> str:
    return _digest(tuple((part.name, part.digest) for part in parts))
