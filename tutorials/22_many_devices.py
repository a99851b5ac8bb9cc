# %% [markdown]
# # Many devices
#
# A laptop, a computer with four GPUs, two computers, a TPU: a model says in `acceleration` where
# it is trained, and nothing else of a program changes. All of this runs without a GPU: where there
# is more than one device here, it is two processes that share each batch, as two computers would.

# %%
import tempfile
from pathlib import Path

import numpy as np

import mlj_keras as mlj
from mlj_keras.errors import DeviceError

X, y = mlj.load_breast_cancer()
model = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.MLP(hidden=(32, 32)),
    optimiser=mlj.SGD(0.02, momentum=0.9),
    batch_size=32,
    epochs=10,
    rng=1,
)

# %% [markdown]
# ## One device
#
# `acceleration=None`, the default, is the first GPU, or the CPU where there is none. `CPU1()` is
# the CPU in any case, `GPU(1)` the second GPU. The report says where it was. A device that is not
# there is an error, and never quietly another one. The lines in brackets are of the machines: they
# say which of two classes is the positive one.

# %%
print("there are", *mlj.devices())
model.acceleration = mlj.CPU1()
mach = mlj.fit(mlj.machine(model, X, y), verbosity=0)
print("trained on", mlj.report(mach).device)
said = ""
try:
    mlj.fit(mlj.machine(model.replace({"acceleration": mlj.GPU(99)}), X, y), verbosity=0)
except DeviceError as error:
    said = str(error)
print(said)
assert mlj.devices()[0] == "/CPU:0"
assert mlj.report(mach).device == "/CPU:0"
assert "/GPU:99 is not there" in said

# %% [markdown]
# ## Several devices of one computer
#
# `Mirrored()` stands for all GPUs of the computer, `Mirrored(["/GPU:0", "/GPU:1"])` for two of
# them. Each has a copy of the weights and takes its share of every batch; the gradients are
# summed, and all make the same step. Where there is no GPU it is the CPU. So these are the lines
# that run on a computer with four GPUs:

# %%
many = mlj.fit(mlj.machine(model.replace({"acceleration": mlj.Mirrored()}), X, y), verbosity=0)
print("trained on", mlj.report(many).device)
np.testing.assert_allclose(mlj.training_losses(many), mlj.training_losses(mach), rtol=1e-2)
assert len(mlj.training_losses(many)) == 10

# %% [markdown]
# Cut into several, the CPU can stand for several GPUs. That has to be said before TensorFlow
# starts: see the [guide](guide/hardware.md#without-gpus).
#
# What was learned does not know where. To change `acceleration` alone trains nothing, and more
# epochs go on in the new place.

# %%
many.model.acceleration = mlj.CPU1()
mlj.fit(many, verbosity=0)
assert len(mlj.training_losses(many)) == 10
many.model.epochs = 12
mlj.fit(many, verbosity=0)
assert len(mlj.training_losses(many)) == 12
assert mlj.report(many).device == "/CPU:0"

# %% [markdown]
# ## Several processes, or computers
#
# With `MultiWorker()` the same script runs several times, on one computer or on many, and the
# processes train together. `launch` starts them here, runs a function in each, and gives back what
# they returned; what they say is shown with their number. The function trains as one does alone.
# The state is also written to a folder, after every fifth epoch; that comes below.
#
# Two processes of one computer would both want its GPUs. Where there are some, hide them from this
# script: `CUDA_VISIBLE_DEVICES= python 22_many_devices.py`.


# %%
def train(model, X, y, folder):
    """What each of them does: its losses, its probabilities, and where it was."""
    own = mlj.machine(model.replace({"acceleration": mlj.MultiWorker()}), X, y)
    mlj.fit(own, checkpoint=mlj.Checkpoint(folder, every=5), verbosity=0)
    return mlj.training_losses(own), mlj.predict(own, X).pdf("malignant"), mlj.report(own).device


temporary = tempfile.TemporaryDirectory()
folder = Path(temporary.name) / "tumours"
answers = mlj.launch(train, workers=2, args=(model, X, y, folder))
alone = mlj.predict(mach, X).pdf("malignant")
for losses, probabilities, device in answers:
    print(f"{device}: loss {losses[-1]:.5f}")
    np.testing.assert_allclose(losses, mlj.training_losses(mach), rtol=1e-3)
    np.testing.assert_allclose(probabilities, alone, atol=1e-3)
difference = np.abs(answers[0][1] - alone).max()
print(f"alone: loss {mlj.training_losses(mach)[-1]:.5f}")
print(f"largest difference of a probability: {difference:.0e}")
assert [device.split(",")[1] for _, _, device in answers] == [" worker 0 of 2", " worker 1 of 2"]
assert np.array_equal(answers[0][1], answers[1][1])

