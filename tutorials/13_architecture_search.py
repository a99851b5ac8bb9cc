# %% [markdown]
# # Searching for an architecture
#
# How many layers, how wide, with which activation? The network of a model is made by its builder,
# the builder is a hyper-parameter, and so is all that it has. They are searched like any other.

# %%
import itertools

import keras
import matplotlib.pyplot as plt

import mlj_keras as mlj

images, digit = mlj.load_digits()
pixels = images.reshape(len(images), -1)
train, test = mlj.partition(range(len(digit)), 0.7, shuffle=True, rng=1, stratify=digit)
net = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(16,)),
    optimiser=mlj.Adam(5e-3),
    batch_size=32,
    epochs=9,
    standardise=False,
    jit_compile=False,
    rng=42,
)
print(f"{len(train)} digits of 8 × 8 pixels to search with, {len(test)} for the end")

# %% [markdown]
# Two settings are not the usual ones. All pixels are numbers from 0 to 1, and are left so: divided
# each by its own spread, those at the edges, which are hardly ever anything but 0, would become
# very large where they are not. And each architecture has to be compiled: `jit_compile=False` does
# that in less than half the time, which pays where training is short.
#
# ## Which kind
#
# Builders themselves are the values here: no hidden layer, one with dropout, two sizes of a
# perceptron, and a function that adds to a layer what went into it. All of them are measured on
# the same rows that were held out.


# %%
def residual(inputs, n_out, width, n_blocks):
    """Blocks of a dense layer, each added to what goes into it."""
    outputs = keras.layers.Dense(width)(inputs)
    for _ in range(n_blocks):
        block = keras.layers.Dense(width, activation="relu")(outputs)
        outputs = keras.layers.Add()([outputs, block])
    return keras.layers.Dense(n_out)(outputs)


builders = [
    mlj.Linear(activation="linear"),
    mlj.Short(n_hidden=64, dropout=0.5, activation="relu"),
    mlj.MLP(hidden=(32,)),
    mlj.MLP(hidden=(128, 128)),
    mlj.builder_from(residual, width=64, n_blocks=2),
]
kinds = mlj.TunedModel(
    net,
    ranges=mlj.param_range(net, "builder", values=builders),
    tuning=mlj.Grid(shuffle=False),
    resampling=mlj.Holdout(0.7, shuffle=True, rng=3, stratify=True),
    measure=mlj.log_loss,
)
first = mlj.report(mlj.fit(mlj.machine(kinds, pixels, digit), rows=train, verbosity=0)).history
print(first[["builder", "measurement"]].to_string(index=False))
assert first["builder"].tolist() == builders
assert first["measurement"][0] > 2 * first["measurement"][1:].min()

# %% [markdown]
# ## Layers, widths, activations
#
# A perceptron will do, with hidden layers. Its fields come next: all networks of one to three
# layers of 16, 32, ..., 128 neurons are a list of 584 values of `builder.hidden`. Of these, 512
# have three layers. So the range is given with the probability of each value, such that every
# depth is drawn as often.

# %%
widths = range(16, 129, 16)
architectures = [
    hidden for depth in (1, 2, 3) for hidden in itertools.product(widths, repeat=depth)
]
hidden = mlj.param_range(net, "builder.hidden", values=architectures)
activation = mlj.param_range(net, "builder.activation", values=["relu", "tanh", "gelu"])
chances = [1 / 3 / len(widths) ** len(each) for each in architectures]
random = kinds.replace(
    {"ranges": [(hidden, chances), activation], "tuning": mlj.RandomSearch(), "n": 20}
)
mach = mlj.fit(mlj.machine(random, pixels, digit), rows=train, verbosity=0)
report = mlj.report(mach)
table = report.history[["builder.hidden", "builder.activation", "measurement"]]
print(table.sort_values("measurement").head(8).to_string())
depths = table["builder.hidden"].map(len)
print("candidates of one, two, three layers:", *depths.value_counts().sort_index())
print("epochs trained:", len(table) * net.epochs)
assert len(architectures) == 584
assert set(depths) == {1, 2, 3}
assert table["measurement"].min() < table["measurement"].median() / 1.2

# %% [markdown]
# ## The same with fewer epochs
#
# Many networks can be told to be bad after an epoch. `ASHA` trains the same candidates for one
# epoch. Who is among the best third so far trains on, to three epochs, and in the same way to
# nine; no epoch is done twice. `iterations` says where a candidate was best.

# %%
halving = random.replace({"tuning": mlj.ASHA(reduction_factor=3)})
quick = mlj.report(mlj.fit(mlj.machine(halving, pixels, digit), rows=train, verbosity=0))
done = quick.history["iterations_done"]
columns = ["builder.hidden", "builder.activation", "measurement", "iterations", "iterations_done"]
print(quick.history[columns].sort_values("measurement").head(8).to_string())
print("candidates trained for 1, 3, 9 epochs:", *done.value_counts().sort_index())
print(f"epochs trained: {done.sum()} in place of {len(done) * net.epochs}")
found = quick.best_evaluation.measurement[0]
print(f"best: {found:.3f}, of the whole search {report.best_evaluation.measurement[0]:.3f}")
assert quick.history["builder.hidden"].equals(report.history["builder.hidden"])
assert done.sum() < len(done) * net.epochs / 2
assert found < table["measurement"].quantile(0.3)

