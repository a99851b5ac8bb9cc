"""What all models of scikit-learn share: how they are trained, asked and inspected.

The classes themselves, a class for each estimator, are made in `make.py`.
Source: MLJScikitLearnInterface.jl, src/macros.jl.
"""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np

from mlj_keras._imports import lazy_module
from mlj_keras.data.categorical import encode
from mlj_keras.data.columns import (
    ColumnOrigin,
    as_floats,
    column_of,
    column_out,
    factor,
    is_numeric,
)
from mlj_keras.data.tables import InnerTable, table_of, table_out
from mlj_keras.data.weights import ClassWeights
from mlj_keras.errors import InvalidArgument, InvalidModelError, MLJKerasError
from mlj_keras.models import FitOutcome, Model, Traits
from mlj_keras.sklearn_models._gaps import close_gaps
from mlj_keras.sklearn_models._matrix import MatrixEncoder, check_numbers
from mlj_keras.sklearn_models._parameters import (
    data_parameters,
    estimator_value,
    unset_seeds,
    wants_list,
)
from mlj_keras.sklearn_models._target import ClassCodes, Target, target_of
from mlj_keras.sklearn_models.iteration import losses_of, trained_on
from mlj_keras.sklearn_models.left_out import FORMS
from mlj_keras.sklearn_models.traits import gives_distributions, takes_missing, traits_with
from mlj_keras.storage.records import storable

sklearn_base = lazy_module("sklearn.base")


@storable
@dataclasses.dataclass(frozen=True)
class EstimatorFit:
    """The fitted estimator, how X and y reach it, and the columns that were warned of (no part of
    what was learned)."""

    estimator: Any
    encoder: MatrixEncoder
    target: Target | None
    warned: set[str] = dataclasses.field(default_factory=set, compare=False, repr=False)

    def check_stored(self) -> None:
        """Raise ValueError unless estimator and target have the same classes."""
        codes = getattr(self.estimator, "classes_", None)
        if isinstance(self.target, ClassCodes) and isinstance(codes, np.ndarray) and codes.size:
            if codes.dtype.kind not in "iu" or not 0 <= codes.min() <= codes.max() < len(
                self.target.levels
            ):
                raise ValueError("its estimator has other classes than its target")

    def encode(self, X: InnerTable) -> np.ndarray:
        """The matrix (n, p) of new rows."""
        return self.encoder.encode(X, self.warned)