# %% [markdown]
# The two agree to the last bit, and with one process up to rounding, as sums were taken in another
# order. A script is started in the same way from a shell:
#
#     mlj-keras launch --workers 2 train.py
#
# On several computers start the script on each, and say in the environment variable `TF_CONFIG`
# who they are; Kubernetes does so by itself. Before they train they compare their packages and
# what they begin with, and say what differs: see
# [several hosts](guide/hardware.md#on-several-hosts).
#
# ## Killed, and started again
#
# Computers that are cheap are taken away at any time. If there is a state in the folder of a
# checkpoint, training goes on from it, in whatever place: the two processes have written epoch 10
# last, and this process does the five that are left of fifteen. What comes out is as if one
# process had done all of them, up to rounding.

# %%
longer = model.replace({"epochs": 15})
print("in the folder:", *sorted(path.name for path in folder.iterdir()))
resumed = mlj.fit(mlj.machine(longer, X, y), checkpoint=folder, verbosity=0)
never_cut_off = mlj.fit(mlj.machine(longer, X, y), verbosity=0)
losses = mlj.training_losses(resumed)
print(f"after {len(losses)} epochs: {losses[-1]:.5f}", end=", ")
print(f"never cut off: {mlj.training_losses(never_cut_off)[-1]:.5f}")
assert np.array_equal(losses[:10], answers[0][0])
np.testing.assert_allclose(losses, mlj.training_losses(never_cut_off), rtol=1e-3)
temporary.cleanup()

# %% [markdown]
# ## Batch size and learning rate
#
# `batch_size` is that of all devices together. So more devices give the same result, and no
# setting has to change. But each of them has fewer rows to compute, and may be idle most of the
# time. Who makes batches larger to keep them busy makes fewer steps in an epoch, and is slower to
# learn, unless the steps are longer: with SGD, as much longer as the batch is larger.


# %%
def last_loss(batch_size, rate):
    """The training loss after ten epochs."""
    other = model.replace({"batch_size": batch_size, "optimiser.learning_rate": rate})
    return mlj.training_losses(mlj.fit(mlj.machine(other, X, y), verbosity=0))[-1]


base, larger, longer_steps = last_loss(8, 0.005), last_loss(32, 0.005), last_loss(32, 0.02)
print(f"batches of  8, rate 0.005: {base:.3f}")
print(f"batches of 32, rate 0.005: {larger:.3f}")
print(f"batches of 32, rate 0.020: {longer_steps:.3f}")
assert abs(longer_steps - base) < abs(larger - base) / 3

# %% [markdown]
# That rule holds up to a point: a rate can be too large for any batch.
#
# ## Many trainings side by side
#
# All of the above is for one large training. Where there are many small ones, as in an evaluation
# or a search, each has a process of its own, and nothing has to be exchanged. This is another
# `acceleration`, of `evaluate` and `TunedModel`. The numbers stay the same.

# %%
folds = mlj.CV(nfolds=4, rng=1)
single = mlj.evaluate(model, X, y, resampling=folds, measure=mlj.log_loss, verbosity=0)
both = mlj.evaluate(
    model,
    X,
    y,
    resampling=folds,
    measure=mlj.log_loss,
    acceleration=mlj.CPUProcesses(2),
    verbosity=0,
)
print(both)
np.testing.assert_allclose(both.per_fold[0], single.per_fold[0], rtol=1e-4)

rates = mlj.param_range(model, "optimiser.learning_rate", lower=1e-3, upper=1, scale="log10")
tuned = mlj.TunedModel(
    model,
    ranges=rates,
    tuning=mlj.Grid(resolution=4, shuffle=False),
    measure=mlj.log_loss,
    acceleration=mlj.CPUProcesses(2),
)
history = mlj.report(mlj.fit(mlj.machine(tuned, X, y), verbosity=0)).history
print(history[["optimiser.learning_rate", "measurement"]].to_string(index=False))
assert history["failure"].isna().all()
assert history["measurement"].idxmin() in (1, 2)

# %% [markdown]
# ## A TPU
#
# `TPU()` takes all cores of a TPU. It has not been run on one: its program was compiled and run on
# CPUs alone. Whoever tries it sets 16 bits, which is what a TPU computes in, and a batch that is a
# multiple of 8 times its cores, and finds out from the report where it was. The model can be
# written down anywhere.

# %%
on_tpu = model.replace(
    {"acceleration": mlj.TPU(), "precision": "mixed_bfloat16", "batch_size": 128}
)
print(on_tpu.acceleration, on_tpu.precision)

# %% [markdown]
# What was run, on what, and what was not: [hardware](guide/hardware.md#what-was-run).
#
# Next: [saving and serving](23_saving_and_serving.py).
