"""`Pipeline`: models and functions one after another, as one model.

Knows the traits of its components, and networks. Source: MLJBase.jl,
src/composition/models/pipelines.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

from mlj_keras.composition._pipeline_checks import (
    check_columns,
    check_options,
    check_order,
    check_targets,
    columns_after,
)
from mlj_keras.composition.network_composite import NetworkComposite
from mlj_keras.data.edges import outward
from mlj_keras.data.inference import column_scitypes
from mlj_keras.data.scitypes import Continuous, Image, Table, Unknown, Vector
from mlj_keras.data.tables import InnerTable
from mlj_keras.errors import InvalidModelError, WrongType
from mlj_keras.machine import Node, Source, machine, node
from mlj_keras.models import ComponentModel, Model, Traits, param
from mlj_keras.models.joining import join_by
from mlj_keras.models.representation import snake_case

OPERATIONS = ("predict", "predict_mode", "predict_mean", "predict_median")


class Pipeline(ComponentModel, NetworkComposite):
    """Models and functions one after another: each transforms what the one before gave, and one
    of them may predict.

    `a | b | c` is Pipeline(a, b, c). Functions are of one argument, the data, whose rows they
    keep. If the predicting component is not the last, those after it transform its predictions.

    Args, by position or all by name: the components, instances of models, or functions (one that
        is replaced by another object is another; what it holds is not looked at); by
        position they are named after their classes in snake case, "standardizer", a second one
        "standardizer2", functions "f", "f2". They are held, not copied: what is changed in one
        changes wherever it is used.
    Hyper-parameters: the components, `pipe.standardizer`, and those in them,
        "standardizer.count";
        operation: what `predict` asks of the predicting component: "predict" (default),
            "predict_mode", "predict_mean" or "predict_median"
        prediction_type: "deterministic" or "probabilistic", where functions after the predicting
            component leave that open; None (default): found out.
    Training data: X, y (and w) if a component predicts; X, and y if a component learns from it;
        nothing if nothing is learned. y reaches the predicting component, and those before it
        that learn from a target; weights those that take some.
    Operations: `predict`; or `transform`, and `inverse_transform` if all components have it. With
        a predicting component `transform` is that of this component, if it has one.
    Fitted parameters, report: by component. Training losses, feature importances and the
        iteration parameter are those of the predicting component.
    Raises: InvalidModelError for no components, two that predict, an impossible order, or names
        that clash; WrongType for what is neither a model nor a function. At `machine`:
        ScitypeError, MissingValuesError for columns that a component would be given, and cannot
        take.

    Example:
        >>> import mlj_keras as mlj
        >>> X, y = mlj.load_iris()
        >>> pipe = mlj.Standardizer() | mlj.NeuralNetworkClassifier(epochs=5, rng=1)
        >>> mach = mlj.fit(mlj.machine(pipe, X, y), verbosity=0)
        >>> mlj.fitted_params(mach).standardizer.means["sepal_length"].__round__(2)
        5.84
        >>> pipe.neural_network_classifier.epochs = 8
        >>> mlj.report(mlj.fit(mach, verbosity=0)).neural_network_classifier.epochs
        8

    Source: MLJBase.jl, src/composition/models/pipelines.jl. Deviations: one class for all kinds;
        scitypes are inferred from the components; functions keep the number of rows.
    """

    traits: ClassVar[Traits] = Traits(
        supervised=False, is_wrapper=True, package_name="mlj_keras", package_license="MIT"
    )

    says_early: ClassVar[bool] = True

    operation: str = param("predict", options=OPERATIONS)
    prediction_type: str | None = param(
        None, options=("deterministic", "probabilistic"), optional=True
    )

    def __init__(
        self,
        *parts: Any,
        operation: str = "predict",
        prediction_type: str | None = None,
        **named: Any,
    ) -> None:
        if parts and named:
            raise InvalidModelError(
                f"Pipeline got components with names, {', '.join(named)}, and without. Name all "
                "or none."
            )
        components = named or _named(parts)
        self._begin(components, operation=operation, prediction_type=prediction_type)
        check_options(self)

    def check(self) -> None:
        """The components and options, alone and together."""
        super().check()
        check_options(self)

    def check_components(self, components: dict[str, Any]) -> dict[str, Any]:
        """Instances of models and functions, in an order that is possible."""
        for name, value in components.items():
            _check_component(name, value)
        check_order(components)
        return components

    @property
    def predictor(self) -> str | None:
        """The name of the component that predicts, or None."""
        supervised = (n for n, c in self.components.items() if _traits(c).supervised)
        return next(supervised, None)

    def resolve(self, *scitypes: Any) -> Any:
        """A copy in which a network specification has become the container for these data."""
        name = self.predictor
        if name is None or len(scitypes) < 2:
            return self
        first = name == next(iter(self.components))
        x = scitypes[0] if first or scitypes[0] <= Vector[Image] else Table[Continuous]
        component = getattr(self, name)
        resolved = component.resolve(x, *scitypes[1:])
        return self if resolved is component else self.replace({name: resolved})

    def settled(self, n_rows: int) -> Any:
        """With what the components choose by the number of rows chosen."""
        settled = {n: c.settled(n_rows) for n, c in self.components.items() if _is_model(c)}
        changed = {n: c for n, c in settled.items() if c is not getattr(self, n)}
        return self.replace(changed) if changed else self

    def own_traits(self) -> Traits:
        """Of the predicting component, or else of transformers; X as the first component."""
        components = list(self.components.values())
        first = _traits(components[0])
        if self.predictor is None:
            return dataclasses.replace(
                self.traits,
                **self._weights(),
                input_scitype=first.input_scitype,
                output_scitype=_traits(components[-1]).output_scitype,
                static=all(_traits(c).static for c in components),
                target_in_fit=any(_traits(c).takes_target for c in components),
            )
        inner = _traits(getattr(self, self.predictor))
        parameter = inner.iteration_parameter
        return dataclasses.replace(
            inner,
            **self._weights(),
            input_scitype=first.input_scitype,
            output_scitype=Unknown,
            is_wrapper=True,
            prediction_type=self._prediction_type(inner),
            iteration_parameter=None if parameter is None else f"{self.predictor}.{parameter}",
        )

    def _weights(self) -> dict[str, Any]:
        """Which weights some component takes."""
        all_traits = [_traits(c) for c in self.components.values()]
        taking = [traits for traits in all_traits if traits.takes_target]
        kinds = ("supports_weights", "supports_class_weights")
        return {kind: any(getattr(traits, kind) for traits in taking) for kind in kinds}

    def _prediction_type(self, inner: Traits) -> str:
        is_last = self.predictor == list(self.components)[-1]
        if self.operation != "predict":
            return "deterministic"
        if is_last:
            return inner.prediction_type
        return self.prediction_type or "deterministic"

    def has_operation(self, name: str) -> bool:
        """predict with a predicting component, transform without or if that has it."""
        models = [c for c in self.components.values() if _is_model(c)]
        if self.predictor is not None:
            inner = getattr(self, self.predictor)
            return name == "predict" or (name == "transform" and inner.has_operation(name))
        if name == "inverse_transform":
            return len(models) == len(self.components) and all(
                model.has_operation(name) for model in models
            )
        return name == "transform"

    def transformed_columns(self, columns: Mapping[Any, Any]) -> dict[Any, Any] | None:
        """Through all components."""
        found: Any = columns
        for component in self.components.values():
            found = None if found is None else columns_after(component, found)
        return None if found is None else dict(found)

    def check_data(self, *data: Any) -> None:
        """What the components would be given suits them, as far as that is known now."""
        first = next(iter(self.components.values()))
        if _is_model(first):
            own = data if _traits(first).takes_target else data[:1]
            first.check_data(*(map(outward, own) if first.native_data else own))
        if len(data) > 1:
            check_targets(self.components, data[1])
        if isinstance(data[0], InnerTable):
            check_columns(self, column_scitypes(data[0]))

    def prefit(self, verbosity: int, *sources: Source) -> dict[str, Node]:
        """The chain of components."""
        X: Any = sources[0] if sources else Source(None)
        nodes, machines = {}, []
        for name, component in self.components.items():
            if not _is_model(component):
                X = node(component, X)
                continue
            traits = _traits(component)
            mach = machine(component, *_arguments(traits, X, sources))
            machines.append(mach)
            if name == self.predictor:
                if component.has_operation("transform"):
                    nodes["transform"] = mach.transform(X)
                X = getattr(mach, self.operation)(X)
            else:
                X = mach.transform(X)
        nodes["predict" if self.predictor else "transform"] = X
        if self.has_operation("inverse_transform"):
            back: Any = Source(None)
            for mach in reversed(machines):
                back = mach.inverse_transform(back)
            nodes["inverse_transform"] = back
        return nodes


def _arguments(traits: Traits, X: Any, sources: tuple[Source, ...]) -> tuple[Any, ...]:
    """What a component learns from: X as it comes to it, the target and weights if it takes
    them."""
    if traits.static:
        return ()
    if not traits.takes_target:
        return (X,)
    takes_weights = traits.supports_weights or traits.supports_class_weights
    return (X, *sources[1 : 3 if takes_weights else 2])


def _is_model(component: Any) -> bool:
    return isinstance(component, Model)


def _traits(component: Any) -> Traits:
    if _is_model(component):
        traits: Traits = component.own_traits()
        return traits
    return Traits(supervised=False, static=True)


def _check_component(name: str, value: Any) -> None:
    if isinstance(value, type):
        raise WrongType(
            f"A component is an instance or a function, got the class {value.__name__}. Write "
            f"{value.__name__}()."
        )
    if not (isinstance(value, Model) and hasattr(value, "own_traits")) and not callable(value):
        raise WrongType(
            f"The component {name} is {value!r:.60}, which is neither a model nor a function."
        )


def _named(parts: tuple[Any, ...]) -> dict[str, Any]:
    """Components by names after their classes."""
    found: dict[str, Any] = {}
    for position, part in enumerate(parts):
        _check_component(f"at position {position}", part)
        if isinstance(part, Pipeline):
            raise InvalidModelError(
                "A pipeline in a pipeline needs a name: write Pipeline(name=...). To join them "
                "to one, write first | second."
            )
        _add(found, _name_of(part), part)
    return found


def _add(found: dict[str, Any], name: str, part: Any) -> None:
    unique, count = name, 1
    while unique in found:
        count += 1
        unique = f"{name}{count}"
    found[unique] = part


def _name_of(part: Any) -> str:
    if not isinstance(part, Model):
        return "f"
    return snake_case(type(part).__name__)


def _join(left: Any, right: Any) -> Any:
    """left | right: pipelines are taken apart, and their components keep their names."""
    found: dict[str, Any] = {}
    options: dict[str, Any] = {}
    for part in (left, right):
        if isinstance(part, Pipeline):
            for name, component in part.components.items():
                _add(found, name, component)
            if part.operation != "predict" or part.prediction_type is not None:
                options = {
                    "operation": part.operation,
                    "prediction_type": part.prediction_type,
                }
        else:
            _check_component("of |", part)
            _add(found, _name_of(part), part)
    return Pipeline(**found, **options)


join_by(_join)
