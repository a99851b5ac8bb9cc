"""Small real data sets, read from the files that scikit-learn ships.

Holds the six loaders and nothing else. Must not know models, machines or scitypes: what comes out
are pandas objects (and one array of images) whose dtypes already say what is meant. scikit-learn
is imported on use. Source: MLJBase.jl, src/data/datasets.jl.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from typing import Any, Literal, overload

import numpy as np
import pandas as pd


@overload
def load_iris(*, split: Literal[True] = True) -> tuple[pd.DataFrame, pd.Series[Any]]: ...
@overload
def load_iris(*, split: Literal[False]) -> pd.DataFrame: ...
def load_iris(*, split: bool = True) -> Any:
    """Fisher's iris flowers: four lengths in cm and the species, rows in the order of the file.

    Args:
        split: True for the pair (X, y), False for one frame with the target as last column.

    Returns:
        X, 150 x 4 float64 frame (Continuous), and y, named `target`, with the categories setosa,
        versicolor, virginica (Multiclass).

    Example:
        >>> X, y = load_iris()
        >>> X.shape, list(y.cat.categories)
        ((150, 4), ['setosa', 'versicolor', 'virginica'])

    Source: MLJBase.jl, `@load_iris`, and `load_iris` for `split=False`.
    """
    bunch = _bundled("load_iris")
    return _deliver(_features(bunch), _classes(bunch.target, bunch.target_names), split=split)


@overload
def load_wine(*, split: Literal[True] = True) -> tuple[pd.DataFrame, pd.Series[Any]]: ...
@overload
def load_wine(*, split: Literal[False]) -> pd.DataFrame: ...
def load_wine(*, split: bool = True) -> Any:
    """Chemical analyses of wines from three growers, on very different scales.

    Args:
        split: True for the pair (X, y), False for one frame with the target as last column.

    Returns:
        X, 178 x 13 float64 frame (Continuous), and y, named `target`, with the categories class_0,
        class_1, class_2 (Multiclass).

    Example:
        >>> load_wine(split=False)["target"].value_counts(sort=False).to_dict()
        {'class_0': 59, 'class_1': 71, 'class_2': 48}

    Source: ours, after scikit-learn's `load_wine`.
    """
    bunch = _bundled("load_wine")
    return _deliver(_features(bunch), _classes(bunch.target, bunch.target_names), split=split)


@overload
def load_breast_cancer(*, split: Literal[True] = True) -> tuple[pd.DataFrame, pd.Series[Any]]: ...
@overload
def load_breast_cancer(*, split: Literal[False]) -> pd.DataFrame: ...
def load_breast_cancer(*, split: bool = True) -> Any:
    """Measurements of cell nuclei, and whether the tumour is benign or malignant.

    The positive class of a two-class target is its second level, as in MLJ; so `malignant` is the
    positive one here, while scikit-learn codes it as 0.

    Args:
        split: True for the pair (X, y), False for one frame with the target as last column.

    Returns:
        X, 569 x 30 float64 frame (Continuous), and y, named `target`, with the categories benign,
        malignant (Multiclass).

    Example:
        >>> X, y = load_breast_cancer()
        >>> list(X.columns[:2]), list(y.cat.categories)
        (['mean_radius', 'mean_texture'], ['benign', 'malignant'])

    Source: ours, after scikit-learn's `load_breast_cancer`, but for the order of the levels.
    """
    bunch = _bundled("load_breast_cancer")
    return _deliver(
        _features(bunch), _classes(1 - bunch.target, bunch.target_names[::-1]), split=split
    )


@overload
def load_digits(
    *, split: Literal[True] = True, images: Literal[True] = True
) -> tuple[np.ndarray, pd.Series[Any]]: ...
@overload
def load_digits(
    *, split: Literal[True] = True, images: Literal[False]
) -> tuple[pd.DataFrame, pd.Series[Any]]: ...
@overload
def load_digits(*, split: Literal[False], images: bool = True) -> pd.DataFrame: ...
def load_digits(*, split: bool = True, images: bool = True) -> Any:
    """Handwritten digits, as gray images of 8 x 8 pixels or as a table of their pixels.

    Args:
        split: True for the pair (X, y), False for one frame, of pixels whatever `images` says,
            with the target as last column.
        images: True for images with intensities in 0..1 (0 is background), False for a frame of
            the file's intensities 0..16, one column a pixel: `pixel_<row>_<column>`.

    Returns:
        X, a (1797, 8, 8) float32 array (gray images) or a 1797 x 64 float64 frame (Continuous),
        and y, named `target`, with the categories "0" to "9" (Multiclass).

    Example:
        >>> X, y = load_digits()
        >>> X.shape, float(X.max()), y[0]
        ((1797, 8, 8), 1.0, '0')

    Source: ours, after scikit-learn's `load_digits`.
    """
    bunch = _bundled("load_digits")
    y = _classes(bunch.target, [str(digit) for digit in bunch.target_names])
    if split and images:
        # Intensities are whole sixteenths, so float32 holds them exactly.
        return (bunch.images / 16).astype(np.float32), y
    return _deliver(_features(bunch), y, split=split)


@overload
def load_diabetes(*, split: Literal[True] = True) -> tuple[pd.DataFrame, pd.Series[Any]]: ...
@overload
def load_diabetes(*, split: Literal[False]) -> pd.DataFrame: ...
def load_diabetes(*, split: bool = True) -> Any:
    """Ten measurements of patients and the progression of their diabetes one year later, unscaled.

    Args:
        split: True for the pair (X, y), False for one frame with the target as last column.

    Returns:
        X, 442 x 10 frame: `sex` with the categories "1", "2" (Multiclass), the others float64 in
        the units of the file (Continuous); and y, float64 (Continuous), named `progression`.

    Example:
        >>> X, y = load_diabetes()
        >>> float(X["age"][0]), X["sex"][0], float(y[0])
        (59.0, '2', 151.0)

    Source: ours, after scikit-learn's `load_diabetes(scaled=False)`, but `sex` is categorical.
    """
    bunch = _bundled("load_diabetes", scaled=False)
    X = _features(bunch)
    codes = X["sex"].to_numpy().astype(int) - 1
    X["sex"] = pd.Categorical.from_codes(codes, categories=pd.Index(["1", "2"]))
    return _deliver(X, pd.Series(bunch.target, name="progression"), split=split)


@overload
def load_linnerud(*, split: Literal[True] = True) -> tuple[pd.DataFrame, pd.DataFrame]: ...
@overload
def load_linnerud(*, split: Literal[False]) -> pd.DataFrame: ...
def load_linnerud(*, split: bool = True) -> Any:
    """Three exercises and three physiological measurements of twenty men: several targets.

    Args:
        split: True for the pair (X, y), False for one frame with the targets as last columns.

    Returns:
        X, 20 x 3 float64 frame `chins`, `situps`, `jumps`, and y, 20 x 3 float64 frame `weight`
        (pounds), `waist` (inches), `pulse` (beats per minute); all Continuous.

    Example:
        >>> X, y = load_linnerud()
        >>> list(X.columns), list(y.columns)
        (['chins', 'situps', 'jumps'], ['weight', 'waist', 'pulse'])

    Source: ours, after scikit-learn's `load_linnerud`.
    """
    bunch = _bundled("load_linnerud")
    y = pd.DataFrame(bunch.target, columns=_identifiers(bunch.target_names))
    return _deliver(_features(bunch), y, split=split)


def _bundled(loader: str, *, scaled: bool | None = None) -> Any:
    """What scikit-learn's `loader` returns, fresh. Any, as scikit-learn has no type hints."""
    load = getattr(importlib.import_module("sklearn.datasets"), loader)
    return load() if scaled is None else load(scaled=scaled)


def _features(bunch: Any) -> pd.DataFrame:
    """The features as a float64 frame."""
    columns = _identifiers(bunch.feature_names)
    return pd.DataFrame(np.asarray(bunch.data, dtype=np.float64), columns=columns)


def _identifiers(names: Sequence[str]) -> list[str]:
    """Names in snake case without units: `sepal length (cm)` becomes `sepal_length`."""
    return [re.sub(r"\W+", "_", re.sub(r"\s*\(.*?\)", "", name)).lower() for name in names]


def _classes(codes: np.ndarray, levels: Sequence[str]) -> pd.Series[Any]:
    """The unordered categorical target that has `levels[code]` at each row."""
    categories = pd.Index([str(level) for level in levels])
    return pd.Series(pd.Categorical.from_codes(codes, categories=categories), name="target")


def _deliver(X: pd.DataFrame, y: pd.Series[Any] | pd.DataFrame, *, split: bool) -> Any:
    """The pair, or both side by side in one frame."""
    return (X, y) if split else pd.concat([X, y], axis=1)
