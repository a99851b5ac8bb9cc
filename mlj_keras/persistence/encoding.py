"""From what a machine holds to what a file can: a tree of JSON, and beside it arrays, columns and
estimators by number.

A tree is None, a bool, an int, a finite float, a text, a list of trees, or a mapping of one entry:
the kind of a value, and what it is made of. Knows values of all kinds; not how a file is written.
Source: ours.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import functools
import math
import types
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras.composition.network import Network
from mlj_keras.containers import NetworkFit
from mlj_keras.data.scitypes import Scitype
from mlj_keras.engine.program import NetworkSpec
from mlj_keras.engine.state import MachineState
from mlj_keras.errors import UnsavableError
from mlj_keras.machine import Machine, Node, Source
from mlj_keras.machine.record import Record
from mlj_keras.models import ComponentModel, FitOutcome, Model
from mlj_keras.models.unfinished import finished, unfinished_field
from mlj_keras.persistence import frames, graphs, keras_objects
from mlj_keras.persistence._estimator_classes import class_id, function_id
from mlj_keras.persistence.code import code_name, function_behind
from mlj_keras.persistence.estimators import is_estimator
from mlj_keras.persistence.known import model_id
from mlj_keras.resampling.comparison import Evaluations
from mlj_keras.storage.arrow import check_type
from mlj_keras.storage.records import is_storable, name_of, stored_fields
from mlj_keras.storage.tensors import DTYPES

Tree = Any  # see the module


class Encoder:
    """Makes trees of values, and collects what stands beside them.

    Args: for_inference: leave out what only training needs.
    Attributes: arrays and slots (those of optimisers): by number; columns: Arrow arrays by number;
        estimators: in their order; code: names of the user's own.
    """

    def __init__(self, *, for_inference: bool = False) -> None:
        self.for_inference = for_inference
        self.arrays: dict[str, np.ndarray] = {}
        self.slots: dict[str, np.ndarray] = {}
        self.columns: dict[str, pa.Array] = {}
        self.estimators: list[Any] = []
        self.code: dict[str, str | None] = {}
        self._known: dict[int, tuple[Any, Tree]] = {}  # arrays that are there already

    def tree(self, value: Any, where: str) -> Tree:
        """The tree of a value.

        Args: value · where: it is, such as "model.builder", for messages.
        Raises: UnsavableError for what a file cannot hold.
        """
        if value is None or type(value) in (bool, str):
            return value
        if type(value) is int and value.bit_length() < _MOST_BITS:
            return value
        own_kind = isinstance(value, _EXACT) and not isinstance(value, np.generic)
        if own_kind and type(value) not in _EXACT:
            raise _unsavable(
                where,
                f"{value!r:.60}, a {type(value).__name__}, which would come back as another kind",
                f"Make it a plain {_plain_name(value)}, or a dataclass.",
            )
        for kind, make in _KINDS:
            if isinstance(value, kind):
                return make(self, value, where)
        if callable(value) or isinstance(value, type):
            return self._named(value, where)
        return self._other(value, where)

    def items(self, value: Mapping[Any, Any], where: str) -> list[Tree]:
        """The entries of a mapping as pairs of trees."""
        return [
            [self.tree(key, where), self.tree(item, f"{where}[{key!r:.30}]")]
            for key, item in value.items()
        ]

    def fields(self, values: Mapping[str, Any], where: str) -> dict[str, Tree]:
        """Values by name as trees by name."""
        return {name: self.tree(value, f"{where}.{name}") for name, value in values.items()}

    def _number(self, value: float, where: str) -> Tree:
        return float(value) if math.isfinite(value) else {"float": repr(float(value))}

    def _list(self, value: list[Any], where: str) -> Tree:
        return [self.tree(each, f"{where}[{i}]") for i, each in enumerate(value)]

    def _tuple(self, value: tuple[Any, ...], where: str) -> Tree:
        return {"tuple": self._list(list(value), where)}

    def _set(self, value: set[Any] | frozenset[Any], where: str) -> Tree:
        kind = "set" if isinstance(value, set) else "frozenset"
        return {kind: self._list(sorted(value, key=repr), where)}

    def _mapping(self, value: Mapping[Any, Any], where: str) -> Tree:
        return {"map": self.items(value, where)}

    def array(self, value: np.ndarray, where: str, *, slot: bool = False) -> Tree:
        """The tree of an array, which is put beside it once."""
        if value.dtype.kind == "O":
            items = self._list(value.reshape(-1).tolist(), where)
            return {"objects": [list(value.shape), items]}
        if value.dtype.kind == "U":
            return {"texts": [value.dtype.str, list(value.shape), value.reshape(-1).tolist()]}
        if value.dtype.kind in "mM":
            return {"times": [value.dtype.str, self.array(value.view("int64"), where)]}
        if value.dtype.name not in DTYPES:
            raise _unsavable(where, f"an array of the dtype {value.dtype}", "Convert it.")
        known = self._known.get(id(value))
        if known is None:
            into = self.slots if slot else self.arrays
            name = f"{len(self.arrays) + len(self.slots):06d}"
            into[name] = value
            known = self._known[id(value)] = (value, {"array": name})
        return known[1]

    def _scalar(self, value: np.generic, where: str) -> Tree:
        return {"scalar": self.array(np.asarray(value), where)}

    def column(self, value: pa.Array, where: str) -> Tree:
        """The tree of an Arrow array, which is put beside it."""
        try:
            check_type(value.type)
        except TypeError as error:
            raise UnsavableError(f"{where}: {error}. Convert that column.") from error
        name = f"{len(self.columns):06d}"
        self.columns[name] = value
        return {"column": name}

    def _time(self, value: Any, where: str) -> Tree:
        gone = frames.tree_of(self, value, where)
        if gone is not None:
            return gone
        if hasattr(value, "unit") and hasattr(value, "asm8"):  # of pandas
            zone = getattr(value, "tz", None)
            kind = "delta" if isinstance(value, datetime.timedelta) else "stamp"
            ticks = (
                int(value.asm8.view("int64")) if zone is None else int(value.as_unit("ns").value)
            )
            unit = value.unit if zone is None else "ns"
            if zone is not None and not frames.is_zone(str(zone)):
                raise _unsavable(where, f"of the time zone {zone!r:.60}", "Name it, as 'UTC'.")
            return {"pandas": [kind, unit, ticks, None if zone is None else str(zone)]}
        if isinstance(value, datetime.timedelta):
            return {"time": ["delta", [value.days, value.seconds, value.microseconds]]}
        second = SECOND if getattr(value, "fold", 0) else ""
        return {"time": [type(value).__name__, value.isoformat() + second]}

    def _decimal(self, value: decimal.Decimal, where: str) -> Tree:
        return {"decimal": str(value)}

    def _path(self, value: PurePath, where: str) -> Tree:
        return str(value)

    def _scitype(self, value: Scitype, where: str) -> Tree:
        args = None if value.args is None else self._list(list(value.args), where)
        return {"scitype": [value.name, args, value.kind]}

    def _model(self, value: Model, where: str) -> Tree:
        behind = function_behind(value)
        if behind is not None:  # a builder made of a function
            fields = {name: getattr(value, name) for name in value.fields()}
            return {"builder_from": [self._named(behind, where), self.fields(fields, where)]}
        described = keras_objects.tree_of_builder(self, value, where)
        if described is not None:
            return described
        marked = unfinished_field(value)
        value = value if marked is None else finished(value, marked)[0]
        known = model_id(type(value))
        own = Model.fields(value) if isinstance(value, ComponentModel) else value.fields()
        content = {
            "class": known if known is not None else self._named(type(value), where),
            "fields": self.fields({name: getattr(value, name) for name in own}, where),
        }
        if isinstance(value, ComponentModel):
            parts = {name: value.components[name] for name in value.components}
            content["components"] = [[n, self.tree(v, f"{where}.{n}")] for n, v in parts.items()]
        if marked is not None:  # its training was cut off
            content["unfinished"] = marked
        return {"model": content}

    def _state(self, value: MachineState, where: str) -> Tree:
        if self.for_inference:
            frozen = MachineState.of(
                value.prediction_arrays(), epochs=0, losses=(), path="", seed=0
            )
            value = dataclasses.replace(value, arrays=frozen.arrays, rule="")
        arrays = {
            key: self.array(array, f"{where}[{key!r}]", slot=key.startswith("slots/"))
            for key, array in sorted(value.arrays.items())  # the order that files keep
        }
        names = (name for name in stored_fields(value) if name != "arrays")
        facts = self.fields({name: getattr(value, name) for name in names}, where)
        return {"state": {"arrays": arrays, "facts": facts}}

    def _outcome(self, value: FitOutcome, where: str) -> Tree:
        cache = None if self.for_inference else value.cache  # what `paused` has left of it
        parts = (value.fitresult, value.report, cache)
        return {"outcome": [self.tree(each, where) for each in parts]}

    def _specification(self, value: NetworkSpec, where: str) -> Tree:
        names = (name for name in stored_fields(value) if name != "place")  # of this process
        return {"network": self.fields({name: getattr(value, name) for name in names}, where)}

    def _fit(self, value: NetworkFit, where: str) -> Tree:
        fields = {name: getattr(value, name) for name in stored_fields(value)}
        probe = self.array(value.probe(), where)
        return {"network fit": {"fields": self.fields(fields, where), "probe": probe}}

    def _record(self, value: Record, where: str) -> Tree:
        odd = [name for name in vars(value) if name.startswith("_")]
        if odd:
            raise _unsavable(where, f"a report with the name {odd[0]!r}", "Name it otherwise.")
        return {"namespace": [[n, self.tree(v, f"{where}.{n}")] for n, v in vars(value).items()]}

    def _evaluations(self, value: Evaluations, where: str) -> Tree:
        return {"evaluations": self.items(value, where)}

    def _graph(self, value: Any, where: str) -> Tree:
        return {"graph": graphs.tree_of(self, value, where)}

    def machine(self, value: Machine, where: str) -> dict[str, Tree]:
        """What a machine has learned, and of which model, without its data."""
        try:
            return graphs.machine_facts(self, value, where)
        except RecursionError as error:
            raise UnsavableError(
                f"A file cannot hold {where}: something in it is nested too deeply, or holds "
                "itself. Keep it as a list, say, in which one refers to another by number."
            ) from error

    def _machine(self, value: Machine, where: str) -> Tree:
        return {"machine": self.machine(value, where)}

    def _source(self, value: Any, where: str) -> Tree:
        if isinstance(value, Source) and value.data is None:
            return {"source": None}
        raise _unsavable(where, f"{value!r:.60}, which has data", "Files hold no data.")

    def _partial(self, value: functools.partial[Any], where: str) -> Tree:
        given = self.tree(list(value.args), where), self.fields(value.keywords, where)
        return {"partial": [self.tree(value.func, where), *given]}

    def _named(self, value: Any, where: str) -> Tree:
        """A class or function by name: one of the package's, of Keras', of NumPy's, or of the
        user's own."""
        if is_storable(value):
            return {"function": name_of(value)}
        if isinstance(value, type) and issubclass(value, Model) and model_id(value) is not None:
            return {"model class": model_id(value)}
        if isinstance(value, type) and class_id(value) is not None:
            return {"estimator class": class_id(value)}
        if callable(value) and function_id(value) is not None:
            return {"library function": function_id(value)}
        name = getattr(value, "__name__", "")
        if isinstance(value, np.ufunc) and getattr(np, name, None) is value:
            return {"ufunc": name}
        if getattr(value, "__module__", None) == "builtins":
            return {"builtin": _builtin(value, where)}
        known = keras_objects.tree_of(self, value, where)
        if known is not None:
            return known
        if isinstance(value, types.FunctionType | type | types.BuiltinFunctionType):
            name, digest = code_name(value, where)
            self.code[name] = digest
            return {"own code": name}  # no name of a field has a space
        return self._other(value, where)

    def _own_record(self, value: Any, where: str) -> Tree:
        """A dataclass of the user's own: all that its constructor takes."""
        fields = dataclasses.fields(value)
        made = [field.name for field in fields if not field.init]
        if made:
            what = f"{type(value).__name__}, whose field {made[0]!r} no argument gives"
            raise _unsavable(where, what, "Make it an argument, or a property.")
        given = {field.name: getattr(value, field.name) for field in fields}
        return [self._named(type(value), where), self.fields(given, where)]

    def _other(self, value: Any, where: str) -> Tree:
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            if is_storable(type(value)):
                fields = {name: getattr(value, name) for name in stored_fields(value)}
                content = [name_of(type(value)), self.fields(fields, where)]
                return {"record": content}
            return {"own record": self._own_record(value, where)}
        if is_estimator(value):
            self.estimators.append(value)
            return {"estimator": len(self.estimators) - 1}
        if type(value).__module__.partition(".")[0] == "matplotlib":
            return None  # a picture in a report
        known = frames.tree_of(self, value, where)
        if known is None:
            known = keras_objects.tree_of(self, value, where)
        if known is not None:
            return known
        raise _unsavable(
            where,
            f"{value!r:.60}, a {type(value).__name__}",
            "Files hold numbers, texts, None, lists, tuples, mappings, arrays, models and "
            "functions that can be imported.",
        )


