# %% [markdown]
# # Scientific types
#
# Is 2009 a number, a class or a date? The file does not say. It has integers, floats and strings;
# what they *mean* decides which models suit them, what is done with them before training, and
# what a prediction looks like. The package has names for the meanings, the *scientific types*
# (scitypes), and takes them from you.
#
# The table is a real one: field notes on 344 penguins of three species, as they were published.
# It comes with the package palmerpenguins (`pip install palmerpenguins polars`; polars is one of
# the libraries that read it below).

# %%
import importlib.metadata

import numpy as np
import pandas as pd
import polars as pl
from pyarrow import csv

import mlj_keras as mlj
from mlj_keras.errors import CoercionError, MissingValuesError, ScitypeError, UnseenLevelError

files = importlib.metadata.files("palmerpenguins")
path = next(file for file in files if file.name == "penguins-raw.csv").locate()
raw = pd.read_csv(path)
print(mlj.schema(raw))
assert len(raw) == 344

# %% [markdown]
# ## Two types of each column
#
# On the right is the *machine type*: how the values are stored. In the middle is the scitype: what
# the package takes them for. Until you say otherwise it goes by what is stored:
#
# | scitype | means | comes from |
# |---|---|---|
# | `Continuous` | a measurement | floats |
# | `Count` | how many | integers, booleans |
# | `Textual` | free text | strings |
# | `Multiclass[n]` | one of n classes | categorical columns without an order |
# | `OrderedFactor[n]` | one of n classes in an order | ordered categorical columns |
# | `GrayImage[h, w]`, `ColorImage[h, w]` | a picture | arrays of three or four dimensions |
# | `ScientificDate`, `ScientificDateTime`, `ScientificTime` | a point in time | dates and times |
# | `Optional[...]` | any of these, and some are missing | NA, NaN, None, null |
#
# `scitype` tells it for anything: a value, a column, a table. `elscitype` is for the elements of a
# column.

# %%
for value in (3750.0, 3750, "MALE", None, pd.Timestamp("2007-11-11")):
    print(f"{value!r:32} {mlj.scitype(value)}")
print(mlj.scitype(raw["Body Mass (g)"]), mlj.scitype(raw[["Sample Number", "Island"]]))
assert mlj.elscitype(raw["Body Mass (g)"]) == mlj.Optional[mlj.Continuous]
assert mlj.elscitype(raw["Sample Number"]) == mlj.Count

# %% [markdown]
# Scitypes are values. `a <= b` says that every `a` is a `b`, which is how a model says what it
# takes: `Finite` is `Multiclass` or `OrderedFactor` of however many classes.

# %%
assert mlj.Multiclass[3] <= mlj.Multiclass <= mlj.Finite
assert mlj.OrderedFactor[3] <= mlj.Finite
assert mlj.Continuous <= mlj.Optional[mlj.Continuous]
assert not mlj.Count <= mlj.Continuous
print(mlj.info(mlj.NeuralNetworkClassifier)["input_scitype"])

# %% [markdown]
# ## One table, three readers
#
# Storage is an accident of who read the file. pandas makes floats of whole grams, as its integers
# have no room for a gap, and leaves the date a string. Polars and Arrow find integers and dates;
# and Arrow keeps the "NA" of a string column, so that there seem to be three sexes and no gap.

# %%
found = pd.DataFrame(
    {
        name: dict(zip(mlj.schema(table).names, mlj.schema(table).scitypes, strict=True))
        for name, table in {
            "pandas": raw,
            "polars": pl.read_csv(path, null_values="NA", try_parse_dates=True),
            "pyarrow": csv.read_csv(path),
        }.items()
    }
)
print(found[found.nunique(axis=1) > 1].to_string())
assert found.loc["Body Mass (g)", "pandas"] == mlj.Optional[mlj.Continuous]
assert found.loc["Body Mass (g)", "polars"] == mlj.Optional[mlj.Count]
assert found.loc["Sex", "pyarrow"] == mlj.Textual

# %% [markdown]
# So look at the schema first. What follows is done with pandas; the other libraries come back at
# the end.
#
# ## What a wrong scitype leads to
#
# Which species is it? Five columns may help. A network does not take them as they are: it says
# which of them, and why, and ends with the line to paste.

# %%
columns = ["Species", "Island", "Body Mass (g)", "Flipper Length (mm)", "Sex", "studyName"]
birds = raw[columns].rename(columns={"Body Mass (g)": "mass", "Flipper Length (mm)": "flipper"})
birds["Species"] = birds["Species"].str.split().str[0]
y, X = mlj.unpack(birds, "Species")
try:
    mlj.machine(mlj.NeuralNetworkClassifier(), X, y)
except ScitypeError as error:
    message = str(error)
print(message)
assert "y = coerce(y, Multiclass)" in message
assert "'Island': Multiclass" in message

