"""The registry's functions: `models`, `info`, `doc` and `load`.

Knows the catalog. Source: MLJModels.jl, src/model_search.jl and src/loading.jl.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mlj_keras._display import grid_html, text_table, titled_html
from mlj_keras._tracebacks import short_tracebacks
from mlj_keras.errors import InvalidArgument, WrongType
from mlj_keras.models import Model
from mlj_keras.registry.catalog import ModelEntry, entries, entry_of, full_info
from mlj_keras.registry.matching import Matching

Condition = Matching | str | re.Pattern[str] | Callable[[dict[str, Any]], bool]

_HEADS = ("name", "package", "kind", "summary")
_SUMMARY = 60  # characters of a summary that are shown


class ModelList(list[ModelEntry]):
    """What `models` gives: a list of entries that shows as a table.

    Example:
        >>> models("^Bisecting")
        1 model
        name             package       kind         summary
        BisectingKMeans  scikit-learn  transformer  Bisecting K-Means clustering.

    Source: MLJModels.jl, the vector of named tuples that `models` gives.
    """

    def __repr__(self) -> str:
        if not self:
            return self._title()
        return f"{self._title()}\n{text_table(_HEADS, list(map(_cells, self)))}"

    def _repr_html_(self) -> str:
        return titled_html(self._title(), grid_html(_HEADS, list(map(_cells, self))))

    def _title(self) -> str:
        return f"{len(self)} model" + ("" if len(self) == 1 else "s")


def models(*conditions: Condition, wrappers: bool = False) -> ModelList:
    """The models of the registry that meet all conditions, sorted by name, then package.

    Args:
        conditions: `matching(X, y)`; a string or a compiled regular expression, searched in the
            name and the docstring (a string is a regular expression too, and ignores case unless
            it has capitals); or a function of the record that `info` gives
        wrappers: models that need another model, such as OneVsRestClassifier, too.
    Returns: ModelList of ModelEntry, with `name`, `package`, `kind`, `summary`, `info`, `doc`.
    Raises: WrongType for a condition of another kind; InvalidArgument for a string that is no
        regular expression.
    Example:
        >>> import mlj_keras as mlj
        >>> from mlj_keras.registry import matching
        >>> X, y = mlj.load_diabetes()
        >>> found = models(matching(X, y), lambda record: record["package_name"] == "mlj_keras")
        >>> [entry.name for entry in found]
        ['NeuralNetworkRegressor']
        >>> [entry.name for entry in models("^KernelPCA", matching(X))]
        ['KernelPCA']

    Source: MLJModels.jl, src/model_search.jl, `models`.
    """
    tests = [_test(condition) for condition in conditions]
    return ModelList(
        entry
        for entry in entries()
        if (wrappers or not entry.model_class.traits.is_wrapper)
        and all(test(entry) for test in tests)
    )


def info(
    model: str | Model | type[Model] | ModelEntry,
    package: str | None = None,
    *,
    pkg: str | None = None,
) -> dict[str, Any]:
    """Everything that is known of a model before it meets data.

    Args:
        model: a name, an entry of `models`, a model class, or a model: what its hyper-parameters
            decide is then its own
        package: of the name, where several have a model called so; `pkg` is the same.
    Returns: dict: name, package_name, package_license, summary, docstring, kind, load_path,
        operations; the traits, among them input_scitype, target_scitype, prediction_type,
        target_in_fit, is_wrapper, supports_weights; `hyperparameters` with their defaults,
        "required" for those that have none.
    Raises: InvalidArgument for an unknown name, and for one of several packages; WrongType for
        what is none of these.
    Example:
        >>> record = info("SVC", pkg="scikit-learn")
        >>> record["prediction_type"], record["hyperparameters"]["C"]
        ('deterministic', 1.0)

    Source: MLJModels.jl, src/model_search.jl, `info`.
    """
    package = _one_package(package, pkg)
    if isinstance(model, str):
        return full_info(entry_of(model, package).model_class)
    return full_info(model.model_class if isinstance(model, ModelEntry) else model)


def doc(
    model: str | Model | type[Model] | ModelEntry,
    package: str | None = None,
    *,
    pkg: str | None = None,
) -> str:
    """The docstring of a model.

    Args: model, package: as in `info`; `pkg` is the same.
    Returns: str.
    Raises: as `info`.
    Example:
        >>> print(doc("Standardizer").splitlines()[0])
        Subtract the mean and divide by the standard deviation (ddof 1), column by column.

    Source: MLJModels.jl, `doc`.
    """
    return str(info(model, package, pkg=pkg)["docstring"])


@short_tracebacks
def load(name: str, package: str | None = None, *, pkg: str | None = None) -> type[Model]:
    """The model class of this name; it is not an instance, and not a saved machine.

    Args: name · package: as in `info`; `pkg` is the same.
    Returns: a Model class.
    Raises: WrongType if name is no string; InvalidArgument for an unknown name or package, with
        the nearest ones, and for a name of several packages, listing them.
    Example:
        >>> Forest = load("RandomForestClassifier", package="scikit-learn")
        >>> Forest(n_estimators=10)
        RandomForestClassifier(n_estimators=10)

    Source: MLJModels.jl, src/loading.jl, `@load`.
    """
    return entry_of(name, _one_package(package, pkg)).model_class


def _one_package(package: str | None, pkg: str | None) -> str | None:
    if package is not None and pkg is not None:
        raise InvalidArgument(
            f"package and pkg are the same, got both: {package!r} and {pkg!r}. Give one of them."
        )
    return package if pkg is None else pkg


def _test(condition: Any) -> Callable[[ModelEntry], bool]:
    if isinstance(condition, Matching):
        return condition
    if isinstance(condition, str):
        condition = _pattern(condition)
    if isinstance(condition, re.Pattern):
        return lambda entry: bool(condition.search(entry.name) or condition.search(entry.doc))
    if callable(condition) and not isinstance(condition, type):
        return lambda entry: bool(condition(entry.info))
    raise WrongType(
        f"A condition is matching(...), a string, a compiled regular expression or a function of "
        f"a record, got {condition!r:.60}. Write models(matching(X, y), 'Forest')."
    )


def _pattern(needle: str) -> re.Pattern[str]:
    try:
        return re.compile(needle, re.IGNORECASE if needle == needle.lower() else 0)
    except re.error as error:
        raise InvalidArgument(
            f"{needle!r} is no regular expression: {error}. Write models(re.escape({needle!r}))."
        ) from error


def _cells(entry: ModelEntry) -> tuple[str, ...]:
    summary = entry.summary
    if len(summary) > _SUMMARY:
        summary = summary[: _SUMMARY - 3].rstrip() + "..."
    return entry.name, entry.package, entry.kind, summary
