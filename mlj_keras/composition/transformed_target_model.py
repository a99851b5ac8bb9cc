"""`TransformedTargetModel`: a model that learns a transformed target, and predicts on the scale of
the target.

Knows networks. Source: MLJBase.jl, src/composition/models/transformed_target_model.jl.
"""

from __future__ import annotations

import dataclasses
import difflib
from typing import Any, ClassVar

import numpy as np

from mlj_keras import transformers
from mlj_keras._warnings import warn
from mlj_keras.composition.network_composite import NetworkComposite
from mlj_keras.data.coerce import coerce
from mlj_keras.data.columns import Column, column_of
from mlj_keras.data.edges import outward
from mlj_keras.data.scitypes import Continuous, Count, Scitype, Table, Unknown, Vector
from mlj_keras.data.weights import ClassWeights
from mlj_keras.errors import InvalidArgument, InvalidModelError, ModelWarning, ScitypeError
from mlj_keras.machine import Node, Source, machine, node
from mlj_keras.machine.checking import checking, level_around, said_before
from mlj_keras.machine.checks import check_scitypes, resolved
from mlj_keras.models import Model, Traits, param
from mlj_keras.models.representation import show_value
from mlj_keras.probability.relabelling import level_column, relabelled
from mlj_keras.storage.records import storable

IDENTITY = "identity"


def _check_model(value: Any) -> Any:
    if isinstance(value, Model) and hasattr(value, "own_traits") and value.own_traits().supervised:
        return value
    given = f"the class {value.__name__}" if isinstance(value, type) else f"{value!r:.60}"
    raise TypeError(
        f"must be a model that predicts, such as NeuralNetworkRegressor(), got {given}"
    )


def _check_transformer(value: Any) -> Any:
    if isinstance(value, str):
        if value not in transformers.__all__:
            near = difflib.get_close_matches(value, transformers.__all__, n=2)
            hint = f" Did you mean {' or '.join(near)}?" if near else ""
            raise ValueError(
                f"must be a transformer, its name or a function; no transformer is called "
                f"{value!r}.{hint} There are: {', '.join(transformers.__all__)}"
            )
        return getattr(transformers, value)()
    if isinstance(value, Model) and hasattr(value, "own_traits"):
        if value.own_traits().supervised or not value.has_operation("transform"):
            raise TypeError(f"must be a transformer, got {value!r:.60}")
        return value
    if callable(value) and not isinstance(value, type):
        return value
    advice = f": write {value.__name__}()" if isinstance(value, type) else ""
    raise TypeError(f"must be a transformer, its name or a function, got {value!r:.60}{advice}")


def _check_inverse(value: Any) -> Any:
    if value is None or value == IDENTITY or (callable(value) and not isinstance(value, type)):
        return value
    raise TypeError(f"must be a function, None or 'identity', got {value!r:.60}")


