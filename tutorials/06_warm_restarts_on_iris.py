# %% [markdown]
# # Warm restarts on iris
#
# Training a network is rarely done in one go: you look at the loss, train a little more, lower the
# learning rate, go back. A machine remembers what was learned (weights, moments of the optimiser,
# where the random streams are), so that `fit` continues wherever continuing makes sense. This is
# the incremental training of MLJFlux's documentation, on Fisher's iris flowers.

# %%
import numpy as np

import mlj_keras as mlj

X, y = mlj.load_iris()
train, test = mlj.partition(range(len(y)), 0.7, shuffle=True, rng=3, stratify=y)

model = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(5, 4)),
    optimiser=mlj.Adam(1e-2),
    batch_size=8,
    epochs=10,
    rng=42,
)
mach = mlj.machine(model, X, y)
mlj.fit(mach, rows=train, verbosity=0)


def log_loss(rows):
    """Mean negative log probability of the true classes of these rows."""
    return -mlj.predict(mach, rows=rows).logpdf_at(y.iloc[rows]).mean()


print(f"10 epochs: log loss {log_loss(train):.3f} in training, {log_loss(test):.3f} held out")

# %% [markdown]
# ## More epochs
#
# Raise `epochs` and fit again. Fifteen epochs in all, so five are trained now, and the history
# grows at its end; what was there stays.

# %%
ten = mlj.training_losses(mach)
model.epochs = 15
mlj.fit(mach, rows=train, verbosity=0)
fifteen = mlj.training_losses(mach)

assert (len(ten), len(fifteen)) == (10, 15)
assert np.array_equal(fifteen[:10], ten)

# %% [markdown]
# A fit in two steps is the fit in one: same shuffling, same weights, bit for bit.

# %%
in_one_go = mlj.machine(model.replace({"epochs": 15}), X, y)
mlj.fit(in_one_go, rows=train, verbosity=0)

assert np.array_equal(mlj.training_losses(in_one_go), fifteen)
assert mlj.snapshot(in_one_go).digest() == mlj.snapshot(mach).digest()

# %% [markdown]
# ## Another learning rate
#
# A changed optimiser by itself trains nothing: there is nothing left to do for 15 epochs.

# %%
model.optimiser.learning_rate = 1e-3
before = mlj.snapshot(mach)
mlj.fit(mach, rows=train, verbosity=0)

assert mlj.snapshot(mach).digest() == before.digest()

# %% [markdown]
# The new rate is used from the next epoch on. To see that it is, train the same model at the old
# rate throughout: from epoch 16 on, the two part.

# %%
model.epochs = 25
mlj.fit(mach, rows=train, verbosity=0)
slower = mlj.training_losses(mach)

old_rate = mlj.machine(model.replace({"optimiser.learning_rate": 1e-2}), X, y)
mlj.fit(old_rate, rows=train, verbosity=0)
faster = mlj.training_losses(old_rate)

assert np.array_equal(slower[:15], faster[:15])
assert not np.isclose(slower[15:], faster[15:]).any()
assert faster[-1] < slower[-1]
print(f"10 more epochs: {slower[-1]:.4f} at rate 0.001, {faster[-1]:.4f} at rate 0.01")

# %% [markdown]
# ## What restarts from scratch
#
# Fewer epochs cannot be had by training more, and another batch size, penalty, loss, builder or
# seed makes another network of the old one. So all of these start again from fresh weights. So do
# other rows, and `force=True`.

# %%
model.batch_size = 16
mlj.fit(mach, rows=train, verbosity=0)
restarted = mlj.training_losses(mach)

assert len(restarted) == 25
assert not np.isclose(restarted[:15], slower[:15]).any()

# %% [markdown]
# ## Going back
#
# A `snapshot` is what was learned so far, as an immutable value. `restore` puts it back, and the
# next fit goes on from there. Here the best of a few looks at the held-out rows is kept. (Rows
# that chose the stopping point no longer tell how good the network is: keep others for that.)

# %%
model.optimiser.learning_rate = 1e-2
looks = []
for epochs in range(30, 151, 20):
    model.epochs = epochs
    mlj.fit(mach, rows=train, verbosity=0)
    looks.append((log_loss(test), mlj.snapshot(mach)))
    print(f"{epochs} epochs: log loss {looks[-1][0]:.4f} held out")

best_loss, best = min(looks, key=lambda look: look[0])
mlj.restore(mach, best)
print(f"restored the state of epoch {best.epochs}")
assert mlj.report(mach).epochs == best.epochs
assert np.isclose(log_loss(test), best_loss)

# %% [markdown]
# ## The loss curve
#
# `plot` draws the losses of a machine on axes of your own; the first point is the loss before
# training. A second curve goes on the same axes.

# %%
import matplotlib.pyplot as plt  # noqa: E402

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
axes.plot(range(1, 26), slower, color="#D55E00", label="rate 0.001 from epoch 16")
mlj.plot(old_rate, axes=axes, label="rate 0.01 throughout")
axes.set(title="iris", ylabel="training loss (cross-entropy)")
figure.savefig("warm_restarts.png", dpi=120)
print("saved warm_restarts.png")

# %% [markdown]
# Next: [evaluating](07_evaluating.py).
