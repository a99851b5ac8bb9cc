# %% [markdown]
# # Coming from MLJ
#
# You know MLJ and MLJFlux, and now you work in Python. This is one session, from a table to a
# file, in both languages: first the lines of Julia, then what they are here. The names are the
# same wherever Python lets them be. What *behaves* differently is said where it is met, and
# asserted.

# %%
import tempfile
from pathlib import Path

import numpy as np

import mlj_keras as mlj
from mlj_keras.errors import InvalidModelError, WrongType

# %% [markdown]
# ## Data
#
# ```julia
# using MLJ, DataFrames
# import MLJFlux, Flux, Optimisers
#
# flowers = DataFrame(load_iris())
# flowers.target = string.(flowers.target)          # as if read from a file
# schema(flowers)
#
# flowers = coerce(flowers, Textual => Multiclass)
# y, X = unpack(flowers, ==(:target), rng=123)
# scitype(y) <: AbstractVector{<:Finite}            # true
# levels(y)
# ```
#
# Names of columns are strings, and pairs are entries of a dict. Parameters of a type stand in
# square brackets, and `<:` is `<=`. Nothing has to be made `Float32`.

# %%
flowers = mlj.load_iris(split=False)
flowers["target"] = flowers["target"].astype(str)
print(mlj.schema(flowers))

flowers = mlj.coerce(flowers, {mlj.Textual: mlj.Multiclass})
y, X = mlj.unpack(flowers, "target", rng=123)
assert mlj.scitype(y) <= mlj.Vector[mlj.Finite]
assert mlj.scitype(y) == mlj.Vector[mlj.Multiclass[3]]
assert mlj.levels(y) == ("setosa", "versicolor", "virginica")

# %% [markdown]
# Where Julia has `!`, Python has nothing: `fit!` is `fit`, `evaluate!` is `evaluate`, `freeze!` is
# `freeze`. Those still change the machine. A column is never changed: `levels!(y, new)` is
# `set_levels(y, new)`, which returns another one, as `coerce` does. The labels in a column are
# plain values; the pool of levels belongs to the column, as in pandas.

# %%
reversed_levels = mlj.set_levels(y, ["virginica", "versicolor", "setosa"])
assert mlj.levels(reversed_levels)[0] == "virginica"
assert mlj.levels(y)[0] == "setosa"
assert type(y.iloc[0]) is str

# %% [markdown]
# ## A model and a machine
#
# ```julia
# NeuralNetworkClassifier = @load NeuralNetworkClassifier pkg=MLJFlux
# net = NeuralNetworkClassifier(
#     builder = MLJFlux.MLP(hidden=(16,), σ=Flux.relu),
#     optimiser = Optimisers.Adam(0.01),
#     epochs = 12,
#     batch_size = 15,
#     rng = 7,
# )
# mach = machine(net, X, y)
# ```
#
# Networks are there without `@load`; `mlj.load` is for models of scikit-learn. Greek letters have
# names (`activation`), and a word that Python keeps for itself ends in an underscore (`lambda_`).

# %%
net = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(16,), activation="relu"),
    optimiser=mlj.Adam(0.01),
    epochs=12,
    batch_size=15,
    rng=7,
)
mach = mlj.machine(net, X, y)
print(mach)

# %% [markdown]
# Hyper-parameters are given by name. Without a name come only the model inside a wrapper, as in
# `IteratedModel(net)`, and the rate of an optimiser, as above. A value that cannot be is an error:
# MLJ puts the default in its place, and warns.

# %%
try:
    mlj.NeuralNetworkClassifier(mlj.MLP())
except TypeError as error:
    positional = str(error)
try:
    net.epochs = -1
except InvalidModelError as error:
    print(error)
assert "positional" in positional
assert net.epochs == 12

# %% [markdown]
# ## Rows
#
# ```julia
# train, test = partition(eachindex(y), 0.7, stratify=y, rng=1)
# fit!(mach, rows=train)
# ```
#
# Rows count from 0. They are positions, whatever the index of a pandas frame says: `unpack` has
# shuffled these rows, and row 0 is the first one now.

# %%
train, test = mlj.partition(range(len(y)), 0.7, stratify=y, rng=1)
assert sorted([*train, *test]) == list(range(150))

assert mlj.fit(mach, rows=train, verbosity=0) is mach
assert mlj.predict_mode(mach, rows=[0]).index[0] == X.index[0] != 0

# %% [markdown]
# ## Predictions
#
# ```julia
# distributions = predict(mach, rows=test)
# pdf.(distributions, "setosa")
# mode.(distributions)
# predict_mode(mach, X[test, :])
# log_loss(distributions, y[test])
# ```
#
# There is no dot: functions take the whole vector. Labels come back as a column of the kind that
# `y` is. Measures take the prediction first, as in MLJ and unlike scikit-learn.

