# %% [markdown]
# # Quick start
#
# From a raw table to probabilities in five minutes: say what the columns mean, bind a network to
# the data, train it, predict, train it further. The data are analyses of 178 Italian wines from
# three growers; which grower it was is to be told from thirteen measurements.

# %%
import numpy as np
from sklearn.datasets import load_wine
from sklearn.metrics import accuracy_score

import mlj_keras as mlj
from mlj_keras.errors import ScitypeError

wine = load_wine(as_frame=True).frame
print(mlj.schema(wine))

# %% [markdown]
# ## What the columns mean
#
# The schema shows a *scientific type* (scitype) for each column: what the values mean, whatever
# they are stored as. The measurements are `Continuous`, as they should be. The target is not: it
# is stored as integers, and integers are `Count` until somebody says otherwise. A network for
# counts and one for classes differ, so the package does not guess:

# %%
y, X = mlj.unpack(wine, "target")
try:
    mlj.machine(mlj.NeuralNetwork(), X, y)
except ScitypeError as error:
    message = str(error)
print(message)
assert "coerce(y, Multiclass)" in message
assert "coerce(y, Continuous)" in message

# %% [markdown]
# `coerce` says what they mean. The table stays a pandas frame, and the column becomes categorical.
# Its categories are the *pool* of levels: a classifier has one output for each, seen or not.

# %%
wine = mlj.coerce(wine, {"target": mlj.Multiclass})
y, X = mlj.unpack(wine, "target")

print(mlj.scitype(X), mlj.scitype(y))
assert mlj.scitype(y) == mlj.Vector[mlj.Multiclass[3]]
assert mlj.levels(y) == (0, 1, 2)

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
# Rows are given by position. `partition` splits them; with `stratify` each part has every class in
# the same proportion. Thirteen columns of very different size need no preparation: numbers are
# standardised inside, by statistics of the training rows alone.

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

probability_of_0 = distributions.pdf(0)
table = mlj.predict_proba(mach, rows=test)
assert np.allclose(table.sum(axis=1), 1)
assert np.allclose(table[0], probability_of_0)

# %% [markdown]
# `predict_mode` gives labels, as a column of the very kind that `y` is: the same name, categories
# and row labels. So they compare with the truth as they are.

# %%
labels = mlj.predict_mode(mach, rows=test)
truth = y.iloc[test]
assert labels.index.equals(truth.index)
assert labels.dtype == truth.dtype

accuracy = accuracy_score(truth, labels)
loss = -distributions.logpdf_at(truth).mean()  # the log probability of each row's own class
print(f"held out: accuracy {accuracy:.3f}, log loss {loss:.3f}")
assert accuracy > 0.9

# %% [markdown]
# New data need not be rows of the old. Columns are matched by name, in whatever order they come.

# %%
reversed_columns = X.iloc[test].iloc[:, ::-1]
again = mlj.predict(mach, reversed_columns)
assert np.array_equal(again.to_numpy(), distributions.to_numpy())

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

# %% [markdown]
# ## Factors, and a numeric target
#
# The same specification on other data: ten measurements of diabetes patients, one of which, `sex`,
# is a factor, and a target that is a number. The container is now a regressor. The factor goes
# through an *entity embedding*: each level gets a vector, learned with the rest of the network.

# %%
X, y = mlj.load_diabetes()
print(mlj.schema(X))

model = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(32,)), embedding_dims={"sex": 2}, rng=1)
mach = mlj.machine(model, X, y)
assert mach.container is mlj.NeuralNetworkRegressor

train, test = mlj.partition(range(len(y)), 0.7, rng=1)
mlj.fit(mach, rows=train, verbosity=0)
rmse = np.sqrt(np.mean((mlj.predict(mach, rows=test) - y.iloc[test]) ** 2))
spread = y.iloc[test].std()
print(f"held out: RMSE {rmse:.1f}, where the target itself varies by {spread:.1f}")
assert rmse < 0.85 * spread

# %% [markdown]
# `transform` puts the learned vectors in the place of the factor, for another model to use.

# %%
embedded = mlj.transform(mach, X.head(3))
print(embedded[["age", "sex_1", "sex_2", "bmi"]])
vectors = mlj.fitted_params(mach).embeddings["sex"]
assert vectors.shape == (2, 2)
assert np.allclose(embedded.loc[0, ["sex_1", "sex_2"]].astype(float), vectors[1])
assert X["sex"][0] == "2"

# %% [markdown]
# Next: [warm restarts on iris](02_warm_restarts_on_iris.py).
