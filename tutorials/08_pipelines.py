# %% [markdown]
# # Pipelines
#
# The passengers of the Titanic, as raw as they come: words, counts, and ages of which a fifth are
# missing. What has to be done before a network can learn from them is put into one model together
# with the network, so that it is trained, changed, and evaluated as one.

# %%
import numpy as np

import mlj_keras as mlj
from mlj_keras.errors import MissingValuesError

raw = mlj.load_titanic()[["pclass", "survived", "sex", "age", "sibsp", "parch"]]
print(mlj.schema(raw))

# %% [markdown]
# ## What the columns mean
#
# Words are Textual until somebody says what they stand for. Classes have an order, and so have the
# two outcomes: the last level is the positive class. The counts of relatives are taken as numbers.

# %%
passengers = mlj.coerce(
    raw,
    {
        "survived": mlj.OrderedFactor,
        "pclass": mlj.OrderedFactor,
        "sex": mlj.Multiclass,
        mlj.Count: mlj.Continuous,
    },
    levels={"survived": ["died", "survived"], "pclass": ["3rd", "2nd", "1st"]},
)
y, X = mlj.unpack(passengers, "survived")
train, test = mlj.partition(range(len(y)), 0.8, stratify=y, rng=1)

assert mlj.schema(X).scitypes[2] == mlj.Optional[mlj.Continuous]

# %% [markdown]
# ## Steps, one after another
#
# `|` joins models to a pipeline. Here: a column that says where the age is missing; medians and
# most frequent levels in the place of what is missing; numbers of mean 0 and deviation 1; a column
# of 0 and 1 for each level; a network, which has nothing left to standardise.

# %%
net = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.MLP(hidden=(16,)),
    optimiser=mlj.Adam(1e-2),
    batch_size=32,
    epochs=10,
    standardise=False,
    rng=1,
)
pipe = mlj.MissingIndicator() | mlj.FillImputer() | mlj.Standardizer() | mlj.OneHotEncoder() | net
print(", ".join(pipe.components))

# %% [markdown]
# A pipeline is checked against the data before anything is trained: each component against the
# columns that would reach it. Without the imputer:

# %%
try:
    mlj.machine(mlj.Standardizer() | mlj.OneHotEncoder() | net, X, y)
except MissingValuesError as error:
    print(error)
    assert "Put FillImputer() before it" in str(error)

# %% [markdown]
# ## One machine
#
# What each component has learned, and what it reports, stands under its name.

# %%
mach = mlj.fit(mlj.machine(pipe, X, y), rows=train, verbosity=0)

learned = mlj.fitted_params(mach)
print(learned.fill_imputer.filler_given_feature)
assert learned.fill_imputer.filler_given_feature["age"] == X["age"].iloc[train].median()
assert learned.one_hot_encoder.levels["pclass"] == ("3rd", "2nd", "1st")
assert mlj.report(mach).missing_indicator.new_features == ("age_missing",)
assert mlj.report(mach).neural_network_binary_classifier.epochs == 10

# %% [markdown]
# It predicts from raw rows, as they would come tomorrow.

# %%
tomorrow = {"pclass": ["1st", "3rd"], "sex": ["female", "male"], "age": [None, 30.0]}
tomorrow |= {"sibsp": [0, 0], "parch": [0, 0]}
chances = mlj.pdf(mlj.predict(mach, tomorrow), "survived")
print(f"a woman of the 1st class: {chances[0]:.2f}, a man of the 3rd: {chances[1]:.2f}")
assert chances[0] > 0.8 > 0.3 > chances[1]

# %% [markdown]
# ## Only what is stale is trained
#
# Every hyper-parameter has a path. Five more epochs are five epochs of the network: the steps
# before it stay, and so do the first ten.

# %%
ten = mlj.training_losses(mach)
pipe.set("neural_network_binary_classifier.epochs", 15)
mlj.fit(mach, rows=train, verbosity=0)
fifteen = mlj.training_losses(mach)