# %%
distributions = mlj.predict(mach, rows=test)
print(distributions[0])
assert np.array_equal(mlj.pdf(distributions, "setosa"), distributions.pdf("setosa"))
assert mlj.mode(distributions).equals(mlj.predict_mode(mach, X.iloc[test]))

loss = mlj.log_loss(distributions, y.iloc[test])
accuracy = mlj.accuracy(mlj.mode(distributions), y.iloc[test])
print(f"held out: log loss {loss:.3f}, accuracy {accuracy:.3f}")
assert accuracy > 0.85

# %% [markdown]
# ## How a network is trained
#
# Do not look for the numbers that you had in Julia: other random numbers, Keras' layers and rules.
# Three defaults differ besides. The batches of each epoch are *shuffled*; MLJFlux takes the rows
# in their order. Numbers are *standardised* by statistics of the training rows; MLJFlux takes them
# as they are. And `batch_size` is found from the number of rows; in MLJFlux it is 1. Their way is
# there for the asking:

# %%
ours = mlj.NeuralNetworkClassifier(rng=7)
theirs = ours.replace(
    {"builder": mlj.Short(), "batch_size": 1, "shuffle": False, "standardise": False}
)
batch_sizes = [
    mlj.report(mlj.fit(mlj.machine(model, X, y), rows=train, verbosity=0)).batch_size
    for model in (ours, theirs)
]
print(f"batches of {batch_sizes[0]} for {len(train)} rows, in MLJFlux of {batch_sizes[1]}")
assert batch_sizes == [2, 1]


def held_out(model, data):
    """The probabilities of the test rows, as a matrix."""
    fitted = mlj.fit(mlj.machine(model, data, y), rows=train, verbosity=0)
    return mlj.predict(fitted, rows=test).to_numpy()


shuffled = distributions.to_numpy()
in_order = held_out(net.replace({"shuffle": False}), X)
assert not np.allclose(in_order, shuffled, atol=1e-4)

# %% [markdown]
# Standardised, a column may be in any unit. Here the lengths of sepals are in micrometres.

# %%
micrometres = X.assign(sepal_length=X["sepal_length"] * 10_000)
unscaled = net.replace({"standardise": False})
change = np.abs(held_out(net, micrometres) - shuffled).max()
change_unscaled = np.abs(held_out(unscaled, micrometres) - held_out(unscaled, X)).max()
print(f"largest change of a probability: {change:.3f}, not standardised {change_unscaled:.3f}")
assert change < 1e-3
assert change_unscaled > 0.1

# %% [markdown]
# ## Losses, and a warm restart
#
# ```julia
# report(mach).training_losses      # 13: the first is before training
# training_losses(mach)             # 12: without it
#
# net.optimiser = Optimisers.Adam(0.003)
# net.epochs += 8
# fit!(mach, rows=train)
# ```
#
# That much is the same: the report begins with the loss before training, and `training_losses`
# leaves it out. Two things are not. MLJFlux goes on at the old rate, whatever you set; here the
# new one is used. And MLJFlux measures the last loss once more when it goes on; here losses are
# appended, and those that were there stay.

# %%
losses = mlj.report(mach).training_losses
assert len(losses) == 13
assert np.array_equal(losses[1:], mlj.training_losses(mach))

never = mlj.fit(mlj.machine(net.replace({"epochs": 0}), X, y), rows=train, verbosity=0)
before = mlj.log_loss(mlj.predict(never, rows=train), y.iloc[train])
assert np.isclose(losses[0], before, rtol=1e-4)

# %%
net.optimiser.learning_rate = 0.003
net.epochs += 8
mlj.fit(mach, rows=train, verbosity=0)
slower = mlj.report(mach).training_losses

at_one_rate = mlj.machine(net.replace({"optimiser.learning_rate": 0.01}), X, y)
faster = mlj.report(mlj.fit(at_one_rate, rows=train, verbosity=0)).training_losses
print(f"after 12 epochs {losses[-1]:.3f}, after 20 {slower[-1]:.3f}; at 0.01 {faster[-1]:.3f}")
assert len(slower) == 21
assert np.array_equal(slower[:13], losses)
assert np.array_equal(faster[:13], losses)
assert not np.isclose(faster[13:], slower[13:]).any()

# %% [markdown]
# ## Evaluation
#
# ```julia
# folds = CV(nfolds=5, rng=3)
# evaluate!(mach, resampling=folds, measures=[log_loss, accuracy])
# ```
#
# `evaluate` leaves the machine as it was: in MLJ it is trained on the last fold afterwards. The
# same `rng` gives the same folds at every use.

