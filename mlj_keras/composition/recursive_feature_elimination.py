"""`RecursiveFeatureElimination`: a model that learns from the features that it finds important.

Knows machines and tables. Source: FeatureSelection.jl, src/models/rfe.jl.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras._logging import logger
from mlj_keras.composition._elimination import (
    Eliminated,
    by_column,
    check_columns,
    names_seen,
    part_of,
    source_shown,
)
from mlj_keras.data.edges import inward
from mlj_keras.data.scitypes import Image, Scitype, Table, Unknown, Vector
from mlj_keras.data.tables import InnerTable, table_of
from mlj_keras.errors import DimensionMismatch, InvalidModelError, TableError
from mlj_keras.machine import Machine, Source
from mlj_keras.machine.checking import level_around
from mlj_keras.machine.checks import check_inner
from mlj_keras.machine.record import Record
from mlj_keras.machine.trained_models import TrainedModels
from mlj_keras.machine.trained_wrapper import TrainedWrapper
from mlj_keras.models import FitOutcome, Traits, param
from mlj_keras.models.interface import PartialFit
from mlj_keras.models.wrapper import check_model
from mlj_keras.transformers import FeatureSelector


def _check_predictor(value: Any) -> Any:
    """A model that predicts from tables. Raises: TypeError."""
    traits = check_model(value).own_traits()
    if traits.supervised and not traits.input_scitype <= Vector[Image]:
        return value
    raise TypeError(f"must be a model that predicts from tables, got {value!r:.60}")


def _number(value: Any) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)


def _check_n_features(value: Any) -> Any:
    """0, a share or a count of features. Raises: ValueError."""
    if not _number(value) or value < 0:
        raise ValueError(
            f"must be a number of features, a share of them below 1, or 0 for half, got "
            f"{value!r:.60}"
        )
    return value


def _check_step(value: Any) -> Any:
    """A share or a count of features. Raises: ValueError."""
    if not _number(value) or value <= 0:
        raise ValueError(
            f"must be a number of features to drop at a time, or a share of them below 1, got "
            f"{value!r:.60}"
        )
    return value


def _check_importances(value: Any) -> Any:
    """A function. Raises: TypeError."""
    if callable(value) and not isinstance(value, type):
        return value
    raise TypeError(f"must be a function of a trained machine, or None, got {value!r:.60}")


class RecursiveFeatureElimination(TrainedWrapper):
    """Drop the least important features, a few at a time, and learn from those that are left.

    The model is trained on all features, which are then sorted by the size of their importance,
    of equals the earlier in the table first; the last ones are dropped, and so on until as many
    are left as wanted. In the end it is trained on these.

    Hyper-parameters:
        model (positional): a model that predicts from tables, and reports feature importances:
            forests, boosting and linear models of scikit-learn, pipelines and tuned models of them
        n_features: how many are to be left: a number of them (rounded down), a share of them in
            (0, 1), or 0 (default) for half
        step: how many are dropped at a time: a number of them (default 1, rounded down), or a
            share in (0, 1) of the features in the beginning; at least one
        importances: a function of a trained machine that gives pairs (feature, importance), a
            mapping, or what has `pairs`, such as permutation_importance; for models that report
            none, such as networks. The machine is bound to the rows and columns that it was
            trained on, those of a matrix called x1, x2, ... by their places in it. Default None:
            what the model reports.
    Training data: those of the model, X a table of two features or more; weights are the model's.
    Operations: transform, the columns left, in the order of features_left; predict, of the model,
        for these. New data may have other columns besides, in any order. Fitted parameters:
        features_left, the most important first; model_fitted_params. Report: scores, a mapping
        from each feature to 1 and 1 more each time it was kept; sizes, the numbers of features
        that were trained on; model_report. Feature importances are the scores.
    A feature that gets no importance has 0. Any change trains from the start: it counts no
    iterations, whatever the model does.
    Raises: InvalidModelError for impossible values, and for a model without importances if there
        is no function; when the machine is made, for more features than X has; TableError,
        DimensionMismatch for X. While training: InvalidModelError for importances of other
        features, and if there are none after all.

    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_diabetes()
        >>> pipe = mlj.Standardizer() | mlj.load("LinearRegression")()
        >>> mach = mlj.machine(RecursiveFeatureElimination(pipe, n_features=3, step=2), X, y)
        >>> mlj.fit(mach, verbosity=0).transform(X).columns.tolist()
        ['s5', 'bmi', 's1']
        >>> mlj.report(mach).sizes, mlj.report(mach).scores["bmi"], mlj.report(mach).scores["age"]
        ([10, 8, 6, 4, 3], 5, 1)

    Source: FeatureSelection.jl, src/models/rfe.jl. Deviations: importances by a function; what is
        sorted is in the order of the table, as in scikit-learn's RFE; more features than there
        are raise; the model has no iteration parameter.
    """

    traits: ClassVar[Traits] = Traits(
        is_wrapper=True,
        reports_feature_importances=True,
        package_name="mlj_keras",
        package_license="MIT",
    )
    checkpoints: ClassVar[bool] = False

    model: Any = param(positional=True, convert=_check_predictor)
    n_features: float = param(0, convert=_check_n_features)
    step: float = param(1, convert=_check_step)
    importances: Any = param(None, optional=True, convert=_check_importances)

    def __post_init__(self) -> None:
        self._check_reports()

    def check(self) -> None:
        """The fields, and that importances come from somewhere."""
        super().check()
        self._check_reports()

    def _check_reports(self) -> None:
        """Raise InvalidModelError for a model without importances. Of a specification it is known
        when data have made a model of it."""
        traits = self.model.own_traits()
        if self.importances is not None or traits.reports_feature_importances:
            return
        if traits.prediction_type != "unknown":
            raise InvalidModelError(
                f"{type(self.model).__name__} reports no feature importances. Give "
                "importances=..., a function of a trained machine, or take a model that does, "
                "such as a forest."
            )

    def own_traits(self) -> Traits:
        """Those of the model; X is a table, importances are scores, iterations are not counted."""
        inner: Traits = self.model.own_traits()
        wanted = inner.input_scitype
        return dataclasses.replace(
            inner,
            input_scitype=Table if wanted == Unknown else wanted,
            is_wrapper=True,
            reports_feature_importances=True,
            iteration_parameter=None,
        )

    def has_operation(self, name: str) -> bool:
        """predict and transform."""
        return name in ("predict", "transform")

    def transformed_columns(self, columns: Mapping[Any, Scitype]) -> None:
        """Which are left is not known before training."""
        return None

    def n_left(self, n: int) -> int:
        """How many of n features are left in the end."""
        if self.n_features == 0:
            return n // 2
        return math.floor(self.n_features if self.n_features >= 1 else max(1, self.n_features * n))

    def n_dropped(self, n: int) -> int:
        """How many of n features are dropped at a time."""
        return math.floor(self.step if self.step >= 1 else max(1, self.step * n))

    def check_data(self, *data: Any) -> None:
        """What the model checks, and that there are features to choose from."""
        self._check_reports()
        if data:
            self._check_table(data[0])
            check_inner(self.model, data)

    def _check_table(self, X: Any) -> None:
        if not isinstance(X, InnerTable):
            raise TableError(
                f"RecursiveFeatureElimination chooses columns of a table, got "
                f"{type(X).__name__}. Give a table, or a 2-D array."
            )
        n = len(X.names)
        if n < 2:
            raise DimensionMismatch(
                f"RecursiveFeatureElimination needs two features or more to choose from, and X "
                f"has {list(X.names)!r}."
            )
        if self.n_left(n) > n:
            raise InvalidModelError(
                f"n_features={self.n_features!r} is more than the {n} features of X. Ask for "
                "fewer."
            )

    def fit(self, verbosity: int, X: Any, *rest: Any) -> FitOutcome:
        """Eliminate, and train on what is left."""
        self._check_table(X)
        table = inward(X)
        names = left = list(table.names)
        n_left, step = self.n_left(len(names)), self.n_dropped(len(names))
        scores, sizes = dict.fromkeys(names, 1), [len(names)]
        while len(left) > n_left:
            found = self._importances(table, left, rest, verbosity)
            ranked = sorted(left, key=lambda name: -abs(found.get(name, 0.0)))
            kept = ranked[: max(len(left) - step, n_left)]
            scores |= {name: scores[name] + 1 for name in kept}
            sizes.append(len(kept))
            left = kept if len(kept) == n_left else [n for n in names if n in set(kept)]
        mach, seen = self._trained(table, left, rest, verbosity)
        model, outcome = mach.trained("predict")
        trained = TrainedModels(((model, dataclasses.replace(outcome, cache=None)),))
        report = {"scores": scores, "sizes": sizes, "model_report": Record(**outcome.report)}
        return FitOutcome(Eliminated(tuple(left), seen, trained), None, report)

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, *data: Any
    ) -> FitOutcome:
        """Begin anew, whatever has changed."""
        return self.fit(verbosity, *data)

    def _trained(
        self, table: InnerTable, names: list[str], rest: tuple[Any, ...], verbosity: int
    ) -> tuple[Machine, tuple[str, ...]]:
        """A machine trained on these columns, and what they are called there."""
        if verbosity > 0:
            logger.info("Training on %d features.", len(names))
        seen = names_seen(table, names)
        bound = Source if self.importances is None else source_shown
        sources = tuple(bound(each) for each in (part_of(table, names, seen), *rest))
        level = level_around()
        mach = Machine(self.model, sources, scitype_check_level=level)
        try:
            mach.fit_or_partial(None, max(verbosity - 1, -1), force=False)
        except PartialFit as partial:  # of an elimination that was cut off nothing is kept
            raise partial.cause from None
        return mach, seen

    def _importances(
        self, table: InnerTable, names: list[str], rest: tuple[Any, ...], verbosity: int
    ) -> dict[str, float]:
        """The importances of these columns, by their names."""
        mach, seen = self._trained(table, names, rest, verbosity)
        columns = dict(zip(seen, names, strict=True))
        dropped = set(table.names) if set(seen) == set(names) else ()
        if self.importances is not None:
            return by_column(self.importances(mach), columns, dropped, "importances")
        model, outcome = mach.trained("feature_importances")
        found, who = model.feature_importances(outcome.fitresult, outcome.report), type(model)
        if found is None:
            raise InvalidModelError(
                f"{who.__name__} reports no feature importances with these hyper-parameters. Give "
                "importances=..., a function of a trained machine."
            )
        return by_column(found, columns, dropped, who.__name__)

    def predict(self, fitresult: Eliminated, Xnew: Any) -> Any:
        """As the model, for the columns that are left."""
        table, left = inward(table_of(Xnew)), fitresult.features_left
        check_columns(table, left)
        return fitresult.trained.apply("predict", part_of(table, left, fitresult.seen))

    def transform(self, fitresult: Eliminated, Xnew: Any) -> Any:
        """The columns that are left, the most important first."""
        check_columns(table_of(Xnew), fitresult.features_left)
        return FeatureSelector().transform(fitresult.features_left, Xnew)

    def fitted_params(self, fitresult: Eliminated) -> dict[str, Any]:
        """`features_left`, and `model_fitted_params`, a record."""
        model, outcome = fitresult.trained.model, fitresult.trained.outcome
        learned = Record(**model.fitted_params(outcome.fitresult))
        return {"features_left": fitresult.features_left, "model_fitted_params": learned}

    def feature_importances(self, fitresult: Eliminated, report: dict[str, Any]) -> Any:
        """Pairs (feature, score), in the order of the table."""
        return list(report["scores"].items())

    def training_losses(self, report: dict[str, Any]) -> Any:
        """Those of the model that was trained last."""
        return self.model.training_losses(report["model_report"]._asdict())
