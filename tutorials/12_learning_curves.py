# %% [markdown]
# # Learning curves
#
# How long is long enough? Would more rows help? And how much of an answer was luck? A learning
# curve measures a model for each value of one thing, and leaves the rest as it is.

# %%
import matplotlib.pyplot as plt
import numpy as np

import mlj_keras as mlj

iris = mlj.load_iris(split=False)
y, X = mlj.unpack(iris, "target", rng=123)
clf = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(5, 4)), optimiser=mlj.Adam(1e-2), batch_size=8, epochs=10, rng=42
)

# %% [markdown]
# ## A curve
#
# From 1 to 200 epochs, as many values from 1 to 10 as from 10 to 100. Each fold is trained once,
# for 200 epochs, and measured on the way.

# %%
epochs = mlj.param_range(clf, "epochs", lower=1, upper=200, scale="log10")
folds = mlj.CV(nfolds=4, rng=1)
curve = mlj.learning_curve(
    clf, X, y, range=epochs, resampling=folds, measure=mlj.log_loss, verbosity=0
)
lowest = int(np.argmin(curve.measurements))
print(f"log loss {curve.measurements[lowest]:.3f} after {curve.parameter_values[lowest]} epochs")
print(f"and {curve.measurements[-1]:.3f} after {curve.parameter_values[-1]}")
assert curve.parameter_values[0] == 1
assert curve.parameter_values[-1] == 200
assert 10 < curve.parameter_values[lowest] < 150

# %% [markdown]
# Each point is that of a network trained for so long from the start.

# %%
alone = mlj.evaluate(
    clf.replace({"epochs": curve.parameter_values[lowest]}),
    X,
    y,
    resampling=folds,
    measure=mlj.log_loss,
    verbosity=0,
)
assert alone.measurement[0] == curve.measurements[lowest]

# %% [markdown]
# ## Several seeds
#
# One network may be lucky. Five of them, thin lines, have a mean, the thick one. Where the thin
# lines are far apart, a difference between two models says little unless it is larger than that.

# %%
curves = mlj.learning_curve(
    clf, X, y, range=epochs, resampling=folds, measure=mlj.log_loss, rngs=5, verbosity=0
)
mean = curves.measurements.mean(axis=1)
apart = np.ptp(curves.measurements, axis=1)
print(f"five seeds: {mean.min():.3f} after {curves.parameter_values[int(mean.argmin())]} epochs")
print(f"from lowest to highest at the end: {apart[-1]:.3f}")
assert curves.measurements.shape == (len(curves.parameter_values), 5)
curves.plot(label="log loss").figure.savefig("learning_curves.png", bbox_inches="tight")

# %% [markdown]
# ## Any hyper-parameter
#
# A network does not count learning rates: for each of them it is trained from the start. The curve
# has the shape that one expects: too small a step gets nowhere in ten epochs, too large a one goes
# astray.

# %%
rates = mlj.param_range(clf, "optimiser.learning_rate", lower=1e-4, upper=1, scale="log10")
by_rate = mlj.learning_curve(
    clf, X, y, range=rates, resolution=9, resampling=folds, measure=mlj.log_loss, verbosity=0
)
best = int(np.argmin(by_rate.measurements))
print("    rate  log loss")
for rate, loss in zip(by_rate.parameter_values, by_rate.measurements, strict=True):
    print(f"{rate:8.4f}  {loss:8.3f}")
print(f"best rate: {by_rate.parameter_values[best]:.3f}")
assert by_rate.measurements[best] < min(by_rate.measurements[[0, -1]]) / 2

# %% [markdown]
# ## Any model that counts
#
# Boosting counts its stages, and is measured on the way in the same manner. Its curve goes into
# the axes of the other one.

# %%
boosting = mlj.load("GradientBoostingClassifier", package="scikit-learn")(random_state=1)
stages = mlj.param_range(boosting, "n_estimators", lower=1, upper=200, scale="log10")
boosted = mlj.learning_curve(
    boosting, X, y, range=stages, resampling=folds, measure=mlj.log_loss, verbosity=0
)
axes = curve.plot(label="network")
boosted.plot(axes=axes, label="boosting").set_xlabel("epochs, or stages")
axes.figure.savefig("boosting.png", bbox_inches="tight")
print(f"boosting: {boosted.measurements.min():.3f}, the network: {curve.measurements.min():.3f}")
assert boosted.parameter_name == "n_estimators"
assert boosted.measurements.min() > curve.measurements.min()

# %% [markdown]
# ## More rows
#
# The number of rows is no hyper-parameter, but `evaluate` takes any pairs of rows. Here digits of
# 8 × 8 pixels are learned from 50 of them, from twice as many, and so on, and always the same
# others are told apart. A line that still falls at its right end says that more data would help.

# %%
images, digit = mlj.load_digits()
pixels = images.reshape(len(images), -1)
net = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(32,)),
    optimiser=mlj.Adam(1e-2),
    batch_size=16,
    epochs=30,
    standardise=False,
    rng=1,
)
known, unknown = mlj.partition(range(len(digit)), 0.7, shuffle=True, rng=1)
sizes = [50, 100, 200, 400, 800]
losses = []
for size in sizes:
    rows = [(known[:size], unknown)]
    found = mlj.evaluate(net, pixels, digit, resampling=rows, measure=mlj.log_loss, verbosity=0)
    losses.append(found.measurement[0])
print(f"{len(unknown)} digits, log loss", ", ".join(f"{loss:.2f}" for loss in losses))

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
axes.loglog(sizes, losses, marker="o")
axes.set_xticks(sizes, sizes)
axes.set_yticks([0.2, 0.4, 0.8], [0.2, 0.4, 0.8])
axes.minorticks_off()
axes.set_xlabel("rows to learn from")
axes.set_ylabel("log_loss")
axes.grid(visible=True, alpha=0.3)
axes.figure.savefig("rows.png", bbox_inches="tight")
assert losses == sorted(losses, reverse=True)
assert losses[-1] < losses[0] / 3

# %% [markdown]
# More on curves: [tuning](guide/tuning.md#learning-curves).
#
# Next: [searching for an architecture](13_architecture_search.py).
