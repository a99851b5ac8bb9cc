"""`Model`: a bag of hyper-parameters, validated when assigned; and the kinds of model.

A model never holds learned parameters. A subclass writes its fields in its body, and becomes a
keyword-only dataclass by that alone. Knows nothing of data, networks or machines. Source:
MLJModelInterface.jl, src/MLJModelInterface.jl and src/model_def.jl.
"""

from __future__ import annotations

import copy
import dataclasses
import difflib
import functools
import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, Self, dataclass_transform

from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.errors import InvalidModelError, UnknownFieldError, WrongType
from mlj_keras.models.interface import FitOutcome, Operations
from mlj_keras.models.joining import joined
from mlj_keras.models.params import Rule, check_value, normalise, rule_of, same
from mlj_keras.models.representation import model_html, model_repr
from mlj_keras.models.traits import Traits


def _accept_aliases(cls: type[Model]) -> None:
    """Make `__init__` accept spellings such as `optimizer`, and name unknown fields with their
    nearest matches."""
    plain = cls.__dict__.get("__init__")
    if plain is None:
        return
    fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # its subclasses are dataclasses
    known = {field.name for field in fields}
    n_positional = sum(not field.kw_only for field in fields)
    by_name = next((field.name for field in fields if field.kw_only), None)
    advice = f" Give hyper-parameters by name, such as {by_name}=..." if by_name else ""
    needed = [
        field.name
        for field in fields
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]

    # The one wrapper that takes **kwargs: it checks every name against the fields before it hands
    # them on.
    @short_tracebacks
    def __init__(self: Model, *args: Any, **kwargs: Any) -> None:
        if len(args) > n_positional:
            raise WrongType(
                f"{cls.__name__} takes {n_positional or 'no'} positional argument(s), got "
                f"{len(args)}.{advice}"
            )
        renamed: dict[str, Any] = {}
        for name, value in kwargs.items():
            real = cls.aliases.get(name, name)
            if real in renamed or (real != name and real in kwargs):
                raise UnknownFieldError(
                    f"{cls.__name__} got both {real!r} and {name!r}. Give one of them."
                )
            if real not in known:
                raise _unknown(cls, name)
            renamed[real] = value
        lacking = [name for name in needed[len(args) :] if name not in renamed]
        if lacking:
            raise InvalidModelError(
                f"{cls.__name__} needs {' and '.join(lacking)}: write "
                f"{cls.__name__}({', '.join(f'{name}=...' for name in lacking)})."
            )
        plain(self, *args, **renamed)

    __init__.__doc__ = plain.__doc__
    __init__.__signature__ = inspect.signature(plain)  # type: ignore[attr-defined]  # inspect reads it
    cls.__init__ = __init__  # type: ignore[method-assign, assignment]  # on purpose


def _is_foreign(cls: type) -> bool:
    return cls is not object and cls.__module__.partition(".")[0] != "mlj_keras"


@functools.cache
def _interface() -> frozenset[str]:
    """The names that models have for machines to call."""
    return frozenset(name for kind in (Supervised, Unsupervised, Static) for name in dir(kind))


def _properties(cls: type[Model]) -> set[str]:
    return {
        name
        for base in cls.__mro__
        for name, value in vars(base).items()
        if isinstance(value, property)
    }


def _real_name(value: Any, name: str) -> str:
    return value.aliases.get(name, name) if isinstance(value, Model) else name


def _owner(root: Model, value: Any, path: str, name: str) -> Any:
    if not isinstance(value, Model):
        raise UnknownFieldError(
            f"{type(root).__name__} has no hyper-parameter {path!r}: {name!r} is asked of "
            f"{value!r}, which has no fields."
        )
    if _real_name(value, name) not in value.fields():
        raise _unknown(type(value), name, path, value.fields())
    return value


def _unknown(
    cls: type[Model], name: str, path: str | None = None, names: tuple[str, ...] | None = None
) -> UnknownFieldError:
    if names is None:
        names = tuple(field.name for field in dataclasses.fields(cls))  # type: ignore[arg-type]  # as above
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    where = f" (in the path {path!r})" if path and path != name else ""
    advice = (
        f"Did you mean {' or '.join(map(repr, near))}?"
        if near
        else f"It has: {', '.join(names) or 'none'}."
    )
    return UnknownFieldError(f"{cls.__name__} has no hyper-parameter {name!r}{where}. {advice}")


