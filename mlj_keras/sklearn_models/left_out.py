"""The estimators of scikit-learn that are no models here, each with its reason, and the few facts
about the others that scikit-learn does not tell itself.

Plain tables; knows nothing else of scikit-learn. Source: ours; MLJScikitLearnInterface.jl has its
own selection.
"""

from __future__ import annotations

from mlj_keras.data.scitypes import Continuous, Finite, Scitype, Table, Vector, union

_TARGET = "encodes a target, and coerce does that: y = coerce(y, Multiclass)"
_TEXT = "takes texts or dictionaries, which are no columns of a table"
_LAYOUT = "lays out its training rows only, and transforms no others"
_GROUPS = "groups its training rows only, and predicts no others"
_COMPOSE = "composes estimators: write a pipeline of models, first | second"
_TUNE = "tunes an estimator: wrap the model in TunedModel"
_OUTLIER = "marks outliers, which is neither a prediction of a target nor a transformed table"
_DENSITY = "estimates a density, which is neither a prediction nor a transformed table"
_COVARIANCE = "estimates a covariance, and has neither predict nor transform"
_SEVERAL = "takes a table of several classes for a target, which no scitype of a target says"
_GRAPH = "gives a graph of neighbours, a column for each training row, for other estimators"
_UNLABELLED = "learns from rows without a label, and a target here has no missing values"
_OLD = "is deprecated by scikit-learn: take SGDClassifier or SGDRegressor"

LEFT_OUT: dict[str, str] = {
    "AgglomerativeClustering": _GROUPS,
    "BayesianGaussianMixture": _DENSITY,
    "ClassicalMDS": _LAYOUT,
    "ClassifierChain": _SEVERAL,
    "ColumnTransformer": _COMPOSE,
    "CountVectorizer": _TEXT,
    "DBSCAN": _GROUPS,
    "DictVectorizer": _TEXT,
    "EllipticEnvelope": _OUTLIER,
    "EmpiricalCovariance": _COVARIANCE,
    "FeatureHasher": _TEXT,
    "FeatureUnion": _COMPOSE,
    "FrozenEstimator": "holds what was trained before, and a model has no learned state",
    "GaussianMixture": _DENSITY,
    "GraphicalLasso": _COVARIANCE,
    "GraphicalLassoCV": _COVARIANCE,
    "GridSearchCV": _TUNE,
    "HDBSCAN": _GROUPS,
    "HalvingGridSearchCV": _TUNE,
    "HalvingRandomSearchCV": _TUNE,
    "HashingVectorizer": _TEXT,
    "IsolationForest": _OUTLIER,
    "IterativeImputer": "is experimental in scikit-learn, and not there unless it is enabled",
    "KNeighborsTransformer": _GRAPH,
    "KernelCenterer": "takes a kernel matrix, a column for each training row",
    "KernelDensity": _DENSITY,
    "LabelBinarizer": _TARGET,
    "LabelEncoder": _TARGET,
    "LedoitWolf": _COVARIANCE,
    "LocalOutlierFactor": _OUTLIER,
    "MDS": _LAYOUT,
    "MinCovDet": _COVARIANCE,
    "MultiLabelBinarizer": _TARGET,
    "MultiOutputClassifier": _SEVERAL,
    "NearestNeighbors": "finds neighbours, and has neither predict nor transform",
    "OAS": _COVARIANCE,
    "OPTICS": _GROUPS,
    "OneClassSVM": _OUTLIER,
    "PassiveAggressiveClassifier": _OLD,
    "PassiveAggressiveRegressor": _OLD,
    "PatchExtractor": "cuts images into pieces, and gives no row for each image",
    "Pipeline": _COMPOSE,
    "RadiusNeighborsTransformer": _GRAPH,
    "RandomizedSearchCV": _TUNE,
    "SGDOneClassSVM": _OUTLIER,
    "SelfTrainingClassifier": _UNLABELLED,
    "ShrunkCovariance": _COVARIANCE,
    "SpectralBiclustering": _GROUPS,
    "SpectralClustering": _GROUPS,
    "SpectralCoclustering": _GROUPS,
    "SpectralEmbedding": _LAYOUT,
    "TSNE": _LAYOUT,
    "TfidfVectorizer": _TEXT,
}

# How Finite columns reach an estimator that does not take numbers alone. All others: a column for
# each level of a Multiclass, and the code 0..K-1 of an OrderedFactor.
FORMS: dict[str, str] = {
    "CategoricalNB": "codes",
    "HistGradientBoostingClassifier": "codes",
    "HistGradientBoostingRegressor": "codes",
    "OneHotEncoder": "labels",
    "OrdinalEncoder": "labels",
    "TargetEncoder": "labels",
}

_NUMBERS = union(Vector[Continuous], Table[Continuous])
_EITHER = Vector[union(Finite, Continuous)]

# Transformers that are trained on a target too.
TARGETS: dict[str, Scitype] = {
    "GenericUnivariateSelect": _EITHER,
    "NeighborhoodComponentsAnalysis": Vector[Finite],
    "PLSSVD": _NUMBERS,
    "RFE": _EITHER,
    "RFECV": _EITHER,
    "SelectFdr": _EITHER,
    "SelectFpr": _EITHER,
    "SelectFromModel": _EITHER,
    "SelectFwe": _EITHER,
    "SelectKBest": _EITHER,
    "SelectPercentile": _EITHER,
    "SequentialFeatureSelector": _EITHER,
    "TargetEncoder": _EITHER,
}

# They have probabilities, but their predictions are not the most probable classes: a threshold
# decides.
THRESHOLDED = frozenset({"FixedThresholdClassifier", "TunedThresholdClassifierCV"})