# %% [markdown]
# What learns fast is not always what ends best: the winner of the whole search may have been left
# behind after an epoch. That is the price.
#
# ## A search that learns
#
# `TPE` proposes what resembles the good ones so far. It gets more out of numbers than out of a
# list, in which nothing is near anything else. With a function as the builder depth and width are
# numbers, and the dropout, too. It needs Optuna, of the extra `tune`.


# %%
def tower(inputs, n_out, depth, width, dropout):
    """Layers of one width, each followed by dropout."""
    outputs = inputs
    for _ in range(depth):
        outputs = keras.layers.Dense(width, activation="relu")(outputs)
        outputs = keras.layers.Dropout(dropout)(outputs)
    return keras.layers.Dense(n_out)(outputs)


towers = net.replace({"builder": mlj.builder_from(tower, depth=1, width=32, dropout=0.0)})
numbers = [
    mlj.param_range(towers, "builder.depth", lower=1, upper=4),
    mlj.param_range(towers, "builder.width", lower=8, upper=256, scale="log2"),
    mlj.param_range(towers, "builder.dropout", lower=0.0, upper=0.5),
]
learning = kinds.replace(
    {"model": towers, "ranges": numbers, "tuning": mlj.TPE(n_startup=5), "n": 15}
)
tower_mach = mlj.fit(mlj.machine(learning, pixels, digit), rows=train, verbosity=0)
guided = mlj.report(tower_mach)
proposed = guided.history[["builder.depth", "builder.width", "builder.dropout", "measurement"]]
print(proposed.sort_values("measurement").head(8).round(3).to_string())
early, late = proposed["measurement"][:5].median(), proposed["measurement"][5:].median()
print(f"median of the first 5: {early:.3f}, of the other 10: {late:.3f}")
assert late < early

# %% [markdown]
# ## What size buys
#
# Every candidate as a point: how many weights it has, and its loss. Beyond some thousand weights
# more of them buy little here.


# %%
def n_weights(*sizes):
    """Weights and biases of dense layers that lead from each size to the next."""
    return sum((n_in + 1) * n_out for n_in, n_out in itertools.pairwise(sizes))


perceptrons = [n_weights(64, *each, 10) for each in table["builder.hidden"]]
depth_and_width = zip(proposed["builder.depth"], proposed["builder.width"], strict=True)
with_dropout = [n_weights(64, *[width] * depth, 10) for depth, width in depth_and_width]
figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
axes.loglog(perceptrons, table["measurement"], "o", label="perceptrons, drawn at random")
axes.loglog(with_dropout, proposed["measurement"], "^", label="with dropout, proposed by TPE")
axes.set_xlabel("weights")
axes.set_ylabel("log_loss, held out")
axes.legend(frameon=False)
axes.figure.savefig("architectures.png", bbox_inches="tight")
network = mlj.fitted_params(mach).best_fitted_params.network
assert network.count_params() == perceptrons[report.best_index]

# %% [markdown]
# ## The best network
#
# The machine of a search predicts with the best candidate, trained on all rows that it was given.
# Rows that no search has seen say what that was worth. The measurement of the search itself
# flatters, as it is the best of many on a few hundred rows.

# %%
small = mlj.fit(mlj.machine(net, pixels, digit), rows=train, verbosity=0)
truth = digit.iloc[test]
losses = {}
for name, each in [("16 neurons", small), ("random", mach), ("TPE", tower_mach)]:
    losses[name] = mlj.log_loss(mlj.predict(each, pixels[test]), truth)
    hits = mlj.accuracy(mlj.predict_mode(each, pixels[test]), truth)
    print(f"{name:10}  log loss {losses[name]:.3f}, accuracy {hits:.3f}")
assert losses["random"] < losses["16 neurons"]
assert losses["TPE"] < losses["16 neurons"]
assert report.best_evaluation.measurement[0] < losses["random"]

best = guided.best_model.builder
print(f"best: depth {best.depth}, width {best.width}, dropout {best.dropout:.2f}")
for layer in mlj.fitted_params(tower_mach).best_fitted_params.network.layers:
    shape, n = layer.output.shape[1:], layer.count_params()
    print(f"  {type(layer).__name__:11} {shape[0]:4} outputs {n:7,} weights")

# %% [markdown]
# A search that takes hours can be kept on disk, watched and run in several processes: see
# [tuning](guide/tuning.md#the-fields-of-a-tuned-model).
#
# Next: [comparing models](14_comparing_models.py).