# %% [markdown]
# ## coerce
#
# `coerce` says what columns mean. It takes names of columns, or a scitype for all columns that
# have it, whether values are missing or not, but no column by both ways at once. It gives a new
# table; yours is as it was. (PAL0708 is the season of 2007 and 2008, so these names are ordered.)

# %%
birds = mlj.coerce(birds, {"studyName": mlj.OrderedFactor})
birds = mlj.coerce(birds, {mlj.Textual: mlj.Optional[mlj.Multiclass]})
print(mlj.schema(birds))
assert mlj.schema(birds).scitypes == (
    mlj.Multiclass[3],
    mlj.Multiclass[3],
    mlj.Optional[mlj.Continuous],
    mlj.Optional[mlj.Continuous],
    mlj.Optional[mlj.Multiclass[2]],
    mlj.OrderedFactor[3],
)

# %% [markdown]
# `Optional[Multiclass]` says that you know of missing values; with `Multiclass` alone the same is
# done, and the log names the columns that have some. The result is Optional only where a value is
# missing.
#
# A column alone is coerced as it is. `levels` gives the order of an `OrderedFactor`; without it
# levels ascend, and words do so by the alphabet. Labels that are left out are an error, not a gap.

# %%
condition = pd.Series(["thin", "fat", "fair", "fat"], name="condition")
ascending = mlj.coerce(condition, mlj.OrderedFactor)
ordered = mlj.coerce(condition, mlj.OrderedFactor, levels=["thin", "fair", "fat"])
print(mlj.levels(ascending), mlj.levels(ordered), (ordered > "thin").tolist())
assert mlj.levels(ascending) == ("fair", "fat", "thin")
assert (ordered > "thin").tolist() == [False, True, True, True]
try:
    mlj.coerce(condition, mlj.OrderedFactor, levels=["thin", "fat"])
except CoercionError as error:
    print(error)
    assert "lack 'fair'" in str(error)

# %% [markdown]
# One trap: a factor that is coerced to a number becomes the *position* of the level, counted
# from 1, even where the labels are numbers.

# %%
years = mlj.coerce(pd.Series([2007, 2009, 2007]), mlj.OrderedFactor)
positions = mlj.coerce(years, mlj.Count, verbosity=0)
print("positions:", positions.tolist(), "labels:", years.astype(int).tolist())
assert positions.tolist() == [1, 2, 1]

# %% [markdown]
# ## autotype
#
# For a wide table `autotype` makes a first suggestion, which goes into `coerce`. It counts
# distinct values; it does not know what they mean. Read it before you use it: here it takes
# ten kinds of comments for classes.

# %%
suggested = mlj.autotype(raw)
print(", ".join(f"{name}: {meaning}" for name, meaning in suggested.items()))
assert suggested["Comments"] == mlj.Optional[mlj.Multiclass]
assert "Individual ID" not in suggested

# %% [markdown]
# ## The pool of levels
#
# The levels of a factor are its *pool*, a part of the column and not of the rows that happen to be
# there. Here a network is trained without a single Chinstrap. It has an output for them all the
# same, as the pool of `y` has them, and has learned that it is never the answer: the third bird
# below is one, and taken for something else.

# %%
y, X = mlj.unpack(birds[birds.notna().all(axis=1)], "Species")
seen = np.flatnonzero(y != "Chinstrap")
model = mlj.NeuralNetwork(builder=mlj.MLP(hidden=(16,)), optimiser=mlj.Adam(1e-2), rng=1)
mach = mlj.fit(mlj.machine(model, X, y), rows=seen, verbosity=0)
distributions = mlj.predict(mach, X.iloc[[0, 150, 300]])
print(distributions)
assert mlj.levels(y.iloc[seen]) == distributions.levels == ("Adelie", "Chinstrap", "Gentoo")
assert y.iloc[300] == "Chinstrap"
assert distributions.pdf("Chinstrap").max() < 0.2

# %% [markdown]
# At predict an island may be a plain string, as long as it is in the pool. Another one was never
# learned about, and guessing would be worse than an error. If you know that it will come, say so
# in the pool: `set_levels` reorders or extends it.

# %%
new = X.head(2).astype({"Island": object, "Sex": object})
assert len(mlj.predict(mach, new)) == 2
try:
    mlj.predict(mach, new.assign(Island=["Biscoe", "Rothera"]))
except UnseenLevelError as error:
    print(error)
    assert "'Rothera' (first at row 1)" in str(error)
wider = mlj.set_levels(X["Island"], [*mlj.levels(X["Island"]), "Rothera"])
print(mlj.scitype(wider))
assert mlj.elscitype(wider) == mlj.Multiclass[4]

# %% [markdown]
# ## Missing values
#
# Above, rows with a gap were left out. Otherwise a model that takes no gaps needs a step that
# fills them, and its machine says so before anything is trained. A pipeline is such a model: what
# it fills in, it learns from the rows that it is trained on.

