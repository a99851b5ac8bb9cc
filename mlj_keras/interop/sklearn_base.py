"""What the three scikit-learn estimators share: parameters, tags, reading data, keeping what was
trained.

Loads scikit-learn: imported on use. Knows machines. Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from mlj_keras.data.images import is_images
from mlj_keras.data.scitypes import Continuous, Image, Optional, Table, Unknown, Vector
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.interop.sklearn_data import read_features
from mlj_keras.interop.sklearn_estimator import kinds_of
from mlj_keras.interop.sklearn_params import replaced, split_parameters
from mlj_keras.interop.sklearn_training import bound, goes_on, train, without_data
from mlj_keras.machine import Machine, feature_importances, report, training_losses
from mlj_keras.models import Model, Traits
from mlj_keras.models.interface import Operations
from mlj_keras.models.nested import nested_params


class MachineEstimator(BaseEstimator):
    """The base of MachineClassifier, MachineRegressor and MachineTransformer."""

    kind: ClassVar[str]
    default: ClassVar[type[Any]]  # the model where none is given

    model: Any
    verbosity: int
    machine_: Machine

    def get_params(self, deep: bool = True) -> dict[str, Any]:  # noqa: FBT001, FBT002
        """The parameters; with `deep` also those inside the model, such as
        `model__optimiser__learning_rate`."""
        params: dict[str, Any] = super().get_params(deep=deep)
        inside = nested_params(self._model(), "model__") if deep else {}
        # A read-only mapping can be neither pickled nor copied.
        return params | {n: dict(v) if isinstance(v, Mapping) else v for n, v in inside.items()}

    def set_params(self, **params: Any) -> Self:
        """Set parameters; inside the model as `model__epochs` or, unpacked, `"model.epochs"`. The
        model that was given stays as it is: the estimator gets a changed copy."""
        own, inside = split_parameters(params, "model")
        super().set_params(**own)
        if inside:
            self.model = replaced(self._checked_model(), inside)
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        wanted = self._traits().input_scitype
        stated = wanted != Unknown or goes_on(self._model())  # networks never take missing values
        tags.input_tags.allow_nan = not stated or Table[Optional[Continuous]] <= wanted
        if wanted != Unknown and wanted <= Vector[Image]:
            tags.input_tags.two_d_array, tags.input_tags.three_d_array = False, True
        # No tag for categories and strings: scikit-learn means by these that arrays may hold them.
        return tags

    @property
    def feature_importances_(self) -> np.ndarray:
        """The importance of each feature (n_features_in_,), of models that report them."""
        check_is_fitted(self)
        pairs = feature_importances(self.machine_)
        if pairs is None:  # an AttributeError, by which hasattr says no
            raise AttributeError(
                f"{type(self.machine_.model).__name__} reports no feature importances. "
                "sklearn.inspection.permutation_importance gives some of any model."
            )
        found = {str(name): float(value) for name, value in pairs}
        names = getattr(self, "feature_names_in_", None)
        if names is None:
            names = [f"x{j + 1}" for j in range(self.n_features_in_)]
        return np.array([found.get(str(name), 0.0) for name in names])

    def _model(self) -> Any:
        return self.default() if self.model is None else self.model

    def _checked_model(self) -> Model:
        model = self._model()
        if not isinstance(model, Model) or not isinstance(model, Operations):
            raise WrongType(
                f"{type(self).__name__}.model must be a model such as {self.default.__name__}(), "
                f"got {model!r}."
            )
        fits = self.kind in kinds_of(model)
        if not fits and not (self.kind == "transformer" and hasattr(type(model), "transform")):
            raise InvalidArgument(
                f"{type(model).__name__} is no {self.kind}. Write as_estimator(model), which "
                "picks the estimator."
            )
        return model

    def _traits(self) -> Traits:
        model = self._model()
        traits: Traits = (model if isinstance(model, Operations) else self.default()).own_traits()
        return traits

    def _read(self, model: Any, X: Any, *, reset: bool) -> Any:
        """X as the model takes it, checked against what was seen in training unless `reset`."""
        wanted = model.own_traits().input_scitype
        if is_images(X) if wanted == Unknown else wanted <= Vector[Image]:
            return X
        return read_features(
            self,
            X,
            reset=reset,
            native=model.native_data,
            allow_nan=self.__sklearn_tags__().input_tags.allow_nan,
        )

    def _train(
        self, model: Model, args: tuple[Any, ...], *, onward: bool = False, restart: bool = False
    ) -> Self:
        """Train on these data; an interruption keeps the whole epochs that were done."""
        mach = bound(model, args)
        try:
            train(mach, self.machine_ if onward else None, self.verbosity, restart=restart)
        finally:
            if mach.state:
                self._keep(mach)
        return self

    def _keep(self, mach: Machine) -> None:
        model, outcome = mach.trained("fit")
        self.machine_ = without_data(model, outcome)
        name, losses = model.own_traits().iteration_parameter, training_losses(self.machine_)
        counted = report(self.machine_)._asdict().get("n_iterations")  # under controls
        n_iter = counted if name is None else model.get(name)
        if n_iter is not None:
            self.n_iter_ = n_iter
        if losses is not None:
            self.loss_curve_ = np.asarray(losses, dtype=float).tolist()

    def _trained_machine(self, X: Any) -> tuple[Machine, Any]:
        """(the trained machine, X read for it)."""
        check_is_fitted(self)
        return self.machine_, self._read(self.machine_.model, X, reset=False)
