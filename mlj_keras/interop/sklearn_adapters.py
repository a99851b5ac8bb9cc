"""`MachineClassifier`, `MachineRegressor`, `MachineTransformer`: scikit-learn estimators that
train a model of ours.

Loads scikit-learn: imported on use, by `sklearn_estimator`. Source: ours.
"""

from __future__ import annotations

from typing import Any, ClassVar, Self

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.utils import check_consistent_length
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import check_is_fitted

from mlj_keras.containers import NeuralNetworkClassifier, NeuralNetworkRegressor
from mlj_keras.data.categorical import encode
from mlj_keras.data.columns import column_of
from mlj_keras.data.rows import nrows, selectrows
from mlj_keras.data.scitypes import Continuous, Finite, Infinite, Table, Unknown, Vector
from mlj_keras.data.tables import is_table, table_of
from mlj_keras.errors import InvalidArgument
from mlj_keras.interop.sklearn_base import MachineEstimator
from mlj_keras.interop.sklearn_data import read_labels, read_numbers, read_sample_weight
from mlj_keras.interop.sklearn_training import goes_on
from mlj_keras.transformers import Standardizer

# For scikit-learn's check_estimator(estimator, expected_failed_checks=EXPECTED_FAILED_CHECKS).
EXPECTED_FAILED_CHECKS = {
    "check_sample_weight_equivalence_on_dense_data": (
        "Training takes batches of rows, whatever their weights: a row of weight 2 is in one "
        "batch of an epoch, a row given twice in two. A weight of 0 does equal a row less."
    ),
    "check_methods_sample_order_invariance": (
        "Networks compute in float32, where the last digit depends on a row's place in its "
        "batch; the check permutes rows at random and allows a ten-millionth."
    ),
    "check_methods_subset_invariance": (
        "The last digit of a row also depends, on some processors, on how many rows are predicted "
        "with it; the check allows a ten-millionth."
    ),
}


def _predicts_probabilities(estimator: Any) -> bool:
    return bool(estimator._traits().prediction_type != "deterministic")


def _trains_onward(estimator: Any) -> bool:
    return goes_on(estimator._model())


def _inverts(estimator: Any) -> bool:
    return hasattr(type(estimator._model()), "inverse_transform")


