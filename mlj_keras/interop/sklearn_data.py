"""Data as scikit-learn's users have them, made into data that a machine takes.

Numbers of any type are Continuous, categorical columns, strings and booleans Multiclass; a
classifier's labels become a categorical, a regressor's target floats. Columns that are floats
already are not copied. Knows data, and scikit-learn's checks; not models or machines.
Source: ours.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pyarrow as pa

from mlj_keras._imports import lazy_module
from mlj_keras.data.categorical import encode, sorted_factor
from mlj_keras.data.coerce import coerce
from mlj_keras.data.columns import Values, as_floats, column_of, is_factor
from mlj_keras.data.scitypes import Continuous, Multiclass
from mlj_keras.data.tables import InnerTable, is_table, table_of
from mlj_keras.errors import DimensionMismatch, InvalidArgument, OneClassError

pd = lazy_module("pandas")
sklearn_utils = lazy_module("sklearn.utils")
multiclass = lazy_module("sklearn.utils.multiclass")
validation = lazy_module("sklearn.utils.validation")

_FLOATS = (np.float64, np.float32)


def read_features(
    estimator: Any, X: Any, *, reset: bool, native: bool, allow_nan: bool = False
) -> Any:
    """X checked by scikit-learn's rules and read by ours.

    Args:
        estimator: keeps or compares `n_features_in_` and `feature_names_in_`
        X: a frame of any kind, or what NumPy reads as numbers (n, p)
        reset: True when training starts
        native: give data of the user's kind, for models of the user's own; else an InnerTable
        allow_nan: of arrays; columns of frames are left to the machine.
    Returns: a float array, an InnerTable, or a frame of X's kind.
    Raises: ValueError, TypeError of scikit-learn; SchemaMismatch, TableError.
    Example:
        >>> from sklearn.linear_model import LinearRegression
        >>> read_features(LinearRegression(), [[1, 2], [3, 4]], reset=True, native=True)
        array([[1., 2.],
               [3., 4.]])

    Source: scikit-learn, `validate_data`.
    """
    if type(X) is dict:  # of columns; some sparse matrices are dicts too
        X = pd.DataFrame(X)
    if not is_table(X) or isinstance(X, np.ndarray | dict):
        finite: Any = "allow-nan" if allow_nan else True
        X = validation.validate_data(
            estimator, X, reset=reset, dtype=_FLOATS, ensure_all_finite=finite
        )
        return X if native else table_of(X)
    validation.validate_data(estimator, X, reset=reset, skip_check_array=True)
    table = table_of(X)
    return _coerced_frame(X, table) if native else _coerced_table(table)


def _coerced_table(table: InnerTable) -> InnerTable:
    """Every column Continuous or Finite, as far as it can be."""
    if table.block is not None and table.block.dtype.kind != "b":
        block = table.block
        floats = block if block.dtype.kind == "f" else block.astype(np.float64)
        return dataclasses.replace(table, block=floats)
    columns = tuple(_coerced(table.column(name), name) for name in table.names)
    return dataclasses.replace(table, columns=columns, block=None)


def _coerced(values: Values, name: str) -> Values:
    if isinstance(values, np.ndarray) or is_factor(values):
        return values
    if pa.types.is_integer(values.type):
        return pa.array(as_floats(values))
    if _is_class(values):
        return sorted_factor(values, ordered=False, pool=None, name=f"column {name!r}")
    return values


def _is_class(values: pa.Array) -> bool:
    return bool(pa.types.is_string(values.type) or pa.types.is_boolean(values.type))


def _coerced_frame(X: Any, table: InnerTable) -> Any:
    """The user's own frame with the columns coerced that need it."""
    wanted = {}
    for name, label in zip(table.names, table.origin.labels, strict=True):
        values = table.column(name)
        if isinstance(values, np.ndarray) or is_factor(values):
            continue
        if pa.types.is_integer(values.type):
            wanted[label] = Continuous
        elif _is_class(values):
            wanted[label] = Multiclass
    return coerce(X, wanted, verbosity=0) if wanted else X