# %%
y, X = mlj.unpack(birds, "Species")
gaps = {name: int(count) for name, count in X.isna().sum().items() if count}
print("missing:", gaps)
try:
    mlj.machine(model, X, y)
except MissingValuesError as error:
    print(error)
    assert "FillImputer() | model" in str(error)
pipe = mlj.FillImputer() | model
mach = mlj.fit(mlj.machine(pipe, X, y), rows=range(0, 344, 2), verbosity=0)
print("filled in:", mlj.fitted_params(mach).fill_imputer.filler_given_feature)
right = mlj.accuracy(mlj.predict_mode(mach, rows=range(1, 344, 2)), y.iloc[1::2])
print(f"accuracy {right:.2f} on the other half")
assert gaps == {"mass": 2, "flipper": 2, "Sex": 11}
assert right > 0.75

# %% [markdown]
# ## Dates
#
# A date in a string is text, until pandas parses it. A network takes no dates either: a
# transformer makes numbers of them, here of days since the first egg of the training rows.

# %%
eggs = pd.to_datetime(raw["Date Egg"])
clock = mlj.fit(mlj.machine(mlj.UnivariateTimeTypeToContinuous(), eggs), verbosity=0)
days = mlj.transform(clock, eggs)
print(mlj.scitype(raw["Date Egg"]), mlj.scitype(eggs), mlj.scitype(days))
print(f"first egg {eggs.min():%d %B %Y}, days from {days.min():.0f} to {days.max():.0f}")
assert mlj.elscitype(eggs) == mlj.ScientificDateTime
assert days.max() == (eggs.max() - eggs.min()).days + days.min()

# %% [markdown]
# ## What follows
#
# Which models suit these data? `matching` asks all that the registry knows, those of scikit-learn
# among them. Where factors and numbers have gaps these are few; without gaps there are many more,
# and a network is one.

# %%
tolerant = mlj.models(mlj.matching(X, y))
whole = mlj.transform(mlj.fit(mlj.machine(mlj.FillImputer(), X), verbosity=0), X)
everyone = mlj.models(mlj.matching(whole, y))
print(tolerant)
print(f"with the gaps filled: {len(everyone)}")
assert "NeuralNetworkClassifier" not in [entry.name for entry in tolerant]
assert "NeuralNetworkClassifier" in [entry.name for entry in everyone]

# %% [markdown]
# And which network does `NeuralNetwork` become? That is up to the target: of three classes, of
# two, of a number, of a table of numbers.

# %%
full = whole.assign(Species=y)
for target in ("Species", "Sex", "mass"):
    target_column, rest = mlj.unpack(full, target)
    container = mlj.container_for(rest, target_column)
    print(f"{target:8} {mlj.scitype(target_column)!s:24} {container.__name__}")
both, rest = mlj.unpack(full, ["mass", "flipper"])
assert container is mlj.NeuralNetworkRegressor
assert mlj.container_for(rest, both) is mlj.MultitargetNeuralNetworkRegressor

# %% [markdown]
# Images are told from tables by their shape: 1797 digits of 8 × 8 pixels. The same numbers as a
# matrix are a table of 64 columns, and get another network.

# %%
images, digits = mlj.load_digits()
flat = images.reshape(len(images), 64)
for pixels in (images, flat):
    container = mlj.container_for(pixels, digits)
    print(pixels.shape, mlj.scitype(pixels), container.__name__)
assert mlj.scitype(images) == mlj.Vector[mlj.GrayImage[8, 8]]
assert mlj.container_for(images, digits) is mlj.ImageClassifier
assert container is mlj.NeuralNetworkClassifier

# %% [markdown]
# ## Whatever the library
#
# `coerce` gives a table of the kind that it was given, and the scitypes are the same in all of
# them. Polars has a type for each sort of factor, Arrow has dictionaries.

# %%
meaning = {
    "Species": mlj.Multiclass,
    "Body Mass (g)": mlj.Optional[mlj.Continuous],
    "Sex": mlj.Optional[mlj.Multiclass],
    "studyName": mlj.OrderedFactor,
}
frames = {
    "pandas": raw[list(meaning)],
    "polars": pl.read_csv(path, null_values="NA", columns=list(meaning)),
    "pyarrow": csv.read_csv(
        path, convert_options=csv.ConvertOptions(strings_can_be_null=True)
    ).select(list(meaning)),
}
scitypes = set()
for name, frame in frames.items():
    coerced = mlj.coerce(frame, meaning)
    scitypes.add(mlj.scitype(coerced))
    print(f"{name:8} {type(coerced).__name__:10}", mlj.scitype(coerced))
assert len(scitypes) == 1

# %% [markdown]
# More of this is in [concepts](guide/concepts.md). Next:
# [warm restarts on iris](06_warm_restarts_on_iris.py).