class TransformedTargetModel(NetworkComposite):
    """Transform the target before a model learns it, and transform its predictions back.

    Hyper-parameters:
        model (positional): a model that predicts.
        transformer: a transformer, of a column or table such as the target; its name, such as
            "Standardizer"; or a function of the whole target.
        inverse: a function of predictions, which then is the inverse; "identity": predictions
            stay on the transformed scale; None (default): the transformer's own.
    Training data: those of the model: X, y, and w, which the model gets. A transformer learns
        from the target of the training rows.
    Operations: `predict`, and those of the model. Distributions over classes are carried over to
        the labels that the inverse makes of the classes.
    Fitted parameters, report: `model`, `transformer`. Training losses, feature importances and
        the iteration parameter, "model.epochs", are those of the model.
    Raises: InvalidModelError for impossible values, and for a transformer without inverse if none
        is given. At `machine`: what the model cannot take, once transformed.
    Warns: ModelWarning at `machine` for a function without inverse: predictions then are
        on the transformed scale.

    Example:
        >>> import numpy as np
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_diabetes()
        >>> net = mlj.NeuralNetworkRegressor(epochs=5, rng=1)
        >>> model = TransformedTargetModel(net, transformer=np.log, inverse=np.exp)
        >>> mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
        >>> bool((mlj.predict(mach) > 0).all()), mlj.report(mach).model.epochs
        (True, 5)

    Source: MLJBase.jl, src/composition/models/transformed_target_model.jl. Deviations: a given
        inverse is honoured, weights reach the model, distributions over classes are transformed.
    """

    traits: ClassVar[Traits] = Traits(
        is_wrapper=True, package_name="mlj_keras", package_license="MIT"
    )

    says_early: ClassVar[bool] = True

    model: Any = param(positional=True, convert=_check_model)
    transformer: Any = param(convert=_check_transformer)
    inverse: Any = param(None, convert=_check_inverse)

    @property
    def predictor(self) -> str:
        """The part that predicts."""
        return "model"

    def check(self) -> None:
        """The fields, and that there is an inverse."""
        super().check()
        is_model = isinstance(self.transformer, Model)
        if is_model and self.inverse is None:
            if not self.transformer.has_operation("inverse_transform"):
                raise InvalidModelError(
                    f"{self.transformer!r} has no inverse_transform. Give inverse=..., a function "
                    "of predictions, or inverse='identity' to leave them on the transformed scale."
                )

    def own_traits(self) -> Traits:
        """Those of the model; its target scitype where transforming keeps scitypes."""
        inner: Traits = self.model.own_traits()
        parameter = inner.iteration_parameter
        wanted = inner.target_scitype
        keeps = self._takes(wanted) and self._transformed(wanted) == wanted
        return dataclasses.replace(
            inner,
            target_scitype=wanted if keeps else Unknown,
            is_wrapper=True,
            iteration_parameter=None if parameter is None else f"model.{parameter}",
        )

    def _takes(self, scitype: Scitype) -> bool:
        """Whether the transformer does something to a column of this scitype."""
        takes = getattr(self.transformer, "takes", None)
        elements = scitype.args or ()
        return takes is not None and len(elements) == 1 and bool(takes(elements[0]))

    def _transformed(self, scitype: Scitype) -> Scitype:
        """The scitype of a transformed target; Unknown if that is not known."""
        if not isinstance(self.transformer, Model) or not scitype.args or len(scitype.args) > 1:
            return Unknown
        found = self.transformer.transformed_columns({"y": scitype.args[0]})
        if found is None or list(found) != ["y"] or scitype.name != "Vector":
            return Unknown
        return Vector[found["y"]]

    def resolve(self, *scitypes: Any) -> Any:
        """A copy in which a network specification has become the container for these data."""
        if len(scitypes) < 2:
            return self
        y = _continuous_scitype(scitypes[1])  # which a function makes of counts, as a rule
        known = self._transformed(y)
        y = y if known == Unknown else known
        model = self.model.resolve(scitypes[0], y, *scitypes[2:])
        return self if model is self.model else self.replace({"model": model})

    def settled(self, n_rows: int) -> Any:
        """With what the model chooses by the number of rows chosen."""
        model = self.model.settled(n_rows)
        return self if model is self.model else self.replace({"model": model})

    def has_operation(self, name: str) -> bool:
        """predict, and transform if the model has it."""
        return name == "predict" or (name == "transform" and self.model.has_operation(name))

    def check_data(self, X: Any, y: Any, w: Any = None) -> None:
        """What transformer and model would be given suits them, as far as that is known now."""
        self.check_target(y)
        if not isinstance(self.transformer, Model):
            self._check_applied(Source(X), Source(self._applied(y)))
        elif self._transformed(Source(y).scitype) == Source(y).scitype:  # y stands for it
            self._check_model(self.model, Source(X), Source(y))

    def _check_applied(self, X: Source, z: Source) -> None:
        """The model takes the target that the function made."""
        model = resolved(self.model, (X, z), level_around())
        who = (
            f"{type(model).__name__}, given the target that {show_value(self.transformer)} has "
            "transformed,"
        )
        traits = model.own_traits()
        with checking(said=said_before() or not X.scitype <= traits.input_scitype):
            check_scitypes(traits, (X, z), level_around(), who)
        self._check_model(model, X, z)

    def _check_model(self, model: Any, *sources: Source) -> None:
        model.check_data(*(s.data if model.native_data else s.inner for s in sources))

    def check_target(self, y: Any) -> None:
        """What the transformer would be given suits it."""
        if isinstance(self.transformer, Model):
            self._check_transformed(y)
        elif self.inverse is None and not said_before():
            warn(
                f"{type(self).__name__} has no inverse of its function: predictions are on "
                "the transformed scale. Give inverse=..., or inverse='identity' to say so.",
                ModelWarning,
            )

    def _check_transformed(self, y: Any) -> None:
        """The transformer takes the target, and the model what it makes of it."""
        traits = self.transformer.own_traits()
        if isinstance(y, Column) and traits.input_scitype <= Table:
            raise ScitypeError(
                f"{type(self.transformer).__name__} takes tables, and this target is a column. "
                "Take a transformer of columns, such as Standardizer, or functions."
            )
        y = _continuous(y)
        if not traits.static:
            given = outward(y) if self.transformer.native_data else y
            self.transformer.check_data(given)
        made, wanted = self._transformed(Source(y).scitype), self.model.own_traits().target_scitype
        if made != Unknown and wanted != Unknown and not made <= wanted:
            raise ScitypeError(
                f"{type(self.model).__name__} takes a target of {wanted}, and "
                f"{type(self.transformer).__name__} makes {made} of this one. Take another "
                "transformer or model."
            )

    def _applied(self, y: Any) -> Any:
        """The target transformed by the function."""
        name = show_value(self.transformer)
        try:
            return node(self.transformer, y)()
        except Exception as error:  # whatever the user's function raises
            raise InvalidArgument(
                f"The transformer {name} cannot be applied to this target, of scitype "
                f"{Source(y).scitype}: {type(error).__name__}: {error}"
            ) from error

    def prefit(self, verbosity: int, *sources: Source) -> dict[str, Node]:
        """The target transformed, the model, and its predictions transformed back."""
        X, y, *w = sources
        back: Any = None
        target: Any = y
        if isinstance(self.transformer, Model):
            if y.scitype <= Vector[Count]:
                target = node(_continuous, y)
            static = self.transformer.own_traits().static
            own = machine(self.transformer) if static else machine(self.transformer, target)
            z, back = own.transform(target), own.inverse_transform
        else:
            z = node(self.transformer, y)
        back = self.inverse if self.inverse is not None else back
        mach = machine(self.model, X, z, *(_by_row(each, y) for each in w))
        nodes = {"predict": self._inverted(mach.predict(X), back)}
        if self.model.has_operation("transform"):
            nodes["transform"] = mach.transform(X)
        return nodes

    def _inverted(self, predictions: Node, back: Any) -> Node:
        if back is None or back == IDENTITY:
            return predictions
        is_own = self.inverse is None
        if self.model.own_traits().prediction_type != "probabilistic":
            return back(predictions) if is_own else node(back, predictions)
        levels = Node(level_column, None, (predictions,), keeps_rows=False)
        return node(relabelled, predictions, back(levels) if is_own else node(back, levels))


def _by_row(weights: Source, y: Source) -> Source | Node:
    """Weights of the levels of the target as weights of its rows, as the model sees others."""
    by_level = getattr(weights.data, "by_level", None)
    return weights if by_level is None else node(_weights_of_rows, weights, y)


@storable
def _weights_of_rows(weights: ClassWeights, y: Any) -> np.ndarray:
    return weights.of_rows(column_of(y).values)


def _continuous_scitype(scitype: Scitype) -> Scitype:
    return Vector[Continuous] if scitype <= Vector[Count] else scitype


@storable
def _continuous(y: Any) -> Any:
    """A column of counts as numbers that a transformer may make any others of."""
    if not isinstance(y, Column):
        return coerce(y, Continuous) if Source(y).scitype <= Vector[Count] else y
    return column_of(coerce(outward(y), Continuous)) if Source(y).scitype <= Vector[Count] else y
