"""From a tree and what stands beside it to the values that an Encoder was given.

Builds what is in the closed tables only, and what the caller trusts by name; checks every value
against what it has to be. Knows values of all kinds; not how a file is read. Source: ours.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._warnings import warn
from mlj_keras.builders import builder_from
from mlj_keras.containers import NetworkFit
from mlj_keras.engine.distribution import place_of
from mlj_keras.engine.program import NetworkSpec
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import (
    InvalidStoredModel,
    MachineFileWarning,
    UntrustedModelError,
)
from mlj_keras.machine import Machine
from mlj_keras.machine.record import Record
from mlj_keras.machine.source import Source
from mlj_keras.models import ComponentModel, FitOutcome, Model
from mlj_keras.models.unfinished import mark_unfinished
from mlj_keras.persistence import graphs, keras_objects
from mlj_keras.persistence._estimator_classes import class_of_id, function_of_id
from mlj_keras.persistence.code import TrustedCode
from mlj_keras.persistence.encoding import BUILTINS
from mlj_keras.persistence.known import model_of_id
from mlj_keras.persistence.plain_decoding import PLAIN_KINDS, PlainDecoder
from mlj_keras.resampling.comparison import Evaluations
from mlj_keras.storage.records import check_types, class_named, function_named, made

Tree = Any


class Decoder(PlainDecoder):
    """Makes values of trees.

    Args: arrays: by number · columns: Arrow arrays by number · estimators: in their order ·
        code: what the caller trusts · other_versions: of Keras or TensorFlow than the file was
        written with.
    """

    def __init__(
        self,
        arrays: Mapping[str, np.ndarray],
        columns: Mapping[str, pa.Array],
        estimators: Sequence[Any],
        code: TrustedCode,
        *,
        other_versions: bool = False,
    ) -> None:
        super().__init__(arrays, columns)
        self.estimators = estimators
        self.code = code
        self._other_versions = other_versions
        self._odd: list[str] = []  # what there is to warn of

    def _further(self) -> list[tuple[str, Any]]:
        """The estimators."""
        return [("estimator", i) for i in range(len(self.estimators))]

    def tell(self) -> None:
        """Warn of what is not quite as it should be."""
        for what in dict.fromkeys(self._odd):
            warn(what, MachineFileWarning)

    def _model(self, inside: dict[str, Any], where: str) -> Model:
        found = self._whole_model(inside, where)
        marked = inside.get("unfinished")
        if marked is not None:
            if marked not in found.fields() or not isinstance(getattr(found, marked), tuple):
                raise ValueError(f"{where} has a mark in {marked!r:.40}, which takes none")
            mark_unfinished(found, marked)
        return found

    def _whole_model(self, inside: dict[str, Any], where: str) -> Model:
        cls = self._class(inside["class"], where)
        if not isinstance(cls, type) or not issubclass(cls, Model):
            raise UntrustedModelError(f"has {cls!r:.60} at {where}, which is no model class.")
        fields = self.fields(inside["fields"], where)
        try:
            if not issubclass(cls, ComponentModel):
                if isinstance(inside["class"], str):  # else a class of the user's own
                    check_types(cls, fields)
                return cls(**fields)
            parts = [(str(n), self.value(t, f"{where}.{n}")) for n, t in inside["components"]]
            model = object.__new__(cls)
            model._begin(dict(parts), **fields)
            return model
        except InvalidStoredModel:
            raise
        except (ValueError, AttributeError, TypeError) as error:
            raise InvalidStoredModel(f"has an impossible model at {where}: {error}") from error

    def _class(self, name: Any, where: str) -> Any:
        if isinstance(name, dict):
            return self.value(name, where)
        found = model_of_id(name) if isinstance(name, str) else None
        if found is None:
            raise UntrustedModelError(
                f"names the model {name!r:.60} at {where}, which is none of this package: nothing "
                "of that name is ever loaded."
            )
        return found

    def _built_from(self, inside: list[Any], where: str) -> Model:
        function, fields = inside
        try:
            found: Model = builder_from(self.value(function, where), **self.fields(fields, where))
        except TypeError as error:
            raise InvalidStoredModel(f"has an impossible builder at {where}: {error}") from error
        return found

    def _state(self, inside: dict[str, Any], where: str) -> MachineState:
        arrays = {
            key: self.array(tree, f"{where}[{key!r:.60}]")
            for key, tree in inside["arrays"].items()
        }
        facts = self.fields(inside["facts"], where)
        for array in arrays.values():
            array.flags.writeable = False
        found: MachineState = made(MachineState, {**facts, "arrays": MappingProxyType(arrays)})
        return found

    def _outcome(self, inside: list[Tree], where: str) -> FitOutcome:
        fitresult, report, cache = (self.value(each, where) for each in inside)
        found: FitOutcome = made(
            FitOutcome, {"fitresult": fitresult, "cache": cache, "report": report}
        )
        return found

    def _network(self, inside: dict[str, Tree], where: str) -> NetworkSpec:
        found: NetworkSpec = made(
            NetworkSpec, {**self.fields(inside, where), "place": place_of(None)}
        )
        return found

    def _network_fit(self, inside: dict[str, Any], where: str) -> NetworkFit:
        found: NetworkFit = made(NetworkFit, self.fields(inside["fields"], where))
        probe = self.array(inside["probe"], where)
        arrays = found.state.arrays.values()
        if not all(np.isfinite(array).all() for array in arrays if array.dtype.kind == "f"):
            self._odd.append(
                "The network in this file has weights that are not finite: its predictions mean "
                "nothing. Train it anew."
            )
        elif self._other_versions and not np.allclose(found.probe(), probe, rtol=1e-4, atol=1e-5):
            self._odd.append(
                "With these versions of Keras and TensorFlow a network in this file gives other "
                "outputs than with those that it was written with; inspect_file lists them."
            )
        return found

    def _namespace(self, inside: list[Any], where: str) -> Record:
        found = {str(name): self.value(tree, f"{where}.{name}") for name, tree in inside}
        if any(name.startswith("_") for name in found):
            raise ValueError(f"{where} has a name that is taken")
        return Record(**found)

    def _evaluations(self, inside: list[Any], where: str) -> Evaluations:
        return Evaluations(self._map(inside, where))

    def _graph(self, inside: dict[str, Any], where: str) -> Any:
        return graphs.network_from(self, inside, where)

    def _machine(self, inside: dict[str, Any], where: str) -> Machine:
        return graphs.machine_from(self, inside, (), where)

    def _source(self, inside: None, where: str) -> Source:
        return Source(None)

    def _partial(self, inside: list[Tree], where: str) -> functools.partial[Any]:
        function, args, named = inside
        found = self.value(function, where)
        if not callable(found):
            raise ValueError(f"{where} is no function")
        return functools.partial(found, *self.value(args, where), **self.fields(named, where))

    def _function(self, inside: str, where: str) -> Any:
        found = function_named(inside) or class_named(inside)
        return _listed(found, inside, where, "this package")

    def _model_class(self, inside: str, where: str) -> Any:
        return self._class(inside, where)

    def _ufunc(self, inside: str, where: str) -> Any:
        found = vars(np).get(inside)  # by attribute, NumPy would import modules
        if not isinstance(found, np.ufunc):
            raise ValueError(f"{where} is no function of NumPy that works by element")
        return found

    def _estimator_class(self, inside: str, where: str) -> Any:
        return _listed(class_of_id(inside), inside, where, "scikit-learn or imbalanced-learn")

    def _library_function(self, inside: str, where: str) -> Any:
        return _listed(function_of_id(inside), inside, where, "NumPy's or scikit-learn's")

    def _builtin(self, inside: str, where: str) -> Any:
        return BUILTINS[inside]

    def _code(self, inside: Any, where: str) -> Any:
        return self.code.named(inside)

    def _record(self, inside: list[Any], where: str) -> Any:
        name, fields = inside
        cls = class_named(name)
        return made(_listed(cls, name, where, "this package"), self.fields(fields, where))

    def _own_record(self, inside: list[Any], where: str) -> Any:
        ((kind, name),), fields = inside[0].items(), self.fields(inside[1], where)
        if kind != "own code":  # what is of this package goes another way, with checks
            raise ValueError(f"{where} has {inside[0]!r:.60} for a class of the user's own")
        cls = self.code.named(name)
        if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
            raise UntrustedModelError(f"has {cls!r:.60} at {where}, which is no dataclass.")
        return cls(**fields)

    def _estimator(self, inside: Any, where: str) -> Any:
        if type(inside) is not int or not 0 <= inside < len(self.estimators):
            raise ValueError(f"{where} is estimator {inside!r:.20} of {len(self.estimators)}")
        self._used.add(("estimator", inside))
        return self.estimators[inside]

    def _keras(self, inside: Any, where: str) -> Any:
        return keras_objects.value_of(self, inside, where)


def _listed(found: Any, name: Any, where: str, whose: str) -> Any:
    """What a closed table has under a name; raises UntrustedModelError for nothing."""
    if found is None:
        raise UntrustedModelError(
            f"names {name!r:.60} at {where}, which is none of {whose} that files may name."
        )
    return found


Decoder.kinds = {
    **PLAIN_KINDS,
    "builder_from": Decoder._built_from,
    "builtin": Decoder._builtin,
    "own code": Decoder._code,
    "estimator": Decoder._estimator,
    "estimator class": Decoder._estimator_class,
    "evaluations": Decoder._evaluations,
    "function": Decoder._function,
    "graph": Decoder._graph,
    "keras": Decoder._keras,
    "library function": Decoder._library_function,
    "machine": Decoder._machine,
    "model": Decoder._model,
    "model class": Decoder._model_class,
    "namespace": Decoder._namespace,
    "network": Decoder._network,
    "network fit": Decoder._network_fit,
    "outcome": Decoder._outcome,
    "own record": Decoder._own_record,
    "partial": Decoder._partial,
    "record": Decoder._record,
    "source": Decoder._source,
    "state": Decoder._state,
    "ufunc": Decoder._ufunc,
}