def _copy_value(value: Any, memo: dict[int, Any]) -> Any:
    if isinstance(value, Mapping):  # read-only already, and mapping proxies cannot be deep-copied
        return type(value)({key: _copy_value(item, memo) for key, item in value.items()})  # type: ignore[call-arg]  # of a mapping
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(_copy_value(item, memo) for item in value)
    if isinstance(value, Model) or hasattr(value, "__array__"):
        return copy.deepcopy(value, memo)
    return value  # everything else is immutable, or shared on purpose (functions, Keras objects)


@dataclass_transform()
class Model:
    """Base of every model and of its parts (builders, optimisers): named hyper-parameters and
    nothing else.

    Args: its fields, by keyword.
    Raises: UnknownFieldError for a field that does not exist; InvalidModelError for an impossible
        value.
    Example:
        >>> class Ridge(Deterministic):
        ...     lambda_: float = 1.0
        >>> model = Ridge(lambda_=3)
        >>> model.lambda_ = 0.5
        >>> model, model == Ridge(lambda_=0.5), model.replace({"lambda_": 2.0})
        (Ridge(lambda_=0.5), True, Ridge(lambda_=2.0))

    Source: MLJModelInterface.jl, src/MLJModelInterface.jl.
    """

    traits: ClassVar[Traits] = Traits()
    aliases: ClassVar[Mapping[str, str]] = {}
    _rules: ClassVar[Mapping[str, Rule | None]] = {}  # of the fields, in their order

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own_init = "__init__" in vars(cls)
        dataclasses.dataclass(cls, kw_only=True, eq=False, repr=False, init=not own_init)
        cls._rules = {field.name: rule_of(field) for field in dataclasses.fields(cls)}  # type: ignore[arg-type]  # as above
        if not own_init:
            _accept_aliases(cls)

    def fields(self) -> tuple[str, ...]:
        """The names of the hyper-parameters, in their order."""
        return tuple(self._rules)

    @short_tracebacks
    def get(self, path: str) -> Any:
        """The hyper-parameter at a dotted path such as "optimiser.learning_rate"."""
        value: Any = self
        for name in path.split("."):
            value = getattr(_owner(self, value, path, name), _real_name(value, name))
        return value

    @short_tracebacks
    def set(self, path: str, value: Any) -> None:
        """Assign the hyper-parameter at a dotted path; checked as any assignment is."""
        *parents, last = path.split(".")
        owner: Any = self.get(".".join(parents)) if parents else self
        setattr(_owner(self, owner, path, last), last, value)

    def replace(self, changes: Mapping[str, Any]) -> Self:
        """A deep copy with the values at the given dotted paths changed."""
        result = copy.deepcopy(self)
        for path, value in changes.items():
            result.set(path, value)
        return result

    def check(self) -> None:
        """Validate every field once more, nested models included (a nested value may have been
        changed in place)."""
        for name in self.fields():
            value = getattr(self, name)
            setattr(self, name, value)
            if isinstance(value, Model):
                value.check()

    @short_tracebacks
    def __setattr__(self, name: str, value: Any) -> None:
        name = self.aliases.get(name, name)
        if name in self._rules:
            value = check_value(type(self).__name__, name, value, self._rules[name])
            object.__setattr__(self, name, value)
            return
        if name in _properties(type(self)):
            object.__setattr__(self, name, value)
            return
        raise _unknown(type(self), name, names=self.fields())

    def __getattr__(self, name: str) -> Any:
        if name in type(self).aliases:
            return getattr(self, type(self).aliases[name])
        if name.startswith("__"):
            raise AttributeError(name)
        raise _unknown(type(self), name, names=self.fields())

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented if not isinstance(other, Model) else False
        return all(same(getattr(self, name), getattr(other, name)) for name in self.fields())

    __hash__ = None  # type: ignore[assignment]  # models are mutable

    def __getstate__(self) -> dict[str, Any]:
        return {
            name: dict(v) if isinstance(v, Mapping) else v for name, v in self.__dict__.items()
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, normalise(value))

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        result = object.__new__(type(self))
        memo[id(self)] = result
        for name in self.fields():
            object.__setattr__(result, name, _copy_value(getattr(self, name), memo))
        return result

    def __or__(self, other: Any) -> Any:
        return joined(self, other)

    def __ror__(self, other: Any) -> Any:
        return joined(other, self)

    def __dir__(self) -> list[str]:
        """What Tab shows: the hyper-parameters, how they are read and changed, and what a class
        has beside the interface that machines call; of the user's own classes everything."""
        own = {name for cls in type(self).__mro__ if _is_foreign(cls) for name in vars(cls)}
        names = own | (set(dir(type(self))) - _interface()) | {"fields", "get", "replace", "set"}
        return sorted(name for name in names | set(self.fields()) if not name.startswith("_"))

    def __repr__(self) -> str:
        return model_repr(self)

    def _repr_html_(self) -> str:
        return model_html(self)


