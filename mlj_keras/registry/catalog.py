"""The catalog: every model class of this package, listed here, and those of scikit-learn.

A new model of ours is one line in OWN. scikit-learn is loaded when the whole catalog is asked for.
Source: MLJModels.jl, src/registry and src/metadata.jl.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import inspect
from typing import Any

from mlj_keras.composition import (
    BalancedModel,
    BinaryThresholdPredictor,
    Freezable,
    Pipeline,
    RecursiveFeatureElimination,
    Stack,
    TransformedTargetModel,
)
from mlj_keras.containers import (
    EntityEmbedder,
    ImageClassifier,
    ImageRegressor,
    MultitargetNeuralNetworkRegressor,
    NeuralNetwork,
    NeuralNetworkBinaryClassifier,
    NeuralNetworkClassifier,
    NeuralNetworkRegressor,
)
from mlj_keras.data.scitypes import Finite, Unknown, Vector
from mlj_keras.ensembles import EnsembleModel
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.iteration import IteratedModel
from mlj_keras.models import Model
from mlj_keras.models import info as class_info
from mlj_keras.sklearn_models import left_out, model_class, model_names
from mlj_keras.transformers import (
    CardinalityReducer,
    ContinuousEncoder,
    ContrastEncoder,
    FeatureSelector,
    FillImputer,
    FrequencyEncoder,
    InteractionTransformer,
    MissingIndicator,
    MissingnessEncoder,
    OneHotEncoder,
    OrdinalEncoder,
    Standardizer,
    TargetEncoder,
    UnivariateBoxCoxTransformer,
    UnivariateDiscretizer,
    UnivariateTimeTypeToContinuous,
)
from mlj_keras.tuning import TunedModel

OWN: tuple[type[Model], ...] = (
    BalancedModel,
    BinaryThresholdPredictor,
    CardinalityReducer,
    ContinuousEncoder,
    ContrastEncoder,
    EnsembleModel,
    EntityEmbedder,
    FeatureSelector,
    FillImputer,
    Freezable,
    FrequencyEncoder,
    ImageClassifier,
    ImageRegressor,
    InteractionTransformer,
    IteratedModel,
    MissingIndicator,
    MissingnessEncoder,
    MultitargetNeuralNetworkRegressor,
    NeuralNetwork,
    NeuralNetworkBinaryClassifier,
    NeuralNetworkClassifier,
    NeuralNetworkRegressor,
    OneHotEncoder,
    OrdinalEncoder,
    Pipeline,
    RecursiveFeatureElimination,
    Stack,
    Standardizer,
    TargetEncoder,
    TunedModel,
    TransformedTargetModel,
    UnivariateBoxCoxTransformer,
    UnivariateDiscretizer,
    UnivariateTimeTypeToContinuous,
)

OPERATIONS = ("predict", "predict_mode", "transform", "inverse_transform")
_OTHER_NAMES = {"sklearn": "scikit-learn", "mlj-keras": "mlj_keras"}


@dataclasses.dataclass(frozen=True)
class ModelEntry:
    """A model of the registry: what is known of it, not the model itself.

    Attributes: `name`; `package`; `kind`: classifier, regressor, supervised (which one is known
        when data are met), transformer, clusterer or static; `summary`, a sentence;
        `model_class`, which `load` gives.
    Example:
        >>> entry = ModelEntry.of(Standardizer)
        >>> entry.name, entry.package, entry.kind
        ('Standardizer', 'mlj_keras', 'transformer')

    Source: MLJModels.jl, src/model_search.jl, the metadata proxies that `models` gives.
    """

    name: str
    package: str
    kind: str
    summary: str = dataclasses.field(repr=False)
    model_class: type[Model] = dataclasses.field(repr=False)

    @classmethod
    def of(cls, model: type[Model]) -> ModelEntry:
        """The entry of a model class."""
        known = class_info(model)
        return cls(known["name"], known["package_name"], kind_of(model), known["summary"], model)

    @property
    def info(self) -> dict[str, Any]:
        """The full record; see the function `info`."""
        return full_info(self.model_class)

    @property
    def doc(self) -> str:
        """The docstring."""
        return inspect.cleandoc(self.model_class.__doc__ or "")


def kind_of(model: type[Model]) -> str:
    """What a model class is for, in a word.

    Args: model: a model class. Returns: as the attribute `kind` of ModelEntry.
    Example:
        >>> kind_of(NeuralNetworkClassifier), kind_of(NeuralNetwork)
        ('classifier', 'supervised')

    Source: ours.
    """
    traits = model.traits
    if traits.static:
        return "static"
    if not traits.supervised:
        return "transformer" if hasattr(model, "transform") else "clusterer"
    if traits.target_scitype == Unknown:
        return "supervised"
    return "classifier" if traits.target_scitype <= Vector[Finite] else "regressor"


def full_info(model: Any) -> dict[str, Any]:
    """Everything that is known of a model class, or of a model with its hyper-parameters.

    Args: model: a model class or an instance (hence Any). Returns: see the function `info`.
    Raises: WrongType if it is neither.
    Example:
        >>> full_info(Standardizer)["operations"], full_info(Standardizer)["load_path"]
        (('transform', 'inverse_transform'), 'mlj_keras.transformers.standardizer.Standardizer')

    Source: MLJModels.jl, src/model_search.jl, `info`.
    """
    record = class_info(model)
    if isinstance(model, Model):
        own = model.own_traits()
        record |= {field.name: getattr(own, field.name) for field in dataclasses.fields(own)}
        record["target_in_fit"] = own.takes_target
    cls = model if isinstance(model, type) else type(model)
    return record | {
        "kind": kind_of(cls),
        "load_path": f"{cls.__module__}.{cls.__qualname__}",
        "operations": tuple(name for name in OPERATIONS if hasattr(cls, name)),
        "docstring": inspect.cleandoc(cls.__doc__ or ""),
    }


@functools.cache
def entries() -> tuple[ModelEntry, ...]:
    """Every entry, sorted by name, then package. Loads scikit-learn.

    Returns: tuple of ModelEntry.
    Example:
        >>> entries()[0]
        ModelEntry(name='ARDRegression', package='scikit-learn', kind='regressor')

    Source: MLJModels.jl, `models`.
    """
    found = [*map(ModelEntry.of, OWN)]
    found += [ModelEntry.of(model_class(name)) for name in model_names()]
    return tuple(sorted(found, key=lambda entry: (entry.name, entry.package)))


def entry_of(name: str, package: str | None = None) -> ModelEntry:
    """The entry of this name.

    Args: name · package: its package, needed where several have a model of that name.
    Returns: ModelEntry.
    Raises: WrongType if name is no string; InvalidArgument for an unknown name or package, with
        the nearest ones, and for a name of several packages.
    Example:
        >>> entry_of("Ridge")
        ModelEntry(name='Ridge', package='scikit-learn', kind='regressor')

    Source: MLJModels.jl, src/loading.jl.
    """
    if not isinstance(name, str):
        raise WrongType(
            f"The name of a model is a string, got {name!r:.60}. Write 'RandomForestClassifier'."
        )
    package = _OTHER_NAMES.get(package, package) if package is not None else None
    packages = sorted({entry.package for entry in entries()})
    if package is not None and package not in packages:
        raise InvalidArgument(f"There is no package {package!r}. There are: {packages!r}.")
    named = [entry for entry in entries() if entry.name == name]
    found = [entry for entry in named if package in (None, entry.package)]
    if len(found) == 1:
        return found[0]
    if found:
        several = [entry.package for entry in found]
        raise InvalidArgument(
            f"Several packages have a model {name!r}: {several!r}. Say which one: "
            f"package={several[0]!r}."
        )
    raise InvalidArgument(_unknown(name, package, named))


def _unknown(name: str, package: str | None, named: list[ModelEntry]) -> str:
    where = "" if package is None else f" in the package {package!r}"
    start = f"There is no model {name!r}{where}. "
    if named:
        return start + f"There is one in {[entry.package for entry in named]!r}."
    if name.endswith(".mlj") or any(each in name for each in "/\\"):
        return start + f"For a machine in a file, write load_machine({name!r})."
    reason = left_out(name) if package in (None, "scikit-learn") else None
    if reason is not None:
        return start + f"scikit-learn's estimator of that name is left out: it {reason}."
    names = {e.name.lower(): e.name for e in entries() if package in (None, e.package)}
    near = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.5)
    if near:
        return start + f"Did you mean {' or '.join(repr(names[one]) for one in near)}?"
    return start + "See models()."
