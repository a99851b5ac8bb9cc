# %% [markdown]
# # Ensembling
#
# A network that learns from a few hundred rows learns some of their noise too, and one with
# another seed learns other noise. An `EnsembleModel` trains many, and predicts their mean: what
# all of them have seen stays, and the noise is averaged away.

# %%
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTENC

import mlj_keras as mlj

X, y = mlj.load_diabetes()
net = mlj.NeuralNetworkRegressor(
    builder=mlj.MLP(hidden=(64, 64)),
    optimiser=mlj.Adam(3e-3),
    batch_size=16,
    epochs=20,
    rng=1,
)
ensemble = mlj.EnsembleModel(net, n=10, rng=1)

# %% [markdown]
# ## One network, and ten
#
# How far will the diabetes of 442 patients progress within a year? A network with more weights
# than there are numbers in the table is measured on the same folds as ten of its kind.

# %%
found = mlj.evaluate(
    {"one": net, "ten": ensemble},
    X,
    y,
    resampling=mlj.CV(nfolds=8, rng=1),
    measures=[mlj.rms, mlj.rsq],
    verbosity=0,
)
print(found)
print(found.differences().to_string())
assert found["ten"].measurement[0] < found["one"].measurement[0] - 1

# %% [markdown]
# Networks of one shape are trained together, by one program in which their weights are stacked.
# Once it is compiled that is faster than one after another; scores are the same up to rounding.
#
# ## Out of the bag
#
# Each member is trained on 80 per cent of the rows, by the default of `bagging_fraction`. They are
# drawn by the seed of the ensemble and the number of the member. The other rows say how good it
# is. That takes no more training, but is about members one by one: what their mean gains is not in
# it.

# %%
train, test = mlj.partition(range(len(y)), 0.8, shuffle=True, rng=1)
ensemble.out_of_bag_measures = [mlj.rms]
mach = mlj.fit(mlj.machine(ensemble, X, y), rows=train, verbosity=0)
report = mlj.report(mach)
print(f"members, out of the bag: {report.out_of_bag['rms']:.1f}")
print(f"together, in the folds: {found['ten'].measurement[0]:.1f}")
assert report.out_of_bag["rms"] > found["ten"].measurement[0]
assert len({member.rng for member in report.members}) == report.n == 10

# %% [markdown]
# ## More members
#
# With a greater `n` those that are missing are trained, and the others stay as they are. Ten, and
# then twenty, are the same as twenty at once. A lower `n` leaves the last ones out.

# %%
ten = mlj.predict(mach, X)
ensemble.n = 20
twenty = mlj.predict(mlj.fit(mach, rows=train, verbosity=0), X)
at_once = mlj.fit(mlj.machine(ensemble, X, y), rows=train, verbosity=0)
assert np.array_equal(twenty, mlj.predict(at_once, X))

ensemble.n = 10
assert np.array_equal(mlj.predict(mlj.fit(mach, rows=train, verbosity=0), X), ten)

# %% [markdown]
# ## How many?
#
# An ensemble counts its members as a network counts epochs. So an `IteratedModel` adds ten at a
# time, and stops when twice in a row the loss on rows held out is no lower than the lowest.

# %%
grown = mlj.IteratedModel(
    mlj.EnsembleModel(net, rng=1),
    controls=[mlj.Step(10), mlj.NumberSinceBest(2), mlj.NumberLimit(10)],
    resampling=[(train, test)],
    measure=mlj.rms,
)
growing = mlj.fit(mlj.machine(grown, X, y), verbosity=0)
growth = mlj.report(growing)
print(", ".join(f"{loss:.1f}" for loss in growth.losses))
print(f"best with {growth.best_iteration} members of {growth.n_iterations}")
mlj.plot(growing).figure.savefig("ensemble_size.png", bbox_inches="tight")
assert growth.losses[0] > min(growth.losses)
assert mlj.report(mlj.fitted_params(growing).machine).n == growth.best_iteration

# %% [markdown]
# ## Tuning
#
# The hyper-parameters of the network are reached through `model`, and the fraction of the rows is
# one more. With `train_best=False` candidates are measured, and none is trained on all rows.