class EstimatorModel(Model):
    """A model of a scikit-learn estimator; its fields are the constructor's parameters.

    Example:
        >>> from mlj_keras.sklearn_models import model_class
        >>> ridge = model_class("Ridge")(alpha=0.5)
        >>> ridge, ridge.build(), isinstance(ridge, EstimatorModel)
        (Ridge(alpha=0.5), Ridge(alpha=0.5), True)

    Source: MLJScikitLearnInterface.jl, src/macros.jl.
    """

    estimator_class: ClassVar[Any] = None
    native_data: ClassVar[bool] = False

    def check_learned(self, fitresult: EstimatorFit) -> None:
        """Raise ValueError unless what a file has is of this estimator's class."""
        if type(fitresult.estimator) is not self.estimator_class:
            raise ValueError(f"{type(self).__name__} learns no {fitresult.estimator!r:.60}")

    def build(self) -> Any:
        """A fresh estimator with these hyper-parameters; nested models become estimators."""
        values = {
            name: estimator_value(
                getattr(self, name), wants_list=wants_list(self.estimator_class, name)
            )
            for name in self.fields()
        }
        return self.estimator_class(**values)

    def own_traits(self) -> Traits:
        """The traits with these hyper-parameters: what is nested, and options such as
        `probability` of SVC, change them."""
        return traits_with(self.traits, self.estimator_class, self.build())

    def check_data(self, X: InnerTable, *rest: Any) -> None:
        """No infinite values in X, and nothing that is missing or infinite in y."""
        encoder = self._encoder(X, self.build())
        check_numbers(X, tuple(n for n in X.names if n not in encoder.pools), nan=encoder.nan)
        if rest:
            target_of(rest[0])

    def _encoder(self, X: InnerTable, estimator: Any) -> MatrixEncoder:
        form = FORMS.get(self.estimator_class.__name__, "one_hot")
        return MatrixEncoder.fit(X, form=form, nan=takes_missing(estimator))

    def _train(self, X: Any, y: Any = None, w: Any = None) -> FitOutcome:
        table = table_of(X)
        estimator = sklearn_base.clone(self.build())  # what is nested is the user's, and untouched
        encoder = self._encoder(table, estimator)
        target = None if y is None else target_of(y)
        seeds = unset_seeds(estimator)
        estimator.set_params(**seeds | data_parameters(estimator, encoder, target))
        arguments = [encoder.encode(table), *([] if target is None else [target.encode(y)])]
        weights = {} if w is None else {"sample_weight": _row_weights(w, y)}
        try:
            estimator.fit(*arguments, **weights)
        except (MLJKerasError, MemoryError):  # of a model of ours inside; said well
            raise
        except Exception as error:  # whatever the estimator raises
            if type(error).__name__ == "InvalidParameterError":  # a private class of scikit-learn
                raise InvalidModelError(f"{type(self).__name__}: {error}") from error
            raise InvalidArgument(
                f"{type(self).__name__} cannot be trained on these data: "
                f"{str(error).rstrip('.')}. This is what scikit-learn says "
                f"({type(error).__name__})."
            ) from error
        report: dict[str, Any] = {"features": encoder.features}
        if "random_state" in self.fields():
            report["random_state"] = seeds.get("random_state", self.get("random_state"))
        return _outcome(EstimatorFit(estimator, encoder, target), report)

    def _goes_on(self, old_model: Any) -> bool:
        """Whether this model only asks for more iterations than the old one."""
        name = self.own_traits().iteration_parameter
        if name is None or type(self) is not type(old_model):
            return False
        old, new = old_model.get(name), self.get(name)
        if type(old) is not int or type(new) is not int:  # scikit-learn says what is wrong with it
            return False
        return new > old and bool(self.replace({name: old}) == old_model)

    def _train_on(
        self, outcome: FitOutcome, old_model: Any, X: Any, y: Any = None, w: Any = None
    ) -> FitOutcome:
        fit: EstimatorFit = outcome.fitresult
        name = str(self.own_traits().iteration_parameter)
        data = [fit.encoder.encode(table_of(X), set())]
        data += [] if fit.target is None else [fit.target.encode(y)]
        weights = {} if w is None else {"sample_weight": _row_weights(w, y)}
        counts = old_model.get(name), self.get(name)
        estimator = trained_on(fit.estimator, name, counts, tuple(data), weights)
        return _outcome(dataclasses.replace(fit, estimator=estimator), outcome.report)

    def training_losses(self, report: dict[str, Any]) -> Any:
        """Those of the iterations, of estimators that keep them; else None."""
        return report.get("training_losses")

    def fitted_params(self, fitresult: EstimatorFit) -> dict[str, Any]:
        """`estimator`, the fitted one, and what it has learned: `coef_` as `coef`, and so on;
        `classes` are labels, as the estimator knows codes only."""
        learned = {
            name[:-1]: value
            for name, value in vars(fitresult.estimator).items()
            if name.endswith("_") and not name.startswith("_")
        }
        if isinstance(fitresult.target, ClassCodes) and "classes" in learned:
            levels = fitresult.target.levels
            learned["classes"] = tuple(levels[int(code)] for code in learned["classes"])
        return {**learned, "estimator": fitresult.estimator}

    def feature_importances(self, fitresult: EstimatorFit, report: dict[str, Any]) -> Any:
        """Pairs (column of X, importance), in the order of the columns; None if there are none.

        The estimator's own importances, or else the size of its coefficients, the mean over the
        targets or classes; of a factor with several columns in the matrix their sum.
        """
        if not self.traits.reports_feature_importances:
            return None
        values = getattr(fitresult.estimator, "feature_importances_", None)
        if values is None:
            coefficients = getattr(fitresult.estimator, "coef_", None)
            if coefficients is None:
                return None
            values = np.abs(np.atleast_2d(coefficients)).mean(axis=0)
        origins = fitresult.encoder.origins
        if np.shape(values) != (len(origins),):
            return None
        totals = dict.fromkeys(fitresult.encoder.names, 0.0)
        for name, value in zip(origins, values, strict=True):
            totals[name] += float(value)
        return list(totals.items())


class SupervisedEstimator(EstimatorModel):
    """What classifiers and regressors share."""

    def fit(self, verbosity: int, X: Any, y: Any, w: Any = None) -> FitOutcome:
        """Train on the package's own tables and columns; w: weights (n,), ClassWeights or
        None."""
        return self._train(X, y, w)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, w: Any = None
    ) -> FitOutcome:
        """Train more iterations, if only these are asked for; else from scratch."""
        if self._goes_on(old_model):
            return self._train_on(outcome, old_model, X, y, w)
        return self.fit(verbosity, X, y, w)

    def predict(self, fitresult: EstimatorFit, Xnew: Any) -> Any:
        """Distributions over the pool where the estimator has probabilities, else values as y
        came."""
        table = table_of(Xnew)
        estimator, target, matrix = fitresult.estimator, fitresult.target, fitresult.encode(table)
        if isinstance(target, ClassCodes) and gives_distributions(estimator):
            probabilities = np.asarray(estimator.predict_proba(matrix))
            return target.distributions(probabilities, estimator.classes_, table.index)
        assert target is not None  # supervised models are trained with one
        return target.decode(np.asarray(estimator.predict(matrix)), table.index)


