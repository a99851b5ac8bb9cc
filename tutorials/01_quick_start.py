# %% [markdown]
# # Quick start
#
# From a raw table to probabilities in ten minutes: say what the columns mean, bind a network to
# the data, train it, predict, train it further. The data are 344 penguins of three species, which
# are to be told from their measurements; they come with `pip install palmerpenguins`.

# %%
from importlib import metadata

import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras.errors import ScitypeError

file = next(f for f in metadata.files("palmerpenguins") if f.name == "penguins.csv")
penguins = pd.read_csv(file.locate()).drop(columns="year")
print(mlj.schema(penguins))

# %% [markdown]
# ## What the columns mean
#
# The schema shows a *scientific type* (scitype) for each column: what the values mean, whatever
# they are stored as. Lengths and masses are `Continuous`, as they should be; `Optional` says that
# some are missing. Words are `Textual` until somebody says that they are classes. A network does
# not guess. It says what it cannot take, and the line that mends it:

# %%
y, X = mlj.unpack(penguins, "species")
try:
    mlj.machine(mlj.NeuralNetwork(), X, y)
except ScitypeError as error:
    message = str(error)
print(message)
assert "coerce(" in message
assert "Multiclass" in message

# %% [markdown]
# `coerce` says what columns mean, here of every textual column at once. The table stays a pandas
# frame, and the columns become categorical. Their categories are the *pool* of levels: a
# classifier has one output for each level, seen or not. Eleven birds were not measured in full and
# are left out; [pipelines](08_pipelines.py) fill what is missing instead.

# %%
penguins = mlj.coerce(penguins, {mlj.Textual: mlj.Multiclass}).dropna(ignore_index=True)
y, X = mlj.unpack(penguins, "species")

print(mlj.schema(X))
print(mlj.scitype(y))
assert len(penguins) == 333
assert mlj.scitype(y) == mlj.Vector[mlj.Multiclass[3]]
assert mlj.levels(y) == ("Adelie", "Chinstrap", "Gentoo")

# %% [markdown]
# ## A model and a machine
#
# A *model* is a bag of hyper-parameters and nothing else. `NeuralNetwork` leaves the choice of
# container to the data; here that is a classifier, as the target has three classes. A *machine*
# binds a model to data. Making it checks the types and trains nothing.

# %%
model = mlj.NeuralNetwork(epochs=20, rng=7)
mach = mlj.machine(model, X, y)
print(mach)
assert mach.container is mlj.NeuralNetworkClassifier
assert mach.state == 0

# %% [markdown]
# Rows are given by position. `partition` splits them; with `stratify` each part has every species
# in the same proportion. Nothing has to be prepared: numbers are standardised inside, by
# statistics of the training rows alone, and the factors `island` and `sex` go through an *entity
# embedding*, a vector for each level that is learned with the rest of the network.

# %%
train, test = mlj.partition(range(len(y)), 0.7, shuffle=True, rng=1, stratify=y)
mlj.fit(mach, rows=train, verbosity=0)
assert mach.state == 1

# %% [markdown]
# ## Predictions
#
# A classifier predicts a distribution for each row. Ask it for the probability of a class, for the
# most probable one, or for everything as a table.

# %%
distributions = mlj.predict(mach, rows=test)
print(distributions)
print(distributions[0])

probability_of_gentoo = distributions.pdf("Gentoo")
table = mlj.predict_proba(mach, rows=test)
assert np.allclose(table.sum(axis=1), 1)
assert np.allclose(table["Gentoo"], probability_of_gentoo)

# %% [markdown]
# `predict_mode` gives labels, as a column of the very kind that `y` is: the same name, categories
# and row labels. So they compare with the truth as they are. Measures take the prediction first
# and the truth second; [evaluating](07_evaluating.py) does all of this on folds, in one call.

# %%
labels = mlj.predict_mode(mach, rows=test)
truth = y.iloc[test]
assert labels.index.equals(truth.index)
assert labels.dtype == truth.dtype

accuracy = mlj.accuracy(labels, truth)
print(f"held out: accuracy {accuracy:.3f}, log loss {mlj.log_loss(distributions, truth):.3f}")
assert accuracy > 0.95
assert np.isclose(accuracy, np.mean(labels == truth))

# %% [markdown]
# New data need not be rows of the old. Columns are matched by name, in whatever order they come,
# and words by the pool of the training data.

# %%
new = pd.DataFrame(
    {
        "sex": ["female", "male"],
        "island": ["Dream", "Biscoe"],
        "body_mass_g": [3700.0, 5500.0],
        "flipper_length_mm": [195.0, 221.0],
        "bill_depth_mm": [18.0, 15.7],
        "bill_length_mm": [46.5, 49.9],
    }
)
print(mlj.predict_mode(mach, new).tolist())
assert mlj.predict_mode(mach, new).tolist() == ["Chinstrap", "Gentoo"]

# %% [markdown]
# ## Training further
#
# The machine holds *your* model object. Change it and call `fit` again: the machine finds out what
# is to be done. More epochs are a warm restart, which trains the difference only.

# %%
losses_before = mlj.training_losses(mach)
model.epochs += 10
mlj.fit(mach, rows=train, verbosity=0)
losses = mlj.training_losses(mach)

assert len(losses_before) == 20
assert len(losses) == 30
assert np.array_equal(losses[:20], losses_before)
print(f"training loss after 20 epochs {losses[19]:.4f}, after 30 {losses[29]:.4f}")
assert losses[29] < losses[19]

# %% [markdown]
# Nothing changed, nothing to do; another builder means other weights, so training starts anew.

# %%
mlj.fit(mach, rows=train, verbosity=0)
assert mach.state == 2

model.builder = mlj.MLP(hidden=(16,))
mlj.fit(mach, rows=train, verbosity=0)
assert mach.state == 3
assert len(mlj.training_losses(mach)) == 30
assert mlj.training_losses(mach)[0] > losses[29]  # far from where the other weights had come

# %% [markdown]
# The losses as a picture:

# %%
mlj.plot(mach).figure.savefig("quick_start.png", bbox_inches="tight")

# %% [markdown]
# ## Another target, another network
#
# The same specification, asked for the mass of a penguin instead of its species: the target is now
# a number, so the container is a regressor, and the prediction a column of numbers.

# %%
y, X = mlj.unpack(penguins, "body_mass_g")
mach = mlj.machine(mlj.NeuralNetwork(epochs=30, rng=1), X, y)
assert mach.container is mlj.NeuralNetworkRegressor

mlj.fit(mach, rows=train, verbosity=0)
rmse = mlj.rmse(mlj.predict(mach, rows=test), y.iloc[test])
print(f"held out: RMSE {rmse:.0f} g, where masses vary by {y.iloc[test].std():.0f} g")
assert rmse < 0.6 * y.iloc[test].std()

# %% [markdown]
# ## Keep it
#
# A machine goes into one file, of which nothing is executed when it is read. See
# [saving and serving](23_saving_and_serving.py).

# %%
mlj.save("penguins.mlj", mach)
loaded = mlj.load_machine("penguins.mlj")
assert np.array_equal(mlj.predict(loaded, X), mlj.predict(mach, X))

# %% [markdown]
# Next: [coming from MLJ](02_coming_from_mlj.py), [from Keras](03_coming_from_keras.py) or
# [from scikit-learn](04_coming_from_sklearn.py), or straight on to
# [scientific types](05_scientific_types.py).
