# %% [markdown]
# # Learning curves, and a search for an architecture
#
# How long is long enough? A learning curve measures a model for each value of one
# hyper-parameter. And the widths of the layers are hyper-parameters, too.

# %%
import itertools

import matplotlib

matplotlib.use("Agg")

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
# One network may be lucky. Five of them, thin lines, have a mean, the thick one.

# %%
curves = mlj.learning_curve(
    clf, X, y, range=epochs, resampling=folds, measure=mlj.log_loss, rngs=5, verbosity=0
)
mean = curves.measurements.mean(axis=1)
print(f"five seeds: {mean.min():.3f} after {curves.parameter_values[int(mean.argmin())]} epochs")
assert curves.measurements.shape == (len(curves.parameter_values), 5)
curves.plot(label="log loss").figure.savefig("learning_curves.png", bbox_inches="tight")

# %% [markdown]
# ## A search for an architecture
#
# Digits of 8 × 8 pixels, given as a table. Candidates are all networks with three hidden layers
# of 8, 16, ..., 64 neurons, 512 of them. They are a list of values of `builder.hidden`.

# %%
images, digit = mlj.load_digits()
pixels = images.reshape(len(images), -1)
architectures = list(itertools.product(range(8, 65, 8), repeat=3))
net = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=architectures[0]),
    optimiser=mlj.Adam(3e-3),
    batch_size=32,
    epochs=9,
    jit_compile=False,
    rng=42,
)
hidden = mlj.param_range(net, "builder.hidden", values=architectures)
assert len(hidden.values) == 512

# %% [markdown]
# Each of them has to be compiled. `jit_compile=False` does that in less than half the time, which
# pays where training is short.

# %%
search = mlj.TunedModel(
    net,
    ranges=hidden,
    tuning=mlj.RandomSearch(),
    resampling=mlj.CV(nfolds=2, rng=42),
    measure=mlj.log_loss,
    n=30,
)
mach = mlj.fit(mlj.machine(search, pixels, digit), verbosity=0)
report = mlj.report(mach)
table = report.history[["builder.hidden", "measurement"]].sort_values("measurement")
print(table.head(10).to_string())
assert len(table) == 30
assert table["measurement"].iloc[0] < table["measurement"].median() / 1.2

# %% [markdown]
# ## The same with fewer epochs
#
# `ASHA` trains the same candidates for one epoch. Who is among the best third so far trains on, to
# three epochs, and in the same way to nine; no epoch is done twice.

# %%
halving = search.replace({"tuning": mlj.ASHA(reduction_factor=3)})
quick = mlj.report(mlj.fit(mlj.machine(halving, pixels, digit), verbosity=0))
done = quick.history["iterations_done"]
print(done.value_counts().sort_index().rename("candidates").to_string())
print(f"epochs: {done.sum()} in place of {30 * net.epochs}")
print(f"best: {quick.best_model.builder.hidden}, {quick.best_evaluation.measurement[0]:.3f}")
assert done.sum() < 30 * net.epochs / 2
assert quick.best_model.epochs in (1, 3, 9)
assert quick.best_evaluation.measurement[0] < table["measurement"].quantile(0.2)