assert (len(ten), len(fifteen)) == (10, 15)
assert np.array_equal(fifteen[:10], ten)

# %% [markdown]
# Another imputer changes the data of all that follows, so that the network starts anew. What comes
# before the imputer is left alone, as `verbosity=1` would say.

# %%
pipe.fill_imputer.continuous_fill = "mean"
mlj.fit(mach, rows=train, verbosity=0)

mean_age = mlj.fitted_params(mach).fill_imputer.filler_given_feature["age"]
assert np.isclose(mean_age, X["age"].iloc[train].mean())
assert not np.isclose(mlj.training_losses(mach)[:10], ten).any()

# %% [markdown]
# ## Tuned by hand
#
# `replace` gives a changed copy. A network takes factors by itself, through entity embeddings, so
# it can do without the encoder; and a forest of scikit-learn is a component as any other. All are
# measured on the same folds of the training rows.

# %%
name = "neural_network_binary_classifier"
Forest = mlj.load("RandomForestClassifier", package="scikit-learn")
filled = mlj.MissingIndicator() | mlj.FillImputer()
forest = Forest(n_estimators=100, min_samples_leaf=5, random_state=1)
candidates = {
    "16 units": pipe,
    "64-64 units": pipe.replace({f"{name}.builder.hidden": (64, 64)}),
    "slower": pipe.replace({f"{name}.optimiser.learning_rate": 1e-3}),
    "embeddings": filled | net.replace({"standardise": True, "epochs": 15}),
    "forest": filled | mlj.OneHotEncoder() | forest,
}
found = mlj.evaluate(
    candidates,
    X,
    y,
    rows=train,
    resampling=mlj.StratifiedCV(nfolds=5, rng=1),
    measures=[mlj.log_loss, mlj.accuracy],
    verbosity=0,
)
print(found)

# %% [markdown]
# In each fold all steps were learned anew, from its training rows: the ages of the rows that it is
# tested on have no part in what is filled in.

# %%
folds = found["16 units"].fitted_params_per_fold
ages = [fold.fill_imputer.filler_given_feature["age"] for fold in folds]
assert len(set(ages)) == 5

# %% [markdown]
# By their log losses the folds do not tell a larger network, a lower rate, embeddings or a forest
# from 16 units. So the small one stays, and the passengers who had no part in the choice say how
# good it is.

# %%
differences = found.differences()
loss = differences[differences.measure == "log_loss"].set_index(["left", "right"])
assert not any(loss.loc[("16 units", other)].better for other in list(found)[1:])

accuracy = mlj.accuracy(mlj.predict_mode(mach, rows=test), y.iloc[test])
print(f"accuracy {accuracy:.3f} on {len(test)} passengers held out")
assert accuracy > 0.75

# %% [markdown]
# ## Transforming the target
#
# A pipeline works on X. Where y is to be transformed too, a TransformedTargetModel goes around the
# model, and its predictions come back on the scale of y. A network that learns logarithms is off
# by a part of the truth, and never predicts below 0.

# %%
X, y = mlj.load_diabetes()
regressor = mlj.NeuralNetworkRegressor(
    builder=mlj.MLP(hidden=(16,)), optimiser=mlj.Adam(1e-2), batch_size=16, epochs=15, rng=1
)
both = mlj.evaluate(
    {
        "plain": regressor,
        "log": mlj.TransformedTargetModel(regressor, transformer=np.log, inverse=np.exp),
    },
    X,
    y,
    resampling=mlj.CV(nfolds=4, rng=1),
    measures=[mlj.mape, mlj.rms],
    verbosity=0,
)
print(both)
assert both["log"].measurement[0] < both["plain"].measurement[0]

# %% [markdown]
# The [guide](guide/pipelines.md) has all transformers in one table. Where data do not go in one
# line, take a [learning network](17_learning_networks.py).
#
# Next: [early stopping](09_early_stopping.py).
