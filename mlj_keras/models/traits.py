"""Traits: the facts about a model class that do not depend on its hyper-parameters.

Plain class attributes; `info(Model)` shows them. Source: MLJModelInterface.jl,
src/model_traits.jl.
"""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

from mlj_keras.data.scitypes import Scitype, Unknown
from mlj_keras.errors import WrongType


@dataclasses.dataclass(frozen=True, kw_only=True)
class Traits:
    """What a model class takes, gives and supports.

    Args:
        input_scitype, target_scitype, output_scitype: scitypes, Unknown where nothing is declared
        prediction_type: "deterministic", "probabilistic" or "unknown"
        iteration_parameter: dotted path of the field that counts iterations, or None.
    Example:
        >>> Traits(supports_weights=True).supports_weights
        True

    Source: MLJModelInterface.jl, src/model_traits.jl.
    """

    input_scitype: Scitype = Unknown
    target_scitype: Scitype = Unknown
    output_scitype: Scitype = Unknown
    prediction_type: str = "unknown"
    supervised: bool = True
    static: bool = False
    target_in_fit: bool | None = None
    is_wrapper: bool = False
    supports_weights: bool = False
    supports_class_weights: bool = False
    supports_training_losses: bool = False
    reports_feature_importances: bool = False
    iteration_parameter: str | None = None
    package_name: str = "unknown"
    package_license: str = "unknown"

    def with_target(self, target: Scitype) -> Traits:
        """The same traits with another target scitype, for wrappers."""
        return dataclasses.replace(self, target_scitype=target)

    @property
    def takes_target(self) -> bool:
        """True if fit is given a target."""
        return self.supervised if self.target_in_fit is None else self.target_in_fit


def info(model: Any) -> dict[str, Any]:
    """Everything that is known of a model class before it meets data.

    Args: model: a model class or an instance of one.
    Returns: dict with the name, the docstring's first paragraph, every trait (`target_in_fit` as
        True or False), and the hyper-parameters with their defaults, "required" for those that
        have none.
    Raises: WrongType if it is no model.
    Example:
        >>> from mlj_keras.models.base import Deterministic
        >>> info(Deterministic)["prediction_type"]
        'deterministic'

    Source: MLJModels.jl, src/model_search.jl, `info`.
    """
    cls = model if isinstance(model, type) else type(model)
    traits = getattr(cls, "traits", None)
    if not isinstance(traits, Traits):
        raise WrongType(
            f"info takes a model class or a model, got {model!r}. Write "
            "info(NeuralNetworkClassifier)."
        )
    paragraph = inspect.cleandoc(cls.__doc__ or "").split("\n\n")[0]
    record: dict[str, Any] = {"name": cls.__name__, "summary": " ".join(paragraph.split())}
    record.update(
        {field.name: getattr(traits, field.name) for field in dataclasses.fields(traits)}
    )
    record["target_in_fit"] = traits.takes_target
    fields = dataclasses.fields(cls) if dataclasses.is_dataclass(cls) else ()
    record["hyperparameters"] = {field.name: _default(field) for field in fields}
    return record


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return "required" if field.default is dataclasses.MISSING else field.default
