# %% [markdown]
# # Tuning
#
# Which batch size, which optimiser? A `TunedModel` tries many, measures all of them on the same
# folds, and trains the best one on all rows. It is a model like any other.

# %%
import tempfile
from pathlib import Path

import mlj_keras as mlj

iris = mlj.load_iris(split=False)
y, X = mlj.unpack(iris, "target", rng=123)
clf = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(5, 4)), optimiser=mlj.Adam(1e-2), batch_size=8, epochs=10, rng=42
)

# %% [markdown]
# ## Ranges
#
# Numbers lie between bounds; anything else, such as four optimisers, is listed. Paths are checked
# here, and so are bounds.

# %%
batch_sizes = mlj.param_range(clf, "batch_size", lower=1, upper=64)
optimisers = mlj.param_range(
    clf, "optimiser", values=[mlj.Adam(rate) for rate in (1e-4, 2.2e-3, 4.6e-2, 1.0)]
)
print("batch sizes on a grid of 6:", mlj.iterator(batch_sizes, 6))
assert mlj.iterator(batch_sizes, 6) == [1, 14, 26, 39, 51, 64]

# %% [markdown]
# ## The search
#
# A grid of about 25 candidates: 4 optimisers, and so 6 batch sizes. Each is trained on five folds.
# A batch size is compiled once, whatever the optimiser's rate and the fold.

# %%
tuned = mlj.TunedModel(
    clf,
    ranges=[batch_sizes, optimisers],
    tuning=mlj.Grid(goal=25),
    resampling=mlj.CV(nfolds=5, rng=42),
    measure=mlj.log_loss,
)
mach = mlj.fit(mlj.machine(tuned, X, y), verbosity=0)
report = mlj.report(mach)
history = report.history
best_first = history.drop(columns=["failure", "evaluation", "model"]).sort_values("measurement")
print(best_first.head(8).to_string())
assert len(history) == 24
assert history["failure"].isna().all()

# %% [markdown]
# ## The best
#
# The machine predicts with it. Evaluated on the same folds it scores what the search said, to the
# last bit.

# %%
best = report.best_model
print(f"best: {best}")
print(report.best_evaluation)
again = mlj.evaluate(best, X, y, resampling=tuned.resampling, measure=mlj.log_loss, verbosity=0)
assert again.measurement == report.best_evaluation.measurement
assert best == mlj.fitted_params(mach).best_model == history["model"][report.best_index]
assert history["measurement"].idxmin() == report.best_index
assert mlj.accuracy(mlj.predict_mode(mach, X), y) > 0.9

# %% [markdown]
# ## Pictures
#
# The candidates in their order; against each hyper-parameter; and each as a line through all of
# them, dark where the loss is low.

# %%
mlj.plot(mach, kind="history").figure.savefig("tuning_history.png", bbox_inches="tight")
slices = mlj.plot(mach, kind="slices")
slices[0].figure.savefig("tuning_slices.png", bbox_inches="tight")
lines = mlj.plot(mach, kind="parallel_coordinates")
lines.figure.savefig("tuning_lines.png", bbox_inches="tight")
assert len(slices) == 2

# %% [markdown]
# ## Inside a pipeline
#
# Passengers of the Titanic, some without an age. The path of a hyper-parameter goes through the
# name of its component. On a logarithmic scale each power of ten is as likely as the next.

# %%
raw = mlj.load_titanic()[["pclass", "survived", "sex", "age", "fare"]]
passengers = mlj.coerce(
    raw,
    {"survived": mlj.OrderedFactor, "pclass": mlj.OrderedFactor, "sex": mlj.Multiclass},
    levels={"survived": ["died", "survived"], "pclass": ["3rd", "2nd", "1st"]},
)
fate, facts = mlj.unpack(passengers, "survived")
pipe = mlj.Pipeline(
    fill=mlj.FillImputer(),
    net=mlj.NeuralNetworkBinaryClassifier(epochs=5, batch_size=32, rng=1),
)
rates = mlj.param_range(pipe, "net.optimiser.learning_rate", lower=1e-4, upper=1, scale="log10")
penalties = mlj.param_range(pipe, "net.lambda_", lower=1e-5, upper=1e-1, scale="log10")
search = mlj.TunedModel(
    pipe,
    ranges=[rates, penalties],
    tuning=mlj.RandomSearch(),
    resampling=mlj.Holdout(0.7, shuffle=True, rng=3, stratify=True),
    measure=mlj.auc,
    n=4,
)
titanic = mlj.fit(mlj.machine(search, facts, fate), verbosity=0)
first = mlj.report(titanic)
print(f"AUC {first.best_evaluation.measurement[0]:.3f} of {len(first.history)} candidates")
assert first.best_evaluation.measurement[0] == first.history["measurement"].max() > 0.8

# %% [markdown]
# ## More of them
#
# What has been measured stays. With a greater `n` the search goes on where it was.

# %%
search.n = 12
second = mlj.report(mlj.fit(titanic, verbosity=0))
print(f"AUC {second.best_evaluation.measurement[0]:.3f} of {len(second.history)}")
measured = first.history["measurement"]
assert second.history["measurement"][:4].equals(measured)
assert second.best_evaluation.measurement[0] >= measured.max()

# %% [markdown]
# ## Cut off, and resumed
#
# With `history=` each candidate is on the disk as soon as it is done. Another machine, in another
# process perhaps, reads it and trains only what is missing.

# %%
with tempfile.TemporaryDirectory() as folder:
    search.history = Path(folder) / "titanic.history"
    search.n = 6
    mlj.fit(mlj.machine(search, facts, fate), verbosity=0)
    trained: list[int] = []
    search.callbacks = [lambda entries: trained.append(len(entries))]
    search.n = 10
    resumed = mlj.report(mlj.fit(mlj.machine(search, facts, fate), verbosity=0))
print("candidates that were left to train:", len(trained))
assert len(trained) == 4
assert resumed.history["measurement"].equals(second.history["measurement"][:10])

# %% [markdown]
# Next: [learning curves](12_learning_curves.py).
