"""Data sets to learn and test with: small real ones (`loaders`) and made ones (`synthetic`).

Holds only the names of the folder. Must not know models, machines or scitypes.
Source: MLJBase.jl, src/data/datasets.jl and src/data/datasets_synthetic.jl.
"""

from mlj_keras.data.datasets.loaders import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_linnerud,
    load_wine,
)
from mlj_keras.data.datasets.synthetic import (
    make_blobs,
    make_circles,
    make_moons,
    make_regression,
)
from mlj_keras.data.datasets.titanic import load_titanic

__all__ = [
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
]
