"""Types and functions of scikit-learn, SciPy and NumPy that are on no safe list of skops, and that
a machine's file may hold all the same: by name, and the loader of skops that may make them.

Each has been read in its source. They are of three kinds:

- plain data (a dtype, a Bunch, a node of a BisectingKMeans), and Python code that only computes
  with NumPy on what it holds (kernels, calibrators, losses, optimisers, scorers);
- functions that compute with NumPy on their arguments and check them, which no loader may call;
- C code that believes what it holds (trees, k-d and ball trees, splines, sparse matrices, an
  assignment of rows to centres). What these hold is checked before anything uses it: see
  `_estimator_checks`.

A name with another loader than its own, such as a function that a file wants to be called, is not
safe, and needs `trusted=`. Knows names only; imports nothing of what it names.
Source: read in scikit-learn 1.9, SciPy 1.17 and NumPy 2.4; skops, skops/io/_trusted_types.py, for
the others.
"""

from __future__ import annotations

from collections.abc import Mapping

_OBJECTS = {
    "scipy.interpolate._bsplines": ("BSpline",),
    "sklearn._loss.loss": ("HalfTweedieLoss", "HalfTweedieLossIdentity"),
    "sklearn.calibration": ("_CalibratedClassifier", "_SigmoidCalibration", "_TemperatureScaling"),
    "sklearn.cluster._bisect_k_means": ("_BisectingTree",),
    "sklearn.ensemble._hist_gradient_boosting.predictor": ("TreePredictor",),
    "sklearn.gaussian_process._gpc": ("_BinaryGaussianProcessClassifierLaplace",),
    "sklearn.gaussian_process.kernels": (
        *("CompoundKernel", "ConstantKernel", "DotProduct", "ExpSineSquared", "Exponentiation"),
        *("Matern", "PairwiseKernel", "Product", "RBF", "RationalQuadratic", "Sum", "WhiteKernel"),
    ),
    # Without those whose vector is as long as the rows that they are asked for, and without
    # PyFuncDistance, which calls any function.
    "sklearn.metrics._dist_metrics": tuple(
        f"{name}Distance{bits}"
        for name in ("Chebyshev", "Euclidean", "Manhattan", "Minkowski")
        for bits in (32, 64)
    ),
    "sklearn.metrics._scorer": ("_CurveScorer", "_Scorer"),
    "sklearn.multiclass": ("_ConstantPredictor",),
    "sklearn.neighbors._ball_tree": ("BallTree", "BallTree32", "BallTree64"),
    "sklearn.neighbors._kd_tree": ("KDTree", "KDTree32", "KDTree64"),
    "sklearn.neural_network._stochastic_optimizers": ("AdamOptimizer", "SGDOptimizer"),
    "sklearn.utils._metadata_requests": ("MetadataRequest", "MethodMetadataRequest"),
}
_FUNCTIONS = {
    "numpy": ("amax", "amin", "max", "mean", "median", "min", "sum"),
    "scipy._lib.array_api_compat.numpy._aliases": ("asarray",),
    "sklearn.cluster._kmeans": ("_kmeans_single_elkan", "_kmeans_single_lloyd"),
    "sklearn.feature_selection._mutual_info": ("mutual_info_classif", "mutual_info_regression"),
    "sklearn.feature_selection._univariate_selection": (
        *("chi2", "f_classif", "f_regression", "r_regression"),
    ),
    "sklearn.metrics._classification": ("balanced_accuracy_score",),
    "sklearn.utils.validation": ("check_array",),
}
_SPARSE = {
    "scipy.sparse._csc": ("csc_array", "csc_matrix"),
    "scipy.sparse._csr": ("csr_array", "csr_matrix"),
}


def _named(loader: str, names: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {f"{module}.{name}": loader for module, found in names.items() for name in found}


SAFE_TYPES: dict[str, str] = {
    **_named("ObjectNode", _OBJECTS),
    **_named("FunctionNode", _FUNCTIONS),
    **_named("SparseMatrixNode", _SPARSE),
    "functools.partial": "PartialNode of check_array",  # as boosting by histograms holds it
    "numpy.dtype": "DTypeNode",
    "sklearn.tree._tree.Tree": "TreeNode",
    "sklearn.utils._bunch.Bunch": "DictNode",
}
