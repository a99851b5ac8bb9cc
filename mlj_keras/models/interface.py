"""The contract between models and machines: what `fit` returns, what a machine may ask.

Knows nothing of particular models or of machines. Source: MLJModelInterface.jl, src/model_api.jl
and src/data_utils.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from mlj_keras.errors import MLJKerasWarning, UnsupportedOperation
from mlj_keras.storage.records import storable


@storable
@dataclasses.dataclass(frozen=True)
class FitOutcome:
    """What training gives: `fitresult` (all that predict needs), `cache` (for warm restarts),
    `report` (a dict for the user).

    Example:
        >>> FitOutcome(fitresult=3).report
        {}

    Source: MLJModelInterface.jl, src/model_api.jl, the triple returned by `fit`.
    """

    fitresult: Any
    cache: Any = None
    report: dict[str, Any] = dataclasses.field(default_factory=dict)


def as_outcome(result: Any) -> FitOutcome:
    """`result` itself if it is a FitOutcome, else one with `result` as its fitresult."""
    return result if isinstance(result, FitOutcome) else FitOutcome(fitresult=result)


Change = Literal["none", "record", "update"]


class PartialFit(BaseException):
    """Training stopped early, with something worth keeping. Machines keep it, then raise `cause`.

    `outcome` belongs to `model`: a copy of the model with the number of whole epochs done. A
    BaseException, so that no handler of ordinary errors between the engine and the machine
    swallows it.
    """

    def __init__(self, outcome: FitOutcome, model: Any, cause: BaseException) -> None:
        super().__init__(str(cause))
        self.outcome = outcome
        self.model = model
        self.cause = cause


class Learned:
    """The hooks by which a model is asked what it has learned; each has a working default."""

    def fitted_params(self, fitresult: Any) -> dict[str, Any]:
        """The learned parameters as named values."""
        return {"fitresult": fitresult}

    def training_losses(self, report: dict[str, Any]) -> Any:
        """The losses of the iterations, or None if this model keeps none."""
        return None

    def feature_importances(self, fitresult: Any, report: dict[str, Any]) -> Any:
        """Pairs (feature, importance), or None if this model has none."""
        return None

    def trained_parts(
        self, outcome: FitOutcome, operation: str
    ) -> dict[str, tuple[Any, FitOutcome]]:
        """The trained models that this one is made of, by name: each as it was trained, and what
        it learned. Empty for a model that is made of no others.

        Raises: NotTrainedError naming `operation` if there should be one, and is not.
        """
        return {}

    def snapshot(self, outcome: FitOutcome) -> Any:
        """What was learned as an immutable value that `restore` takes back."""
        raise _no_snapshots(self)

    def restore(self, outcome: FitOutcome, state: Any) -> tuple[FitOutcome, Any]:
        """(the outcome with that value put back, the model as it was trained then)."""
        raise _no_snapshots(self)


class Operations(Learned):
    """The hooks that a machine calls besides fit, update and the operations; each has a working
    default."""

    # True: fit and the operations get data as the user gave them. False: the package's own tables,
    # columns and images.
    native_data: ClassVar[bool] = True
    # Whether training goes by epochs whose state a checkpoint can write.
    checkpoints: ClassVar[bool] = False

    def has_operation(self, name: str) -> bool:
        """Whether this very instance has an operation such as "transform"."""
        return hasattr(type(self), name)

    def transformed_columns(self, columns: Mapping[Any, Any]) -> dict[Any, Any] | None:
        """The scitypes of the columns of a transformed table, by name, from those of the table;
        None if that is not known before training. Names that are not known are no strings."""
        return None

    def own_traits(self) -> Any:
        """The traits of this very instance; wrappers know more than their class."""
        return self.traits  # type: ignore[attr-defined]  # every Model has them

    def resolve(self, *scitypes: Any) -> Any:
        """The model that does the work for data of these scitypes; a specification without a
        container picks one."""
        return self

    def settled(self, n_rows: int) -> Any:
        """The model with what it would choose by the number of rows chosen for `n_rows`, so that
        folds of other lengths train alike; itself if there is nothing to choose."""
        return self

    def forget(self) -> None:
        """Remove what was written to disk of an earlier training: this one begins anew, by force.
        By default what the models inside have written."""
        for name in self.fields():  # type: ignore[attr-defined]  # every Model has them
            value = getattr(self, name)
            for part in value if isinstance(value, tuple) else (value,):
                if isinstance(part, Operations):
                    part.forget()

    def refit(self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any) -> Any:
        """Learn from the start, from other data than `outcome` was learned from, or by force; a
        composite keeps what is frozen in it."""
        return self.fit(verbosity, *data)  # type: ignore[attr-defined]  # every kind of model has one

    def change_since(self, old_model: Any) -> Change:
        """What the difference from `old_model` asks for: "none", "record" (remember it, train
        nothing) or "update"."""
        return "none" if self == old_model else "update"

    def check_data(self, *args: Any) -> None:
        """Raise, when a machine is made, if the bound data cannot be learned from although their
        scitypes fit."""

    def doubts(self, *args: Any) -> list[MLJKerasWarning]:
        """What the bound data allow and hardly mean, as warnings: given once, when a machine is
        made."""
        return []

    def check_target(self, y: Any) -> None:
        """As `check_data`, for the target alone: of a model whose X is known only in training."""

    def paused(self, outcome: FitOutcome) -> FitOutcome:
        """The outcome as a file can hold it: its cache without data, as a value from which
        `update` can go on, or None. A cache that has a method `paused(model)` says itself."""
        pause = getattr(outcome.cache, "paused", None)
        return dataclasses.replace(outcome, cache=None if pause is None else pause(self))


def _no_snapshots(model: Any) -> UnsupportedOperation:
    return UnsupportedOperation(
        f"{type(model).__name__} has no snapshots: only networks have, and composites of them."
    )
