"""Builders: from hyper-parameters and shapes to Keras networks."""

from mlj_keras.builders.base import Builder
from mlj_keras.builders.from_function import builder_from
from mlj_keras.builders.image_cnn import ImageCNN
from mlj_keras.builders.keras_model import KerasModelBuilder
from mlj_keras.builders.linear import Linear
from mlj_keras.builders.mlp import MLP
from mlj_keras.builders.short import Short

__all__ = ["Builder", "ImageCNN", "KerasModelBuilder", "Linear", "MLP", "Short", "builder_from"]
