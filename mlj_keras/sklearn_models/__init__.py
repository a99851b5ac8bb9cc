"""scikit-learn's classifiers, regressors, transformers and clusterers as models of this package.

`model_class("RandomForestClassifier")` gives the model class; scikit-learn is loaded by that call.
What an estimator sees is a matrix, float64 and C-ordered (float32 if all numbers are): numbers as
they are; a Multiclass column as 0 and 1, a column `name__level` for each level of its pool; an
OrderedFactor as its code 0..K-1. Exceptions: gradient boosting by histograms gets a Multiclass as
codes and is told that they are categories, CategoricalNB gets all factors as codes, and
scikit-learn's own encoders of categories get labels. A target of classes is codes in pool order.
"""

from mlj_keras.sklearn_models import classes  # noqa: F401  # pickle finds classes in it by name
from mlj_keras.sklearn_models.find import left_out, model_class, model_names

__all__ = ["left_out", "model_class", "model_names"]
