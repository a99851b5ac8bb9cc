"""`Explicit`: the models of a list, one by one. Source: MLJTuning.jl,
src/strategies/explicit.jl."""

from __future__ import annotations

from mlj_keras.errors import InvalidModelError
from mlj_keras.tuning.space import Space
from mlj_keras.tuning.strategies._listed import Listed
from mlj_keras.tuning.strategy import Proposal, Searcher, TuningStrategy


class Explicit(TuningStrategy):
    """Try the models given, in their order; they may be of any classes.

    For TunedModel(models=[...]), whose default it is. Default n: all of them.
    Raises: InvalidModelError if no models are given.
    Example:
        >>> import mlj_keras as mlj
        >>> nets = [mlj.NeuralNetworkRegressor(epochs=n) for n in (5, 10)]
        >>> Explicit().start(Space(nets[0], models=tuple(nets)), 0).ask(1)[0].model.epochs
        5

    Source: MLJTuning.jl, src/strategies/explicit.jl, `Explicit`.
    """

    def check_space(self, space: Space) -> None:
        """Models."""
        if not space.models:
            raise InvalidModelError(
                "Explicit tries the models that it is given. Write TunedModel(models=[...]), or "
                "with ranges=[...] take Grid() or RandomSearch()."
            )

    def default_n(self, space: Space) -> int:
        """All of them."""
        return len(space.models)

    def start(self, space: Space, seed: int) -> Searcher:
        """See TuningStrategy."""
        return Listed(lambda number: Proposal(model=space.models[number]), len(space.models))
