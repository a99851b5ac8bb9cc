# %% [markdown]
# # Live training
#
# A training that takes an hour should be looked at after a minute. Does the loss fall at all? Does
# the network learn its rows by heart by now? Here losses are drawn while they come, in a training
# and in a search, and functions of your own are called on the way.

# %%
import hashlib
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import mlj_keras as mlj

X, y = mlj.make_moons(400, noise=0.35, rng=1)
train, test = mlj.partition(range(len(y)), 0.5, rng=1)
net = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.MLP(hidden=(64, 64)), optimiser=mlj.Adam(3e-3), batch_size=20, rng=1
)
print(f"{len(train)} points of two half moons to learn from, {len(test)} held out")

# %% [markdown]
# ## Into a file
#
# A `LivePlot` is one of the controls of an `IteratedModel`, after `Step`, which trains: here an
# epoch in each cycle, of which every tenth is drawn. A script has no place to show a picture, so
# it is given a path. The picture there is replaced as a whole, never half written: open it in a
# viewer that follows changes, or copy it from a server, whenever you like.
#
# The control after it looks at the file in each cycle, to see how many pictures there have been.
# The line that comes first, here and below, is of the machine: it says which of two classes is
# the positive one.

# %%
pictures: set[str] = set()


def look(n: int) -> None:
    """Note the picture that is there after cycle n, if there is one."""
    if Path("live.png").exists():
        pictures.add(hashlib.sha256(Path("live.png").read_bytes()).hexdigest())


controls = [
    mlj.Step(1),
    mlj.LivePlot("live.png", every=10, rate=None),
    mlj.WithNumberDo(look),
    mlj.NumberLimit(100),
]
model = mlj.IteratedModel(net, controls=controls, resampling=[(train, test)], measure=mlj.log_loss)
mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
report = mlj.report(mach)
print(f"{len(pictures)} pictures in {report.n_iterations} epochs")
print(f"lowest loss held out {min(report.losses):.3f}, after epoch {report.best_iteration}")
print(f"mean of the last ten {np.mean(report.losses[-10:]):.3f}")
assert len(pictures) == 10
assert report.best_iteration < 80
assert np.mean(report.losses[-10:]) > 1.1 * min(report.losses)

# %% [markdown]
# That is what one looks for: both lines fall together at first. From where they part, the network
# learns what is true of its own rows alone, and goes on with it for as long as it is let. The
# circle is the lowest loss so far, the state that is kept in the end.
#
# Whoever did not look can draw the losses afterwards. Those of training belong to the state that
# was kept, and end where it does.

# %%
mlj.plot(mach).figure.savefig("afterwards.png", bbox_inches="tight")

# %% [markdown]
# Watching changes nothing. Without the plot the losses are the same, to the last bit.

# %%
unseen = model.replace({"controls": [mlj.Step(1), mlj.NumberLimit(100)]})
assert mlj.report(mlj.fit(mlj.machine(unseen, X, y), verbosity=0)).losses == report.losses

# %% [markdown]
# ## In a notebook
#
# Without a path a `LivePlot` draws into the cell, and replaces what it drew there before. Where
# there is no notebook it draws once, in the end. In either case the axes are in the report, to be
# given a title and saved.
#
# Here the learning rate goes up and down, and so is drawn below the losses. What sets a rate comes
# before `Step`.

# %%
cycles = [
    mlj.CycleLearningRate(10, 1e-4, 1e-2),
    mlj.Step(1),
    mlj.LivePlot(),
    mlj.NumberLimit(60),
]
cycled = model.replace({"controls": cycles})
watched = mlj.report(mlj.fit(mlj.machine(cycled, X, y), verbosity=0))
rates = watched.controls[0][1]["values"]
losses_axes, rate_axes = watched.controls[2][1]["axes"]
losses_axes.figure.suptitle("Half moons, with a rate that goes up and down")
losses_axes.figure.savefig("cycles.png", bbox_inches="tight")
print("rates:", ", ".join(f"{rate:.4f}" for rate in rates[:12]), "...")
assert rates[0] == rates[20] == rates[40] == 1e-4
assert rates[10] == rates[30] == 1e-2

# %% [markdown]
# ## Lines in a log
#
# For some purposes a line of text is better than a picture. `WithLossDo` calls a function with the
# loss, `WithIterationsDo` with the epochs so far; there is one for evaluations, reports and more:
# see [controls](guide/iteration.md#controls). With `stop_if_true` a function may end it all, and
# the report of the control tells that it did, and why.

