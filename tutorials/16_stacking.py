# %% [markdown]
# # Stacking
#
# A network, a forest and boosted trees are wrong about different passengers of the Titanic. In a
# `Stack` all of them predict, and one more model learns from their predictions whom to believe.

# %%
import logging
from collections import Counter

import numpy as np

import mlj_keras as mlj

raw = mlj.load_titanic()[["pclass", "survived", "sex", "age", "sibsp", "parch", "fare"]]
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

# %% [markdown]
# ## Members
#
# What all of them need stands before the stack: missing ages filled, a column of 0 and 1 for each
# level.

# %%
members = {
    "net": mlj.NeuralNetworkBinaryClassifier(
        builder=mlj.MLP(hidden=(16,)), optimiser=mlj.Adam(1e-2), batch_size=32, epochs=10, rng=1
    ),
    "forest": mlj.load("RandomForestClassifier", package="scikit-learn")(
        n_estimators=50, min_samples_leaf=5, random_state=1
    ),
    "boosting": mlj.load("GradientBoostingClassifier", package="scikit-learn")(
        n_estimators=50, random_state=1
    ),
}
stack = mlj.Stack(
    **members,
    metalearner=mlj.load("LogisticRegression", package="scikit-learn")(),
    resampling=mlj.StratifiedCV(nfolds=3, rng=1),
    measures=[mlj.log_loss, mlj.accuracy],
)
pipe = mlj.Pipeline(fill=mlj.FillImputer(), encode=mlj.OneHotEncoder(drop_last=True), stack=stack)

# %% [markdown]
# ## What a stack learns from
#
# In each of three folds the members are trained on two thirds of the rows, and predict the others.
# So for each passenger there is a prediction by models that did not know her. From these a
# logistic regression learns. The members that it will be given later are trained once more, on all
# rows.

# %%
mach = mlj.fit(mlj.machine(pipe, X, y), verbosity=0)
learned = mlj.fitted_params(mach).stack
weights = learned.metalearner.coef[0][1::2]  # of the probabilities to survive
print(", ".join(f"{name} {weight:.2f}" for name, weight in zip(members, weights, strict=True)))
assert len(learned.folds.net) == len(learned.folds.forest) == 3
assert (weights > 0).all()

# %% [markdown]
# On the way the members are measured, by predictions that are made in any case.

# %%
cv_report = mlj.report(mach).stack.cv_report
print(cv_report)
assert list(cv_report) == list(members)
assert all(each.measurement[0] < 0.5 for each in cv_report.values())

# %% [markdown]
# ## Is it any better?
#
# That only new rows can tell. All are evaluated on the same folds, in each of which the stack
# makes folds of its own from the training rows.

# %%
found = mlj.evaluate(
    {**{name: pipe.replace({"stack": member}) for name, member in members.items()}, "stack": pipe},
    X,
    y,
    resampling=mlj.StratifiedCV(nfolds=4, rng=1),
    measures=[mlj.log_loss, mlj.accuracy],
    verbosity=0,
)
print(found)
losses = {name: each.measurement[0] for name, each in found.items()}
assert losses["stack"] < min(losses[name] for name in members) + 0.005
assert losses["stack"] < np.mean([losses[name] for name in members])

# %% [markdown]
# One need not know beforehand which member is the best one here, and it costs four times as many
# trainings.
#
# ## What is trained again
#
# A stack is a network of machines, each of which does only what it has to. With `verbosity=2` they
# say so to the logger `mlj_keras`, where it is counted here instead of shown.

# %%
heard: list[str] = []
listener = logging.Handler()
listener.emit = lambda record: heard.append(record.getMessage())
logging.getLogger("mlj_keras").addHandler(listener)
mlj.disable_default_handler()


def trained() -> dict[str, int]:
    """How many machines inside the stack `fit` trains, or trains further, by their models."""
    heard.clear()
    mlj.fit(mach, verbosity=2)
    said = [line for line in heard if line.startswith(("Training", "Updating"))]
    names = [line.split("(")[1] for line in said]
    return dict(Counter(name for name in names if name not in ("Pipeline", "Stack")))


pipe.set("stack.forest.min_samples_leaf", 10)
print("another forest:", forest := trained())
assert forest == {"RandomForestClassifier": 4, "LogisticRegression": 1}

pipe.set("stack.net.epochs", 15)
print("more epochs:", epochs := trained())
assert epochs == {"NeuralNetworkBinaryClassifier": 4, "LogisticRegression": 1}

pipe.set("stack.metalearner.C", 0.1)
print("another judge:", judge := trained())
assert judge == {"LogisticRegression": 1}

pipe.set("stack.measures", [mlj.auc])
print("other measures:", nothing := trained())
assert nothing == {}
assert mlj.report(mach).stack.cv_report["forest"].measure == [mlj.auc]

logging.getLogger("mlj_keras").removeHandler(listener)
mlj.enable_default_handler()

# %% [markdown]
# The network was trained five epochs further in each fold, not fifteen.
#
# ## Side by side
#
# Members do not need one another, nor do their folds. With `acceleration` they are trained in
# several threads or processes, with the same numbers.

# %%
both = pipe.replace({"stack.acceleration": mlj.CPUThreads(2)})
again = mlj.fit(mlj.machine(both, X, y), verbosity=0)
alone, together = (mlj.predict(each, X).probabilities for each in (mach, again))
np.testing.assert_allclose(together, alone, atol=1e-5)

# %% [markdown]
# ## What it has learned about passengers
#
# A stack is hard to read, but can be asked: what would it predict, on average, if all passengers
# were women of twenty? That is the partial dependence; the bars below are deciles of the ages.

# %%
dependence = mlj.partial_dependence(mach, ["age", "sex"], grid_resolution=30)
print(dependence)
dependence.plot().figure.savefig("dependence.png", bbox_inches="tight")
women, men = dependence.average[0].T
assert dependence.grid[1].tolist() == ["female", "male"]
assert (women > men).all()
assert men[0] > men.mean()

# %% [markdown]
# ## Fewer columns
#
# `RecursiveFeatureElimination` trains a model, drops the column that matters least, and so on,
# here until four of seven are left. Forests say how much columns matter; for others, networks or
# stacks, give a function such as the permutation importance.

# %%
few = pipe.replace({"stack": mlj.RecursiveFeatureElimination(members["forest"], n_features=4)})
fewer = mlj.fit(mlj.machine(few, X, y), verbosity=0)
left = mlj.fitted_params(fewer).stack.features_left
print("columns left:", ", ".join(left))
reduced = mlj.evaluate(
    few,
    X,
    y,
    resampling=mlj.StratifiedCV(nfolds=4, rng=1),
    measures=[mlj.log_loss, mlj.accuracy],
    verbosity=0,
)
print(reduced)
assert mlj.report(fewer).stack.sizes == [7, 6, 5, 4]
assert {"age", "fare"} < set(left)
assert reduced.measurement[0] < losses["forest"] + 0.02

# %% [markdown]
# Next: [learning networks](17_learning_networks.py).
