"""One column inside the package: Arrow values, and the memory of how the user gave them.

Columns come in from pandas, polars, pyarrow, NumPy and plain sequences, and go out as the kind
they came in. A factor is a dictionary array with its pool and ordered flag. Values that Arrow has
no type for stay a NumPy array of objects (scitype Unknown). Knows nothing of tables or models.
Source: MLJModelInterface.jl, src/data_utils.jl.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeAlias, TypeGuard

import numpy as np
import pyarrow as pa

from mlj_keras._imports import lazy_module
from mlj_keras.data.budget import check_budget
from mlj_keras.data.stored import check_one_of
from mlj_keras.errors import DimensionMismatch, TableError
from mlj_keras.storage.records import storable

pd = lazy_module("pandas")

Values: TypeAlias = pa.Array | np.ndarray
_KINDS = ("numpy", "list", "pandas", "categorical", "polars", "pyarrow", "matrix", "dict", "inner")
_DATA_PACKAGES = frozenset({"pandas", "polars", "pyarrow", "numpy", "PIL"})


@storable
@dataclasses.dataclass(frozen=True)
class ColumnOrigin:
    """How a column came in: its kind, its name, and the dtype of its numbers."""

    kind: str = "numpy"  # numpy, list, pandas, categorical (a pandas Categorical), polars, pyarrow
    name: Any = None
    float_dtype: str = "float64"

    def check_stored(self) -> None:
        """Raise ValueError for values that mean nothing."""
        check_one_of(self.kind, _KINDS, "kind of column")
        check_one_of(self.float_dtype, ("float32", "float64"), "dtype")
        hash(self.name)


@dataclasses.dataclass(frozen=True)
class Column:
    """Values of one column, where they came from, and the pandas index beside them if there was
    one."""

    values: Values
    origin: ColumnOrigin
    index: Any = None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: np.ndarray | slice) -> Column:
        """The column at these row positions; the pool of a factor is kept whole."""
        index = None if self.index is None else self.index[rows]
        return Column(take_values(self.values, rows), self.origin, index)


def module_of(obj: Any) -> str:
    """The top-level package that defines the class of `obj`, or a base of it: "pandas", "polars",
    "numpy", ..."""
    packages = [cls.__module__.split(".")[0] for cls in type(obj).__mro__]
    return next((package for package in packages if package in _DATA_PACKAGES), packages[0])


def is_column(obj: Any) -> bool:
    """True if `obj` is one-dimensional data of an accepted kind."""
    package, name = module_of(obj), type(obj).__name__
    if isinstance(obj, np.ndarray):
        return obj.ndim == 1
    if package == "pandas":
        # NA and Timestamp have neither.
        return hasattr(obj, "dtype") and not hasattr(obj, "columns")
    if package == "polars":
        return name == "Series"
    if package == "pyarrow":
        return isinstance(obj, pa.Array | pa.ChunkedArray)
    return isinstance(obj, list | tuple | range)


def column_of(obj: Any, what: str = "y") -> Column:
    """Read one column from whatever the user gave.

    Raises: TableError for anything that is no column; DimensionMismatch for arrays of more than
        one dimension.
    """
    if isinstance(obj, Column):
        return obj
    package = module_of(obj)
    if isinstance(obj, np.ndarray):
        if obj.ndim != 1:
            raise DimensionMismatch(
                f"{what} must be one column, got an array of shape {obj.shape}. Pass {what}[:, "
                f"j], or {what}.ravel()."
            )
        return Column(_from_numpy(obj), ColumnOrigin("numpy", float_dtype=_float_name(obj.dtype)))
    if package == "pandas" and is_column(obj):
        return _from_pandas(obj)
    if package == "polars" and is_column(obj):
        return Column(_from_polars(obj), ColumnOrigin("polars", obj.name, _polars_float(obj)))
    if isinstance(obj, pa.Array | pa.ChunkedArray):
        floats = "float32" if obj.type in (pa.float32(), pa.float16()) else "float64"
        return Column(_plain_values(obj), ColumnOrigin("pyarrow", None, floats))
    if isinstance(obj, list | tuple | range):
        return Column(_from_sequence(obj), ColumnOrigin("list"))
    raise TableError(
        f"{what} must be a column (pandas Series, polars Series, pyarrow array, NumPy array of "
        "one dimension, or list), got "
        f"{f'{type(obj).__module__}.{type(obj).__qualname__}'.removeprefix('builtins.')}."
    )


def take_values(values: Values, rows: np.ndarray | slice) -> Values:
    """Values at row positions."""
    if isinstance(values, np.ndarray):
        return values[rows]
    if isinstance(rows, slice):
        rows = np.arange(len(values))[rows]
    return values.take(pa.array(rows))


def is_factor(values: Values) -> TypeGuard[pa.DictionaryArray]:
    """True for a dictionary array."""
    return isinstance(values, pa.Array) and pa.types.is_dictionary(values.type)


def is_numeric(values: Values) -> TypeGuard[pa.Array]:
    """True for floats, integers and booleans, with or without missing values."""
    if isinstance(values, np.ndarray):
        return False
    kind = values.type
    return bool(
        pa.types.is_floating(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_null(kind)
    )


def missing_mask(values: Values) -> np.ndarray:
    """Booleans, (n,): True where a value is missing (Arrow null, or NaN in a float column)."""
    if isinstance(values, np.ndarray):
        return np.array([_is_missing(item) for item in values], dtype=bool)
    mask = np.zeros(len(values), dtype=bool)
    if values.null_count:
        mask |= np.asarray(values.is_null())
    if pa.types.is_floating(values.type):
        mask |= np.isnan(values.to_numpy(zero_copy_only=False))
    return mask


def _is_missing(item: Any) -> bool:
    # pandas' NA has no truth value, and neither have arrays: only floats are compared with
    # themselves.
    return (
        item is None
        or type(item).__name__ in ("NAType", "NaTType")
        or (isinstance(item, float) and item != item)
    )


def as_floats(values: pa.Array) -> np.ndarray:
    """Numbers as a float array, (n,), NaN where missing; uncopied when they are floats already."""
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.uint8())
    elif pa.types.is_null(values.type):
        values = values.cast(pa.float64())
    numbers: np.ndarray = values.to_numpy(zero_copy_only=False)
    return numbers if numbers.dtype.kind == "f" else numbers.astype(np.float64)


def factor(codes: np.ndarray, levels: Sequence[Any], *, ordered: bool) -> pa.DictionaryArray:
    """A factor from codes (n,), -1 where missing, into `levels`."""
    codes = np.asarray(codes, dtype=np.int32)
    indices = pa.array(codes, mask=codes < 0) if (codes < 0).any() else pa.array(codes)
    return pa.DictionaryArray.from_arrays(indices, level_array(levels), ordered=ordered)


def level_array(levels: Sequence[Any]) -> pa.Array:
    """The labels of a pool as an Arrow array.

    Raises: TableError if they are of mixed or unusable types.
    """
    try:
        return _plain_arrow(
            pa.array([item.item() if isinstance(item, np.generic) else item for item in levels])
        )
    except Exception as error:  # Arrow raises many kinds for values that it has no type for
        raise TableError(
            "The levels of a factor must all be strings, all ints, all floats or all booleans, "
            f"got {list(levels)[:5]!r}. Turn them into strings first."
        ) from error


def plain_numbers(array: np.ndarray) -> np.ndarray:
    """The array in the machine's byte order, and float64 where it is wider: Arrow has no other;
    uncopied where it is so already."""
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # an infinity, which is seen as one
            return array.astype(np.float64)
    return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))


def _from_numpy(array: np.ndarray) -> Values:
    if isinstance(array, np.ma.MaskedArray):
        return pa.array(plain_numbers(np.asarray(array.data)), mask=np.ma.getmaskarray(array))
    if not array.flags.c_contiguous:  # Arrow copies it, and it may be one number all over
        check_budget(
            array.nbytes, what=f"A column of {len(array)} rows", advice="Give fewer rows."
        )
    array = plain_numbers(array)
    if array.dtype == np.float16:
        array = array.astype(np.float32)
    if array.dtype.kind == "O":
        return _from_sequence(array)
    try:
        return pa.array(array)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return array.astype(object)


def _from_sequence(values: Any) -> Values:
    if _ends_arrow(values):
        return _objects(values)
    try:
        array = pa.array(values, from_pandas=True)
        # What pandas alone knows, such as a period, would become the number that it is kept in.
        return _objects(values) if _is_extension(array) else _plain_arrow(array)
    except Exception:  # Arrow raises many kinds for values that it has no type for
        if any(isinstance(value, np.longdouble) for value in values):  # Arrow has no such float
            return _from_sequence(
                [float(v) if isinstance(v, np.longdouble) else v for v in values]
            )
        return _objects(values)


def _ends_arrow(values: Any) -> bool:
    """True for times of NumPy among other scalars of NumPy, at which pyarrow ends the process."""
    if getattr(values, "dtype", None) not in (None, np.dtype(object)):
        return False
    kinds = {kind for kind in set(map(type, values)) if issubclass(kind, np.generic)}
    return len(kinds) > 1 and any(issubclass(k, np.datetime64 | np.timedelta64) for k in kinds)


def _objects(values: Any) -> np.ndarray:
    result = np.empty(len(values), dtype=object)
    for position, value in enumerate(values):
        result[position] = value
    return result


def _from_pandas(obj: Any) -> Column:
    name, index = getattr(obj, "name", None), getattr(obj, "index", None)
    if type(obj).__name__ == "Categorical":
        return Column(_from_categorical(obj), ColumnOrigin("categorical"))
    if type(obj.dtype).__name__ == "SparseDtype":
        obj = pd.Series(obj).sparse.to_dense()
    dtype = obj.dtype
    if type(dtype).__name__ == "CategoricalDtype":
        return Column(
            _from_categorical(getattr(obj, "cat", obj)), ColumnOrigin("pandas", name), index
        )
    origin = ColumnOrigin("pandas", name, _float_name(dtype))
    if isinstance(dtype, np.dtype):
        return Column(_from_numpy(obj.to_numpy()), origin, index)
    return Column(_from_sequence(obj), origin, index)


def _from_categorical(cat: Any) -> pa.DictionaryArray:
    return factor(np.asarray(cat.codes), list(cat.categories), ordered=bool(cat.ordered))


def _from_polars(series: Any) -> Values:
    dtype = series.dtype if isinstance(series.dtype, type) else type(series.dtype)
    kind = dtype.__name__
    if kind == "Enum":
        levels = series.dtype.categories.to_list()
        codes = series.to_physical().cast(int).fill_null(-1).to_numpy()
        return factor(codes, levels, ordered=True)
    # The pool of a Categorical has no order of its own, and other columns share it: the values,
    # sorted.
    if kind == "Categorical":
        labels = series.to_list()
        levels = sorted({label for label in labels if label is not None})
        position = {label: code for code, label in enumerate(levels)}
        return factor(
            np.array([position.get(label, -1) for label in labels], dtype=np.int32),
            levels,
            ordered=False,
        )
    if kind == "Object":
        return _from_sequence(series.to_list())
    return _plain_values(series.to_arrow())


def _is_extension(array: pa.Array | pa.ChunkedArray) -> bool:
    return isinstance(array.type, pa.BaseExtensionType)


def _plain_values(array: pa.Array | pa.ChunkedArray) -> Values:
    """As `_plain_arrow`; a type that Arrow does not know itself gives objects, its scalars."""
    if _is_extension(array):
        return _objects([item if item.is_valid else None for item in array])
    return _plain_arrow(array)


def _plain_arrow(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One chunk, ordinary string types, factors with int32 codes."""
    if isinstance(array, pa.ChunkedArray):
        if pa.types.is_dictionary(array.type):
            array = array.unify_dictionaries()
        array = array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = array.chunk(0) if array.num_chunks else pa.array([], array.type)
    if pa.types.is_dictionary(array.type):
        codes = array.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
        return _factor_of_dictionary(codes, array)
    if array.type in (pa.large_string(), pa.string_view()):
        return array.cast(pa.string())
    if array.type == pa.float16():
        return array.cast(pa.float32())
    return array


