"""`CompositeState`: what a composite has learned, as an immutable value.

Knows what machines keep. Source: ours.
"""

from __future__ import annotations

import dataclasses
import hashlib
from typing import Any

from mlj_keras.engine.state import MachineState, parts_of
from mlj_keras.errors import UnsupportedOperation


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class CompositeState:
    """What `snapshot` gives of a composite.

    Attributes: `names` of the machines' models, None for those that are no hyper-parameters;
        `outcomes` of machines, each its model and what it learned; `parts`: by name, the state of
        each network, and of each composite of networks; `iterated`, the name of the part that
        iterates, or "".
    """

    names: tuple[str | None, ...]
    outcomes: tuple[Any, ...]
    parts: dict[str, Any]
    iterated: str

    @classmethod
    def of(
        cls, names: tuple[str | None, ...], outcomes: tuple[Any, ...], iterated: str
    ) -> CompositeState:
        """The state of machines in their order."""
        parts = {}
        for name, kept in zip(names, outcomes, strict=True):
            if name is not None and kept is not None:
                try:
                    state = kept[0].snapshot(kept[1])
                except UnsupportedOperation:  # it is no network
                    continue
                parts[name] = state
        return cls(names, outcomes, parts, iterated)

    @property
    def network(self) -> MachineState:
        """The state of the network that iterates."""
        state: MachineState = self.parts[self.iterated].network
        return state

    @property
    def epochs(self) -> int:
        """The epochs that the iterating part has done.

        Raises: UnsupportedOperation if none iterates.
        """
        if self.iterated not in self.parts:
            raise UnsupportedOperation(
                f"No part of this composite counts epochs. Its networks are {list(self.parts)!r}."
            )
        epochs: int = self.parts[self.iterated].epochs
        return epochs

    def digest(self) -> str:
        """SHA-256 over all that was learned, networks bit for bit."""
        result = hashlib.sha256()
        for name, kept in zip(self.names, self.outcomes, strict=True):
            state = self.parts.get(name or "")
            learned = state.digest() if state else None if kept is None else kept[1].fitresult
            for part in parts_of((name, learned)):
                result.update(part)
        return result.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CompositeState) and self.digest() == other.digest()

    def __hash__(self) -> int:
        return hash(self.digest())

    def __repr__(self) -> str:
        epochs = f", epochs={self.epochs}" if self.iterated in self.parts else ""
        return f"CompositeState({', '.join(map(str, self.names))}{epochs})"
