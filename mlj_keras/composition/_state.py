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
        iterates, or ""; `further`: values by name that are told in the report, and such as are
        among the fitted parameters.
    Of several machines of one model `parts` has the first.
    """

    names: tuple[str | None, ...]
    outcomes: tuple[Any, ...]
    states: tuple[Any, ...]  # of machines that are networks, or None
    iterated: str
    further: tuple[dict[str, Any], dict[str, Any]]

    @classmethod
    def of(
        cls,
        names: tuple[str | None, ...],
        outcomes: tuple[Any, ...],
        iterated: str,
        further: tuple[dict[str, Any], dict[str, Any]] = ({}, {}),
    ) -> CompositeState:
        """The state of machines in their order."""
        return cls(names, outcomes, tuple(map(_state_of, outcomes)), iterated, further)

    @property
    def parts(self) -> dict[str, Any]:
        """The states of networks, by the names of their models."""
        pairs = reversed(list(zip(self.names, self.states, strict=True)))
        return {n: state for n, state in pairs if n is not None and state is not None}

    @property
    def network(self) -> MachineState:
        """The state of the network that iterates.

        Raises: UnsupportedOperation if none iterates.
        """
        state: MachineState = self._iterating().network
        return state

    @property
    def epochs(self) -> int:
        """The epochs that the iterating part has done.

        Raises: UnsupportedOperation if none iterates.
        """
        epochs: int = self._iterating().epochs
        return epochs

    def _iterating(self) -> Any:
        if self.iterated not in self.parts:
            raise UnsupportedOperation(
                f"No part of this composite counts epochs. Its networks are {list(self.parts)!r}."
            )
        return self.parts[self.iterated]

    def digest(self) -> str:
        """SHA-256 over all that was learned, networks bit for bit."""
        result = hashlib.sha256()
        for name, kept, state in zip(self.names, self.outcomes, self.states, strict=True):
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


def _state_of(kept: Any) -> Any:
    """The state of what a machine has learned; None if it is no network."""
    try:
        return None if kept is None else kept[0].snapshot(kept[1])
    except UnsupportedOperation:
        return None
