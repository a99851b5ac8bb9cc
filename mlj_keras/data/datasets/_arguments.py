"""Checks of the arguments of the makers: counts, numbers, arrays of numbers, a floating type.

Must not know what the arguments are used for, nor any other file of the folder. Source: the checks
of MLJBase.jl, src/data/datasets_synthetic.jl, which raise `ArgumentError`.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from mlj_keras.errors import InvalidArgument


def check_count(name: str, value: object) -> int:
    """`value` as a Python int of at least 1."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise InvalidArgument(
            f"{name} must be an int of at least 1, got {value!r}. Write {name}=3, say."
        )
    return int(value)


def check_number(
    name: str, value: Any, accepts: Callable[[float], bool], *, allowed: str
) -> float:
    """`value` (anything, hence Any) as a finite float that `accepts`; `allowed` says which are."""
    real = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not real or not math.isfinite(value) or not accepts(value):
        raise InvalidArgument(
            f"{name} must be {allowed}, got {value!r}. Pass such a number, or leave it out."
        )
    return float(value)


def check_array(name: str, value: Any) -> np.ndarray:
    """`value` (anything array-like, hence Any) as finite float64."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidArgument(
            f"{name} must hold numbers, in rows of equal length, got {value!r}. "
            "Pass numbers, or leave it out."
        ) from error
    if not np.isfinite(array).all():
        raise InvalidArgument(
            f"{name} must be finite, got {value!r}. Replace missing and infinite values."
        )
    return array


def check_float_type(eltype: DTypeLike) -> np.dtype[Any]:
    """`eltype` as a dtype that pandas and Keras know; Any, as the precision is the caller's."""
    try:
        dtype = np.dtype(eltype)
    except TypeError:
        dtype = np.dtype(object)
    if dtype not in (np.float16, np.float32, np.float64):
        raise InvalidArgument(
            f"eltype must be float16, float32 or float64, got {eltype!r}. "
            "Write eltype=numpy.float32, say."
        )
    return dtype
