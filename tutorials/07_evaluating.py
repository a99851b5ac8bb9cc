# %% [markdown]
# # Evaluating
#
# A score on the rows that a model was trained on says little. Here a network is measured on rows
# that it has not seen, six times over, and beside models of scikit-learn on the same folds.

# %%
import mlj_keras as mlj

X, y = mlj.load_breast_cancer()
net = mlj.NeuralNetworkBinaryClassifier(epochs=10, rng=1)

evaluation = mlj.evaluate(net, X, y, measures=[mlj.log_loss, mlj.accuracy, mlj.auc], verbosity=0)
print(evaluation)

# %% [markdown]
# Six folds, stratified by class, shuffled by the model's seed. Each measure was given what it
# compares: probabilities for `log_loss` and `auc`, classes for `accuracy`.

# %%
assert evaluation.operation == ["predict", "predict_mode", "predict"]
assert evaluation.measurement[1] > 0.94
assert all(len(folds) == 6 for folds in evaluation.per_fold)

# %% [markdown]
# ## Which models are there?
#
# The registry knows the models of this package and those of scikit-learn, and which of them take
# these data.

# %%
fitting = mlj.models(mlj.matching(X, y))
assert "RandomForestClassifier" in [entry.name for entry in fitting]

Forest = mlj.load("RandomForestClassifier", package="scikit-learn")

# %% [markdown]
# ## Side by side
#
# Models given together are measured on the same folds, so that their differences can be told from
# the luck of a fold.

# %%
models = {
    "network": net,
    "forest": Forest(n_estimators=50, random_state=1),
    "constant": mlj.load("DummyClassifier")(strategy="prior"),
}
found = mlj.evaluate(models, X, y, measures=[mlj.log_loss, mlj.accuracy], verbosity=0)
print(found)

# %%
assert list(found) == ["network", "forest", "constant"]
differences = found.differences()
print(differences.to_string())

# %% [markdown]
# The constant model is worse beyond doubt: the interval of its difference leaves out 0.

# %%
loss = differences[differences.measure == "log_loss"].set_index(["left", "right"])
assert loss.loc[("network", "constant")].better == "network"

# %% [markdown]
# ## Where it goes wrong
#
# The rows that a network misses are in the confusion matrix: predictions down, truths across.

# %%
train, test = evaluation.train_test_rows[0]
mach = mlj.fit(mlj.machine(net, X, y), rows=train, verbosity=0)
matrix = mlj.confmat(mlj.predict_mode(mach, rows=test), y.iloc[test])
print(matrix)

# %%
assert mlj.accuracy(matrix) == evaluation.per_fold[1][0]

# %% [markdown]
# Next: [pipelines](08_pipelines.py).
