# %% [markdown]
# # Coming from Keras
#
# You have a Keras model, an optimizer and a loss. Here they go into a machine as they are, train
# there as `Model.fit` trains them, and come out again as a Keras model that carries its own
# preprocessing.

# %%
import tempfile
import time
from pathlib import Path

import keras
import numpy as np

import mlj_keras as mlj

keras.utils.set_random_seed(1)
network = keras.Sequential(
    [
        keras.Input((30,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
optimizer = keras.optimizers.Adam(3e-3, clipnorm=1.0)
loss = keras.losses.BinaryCrossentropy(label_smoothing=0.05)

# %% [markdown]
# ## In
#
# The model is the `builder`, the optimizer the `optimiser` (the American spelling is understood),
# the loss the `loss`. Each is copied: what you do with yours afterwards does not matter, and yours
# is never changed. The optimizer becomes a small spec of its settings, which can be changed and
# compared like any hyper-parameter.

# %%
model = mlj.NeuralNetworkBinaryClassifier(
    builder=network,
    optimizer=optimizer,
    loss=loss,
    epochs=20,
    batch_size=32,
    shuffle=False,
    rng=1,
)
print(model.optimiser)
assert model.optimiser == mlj.Adam(3e-3, clipnorm=1.0)

# %% [markdown]
# The data are 569 tumours, benign or malignant, as a pandas frame: nothing is scaled, and the
# target is a categorical column. The machine standardises the numbers and encodes the target; the
# positive class is the second level of the pool.

# %%
X, y = mlj.load_breast_cancer()
train, test = mlj.partition(range(len(y)), 0.7, shuffle=True, rng=1, stratify=y)
assert mlj.levels(y) == ("benign", "malignant")

mach = mlj.machine(model, X, y)
start = time.perf_counter()
mlj.fit(mach, rows=train)
print(f"machine: {time.perf_counter() - start:.2f} s, compiling included")

# %% [markdown]
# The weights of your model are where training starts, and your model still has them. Its sigmoid
# stays the last layer: the classifier adds no second one, and says so.

# %%
copied = mlj.fitted_params(mach).network
assert np.array_equal(model.builder.initial_weights()[0], network.get_weights()[0])
assert not np.allclose(copied.get_weights()[0], network.get_weights()[0])
assert len(copied.get_weights()) == len(network.get_weights())

# %% [markdown]
# ## Beside `Model.fit`
#
# The same by hand: standardise with the statistics of the training rows, encode the target,
# compile and fit. With the rows in the same order (`shuffle=False` on both sides) the two do the
# same arithmetic, and differ by rounding alone.

# %%
numbers = X.to_numpy()
centre, scale = numbers[train].mean(axis=0), numbers[train].std(axis=0, ddof=1)
inputs = ((numbers - centre) / scale).astype("float32")
targets = (y == "malignant").to_numpy(dtype="float32")[:, None]

network.compile(optimizer=optimizer, loss=loss)
start = time.perf_counter()
history = network.fit(
    inputs[train], targets[train], epochs=20, batch_size=32, shuffle=False, verbose=0
)
print(f"Model.fit: {time.perf_counter() - start:.2f} s")

by_hand = network.predict(inputs[test], verbose=0)[:, 0]
distributions = mlj.predict(mach, rows=test)
difference = np.abs(distributions.pdf("malignant") - by_hand).max()
accuracy = np.mean(mlj.predict_mode(mach, rows=test).to_numpy() == y.iloc[test].to_numpy())
print(f"largest difference of a probability {difference:.1e}, held-out accuracy {accuracy:.3f}")
assert difference < 1e-4
assert accuracy > 0.94

# %% [markdown]
# One thing differs on purpose. Keras weighs the loss of a batch by its rows when it reports an
# epoch; a machine reports the plain mean over batches, as MLJFlux does. Of 13 batches here the
# last is smaller, so the reported numbers are near each other, not equal.

# %%
reported = mlj.training_losses(mach)
print(
    f"last epoch: {reported[-1]:.4f} from the machine, {history.history['loss'][-1]:.4f} by hand"
)
assert len(train) % 32 != 0
assert np.allclose(reported, history.history["loss"], atol=0.02)
assert not np.allclose(reported, history.history["loss"], atol=1e-5)

# %% [markdown]
# ## Out
#
# `to_keras` gives a new Keras model of the raw numbers, in the order of the training columns: the
# standardisation is its first layer. It is yours, saves and loads as any Keras model, and no later
# training of the machine changes it.

# %%
exported = mlj.to_keras(mach)
raw = X.iloc[test].to_numpy()
outputs = np.asarray(exported(raw))[:, 0]
assert np.allclose(outputs, distributions.pdf("malignant"), atol=1e-5)

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "tumours.keras"
    exported.save(path)
    loaded = keras.models.load_model(path)
assert np.array_equal(np.asarray(loaded(raw))[:, 0], outputs)

# %% [markdown]
# ## Frozen layers
#
# What is frozen in your model stays frozen in the machine. Here the trained network starts another
# training in which its first layer does not move.

# %%
pretrained = mlj.to_keras(mach, processing=False).layers[-1]
pretrained.layers[0].trainable = False
tuned = mlj.machine(model.replace({"builder": pretrained, "epochs": 5}), X, y)
mlj.fit(tuned, rows=train, verbosity=0)

before, after = pretrained.get_weights(), mlj.fitted_params(tuned).network.get_weights()
frozen = [np.array_equal(old, new) for old, new in zip(before, after, strict=True)]
print(f"unchanged: kernel and bias of the first layer {frozen[:2]}, of the others {frozen[2:]}")
assert frozen == [True, True, False, False, False, False]

# %% [markdown]
# How to write builders, losses and models of your own: [extending](guide/extending.md).
#
# Next: [coming from scikit-learn](04_coming_from_sklearn.py).
