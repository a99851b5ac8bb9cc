"""Transformers: unsupervised models for tables and columns."""

from mlj_keras.transformers.cardinality_reducer import CardinalityReducer
from mlj_keras.transformers.continuous_encoder import ContinuousEncoder
from mlj_keras.transformers.contrast_encoder import ContrastEncoder
from mlj_keras.transformers.feature_selector import FeatureSelector
from mlj_keras.transformers.fill_imputer import FillImputer
from mlj_keras.transformers.frequency_encoder import FrequencyEncoder
from mlj_keras.transformers.interaction_transformer import InteractionTransformer
from mlj_keras.transformers.missing_indicator import MissingIndicator
from mlj_keras.transformers.missingness_encoder import MissingnessEncoder
from mlj_keras.transformers.one_hot_encoder import OneHotEncoder
from mlj_keras.transformers.ordinal_encoder import OrdinalEncoder
from mlj_keras.transformers.standardizer import Standardizer
from mlj_keras.transformers.target_encoder import TargetEncoder
from mlj_keras.transformers.univariate_box_cox_transformer import UnivariateBoxCoxTransformer
from mlj_keras.transformers.univariate_discretizer import UnivariateDiscretizer
from mlj_keras.transformers.univariate_time_type_to_continuous import (
    UnivariateTimeTypeToContinuous,
)

__all__ = [
    "CardinalityReducer",
    "ContinuousEncoder",
    "ContrastEncoder",
    "FeatureSelector",
    "FillImputer",
    "FrequencyEncoder",
    "InteractionTransformer",
    "MissingIndicator",
    "MissingnessEncoder",
    "OneHotEncoder",
    "OrdinalEncoder",
    "Standardizer",
    "TargetEncoder",
    "UnivariateBoxCoxTransformer",
    "UnivariateDiscretizer",
    "UnivariateTimeTypeToContinuous",
]