# %%
rates = mlj.param_range(ensemble, "model.optimiser.learning_rate", values=[1e-3, 3e-3])
epochs = mlj.param_range(ensemble, "model.epochs", values=[5, 10, 20])
tuned = mlj.TunedModel(
    mlj.EnsembleModel(net, n=10, rng=1),
    ranges=[rates, epochs],
    tuning=mlj.Grid(shuffle=False),
    resampling=mlj.CV(nfolds=5, rng=2),
    measure=mlj.rms,
    train_best=False,
)
search = mlj.report(mlj.fit(mlj.machine(tuned, X, y), verbosity=0))
table = search.history.pivot(
    index="model.optimiser.learning_rate", columns="model.epochs", values="measurement"
)
print(table.round(1).to_string())
assert search.best_evaluation.measurement[0] == table.min().min()
assert table.loc[3e-3, 5] < table.loc[3e-3, 20]

# %% [markdown]
# ## What matters
#
# Ten networks have no coefficients to look at. But a column that matters is missed when its values
# are shuffled. Each bar says how much the error grows then, for patients that were not trained on;
# each point is one shuffling.

# %%
mach = mlj.fit(mlj.machine(search.best_model, X, y), rows=train, verbosity=0)
importance = mlj.permutation_importance(mach, rows=test, measure=mlj.rms, n_repeats=10)
print(importance)
importance.plot().figure.savefig("importance.png", bbox_inches="tight")
assert set(importance.table["feature"][:3]) >= {"bmi", "s5"}

# %% [markdown]
# ## A rare class
#
# Whose diabetes progresses fast? Of seven patients it is one. A classifier that is to be right
# often mostly says no, and finds few of them.

# %%
fast = pd.Series(np.where(y > 250, "fast", "slow"), name="course")
fast = mlj.coerce(fast, mlj.OrderedFactor, levels=["slow", "fast"])
classifier = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.MLP(hidden=(16,)), optimiser=mlj.Adam(1e-2), batch_size=32, epochs=20, rng=1
)
print(f"fast: {np.mean(fast == 'fast'):.0%}")

# %% [markdown]
# A `BalancedModel` trains on as many rows of either class. Here SMOTE makes rows between rare ones
# (SMOTENC does, where there are factors such as `sex`); it comes from imbalanced-learn, which the
# extra `imbalanced` installs. A `BinaryThresholdPredictor` leaves the rows alone, and says yes
# above another probability than one half: the one that was best for rows that copies of the model
# had not seen. Both take any classifier, an ensemble too, and learn from the training rows of each
# fold alone.

# %%
models = {
    "plain": classifier,
    "balanced": mlj.BalancedModel(classifier, smote=SMOTENC("auto")),
    "threshold": mlj.BinaryThresholdPredictor(classifier, threshold="auto"),
}
rare = mlj.evaluate(
    models,
    X,
    fast,
    resampling=mlj.StratifiedCV(nfolds=4, rng=1),
    measures=[mlj.balanced_accuracy, mlj.recall, mlj.precision, mlj.accuracy],
    verbosity=0,
)
print(rare)
balanced, recall, precision, accuracy = range(4)
for name in ("balanced", "threshold"):
    assert rare[name].measurement[balanced] > rare["plain"].measurement[balanced]
    assert rare[name].measurement[recall] > rare["plain"].measurement[recall] + 0.1
    assert rare[name].measurement[precision] < rare["plain"].measurement[precision]

# %% [markdown]
# More of them are found, at the cost of false alarms. What was done in each fold is in the
# reports.

# %%
smote = rare["balanced"].report_per_fold[0].balancing.smote
print(f"balanced: from {smote.counts_before} to {smote.counts_after}")
thresholds = [report.threshold for report in rare["threshold"].report_per_fold]
print("thresholds:", ", ".join(f"{threshold:.2f}" for threshold in thresholds))
assert smote.counts_after["fast"] == smote.counts_after["slow"] == smote.counts_before["slow"]
assert np.mean(thresholds) < 0.5

# %% [markdown]
# Next: [stacking](16_stacking.py).
