"""Data and what they mean: scientific types, tables, columns, factors, images, and data sets.

Holds only the public names of the folder. Must not know models.
Source: ScientificTypes.jl, CategoricalArrays.jl and MLJBase.jl, src/data.
"""

from mlj_keras.data.autotype import autotype
from mlj_keras.data.categorical import levels, set_levels
from mlj_keras.data.coerce import coerce
from mlj_keras.data.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_linnerud,
    load_titanic,
    load_wine,
    make_blobs,
    make_circles,
    make_moons,
    make_regression,
)
from mlj_keras.data.inference import elscitype, scitype
from mlj_keras.data.partition import partition
from mlj_keras.data.rows import nrows, selectcols, selectrows
from mlj_keras.data.schema import Schema, schema
from mlj_keras.data.scitypes import (
    Binary,
    ColorImage,
    Continuous,
    Count,
    Density,
    Finite,
    Found,
    GrayImage,
    Image,
    Infinite,
    Known,
    Missing,
    Multiclass,
    Optional,
    OrderedFactor,
    ScientificDate,
    ScientificDateTime,
    ScientificTime,
    ScientificTimeType,
    Scitype,
    Table,
    Textual,
    Unknown,
    Vector,
)
from mlj_keras.data.unpack import unpack

__all__ = [
    "Binary",
    "ColorImage",
    "Continuous",
    "Count",
    "Density",
    "Finite",
    "Found",
    "GrayImage",
    "Image",
    "Infinite",
    "Known",
    "Missing",
    "Multiclass",
    "Optional",
    "OrderedFactor",
    "Schema",
    "ScientificDate",
    "ScientificDateTime",
    "ScientificTime",
    "ScientificTimeType",
    "Scitype",
    "Table",
    "Textual",
    "Unknown",
    "Vector",
    "autotype",
    "coerce",
    "elscitype",
    "levels",
    "load_breast_cancer",
    "load_diabetes",
    "load_digits",
    "load_iris",
    "load_linnerud",
    "load_titanic",
    "load_wine",
    "make_blobs",
    "make_circles",
    "make_moons",
    "make_regression",
    "nrows",
    "partition",
    "schema",
    "scitype",
    "selectcols",
    "selectrows",
    "set_levels",
    "unpack",
]
