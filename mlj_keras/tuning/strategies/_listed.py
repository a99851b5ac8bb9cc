"""A searcher of candidates that are numbered beforehand. Knows proposals only. Source: ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mlj_keras.tuning.strategy import Proposal, Result


class Listed:
    """Proposes the candidates 0, 1, 2, ..., whatever became of those before.

    Args: proposal: of the number · supply: how many there are, None for no end of them.
    """

    def __init__(self, proposal: Callable[[int], Proposal], supply: int | None = None) -> None:
        self._proposal = proposal
        self._supply = supply
        self._asked = 0

    def ask(self, room: int) -> Sequence[Proposal]:
        """As many as there is room for, if there are still so many."""
        end = self._asked + room
        if self._supply is not None:
            end = min(end, self._supply)
        numbers = range(self._asked, end)
        self._asked = end
        return [self._proposal(number) for number in numbers]

    def tell(self, results: Sequence[Result]) -> None:
        """Nothing: the candidates do not depend on results."""