class UnsupervisedEstimator(EstimatorModel):
    """What transformers and clusterers share; some transformers are trained on a target too."""

    def fit(self, verbosity: int, X: Any, y: Any = None) -> FitOutcome:
        """Train on the package's own tables and columns."""
        return self._train(X, y)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any = None
    ) -> FitOutcome:
        """Train more iterations, if only these are asked for; else from scratch."""
        if self._goes_on(old_model):
            return self._train_on(outcome, old_model, X, y)
        return self.fit(verbosity, X, y)


class Clusters(EstimatorModel):
    """Models that put new rows into clusters."""

    def predict(self, fitresult: EstimatorFit, Xnew: Any) -> Any:
        """The cluster of each row: a Multiclass column whose pool is the numbers of all clusters;
        -1, where there is one, means none."""
        table = table_of(Xnew)
        estimator = fitresult.estimator
        codes = np.asarray(estimator.predict(fitresult.encode(table)))
        known = getattr(estimator, "subcluster_labels_", None)  # Birch has no centres
        if known is None:
            known = np.arange(len(estimator.cluster_centers_))
        every = np.concatenate([known, estimator.labels_, codes])
        pool = range(min(0, int(every.min())), int(every.max()) + 1)
        values = factor(codes - pool.start, list(pool), ordered=False)
        own = table.origin.own.kind
        kind = {"matrix": "numpy", "dict": "numpy"}.get(own, own)
        return column_out(values, ColumnOrigin(kind), table.index)


class Transforms(EstimatorModel):
    """Models that transform tables."""

    def transform(self, fitresult: EstimatorFit, Xnew: Any) -> Any:
        """A table of the kind given; names by `get_feature_names_out` where there are."""
        table = table_of(Xnew)
        result = _dense(fitresult.estimator.transform(fitresult.encode(table)))
        return _table(_names_out(fitresult, result.shape[1]), _columns(result), table)


class Inverts(EstimatorModel):
    """Models whose transform can be undone."""

    def inverse_transform(self, fitresult: EstimatorFit, Xnew: Any) -> Any:
        """A table of the columns of the training matrix (report: `features`): those of X, where a
        Multiclass stays the columns of its levels unless the estimator takes labels."""
        table, encoder = table_of(Xnew), fitresult.encoder
        own = _names_out(fitresult, len(table.names))
        # By name where the names are those that transform gave, else by position.
        names = own if set(own) == set(table.names) else table.names
        result = _dense(fitresult.estimator.inverse_transform(_matrix(table, names)))
        columns = dict(zip(encoder.features, _columns(result), strict=True))
        if encoder.form == "labels":
            for name, pool in encoder.pools.items():
                codes = encode(column_of(columns[name]).values, pool, f"column {name!r}")
                columns[name] = factor(codes, pool, ordered=name in encoder.ordered)
        return _table(encoder.features, list(columns.values()), table)


def _outcome(fit: EstimatorFit, report: dict[str, Any]) -> FitOutcome:
    close_gaps(fit.estimator)
    losses = losses_of(fit.estimator)
    more = {} if losses is None else {"training_losses": losses}
    return FitOutcome(fit, None, {**report, **more})


def _row_weights(w: Any, y: Any) -> np.ndarray:
    if isinstance(w, ClassWeights):
        return w.of_rows(column_of(y).values)
    return as_floats(column_of(w).values)


def _dense(result: Any) -> np.ndarray:
    matrix = np.asarray(result.toarray() if hasattr(result, "toarray") else result)
    return matrix if matrix.ndim == 2 else matrix.reshape(len(matrix), -1)


def _names_out(fitresult: EstimatorFit, n_columns: int) -> tuple[str, ...]:
    """The names of transformed columns; the names that came in, or those of the class and a
    number, where scikit-learn has none."""
    features = fitresult.encoder.features
    estimator = fitresult.estimator
    if hasattr(estimator, "get_feature_names_out"):
        names = estimator.get_feature_names_out(np.array(features, dtype=object))
        return tuple(map(str, names))
    if n_columns == len(features):
        return features
    return tuple(f"{type(estimator).__name__.lower()}{j}" for j in range(n_columns))


def _columns(matrix: np.ndarray) -> list[Any]:
    columns = [np.ascontiguousarray(matrix[:, j]) for j in range(matrix.shape[1])]
    return [column_of(c).values if c.dtype.kind == "O" else c for c in columns]


def _table(names: tuple[str, ...], columns: list[Any], like: InnerTable) -> Any:
    if not columns and like.origin.kind == "matrix":
        return np.empty((len(like), 0))
    return table_out(names, columns, like.origin, like.index)


def _matrix(table: InnerTable, names: tuple[str, ...]) -> np.ndarray:
    """The columns of these names as a matrix: of numbers, or of objects if there are others."""
    columns = [table.column(name) for name in names]
    if columns and all(is_numeric(values) for values in columns):
        return np.column_stack([as_floats(values) for values in columns])
    out = np.empty((len(table), len(columns)), dtype=object)
    for position, values in enumerate(columns):
        out[:, position] = values if isinstance(values, np.ndarray) else values.to_pylist()
    return out
