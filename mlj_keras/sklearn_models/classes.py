"""Every model class of scikit-learn under its own name: where pickle looks for the classes.

Importing this module loads scikit-learn and makes all classes, so nothing imports it but pickle.
Models themselves are pickled without it, see `make.rebuild`. Source: ours.
"""

from __future__ import annotations

from mlj_keras.sklearn_models.find import model_class, model_names

globals().update({name: model_class(name) for name in model_names()})
