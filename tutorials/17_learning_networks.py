# %% [markdown]
# # Learning networks
#
# A ridge regression and a forest both learn the logarithm of a target from standardised columns;
# what they predict is averaged, and taken back by the exponential. That is no pipeline, as its
# data go several ways. It is written down as a network of machines, tried out, and made a model.

# %%
import logging

import numpy as np

import mlj_keras as mlj

X, y = mlj.load_diabetes()
train, test = mlj.partition(range(len(y)), 0.8, shuffle=True, rng=1)
Forest = mlj.load("RandomForestRegressor", package="scikit-learn")
ridge = mlj.load("Ridge", package="scikit-learn")(alpha=1.0)
forest = Forest(n_estimators=50, min_samples_leaf=3, random_state=1)

# %% [markdown]
# ## Sources and nodes
#
# Data are wrapped in sources. What is made of them is a node: nothing is computed until it is
# called. Calling it with other data puts these in the place of its source.

# %%
Xs, ys = mlj.source(X), mlj.source(y)
z = mlj.node(np.log, ys)
print(z, "of", ys)
assert np.allclose(z(), np.log(y))
assert z([1.0, np.e]).tolist() == [0.0, 1.0]

# %% [markdown]
# ## Machines over nodes
#
# A machine takes nodes as it takes data, and an operation on a node is one more node. So the
# network is written as one would write a program that does it all; no line of it trains anything.


# %%
def average(left, right):
    return (left + right) / 2


W = mlj.transform(mlj.machine(mlj.Standardizer(), Xs), Xs)
ridge_machine = mlj.machine(ridge, W, z)
forest_machine = mlj.machine(forest, W, z)
both = mlj.node(average, mlj.predict(ridge_machine, W), mlj.predict(forest_machine, W))
yhat = mlj.node(np.exp, both)
assert [machine.state for machine in yhat.machines] == [0, 0, 0]

# %% [markdown]
# ## A picture of it
#
# Solid arrows say what a node is computed from, dashed ones what a machine learns from. As text
# for Mermaid it can stand in a README or a notebook.

# %%
mlj.plot(yhat).figure.savefig("network.png", bbox_inches="tight")
text = mlj.mermaid(yhat)
print(text)
assert text.startswith("flowchart LR")
assert text.count("-.->") == 5

# %% [markdown]
# ## Training and calling
#
# `fit` of a node trains all machines that it needs, in an order in which they can be. The node
# then has values: for all rows, for some, and for new data, as it is computed from one source
# only. `ys` is learned from, but not needed for a prediction.

# %%
mlj.fit(yhat, rows=train, verbosity=0)
print(yhat(rows=test[:3]).round(1).to_dict())
assert yhat.origins == (Xs,)
assert np.array_equal(yhat(rows=test[:3]), yhat(X.iloc[test[:3]]))
assert mlj.rms(yhat(rows=test), y.iloc[test]) < 65

# %% [markdown]
# ## Only what is stale
#
# Another penalty concerns the ridge regression alone. With `verbosity=1` each machine says what it
# does, to the logger `mlj_keras`, where it is collected here.

# %%
heard: list[str] = []
listener = logging.Handler()
listener.emit = lambda record: heard.append(record.getMessage())
logging.getLogger("mlj_keras").addHandler(listener)
mlj.disable_default_handler()

before = yhat(rows=test)
ridge.alpha = 30.0
mlj.fit(yhat, rows=train, verbosity=1)

logging.getLogger("mlj_keras").removeHandler(listener)
mlj.enable_default_handler()
print("\n".join(heard))
assert [line.split(" machine")[0] for line in heard] == [
    "Not retraining",
    "Updating",
    "Not retraining",
]
assert not np.allclose(yhat(rows=test), before)

# %% [markdown]
# What each machine reports and has learned is found by the machine.

# %%
said = mlj.report(yhat).report_given_machine[ridge_machine]
learned = mlj.fitted_params(yhat).fitted_params_given_machine[ridge_machine]
for name, coefficient in zip(said.features, learned.coef, strict=True):
    print(f"{name:10} {coefficient:6.3f}")