class Supervised(Model, Operations):
    """A model that learns to predict a target from inputs. Subclass Deterministic or
    Probabilistic.

    Example:
        >>> issubclass(Deterministic, Supervised)
        True

    Source: MLJModelInterface.jl, `Supervised`.
    """

    def fit(self, verbosity: int, X: Any, y: Any) -> Any:
        """Learn from data as the user gave them; returns a FitOutcome, or any value, taken as the
        fitresult."""
        raise NotImplementedError(f"{type(self).__name__} must define fit(self, verbosity, X, y)")

    def update(
        self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, y: Any, *w: Any
    ) -> Any:
        """Learn again after a change of hyper-parameters only; by default from scratch, with the
        weights if there are any."""
        return self.fit(verbosity, X, y, *w)


class Deterministic(Supervised):
    """A supervised model whose `predict` gives values of the target's kind.

    Example:
        >>> import numpy as np
        >>> class MeanRegressor(Deterministic):
        ...     shift: float = 0.0
        ...     def fit(self, verbosity, X, y):
        ...         return float(np.mean(y))
        ...     def predict(self, fitresult, Xnew):
        ...         return np.full(len(Xnew), fitresult + self.shift)
        >>> MeanRegressor(shift=1).predict(2.0, [[0.0], [1.0]])
        array([3., 3.])

    Source: MLJModelInterface.jl, `Deterministic`.
    """

    traits: ClassVar[Traits] = Traits(prediction_type="deterministic")


class Probabilistic(Supervised):
    """A supervised model whose `predict` gives distributions, such as a UnivariateFiniteVector.

    Example:
        >>> Probabilistic.traits.prediction_type
        'probabilistic'

    Source: MLJModelInterface.jl, `Probabilistic`.
    """

    traits: ClassVar[Traits] = Traits(prediction_type="probabilistic")


class Unsupervised(Model, Operations):
    """A model that learns from inputs alone and has `transform`, and `inverse_transform` if it
    can.

    Example:
        >>> class Centre(Unsupervised):
        ...     def fit(self, verbosity, X):
        ...         return X.mean()
        ...     def transform(self, fitresult, Xnew):
        ...         return Xnew - fitresult

    Source: MLJModelInterface.jl, `Unsupervised`.
    """

    traits: ClassVar[Traits] = Traits(prediction_type="unknown", supervised=False)

    def fit(self, verbosity: int, X: Any) -> Any:
        """Learn from data as the user gave them; returns a FitOutcome, or any value, taken as the
        fitresult."""
        raise NotImplementedError(f"{type(self).__name__} must define fit(self, verbosity, X)")

    def update(self, verbosity: int, outcome: FitOutcome, old_model: Any, X: Any, *y: Any) -> Any:
        """Learn again after a change of hyper-parameters only; by default from scratch, with the
        target if the model takes one."""
        return self.fit(verbosity, X, *y)


class Static(Model, Operations):
    """A model with nothing to learn: `transform(self, fitresult, Xnew)` with fitresult None.

    Example:
        >>> class Double(Static):
        ...     def transform(self, fitresult, Xnew):
        ...         return 2 * Xnew
        >>> Double().transform(None, 4)
        8

    Source: MLJModelInterface.jl, `Static`.
    """

    traits: ClassVar[Traits] = Traits(prediction_type="unknown", supervised=False, static=True)

    def fit(self, verbosity: int) -> Any:
        """Nothing to learn."""
        return None

    def update(self, verbosity: int, outcome: FitOutcome, old_model: Any) -> Any:
        """Nothing to learn."""
        return None
