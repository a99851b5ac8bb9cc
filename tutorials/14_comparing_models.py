# %% [markdown]
# # Comparing models
#
# A network, a forest, boosted trees and a linear model, told apart on the same folds, five times
# over. A search may be over models as well as over their hyper-parameters.

# %%
import mlj_keras as mlj

iris = mlj.load_iris(split=False)
y, X = mlj.unpack(iris, "target", rng=123)

# %% [markdown]
# ## Four models
#
# Those of scikit-learn come by their names. The boosted trees look for their own learning rate:
# a search inside the search, on the rows of each training fold alone.

# %%
net = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(5, 4)), optimiser=mlj.Adam(1e-2), batch_size=8, epochs=50, rng=42
)
linear = mlj.load("LinearDiscriminantAnalysis", package="scikit-learn")()
forest = mlj.load("RandomForestClassifier", package="scikit-learn")(
    n_estimators=50, random_state=1
)
trees = mlj.load("GradientBoostingClassifier", package="scikit-learn")(
    n_estimators=30, random_state=1
)
rates = mlj.param_range(trees, "learning_rate", lower=1e-2, upper=1, scale="log10")
boosting = mlj.TunedModel(
    trees, ranges=rates, tuning=mlj.Grid(resolution=5, rng=1), measure=mlj.log_loss
)
print("learning rates:", ", ".join(f"{rate:.3f}" for rate in mlj.iterator(rates, 5)))
assert boosting.n_candidates() == 5

# %% [markdown]
# ## On the same folds
#
# Models that are listed are tried one by one; that is `tuning=mlj.Explicit()`. Two folds, shuffled
# anew five times, give ten measurements of each.

# %%
search = mlj.TunedModel(
    models=[net, linear, forest, boosting],
    resampling=mlj.CV(nfolds=2, rng=42),
    repeats=5,
    measures=[mlj.log_loss, mlj.accuracy],
)
mach = mlj.fit(mlj.machine(search, X, y), verbosity=0)
report = mlj.report(mach)
history = report.history
assert len(report.best_evaluation.per_fold[0]) == 10
assert len(history) == 4

# %%
table = history[["measurement", "uncertainty_radius_95", "accuracy"]].round(4)
table.index = ["network", "linear", "forest", "boosting"]
print(table.sort_values("measurement").to_string())
assert (history["accuracy"] > 0.9).all()

# %% [markdown]
# ## The winner
#
# The best model is trained on all rows, and the machine predicts as it does, whatever its class.

# %%
print(f"best: {report.best_model}")
print(mlj.predict_mode(mach, X.head(3)).tolist())
assert report.best_model in (net, linear)
assert type(mlj.fitted_params(mach).best_model) is type(report.best_model)

# %% [markdown]
# ## Or is it luck?
#
# Folds are paired: what makes one hard for all models does not count. A model is better only where
# the interval of the difference, which allows for the rows that training sets share, leaves out 0.

# %%
found = mlj.Evaluations(dict(zip(table.index, history["evaluation"], strict=True)))
differences = found.differences()
losses = differences[differences["measure"] == "log_loss"]
print(losses.drop(columns="measure").to_string(index=False))
assert len(losses) == 6
assert not losses["better"].any()

# %% [markdown]
# Next: [ensembling](15_ensembling.py).