# %%
learned = mlj.snapshot(mach)
folds = mlj.CV(nfolds=5, rng=3)
evaluation = mlj.evaluate(
    mach, resampling=folds, measures=[mlj.log_loss, mlj.accuracy], verbosity=0
)
print(evaluation)
assert mlj.snapshot(mach) == learned
assert evaluation.operation == ["predict", "predict_mode"]
assert evaluation.measurement[1] > 0.8

again = mlj.evaluate(mach, resampling=folds, measures=[mlj.log_loss], verbosity=0)
assert again.measurement[0] == evaluation.measurement[0]

# %% [markdown]
# ## Ranges, a learning curve, a search
#
# ```julia
# epochs = range(net, :epochs, lower=1, upper=40, scale=:log10)
# curve = learning_curve(net, X, y; range=epochs, resolution=6, resampling=folds, measure=log_loss)
#
# widths = range(net, :(builder.hidden), values=[(4,), (16,)])
# penalties = range(net, :lambda, lower=1e-4, upper=1e-2, scale=:log10)
# tuned = TunedModel(net, range=[widths, (penalties, 2)], tuning=Grid(),
#                    resampling=folds, measure=log_loss)
# searched = fit!(machine(tuned, X, y))
# report(searched).best_model
# ```
#
# Python has a `range` of its own, so that ours is `param_range`. Nested hyper-parameters are
# dotted strings.

# %%
epochs = mlj.param_range(net, "epochs", lower=1, upper=40, scale="log10")
curve = mlj.learning_curve(
    net, X, y, range=epochs, resolution=6, resampling=folds, measure=mlj.log_loss, verbosity=0
)
for value, measured in zip(curve.parameter_values, curve.measurements, strict=True):
    print(f"{value:3d} epochs: log loss {measured:.3f}")
assert curve.parameter_values[0] == 1
assert curve.measurements[-1] < curve.measurements[0] / 2

# %%
widths = mlj.param_range(net, "builder.hidden", values=[(4,), (16,)])
penalties = mlj.param_range(net, "lambda_", lower=1e-4, upper=1e-2, scale="log10")
tuned = mlj.TunedModel(
    net,
    ranges=[widths, (penalties, 2)],
    tuning=mlj.Grid(),
    resampling=folds,
    measure=mlj.log_loss,
)
searched = mlj.fit(mlj.machine(tuned, X, y), verbosity=0)

# %% [markdown]
# The history is a frame with a row for each candidate, to be sorted and filtered; in MLJ it is a
# vector of named tuples.

# %%
history = mlj.report(searched).history
print(history[["builder.hidden", "lambda_", "measurement"]].sort_values("measurement").to_string())
best = mlj.report(searched).best_model
assert len(history) == 4
assert best == history["model"][history["measurement"].idxmin()]
assert best.builder.hidden == (16,)

# %% [markdown]
# ## Pipelines
#
# ```julia
# pipe = Standardizer() |> net
# pipe.neural_network_classifier.epochs = 5
# ```
#
# `|>` is `|`. It joins models, not classes: MLJ makes an instance of a class, and here that is an
# error which says what to write.

# %%
pipe = mlj.Standardizer() | net
pipe.neural_network_classifier.epochs = 5
piped = mlj.fit(mlj.machine(pipe, X, y), rows=train, verbosity=0)
means = mlj.fitted_params(piped).standardizer.means
assert np.isclose(means["petal_width"], X["petal_width"].iloc[train].mean())

try:
    mlj.Standardizer() | mlj.NeuralNetworkClassifier
except WrongType as error:
    print(error)
    message = str(error)
assert message.endswith("Write NeuralNetworkClassifier().")

# %% [markdown]
# ## A file
#
# ```julia
# MLJ.save("flowers.jls", mach)
# loaded = machine("flowers.jls")
# predict_mode(loaded, X)
# ```
#
# A machine is loaded by `load_machine`; `machine` binds a model to data, and raises for a path.
# The file holds numbers and names, nothing in it is executed. With the data it trains on, too.

# %%
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "flowers.mlj"
    mlj.save(path, mach)
    try:
        mlj.machine(path)
    except WrongType as error:
        hint = str(error)
    loaded = mlj.load_machine(path, X, y)
assert "Write load_machine(" in hint
assert mlj.predict_mode(loaded, X).equals(mlj.predict_mode(mach, X))

for each in (mach, loaded):
    each.model.epochs = 24
    mlj.fit(each, rows=train, verbosity=0)
assert mlj.snapshot(loaded) == mlj.snapshot(mach)
print(f"trained on from the file to epoch {mlj.report(loaded).epochs}")

# %% [markdown]
# Every name, and all that differs, with the reasons: [From Julia to
# Python](guide/julia_to_python.md).
#
# Next: [coming from Keras](03_coming_from_keras.py).
