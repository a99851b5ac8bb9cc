"""`matching`: which models, and which measures, take some data.

Knows scitypes and traits. Source: MLJModels.jl, src/model_search.jl (`matching`), and MLJBase.jl
for measures.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from mlj_keras._warnings import warn
from mlj_keras.data.inference import scitype
from mlj_keras.data.scitypes import Scitype, Table
from mlj_keras.data.tables import table_of
from mlj_keras.data.weights import ClassWeights
from mlj_keras.errors import InvalidArgument, ScitypeWarning, WrongType
from mlj_keras.measures import Measure
from mlj_keras.models import Model, Traits
from mlj_keras.registry.catalog import ModelEntry, entry_of


@dataclasses.dataclass(frozen=True)
class Matching:
    """A predicate: does this model, or this measure, take the data? Made by `matching`.

    Attributes: `scitypes`, of X, or of X and y; `weights`: None, "vector" or "classes".
    Example:
        >>> fits = Matching((Table, ))
        >>> fits("KMeans"), fits("Ridge")
        (False, False)

    Source: MLJModels.jl, src/model_search.jl, `Checker`.
    """

    scitypes: tuple[Scitype, ...]
    weights: str | None = None

    def __call__(self, candidate: Any) -> bool:
        """True if the candidate takes the data.

        Args: candidate: an entry, a model, a model class, the name of a model, or a measure
            (hence Any).
        Raises: InvalidArgument for an unknown name; WrongType for anything else.
        """
        if isinstance(candidate, Measure):
            return candidate.takes(self.scitypes[-1])
        return self._takes(_traits(candidate))

    def _takes(self, traits: Traits) -> bool:
        if traits.supervised != (len(self.scitypes) > 1):
            return False
        if not self.scitypes[0] <= traits.input_scitype:
            return False
        if len(self.scitypes) == 1:
            return True
        weighted = {
            None: True,
            "vector": traits.supports_weights,
            "classes": traits.supports_class_weights,
        }
        return bool(self.scitypes[1] <= traits.target_scitype) and weighted[self.weights]


def matching(*data: Any) -> Matching:
    """A predicate that is true for the models that take these data.

    With X alone: unsupervised models whose input is of X's scitype (a few need a target for
    training too, see `info(name)["target_in_fit"]`). With X and y: supervised models that take
    both. With weights too: those of them that support such weights. A Count target matches no
    model: say by `coerce` whether its integers are classes or measurements. NeuralNetwork, which
    becomes one of the containers, is left to these. On a measure it is true if the measure takes
    targets such as y, or such as the only argument.

    Args: data: X, or X, y, or X, y, w; as `machine` takes them (hence Any).
    Returns: Matching, for `models(matching(X, y))`, or to call on an entry, a model, a model
        class, a name or a measure.
    Raises: InvalidArgument for no or more than three arguments.
    Warns: ScitypeWarning for a y that is a table of one column.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> fits = matching(X, y)
        >>> fits("NeuralNetworkClassifier"), fits("NeuralNetworkBinaryClassifier")
        (True, False)
        >>> matching(X, y, {"setosa": 1, "versicolor": 1, "virginica": 2})("GaussianNB")
        True

    Source: MLJModels.jl, src/model_search.jl, `matching`.
    """
    if not 1 <= len(data) <= 3:
        raise InvalidArgument(
            f"matching takes X, or X, y, or X, y, w, got {len(data)} arguments. "
            "Write matching(X, y)."
        )
    scitypes = tuple(map(scitype, data[:2]))
    if len(data) > 1 and scitypes[1] <= Table and len(table_of(data[1], "y").names) == 1:
        warn(
            "y is a table of one column, which only models of several targets take. Give the "
            "column itself for the others.",
            ScitypeWarning,
        )
    weights = data[2] if len(data) > 2 else None
    if weights is None:
        return Matching(scitypes)
    by_class = isinstance(weights, str | Mapping | ClassWeights)
    return Matching(scitypes, "classes" if by_class else "vector")


def _traits(candidate: Any) -> Traits:
    if isinstance(candidate, str):
        candidate = entry_of(candidate)
    if isinstance(candidate, ModelEntry):
        candidate = candidate.model_class
    if isinstance(candidate, type) and issubclass(candidate, Model):
        return candidate.traits
    if isinstance(candidate, Model) and hasattr(candidate, "own_traits"):
        own: Traits = candidate.own_traits()
        return own
    raise WrongType(
        f"A match is asked of a model, a model class, a name, an entry of models() or a measure, "
        f"got {candidate!r:.60}. Write matching(X, y)('KNeighborsClassifier')."
    )