assert learned.estimator.alpha == 30.0
assert mlj.report(yhat).machines == yhat.machines

# %% [markdown]
# ## Side by side
#
# The two regressors do not need one another. With `acceleration` they are trained in two threads,
# or processes, to the same numbers.

# %%
alone = yhat(rows=test)
mlj.fit(yhat, rows=train, verbosity=0, force=True, acceleration=mlj.CPUThreads(2))
assert np.array_equal(yhat(rows=test), alone)

# %% [markdown]
# ## A model of your own
#
# The network is bound to its data. To use it for any, write the same lines into `prefit`, with
# hyper-parameters in the place of models: these can be swapped then, and changed, by their names.


# %%
class Blend(mlj.NetworkComposite, mlj.Deterministic):
    """The exponential of a weighted mean of what two models predict of a logarithm."""

    left: mlj.Model
    right: mlj.Model
    scaler: mlj.Model = mlj.param(factory=mlj.Standardizer)
    share: float = mlj.param(0.5, kind=float, ge=0, le=1)

    def prefit(self, verbosity, Xs, ys):
        W = mlj.transform(mlj.machine(self.scaler, Xs), Xs)
        z = mlj.node(np.log, ys)
        left = mlj.predict(mlj.machine(self.left, W, z), W)
        right = mlj.predict(mlj.machine(self.right, W, z), W)
        share = self.share
        both = mlj.node(lambda a, b: share * a + (1 - share) * b, left, right)
        return {"predict": mlj.node(np.exp, both)}


blend = Blend(left=ridge, right=forest)
mach = mlj.fit(mlj.machine(blend, X, y), rows=train, verbosity=0)
assert np.allclose(mlj.predict(mach, rows=test), yhat(rows=test))
assert mlj.fitted_params(mach).left.estimator.alpha == 30.0
assert set(vars(mlj.report(mach))) == {"scaler", "left", "right"}

# %% [markdown]
# ## Evaluated as any model
#
# A network may take the place of the forest. All of it is trained anew in each fold.

# %%
net = mlj.NeuralNetworkRegressor(
    builder=mlj.MLP(hidden=(16,)), optimiser=mlj.Adam(1e-2), batch_size=32, epochs=10, rng=1
)
found = mlj.evaluate(
    {
        "ridge alone": blend.replace({"share": 1.0}),
        "forest alone": blend.replace({"share": 0.0}),
        "blend": blend,
        "with a network": blend.replace({"right": net}),
    },
    X,
    y,
    resampling=mlj.CV(nfolds=5, rng=1),
    measures=[mlj.mape, mlj.rms],
    verbosity=0,
)
print(found)
mape = {name: each.measurement[0] for name, each in found.items()}
assert mape["blend"] < max(mape["ridge alone"], mape["forest alone"])

# %% [markdown]
# ## Tuned
#
# The share is a hyper-parameter, and so is any in the models inside.

# %%
tuned = mlj.TunedModel(
    blend,
    ranges=[
        mlj.param_range(blend, "share", lower=0.0, upper=1.0),
        mlj.param_range(blend, "left.alpha", lower=1.0, upper=1000.0, scale="log10"),
        mlj.param_range(blend, "right.min_samples_leaf", values=[3, 10, 30]),
    ],
    tuning=mlj.RandomSearch(rng=1),
    resampling=mlj.CV(nfolds=4, rng=2),
    measure=mlj.mape,
    n=12,
)
search = mlj.report(mlj.fit(mlj.machine(tuned, X, y), rows=train, verbosity=0))
columns = ["share", "left.alpha", "right.min_samples_leaf", "measurement"]
print(search.history[columns].sort_values("measurement").head(4).round(3).to_string())
best = search.best_model
assert isinstance(best, Blend)
assert blend.share == 0.5
assert search.best_evaluation.measurement[0] == search.history["measurement"].min()

# %% [markdown]
# Next: [entity embeddings](18_entity_embeddings.py).
