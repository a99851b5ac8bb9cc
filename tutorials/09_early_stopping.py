# %% [markdown]
# # Early stopping
#
# A network that is trained for too long learns its training rows by heart. Here it is trained
# step by step, watched on passengers of the Titanic that it does not learn from, and stopped.

# %%
import datetime
import tempfile
from pathlib import Path

import mlj_keras as mlj

raw = mlj.load_titanic()[["pclass", "survived", "sex", "age", "fare"]]
passengers = mlj.coerce(
    raw,
    {"survived": mlj.OrderedFactor, "pclass": mlj.OrderedFactor, "sex": mlj.Multiclass},
    levels={"survived": ["died", "survived"], "pclass": ["3rd", "2nd", "1st"]},
)
y, X = mlj.unpack(passengers, "survived")

net = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.MLP(hidden=(64, 64)),
    optimiser=mlj.Adam(1e-3),
    batch_size=32,
    rng=1,
)
pipe = mlj.FillImputer() | net

# %% [markdown]
# ## Controls
#
# `Step(1)` trains one epoch; the others look at the loss that follows. Whichever is done first
# ends it: five losses that get worse in a row; a loss 2 per cent above the best; one that is too
# far above it for the progress that training still makes; 100 epochs; five minutes.

# %%
rows = mlj.Holdout(0.7, shuffle=True, rng=3, stratify=True)
model = mlj.IteratedModel(
    pipe,
    controls=[
        mlj.Step(1),
        mlj.Patience(5),
        mlj.GL(2),
        mlj.PQ(0.5),
        mlj.NumberLimit(100),
        mlj.TimeLimit(datetime.timedelta(minutes=5)),
    ],
    resampling=rows,
    measure=mlj.log_loss,
)
mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
report = mlj.report(mach)
for control, said in report.controls[1:]:
    print(f"{control}: {said['log'] or 'not met'}")
print(f"best after {report.best_iteration} of {report.n_iterations} epochs")
assert any(said["done"] for _, said in report.controls[1:])
assert report.best_iteration < report.n_iterations < 100

# %% [markdown]
# ## The best state is kept
#
# The machine predicts with the weights of the best epoch. What it scores on the rows that were
# held out is what the report says, to the last bit.

# %%
((train, test),) = rows.train_test_pairs(range(len(y)), X, y)
held_out = mlj.log_loss(mlj.predict(mach, X.iloc[test]), y.iloc[test])
print(f"log loss held out: {held_out:.4f}, in the report: {min(report.losses):.4f}")
assert held_out == min(report.losses)
assert report.kept == "best"
assert mlj.fitted_params(mach).machine.model.get("neural_network_binary_classifier.epochs") == (
    report.best_iteration
)

# %% [markdown]
# The same count of epochs, trained on all rows in the end, is `retrain=True`.

# %%
whole = model.replace({"retrain": True})
again = mlj.fit(mlj.machine(whole, X, y), verbosity=0)
assert mlj.report(again).kept_iteration == report.best_iteration

# %% [markdown]
# ## Other controls go on
#
# What was learned is not lost when the controls change: training goes on from the last epoch.

# %%
model.controls = [mlj.Step(5), mlj.NumberLimit(2)]
mlj.fit(mach, verbosity=0)
print(f"{mlj.report(mach).n_iterations} epochs in all")
assert mlj.report(mach).n_iterations == report.n_iterations + 10

# %% [markdown]
# ## Cut off, and resumed
#
# With a `Checkpoint` among the controls, all that is needed is on disk every few epochs. A
# second fit, in another process perhaps, reads it and goes on; here it finds that there is
# nothing left to do.

# %%
with tempfile.TemporaryDirectory() as folder:
    model.controls = [mlj.Step(1), mlj.Patience(5), mlj.NumberLimit(8)]
    model.controls = [*model.controls, mlj.Checkpoint(Path(folder) / "titanic", every=3)]
    first = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    second = mlj.fit(mlj.machine(model, X, y), verbosity=0)
    files = sorted(path.name for path in (Path(folder) / "titanic").iterdir())
print("on disk:", ", ".join(files))
assert mlj.snapshot(first) == mlj.snapshot(second)
assert len(files) == 2

# %% [markdown]
# ## Any model that counts
#
# Boosting of scikit-learn is stopped in the same way; its stages are the iterations. The measure
# is a score here, of which more is better.

# %%
boosting = mlj.load("GradientBoostingClassifier", package="scikit-learn")(random_state=1)
stages = mlj.IteratedModel(
    mlj.FillImputer() | mlj.OneHotEncoder() | boosting,
    controls=[mlj.Step(10), mlj.NumberSinceBest(4), mlj.NumberLimit(50)],
    resampling=rows,
    measure=mlj.area_under_curve,
)
boosted = mlj.report(mlj.fit(mlj.machine(stages, X, y), verbosity=0))
print(f"boosting: AUC {max(boosted.losses):.3f} after {boosted.best_iteration} stages")
assert max(boosted.losses) > 0.8
assert boosted.best_iteration < boosted.n_iterations

# %% [markdown]
# Losses can be watched while they come.
#
# Next: [live training](10_live_training.py).