# %%
lines: list[str] = []
spoken = [
    mlj.Step(5),
    mlj.WithIterationsDo(lambda n: lines.append(f"epoch {n:2}:")),
    mlj.WithLossDo(lambda loss: lines.append(f"log loss {loss:.3f}\n")),
    mlj.WithLossDo(lambda loss: loss < 0.25, stop_if_true=True, stop_message="Good enough."),
    mlj.NumberLimit(20),
]
told = mlj.fit(mlj.machine(model.replace({"controls": spoken}), X, y), verbosity=0)
print("", *lines, end="")
for control, said in mlj.report(told).controls[3:]:
    print(f"{type(control).__name__}: {said['log'] or 'not met'}")
done = mlj.report(told)
assert len(lines) == 2 * len(done.losses) < 40
assert done.losses[-1] < 0.25 <= min(done.losses[:-1])
assert done.controls[3][1]["log"] == "Good enough."

# %% [markdown]
# ## A film of the network
#
# A `Callback` gets the machine itself, which predicts in the middle of its training; with
# `raw=True` it gets the run, which has the machine and the count of epochs. Here it asks for the
# probability of the lower half moon on a grid of points, at four times.

# %%
across, up = np.meshgrid(np.linspace(-2, 3, 60), np.linspace(-1.5, 2, 50))
grid = pd.DataFrame({"x1": across.ravel(), "x2": up.ravel()})
frames: dict[int, np.ndarray] = {}


def take_frame(run) -> None:
    """Keep the probabilities on the grid after some of the epochs."""
    if run.n_iterations in (1, 5, 20, 100):
        frames[run.n_iterations] = mlj.predict(run.machine, grid).pdf(1).reshape(up.shape)


film = [mlj.Step(1), mlj.Callback(take_frame, raw=True), mlj.NumberLimit(100)]
mlj.fit(mlj.machine(model.replace({"controls": film}), X, y), verbosity=0)

figure, panels = plt.subplots(
    2, 2, figsize=(7, 5.4), sharex=True, sharey=True, layout="constrained"
)
shading = {"levels": np.linspace(0, 1, 11), "cmap": "RdBu", "vmin": -0.5, "vmax": 1.5}
colours = y.iloc[train].map({0: "#67001f", 1: "#053061"}).astype(str)
for axes, (epoch, probability) in zip(panels.flat, frames.items(), strict=True):
    shades = axes.contourf(across, up, probability, **shading)
    axes.scatter(X["x1"].iloc[train], X["x2"].iloc[train], c=colours, s=9)
    axes.set_title(f"after epoch {epoch}")
for axes in panels[1]:
    axes.set_xlabel("x1")
for axes in panels[:, 0]:
    axes.set_ylabel("x2")
figure.colorbar(shades, ax=panels, label="probability of the lower half moon")
figure.savefig("film.png", bbox_inches="tight")
unsure = {epoch: float(np.mean((p > 0.1) & (p < 0.9))) for epoch, p in frames.items()}
print("unsure of:", ", ".join(f"{part:.0%} after {epoch}" for epoch, part in unsure.items()))
assert list(frames) == [1, 5, 20, 100]
assert unsure[1] > unsure[20] > unsure[100]

# %% [markdown]
# Up to the third frame the boundary takes the shape of the moons. In the last one the network is
# sure nearly everywhere, also where points of both lie side by side: what the loss held out told.
#
# ## A search
#
# `LiveTuningPlot` is for the `callbacks` of a `TunedModel`. It draws each candidate when it is
# done, and the best so far; no more than once a second, unless told otherwise.

# %%
rate_range = mlj.param_range(net, "optimiser.learning_rate", lower=1e-4, upper=1, scale="log10")
plot = mlj.LiveTuningPlot("search.png", every_s=0)
search = mlj.TunedModel(
    net.replace({"epochs": 20}),
    ranges=rate_range,
    tuning=mlj.RandomSearch(),
    resampling=[(train, test)],
    measure=mlj.log_loss,
    n=15,
    callbacks=[plot],
)
history = mlj.report(mlj.fit(mlj.machine(search, X, y), verbosity=0)).history
best = history.loc[history["measurement"].idxmin()]
print(f"best of {len(history)}: {best['measurement']:.3f}", end=" ")
print(f"at a rate of {best['optimiser.learning_rate']:.4f}")
assert len(history) == 15
assert plot.axes.get_ylabel() == "log_loss"
plot.axes.get_figure()

# %% [markdown]
# Any function of the list of candidates can stand beside it. What else a search can do comes next.
#
# Next: [tuning](11_tuning.py).
