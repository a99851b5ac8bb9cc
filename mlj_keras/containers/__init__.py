"""Containers: neural networks for each kind of data."""

from mlj_keras.containers._fitresult import NetworkFit
from mlj_keras.containers.binary_classifier import NeuralNetworkBinaryClassifier
from mlj_keras.containers.classifier import NeuralNetworkClassifier
from mlj_keras.containers.entity_embedder import EntityEmbedder
from mlj_keras.containers.image_classifier import ImageClassifier
from mlj_keras.containers.image_regressor import ImageRegressor
from mlj_keras.containers.multitarget_regressor import MultitargetNeuralNetworkRegressor
from mlj_keras.containers.neural_network import NeuralNetwork, container_for
from mlj_keras.containers.regressor import NeuralNetworkRegressor

__all__ = [
    "EntityEmbedder",
    "ImageClassifier",
    "ImageRegressor",
    "MultitargetNeuralNetworkRegressor",
    "NetworkFit",
    "NeuralNetwork",
    "NeuralNetworkBinaryClassifier",
    "NeuralNetworkClassifier",
    "NeuralNetworkRegressor",
    "container_for",
]
