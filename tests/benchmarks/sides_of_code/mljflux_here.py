# ruff: noqa: E402
# %% Classification: data, network, evaluation, predictions for new rows
import mlj_keras as mlj

y, X = mlj.unpack(mlj.load_iris(split=False), "target", rng=7)
clf = mlj.NeuralNetworkClassifier(
    builder=mlj.MLP(hidden=(8, 8, 8)),
    optimiser=mlj.Adam(0.01),
    batch_size=8,
    epochs=20,
    rng=1,
)
mach = mlj.machine(clf, X, y)
print(
    mlj.evaluate(
        mach,
        resampling=mlj.CV(nfolds=3, rng=1),
        repeats=2,
        measures=[mlj.brier_loss, mlj.accuracy],
    )
)
mlj.fit(mach)
print(mlj.predict(mach, X.head(3)))

# %% Incremental training: more epochs at half the rate
train, test = mlj.partition(range(len(y)), 0.8, rng=1)
mlj.fit(mach, rows=train)
print(mlj.accuracy(mlj.predict_mode(mach, rows=test), y.iloc[test]))
clf.optimiser.learning_rate /= 2
clf.epochs += 20
mlj.fit(mach, rows=train)
print(mlj.accuracy(mlj.predict_mode(mach, rows=test), y.iloc[test]))
assert len(mlj.training_losses(mach)) == 40

# %% Tuning: batch size and learning rate on a grid, the best model
sizes = mlj.param_range(clf, "batch_size", lower=4, upper=16)
rates = mlj.param_range(clf, "optimiser.learning_rate", values=[0.01, 0.1])
tuned = mlj.TunedModel(
    clf,
    ranges=[sizes, rates],
    tuning=mlj.Grid(goal=4),
    resampling=mlj.CV(nfolds=3, rng=1),
    measure=mlj.log_loss,
)
mach = mlj.fit(mlj.machine(tuned, X, y))
print(mlj.fitted_params(mach).best_model)
assert len(mlj.report(mach).history) == 4

# %% A learning curve: the loss against the epochs, drawn
epochs = mlj.param_range(clf, "epochs", lower=1, upper=60, scale="log10")
curve = mlj.learning_curve(
    clf, X, y, range=epochs, resampling=mlj.CV(nfolds=3, rng=1), measure=mlj.log_loss
)
curve.plot(label="log loss")

# %% Architectures: widths of three layers at random, the best three in a table
import itertools

widths = list(itertools.product(range(8, 33, 8), repeat=3))
hidden = mlj.param_range(clf, "builder.hidden", values=widths)
tuned = mlj.TunedModel(
    clf,
    ranges=hidden,
    tuning=mlj.RandomSearch(rng=1),
    resampling=mlj.Holdout(0.7, rng=1),
    measure=mlj.log_loss,
    n=5,
)
history = mlj.report(mlj.fit(mlj.machine(tuned, X, y))).history
print(history[["builder.hidden", "measurement"]].sort_values("measurement").head(3))
assert len(widths) == 64

# %% Early stopping: controls, both losses drawn
controls = [
    mlj.Step(1),
    mlj.NumberLimit(60),
    mlj.Patience(5),
    mlj.NumberSinceBest(9),
    mlj.TimeLimit(0.1),
]
iterated = mlj.IteratedModel(
    clf, controls=controls, resampling=mlj.Holdout(0.7), measure=mlj.log_loss
)
mach = mlj.fit(mlj.machine(iterated, X, y))
mlj.plot(mach)

# %% Live training: the loss drawn while it comes
watched = mlj.IteratedModel(
    clf,
    controls=[mlj.Step(1), mlj.NumberLimit(20), mlj.LivePlot("live.png")],
    resampling=mlj.Holdout(0.7),
    measure=mlj.log_loss,
)
mlj.fit(mlj.machine(watched, X, y))