def read_numbers(y: Any, *, several: bool) -> np.ndarray:
    """A regressor's target as floats.

    Args: y: (n,) or (n, k), numbers of any kind · several: more than one column is allowed.
    Returns: (n,), or (n, k) if there are several columns.
    Raises: ValueError of scikit-learn for missing and infinite numbers; DimensionMismatch for more
        columns than allowed. Warns: DataConversionWarning for one column where (n,) is wanted.
    Example:
        >>> read_numbers([1, 2], several=False), read_numbers([[1], [2]], several=True).shape
        (array([1., 2.]), (2, 1))

    Source: scikit-learn, `check_X_y`.
    """
    numbers: np.ndarray = sklearn_utils.check_array(
        y, ensure_2d=False, dtype=_FLOATS, input_name="y"
    )
    if several and numbers.ndim == 2:
        return numbers
    if numbers.ndim == 2 and numbers.shape[1] > 1:
        raise DimensionMismatch(
            f"y should be a 1d array, got an array of shape {numbers.shape}: this model predicts "
            "one target. Take MultitargetNeuralNetworkRegressor, or NeuralNetwork with "
            "kind='regressor'."
        )
    column: np.ndarray = sklearn_utils.column_or_1d(numbers, warn=True)
    return column


def read_labels(y: Any, classes: Any = None) -> tuple[Any, np.ndarray]:
    """A classifier's target as a pandas Categorical, and its classes.

    Args:
        y: (n,), labels of any one type; of a categorical pandas column the levels that do not
            occur count, too
        classes: all labels that there are; None: those of y, sorted.
    Returns: (Categorical (n,), classes (K,) of the type of y).
    Raises: ValueError of scikit-learn for missing labels and for continuous numbers;
        UnseenLevelError for labels that are not in classes; OneClassError for a single class.
    Example:
        >>> labels, classes = read_labels(["b", "a", "b"])
        >>> labels.codes, classes
        (array([1, 0, 1], dtype=int8), array(['a', 'b'], dtype='<U1'))

    Source: scikit-learn's convention of sorted `classes_`, which its scorers of probabilities
    take for granted; MLJ's that a pool is kept.
    """
    pool = getattr(getattr(y, "dtype", None), "categories", None) if _is_pandas(y) else None
    labels = sklearn_utils.column_or_1d(np.asarray(y) if pool is not None else y, warn=True)
    sklearn_utils.assert_all_finite(labels, input_name="y")
    if classes is None and pool is not None:
        classes = np.sort(pool.to_numpy())
    if classes is None:
        multiclass.check_classification_targets(labels)
        classes, codes = np.unique(labels, return_inverse=True)
    else:
        classes = np.asarray(classes)
        codes = encode(column_of(labels).values, classes.tolist(), "y")
    if len(classes) < 2:
        raise OneClassError(
            f"y has one class, {classes.tolist()}: there is nothing to tell apart. Give rows of "
            "at least two classes."
        )
    return pd.Categorical.from_codes(codes, pd.Index(classes)), classes


def _is_pandas(y: Any) -> bool:
    return type(y).__module__.split(".")[0] == "pandas"


def read_sample_weight(
    sample_weight: Any, n_rows: int
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """The weights of rows, and the rows that have one: a weight of zero leaves a row out.

    Args: sample_weight: (n_rows,) numbers, or None for no weights · n_rows.
    Returns: (weights (n_kept,) or None, positions (n_kept,) or None for all rows).
    Raises: InvalidArgument for weights of another shape, negative ones, and if all are zero.
    Example:
        >>> read_sample_weight([1, 0, 2], 3)
        (array([1., 2.]), array([0, 2]))

    Source: scikit-learn's convention that a weight of zero is a row less.
    """
    if sample_weight is None:
        return None, None
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (n_rows,):
        raise InvalidArgument(
            f"sample_weight must have one number for each of {n_rows} rows, got an array of shape "
            f"{weights.shape}. Give an array of shape ({n_rows},)."
        )
    if not weights.any():
        raise InvalidArgument(
            "sample_weight is zero for every row: nothing would be learned. Give some row a "
            "positive weight."
        )
    if weights.all():
        return weights, None
    kept = np.flatnonzero(weights)
    return weights[kept], kept