class _Predictor(MachineEstimator):
    """What classifiers and regressors share: training on rows with a target and weights."""

    def __init__(
        self,
        model: Any = None,
        *,
        warm_start: bool = False,
        verbosity: int = 0,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.verbosity = verbosity

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train; see the class."""
        onward = self.warm_start and hasattr(self, "machine_") and _trains_onward(self)
        return self._fit(X, y, sample_weight, onward=onward, restart=True)

    def _fit(
        self, X: Any, y: Any, sample_weight: Any, *, onward: bool, restart: bool = False
    ) -> Self:
        if y is None:  # the words are scikit-learn's
            raise InvalidArgument(
                f"{type(self).__name__} requires y to be passed, but the target y is None. Write "
                "fit(X, y)."
            )
        model = self._checked_model()
        X = self._read(model, X, reset=not onward)
        check_consistent_length(X, y)
        weights, kept = read_sample_weight(sample_weight, nrows(X))
        if kept is not None:
            X, y = selectrows(X, kept), selectrows(y, kept)
        y = self._read_target(y, onward=onward)
        args = (X, y) if weights is None else (X, y, weights)
        return self._train(model, args, onward=onward, restart=restart)

    def _read_target(self, y: Any, *, onward: bool) -> Any:
        raise NotImplementedError


class MachineClassifier(ClassifierMixin, _Predictor):
    """A scikit-learn classifier that trains a model of ours; `as_estimator` makes it.

    X is a frame of any kind (numbers are Continuous; categories, strings and booleans Multiclass)
    or an array of numbers; y labels of any one type. A weight of zero leaves the row out.

    Args:
        model: a model that predicts classes, or NeuralNetwork; None: NeuralNetworkClassifier()
        warm_start: fit goes on from the last fit, for as many epochs as the model says, as long as
            no other hyper-parameter than epochs, optimiser or acceleration has changed
        verbosity: as `fit` takes it.
    Attributes: `classes_`: sorted; if y is a pandas column of categories, those without rows too.
        `machine_`: the trained machine, without the data, for
        `report`, `fitted_params`, `to_keras`. `n_iter_`, `loss_curve_` (n_iter_ numbers),
        `n_features_in_`, `feature_names_in_`, and of some models `feature_importances_`.
    Raises: at fit: WrongType, InvalidArgument for the model; OneClassError for a single class;
        what `machine` raises for data; ValueError, TypeError of scikit-learn.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> net = MachineClassifier(mlj.NeuralNetworkClassifier(epochs=20, rng=1)).fit(X, y)
        >>> net.predict(X.head(2)).tolist(), net.predict_proba(X).shape
        (['setosa', 'setosa'], (150, 3))

    Source: ours; skorch, `NeuralNetClassifier`, and SciKeras, `KerasClassifier`, for the manner.
    """

    kind = "classifier"
    default = NeuralNetworkClassifier

    classes_: np.ndarray

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = not self._takes_two()
        return tags

    def _takes_two(self) -> bool:
        target = self._traits().target_scitype
        return bool(target != Unknown and target <= Vector[Finite[2]])

    def _read_target(self, y: Any, *, onward: bool) -> Any:
        labels, classes = read_labels(y, self.classes_ if onward else None)
        if self._takes_two() and len(classes) > 2:
            raise InvalidArgument(
                "Only binary classification is supported. The type of the target is multiclass: "
                f"it has {len(classes)} classes. Take NeuralNetworkClassifier."
            )
        self.classes_ = classes
        return labels

    @available_if(_trains_onward)
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train for as many epochs as the model says on these rows, from where training ended.

        What is learned of the columns (means, levels) and the classes are those of the first
        call. `classes`: all there are; needed then, unless y is a pandas column of categories.
        """
        onward = hasattr(self, "machine_")
        if onward and classes is not None and not np.array_equal(classes, self.classes_):
            raise InvalidArgument(
                f"classes={list(classes)!r} is not what the first call of partial_fit got: "
                f"{list(self.classes_)!r}. Leave classes out, or call fit to begin anew."
            )
        if not onward and classes is None and not hasattr(getattr(y, "dtype", 0), "categories"):
            raise InvalidArgument(
                "classes must be passed on the first call to partial_fit, as its rows need not "
                "show them all. Write partial_fit(X, y, classes=[...])."
            )
        if not onward and classes is not None:
            y, _ = read_labels(y, np.unique(classes))
        return self._fit(X, y, sample_weight, onward=onward)

    @available_if(_predicts_probabilities)
    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities (n, K), a column for each of `classes_`."""
        mach, X = self._trained_machine(X)
        predictions = mach.predict(X)
        probabilities: np.ndarray = np.asarray(predictions.to_numpy())
        levels, wanted = list(predictions.levels), self.classes_.tolist()
        if levels == wanted:
            return probabilities
        return probabilities[:, [levels.index(label) for label in wanted]]

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each row (n,), of the type of `classes_`."""
        if _predicts_probabilities(self):
            check_is_fitted(self)
            codes = np.argmax(self.predict_proba(X), axis=1)
        else:
            mach, X = self._trained_machine(X)
            labels = column_of(mach.predict(X)).values
            codes = encode(labels, self.classes_.tolist(), "The prediction")
        result: np.ndarray = self.classes_[codes]
        return result


class MachineRegressor(RegressorMixin, _Predictor):
    """A scikit-learn regressor that trains a model of ours; `as_estimator` makes it.

    X as for MachineClassifier; y numbers (n,), or (n, k) for models of several targets.

    Args: as MachineClassifier; model None: NeuralNetworkRegressor().
    Attributes: as MachineClassifier, without `classes_`.
    Raises: as MachineClassifier; DimensionMismatch for more targets than the model predicts.
    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_diabetes()
        >>> net = MachineRegressor(mlj.NeuralNetworkRegressor(epochs=20, rng=1)).fit(X, y)
        >>> net.predict(X).shape, net.score(X, y) > 0.4, len(net.loss_curve_)
        ((442,), True, 20)

    Source: ours; skorch, `NeuralNetRegressor`, and SciKeras, `KerasRegressor`, for the manner.
    """

    kind = "regressor"
    default = NeuralNetworkRegressor

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = self._takes(Table)
        tags.target_tags.single_output = self._takes(Vector)
        return tags

    def _takes(self, whole: Any) -> bool:
        target = self._traits().target_scitype
        return bool(target == Unknown or target <= whole[Infinite] or whole[Continuous] <= target)

    def _read_target(self, y: Any, *, onward: bool) -> Any:
        numbers = read_numbers(y, several=self._takes(Table))
        return numbers if self._takes(Vector) else numbers.reshape(len(numbers), -1)

    @available_if(_trains_onward)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for as many epochs as the model says on these rows, from where training ended.
        What is learned of the columns (means, levels) is that of the first call."""
        return self._fit(X, y, sample_weight, onward=hasattr(self, "machine_"))

    def predict(self, X: Any) -> np.ndarray:
        """Predictions (n,), or (n, k) for several targets; means of models that predict
        distributions."""
        mach, X = self._trained_machine(X)
        point = self._traits().prediction_type == "probabilistic"
        return np.asarray(mach.predict_mean(X) if point else mach.predict(X))


class MachineTransformer(TransformerMixin, MachineEstimator):
    """A scikit-learn transformer that trains a model of ours; `as_estimator` makes it.

    X as for MachineClassifier. What comes out is of the kind of X, unless set_output says
    otherwise. Embedders take y as their network does.

    Args: model: a model with `transform`; None: Standardizer() · verbosity: as `fit` takes it.
    Attributes: `machine_`, `n_features_in_`, `feature_names_in_`.
    Raises: as MachineClassifier.
    Example:
        >>> import mlj_keras as mlj
        >>> MachineTransformer(mlj.Standardizer()).fit_transform([[1], [2], [3]]).tolist()
        [[-1.0], [0.0], [1.0]]

    Source: ours.
    """

    kind = "transformer"
    default: ClassVar[type[Any]] = Standardizer

    def __init__(self, model: Any = None, *, verbosity: int = 0) -> None:
        self.model = model
        self.verbosity = verbosity

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = self._traits().takes_target
        return tags

    def fit(self, X: Any, y: Any = None) -> Self:
        """Train; see the class."""
        model = self._checked_model()
        traits = model.own_traits()
        X = self._read(model, X, reset=True)
        args: tuple[Any, ...] = () if traits.static else (X,)
        if traits.takes_target:
            check_consistent_length(X, y)
            classes = traits.target_scitype <= Vector[Finite]
            args += (read_labels(y)[0] if classes else read_numbers(y, several=True),)
        self._train(model, args)
        self._names_out = self._names_of(self.machine_.transform(selectrows(X, [0])))
        return self

    def transform(self, X: Any) -> Any:
        """X transformed, of its kind."""
        mach, X = self._trained_machine(X)
        return mach.transform(X)

    @available_if(_inverts)
    def inverse_transform(self, X: Any) -> Any:
        """What `transform` gave, transformed back."""
        check_is_fitted(self)
        return self.machine_.inverse_transform(X if is_table(X) else np.asarray(X))

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the columns that `transform` gives; those of the input if there are as
        many and they have no others."""
        check_is_fitted(self)
        names = self._names_in(input_features)
        return names if self._names_out is None else self._names_out

    def _names_of(self, result: Any) -> np.ndarray | None:
        """The names of transformed columns; None for those of the input."""
        table = table_of(np.asarray(result) if not is_table(result) else result)
        if table.origin.kind != "matrix":
            return np.array(table.names, dtype=object)
        if len(table.names) == getattr(self, "n_features_in_", None):
            return None
        prefix = type(self.machine_.model).__name__.lower()
        return np.array([f"{prefix}{j}" for j in range(len(table.names))], dtype=object)

    def _names_in(self, given: Any) -> np.ndarray:
        own = getattr(self, "feature_names_in_", None)
        if given is None:
            generated = [f"x{j}" for j in range(self.n_features_in_)]
            return np.array(generated, dtype=object) if own is None else own
        names = np.asarray(given, dtype=object)
        if own is not None and not np.array_equal(names, own):
            raise InvalidArgument(
                f"input_features is not equal to feature_names_in_, {list(own)!r}. Leave it out."
            )
        if len(names) != self.n_features_in_:
            raise InvalidArgument(
                "input_features should have length equal to number of features "
                f"({self.n_features_in_}), got {len(names)}."
            )
        return names