# %% Comparison: four models, one of them tuned, on the same folds, in a table
LinearDiscriminantAnalysis = mlj.load("LinearDiscriminantAnalysis", package="scikit-learn")
RandomForestClassifier = mlj.load("RandomForestClassifier", package="scikit-learn")
GradientBoostingClassifier = mlj.load("GradientBoostingClassifier", package="scikit-learn")
boosting = GradientBoostingClassifier(n_estimators=20)
rates = mlj.param_range(boosting, "learning_rate", lower=0.01, upper=0.5, scale="log10")
tuned = mlj.TunedModel(
    boosting,
    ranges=rates,
    tuning=mlj.Grid(resolution=3),
    resampling=mlj.Holdout(0.7, rng=1),
    measure=mlj.log_loss,
)
several = mlj.TunedModel(
    models=[clf, LinearDiscriminantAnalysis(), RandomForestClassifier(), tuned],
    resampling=mlj.CV(nfolds=2, rng=1),
    repeats=2,
    measure=mlj.log_loss,
)
history = mlj.report(mlj.fit(mlj.machine(several, X, y))).history
print(history[["model", "measurement", "uncertainty_radius_95"]].sort_values("measurement"))
assert len(history) == 4

# %% A rare class: oversampling inside a pipeline, evaluated
from imblearn.over_sampling import BorderlineSMOTE

rare = mlj.coerce(y.astype(str).where(y == "virginica", "other"), mlj.Multiclass)
balanced = mlj.BalancedModel(clf, smote=BorderlineSMOTE(k_neighbors=5))
pipe = mlj.Standardizer() | balanced
print(
    mlj.evaluate(
        pipe,
        X,
        rare,
        resampling=mlj.StratifiedCV(nfolds=3, rng=1),
        measure=mlj.balanced_accuracy,
    )
)

# %% Entity embeddings: factors, the vectors of their levels, and data in their terms
points, blob = mlj.make_blobs(200, 2, centers=2, rng=1)
places = mlj.coerce(points.round().astype(int), {mlj.Count: mlj.Multiclass})
embedding = mlj.NeuralNetworkBinaryClassifier(
    builder=mlj.Short(n_hidden=5),
    optimiser=mlj.Adam(0.01),
    batch_size=8,
    epochs=20,
    embedding_dims={"x1": 2, "x2": 2},
    rng=1,
)
mach = mlj.fit(mlj.machine(embedding, places, blob))
print(mlj.balanced_accuracy(mlj.predict_mode(mach, places), blob))
print(mlj.fitted_params(mach).embeddings)
print(mlj.transform(mach, places))
assert list(mlj.transform(mach, places)) == ["x1_1", "x1_2", "x2_1", "x2_2"]

# %% A builder of one's own
import keras


class TwoLayers(mlj.Builder):
    n1: int
    n2: int

    def build(self, inputs, n_out, rng):
        return keras.Sequential(
            [
                keras.layers.Dense(self.n1, activation="relu"),
                keras.layers.Dense(self.n2, activation="relu"),
                keras.layers.Dense(n_out),
            ]
        )(inputs)


own = mlj.NeuralNetworkClassifier(builder=TwoLayers(n1=16, n2=8), rng=1)
mlj.fit(mlj.machine(own, X, y))

# %% Images: two convolutions and poolings, more epochs, the loss held out
images, labels = mlj.load_digits()
builder = mlj.ImageCNN(blocks=[(8, 1), (16, 1)], dense=())
pictures = mlj.ImageClassifier(builder=builder, batch_size=16, epochs=5, rng=1)
mach = mlj.fit(mlj.machine(pictures, images, labels), rows=range(300))
pictures.epochs += 5
mlj.fit(mach, rows=range(300))
print(mlj.log_loss(mlj.predict(mach, rows=range(300, 600)), labels[300:600]))

# %% An ensemble: ten networks, evaluated
ensemble = mlj.EnsembleModel(clf, n=10, bagging_fraction=0.8, rng=1)
print(mlj.evaluate(ensemble, X, y, resampling=mlj.CV(nfolds=3, rng=1), measure=mlj.log_loss))

# %% Saving: to a file and back
mach = mlj.fit(mlj.machine(clf, X, y))
mlj.save("iris.mlj", mach)
print(mlj.predict_mode(mlj.load_machine("iris.mlj"), X))