SECOND = " (2)"  # a time of day that occurs twice, as clocks are put back: the later one


_MOST_BITS = 1300  # of an int: what its reader takes
_EXACT = (int, str, float, list, tuple, dict, set, frozenset, np.ndarray)


def _plain_name(value: Any) -> str:
    return next(kind.__name__ for kind in _EXACT if isinstance(value, kind))


def _builtin(value: Any, where: str) -> str:
    if value not in BUILTINS.values():
        raise _unsavable(where, f"the built-in {value!r:.40}", "Write a function in a module.")
    return str(value.__name__)


BUILTINS: dict[str, Any] = {
    each.__name__: each for each in (bool, int, float, str, repr, len, abs, min, max, sum, round)
}


def _unsavable(where: str, what: str, advice: str) -> UnsavableError:
    return UnsavableError(f"A file cannot hold {where}: it is {what}. {advice}")


# The first kind that a value is of counts.
_KINDS: tuple[tuple[Any, Callable[[Any, Any, str], Tree]], ...] = (
    (np.generic, Encoder._scalar),  # before float, as float64 is one
    (float, Encoder._number),
    (list, Encoder._list),
    (tuple, Encoder._tuple),
    (frozenset | set, Encoder._set),
    (Evaluations, Encoder._evaluations),
    (Mapping, Encoder._mapping),
    (np.ndarray, Encoder.array),
    (pa.Array, Encoder.column),
    (datetime.date | datetime.time | datetime.timedelta, Encoder._time),
    (decimal.Decimal, Encoder._decimal),
    (PurePath, Encoder._path),
    (Scitype, Encoder._scitype),
    (MachineState, Encoder._state),
    (NetworkSpec, Encoder._specification),
    (NetworkFit, Encoder._fit),
    (FitOutcome, Encoder._outcome),
    (Model, Encoder._model),
    (Record, Encoder._record),
    (Machine, Encoder._machine),
    (Network, Encoder._graph),
    (Source | Node, Encoder._source),
    (functools.partial, Encoder._partial),
)