def _factor_of_dictionary(codes: np.ndarray, array: pa.DictionaryArray) -> pa.DictionaryArray:
    """A factor from codes (n,), -1 where missing, into the dictionary of an array; Arrow allows
    nulls in that, which are no levels, and a level twice."""
    levels = array.dictionary.to_pylist()
    pool = list(dict.fromkeys(level for level in levels if level is not None))
    if len(pool) < len(levels):
        place = {level: code for code, level in enumerate(pool)}
        table = np.array([place.get(level, -1) for level in levels] + [-1], dtype=np.int32)
        codes = table[codes]
    return factor(codes, pool, ordered=array.type.ordered)


def _float_name(dtype: Any) -> str:
    return "float32" if str(dtype).lower() in ("float32", "float16") else "float64"


def _polars_float(series: Any) -> str:
    return "float32" if str(series.dtype) == "Float32" else "float64"


def column_out(values: Values, origin: ColumnOrigin, index: Any = None) -> Any:
    """The column as the user's kind: same kind and name, with `index` for pandas.

    Args:
        values (n,): Arrow values or a NumPy array
        origin: of the column whose kind is wanted
        index: pandas index or None.
    Returns: pandas Series or Categorical, polars Series, pyarrow array, NumPy array or (for lists)
        a NumPy array; factors that came in a kind without factors (NumPy, list) go out as pandas
        Categorical.
    """
    if origin.kind == "inner":  # of a table that stays inside
        return values
    if origin.kind == "pandas":
        return pd.Series(_pandas_values(values), index=index, name=origin.name, copy=False)
    if origin.kind == "polars":
        return _polars_out(values, origin.name)
    if origin.kind == "pyarrow":
        return values if isinstance(values, pa.Array) else pa.array(values)
    return _pandas_values(values)


def _pandas_values(values: Values) -> Any:
    if isinstance(values, np.ndarray):
        return values
    if is_factor(values):
        codes = values.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        categories = pd.Index(values.dictionary.to_pandas())
        return pd.Categorical.from_codes(codes, categories=categories, ordered=values.type.ordered)
    if values.null_count and pa.types.is_integer(values.type):
        return values.to_pandas(
            integer_object_nulls=False
        )  # ints with missing become floats with NaN, as in pandas
    is_float = pa.types.is_floating(values.type)
    array = as_floats(values) if is_float else values.to_pandas().to_numpy()
    return array if array.flags.writeable else array.copy()  # Arrow's own memory is read-only


def _polars_out(values: Values, name: Any) -> Any:
    pl = lazy_module("polars")
    name = name or ""
    if is_factor(values):
        if values.type.ordered:
            return pl.Series(
                name, values.to_pylist(), dtype=pl.Enum(values.dictionary.to_pylist())
            )
        return pl.Series(name, values.to_pylist(), dtype=pl.Categorical)
    return pl.Series(name, values)
